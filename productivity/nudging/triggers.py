"""What calls for a nudge: found for many people at once, in one query each (two where a load is added up)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from django.db.models import Count, Exists, F, Max, OuterRef, QuerySet, Subquery, Sum, Window
from django.db.models.expressions import OrderBy
from django.db.models.functions import RowNumber

from accounts.day import local_day
from accounts.models import User
from coaching.outreach.policy.words import filled
from productivity.models import ChangeSource, NudgeTrigger, Task, TaskEvent
from productivity.scheduling.wording import day_words, moment_words

from .numbers import NUMBERS, NudgeNumbers

# How many tasks of a person a trigger offers: the first may be muted.
PER_PERSON = 3
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
USUAL_WORK = dict.fromkeys(WEEKDAYS[:5], ("09:00", "17:00"))
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Found:
    """Something that calls for a nudge about `task`; `gap` in [0, 1] says how much."""

    trigger: NudgeTrigger
    task: Task
    gap: float
    until: datetime
    facts: Mapping[str, str]


def shown_title(task: Task) -> str:
    """The title as templates show it: one line of bounded length."""
    return filled("{task}", {"task": task.title})


def _first_of_each(
    tasks: QuerySet[Task], *order: OrderBy | str, limit: int = PER_PERSON
) -> list[Task]:
    place = Window(RowNumber(), partition_by=F("user_id"), order_by=[*order, F("id").asc()])
    return list(tasks.annotate(place=place).filter(place__lte=limit).order_by("user_id", "place"))


def _awake(people: Mapping[UUID, User], now: datetime) -> QuerySet[Task]:
    """What is open and not at work just now."""
    at_it = now - NUMBERS.answer_within
    return Task.objects.awake(now).filter(user__in=list(people)).exclude(started_at__gt=at_it)


def due_soon(
    people: Mapping[UUID, User], now: datetime, numbers: NudgeNumbers = NUMBERS
) -> list[Found]:
    """What is due within the day to come: the nearer, the more."""
    soon = _awake(people, now).filter(
        due_at__gt=now + timedelta(minutes=10), due_at__lte=now + numbers.due_soon
    )
    found = []
    for task in _first_of_each(soon, F("due_at").asc(), F("priority").desc()):
        if task.due_at is None:
            continue
        near = 1 - (task.due_at - now) / numbers.due_soon
        found.append(
            Found(
                NudgeTrigger.DUE_SOON,
                task,
                min(0.95, 0.45 + 0.35 * near + 0.05 * task.priority),
                min(task.due_at, now + numbers.answer_within),
                {"task": task.title, "due": _due_words(task, people[task.user_id], now)},
            )
        )
    return found


def overdue(
    people: Mapping[UUID, User], now: datetime, numbers: NudgeNumbers = NUMBERS
) -> list[Found]:
    """What was due: freshly so, above all."""
    late = _awake(people, now).filter(due_at__lte=now, due_at__gt=now - numbers.overdue_for)
    found = []
    for task in _first_of_each(late, F("priority").desc(), F("due_at").desc()):
        if task.due_at is None:
            continue
        fresh = 1 - (now - task.due_at) / numbers.overdue_for
        found.append(
            Found(
                NudgeTrigger.OVERDUE,
                task,
                min(0.9, 0.35 + 0.3 * fresh + 0.08 * task.priority),
                now + numbers.answer_within,
                {"task": task.title, "late": _late_words(task, people[task.user_id], now)},
            )
        )
    return found


def snoozed_often(
    people: Mapping[UUID, User], now: datetime, numbers: NudgeNumbers = NUMBERS
) -> list[Found]:
    """What came back after it was put off again and again."""
    tasks = _awake(people, now).filter(snooze_count__gte=numbers.snoozed_often)
    return [
        Found(
            NudgeTrigger.SNOOZED_OFTEN,
            task,
            0.5 + 0.05 * min(6, task.snooze_count - numbers.snoozed_often),
            now + numbers.answer_within,
            {"task": task.title, "times": f"{task.snooze_count} times"},
        )
        for task in _first_of_each(tasks, F("snooze_count").desc(), F("priority").desc())
    ]


def inactive(
    people: Mapping[UUID, User], now: datetime, numbers: NudgeNumbers = NUMBERS
) -> list[Found]:
    """The first open task of those whose list has not moved for days."""
    since = now - numbers.inactive_days * DAY
    theirs = TaskEvent.objects.filter(user=OuterRef("user")).exclude(source=ChangeSource.SYSTEM)
    last = theirs.order_by().values("user").annotate(at=Max("created_at")).values("at")
    still = (
        _awake(people, now)
        .filter(~Exists(theirs.filter(created_at__gt=since)), created_at__lte=since)
        .annotate(last_moved=Subquery(last))
    )
    found = []
    order = (F("due_at").asc(nulls_last=True), F("priority").desc())
    for task in _first_of_each(still, *order):
        moved: datetime = getattr(task, "last_moved", None) or task.created_at
        days = max(numbers.inactive_days, (now - moved).days)
        found.append(
            Found(
                NudgeTrigger.INACTIVE,
                task,
                min(0.6, 0.3 + 0.04 * days),
                now + numbers.answer_within,
                {"task": task.title, "days": f"{days} days"},
            )
        )
    return found


def overloaded(
    people: Mapping[UUID, User], now: datetime, numbers: NudgeNumbers = NUMBERS
) -> list[Found]:
    """The task easiest to move of those whose coming week holds more work than working hours."""
    week = Task.objects.open().filter(
        user__in=list(people),
        due_at__gt=now,
        due_at__lte=now + numbers.week,
        estimated_minutes__isnull=False,
    )
    loads = (
        week.order_by()
        .values("user")
        .annotate(minutes=Sum("estimated_minutes"), count=Count("pk"))
        .filter(count__gte=numbers.overloaded)
        .values_list("user", "minutes", "count")
    )
    over = {
        pk: (minutes, count)
        for pk, minutes, count in loads
        if minutes > working_minutes(people[pk])
    }
    if not over:
        return []
    order = (F("priority").asc(), F("due_at").desc())
    return [
        Found(
            NudgeTrigger.OVERLOADED,
            task,
            min(0.7, 0.3 + 0.2 * over[task.user_id][0] / working_minutes(people[task.user_id])),
            now + numbers.answer_within,
            {
                "task": task.title,
                "tasks": str(over[task.user_id][1]),
                "hours": f"{round(over[task.user_id][0] / 60)} hours",
            },
        )
        for task in _first_of_each(week.filter(user__in=list(over)), *order, limit=1)
    ]


def working_minutes(user: User) -> int:
    """How many minutes of a week the person works; Monday to Friday, nine to five where nothing is told."""
    hours = user.work_hours if isinstance(user.work_hours, dict) else {}
    known = {day: hours[day] for day in WEEKDAYS if day in hours} or USUAL_WORK
    total = 0
    for pair in known.values():
        try:
            begins, ends = (time.fromisoformat(str(clock)) for clock in pair)
        except (TypeError, ValueError):
            continue
        length = (ends.hour * 60 + ends.minute) - (begins.hour * 60 + begins.minute)
        total += length if length > 0 else length + 24 * 60
    return max(total, 60)


def slot_begins(
    people: Mapping[UUID, User], now: datetime, numbers: NudgeNumbers = NUMBERS
) -> list[Found]:
    """What the person planned for about now."""
    around = _awake(people, now).filter(
        planned_start__gt=now - numbers.slot_after,
        planned_start__lte=now + numbers.slot_before,
        planned_end__gt=now,
    )
    found = []
    for task in _first_of_each(around, F("planned_start").asc()):
        if task.planned_start is None or task.planned_end is None:
            continue
        clock = task.planned_start.astimezone(people[task.user_id].tz)
        found.append(
            Found(
                NudgeTrigger.SLOT_BEGINS,
                task,
                0.9,
                min(task.planned_end, now + numbers.answer_within),
                {"task": task.title, "at": f"{clock:%H:%M}"},
            )
        )
    return found


FINDERS = {
    NudgeTrigger.DUE_SOON: due_soon,
    NudgeTrigger.OVERDUE: overdue,
    NudgeTrigger.SNOOZED_OFTEN: snoozed_often,
    NudgeTrigger.INACTIVE: inactive,
    NudgeTrigger.OVERLOADED: overloaded,
    NudgeTrigger.SLOT_BEGINS: slot_begins,
}
# An example of every fact that a trigger tells.
SAMPLES: Mapping[NudgeTrigger, Mapping[str, str]] = {
    NudgeTrigger.DUE_SOON: {"task": "Tax form", "due": "tomorrow at 12:00"},
    NudgeTrigger.OVERDUE: {"task": "Tax form", "late": "Monday"},
    NudgeTrigger.SNOOZED_OFTEN: {"task": "Tax form", "times": "4 times"},
    NudgeTrigger.INACTIVE: {"task": "Tax form", "days": "5 days"},
    NudgeTrigger.OVERLOADED: {"task": "Tax form", "tasks": "9", "hours": "52 hours"},
    NudgeTrigger.SLOT_BEGINS: {"task": "Tax form", "at": "14:00"},
    NudgeTrigger.ASKED: {"task": "Tax form"},
}


def purpose_of(trigger: NudgeTrigger) -> str:
    """The purpose of the templates of a trigger; the key of its need, too."""
    return f"productivity.{trigger}"


def _due_words(task: Task, user: User, now: datetime) -> str:
    if task.due_on is not None:
        return day_words(task.due_on, local_day(user, now))
    return moment_words(user, task.due_at or now, now)


def _late_words(task: Task, user: User, now: datetime) -> str:
    today = local_day(user, now)
    day = task.due_on or local_day(user, task.due_at)
    ago = (today - day).days
    if ago <= 1:
        return "yesterday" if ago == 1 else "earlier today"
    return f"{day:%A}" if ago < 7 else f"{day.day} {day:%B}"


# --- Whether it moved -----------------------------------------------------------------------------


# What of an edit moves a task on: a new date, a slot, a beginning.
MOVES = ("due_at", "due_on", "planned_start", "started_at", "parent_id", "title")


@dataclass(frozen=True)
class Stretch:
    """A task of a person (or all of theirs: `None`) from one moment to another."""

    user_id: UUID
    task_id: UUID | None
    since: datetime
    until: datetime


def moved(stretches: Sequence[Stretch]) -> list[bool]:
    """Whether each task, or one of its steps, was done, begun, given a date or let go of. One query.

    Putting it off is no answer.
    """
    if not stretches:
        return []
    rows = (
        TaskEvent.objects.filter(
            user__in={each.user_id for each in stretches},
            created_at__gte=min(each.since for each in stretches),
            created_at__lte=max(each.until for each in stretches),
        )
        .exclude(source=ChangeSource.SYSTEM)
        .values_list(
            "user_id", "task_id", "task__parent_id", "event_type", "event_payload", "created_at"
        )
    )
    by_user: dict[UUID, list[tuple[set[UUID | None], datetime]]] = {}
    for user_id, task_id, parent_id, kind, payload, at in rows:
        if _moves(kind, payload):
            by_user.setdefault(user_id, []).append(({task_id, parent_id}, at))
    return [
        any(
            each.since <= at <= each.until and (each.task_id is None or each.task_id in of)
            for of, at in by_user.get(each.user_id, ())
        )
        for each in stretches
    ]


def _moves(kind: str, payload: object) -> bool:
    if kind in ("complete", "delete"):
        return True
    after = payload.get("after", {}) if isinstance(payload, dict) else {}
    return kind == "modify" and any(name in after for name in MOVES)
