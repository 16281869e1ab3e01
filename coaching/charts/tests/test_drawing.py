"""Charts: every mark says its day, the table holds the same numbers, the sentence is true."""

from datetime import date, timedelta
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching.charts import ChartKind, draw
from coaching.charts.reading import describe, streaks
from coaching.toolkit import Series, SeriesPoint

SVG = {"s": "http://www.w3.org/2000/svg"}
START = date(2025, 10, 13)  # a Monday


def parsed(svg: str) -> Element:
    return fromstring(svg)  # noqa: S314 - our own markup


def series(*values: float | None, name: str = "Habits done") -> Series:
    return Series(
        name,
        [
            SeriesPoint(
                START + timedelta(days=at),
                value,
                "no evidence" if value is None else f"{round(value * 3)} of 3",
            )
            for at, value in enumerate(values)
        ],
    )


@pytest.mark.parametrize("kind", ChartKind)
def test_every_kind_is_well_formed_and_has_a_name_and_a_description(kind):
    chart = draw(kind, [series(1, 0, None, 2 / 3)], title="Habits <done>", key="c1")
    root = parsed(chart.svg)
    assert root.findtext("s:title", namespaces=SVG) == "Habits <done>"
    assert root.findtext("s:desc", namespaces=SVG) == chart.summary
    assert root.get("aria-labelledby") == "c1-title c1-description"
    assert "style=" not in chart.svg


@pytest.mark.parametrize("kind", ChartKind)
def test_every_day_is_labelled_in_words(kind):
    chart = draw(kind, [series(1 / 3, 2 / 3)], title="Habits", key="c")
    assert "14 Oct: 2 of 3" in chart.svg


def test_the_table_holds_the_same_numbers_newest_first():
    chart = draw(ChartKind.LINE, [series(0, 1), series(1, None, name="Walk")], title="x")
    assert chart.columns == ["Day", "Habits done", "Walk"]
    assert chart.rows == [["14 Oct", "3 of 3", "no evidence"], ["13 Oct", "0 of 3", "3 of 3"]]
    assert chart.legend == ["Habits done", "Walk"]


@pytest.mark.parametrize("kind", ChartKind)
def test_no_series_and_no_evidence_are_said_plainly(kind):
    assert draw(kind, [], title="x").summary == "Nothing is recorded for this time yet."
    assert draw(kind, [series(None, None)], title="x").summary == (
        "Nothing is recorded for this time yet."
    )


def test_a_long_time_is_drawn_as_weeks():
    chart = draw(ChartKind.BAR, [series(*([1.0] * 70))], title="x")
    assert len(chart.rows) == 10
    assert chart.rows[0][1] == "100% on average"


def test_a_heatmap_has_five_steps_and_shows_missing_evidence_apart():
    svg = draw(ChartKind.HEATMAP, [series(0, 0.1, 0.5, 0.75, 1, None)], title="x").svg
    for kind in ("heat-0", "heat-1", "heat-2", "heat-3", "heat-4", "heat-none"):
        assert f'class="{kind}"' in svg


def test_the_sentence_says_the_direction():
    assert describe([series(0, 0, 1, 1)]) == "Habits done: 50% on average, up from 0% to 100%."
    assert describe([series(1, 1, 1, 1)]) == "Habits done: 100% on average, steady over this time."


def test_an_unfinished_today_does_not_end_a_streak():
    assert streaks(series(1, 0, 1, 1, 0)) == (2, 2)
    assert streaks(series(1, 1, 1, 0, 1)) == (1, 3)
    assert streaks(series(1, None, 1)) == (2, 2)


def test_a_series_that_counts_runs_itself_is_believed():
    points = [SeriesPoint(START, 4.0, "4 in a row"), SeriesPoint(START, 2.0, "2 in a row")]
    assert streaks(Series("Walk", points, high=4, unit="in a row")) == (2, 4)


@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=120), st.sampled_from(ChartKind))
def test_any_series_can_be_drawn(values, kind):
    chart = draw(kind, [series(*values)], title="x")
    assert parsed(chart.svg) is not None
