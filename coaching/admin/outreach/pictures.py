"""The policy page's pictures: each with its numbers as a table beside it."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from coaching.charts import Chart, ChartKind, draw
from coaching.charts.canvas import Canvas
from coaching.outreach.figures import PROBABILITY_BINS, Difference, PolicyDay
from coaching.toolkit import Series, SeriesPoint

WIDTH, HEIGHT, FLOOR, LEFT = 360.0, 190.0, 160.0, 38.0

Read = Callable[[PolicyDay], float | None]


def decisions_chart(days: Sequence[PolicyDay]) -> Chart:
    """How many decisions a day, and at how many a message was possible."""
    most = max((day.decisions for day in days), default=1)
    top = float(max(4, most + (-most) % 2))
    series = [
        _series("All decisions", days, lambda day: day.decisions, whole=True, high=top),
        _series("A message was possible", days, lambda day: day.available, whole=True, high=top),
    ]
    return draw(ChartKind.LINE, series, title="Decisions a day", key="decisions")


def share_chart(days: Sequence[PolicyDay]) -> Chart:
    """Where a message was possible: how often one was sent, and the average odds."""
    series = [
        _series("Share sent", days, lambda day: day.share_sent),
        _series("Average odds", days, lambda day: day.odds),
    ]
    return draw(ChartKind.LINE, series, title="How often a possible message was sent", key="share")


def rewards_chart(days: Sequence[PolicyDay]) -> Chart:
    """The average reward of decisions with and without a message."""
    read: list[Read] = [lambda day: day.reward_with, lambda day: day.reward_without]
    values = [value for day in days for one in read if (value := one(day)) is not None]
    # A message that led to nothing costs a little: a whole scale below nothing keeps the labels round.
    low = -1.0 if any(value < 0 for value in values) else 0.0
    high = 1.0
    series = [
        _series("With a message", days, read[0], low=low, high=high),
        _series("Without", days, read[1], low=low, high=high),
    ]
    return draw(ChartKind.LINE, series, title="Reward", key="reward")


def _series(
    name: str,
    days: Sequence[PolicyDay],
    read: Read,
    *,
    whole: bool = False,
    low: float = 0.0,
    high: float = 1.0,
) -> Series:
    """One point for every date from the first to the last: a date without decisions is a gap."""
    known = {day.day: day for day in days}
    points = []
    for offset in range((days[-1].day - days[0].day).days + 1):
        day: date = days[0].day + timedelta(days=offset)
        value = read(known[day]) if day in known else None
        words = "nothing" if value is None else f"{value:.0f}" if whole else f"{value:.2f}"
        points.append(SeriesPoint(day, value, words))
    return Series(name, points, low, high)


def odds_chart(bins: Sequence[int]) -> Chart:
    """How the odds are spread over decisions at which a message was possible."""
    title = "Odds of a message"
    labels = [
        f"{at / PROBABILITY_BINS:.1f} to {(at + 1) / PROBABILITY_BINS:.1f}"
        for at in range(len(bins))
    ]
    total, most = sum(bins), max(bins, default=0)
    summary = (
        f"{total} decisions, most of them at odds of {labels[bins.index(most)]}."
        if total
        else "No message was possible yet."
    )
    canvas = Canvas(WIDTH, HEIGHT, title=title, description=summary, key="odds")
    canvas.mark("line", "chart__grid", x1=LEFT, x2=WIDTH, y1=FLOOR, y2=FLOOR)
    canvas.words(str(most), LEFT - 8, 18, anchor="end")
    canvas.words("0", LEFT - 8, FLOOR + 4, anchor="end")
    slot = (WIDTH - LEFT) / len(bins)
    for at, count in enumerate(bins):
        tall = (FLOOR - 14) * count / most if most else 0.0
        x = LEFT + slot * at
        kind = "chart__bar" if count else "chart__none"
        canvas.mark(
            "rect",
            kind,
            f"{labels[at]}: {count}",
            x=x + 2,
            y=FLOOR - max(tall, 1.5),
            width=slot - 4,
            height=max(tall, 1.5),
        )
        if at % 2 == 0:
            canvas.words(f"{at / PROBABILITY_BINS:.1f}", x, FLOOR + 18, anchor="middle")
    canvas.words("1.0", WIDTH, FLOOR + 18, anchor="end")
    rows = [[label, str(count)] for label, count in zip(labels, bins, strict=True)]
    return Chart(ChartKind.BAR, title, canvas.markup(), summary, ["Odds", "Decisions"], rows, [])


def difference_words(found: Difference) -> str:
    """What a message adds, said with the care the interval asks for."""
    if found.value is None:
        return "There are not yet decisions of both kinds to compare."
    if found.low is None or found.high is None:
        return "One person alone says nothing about others."
    if found.low > 0:
        return "Messages help: the whole interval lies above nothing."
    if found.high < 0:
        return "Messages do harm: the whole interval lies below nothing."
    return "Too early to tell: the interval holds both help and harm."
