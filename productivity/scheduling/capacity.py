"""Whether what is asked of the coming days fits into their free time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from accounts.day import day_bounds, local_day
from accounts.models import User
from productivity.models import Task
from productivity.querysets import OPEN, TaskQuerySet

from .constants import FITTING
from .free_time import Calendar, calendar_of
from .spans import total_minutes
from .wording import minutes_words


@dataclass(frozen=True)
class Capacity:
    """The days from `week[0]` to `week[1]` (the person's own, both included).

    `free_minutes`: open hours without what other things take; `asked_minutes`: what tasks that are due or planned
    in these days take; `unestimated`: how many of them nobody estimated.
    """

    week: tuple[date, date]
    free_minutes: int
    asked_minutes: int
    tasks: int
    unestimated: int
    fits: bool
    words: str

    @property
    def first_day(self) -> date:
        return self.week[0]

    @property
    def last_day(self) -> date:
        return self.week[1]


def week_of(user: User, now: datetime) -> tuple[date, date]:
    """Today and the six days that follow."""
    today = local_day(user, now)
    return today, today + timedelta(days=FITTING.week_days - 1)


def without_parents(tasks: TaskQuerySet) -> TaskQuerySet:
    """Tasks that are done themselves: one with open steps is done by its steps."""
    steps = Task.objects.filter(parent=OuterRef("pk"), status__in=OPEN, deleted_at__isnull=True)
    return tasks.filter(~Exists(steps))


def asked_between(user: User, now: datetime, until: datetime) -> list[Task]:
    """Open tasks that are due (or overdue) or planned before `until`, and not snoozed beyond it."""
    tasks = Task.objects.for_user(user).open()
    due = Q(due_at__lte=until)
    planned = Q(planned_end__gt=now, planned_start__lt=until)
    asked = tasks.filter(due | planned).exclude(status="snoozed", snoozed_until__gt=until)
    return list(without_parents(asked).by_due())


def capacity(user: User, *, now: datetime) -> Capacity:
    """The person's coming seven days. A handful of queries."""
    return measured(user, now=now)[0]


def measured(user: User, *, now: datetime) -> tuple[Capacity, list[Task], Calendar]:
    """`capacity`, with the tasks it counts and the calendar it rests on."""
    week = week_of(user, now)
    until = day_bounds(user, week[1])[1]
    calendar = calendar_of(user, now=now, until=until)
    tasks = asked_between(user, now, until)
    return capacity_of(week, tasks, calendar), tasks, calendar


def capacity_of(week: tuple[date, date], tasks: Sequence[Task], calendar: Calendar) -> Capacity:
    """The sums and the words. Slots of tasks do not count as taken: the tasks themselves are asked for."""
    free = free_of_others(calendar)
    lengths = [calendar.lengths.of(task) for task in tasks]
    asked = sum(length.minutes for length in lengths)
    guessed = sum(not length.is_estimated for length in lengths)
    fits = asked <= free
    if not tasks:
        words = "Nothing is due or planned in the next seven days."
    elif fits:
        words = (
            f"The next seven days ask for {minutes_words(asked)}; {minutes_words(free)} are free."
        )
    else:
        words = (
            f"The next seven days ask for {minutes_words(asked)}, but only {minutes_words(free)} "
            f"are free: {minutes_words(asked - free)} too much."
        )
    if guessed:
        are = "task is" if guessed == 1 else "tasks are"
        words += f" {guessed} {are} not estimated and counted with your usual minutes."
    return Capacity(week, free, asked, len(tasks), guessed, fits, words)


def free_of_others(calendar: Calendar) -> int:
    """Minutes of the calendar's span that nothing but tasks takes."""
    only_others = Calendar(
        calendar.user,
        calendar.now,
        calendar.until,
        calendar.hours,
        tuple(one for one in calendar.taken if one.task_id is None),
        calendar.lengths,
    )
    return total_minutes(only_others.free(calendar.now, calendar.until))
