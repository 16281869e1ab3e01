"""Tasks as messages carry them, both ways."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from accounts.rest.etags import etag_of
from accounts.rpc.moments import moment_of, stamp
from accounts.rpc.refusing import Invalid
from accounts.rpc.stubs import load
from productivity.api.serializers import CLIENT
from productivity.models import Task, TaskSeries, TaskStatus
from productivity.recurrence import in_words

messages, services = load("productivity/rpc/tasks.proto")
MOMENTS = ("due_at", "planned_start", "planned_end")
CUT = 300


def message_of(task: Task) -> Any:
    """A task as it is sent; `series` is read with it."""
    return messages.Task(
        id=str(task.pk),
        client_id=task.origin_id if task.origin == CLIENT else "",
        parent=_text(task.parent_id),
        repeat=_repeat_message(task.series) if task.series_id else None,
        occurrence_on=_text(task.occurrence_on),
        title=task.title,
        description=task.description,
        status=messages.Status.Value(TaskStatus(task.status).name),
        due_at=stamp(task.due_at),
        due_on=_text(task.due_on),
        category=task.category,
        priority=task.priority,
        estimated_minutes=task.estimated_minutes,
        position=task.position,
        planned_start=stamp(task.planned_start),
        planned_end=stamp(task.planned_end),
        snoozed_until=stamp(task.snoozed_until),
        started_at=stamp(task.started_at),
        completed_at=stamp(task.completed_at),
        deleted_at=stamp(task.deleted_at),
        snooze_count=task.snooze_count,
        edit_count=task.edit_count,
        created_at=stamp(task.created_at),
        updated_at=stamp(task.updated_at),
        etag=etag_of(task),
        change_id=_text(task.change_id),
    )


def conflict_of(current: Task, yours: Task) -> Any:
    """Both versions of a task, short enough for the headers of an answer."""
    conflict = messages.Conflict(current=message_of(current), yours=message_of(yours))
    for version in (conflict.current, conflict.yours):
        version.description = version.description[:CUT]
    return conflict


def fields_of(fields: Any, mask: Any = None) -> dict[str, Any]:
    """The fields that a request sets, as the serializers of the API take them.

    With a mask: those it names, and `None` for what is not set. Raises `Invalid` for names that no task has.
    """
    known = messages.Fields.DESCRIPTOR.fields_by_name
    names = list(mask.paths) if mask is not None and mask.paths else None
    if names is None:
        names = [field.name for field, _ in fields.ListFields()]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise Invalid(update_mask=f"A task has no field called {unknown[0][:40]}.")
    return {name: _field(fields, name) for name in names}


def id_of(text: str, field: str = "id") -> UUID:
    """The id in a field; raises `Invalid`."""
    try:
        return UUID(text)
    except ValueError:
        raise Invalid(**{field: "An id looks like 018f4c1e-8c5a-7a51-b1b4-2f7f3c9e0a11."}) from None


def filters_of(request: Any) -> dict[str, Any]:
    """The filters of a list as the serializer of the API takes them."""
    wanted: dict[str, Any] = {"q": request.query} if request.query else {}
    if request.status:
        wanted["status"] = messages.Status.Name(request.status).lower()
    for name in ("category", "priority"):
        if request.HasField(name):
            wanted[name] = getattr(request, name)
    for name in ("due_from", "due_to"):
        if (moment := moment_of(request, name)) is not None:
            wanted[name] = moment
    if request.parent:
        wanted["parent"] = request.parent
    if request.top:
        wanted["top"] = True
    return wanted


def since_of(request: Any) -> datetime:
    """From when on changes are asked for."""
    return moment_of(request, "since") or datetime(1970, 1, 2, tzinfo=UTC)


def _field(fields: Any, name: str) -> Any:
    if not fields.HasField(name):
        return EMPTY.get(name)
    if name in MOMENTS:
        return moment_of(fields, name)
    value = getattr(fields, name)
    if name == "repeat":
        return _repeat_of(value)
    return None if name in {"due_on", "parent"} and value == "" else value


# What a field becomes that is named by a mask and not set; `None` for all others.
EMPTY: Mapping[str, Any] = {
    "title": "",
    "description": "",
    "category": "",
    "priority": 0,
    "position": 0,
}


def _repeat_of(value: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"rule": value.rule, "starts_on": value.starts_on}
    if value.local_time:
        given["local_time"] = value.local_time
    if value.repeat_from:
        given["repeat_from"] = value.repeat_from
    return given


def _repeat_message(series: TaskSeries | None) -> Any:
    if series is None:
        return None
    return messages.Repeat(
        rule=series.rule,
        starts_on=series.starts_on.isoformat(),
        local_time=_text(series.local_time),
        repeat_from=series.repeat_from,
        words=in_words(series.rule),
        ended=series.ended_at is not None,
    )


def _text(value: Any) -> str:
    """Ids, days and clock times; empty for none."""
    if value is None:
        return ""
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
