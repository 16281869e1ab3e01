"""What happens to tasks: made, edited, started, planned, snoozed, done, done again, deleted, brought back.

Every verb holds the person's tasks for itself and locks the row, calls `check` with it before anything changes (a caller
that read an older version says so there), and writes row, event and ledger in one transaction. Saying the same again
changes nothing. All raise `Task.DoesNotExist` for what is not this person's, `TaskGone` for what is deleted, and
`TaskRefused` in words for the person. `change_id` of the task they return is what `history.undo` takes.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.day import day_bounds, local_day
from accounts.models import User
from productivity.history import Act, hold
from productivity.models import (
    ChangeSource,
    Task,
    TaskEventType,
    TaskSeries,
    TaskStatus,
)
from productivity.querysets import OPEN
from productivity.recurrence import Repeat, due_of
from productivity.repeating import (
    as_before,
    bring_next,
    new_series,
    repeating,
    steps_of,
    take_next_away,
    was_moved,
)
from productivity.task_fields import (
    TaskRefused,
    cleaned,
    moment_within,
    refuse_bad_plan,
)

MOST_STEPS = 200
LONGEST_ORIGIN = 255
LONGEST_SNOOZE = timedelta(days=3660)
PLANNED_MINUTES = 30
# A device's clock may be a little ahead.
AHEAD = timedelta(minutes=5)
Check = Callable[[Task], None]


class TaskGone(Exception):
    """The task is deleted; bring it back first."""

    def __init__(self, task: Task) -> None:
        super().__init__(f"“{task.title}” is deleted. Bring it back first.")
        self.task = task


def create(
    user: User,
    fields: Mapping[str, Any],
    *,
    source: str,
    now: datetime | None = None,
    repeat: Repeat | None = None,
    origin: str = "",
    origin_id: str = "",
    batch: UUID | None = None,
) -> Task:
    """Makes a task of `user`, or gives the one that `origin` already calls `origin_id`.

    Args:
        fields: title, and any of description, due_at, due_on, category, priority, estimated_minutes, position,
            parent (or parent_id), planned_start, planned_end, created_at, completed_at (something done already).
        repeat: when it comes again; without a due date in `fields` it is due as its first day says.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        hold(user)
        act = Act(user, source=source, now=moment, batch=batch)
        task, is_new = add(act, fields, repeat=repeat, origin=origin, origin_id=origin_id)
        if is_new:
            act.close()
    return task


def add(
    act: Act,
    fields: Mapping[str, Any],
    *,
    repeat: Repeat | None = None,
    origin: str = "",
    origin_id: str = "",
    is_unknown: bool = False,
) -> tuple[Task, bool]:
    """`create` within a larger act: the task, and whether it is new. The row is written when the act is closed.

    `is_unknown` says that the caller looked already, and nothing is called `origin_id`.
    """
    user = act.user
    origin_id = origin_id[:LONGEST_ORIGIN]
    if origin_id and not is_unknown:
        known = Task.objects.filter(user=user, origin=origin, origin_id=origin_id).first()
        if known is not None:
            return known, False
    values = cleaned(user, fields)
    if "title" not in values:
        raise TaskRefused("Give it a title.")
    values.setdefault("created_at", act.now)
    parent_id = values.get("parent_id")
    if parent_id is not None:
        parent = _parent(user, parent_id, is_done=values.get("completed_at") is not None)
        if repeat is not None:
            raise TaskRefused("A step does not repeat by itself; its task can.")
        if "position" not in values:
            values["position"] = _next_position(parent)
    task = Task(user=user, origin=origin if origin_id else "", origin_id=origin_id, **values)
    if task.completed_at is not None:
        task.status = TaskStatus.COMPLETED
    if repeat is not None:
        task.series = new_series(user, repeat)
        task.occurrence_on = repeat.starts_on
        if task.due_at is None:
            task.due_at, task.due_on = due_of(user, repeat, repeat.starts_on)
    act.add(task, happened="task.created")
    return task, True


def edit(
    user: User,
    task_id: UUID,
    changes: Mapping[str, Any],
    *,
    source: str,
    now: datetime | None = None,
    check: Check | None = None,
    batch: UUID | None = None,
) -> Task:
    """Changes fields of a task: those of `create`, and `repeat` (a `Repeat`, or `None` to end repeating).

    Moving one occurrence leaves its series as it is.
    """
    with _changing(user, task_id, source, now, check, batch) as (act, task):
        edit_within(act, task, changes)
    return task


def edit_within(act: Act, task: Task, changes: Mapping[str, Any]) -> None:
    """`edit` within a larger act, of a locked row."""
    user = act.user
    if "created_at" in changes or "completed_at" in changes:
        raise TypeError("When it was made and done is not edited.")
    values = cleaned(user, {name: changes[name] for name in changes if name != "repeat"})
    parent_id = values.get("parent_id")
    if parent_id is not None and parent_id != task.parent_id:
        act.flush()
        _refuse_as_step(task, _parent(user, parent_id))
    refuse_bad_plan({**_plan_of(task), **values})
    if "repeat" in changes:
        values |= repeating(user, task, changes["repeat"], values, act.now)
    different = {name: value for name, value in values.items() if getattr(task, name) != value}
    if different:
        different["edit_count"] = task.edit_count + 1
        act.change(task, TaskEventType.MODIFY, different, happened="task.edited")


def start(
    user: User,
    task_id: UUID,
    *,
    source: str,
    now: datetime | None = None,
    check: Check | None = None,
    batch: UUID | None = None,
) -> Task:
    """The person works on it from now on; a snoozed task wakes."""
    with _changing(user, task_id, source, now, check, batch) as (act, task):
        _refuse_done(task)
        if task.started_at is None or task.status == TaskStatus.SNOOZED:
            fields = {"started_at": task.started_at or act.now, **_AWAKE}
            act.change(task, TaskEventType.MODIFY, fields, happened="task.started")
    return task


def plan(
    user: User,
    task_id: UUID,
    start: datetime | None,
    end: datetime | None,
    *,
    source: str,
    now: datetime | None = None,
    check: Check | None = None,
    batch: UUID | None = None,
) -> Task:
    """Gives the task a slot; `None` takes the slot away. Without an end it is as long as estimated."""
    with _changing(user, task_id, source, now, check, batch) as (act, task):
        _refuse_done(task)
        begins = moment_within(start) if start is not None else None
        ends = moment_within(end) if begins is not None and end is not None else None
        if begins is not None and ends is None:
            ends = begins + timedelta(minutes=task.estimated_minutes or PLANNED_MINUTES)
        slot = {"planned_start": begins, "planned_end": ends}
        refuse_bad_plan(slot)
        if (
            begins is not None
            and task.status == TaskStatus.SNOOZED
            and begins < (task.snoozed_until or begins)
        ):
            slot |= _AWAKE
        act.change(task, TaskEventType.MODIFY, slot, happened="task.planned")
    return task


def snooze(
    user: User,
    task_id: UUID,
    until: datetime,
    *,
    source: str,
    now: datetime | None = None,
    check: Check | None = None,
    batch: UUID | None = None,
) -> Task:
    """Lets the task rest until a later moment; a slot before that is given up. Its due date stays."""
    with _changing(user, task_id, source, now, check, batch) as (act, task):
        snooze_within(act, task, until)
    return task


def snooze_within(act: Act, task: Task, until: datetime) -> None:
    """`snooze` within a larger act, of a locked row."""
    _refuse_done(task)
    until = moment_within(until)
    if task.status == TaskStatus.SNOOZED and task.snoozed_until == until:
        return
    if until <= act.now:
        raise TaskRefused("That moment has already passed.")
    if until > act.now + LONGEST_SNOOZE:
        raise TaskRefused("A task can rest for up to ten years.")
    fields: dict[str, Any] = {
        "status": TaskStatus.SNOOZED.value,
        "snoozed_until": until,
        "snooze_count": task.snooze_count + 1,
    }
    if task.planned_start is not None and act.now < task.planned_start < until:
        fields |= {"planned_start": None, "planned_end": None}
    act.change(task, TaskEventType.SNOOZE, fields, happened="task.snoozed")


def complete(
    user: User,
    task_id: UUID,
    *,
    source: str,
    at: datetime | None = None,
    now: datetime | None = None,
    check: Check | None = None,
    batch: UUID | None = None,
) -> Task:
    """The task is done, with the steps that are still open; one that repeats comes again.

    `at` is when it was done (aware; default: now).
    """
    with _changing(user, task_id, source, now, check, batch) as (act, task):
        complete_within(act, task, at=at)
    return task


def complete_within(act: Act, task: Task, *, at: datetime | None = None) -> None:
    """`complete` within a larger act, of a locked row."""
    if task.status == TaskStatus.COMPLETED:
        return
    done_at = moment_within(at) if at is not None else act.now
    if done_at > act.now + AHEAD:
        raise TaskRefused("That moment has not come yet.")
    done = {
        "status": TaskStatus.COMPLETED.value,
        "completed_at": min(done_at, act.now),
        "snoozed_until": None,
    }
    steps = _standing_steps(act, task)
    for step in steps:
        if step.is_open:
            act.change(step, TaskEventType.COMPLETE, done)
    act.change(task, TaskEventType.COMPLETE, done, happened="task.completed")
    if task.series_id:
        bring_next(act, task, steps, local_day(act.user, done_at))


def reopen(
    user: User,
    task_id: UUID,
    *,
    source: str,
    now: datetime | None = None,
    check: Check | None = None,
    batch: UUID | None = None,
) -> Task:
    """The task is to be done after all. The next one of its series goes, if nobody touched it."""
    with _changing(user, task_id, source, now, check, batch) as (act, task):
        if task.status == TaskStatus.COMPLETED:
            _refuse_closed_parent(task)
            fields = {"status": TaskStatus.PENDING.value, "completed_at": None}
            act.change(task, TaskEventType.RESTORE, fields, happened="task.reopened")
            if task.series_id:
                take_next_away(act, task)
    return task


def delete(
    user: User,
    task_id: UUID,
    *,
    source: str,
    now: datetime | None = None,
    check: Check | None = None,
    batch: UUID | None = None,
    ends_series: bool = False,
) -> Task:
    """Puts the task with its steps among the deleted ones, from where it can be brought back.

    An occurrence that is deleted is left out, and the next one comes; with `ends_series` none comes any more.
    """
    with _changing(user, task_id, source, now, check, batch, takes_deleted=True) as (act, task):
        delete_within(act, task, ends_series=ends_series)
    return task


def delete_within(act: Act, task: Task, *, ends_series: bool = False) -> None:
    """`delete` within a larger act, of a locked row."""
    if task.status == TaskStatus.DELETED:
        return
    was_open = task.is_open
    gone = {"status": TaskStatus.DELETED.value, "deleted_at": act.now}
    steps = _standing_steps(act, task)
    for step in steps:
        act.change(step, TaskEventType.DELETE, gone)
    act.change(task, TaskEventType.DELETE, gone, happened="task.deleted")
    if task.series_id and ends_series:
        TaskSeries.objects.filter(pk=task.series_id, ended_at__isnull=True).update(ended_at=act.now)
    elif task.series_id and was_open:
        bring_next(act, task, steps, local_day(act.user, act.now) - timedelta(days=1))


def restore(
    user: User,
    task_id: UUID,
    *,
    source: str,
    now: datetime | None = None,
    check: Check | None = None,
    batch: UUID | None = None,
) -> Task:
    """Brings a deleted task back as it was, with the steps that were deleted along with it."""
    with _changing(user, task_id, source, now, check, batch, takes_deleted=True) as (act, task):
        if task.status == TaskStatus.DELETED:
            _refuse_closed_parent(task)
            with_it = steps_of(task).filter(status=TaskStatus.DELETED, deleted_at=task.deleted_at)
            steps = [] if task.parent_id else list(with_it)
            fields = as_before(task, act.now)
            act.change(task, TaskEventType.RESTORE, fields, happened="task.restored")
            for step in steps:
                act.change(step, TaskEventType.RESTORE, as_before(step, act.now))
            if task.series_id and task.is_open:
                TaskSeries.objects.filter(pk=task.series_id).update(ended_at=None)
                take_next_away(act, task)
    return task


def keep_whole_days(user: User, *, now: datetime) -> int:
    """Works out anew when the person's whole days, and the clock times of what repeats, are; returns how many moved.

    For a person who lives in another zone from now on, or whose day begins at another hour.
    """
    with transaction.atomic():
        hold(user)
        act = Act(user, source=ChangeSource.SYSTEM, now=now)
        mine = Task.objects.filter(user=user, status__in=OPEN, due_at__isnull=False)
        for task in mine.filter(due_on__isnull=False).select_for_update(no_key=True):
            if task.due_on is not None:
                moved = {"due_at": day_bounds(user, task.due_on)[1]}
                act.change(task, TaskEventType.MODIFY, moved)
        clocks = mine.filter(due_on__isnull=True, series__local_time__isnull=False)
        for task in clocks.select_related("series").select_for_update(no_key=True, of=("self",)):
            if task.series and task.occurrence_on and not was_moved(task):
                due_at, _ = due_of(user, Repeat.of(task.series), task.occurrence_on)
                act.change(task, TaskEventType.MODIFY, {"due_at": due_at})
        return len(act.close())


_AWAKE: dict[str, Any] = {"status": TaskStatus.PENDING.value, "snoozed_until": None}


@contextmanager
def _changing(
    user: User,
    task_id: UUID,
    source: str,
    now: datetime | None,
    check: Check | None,
    batch: UUID | None,
    *,
    takes_deleted: bool = False,
) -> Iterator[tuple[Act, Task]]:
    """The locked row and an act around its change."""
    with transaction.atomic():
        hold(user)
        task = Task.objects.filter(user=user).select_for_update(no_key=True).get(pk=task_id)
        if check is not None:
            check(task)
        if task.status == TaskStatus.DELETED and not takes_deleted:
            raise TaskGone(task)
        act = Act(user, source=source, now=now or timezone.now(), batch=batch)
        yield act, task
        act.close()


def _standing_steps(act: Act, task: Task) -> list[Task]:
    """The locked steps of a task that are not deleted."""
    if task.parent_id is not None:
        return []
    steps = act.steps.get(task.pk, []) if act.steps is not None else steps_of(task)
    return [step for step in steps if step.status != TaskStatus.DELETED]


def _refuse_done(task: Task) -> None:
    if task.status == TaskStatus.COMPLETED:
        raise TaskRefused(f"“{task.title}” is done already.")


def _parent(user: User, parent_id: UUID, *, is_done: bool = False) -> Task:
    """The locked task that gets a step; one that is done takes only steps that are done."""
    found = Task.objects.filter(user=user, pk=parent_id).select_for_update(no_key=True).first()
    if found is None:
        raise Task.DoesNotExist
    if found.status == TaskStatus.DELETED:
        raise TaskGone(found)
    if found.status == TaskStatus.COMPLETED and not is_done:
        raise TaskRefused(f"“{found.title}” is done already; it takes no new steps.")
    if found.parent_id is not None:
        raise TaskRefused("A step has no steps of its own.")
    return found


def _refuse_as_step(task: Task, parent: Task) -> None:
    if parent.pk == task.pk:
        raise TaskRefused("A task is no step of itself.")
    if task.series_id is not None:
        raise TaskRefused("What repeats cannot be a step.")
    if Task.objects.filter(parent=task, deleted_at__isnull=True).exists():
        raise TaskRefused("It has steps of its own, so it cannot be a step.")


def _refuse_closed_parent(task: Task) -> None:
    """A step comes back only into a task that stands."""
    if task.parent_id is None:
        return
    parent = Task.objects.get(pk=task.parent_id)
    if parent.status == TaskStatus.DELETED:
        raise TaskRefused(
            f"“{parent.title}”, which it belongs to, is deleted. Bring that back first."
        )


def _next_position(parent: Task) -> int:
    found = Task.objects.filter(parent=parent).aggregate(last=Max("position"))["last"]
    if found is not None and found >= MOST_STEPS:
        raise TaskRefused(f"{MOST_STEPS} steps are as many as a task has room for.")
    return 0 if found is None else found + 1


def _plan_of(task: Task) -> dict[str, Any]:
    return {"planned_start": task.planned_start, "planned_end": task.planned_end}
