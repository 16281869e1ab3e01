"""One thing for many tasks at once: one transaction, one batch, and one undo."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User, time_ordered_id
from productivity.changing import complete_within, delete_within, edit_within, snooze_within
from productivity.history import Act, hold
from productivity.models import Task, TaskStatus
from productivity.task_fields import TaskRefused

MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Refusal:
    """A task that stays as it is, and why, in words."""

    task_id: UUID
    words: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The tasks as they are now, those that were refused, and what undoes it all (`None`: nothing changed)."""

    tasks: list[Task]
    refusals: list[Refusal]
    batch: UUID | None


def complete_many(
    user: User,
    ids: Collection[UUID],
    *,
    source: str,
    at: datetime | None = None,
    now: datetime | None = None,
) -> Outcome:
    """All of them are done."""
    return _each(user, ids, lambda act, task: complete_within(act, task, at=at), source, now)


def delete_many(
    user: User, ids: Collection[UUID], *, source: str, now: datetime | None = None
) -> Outcome:
    """All of them go among the deleted ones."""
    return _each(user, ids, delete_within, source, now, takes_deleted=True)


def snooze_many(
    user: User,
    ids: Collection[UUID],
    until: datetime,
    *,
    source: str,
    now: datetime | None = None,
) -> Outcome:
    """All of them rest until then."""
    return _each(user, ids, lambda act, task: snooze_within(act, task, until), source, now)


def edit_many(
    user: User,
    ids: Collection[UUID],
    changes: Mapping[str, Any],
    *,
    source: str,
    now: datetime | None = None,
) -> Outcome:
    """The same changes for all of them."""
    return _each(user, ids, lambda act, task: edit_within(act, task, changes), source, now)


def _each(
    user: User,
    ids: Collection[UUID],
    verb: Callable[[Act, Task], None],
    source: str,
    now: datetime | None,
    *,
    takes_deleted: bool = False,
) -> Outcome:
    """`verb` for each; one that is refused, before anything of it is written, holds nobody else up.

    Raises `TaskRefused` for too many, and `Task.DoesNotExist` when one of them is not this person's.
    """
    wanted = list(dict.fromkeys(ids))
    if len(wanted) > MOST_AT_ONCE:
        raise TaskRefused(f"Up to {MOST_AT_ONCE} tasks at once.")
    with transaction.atomic():
        hold(user)
        locked = Task.objects.filter(user=user, pk__in=wanted).select_for_update(no_key=True)
        tasks = {task.pk: task for task in locked.order_by("id")}
        if len(tasks) != len(wanted):
            raise Task.DoesNotExist
        batch = time_ordered_id()
        act = Act(user, source=source, now=now or timezone.now(), batch=batch)
        act.steps = _steps_of(tasks)
        refusals = []
        # A step that is named beside its task goes first: its task would take it along, and it would be changed twice.
        for task_id in sorted(wanted, key=lambda each: tasks[each].parent_id is None):
            task = tasks[task_id]
            try:
                if task.status == TaskStatus.DELETED and not takes_deleted:
                    raise TaskRefused(f"“{task.title}” is deleted. Bring it back first.")
                verb(act, task)
            except TaskRefused as refusal:
                refusals.append(Refusal(task_id, str(refusal)))
        changed = act.close()
    return Outcome([tasks[each] for each in wanted], refusals, batch if changed else None)


def _steps_of(tasks: Mapping[UUID, Task]) -> dict[UUID, list[Task]]:
    """The locked steps of each task; one that is among the tasks itself is the same object."""
    steps: dict[UUID, list[Task]] = {}
    found = Task.objects.filter(parent__in=list(tasks)).select_for_update(no_key=True)
    for step in found.order_by("position", "id"):
        if step.parent_id is not None:
            steps.setdefault(step.parent_id, []).append(tasks.get(step.pk, step))
    return steps
