"""Habit strength: how firm a habit is, from 0 (new) to 1 (second nature).

The score of Loop Habit Tracker: exponential smoothing of a day's fulfilment, `s = s*m + x*(1-m)` with
`m = 0.5 ** (sqrt(f) / 13)`, where f is the repetitions asked for per day. A daily habit reaches 0.50 after
13 days, 0.80 after 30 and 0.97 after 66; one miss costs a little and never everything.

Always computed anew from the completions, so the order in which they arrive cannot matter.
"""

from collections import deque
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt

from habits.cadence import Cadence, cadence_of
from habits.evidence import Marks, marks_of
from habits.models import Habit


@dataclass(frozen=True, slots=True)
class StrengthConstants:
    """The numbers of the formula.

    `half_life_days`: days of full fulfilment after which a daily habit is half way. `widen_below`: habits
    asked for less often per day than this are counted over twice their window, so that weeks that are
    lived on different days come out even.
    """

    half_life_days: float = 13.0
    widen_below: float = 1.0


CONSTANTS = StrengthConstants()


def curve(
    cadence: Cadence, marks: Marks, until: date, constants: StrengthConstants = CONSTANTS
) -> list[float]:
    """The strength at the end of each day from `cadence.starts_on` to `until`, both included.

    Skipped and paused days leave it as it was, and the rolling window of a weekly or interval habit
    passes over them as if they had not been. A habit done on a paused day can only gain by it. After
    `ends_on` nothing changes any more. Empty when `until` lies before the start.
    """
    last = until if cadence.ends_on is None else min(until, cadence.ends_on)
    length = (last - cadence.starts_on).days + 1
    if length <= 0:
        return []
    keep = 0.5 ** (sqrt(cadence.per_day) / constants.half_life_days)
    gain = 1 - keep
    window, target = cadence.window
    if cadence.per_day < constants.widen_below:
        window, target = window * 2, target * 2
    credits, rests, paused = _laid_out(cadence, marks, length)

    strength = 0.0
    points: list[float] = []
    if window == 1:
        for credit, rest, pause in zip(credits, rests, paused, strict=True):
            if not rest:
                after = strength * keep + credit * gain
                strength = max(strength, after) if pause else after
            points.append(strength)
        return points
    recent: deque[float] = deque()
    total = 0.0
    for credit, rest, pause in zip(credits, rests, paused, strict=True):
        if not rest:
            recent.append(credit)
            total += credit
            if len(recent) > window:
                total -= recent.popleft()
            after = strength * keep + min(1.0, total / target) * gain
            strength = max(strength, after) if pause else after
        points.append(strength)
    return points


def _laid_out(
    cadence: Cadence, marks: Marks, length: int
) -> tuple[list[float], list[bool], list[bool]]:
    """Per day from the start: its credit, whether it rests, whether it lies in a pause."""
    credits = [0.0] * length
    rests = [False] * length
    paused = [False] * length
    start = cadence.starts_on
    for span in cadence.pauses:
        first = max(0, (span.starts_on - start).days)
        after = length if span.ends_on is None else min(length, (span.ends_on - start).days + 1)
        for index in range(first, after):
            rests[index] = paused[index] = True
    for day, mark in marks.items():
        index = (day - start).days
        if 0 <= index < length:
            credits[index] = mark.credit
            if mark.is_skipped:
                rests[index] = True
            elif mark.credit > 0:
                rests[index] = False
    return credits, rests, paused


def strength_given(cadence: Cadence, marks: Marks, until: date) -> float:
    """The strength at the end of `until`; 0 before the start."""
    points = curve(cadence, marks, until)
    return points[-1] if points else 0.0


def strength_now(cadence: Cadence, marks: Marks, today: date) -> float:
    """The strength a person sees during `today`: a day that is not over yet is not a miss."""
    return strength_given(cadence, marks, today if today in marks else today - timedelta(days=1))


def strength_of(habit: Habit, until: date) -> float:
    """The strength of `habit` at the end of the person's day `until`. Two queries."""
    return strength_given(cadence_of(habit), marks_of([habit])[habit.pk], until)
