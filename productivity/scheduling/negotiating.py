"""When more is asked than fits: what could move, shrink, go or wait, with the least value lost."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import models, transaction

from accounts.day import day_bounds, local_day
from accounts.models import User
from productivity import changing
from productivity.history import hold
from productivity.models import PlanningHours, Priority, Task
from productivity.task_fields import TaskRefused

from .capacity import Capacity, measured, week_of
from .constants import FITTING
from .finding import length_in_steps
from .free_time import Calendar
from .scoring import urgency_of_deadline
from .wording import minutes_words


class What(models.TextChoices):
    """What could be done with a task."""

    MOVE = "move", "Take it out of the week"
    SMALLER = "smaller", "Make it smaller"
    LET_GO = "let_go", "Let it go"
    LATER = "later", "Ask for later"


@dataclass(frozen=True)
class Proposal:
    """One way to make room: `minutes` that get free, `value_lost` (compares the proposals of one answer)."""

    task: Task
    what: What
    words: str
    minutes: int
    value_lost: float


def renegotiate(user: User, *, now: datetime) -> list[Proposal]:
    """Proposals that together make the coming seven days fit, the least loss first; empty when they fit already.

    One proposal for each task. What was left alone lately is not proposed again.
    """
    week, tasks, calendar = measured(user, now=now)
    return proposals_for(week, tasks, calendar, left_alone(user, now=now))


def proposals_for(
    week: Capacity, tasks: list[Task], calendar: Calendar, left: set[UUID]
) -> list[Proposal]:
    """The proposals, from what is known; smallest loss per minute first, until it fits."""
    too_much = week.asked_minutes - week.free_minutes
    if too_much <= 0:
        return []
    ways = [
        min(found, key=lambda one: (one.value_lost / one.minutes, one.what))
        for task in tasks
        if task.pk not in left and task.started_at is None
        if (found := list(ways_for(task, calendar)))
    ]
    chosen: list[Proposal] = []
    for way in sorted(ways, key=lambda one: (one.value_lost / one.minutes, one.task.pk)):
        if too_much <= 0 or len(chosen) == FITTING.proposals:
            break
        chosen.append(way)
        too_much -= way.minutes
    return chosen


def ways_for(task: Task, calendar: Calendar) -> Iterator[Proposal]:
    """Everything that could be done with one task, with what it costs."""
    now, user = calendar.now, calendar.user
    minutes = calendar.lengths.of(task).minutes
    worth = worth_of(task, now)
    title = f"“{task.title}”"
    ends = calendar.until
    if task.due_at is None or task.due_at > ends:
        # In the week only by its slot: without it, it waits for a later one.
        words = f"Take {title} out of this week's plan; nothing asks for it before it is over."
        yield Proposal(task, What.MOVE, words, minutes, FITTING.move_costs * worth)
    else:
        due = _later_due(user, task, now)
        words = f"Ask for more time for {title}, until {local_day(user, due - timedelta(seconds=1)):%-d %B}."
        yield Proposal(task, What.LATER, words, minutes, FITTING.later_costs * worth)
    if task.estimated_minutes and task.estimated_minutes >= FITTING.smaller_from:
        smaller = smaller_minutes(task)
        words = (
            f"Make {title} smaller: {minutes_words(smaller)} instead of {minutes_words(minutes)}."
        )
        cost = FITTING.smaller_costs * worth * (1 - FITTING.smaller_share)
        yield Proposal(task, What.SMALLER, words, minutes - smaller, cost)
    is_old = now - task.created_at > timedelta(days=FITTING.old_days)
    often = task.snooze_count >= FITTING.snoozed_often
    if task.priority <= Priority.LOW and task.series_id is None and (is_old or often):
        why = "was snoozed again and again" if often else "has waited for a long time"
        words = f"Let {title} go: it {why}. You can bring it back."
        yield Proposal(task, What.LET_GO, words, minutes, FITTING.let_go_costs * worth)


def worth_of(task: Task, now: datetime) -> float:
    """What it costs not to do the task this week: something in any case, more with priority and a near due date."""
    pressing = FITTING.worth_of_deadline * urgency_of_deadline(task.due_at, now)
    return FITTING.least_worth + task.priority + pressing


def smaller_minutes(task: Task) -> int:
    return length_in_steps((task.estimated_minutes or 0) * FITTING.smaller_share)


def _later_due(user: User, task: Task, now: datetime) -> datetime:
    """A week after it is due, beyond the week that is looked at."""
    assert task.due_at is not None  # noqa: S101 - asked only of what is due
    due_at = task.due_at
    after = day_bounds(user, week_of(user, now)[1])[1]
    while due_at <= after:
        due_at += FITTING.later
    return due_at


def take_up(
    user: User, task_id: UUID, what: str, *, source: str, now: datetime, batch: UUID | None = None
) -> Task:
    """Does what was proposed; the same again within the week changes nothing more.

    Raises `Task.DoesNotExist` for what is not this person's, `TaskRefused` when it does not (any more) apply.
    """
    way = What(what)
    with transaction.atomic():
        hold(user)
        task = Task.objects.get(pk=task_id, user=user)
        chosen = _hours_row(user)
        done = chosen.left_alone.get(str(task_id), {})
        if done.get("what") == way.value and _is_valid(done, now):
            return task
        if not task.is_open:
            raise TaskRefused(f"“{task.title}” is no longer to be done.")
        if way is What.LET_GO:
            task = changing.delete(user, task_id, source=source, now=now, batch=batch)
        elif way is What.MOVE:
            task = changing.plan(user, task_id, None, None, source=source, now=now, batch=batch)
        else:
            changes = _changes(user, task, way, now)
            task = changing.edit(user, task_id, changes, source=source, now=now, batch=batch)
            if way is What.LATER and task.planned_start is not None:
                changing.plan(user, task_id, None, None, source=source, now=now, batch=batch)
                task.refresh_from_db()
        _note(chosen, task_id, now, way.value)
    return task


def _changes(user: User, task: Task, way: What, now: datetime) -> dict[str, Any]:
    if way is What.SMALLER:
        if not task.estimated_minutes or task.estimated_minutes < FITTING.smaller_from:
            raise TaskRefused(f"“{task.title}” is small already.")
        return {"estimated_minutes": smaller_minutes(task)}
    if task.due_at is None:
        raise TaskRefused(f"“{task.title}” is not due on any day.")
    due_at = _later_due(user, task, now)
    if task.due_on is not None:
        return {"due_on": local_day(user, due_at - timedelta(seconds=1))}
    return {"due_at": due_at}


def leave(user: User, task_id: UUID, *, now: datetime) -> None:
    """The task stays as it is; nothing is proposed for it for a week. Raises `Task.DoesNotExist`."""
    with transaction.atomic():
        hold(user)
        Task.objects.get(pk=task_id, user=user)
        _note(_hours_row(user), task_id, now, "")


def left_alone(user: User, *, now: datetime) -> set[UUID]:
    """Tasks nothing is proposed for: answered lately."""
    row = PlanningHours.objects.filter(user=user).only("left_alone").first()
    told = row.left_alone if row else {}
    return {UUID(key) for key, note in told.items() if _is_valid(note, now)}


def _is_valid(note: dict[str, str], now: datetime) -> bool:
    return "until" in note and datetime.fromisoformat(note["until"]) > now


def _hours_row(user: User) -> PlanningHours:
    PlanningHours.objects.get_or_create(user=user)
    return PlanningHours.objects.select_for_update().get(user=user)


def _note(row: PlanningHours, task_id: UUID, now: datetime, what: str) -> None:
    """Keeps the answer as long as it counts; what no longer counts goes."""
    kept = {key: note for key, note in row.left_alone.items() if _is_valid(note, now)}
    kept[str(task_id)] = {"what": what, "until": (now + FITTING.left_alone).isoformat()}
    row.left_alone = kept
    row.save(update_fields=["left_alone", "updated_at"])
