"""Making tasks of what a file says: looked at first, then brought in; the same file again changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User, time_ordered_id
from productivity.changing import TaskGone, add
from productivity.history import Act, hold
from productivity.models import ChangeSource, Task
from productivity.task_fields import LAST_POSITION, TaskRefused
from productivity.transfer.reading import FileOfTasks, Incoming

AT_ONCE = 200
OUR_NAMES = "@habyss"
NEW, KNOWN, REFUSED = "new", "known", "refused"


@dataclass(slots=True)
class Line:
    """What one task of the file becomes, or became."""

    line: int
    title: str
    outcome: str
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Report:
    """What an import makes, or made; `batch` is what takes all of it back."""

    lines: list[Line]
    left_out: list[str]
    batch: UUID | None = None

    def count(self, outcome: str) -> int:
        return sum(line.outcome == outcome for line in self.lines)

    @property
    def new(self) -> int:
        return self.count(NEW)

    @property
    def known(self) -> int:
        return self.count(KNOWN)

    @property
    def refused(self) -> int:
        return self.count(REFUSED)


def preview(user: User, file: FileOfTasks) -> Report:
    """What `bring_in` would make; nothing is written."""
    known = _known(user, file.tasks)
    lines = [
        Line(task.line, task.title, KNOWN if task.origin_id in known else NEW, task.notes)
        for task in file.tasks
    ]
    return Report(sorted(lines, key=lambda line: line.line), file.left_out)


def bring_in(
    user: User,
    file: FileOfTasks,
    *,
    now: datetime,
    tell: Callable[[int, int], None] | None = None,
) -> Report:
    """Makes the tasks that are not here yet, `AT_ONCE` in a transaction; those that are here stay as they are.

    A task that was brought once and deleted here stays deleted. `tell` is told how many of how many are looked at.
    """
    batch = time_ordered_id()
    lines: list[Line] = []
    for begin in range(0, len(file.tasks), AT_ONCE):
        chunk = file.tasks[begin : begin + AT_ONCE]
        with transaction.atomic():
            hold(user)
            known = _known(user, [*chunk, *_parents(file, chunk)])
            # Tasks are written before the steps that look for them.
            for part in (
                [task for task in chunk if not task.parent],
                [task for task in chunk if task.parent],
            ):
                act = Act(user, source=ChangeSource.IMPORT, now=now, batch=batch)
                lines.extend(_bring(act, task, known) for task in part)
                act.close()
        if tell is not None:
            tell(min(begin + AT_ONCE, len(file.tasks)), len(file.tasks))
    report = Report(sorted(lines, key=lambda line: line.line), file.left_out, batch)
    if not report.new:
        report.batch = None
    return report


def _parents(file: FileOfTasks, chunk: list[Incoming]) -> list[Incoming]:
    wanted = {task.parent for task in chunk if task.parent}
    return [task for task in file.tasks if task.origin_id in wanted]


def _known(user: User, tasks: list[Incoming]) -> dict[str, UUID]:
    """The tasks that are here already, by their names elsewhere: also those that came from here."""
    if not tasks:
        return {}
    mine = Task.objects.filter(user=user)
    names = [task.origin_id for task in tasks]
    known = dict(
        mine.filter(origin=tasks[0].origin, origin_id__in=names).values_list("origin_id", "pk")
    )
    ours = {}
    for name in names:
        if name.endswith(OUR_NAMES):
            try:
                ours[UUID(name.removesuffix(OUR_NAMES))] = name
            except ValueError:
                continue
    for pk in mine.filter(pk__in=ours).values_list("pk", flat=True):
        known[ours[pk]] = pk
    return known


def _bring(act: Act, task: Incoming, known: dict[str, UUID]) -> Line:
    if task.origin_id in known:
        return Line(task.line, task.title, KNOWN, task.notes)
    try:
        made = _made(act, task, _fields(task, known))
    except (TaskRefused, TaskGone) as refusal:
        return Line(task.line, task.title, REFUSED, [*task.notes, str(refusal)])
    known[task.origin_id] = made.pk
    return Line(task.line, task.title, NEW, task.notes)


def _made(act: Act, task: Incoming, fields: dict[str, Any]) -> Task:
    """The task; where the one it belongs to takes no steps any more, one that stands by itself."""
    how: dict[str, Any] = {
        "repeat": task.repeat,
        "origin": task.origin,
        "origin_id": task.origin_id,
        "is_unknown": True,
    }
    try:
        return add(act, fields, **how)[0]
    except (TaskRefused, TaskGone) as refusal:
        if fields.pop("parent_id", None) is None:
            raise
        task.notes.append(f"It stands by itself: {refusal}")
        return add(act, fields, **how)[0]


def _fields(task: Incoming, known: dict[str, UUID]) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "title": task.title,
        "description": task.description,
        "category": task.category,
        "priority": task.priority,
        "estimated_minutes": task.estimated_minutes,
    }
    for name in ("due_at", "completed_at", "created_at"):
        if getattr(task, name) is not None:
            fields[name] = getattr(task, name)
    if task.due_on is not None:
        fields["due_on"] = task.due_on
    if task.parent in known:
        fields["parent_id"] = known[task.parent]
        # As in the file; looking for the last one would ask once a step.
        fields["position"] = min(task.line, LAST_POSITION)
    return fields
