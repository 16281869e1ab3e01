"""Where a task may lie, and how good each place is: the filters first, then the scores."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import User
from productivity.models import RefusalReason, ScheduleRecommendation, Task

from .constants import SLOTS
from .free_time import Calendar, calendar_of
from .rhythm import Known, known_of
from .scoring import (
    Slot,
    Terms,
    deadline_term,
    hours_term,
    priority_term,
    proximity_term,
)
from .spans import Stretch, starts_in


@dataclass(frozen=True)
class Refusals:
    """What the person said no to lately for one task; hard limits of the next answer."""

    slots: tuple[Stretch, ...] = ()
    hours: frozenset[int] = frozenset()
    weekdays: frozenset[int] = frozenset()
    not_before: datetime | None = None
    stretch: float = 1.0

    def forbid(self, starts: datetime) -> bool:
        """Whether a slot at `starts` (on the person's clock) was as good as refused."""
        return starts.hour in self.hours or starts.weekday() in self.weekdays


@dataclass(frozen=True)
class Search:
    """A task, what is known for placing it, and how long it takes."""

    task: Task
    calendar: Calendar
    known: Known
    refusals: Refusals

    @property
    def minutes(self) -> int:
        """How long the slot is: the task's length, as the refusals of lately corrected it; whole steps of five."""
        length = self.calendar.lengths.of(self.task).minutes * self.refusals.stretch
        return length_in_steps(length) if self.refusals.stretch != 1.0 else round(length)

    @property
    def not_before(self) -> datetime:
        """Nothing lies before now, before the end of a snooze, or before "the task can wait" is over."""
        task, at = self.task, self.calendar.now
        if task.status == "snoozed" and task.snoozed_until:
            at = max(at, task.snoozed_until)
        return max(at, self.refusals.not_before or at)

    @property
    def not_after(self) -> datetime:
        """Nothing ends after the task is due, unless that has passed."""
        due_at = self.task.due_at
        if due_at is None or due_at <= self.calendar.now:
            return self.calendar.until
        return min(due_at, self.calendar.until)

    def slots(self) -> list[Slot]:
        """Every slot that passes the filters, scored."""
        free = self.calendar.free_for(
            self.task.category, since=self.not_before, until=self.not_after, but=self.task.pk
        )
        length = timedelta(minutes=self.minutes)
        return [
            self.scored(Stretch(starts, starts + length))
            for starts in starts_in(free, self.minutes, SLOTS.step_minutes)
            if not self.is_refused(Stretch(starts, starts + length))
        ]

    def scored(self, span: Stretch) -> Slot:
        """What speaks for a slot, whether or not it passes the filters."""
        task, now = self.task, self.calendar.now
        odds = self.known.odds_at(span.starts, task.category)
        return Slot(
            span,
            Terms(
                deadline=deadline_term(task.due_at, span.starts, now),
                priority=priority_term(task.priority, span.starts, now),
                rhythm=odds.mean,
                preference=self._preferred[span.starts.astimezone(self.known.zone).hour],
                hours=hours_term(span, self._open_hours),
                proximity=proximity_term(span, self._alike),
            ),
            odds,
        )

    def is_refused(self, span: Stretch) -> bool:
        clock = span.starts.astimezone(self.known.zone)
        return self.refusals.forbid(clock) or any(
            span.overlaps(slot) and span.starts == slot.starts for slot in self.refusals.slots
        )

    def __post_init__(self) -> None:
        # Worked out once for all slots of the search.
        category, calendar = self.task.category, self.calendar
        hours = calendar.hours.open_for(category, calendar.now - timedelta(days=1), calendar.until)
        alike = [
            one.span
            for one in calendar.others(self.task.pk)
            if category and one.category == category
        ]
        object.__setattr__(self, "_preferred", self.known.preferred(category))
        object.__setattr__(self, "_open_hours", hours)
        object.__setattr__(self, "_alike", alike)

    _preferred: Sequence[float] = ()
    _open_hours: Sequence[Stretch] = ()
    _alike: Sequence[Stretch] = ()


def length_in_steps(minutes: float) -> int:
    """Minutes rounded to fives, at least five."""
    return max(5, 5 * round(minutes / 5))


def refusals_of(task: Task, *, now: datetime) -> Refusals:
    """What was refused for the task lately. One query."""
    refused = ScheduleRecommendation.objects.filter(
        task=task, rejected=True, answered_at__gt=now - SLOTS.refusals_for
    ).order_by("answered_at")
    slots: list[Stretch] = []
    hours: set[int] = set()
    weekdays: set[int] = set()
    not_before, stretch = None, 1.0
    for row in refused:
        slots.append(Stretch(row.recommended_due, row.recommended_end))
        clock = row.recommended_due.astimezone(task.user.tz)
        if row.refusal_reason == RefusalReason.WRONG_TIME:
            around = range(-SLOTS.refused_hours, SLOTS.refused_hours + 1)
            hours |= {(clock.hour + away) % 24 for away in around}
        elif row.refusal_reason == RefusalReason.WRONG_DAY:
            weekdays.add(clock.weekday())
        elif row.refusal_reason == RefusalReason.TOO_LONG:
            stretch *= SLOTS.longer
        elif row.refusal_reason == RefusalReason.TOO_SHORT:
            stretch *= SLOTS.shorter
        elif row.refusal_reason == RefusalReason.NOT_NOW and row.answered_at:
            not_before = row.answered_at + SLOTS.not_now
    return Refusals(
        tuple(slots),
        frozenset(hours) if len(hours) < 24 else frozenset(),
        frozenset(weekdays) if len(weekdays) < 7 else frozenset(),
        not_before,
        min(SLOTS.most_stretch, max(SLOTS.least_stretch, stretch)),
    )


def search_for(user: User, task: Task, *, now: datetime) -> Search:
    """All that is needed to place one task. About a dozen queries, however many tasks there are."""
    task.user = user
    calendar = calendar_of(user, now=now, until=now + SLOTS.horizon)
    return Search(task, calendar, known_of(user, now=now), refusals_of(task, now=now))
