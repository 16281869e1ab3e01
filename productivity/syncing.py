"""Changes of clients that were offline: merged field by field, never lost without a word, and done once.

A client tells its changes in their order, each with the version it was made on (`base`, the task's `updated_at`). What
happened since then counts as others' unless this client told it. Per change:

- Fields that nobody else changed since the base are changed. A field that both changed is a conflict, unless both
  gave it the same value; what can be merged of the change is merged.
- Done is done: completing a snoozed task completes it, snoozing a completed one leaves it completed and says so.
- Editing, completing, reopening or snoozing what was deleted is a conflict, and so is deleting what somebody else
  changed. Nothing is overwritten: the answer holds both versions, and a change on the new base settles it.
- A change told again is answered as the first time, and changes nothing.

What Habyss did by itself (a snooze that ended) is nobody's change.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User, time_ordered_id
from productivity import changing
from productivity.changing import TaskGone
from productivity.history import COUNTERS, hold, plain, version_of
from productivity.models import ChangeSource, SyncedChange, Task, TaskEvent, TaskStatus
from productivity.task_fields import TaskRefused, cleaned

MOST_CHANGES = 500
# How long a client may wait with telling a change again.
KEPT = timedelta(days=90)
CLIENT = "client"
Describe = Callable[[Task], dict[str, Any]]
_SOURCE = ChangeSource.API.value
# Columns that one field of a change stands for, where it is not the one of its name.
_COLUMNS = {
    "due_at": ("due_at", "due_on"),
    "due_on": ("due_at", "due_on"),
    "planned_start": ("planned_start", "planned_end"),
    "planned_end": ("planned_start", "planned_end"),
    "parent": ("parent_id",),
    "repeat": ("series_id", "occurrence_on"),
}


class Operation(StrEnum):
    """What a client did."""

    CREATE = "create"
    EDIT = "edit"
    COMPLETE = "complete"
    REOPEN = "reopen"
    SNOOZE = "snooze"
    DELETE = "delete"
    RESTORE = "restore"


class Outcome(StrEnum):
    """What became of it."""

    APPLIED = "applied"
    UNCHANGED = "unchanged"
    CONFLICT = "conflict"
    REFUSED = "refused"


@dataclass(frozen=True)
class Change:
    """One change of a client. The task is named by `task_id`, or by the `client_id` it was made with.

    `base` is the version it was made on (see `history.version_of`); none for what this client made itself.
    """

    change_id: str
    operation: Operation
    task_id: UUID | None = None
    client_id: str = ""
    base: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    parent_client_id: str = ""
    until: datetime | None = None
    at: datetime | None = None

    def digest(self) -> str:
        """The same for the same change."""
        told: list[Any] = [
            self.operation,
            self.task_id,
            self.client_id,
            self.base,
            sorted(self.fields.items()),
        ]
        told += [self.parent_client_id, self.until, self.at]
        return sha256(json.dumps(told, default=str).encode()).hexdigest()


@dataclass(frozen=True)
class _Verdict:
    """What becomes of a change: the task as it is now, and for a conflict as the client wanted it."""

    outcome: Outcome
    task: Task | None = None
    code: str = ""
    why: str = ""
    fields: tuple[str, ...] = ()
    yours: Task | None = None


def sync(
    user: User, client: str, changes: Iterable[Change], *, now: datetime, describe: Describe
) -> list[dict[str, Any]]:
    """Takes the changes of one device one after the other; returns what became of each.

    Each is a transaction of its own, so that a connection that breaks in the middle leaves whole changes behind.
    `describe` says what is answered of a task, as JSON.
    """
    return [_take(user, client, change, now, describe) for change in changes]


def prune(before: datetime) -> int:
    """Forgets changes that were told before a moment; returns how many."""
    return SyncedChange.objects.filter(created_at__lt=before).delete()[0]


def _take(
    user: User, client: str, change: Change, now: datetime, describe: Describe
) -> dict[str, Any]:
    digest = change.digest()
    with transaction.atomic():
        hold(user)
        known = SyncedChange.objects.filter(
            user=user, client=client, change_id=change.change_id
        ).first()
        if known is not None and known.digest == digest:
            told: dict[str, Any] = known.answer
            return told
        if known is not None:
            return _answer(change, _refused("change_id_reused", _REUSED), describe)
        batch = time_ordered_id()
        answer = _answer(change, _judged(user, client, change, batch, now), describe)
        SyncedChange.objects.create(
            user=user,
            client=client,
            change_id=change.change_id,
            digest=digest,
            batch=batch,
            answer=answer,
            created_at=now,
        )
        return answer


_REUSED = "This change_id was used for another change."


def _answer(change: Change, verdict: _Verdict, describe: Describe) -> dict[str, Any]:
    return {
        "change_id": change.change_id,
        "outcome": verdict.outcome.value,
        "code": verdict.code,
        "why": verdict.why,
        "fields": list(verdict.fields),
        "task": describe(verdict.task) if verdict.task else None,
        "yours": describe(verdict.yours) if verdict.yours else None,
    }


def _refused(code: str, why: str, task: Task | None = None) -> _Verdict:
    return _Verdict(Outcome.REFUSED, task, code, why)


def _judged(user: User, client: str, change: Change, batch: UUID, now: datetime) -> _Verdict:
    try:
        # What a verb wrote before it refused is taken back with it.
        with transaction.atomic():
            if change.operation == Operation.CREATE:
                return _create(user, change, batch, now)
            task = _named(user, change.task_id, change.client_id)
            if task is None:
                return _refused("not_found", "There is no such task.")
            since = _Since(user, client, task, change.base)
            return _VERBS[change.operation](user, task, change, since, batch, now)
    except TaskRefused as refusal:
        return _refused(
            "task_refused", str(refusal), _named(user, change.task_id, change.client_id)
        )
    except TaskGone as refusal:
        return _refused("parent_deleted", str(refusal))
    except Task.DoesNotExist:
        return _refused("parent_not_found", "There is no such task to be a step of.")


def _named(user: User, task_id: UUID | None, client_id: str) -> Task | None:
    mine = Task.objects.filter(user=user).select_related("series")
    if task_id is not None:
        return mine.filter(pk=task_id).first()
    return mine.filter(origin=CLIENT, origin_id=client_id).first() if client_id else None


class _Since:
    """What others changed of a task since the version a client knows."""

    def __init__(self, user: User, client: str, task: Task, base: str | None) -> None:
        self.task = task
        self._before: dict[str, Any] = {}
        if base is not None and base == version_of(task):
            return
        events = list(TaskEvent.objects.filter(task=task).order_by("id"))
        later = events if base is None else events[_known(events, base) :]
        own = set(
            SyncedChange.objects.filter(
                user=user, client=client, batch__in={event.batch for event in later if event.batch}
            ).values_list("batch", flat=True)
        )
        for event in later:
            if event.batch not in own and event.source != ChangeSource.SYSTEM:
                before = event.event_payload["before"]
                for name in event.event_payload["after"]:
                    self._before.setdefault(name, before.get(name, _NOTHING))

    def changed(self, *columns: str) -> bool:
        """Whether others gave one of the columns (none named: any) another value than the client knows."""
        names = columns or [name for name in self._before if name not in COUNTERS]
        return any(
            name in self._before and self._before[name] != plain(getattr(self.task, name))
            for name in names
        )


_NOTHING = object()


def _known(events: list[TaskEvent], base: str) -> int:
    """How many of the events, in their order, a client knows that has the version `base`."""
    for number in range(len(events), 0, -1):
        if events[number - 1].event_payload.get("version") == base:
            return number
    # A version that no change of a person's made: its moment says what was before.
    known_until = int(base, 16) // 1000
    return sum(int(event.pk.int >> 80) <= known_until for event in events)


def _create(user: User, change: Change, batch: UUID, now: datetime) -> _Verdict:
    fields = dict(change.fields)
    repeat = fields.pop("repeat", None)
    if change.parent_client_id:
        parent = _named(user, None, change.parent_client_id)
        if parent is None:
            raise Task.DoesNotExist
        fields["parent"] = parent.pk
    if change.at is not None:
        fields["created_at"] = min(change.at, now)
    task = changing.create(
        user,
        fields,
        source=_SOURCE,
        now=now,
        repeat=repeat,
        origin=CLIENT,
        origin_id=change.client_id,
        batch=batch,
    )
    return _done(task)


def _done(task: Task) -> _Verdict:
    return _Verdict(Outcome.APPLIED if task.change_id else Outcome.UNCHANGED, task)


def _edit(
    user: User, task: Task, change: Change, since: _Since, batch: UUID, now: datetime
) -> _Verdict:
    fields = dict(change.fields)
    values = cleaned(user, {name: value for name, value in fields.items() if name != "repeat"})
    wanted = _with(task, {**values, **_without_repeat(fields)})
    if task.status == TaskStatus.DELETED:
        return _deleted(task, wanted, tuple(sorted(fields)))
    in_conflict = tuple(
        sorted(name for name in fields if _clashes(name, task, fields, values, since))
    )
    merged = {name: value for name, value in fields.items() if name not in in_conflict}
    if merged:
        task = changing.edit(user, task.pk, merged, source=_SOURCE, now=now, batch=batch)
    if in_conflict:
        why = "Somebody else changed this, too. Which one is to stay?"
        return _Verdict(Outcome.CONFLICT, task, "changed_meanwhile", why, in_conflict, wanted)
    return _done(task)


def _without_repeat(fields: Mapping[str, Any]) -> dict[str, Any]:
    ends = "repeat" in fields and fields["repeat"] is None
    return {"series": None, "occurrence_on": None} if ends else {}


def _clashes(
    name: str,
    task: Task,
    fields: Mapping[str, Any],
    values: Mapping[str, Any],
    since: _Since,
) -> bool:
    """Whether others changed what this field stands for, to something else."""
    columns = _COLUMNS.get(name, (name,))
    if not since.changed(*columns):
        return False
    if name == "repeat":
        return fields["repeat"] is not None or task.series_id is not None
    return any(getattr(task, column) != values[column] for column in columns if column in values)


def _complete(
    user: User, task: Task, change: Change, since: _Since, batch: UUID, now: datetime
) -> _Verdict:
    at = min(change.at or now, now)
    if task.status == TaskStatus.DELETED:
        wanted = {"status": TaskStatus.COMPLETED.value, "completed_at": at, "deleted_at": None}
        return _deleted(task, _with(task, wanted))
    return _done(changing.complete(user, task.pk, source=_SOURCE, at=at, now=now, batch=batch))


def _reopen(
    user: User, task: Task, change: Change, since: _Since, batch: UUID, now: datetime
) -> _Verdict:
    wanted = _with(
        task, {"status": TaskStatus.PENDING.value, "completed_at": None, "deleted_at": None}
    )
    if task.status == TaskStatus.DELETED:
        return _deleted(task, wanted)
    if task.status == TaskStatus.COMPLETED and since.changed("status", "completed_at"):
        why = "Somebody else finished it in the meantime."
        return _Verdict(Outcome.CONFLICT, task, "changed_meanwhile", why, ("status",), wanted)
    return _done(changing.reopen(user, task.pk, source=_SOURCE, now=now, batch=batch))


def _snooze(
    user: User, task: Task, change: Change, since: _Since, batch: UUID, now: datetime
) -> _Verdict:
    until = change.until
    if until is None:
        raise TaskRefused("Say until when.")
    rests = {"status": TaskStatus.SNOOZED.value, "snoozed_until": until, "deleted_at": None}
    if task.status == TaskStatus.DELETED:
        return _deleted(task, _with(task, rests))
    if task.status == TaskStatus.COMPLETED:
        why = "It is done, so it need not rest."
        return _Verdict(Outcome.UNCHANGED, task, "completed_meanwhile", why)
    if since.changed("status", "snoozed_until") and task.snoozed_until != until:
        why = "Somebody else let it rest until another time, or woke it."
        fields = ("snoozed_until",)
        return _Verdict(
            Outcome.CONFLICT, task, "changed_meanwhile", why, fields, _with(task, rests)
        )
    return _done(changing.snooze(user, task.pk, until, source=_SOURCE, now=now, batch=batch))


def _delete(
    user: User, task: Task, change: Change, since: _Since, batch: UUID, now: datetime
) -> _Verdict:
    if task.status != TaskStatus.DELETED and since.changed():
        gone = {"status": TaskStatus.DELETED.value, "deleted_at": min(change.at or now, now)}
        why = "Somebody else changed it in the meantime, so it was not deleted."
        fields = ("deleted_at",)
        return _Verdict(Outcome.CONFLICT, task, "changed_meanwhile", why, fields, _with(task, gone))
    return _done(changing.delete(user, task.pk, source=_SOURCE, now=now, batch=batch))


def _restore(
    user: User, task: Task, change: Change, since: _Since, batch: UUID, now: datetime
) -> _Verdict:
    return _done(changing.restore(user, task.pk, source=_SOURCE, now=now, batch=batch))


def _deleted(task: Task, wanted: Task, fields: tuple[str, ...] = ("status",)) -> _Verdict:
    why = f"“{task.title}” was deleted in the meantime. Restore it to go on with it."
    return _Verdict(Outcome.CONFLICT, task, "deleted_meanwhile", why, fields, wanted)


def _with(task: Task, values: Mapping[str, Any]) -> Task:
    """A copy of the row as it would have become; nothing is written."""
    other = copy(task)
    for name, value in values.items():
        setattr(other, name, value)
    return other


_VERBS = {
    Operation.EDIT: _edit,
    Operation.COMPLETE: _complete,
    Operation.REOPEN: _reopen,
    Operation.SNOOZE: _snooze,
    Operation.DELETE: _delete,
    Operation.RESTORE: _restore,
}
