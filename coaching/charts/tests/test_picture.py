"""Pictures that leave the house: complete in themselves, the same wherever they are made."""

import io
import re
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from coaching.charts import ChartKind, draw, png, spark, standalone
from coaching.toolkit import Series, SeriesPoint

FIRST = date(2026, 3, 1)


def series(name: str, values: list[float | None]) -> Series:
    points = [
        SeriesPoint(FIRST + timedelta(days=at), value, "–" if value is None else f"{value:.0f}")
        for at, value in enumerate(values)
    ]
    return Series(name, points, 0.0, 100.0)


def test_a_picture_needs_no_style_sheet_and_no_script():
    chart = draw(ChartKind.LINE, [series("Mind", [20, 40]), series("Body", [70, 60])], title="A")
    picture = standalone(chart)
    assert "class=" not in picture
    assert "<style" not in picture
    assert "transparent" not in picture
    assert 'stroke="#3d6198"' in picture
    assert 'stroke="#23694f"' in picture


def test_a_picture_tells_its_title_its_span_its_lines_and_what_they_show():
    chart = draw(ChartKind.LINE, [series("Mind", [20]), series("Body", [70])], title="Momentum")
    picture = standalone(chart, subtitle="1 Mar to 2 Mar")
    for words in ("Momentum", "1 Mar to 2 Mar", "Mind", "Body", "on average"):
        assert f">{words}<" in picture or words in picture


def test_words_of_people_stay_words():
    chart = draw(ChartKind.LINE, [series("<b>&x", [20, 30])], title="</text><script>")
    assert "<script>" not in standalone(chart)
    assert png(chart)


def test_every_kind_becomes_a_png_of_the_promised_width():
    for kind in ChartKind:
        chart = draw(kind, [series("Mind", [0, None, 100] * 20)], title="Momentum")
        picture = Image.open(io.BytesIO(png(chart)))
        assert picture.format == "PNG"
        assert picture.width == 800
        # Not an empty sheet: there is paper, and ink of several shades.
        assert len(picture.convert("RGB").getcolors(100_000) or []) > 20


def test_nothing_recorded_is_a_picture_too():
    assert png(draw(ChartKind.LINE, [series("Mind", [None, None])], title="Momentum"))


@given(st.lists(st.one_of(st.none(), st.floats(0, 100)), max_size=40))
def test_a_spark_stays_within_its_box(values: list[float | None]):
    picture = str(spark(values))
    if sum(value is not None for value in values) < 2:
        assert picture == ""
        return
    path = picture.split('d="')[1].split('"')[0]
    steps = re.split("[ML]", path.replace("h0", ""))[1:]
    for step in steps:
        x, y = (float(part) for part in step.split())
        assert 0 <= x <= 120
        assert 0 <= y <= 36


def test_several_lines_are_told_together_under_the_pointer():
    chart = draw(ChartKind.LINE, [series("Mind", [20]), series("Body", [70])], title="A")
    assert "1 Mar: Mind 20, Body 70" in chart.svg
