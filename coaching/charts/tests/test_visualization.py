"""The tool that draws: it finds the series meant, and its card shows the present state."""

from datetime import UTC, datetime

import pytest
from django.template.loader import render_to_string

from accounts.models import User
from coaching.charts import ChartKind
from coaching.charts.visualization import (
    VisualizationArgs,
    chart_card,
    create_visualization,
    days_of,
    source_for,
)
from coaching.toolkit import (
    DataSource,
    Series,
    SeriesPoint,
    ToolContext,
    ToolRefused,
    data_sources,
)

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def sources(monkeypatch):
    """Two series of a person, and nothing else that could be drawn."""
    monkeypatch.setattr(data_sources, "_entries", {})

    def habits(user, since, until):
        return [
            Series("Habits", [SeriesPoint(since, 1.0, "3 of 3"), SeriesPoint(until, 0.5, "1 of 2")])
        ]

    def sleep(user, since, until):
        return [Series("Sleep", [SeriesPoint(until, 7.5, "7.5 hours")], 0, 12, "hours")]

    first = DataSource("test.habits", "Habits done", ("habit", "progress"), habits)
    second = DataSource("test.sleep", "Sleep", ("slept", "in bed"), sleep)
    with data_sources.temporarily(test__habits=first, test__sleep=second):
        yield


def context(user: User) -> ToolContext:
    return ToolContext(user=user, now=NOW, call_id="call-1")


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("", "test.habits"),
        ("test.sleep", "test.sleep"),
        ("how I slept", "test.sleep"),
        ("Sleep", "test.sleep"),
    ],
)
def test_a_source_is_found_by_key_by_cue_or_as_the_first(sources, words, key):
    assert source_for(words).key == key


def test_an_unknown_source_is_refused_with_the_known_ones(sources):
    with pytest.raises(ToolRefused, match=r"test\.sleep \(Sleep\)"):
        source_for("the price of tea")


@pytest.mark.parametrize(
    ("period", "days"), [("7d", 7), ("last 3 months", 90), ("all", 365), ("soon", 30)]
)
def test_a_period_is_read_in_any_wording(period, days):
    assert days_of(period) == days


def test_the_card_says_it_in_words_and_draws_the_same(sources):
    user = User(name="Ana", timezone="UTC")
    args = VisualizationArgs(visualization_type=ChartKind.HEATMAP, time_period="7d")
    card = create_visualization(context(user), args)
    assert card.summary.startswith("Habits done, 4 Mar to 10 Mar. Habits: 75% on average")
    html = render_to_string("coaching/cards/chart.html", chart_card(user, card))
    assert "10 Mar: 1 of 2" in html
    assert "<table" in html
    assert "chart-call-1-title" in html


def test_a_card_whose_source_is_gone_says_so(sources):
    user = User(name="Ana", timezone="UTC")
    card = create_visualization(context(user), VisualizationArgs())
    card.data["source"] = "gone.away"
    html = render_to_string("coaching/cards/chart.html", chart_card(user, card))
    assert "no longer there" in html
