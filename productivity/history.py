"""Every change of a task as an event, in the transaction of the change; and taking changes back.

`Act` is how anything changes a task: it writes rows and events together, tells the ledger, and lets open pages and the
measures know once all is committed. Folding a task's events (`folded`) gives its row.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import Jsonb
from django.db.models import Field, Q, QuerySet
from django.utils import timezone

from accounts.day import local_day
from accounts.models import User, time_ordered_id
from accounts.rest.etags import etag_of
from coaching import context_cache, ledger
from coaching.outreach.live import announce_tile
from coaching.queueing import after_commit
from productivity.models import Task, TaskEvent, TaskEventType, TaskSeries, TaskStatus
from productivity.querysets import OPEN

TILE = "productivity.tasks"
UPDATE_FEATURES = "productivity.tasks.update_features"
# Everything of a row that events tell; `updated_at` is when the row was written.
TRACKED = (
    "parent_id",
    "series_id",
    "occurrence_on",
    "title",
    "description",
    "status",
    "due_at",
    "due_on",
    "category",
    "priority",
    "estimated_minutes",
    "position",
    "snoozed_until",
    "started_at",
    "planned_start",
    "planned_end",
    "completed_at",
    "snooze_count",
    "edit_count",
    "origin",
    "origin_id",
    "created_at",
    "deleted_at",
)
# How often something happened is put back by as much, whatever came between.
COUNTERS = ("snooze_count", "edit_count")


class UndoRefused(Exception):
    """This change cannot be taken back any more; the text says why, in words for the person."""


def hold(user: User) -> None:
    """Lets one change of the person's tasks after the other; until the transaction ends.

    What follows reads what the one before wrote, also rows it added, and no two changes wait for each other in a ring.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('tasks of ' || %s::text, 0))", [user.pk]
        )


class Act:
    """Changes of a person's tasks that are made at once. Use within a transaction, after `hold`."""

    def __init__(
        self, user: User, *, source: str, now: datetime, batch: UUID | None = None
    ) -> None:
        self.user, self.source, self.now, self.batch = user, source, now, batch
        # The steps of the tasks at hand, where the caller read all of them at once; else each verb asks for its own.
        self.steps: Mapping[UUID, list[Task]] | None = None
        self._added: list[Task] = []
        self._unwritten: dict[UUID, tuple[Task, set[str]]] = {}
        self._events: list[tuple[Task, TaskEvent, str]] = []

    def add(self, task: Task, *, happened: str = "", undoes: TaskEvent | None = None) -> None:
        """Adds a new row; it is written by `close`."""
        self._added.append(task)
        default = Task()
        after = {
            name: plain(getattr(task, name))
            for name in TRACKED
            if name in ("status", "created_at") or getattr(task, name) != getattr(default, name)
        }
        self._tell(task, TaskEventType.CREATE, {}, after, happened, undoes)

    def change(
        self,
        task: Task,
        kind: TaskEventType,
        fields: Mapping[str, Any],
        *,
        happened: str = "",
        undoes: TaskEvent | None = None,
    ) -> bool:
        """Sets those of `fields` that differ, with an event; returns whether any did.

        The rows are written by `close`, all at once, or by `flush`. `happened` is what the ledger calls it
        ("task.edited"); empty for what follows from something else.
        """
        different = {name: value for name, value in fields.items() if getattr(task, name) != value}
        if not different:
            return False
        known = self._unwritten.get(task.pk)
        if known is not None and known[0] is not task:
            # The same row read twice: each writes what it changed.
            self.flush()
        before = {name: plain(getattr(task, name)) for name in different}
        for name, value in different.items():
            setattr(task, name, value)
        self._unwritten.setdefault(task.pk, (task, set()))[1].update(different)
        after = {name: plain(getattr(task, name)) for name in different}
        self._tell(task, kind, before, after, happened, undoes)
        return True

    def flush(self) -> None:
        """Writes the changes so far, for a question to the database that depends on them."""
        unwritten, self._unwritten = self._unwritten, {}
        if len(unwritten) == 1:
            ((task, names),) = unwritten.values()
            task.save(update_fields=[*names, "updated_at"])
            return
        alike: dict[tuple[str, ...], list[Task]] = {}
        moment = timezone.now()
        for task, names in unwritten.values():
            task.updated_at = moment
            alike.setdefault((*sorted(names), "updated_at"), []).append(task)
        for changed, tasks in alike.items():
            _write(tasks, changed)

    def _tell(
        self,
        task: Task,
        kind: TaskEventType,
        before: dict[str, Any],
        after: dict[str, Any],
        happened: str,
        undoes: TaskEvent | None,
    ) -> None:
        event = TaskEvent(
            task=task,
            user=self.user,
            event_type=kind,
            event_payload={"before": before, "after": after},
            source=self.source,
            undoes=undoes,
            created_at=self.now,
        )
        self._events.append((task, event, happened))

    def close(self) -> list[Task]:
        """Writes what was collected; returns the changed tasks. `change_id` of each is what `undo` takes."""
        if not self._events:
            return []
        if self.batch is None and len(self._events) > 1:
            self.batch = time_ordered_id()
        self.flush()
        if self._added:
            Task.objects.bulk_create(self._added)
        for task, event, _ in self._events:
            event.batch = self.batch
            event.event_payload["version"] = version_of(task)
            task.change_id = self.batch or event.pk
        TaskEvent.objects.bulk_create(event for _, event, _ in self._events)
        if self._tell_ledger():
            after_commit(UPDATE_FEATURES, str(self.user.pk))
        transaction.on_commit(self._announce, robust=True)
        return list({task.pk: task for task, _, _ in self._events}.values())

    def _announce(self) -> None:
        announce_tile(self.user.pk, TILE)

    def _tell_ledger(self) -> bool:
        """Whether anything was kept: not without the person's consent."""
        rows = [
            ledger.NewRow(
                interaction_type=happened,
                idempotency_key=f"task:{event.pk}",
                occurred_at=_occurred_at(task, event, happened),
                received_at=timezone.now(),
                raw_data=self._facts(task, event, _occurred_at(task, event, happened)),
            )
            for task, event, happened in self._events
            if happened
        ]
        if not rows:
            context_cache.invalidate(self.user.pk)
        if len(rows) > 1:
            return bool(ledger.record_many(self.user, rows, source=self.source))
        return any(
            ledger.record(
                self.user,
                row.interaction_type,
                raw_data=row.raw_data,
                source=self.source,
                idempotency_key=row.idempotency_key,
                occurred_at=row.occurred_at,
            )
            for row in rows
        )

    def _facts(self, task: Task, event: TaskEvent, occurred_at: datetime) -> dict[str, Any]:
        """What a later projection needs to know; no words of the person's."""
        return {
            "task": str(task.pk),
            "category": task.category,
            "priority": task.priority,
            "estimated_minutes": task.estimated_minutes,
            "due_at": plain(task.due_at),
            "local_date": local_day(self.user, occurred_at).isoformat(),
            "fields": sorted(event.event_payload["after"]),
            "is_step": task.parent_id is not None,
        }


def _write(tasks: Iterable[Task], names: Iterable[str]) -> None:
    """Writes these fields of many rows in one statement."""
    table = connection.ops.quote_name(Task._meta.db_table)
    columns = ", ".join(f"{name} = told.{name}" for name in names)
    rows = [
        {"id": str(task.pk), **{name: plain(getattr(task, name)) for name in names}}
        for task in tasks
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} row SET {columns}"  # noqa: S608 - names of our own
            f" FROM jsonb_populate_recordset(NULL::{table}, %s) told WHERE row.id = told.id",
            [Jsonb(rows)],
        )


def _occurred_at(task: Task, event: TaskEvent, happened: str) -> datetime:
    """Something done was done when it was done, and is taken back at that moment; all else happens when it is told."""
    if happened == "task.completed":
        return min(task.completed_at or event.created_at, event.created_at)
    was_done = event.event_payload["before"].get("completed_at")
    if happened == "task.reopened" and was_done:
        return min(datetime.fromisoformat(was_done), event.created_at)
    return event.created_at


def version_of(task: Task) -> str:
    """The name of a row's present version: what its tag says, too. Its newest event has it as `version`."""
    return etag_of(task).strip('"')


def plain(value: Any) -> Any:
    """The value as JSON. Moments in UTC, so that equal ones are written alike."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else int(value) if _is_number(value) else value


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _value(name: str, told: Any) -> Any:
    """What `plain` wrote of the field, as the row holds it."""
    field = Task._meta.get_field(name.removesuffix("_id") if name != "origin_id" else name)
    assert isinstance(field, Field)  # noqa: S101 - no relation from elsewhere is tracked
    return field.to_python(told) if told is not None else None


def folded(events: Iterable[TaskEvent]) -> dict[str, Any]:
    """The tracked fields of a task as its events, in order, leave them."""
    default = Task()
    row = {name: getattr(default, name) for name in TRACKED}
    for event in events:
        for name, told in event.event_payload["after"].items():
            row[name] = _value(name, told)
    return row


def events_of(task: Task) -> QuerySet[TaskEvent]:
    """The changes of a task, newest first, with what took each of them back."""
    return TaskEvent.objects.filter(task=task).select_related("undone_by").order_by("-id")


def undo(user: User, change: UUID, *, source: str, now: datetime | None = None) -> list[Task]:
    """Takes back what was changed: an event with what followed from it, or everything of a batch.

    Every field gets the value it had, unless somebody changed it since. What is taken back already stays as it is.
    Something that was made goes to the deleted things. Returns the tasks; `change_id` of each takes this back again.

    Raises `UndoRefused` in words, and `TaskEvent.DoesNotExist` for what is not this person's.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        hold(user)
        events = _events_to_undo(user, change)
        tasks = {
            task.pk: task
            for task in Task.objects.filter(pk__in={event.task_id for event in events})
            .select_for_update(no_key=True)
            .order_by("id")
        }
        done = set(TaskEvent.objects.filter(undoes__in=events).values_list("undoes_id", flat=True))
        act = Act(user, source=source, now=moment)
        for event in events:
            if event.pk not in done:
                _take_back(act, tasks[event.task_id], event, is_alone=len(events) == 1)
        act.flush()
        _refuse_orphans(tasks.values())
        _reopen_series(tasks.values())
        _end_series(tasks.values(), moment)
        act.close()
    return list(tasks.values())


def _events_to_undo(user: User, change: UUID) -> list[TaskEvent]:
    """The events in question, newest first."""
    mine = TaskEvent.objects.filter(user=user).select_related("task").order_by("-id")
    events = list(mine.filter(Q(pk=change) | Q(batch=change)))
    if not events:
        raise TaskEvent.DoesNotExist
    single = events[0]
    if len(events) > 1 or single.pk != change or single.batch is None:
        return events
    # What followed from it: the steps it carried along, and the next occurrence with its own.
    followed = Q(task_id=single.task_id) | Q(task__parent_id=single.task_id)
    if single.task.series_id:
        series = single.task.series_id
        followed |= Q(task__series_id=series) | Q(task__parent__series_id=series)
    return list(mine.filter(followed, batch=single.batch))


def _take_back(act: Act, task: Task, event: TaskEvent, *, is_alone: bool) -> None:
    before, after = event.event_payload["before"], event.event_payload["after"]
    is_new = event.event_type == TaskEventType.CREATE
    is_touched = any(
        name not in COUNTERS and plain(getattr(task, name)) != value
        for name, value in after.items()
    )
    if is_touched:
        if is_new and not is_alone:
            # What was made along the way and is used by now stays.
            return
        raise UndoRefused(f"“{task.title}” was changed since, so this cannot be taken back.")
    fields: dict[str, Any] = {}
    if is_new:
        fields = {"status": TaskStatus.DELETED.value, "deleted_at": act.now}
    for name, told in before.items():
        if name in COUNTERS:
            fields[name] = max(0, getattr(task, name) - (after[name] - told))
        else:
            fields[name] = _value(name, told)
    _refuse_taken_place(act, task, fields)
    was = task.status
    kind, happened = _meaning(was, fields.get("status", was))
    act.change(task, kind, fields, happened=happened, undoes=event)


def _refuse_taken_place(act: Act, task: Task, fields: Mapping[str, Any]) -> None:
    """A day of a series has one occurrence; another may have come for it since."""
    if fields.get("series_id") is None:
        return
    act.flush()
    day = fields.get("occurrence_on", task.occurrence_on)
    twins = Task.objects.filter(series_id=fields["series_id"], occurrence_on=day)
    if twins.exclude(pk=task.pk).exists():
        raise UndoRefused(
            f"Another “{task.title}” stands in its place by now, so this cannot be taken back."
        )


def _meaning(was: str, will_be: str) -> tuple[TaskEventType, str]:
    """What kind of change a change of status is, and what the ledger calls it."""
    if was == will_be:
        return TaskEventType.MODIFY, "task.edited"
    if will_be == TaskStatus.DELETED:
        return TaskEventType.DELETE, "task.deleted"
    if was == TaskStatus.DELETED:
        return TaskEventType.RESTORE, "task.restored"
    if will_be == TaskStatus.COMPLETED:
        return TaskEventType.COMPLETE, "task.completed"
    if was == TaskStatus.COMPLETED:
        return TaskEventType.RESTORE, "task.reopened"
    return TaskEventType.MODIFY, "task.edited"


def _refuse_orphans(tasks: Iterable[Task]) -> None:
    parents = {task.parent_id for task in tasks if task.parent_id and task.deleted_at is None}
    gone = (
        Task.objects.filter(pk__in=parents, deleted_at__isnull=False).first() if parents else None
    )
    if gone is not None:
        raise UndoRefused(
            f"“{gone.title}”, which this belongs to, is deleted. Bring that back first."
        )


def _reopen_series(tasks: Iterable[Task]) -> None:
    """A series whose last occurrence is to be done again goes on."""
    series = {task.series_id for task in tasks if task.series_id and task.is_open}
    if series:
        TaskSeries.objects.filter(pk__in=series, ended_at__isnull=False).update(ended_at=None)


def _end_series(tasks: Iterable[Task], now: datetime) -> None:
    """A series of which nothing is open any more, now that things are as they were, is at its end."""
    series = {task.series_id for task in tasks if task.series_id and not task.is_open}
    if series:
        still = TaskSeries.objects.filter(pk__in=series, ended_at__isnull=True)
        still.exclude(occurrences__status__in=OPEN).update(ended_at=now)
