"""A good time for a habit: from when the person really does things, around what is already planned.

Hard limits first (other timed habits, working hours unless they are flexible), then the person's own rhythm.
It speaks of *usual hours*, and says so when it does not know them yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from math import cos, exp, tau
from typing import Literal

from accounts.day import local_day
from accounts.models import User
from habits.models import Habit, TimeOfDay
from habits.progress import UsualHours, moments_of, usual_hours

Flexibility = Literal["low", "medium", "high"]
WEEKDAY_KEYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class TimeConstants:
    """What the search uses (ours): half-hour steps between these hours; how sharply a past moment speaks
    for times near it (a von Mises kernel, about an hour and a half wide); how much more the same kind of
    habit counts; days looked back; and the hours meant by a time of day.
    """

    earliest: int = 6
    latest: int = 22
    step_minutes: int = 30
    sharpness: float = 7.0
    same_kind: float = 3.0
    preferred: float = 0.35
    look_back_days: int = 90
    apart_minutes: int = 90


CONSTANTS = TimeConstants()
HOURS = {
    TimeOfDay.MORNING: (6, 11),
    TimeOfDay.MIDDAY: (11, 15),
    TimeOfDay.EVENING: (17, 22),
    TimeOfDay.ANY: (6, 22),
}


@dataclass(frozen=True, slots=True)
class Slot:
    """A start time with its reasons. `score` compares the slots of one answer, 0 to 1."""

    at: time
    score: float
    reasons: tuple[str, ...]

    def in_words(self) -> str:
        return f"{self.at:%H:%M}"


@dataclass(frozen=True, slots=True)
class Times:
    """The best slots, best first, and what is known of the person's hours; `anchor` is a steady habit to
    tie a new one to.
    """

    slots: list[Slot]
    hours: UsualHours
    anchor: Habit | None = None

    @property
    def is_known(self) -> bool:
        return self.hours.is_known and not self.hours.is_varied


def find(
    user: User,
    *,
    minutes: int = 15,
    habit: Habit | None = None,
    category: str = "",
    time_of_day: str = TimeOfDay.ANY,
    flexibility: Flexibility = "medium",
    count: int = 3,
) -> Times:
    """Up to `count` times of day for something of `minutes` minutes, apart from each other. Four queries.

    With low flexibility only times near the person's usual ones are given; with high, working hours are
    open too.
    """
    today = local_day(user)
    habits = list(Habit.objects.for_user(user).active().select_related("streak").in_order())
    since = today - timedelta(days=CONSTANTS.look_back_days)
    kind = habit.category if habit else category
    alike = [h for h in habits if h == habit or (kind and h.category == kind)]
    moments = moments_of(user, habits, since)
    weighted = [(moment, 1.0) for moment in moments]
    if alike:
        weighted += [(m, CONSTANTS.same_kind) for m in moments_of(user, alike, since)]
    hours = usual_hours(moments_of(user, [habit], since) if habit else moments, user.tz)
    if not hours.is_known:
        hours = usual_hours(moments, user.tz)
    wish = TimeOfDay(habit.time_of_day if habit and time_of_day == TimeOfDay.ANY else time_of_day)
    busy = [
        (_minute(h.scheduled_time), _minute(h.scheduled_time) + (h.duration_minutes or 15))
        for h in habits
        if h.scheduled_time is not None and h != habit
    ]
    work = [] if flexibility == "high" else _work(user)
    rhythm = _rhythm([(m.astimezone(user.tz), weight) for m, weight in weighted])
    slots = []
    for minute in range(
        CONSTANTS.earliest * 60, CONSTANTS.latest * 60 - minutes + 1, CONSTANTS.step_minutes
    ):
        if _clashes(minute, minutes, busy) or _clashes(minute, minutes, work):
            continue
        slots.append(_slot(minute, rhythm, wish, is_known=hours.is_known))
    slots.sort(key=lambda slot: (-slot.score, slot.at))
    if flexibility == "low" and hours.is_known:
        slots = [slot for slot in slots if slot.score >= slots[0].score / 2]
    return Times(_apart(slots, count), hours, _anchor(habits, habit))


def _slot(minute: int, rhythm: list[float], wish: TimeOfDay, *, is_known: bool) -> Slot:
    own = rhythm[minute // CONSTANTS.step_minutes]
    first, last = HOURS[wish]
    fits = first * 60 <= minute < last * 60
    score = (own if is_known else 0.0) * (1 - CONSTANTS.preferred) + (
        CONSTANTS.preferred if fits else 0.0
    )
    reasons = []
    if is_known and own >= 0.6:
        reasons.append("close to when you usually get things done")
    if fits and wish != TimeOfDay.ANY:
        reasons.append(f"in the {wish.label.lower()}, as you prefer")
    reasons.append("nothing else is planned then")
    return Slot(time(minute // 60, minute % 60), score, tuple(reasons))


def _rhythm(moments: Sequence[tuple[datetime, float]]) -> list[float]:
    """How much the moments speak for each half hour of the day, 1 for the most."""
    steps = 1440 // CONSTANTS.step_minutes
    by_step = [0.0] * steps
    for moment, weight in moments:
        by_step[(moment.hour * 60 + moment.minute) // CONSTANTS.step_minutes] += weight
    kernel = [exp(CONSTANTS.sharpness * (cos(tau * offset / steps) - 1)) for offset in range(steps)]
    smooth = [
        sum(by_step[other] * kernel[(other - step) % steps] for other in range(steps))
        for step in range(steps)
    ]
    top = max(smooth)
    return [value / top for value in smooth] if top else smooth


def _work(user: User) -> list[tuple[int, int]]:
    """The hours that are work on most working days, in minutes."""
    spans = []
    for key in WEEKDAY_KEYS:
        value = (user.work_hours or {}).get(key)
        if isinstance(value, list) and len(value) == 2:
            try:
                first, last = (_minute(time.fromisoformat(str(part))) for part in value)
            except ValueError:
                continue
            spans.append((first, last))
    if not spans:
        return []
    return [(max(first for first, _ in spans), min(last for _, last in spans))]


def _clashes(minute: int, minutes: int, spans: list[tuple[int, int]]) -> bool:
    return any(minute < last and first < minute + minutes for first, last in spans)


def _apart(slots: list[Slot], count: int) -> list[Slot]:
    """The best slots that are not next to each other."""
    chosen: list[Slot] = []
    for slot in slots:
        if all(
            abs(_minute(slot.at) - _minute(other.at)) >= CONSTANTS.apart_minutes for other in chosen
        ):
            chosen.append(slot)
        if len(chosen) == count:
            break
    return chosen


def _anchor(habits: list[Habit], habit: Habit | None) -> Habit | None:
    """The steadiest other habit, if one is steady."""
    steady = [h for h in habits if h != habit and hasattr(h, "streak") and h.streak.strength >= 0.5]
    return max(steady, key=lambda h: h.streak.strength, default=None)


def _minute(at: time | None) -> int:
    return 0 if at is None else at.hour * 60 + at.minute
