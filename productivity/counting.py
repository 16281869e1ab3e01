"""Plain counts of a person's own tasks, for their own eyes."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, F, Q

from accounts.day import day_bounds, local_day
from accounts.models import User
from productivity.models import Task, TaskEvent, TaskEventType, TaskStatus

WEEKS = 12
PERIOD = timedelta(days=28)


@dataclass(frozen=True)
class Counts:
    """The last four weeks beside the four before: finished, snoozed, and how many of those due were done by then."""

    done: int
    done_before: int
    due: int
    due_kept: int
    snoozes: int
    snoozes_before: int
    overdue: int
    open: int

    @property
    def has_any(self) -> bool:
        return bool(self.done or self.done_before or self.open or self.due)


def counts(user: User, now: datetime) -> Counts:
    """Two queries. Steps count with their task, not by themselves."""
    since, before = now - PERIOD, now - 2 * PERIOD
    done = Q(status=TaskStatus.COMPLETED)
    due = Q(due_at__gte=since, due_at__lt=now)
    is_open = ~done
    rows = Task.objects.for_user(user).filter(parent=None)
    found = rows.aggregate(
        done=Count("id", filter=done & Q(completed_at__gte=since)),
        done_before=Count("id", filter=done & Q(completed_at__gte=before, completed_at__lt=since)),
        due=Count("id", filter=due),
        due_kept=Count("id", filter=due & done & Q(completed_at__lte=F("due_at"))),
        overdue=Count("id", filter=is_open & Q(due_at__lt=now)),
        open=Count("id", filter=is_open),
    )
    snoozed = TaskEvent.objects.filter(
        user=user, event_type=TaskEventType.SNOOZE, created_at__gte=before, undone_by=None
    ).aggregate(
        snoozes=Count("id", filter=Q(created_at__gte=since)),
        snoozes_before=Count("id", filter=Q(created_at__lt=since)),
    )
    return Counts(**found, **snoozed)


def done_by_day(user: User, today: date, *, weeks: int) -> dict[date, int]:
    """How many tasks were done on each of the person's own days, from a Monday on; days without any are 0."""
    first = today - timedelta(days=today.weekday(), weeks=weeks - 1)
    starts, _ = day_bounds(user, first)
    rows = Task.objects.for_user(user).filter(parent=None, completed_at__gte=starts)
    found = Counter(
        local_day(user, at) for at in rows.values_list("completed_at", flat=True) if at is not None
    )
    length = (today - first).days + 1
    return {first + timedelta(days=n): found[first + timedelta(days=n)] for n in range(length)}


def done_by_week(days: dict[date, int]) -> dict[date, int]:
    """The same per week, by its Monday."""
    weeks: Counter[date] = Counter()
    for day, done in days.items():
        weeks[day - timedelta(days=day.weekday())] += done
    return dict(sorted(weeks.items()))
