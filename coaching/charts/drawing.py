"""From series to pictures: a line, bars, a heatmap of days, or streaks; each with its table and a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import ceil

from django.utils.safestring import SafeString

from coaching.toolkit import Series, SeriesPoint

from .canvas import Canvas
from .reading import average, describe, describe_streaks, share_of, streaks, worded

WIDTH, HEIGHT = 360.0, 190.0
LEFT, RIGHT, TOP, BOTTOM = 38.0, 8.0, 10.0, 24.0
CELL, GAP = 15.0, 3.0
MOST_SERIES = 4
MOST_STREAKS = 8
MOST_BARS = 35
STREAK_DAYS = 28
DAY_LETTERS = "MTWTFSS"


class ChartKind(StrEnum):
    LINE = "line"
    BAR = "bar"
    HEATMAP = "heatmap"
    STREAK = "streak"


@dataclass(frozen=True)
class Chart:
    """A drawn chart: `svg`, the same in words (`summary`), and as a table (`columns`, `rows`)."""

    kind: ChartKind
    title: str
    svg: SafeString
    summary: str
    columns: list[str]
    rows: list[list[str]]
    legend: list[str]


def short(day: date) -> str:
    """A date as a label, for example "14 Oct"."""
    return f"{day.day} {day:%b}"


def draw(kind: ChartKind, series: Sequence[Series], *, title: str, key: str = "chart") -> Chart:
    """Draws `series` (all over the same days). `key` makes ids unique on the page that shows it."""
    shown = list(series)[: MOST_STREAKS if kind is ChartKind.STREAK else MOST_SERIES]
    if kind is ChartKind.HEATMAP:
        shown = shown[:1]
    if kind is ChartKind.BAR:
        shown = [by_week(one) if len(one.points) > MOST_BARS else one for one in shown]
    summary = describe_streaks(shown) if kind is ChartKind.STREAK else describe(shown)
    pictures = {
        ChartKind.LINE: _line,
        ChartKind.BAR: _bars,
        ChartKind.HEATMAP: _heatmap,
        ChartKind.STREAK: _streaks,
    }
    svg = pictures[kind](shown, title, summary, key)
    days = shown[0].points if shown else []
    rows = [
        [short(point.day), *(one.points[at].label or "–" for one in shown)]
        for at, point in enumerate(days)
    ]
    rows.reverse()
    names = [one.name for one in shown]
    legend = names if len(names) > 1 and kind is not ChartKind.STREAK else []
    return Chart(kind, title, svg, summary, ["Day", *names], rows, legend)


def by_week(series: Series) -> Series:
    """One point a week: the average of the days that have evidence, on the week's first day (Monday)."""
    weeks: dict[date, list[SeriesPoint]] = {}
    for point in series.points:
        weeks.setdefault(point.day - timedelta(days=point.day.weekday()), []).append(point)
    points = []
    for monday, days in weeks.items():
        mean = average(days)
        label = "nothing recorded" if mean is None else f"{worded(series, mean)} on average"
        points.append(SeriesPoint(monday, mean, label))
    return Series(series.name, points, series.low, series.high, series.unit)


def _frame(series: Sequence[Series], title: str, summary: str, key: str) -> Canvas:
    canvas = Canvas(WIDTH, HEIGHT, title=title, description=summary, key=key)
    for part in (0.0, 0.5, 1.0):
        y = TOP + (HEIGHT - TOP - BOTTOM) * (1 - part)
        canvas.mark("line", "chart__grid", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y)
        if series:
            first = series[0]
            value = first.low + (first.high - first.low) * part
            canvas.words(worded(first, value), LEFT - 8, y + 4, anchor="end")
    return canvas


def _day_labels(canvas: Canvas, days: Sequence[SeriesPoint], xs: Sequence[float]) -> None:
    if not days:
        return
    for at, anchor in {0: "start", len(days) // 2: "middle", len(days) - 1: "end"}.items():
        canvas.words(short(days[at].day), xs[at], HEIGHT - 6, anchor=anchor)


def _height(series: Series, value: float) -> float:
    return (HEIGHT - TOP - BOTTOM) * share_of(series, value)


def _line(series: Sequence[Series], title: str, summary: str, key: str) -> SafeString:
    canvas = _frame(series, title, summary, key)
    for number, one in enumerate(series, start=1):
        count = len(one.points)
        wide = (WIDTH - LEFT - RIGHT) / max(1, count - 1)
        xs = [LEFT + wide * at for at in range(count)]
        floor = HEIGHT - BOTTOM
        path, gap = "", True
        last: tuple[float, float, str] | None = None
        for x, point in zip(xs, one.points, strict=True):
            if point.value is None:
                gap = True
                continue
            y = floor - _height(one, point.value)
            # A day between two gaps is a line without length: round caps make it a dot.
            path += f"{'M' if gap else 'L'}{x:.1f} {y:.1f}{'h0' if gap else ''}"
            gap = False
            last = (x, y, f"{short(point.day)}: {point.label}")
        canvas.mark("path", f"chart__line chart__line--{number}", d=path or "M0 0")
        if last:
            dot = f"chart__dot chart__dot--{number}"
            canvas.mark("circle", dot, last[2], cx=last[0], cy=last[1], r=4.5)
        if number == 1:
            _day_labels(canvas, one.points, xs)
            for at, x in enumerate(xs):
                canvas.mark(
                    "rect",
                    "chart__hit",
                    _of_day(series, at),
                    x=x - wide / 2,
                    y=TOP,
                    width=wide,
                    height=floor - TOP,
                    fill="transparent",
                )
    return canvas.markup()


def _of_day(series: Sequence[Series], at: int) -> str:
    """What every line says of one day: "14 Oct: 62", or with several "14 Oct: Mind 62, Action 70"."""
    day = short(series[0].points[at].day)
    if len(series) == 1:
        return f"{day}: {series[0].points[at].label}"
    said = ", ".join(f"{one.name} {one.points[at].label}" for one in series)
    return f"{day}: {said}"


def _bars(series: Sequence[Series], title: str, summary: str, key: str) -> SafeString:
    canvas = _frame(series, title, summary, key)
    count = max((len(one.points) for one in series), default=1)
    slot = (WIDTH - LEFT - RIGHT) / max(1, count)
    wide = min(28.0, slot * 0.72) / max(1, len(series))
    floor = HEIGHT - BOTTOM
    for number, one in enumerate(series, start=1):
        for at, point in enumerate(one.points):
            middle = LEFT + slot * (at + 0.5)
            x = middle - wide * len(series) / 2 + wide * (number - 1)
            tall = 2.0 if point.value is None else max(2.0, _height(one, point.value))
            kind = "chart__none" if point.value is None else f"chart__bar chart__bar--{number}"
            label = f"{short(point.day)}: {point.label}"
            rounding = min(4.0, wide / 2, tall / 2)
            canvas.mark(
                "rect", kind, label, x=x, y=floor - tall, width=wide, height=tall, rx=rounding
            )
        if number == 1:
            xs = [LEFT + slot * (at + 0.5) for at in range(len(one.points))]
            _day_labels(canvas, one.points, xs)
    return canvas.markup()


def _heat(series: Series, point: SeriesPoint) -> str:
    """The class of a day's cell: none without evidence, then five steps."""
    if point.value is None:
        return "heat-none"
    return f"heat-{min(4, ceil(share_of(series, point.value) * 4))}"


def _months(points: Sequence[SeriesPoint], start: date) -> list[tuple[int, str]]:
    """The columns in which a month begins, with its name; a piece too narrow for one goes without."""
    begins: list[tuple[int, str]] = []
    for point in points:
        if not begins or begins[-1][1] != f"{point.day:%b}":
            begins.append(((point.day - start).days // 7, f"{point.day:%b}"))
    nexts = [*begins[1:], (begins[-1][0] + 3, "")]
    return [here for here, after in zip(begins, nexts, strict=True) if after[0] - here[0] >= 2]


def _heatmap(series: Sequence[Series], title: str, summary: str, key: str) -> SafeString:
    if not series or not series[0].points:
        return _frame([], title, summary, key).markup()
    one = series[0]
    start = one.points[0].day - timedelta(days=one.points[0].day.weekday())
    weeks = (one.points[-1].day - start).days // 7 + 1
    left, top = 22.0, 20.0
    width = left + max(18, weeks) * (CELL + GAP)
    canvas = Canvas(width, top + 7 * (CELL + GAP), title=title, description=summary, key=key)
    for row in (0, 2, 4, 6):
        canvas.words(DAY_LETTERS[row], 2, top + row * (CELL + GAP) + 11)
    for week, name in _months(one.points, start):
        canvas.words(name, left + week * (CELL + GAP), 12)
    for point in one.points:
        x = left + (point.day - start).days // 7 * (CELL + GAP)
        y = top + point.day.weekday() * (CELL + GAP)
        label = f"{short(point.day)}: {point.label}"
        canvas.mark("rect", _heat(one, point), label, x=x, y=y, width=CELL, height=CELL, rx=4.0)
    return canvas.markup()


def _streaks(series: Sequence[Series], title: str, summary: str, key: str) -> SafeString:
    row = 46.0
    canvas = Canvas(WIDTH, max(1, len(series)) * row + 6, title=title, description=summary, key=key)
    slot = WIDTH / STREAK_DAYS
    for number, one in enumerate(series):
        top = number * row
        now, longest = streaks(one)
        canvas.words(one.name, 0, top + 14)
        canvas.words(f"{now} now, {longest} at best", WIDTH, top + 14, anchor="end")
        for at, point in enumerate(one.points[-STREAK_DAYS:]):
            label = f"{short(point.day)}: {point.label}"
            canvas.mark(
                "rect",
                _heat(one, point),
                label,
                x=at * slot + 1,
                y=top + 22,
                width=slot - 2,
                height=16.0,
                rx=4.0,
            )
    return canvas.markup()
