"""What habits can tell of people: measures for experiments."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from accounts.day import local_day
from accounts.models import User
from coaching.toolkit import MetricKind, OutcomeWindow, outcome_metric
from habits.cadence import cadence_of
from habits.evidence import marks_of
from habits.models import Habit, HabitCompletion
from habits.progress import Tally, tally

DAY = timedelta(days=1)


@outcome_metric("habits.share_kept", title="Share of asked-for days kept", kind=MetricKind.MEAN)
def share_kept(windows: Sequence[OutcomeWindow]) -> list[float | None]:
    """Of what a person's running habits asked for, the share they did; nothing when nothing was asked."""
    days = _days(windows)
    habits = list(
        Habit.objects.filter(user__in=list({window.user_id for window in windows}))
        .filter(deleted_at__isnull=True)
        .current()
        .with_rests()
    )
    marks = marks_of(habits, min(first for first, _ in days))
    by_person: dict[UUID, list[Habit]] = {}
    for habit in habits:
        by_person.setdefault(habit.user_id, []).append(habit)
    values: list[float | None] = []
    for window, (first, last) in zip(windows, days, strict=True):
        kept = Tally(0, 0)
        for habit in by_person.get(window.user_id, []):
            kept += tally(cadence_of(habit), marks[habit.pk], first, last, last + DAY)
        values.append(kept.share)
    return values


@outcome_metric("habits.active_habits", title="Habits done at least once", kind=MetricKind.MEAN)
def active_habits(windows: Sequence[OutcomeWindow]) -> list[float | None]:
    """How many different habits a person did at all."""
    days = _days(windows)
    done: dict[UUID, set[tuple[UUID, date]]] = {}
    for user_id, habit_id, day in HabitCompletion.objects.filter(
        user__in=list({window.user_id for window in windows}),
        status__in=("done", "partial"),
        local_date__gte=min(first for first, _ in days),
        local_date__lte=max(last for _, last in days),
    ).values_list("user_id", "habit_id", "local_date"):
        done.setdefault(user_id, set()).add((habit_id, day))
    return [
        float(
            len(
                {habit_id for habit_id, day in done.get(window.user_id, ()) if first <= day <= last}
            )
        )
        for window, (first, last) in zip(windows, days, strict=True)
    ]


def _days(windows: Sequence[OutcomeWindow]) -> list[tuple[date, date]]:
    """The first and the last of the person's own days in each window."""
    people = User.objects.in_bulk([window.user_id for window in windows])
    return [
        (
            local_day(people[window.user_id], window.since),
            local_day(people[window.user_id], window.until) - DAY,
        )
        for window in windows
    ]
