"""How things tend to come apart: patterns with the occasions they rest on, never a verdict.

Each pattern counts occasions on which it could have shown and those on which it did. Its confidence is the
posterior probability, under a uniform prior, that its rate is above what happens to most people (its floor).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from .days import History
from .metrics import FailurePattern

MONDAY, SATURDAY = 0, 5


@dataclass(frozen=True)
class PatternNumbers:
    """When a pattern is spoken of (ours).

    look_back_days: days that the patterns of a week look back over: eight weekends.
    least_times: it happened at least so often ...
    least_confidence: ... and is at least this likely to be more than its floor.
    restart_floor, late_floor, collapse_floor: rates that are nothing special.
    late_least_days: logged days before late nights are counted.
    weekend_least, weekday_least: days with meals logged on each side before they are compared.
    weekend_margin: how much more often than on weekdays it must happen at weekends.
    over_usual: without a target range, a day above this many times the usual weekday is over.
    active_before: logged weekdays that make a week one that a weekend can interrupt.
    streak_days: a run this long is a streak whose end is looked at.
    collapse_days: so many empty days after it are a collapse.
    """

    look_back_days: int = 56
    least_times: int = 3
    least_confidence: float = 0.6
    restart_floor: float = 0.35
    late_floor: float = 0.25
    late_least_days: int = 10
    collapse_floor: float = 0.35
    collapse_least_times: int = 2
    weekend_least: int = 5
    weekday_least: int = 10
    weekend_margin: float = 0.15
    over_usual: float = 1.15
    active_before: int = 2
    streak_days: int = 7
    collapse_days: int = 3


PATTERNS = PatternNumbers()


def probability_above(floor: float, times: int, of: int) -> float:
    """P(rate > floor) after `times` of `of` occasions, under a uniform prior: a Beta tail as a binomial sum."""
    n = of + 1
    term = (1 - floor) ** n
    total = 0.0
    for successes in range(times + 1):
        total += term
        if floor < 1:
            term *= (n - successes) / (successes + 1) * floor / (1 - floor)
    return min(1.0, max(0.0, total))


def find_patterns(history: History) -> tuple[FailurePattern, ...]:
    """The patterns of one person, the surest first."""
    found = [
        pattern
        for pattern in (
            _weekend_overeating(history),
            _monday_restarts(history),
            _late_nights(history),
            _collapse_after_streak(history),
        )
        if pattern is not None
    ]
    return tuple(sorted(found, key=lambda pattern: (-pattern.confidence, pattern.key)))


def _pattern(
    key: str,
    name: str,
    words: str,
    times: int,
    of: int,
    floor: float,
    least: int = PATTERNS.least_times,
) -> FailurePattern | None:
    if times < least:
        return None
    confidence = probability_above(floor, times, of)
    if confidence < PATTERNS.least_confidence:
        return None
    return FailurePattern(key, name, words, times, of, round(confidence, 3))


def _days(history: History) -> Iterator[int]:
    """The days that weekly patterns look at, up to yesterday, as ordinals."""
    return iter(
        range(max(history.first, history.until - PATTERNS.look_back_days + 1), history.until + 1)
    )


def _weekday(ordinal: int) -> int:
    return (ordinal + 6) % 7


def _weekend_overeating(history: History) -> FailurePattern | None:
    """More often above the range at weekends than on weekdays, of days with meals logged."""
    eaten = [(day, *history.intake[day]) for day in _days(history) if day in history.intake]
    usual = [kcal for day, kcal, _ in eaten if _weekday(day) < SATURDAY]
    mean = sum(usual) / len(usual) if usual else 0.0
    over = [0, 0]
    seen = [0, 0]
    for day, kcal, upper in eaten:
        is_weekend = int(_weekday(day) >= SATURDAY)
        seen[is_weekend] += 1
        over[is_weekend] += kcal > (upper or mean * PATTERNS.over_usual)
    if seen[1] < PATTERNS.weekend_least or seen[0] < PATTERNS.weekday_least:
        return None
    floor = min(1.0, over[0] / seen[0] + PATTERNS.weekend_margin)
    words = (
        f"Weekends are harder with food: above the usual range on {over[1]} of {seen[1]} weekend days, "
        f"against {over[0]} of {seen[0]} weekdays."
    )
    return _pattern("weekend_overeating", "Weekend overeating", words, over[1], seen[1], floor)


def _monday_restarts(history: History) -> FailurePattern | None:
    """A weekend without anything after an active week, and a new start on Monday."""
    times = of = 0
    for day in _days(history):
        if _weekday(day) != MONDAY or day - 7 < history.first:
            continue
        week = sum(1 for before in range(day - 7, day - 2) if before in history.logged)
        if week < PATTERNS.active_before:
            continue
        of += 1
        is_gap = day - 1 not in history.logged and day - 2 not in history.logged
        times += is_gap and day in history.logged
    words = f"Weekends fall away and Monday starts anew: {times} of {of} weeks."
    return _pattern("monday_restarts", "Monday restarts", words, times, of, PATTERNS.restart_floor)


def _late_nights(history: History) -> FailurePattern | None:
    """Days with something by hand late at night, of days with something by hand at a known time."""
    timed = [day for day in _days(history) if day in history.timed]
    if len(timed) < PATTERNS.late_least_days:
        return None
    times = sum(1 for day in timed if day in history.late)
    words = f"Late nights: still at it after 23:00 on {times} of {len(timed)} days."
    return _pattern("late_night", "Late nights", words, times, len(timed), PATTERNS.late_floor)


def _collapse_after_streak(history: History) -> FailurePattern | None:
    """After a run of days ends, several empty days in a row instead of one."""
    times = of = run = 0
    for day in range(history.first, history.until + 1):
        if day in history.logged:
            run += 1
            continue
        if run >= PATTERNS.streak_days and day + PATTERNS.collapse_days - 1 <= history.until:
            of += 1
            after = range(day, day + PATTERNS.collapse_days)
            times += not any(later in history.logged for later in after)
        run = 0
    words = (
        f"After a good run ends, a longer gap follows: {times} of {of} runs of "
        f"{PATTERNS.streak_days} days or more."
    )
    return _pattern(
        "post_streak_collapse",
        "Collapse after a streak",
        words,
        times,
        of,
        PATTERNS.collapse_floor,
        PATTERNS.collapse_least_times,
    )
