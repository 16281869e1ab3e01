"""Results in plain words and plain numbers."""

from coaching.toolkit import MetricKind

from .intervals import Interval
from .numbers import NUMBERS
from .results import Arm, Finding, MetricResult


def amount(kind: MetricKind, value: float) -> str:
    """How large a difference is: "2.5 points" (of a hundred) or "0.31"."""
    if kind is MetricKind.PROPORTION:
        return f"{_short(value * 100, 1)} points"
    return _short(value, 2)


def difference_words(kind: MetricKind, value: float) -> str:
    """The same with its sign: "+2.5 points"."""
    sign = "−" if value < 0 else "+"
    return f"{sign}{amount(kind, abs(value))}"


def value_words(kind: MetricKind, value: float) -> str:
    """A value of a group: "41.5 %" or "3.25"."""
    return f"{value * 100:.1f} %" if kind is MetricKind.PROPORTION else f"{value:.2f}"


def interval_words(kind: MetricKind, interval: Interval) -> str:
    """Both ends of an interval of differences; "not known yet" when it has none."""
    if interval.high - interval.low == float("inf"):
        return "not known yet"
    return f"{difference_words(kind, interval.low)} to {difference_words(kind, interval.high)}"


def verdict(result: MetricResult, arm: Arm) -> str:
    """One or two sentences about a variant beside the control."""
    comparison = arm.comparison
    if comparison is None:
        return "The control: what everybody gets without the experiment."
    found = comparison.finding
    if found is Finding.EARLY:
        smallest = min(arm.sample.n, result.arms[0].sample.n)
        return (
            f"Too early to say: {smallest} people are measured in the smaller group; nothing is "
            f"concluded below {NUMBERS.enough_people}."
        )
    said = _SAID[found]
    if found in (Finding.BETTER, Finding.WORSE) or comparison.needed is None:
        return said
    return (
        f"{said} If the true difference is as seen, about {comparison.needed:,} people per variant "
        f"would show it."
    )


_SAID = {
    Finding.BETTER: "Surely better than the control.",
    Finding.WORSE: "Surely worse than the control.",
    Finding.SEEMS_BETTER: "Looks better, but it is not sure.",
    Finding.SEEMS_WORSE: "Looks worse, but it is not sure.",
    Finding.UNSURE: "No sure difference.",
}


def _short(value: float, digits: int) -> str:
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
