"""Tasks over gRPC: the verbs of `productivity.changing`, with the rules of the API for what is sent."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework import serializers

from accounts.models import User
from accounts.rest.etags import etag_of
from accounts.rest.problems import Problem
from accounts.rest.sync import OVERLAP
from accounts.rpc.calls import Call, unary
from accounts.rpc.moments import moment_of, stamp
from accounts.rpc.refusing import Invalid
from productivity import changing, history, quick_add
from productivity.api.serializers import (
    CLIENT,
    NewTaskSerializer,
    TaskFieldsSerializer,
    TaskFilterSerializer,
    TaskQuickAddSerializer,
)
from productivity.api.tasks import edited, with_fields
from productivity.changing import Check, TaskGone, TaskRefused
from productivity.history import UndoRefused
from productivity.models import ChangeSource, Task, TaskEvent, TaskStatus
from productivity.searching import filtered

from .task_messages import (
    conflict_of,
    fields_of,
    filters_of,
    id_of,
    message_of,
    messages,
    services,
    since_of,
)
from .task_pages import by_change, by_due, newest

SOURCE = ChangeSource.API.value


class Tasks(services.TasksServicer):  # type: ignore[misc, name-defined, unused-ignore]
    """The person's tasks."""

    @unary
    def Create(self, call: Call, request: Any) -> Any:
        given = fields_of(request.fields)
        if request.client_id:
            given["client_id"] = request.client_id
        fields = _read(NewTaskSerializer, given)
        client_id = fields.pop("client_id", "")
        repeat = fields.pop("repeat", None)
        return _told(
            lambda: changing.create(
                call.user,
                fields,
                source=SOURCE,
                repeat=repeat,
                origin=CLIENT if client_id else "",
                origin_id=client_id,
            ),
            parent=fields.get("parent"),
        )

    @unary
    def QuickAdd(self, call: Call, request: Any) -> Any:
        given = {"text": request.text, "preview": request.preview}
        if request.client_id:
            given["client_id"] = request.client_id
        wish, now = _read(TaskQuickAddSerializer, given), timezone.now()
        understood = quick_add.read_for(call.user, wish["text"], now=now)
        client_id = wish.get("client_id", "")
        made = None
        if not wish["preview"]:
            made = _told(
                lambda: quick_add.add(
                    call.user,
                    wish["text"],
                    source=SOURCE,
                    now=now,
                    origin=CLIENT if client_id else "",
                    origin_id=client_id,
                )
            )
        return messages.QuickAdded(
            task=made,
            title=understood.title,
            understood=[
                messages.Span(start=span.start, end=span.end, kind=str(span.kind), words=span.words)
                for span in understood.understood
            ],
        )

    @unary
    def Get(self, call: Call, request: Any) -> Any:
        mine = Task.objects.filter(user=call.user).select_related("series")
        return message_of(get_object_or_404(mine, pk=id_of(request.id)))

    @unary
    def List(self, call: Call, request: Any) -> Any:
        wanted = _read(TaskFilterSerializer, filters_of(request))
        tasks = Task.objects.filter(user=call.user).select_related("series")
        if wanted.get("status") != TaskStatus.DELETED:
            tasks = tasks.filter(deleted_at__isnull=True)
        order = by_due if request.order == messages.ListRequest.DUE else newest
        page, token = order(filtered(tasks, wanted), request.page_size, request.page_token)
        return messages.TaskPage(tasks=map(message_of, page), next_page_token=token)

    @unary
    def Edit(self, call: Call, request: Any) -> Any:
        user, task_id = call.user, id_of(request.id)
        given = fields_of(request.fields, request.update_mask)
        changes = _read(TaskFieldsSerializer, given, partial=True)
        check = _matches(request, lambda row: edited(user, row, changes))
        return _told(
            lambda: changing.edit(user, task_id, changes, source=SOURCE, check=check),
            parent=changes.get("parent"),
            changed=task_id,
        )

    @unary
    def Complete(self, call: Call, request: Any) -> Any:
        at, now = moment_of(request, "at"), timezone.now()
        done = {"status": "completed", "completed_at": at or now, "snoozed_until": None}
        return _changed(call.user, request, changing.complete, done, at=at, now=now)

    @unary
    def Reopen(self, call: Call, request: Any) -> Any:
        undone = {"status": "pending", "completed_at": None}
        return _changed(call.user, request, changing.reopen, undone)

    @unary
    def Snooze(self, call: Call, request: Any) -> Any:
        until = moment_of(request, "until")
        if until is None:
            raise Invalid(until="Say until when it rests.")
        rests = {"status": "snoozed", "snoozed_until": until}
        return _changed(call.user, request, changing.snooze, rests, until=until)

    @unary
    def Start(self, call: Call, request: Any) -> Any:
        now = timezone.now()
        begun = {"started_at": now, "status": "pending", "snoozed_until": None}
        return _changed(call.user, request, changing.start, begun, now=now)

    @unary
    def Delete(self, call: Call, request: Any) -> Any:
        now = timezone.now()
        gone = {"status": "deleted", "deleted_at": now}
        ends = request.ends_series
        return _changed(call.user, request, changing.delete, gone, now=now, ends_series=ends)

    @unary
    def Restore(self, call: Call, request: Any) -> Any:
        back = {"status": "pending", "deleted_at": None}
        return _changed(call.user, request, changing.restore, back)

    @unary
    def Undo(self, call: Call, request: Any) -> Any:
        change = id_of(request.change_id, "change_id")
        try:
            tasks = history.undo(call.user, change, source=SOURCE)
        except TaskEvent.DoesNotExist:
            raise Problem(404, "There is no such change.", code="not_found") from None
        except UndoRefused as refusal:
            raise Problem(409, str(refusal), code="undo_refused") from None
        return messages.Undone(tasks=map(message_of, tasks))

    @unary
    def Changes(self, call: Call, request: Any) -> Any:
        synced_at = timezone.now() - OVERLAP
        changed = Task.objects.filter(user=call.user, updated_at__gte=since_of(request))
        rows = changed.select_related("series")
        page, token = by_change(rows, request.page_size, request.page_token)
        return messages.ChangePage(
            tasks=[message_of(task) for task in page if task.deleted_at is None],
            deleted=[
                messages.Tombstone(id=str(task.pk), deleted_at=stamp(task.deleted_at))
                for task in page
                if task.deleted_at is not None
            ],
            next_page_token=token,
            synced_at=stamp(synced_at),
        )


def _read(
    shape: type[serializers.Serializer[Any]], given: dict[str, Any], *, partial: bool = False
) -> dict[str, Any]:
    told = shape(data=given, partial=partial)
    told.is_valid(raise_exception=True)
    return dict(told.validated_data)


def _changed(
    user: User,
    request: Any,
    verb: Callable[..., Task],
    becomes: dict[str, Any],
    **arguments: Any,
) -> Any:
    """What one of the verbs answers; `becomes` is what the row was meant to become."""
    task_id, check = id_of(request.id), _matches(request, lambda row: becomes)
    return _told(lambda: verb(user, task_id, source=SOURCE, check=check, **arguments))


def _matches(request: Any, becomes: Callable[[Task], dict[str, Any]]) -> Check:
    """The check of a verb: ABORTED with both versions when another one is expected than the locked row's."""

    def check(row: Task) -> None:
        if request.expected_etag and request.expected_etag != etag_of(row):
            raise Problem(
                412,
                "This was changed in the meantime.",
                code="changed_meanwhile",
                conflict=conflict_of(row, with_fields(row, becomes(row))),
            )

    return check


def _told(
    change: Callable[[], Task], *, parent: UUID | None = None, changed: UUID | None = None
) -> Any:
    """What a verb answers, with its refusals as problems; `parent` is the task that the request names."""
    try:
        return message_of(change())
    except Task.DoesNotExist:
        if parent is not None and (changed is None or Task.objects.filter(pk=changed).exists()):
            raise Invalid(parent="There is no such task.") from None
        raise Problem(404, "There is no such task.", code="not_found") from None
    except TaskGone as refusal:
        if refusal.task.pk == parent:
            raise Invalid(parent=str(refusal)) from None
        raise Problem(410, str(refusal), code="task_deleted") from None
    except TaskRefused as refusal:
        raise Problem(409, str(refusal), code="task_refused") from None
