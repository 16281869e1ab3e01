"""How much of what a habit asked for was done, day by day.

A day of a daily habit, or a chosen weekday, asks for itself. Habits counted by the week or by an interval
ask every day for their rolling window to be on course, as the strength of a habit does, so that it does not
matter on which days of the week they are lived. Skipped and paused days ask for nothing.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Count

from habits.cadence import Cadence, cadence_of
from habits.evidence import DayMark, Marks, Row, marks_from
from habits.models import CadenceKind, Habit, HabitCompletion
from habits.strength import CONSTANTS

_NOTHING = DayMark(0.0, False)
# How far before a rolling window days of rest may push the days that count in it (ours).
LONGEST_REST_DAYS = 90


@dataclass(frozen=True, slots=True)
class DayShare:
    """What one day got of the 1 that it asked for."""

    day: date
    fulfilled: float


def day_shares(cadence: Cadence, marks: Marks, first: date, last: date) -> Iterator[DayShare]:
    """The days from `first` to `last` that asked for the habit, in order; all of them are taken as over."""
    if cadence.kind in (CadenceKind.DAILY, CadenceKind.WEEKDAYS):
        return _single_days(cadence, marks, first, last)
    return _on_course(cadence, marks, first, last)


def window_days(cadence: Cadence) -> int:
    """How many days before a day may matter for it; beyond them it begins anew, without a debt."""
    if cadence.kind in (CadenceKind.DAILY, CadenceKind.WEEKDAYS):
        return 0
    return _window(cadence)[0] + LONGEST_REST_DAYS


def _window(cadence: Cadence) -> tuple[int, int]:
    """Days of the rolling window and how often in it; twice as long for what is asked less than daily."""
    window, target = cadence.window
    return (window * 2, target * 2) if cadence.per_day < CONSTANTS.widen_below else (window, target)


def _single_days(cadence: Cadence, marks: Marks, first: date, last: date) -> Iterator[DayShare]:
    for day in _days(max(first, cadence.starts_on), last):
        if not cadence.in_range(day):
            continue
        mark = marks.get(day, _NOTHING)
        # Done on a day of rest still counts; on a weekday that was not chosen it is a bonus, not an answer.
        if cadence.asks_on(day):
            if not mark.is_skipped:
                yield DayShare(day, mark.credit)
        elif mark.credit > 0 and cadence.is_paused(day):
            yield DayShare(day, mark.credit)


def _on_course(cadence: Cadence, marks: Marks, first: date, last: date) -> Iterator[DayShare]:
    window, target = _window(cadence)
    recent: deque[float] = deque()
    # Days of rest do not push others out of the window, so it may reach far back.
    begin = max(cadence.starts_on, first - timedelta(days=window_days(cadence)))
    for day in _days(begin, last):
        if not cadence.in_range(day):
            return
        mark = marks.get(day, _NOTHING)
        rests = mark.is_skipped or (cadence.is_paused(day) and mark.credit == 0)
        if rests:
            continue
        recent.append(mark.credit)
        if len(recent) > window:
            recent.popleft()
        if day < first:
            continue
        # Before the first window is over, what can still be done in it is not missed yet.
        still_to_come = window - len(recent)
        yield DayShare(day, min(1.0, (sum(recent) + still_to_come) / target))


def _days(first: date, last: date) -> Iterator[date]:
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(ordinal)


def shares_between(
    first_id: UUID, last_id: UUID, since: date, until: date
) -> Iterator[tuple[UUID, DayShare]]:
    """The same for every running habit of all people with an id from `first_id` to `last_id`.

    Two queries, however many people and habits there are.
    """
    habits = list(
        Habit.objects.filter(
            user_id__gte=first_id,
            user_id__lte=last_id,
            deleted_at__isnull=True,
            starts_on__lte=until,
        )
        .current()
        .with_rests()
    )
    cadences = {habit.pk: cadence_of(habit) for habit in habits}
    marks = _marks(habits, cadences, first_id, last_id, since, until)
    for habit in habits:
        for share in day_shares(cadences[habit.pk], marks[habit.pk], since, until):
            yield habit.user_id, share


def _marks(
    habits: Iterable[Habit],
    cadences: dict[UUID, Cadence],
    first_id: UUID,
    last_id: UUID,
    since: date,
    until: date,
) -> dict[UUID, dict[date, DayMark]]:
    reach = max((window_days(cadence) for cadence in cadences.values()), default=0)
    earliest = since - timedelta(days=reach)
    rows: dict[UUID, list[Row]] = {pk: [] for pk in cadences}
    told = HabitCompletion.objects.filter(
        user_id__gte=first_id, user_id__lte=last_id, local_date__range=(earliest, until)
    )
    for pk, day, status, value in told.order_by().values_list(
        "habit_id", "local_date", "status", "value"
    ):
        if pk in rows:
            rows[pk].append((day, status, value))
    return {
        habit.pk: marks_from(habit.measure, habit.target_value, rows[habit.pk]) for habit in habits
    }


def told_between(
    first_id: UUID, last_id: UUID, since: date, until: date
) -> Iterable[tuple[UUID, date, int]]:
    """How many things each person told of their habits on each day, by the days that were told of. One query."""
    return (
        HabitCompletion.objects.filter(
            user_id__gte=first_id, user_id__lte=last_id, local_date__range=(since, until)
        )
        .order_by()
        .values_list("user_id", "local_date")
        .annotate(count=Count("id"))
        .values_list("user_id", "local_date", "count")
    )
