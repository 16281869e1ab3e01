"""What series say in words: averages, the direction, and streaks."""

from collections.abc import Iterable, Sequence

from coaching.toolkit import Series, SeriesPoint

# Half of a short stretch against the other half: smaller differences are noise in a person's month.
_NOTEWORTHY_SHARE = 0.05


def share_of(series: Series, value: float) -> float:
    """`value` between the bounds of its series, in [0, 1]."""
    if series.high <= series.low:
        return 0.0
    return min(1.0, max(0.0, (value - series.low) / (series.high - series.low)))


def worded(series: Series, value: float) -> str:
    """A value as people write it: a share of one as a percentage, else with its unit."""
    if not series.unit and (series.low, series.high) == (0.0, 1.0):
        return f"{value:.0%}"
    number = f"{value:.1f}".removesuffix(".0")
    space = "" if series.unit == "%" else " "
    return f"{number}{space}{series.unit}".strip()


def average(points: Iterable[SeriesPoint]) -> float | None:
    """The mean of the days with evidence; none when there is none."""
    values = [point.value for point in points if point.value is not None]
    return sum(values) / len(values) if values else None


def streaks(series: Series) -> tuple[int, int]:
    """Days in a row: the run that still lasts, and the longest.

    A series with a unit counts its runs itself. Of one without, the days at full value are counted; days
    without evidence neither count nor break a run, and an unfinished last day does not end it.
    """
    if series.unit:
        counts = [round(point.value) for point in series.points if point.value is not None]
        return (counts[-1], max(counts)) if counts else (0, 0)
    now = longest = 0
    evident = [point.value for point in series.points if point.value is not None]
    for at, value in enumerate(evident):
        if share_of(series, value) >= 1.0:
            now += 1
            longest = max(longest, now)
        elif at < len(evident) - 1:
            now = 0
    return now, longest


def describe(series: Sequence[Series]) -> str:
    """One or two sentences that say what a picture of `series` shows."""
    lines = [line for one in series if (line := _describe_one(one, alone=len(series) == 1))]
    return " ".join(lines) if lines else "Nothing is recorded for this time yet."


def describe_streaks(series: Sequence[Series]) -> str:
    """Which runs last, and the longest ones."""
    lines = []
    for one in series:
        if average(one.points) is not None:
            now, longest = streaks(one)
            lines.append(f"{one.name}: {now} in a row now, {longest} at best.")
    return " ".join(lines) if lines else "Nothing is recorded for this time yet."


def _describe_one(series: Series, *, alone: bool) -> str:
    mean = average(series.points)
    if mean is None:
        return "" if alone else f"{series.name}: nothing recorded yet."
    words = f"{series.name}: {worded(series, mean)} on average"
    middle = len(series.points) // 2
    before, after = average(series.points[:middle]), average(series.points[middle:])
    if before is None or after is None:
        return f"{words}."
    change = share_of(series, after) - share_of(series, before)
    if abs(change) < _NOTEWORTHY_SHARE:
        return f"{words}, steady over this time."
    way = "up" if change > 0 else "down"
    return f"{words}, {way} from {worded(series, before)} to {worded(series, after)}."
