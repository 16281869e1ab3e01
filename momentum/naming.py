"""What people read: how kinds of signals are called, and what a day's value of each says in words."""

from collections.abc import Sequence

from coaching.toolkit import SignalKind, signals
from momentum.models import MomentumEvent
from momentum.scoring.formula import KindValue

KIND_TITLES = {
    SignalKind.ACTION_STEP: "Action steps",
    SignalKind.COACH_INTERACTION: "Talking with the coach",
    SignalKind.COACH_TONE: "How you talk",
    SignalKind.TILE_INTERACTION: "Looking at Today",
    SignalKind.PLANNING: "Planning",
    SignalKind.SLEEP: "Sleep",
    SignalKind.STEPS: "Steps",
    SignalKind.GOAL_PROGRESS: "Progress towards goals",
    SignalKind.MOTIVATION: "Motivation",
    SignalKind.INTERNAL_MOTIVATION: "Motivation of your own",
    SignalKind.BIOMETRIC_CHANGE: "Confirmed changes",
    SignalKind.VISIT: "Visits",
}
# From which value on the tone of what somebody wrote is called what.
_TONES = ((0.7, "sounding good"), (0.4, "sounding so-so"), (0.0, "sounding heavy"))


def title_of(kind: str) -> str:
    """How people read a kind of signal."""
    known = KIND_TITLES.get(SignalKind(kind)) if kind in set(SignalKind) else None
    return known or kind.replace("_", " ").capitalize()


def value_words(value: KindValue, events: Sequence[MomentumEvent]) -> str:
    """What the day's `value` of a kind says, from its own `events`, for example "7 h 20 min of sleep"."""
    count = value.events
    match value.kind.name:
        case SignalKind.ACTION_STEP:
            done = number(value.value * value.units)
            is_whole = any(event.is_summary for event in events)
            return f"{done} of {number(value.units)} {'asked for' if is_whole else 'told so far'}"
        case SignalKind.SLEEP:
            return f"{hours(_mean(events))} of sleep"
        case SignalKind.STEPS:
            return f"{_mean(events):,.0f} steps"
        case SignalKind.COACH_INTERACTION:
            return plural(count, "time in touch", "times in touch")
        case SignalKind.COACH_TONE:
            return next(words for least, words in _TONES if value.value >= least)
        case SignalKind.TILE_INTERACTION:
            return plural(count, "tap on Today", "taps on Today")
        case SignalKind.PLANNING:
            return plural(count, "change of plans", "changes of plans")
        case SignalKind.GOAL_PROGRESS:
            return _moved(sum(event.raw_value for event in events))
        case SignalKind.MOTIVATION | SignalKind.INTERNAL_MOTIVATION:
            return f"{100 * value.value:.0f} of 100"
        case SignalKind.BIOMETRIC_CHANGE:
            return plural(count, "change confirmed", "changes confirmed")
        case SignalKind.VISIT:
            return ", ".join(event_words(event) for event in events)


def event_words(event: MomentumEvent, name: str = "") -> str:
    """What one event says; `name` is that of the thing it is about, when it is known."""
    if event.tag == SignalKind.SLEEP:
        return f"{hours(event.raw_value)} of sleep"
    if event.tag == SignalKind.STEPS:
        return f"{event.raw_value:,.0f} steps"
    if event.tag == SignalKind.ACTION_STEP and event.is_summary:
        done = number(event.normalized_score * event.units)
        return f"the whole day: {done} of {number(event.units)} asked for"
    declared = signals.get(event.event_type).words if event.event_type in signals else ""
    words = declared or event.event_type.rsplit(".", 1)[-1].replace("_", " ")
    return f"{name}: {words}" if name else words


def hours(minutes: float) -> str:
    """Minutes as a person says them: "7 h 20 min", "45 min"."""
    whole, rest = divmod(round(minutes), 60)
    if not whole:
        return f"{rest} min"
    return f"{whole} h {rest} min" if rest else f"{whole} h"


def number(value: float) -> str:
    """A number with at most one decimal: "4", "4.5"."""
    return f"{round(value, 1):g}"


def plural(count: int, one: str, many: str) -> str:
    """A count with its noun: "1 tap", "3 taps"."""
    return f"{count} {one if count == 1 else many}"


def _moved(points: float) -> str:
    way = "forward" if points > 0 else "back"
    return f"{number(abs(points))} points {way}" if points else "Where it was in the morning"


def _mean(events: Sequence[MomentumEvent]) -> float:
    return sum(event.raw_value for event in events) / len(events)
