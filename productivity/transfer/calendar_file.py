"""A person's tasks as a calendar file (RFC 5545), whole for taking them elsewhere, or as a calendar reads them.

Calendars of Google and Apple show appointments only, so the file for them has one for every agreed slot and one
for every due time beside the tasks.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.db.models import Q
from icalendar import Calendar, Component, Event, Todo, vRecur

from accounts.models import User
from productivity.models import RepeatFrom, Task, TaskStatus
from productivity.recurrence import Repeat
from productivity.transfer.bringing import OUR_NAMES
from productivity.transfer.ics import FROM, MINUTES

# How long done tasks stay in a calendar.
KEPT = timedelta(days=30)
DUE_LENGTH = timedelta(minutes=15)
PRIORITIES = {0: 0, 1: 9, 2: 5, 3: 1}


def export(user: User) -> bytes:
    """All tasks that are not deleted; bringing the file back makes the same tasks."""
    tasks = Task.objects.for_user(user).select_related("series").order_by("id")
    return _written(_calendar(user), tasks, user)


def for_calendars(user: User, *, now: datetime) -> bytes:
    """What is open and what was done lately, with appointments for slots and due times."""
    tasks = (
        Task.objects.for_user(user)
        .filter(~Q(status=TaskStatus.COMPLETED) | Q(completed_at__gte=now - KEPT))
        .select_related("series")
        .order_by("id")
    )
    calendar = _calendar(user)
    calendar.add("name", "Habyss tasks")
    calendar.add("x-wr-calname", "Habyss tasks")
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    found = list(tasks)
    for task in found:
        for event in _events(task, user):
            calendar.add_component(event)
    return _written(calendar, found, user)


def _calendar(user: User) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Habyss//Tasks//EN")
    calendar.add("version", "2.0")
    return calendar


def _written(calendar: Calendar, tasks: Iterable[Task], user: User) -> bytes:
    for task in tasks:
        calendar.add_component(_todo(task, user))
    calendar.add_missing_timezones()
    return calendar.to_ical()


def _todo(task: Task, user: User) -> Todo:
    todo = Todo()
    _name(todo, task, "")
    if task.description:
        todo.add("description", task.description)
    if task.category:
        todo.add("categories", [task.category])
    if task.priority:
        todo.add("priority", PRIORITIES[task.priority])
    if task.estimated_minutes:
        todo.add(MINUTES, str(task.estimated_minutes))
    if task.parent_id:
        todo.add("related-to", f"{task.parent_id}{OUR_NAMES}")
    if task.completed_at is not None:
        todo.add("status", "COMPLETED")
        todo.add("completed", task.completed_at.astimezone(UTC))
    else:
        todo.add("status", "IN-PROCESS" if task.started_at else "NEEDS-ACTION")
    if task.due_at is not None:
        todo.add("due", task.due_on or _shown(task, task.due_at, user))
    repeat = _repeat_of(task)
    if repeat is not None and task.due_at is not None:
        todo.add("rrule", vRecur.from_ical(repeat.rule))
        # A task that repeats needs a beginning.
        todo.add("dtstart", task.due_on or _shown(task, task.due_at, user))
        if repeat.repeat_from == RepeatFrom.COMPLETION:
            todo.add(FROM, "completion")
    return todo


def _events(task: Task, user: User) -> Iterable[Event]:
    if task.planned_start is not None and task.planned_end is not None:
        event = Event()
        _name(event, task, "plan-")
        event.add("dtstart", task.planned_start.astimezone(UTC))
        event.add("dtend", task.planned_end.astimezone(UTC))
        yield event
    if task.due_at is None or not task.is_open:
        return
    event = Event()
    _name(event, task, "due-", words="Due: ")
    if task.due_on is not None:
        event.add("dtstart", task.due_on)
        event.add("dtend", task.due_on + timedelta(days=1))
    else:
        event.add("dtstart", _shown(task, task.due_at, user))
        event.add("dtend", _shown(task, task.due_at, user) + DUE_LENGTH)
    # It takes nobody's time, so it does not make the person look busy.
    event.add("transp", "TRANSPARENT")
    repeat = _repeat_of(task)
    # How many are left of a counted rule only its first day knows.
    if (
        repeat is not None
        and repeat.repeat_from == RepeatFrom.SCHEDULE
        and "COUNT" not in repeat.rule
    ):
        event.add("rrule", vRecur.from_ical(repeat.rule))
    yield event


def _name(component: Component, task: Task, prefix: str, *, words: str = "") -> None:
    component.add("uid", f"{prefix}{task.pk}{OUR_NAMES}")
    component.add("dtstamp", task.updated_at.astimezone(UTC))
    component.add("created", task.created_at.astimezone(UTC))
    component.add("last-modified", task.updated_at.astimezone(UTC))
    component.add("summary", f"{words}{task.title}")


def _shown(task: Task, moment: datetime, user: User) -> datetime:
    """In UTC; what repeats at a clock time in the person's zone, so that it stays at that time."""
    return moment.astimezone(user.tz if _repeat_of(task) is not None else UTC)


def _repeat_of(task: Task) -> Repeat | None:
    if task.series is None or task.series.ended_at is not None or not task.is_open:
        return None
    return Repeat.of(task.series)
