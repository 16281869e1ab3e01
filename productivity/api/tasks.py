"""Tasks over REST: the rows, and what can be done with one of them."""

from collections.abc import Callable
from copy import copy
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from accounts.current import person
from accounts.models import User
from accounts.rest.etags import etag_of, require_match
from accounts.rest.idempotency import IdempotentWrites
from accounts.rest.pagination import NewestFirst
from accounts.rest.problems import Problem
from accounts.rest.sync import SyncedList, UpdatedSince, updated_since
from productivity import changing, history
from productivity.changing import TaskGone, TaskRefused
from productivity.models import ChangeSource, Task, TaskStatus
from productivity.querysets import TaskQuerySet
from productivity.searching import filtered
from productivity.task_fields import cleaned

from .serializers import (
    CLIENT,
    NewTaskSerializer,
    TaskDoneSerializer,
    TaskEventSerializer,
    TaskFieldsSerializer,
    TaskFilterSerializer,
    TaskPlanSerializer,
    TaskSerializer,
    TaskSnoozeSerializer,
    task_data,
)
from .tasks_pages import TaskPages

SOURCE = ChangeSource.API.value
Check = Callable[[Task], None]
MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The `ETag` of the version that is changed; another one answers 412 with both versions.",
)
CONFLICT = OpenApiResponse(
    description="Changed in the meantime: `current` is how it is now, `yours` what it would have become."
)
GONE = OpenApiResponse(
    description="It is deleted: `task` says since when, `restore` how it comes back."
)


class TaskFilters(UpdatedSince):
    """The filters of the list; a client that asks for changes gets all of them."""

    def filter_queryset(self, request: Request, queryset: QuerySet, view: APIView) -> QuerySet:
        wanted = TaskFilterSerializer(data=request.query_params)
        wanted.is_valid(raise_exception=True)
        filters = wanted.validated_data
        since = updated_since(request)
        if since is not None:
            if filters:
                # What left a filter would never be heard of again.
                raise serializers.ValidationError(
                    {name: ["Changes are asked for without filters."] for name in filters}
                )
            return queryset.filter(updated_at__gte=since)
        if filters.get("status") != TaskStatus.DELETED:
            queryset = queryset.filter(deleted_at__isnull=True)
        return filtered(cast(TaskQuerySet, queryset), filters)


class TaskViewSet(IdempotentWrites, SyncedList, GenericViewSet[Task]):
    """The person's tasks. Nothing is ever lost: what is deleted comes back with `restore`.

    Every change may name the version it was made for with `If-Match`. Is it another one by now, the answer is 412 with
    both versions: `current`, and `yours`, which is what the task would have become.
    """

    serializer_class = TaskSerializer
    queryset = Task.objects.none()
    lookup_value_converter = "uuid"
    pagination_class = TaskPages  # type: ignore[assignment]
    filter_backends = [TaskFilters]

    def get_queryset(self) -> QuerySet[Task]:
        if not self.request.user.is_authenticated:
            return Task.objects.none()
        return Task.objects.filter(user=self.request.user).select_related("series")

    @extend_schema(parameters=[TaskFilterSerializer])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The person's tasks, newest first unless `ordering` says otherwise."""
        return super().list(request, *args, **kwargs)

    @extend_schema(responses={200: TaskSerializer, 410: GONE})
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """One task. For a deleted one: 410, and how it comes back."""
        task = get_object_or_404(self.get_queryset(), pk=pk)
        if task.deleted_at is not None:
            raise gone(TaskGone(task))
        return answer(task)

    @extend_schema(
        request=NewTaskSerializer,
        responses={201: TaskSerializer, 200: TaskSerializer},
        description=(
            "Makes a task. With a `client_id` that is known already nothing is made: the answer is 200 with the task "
            "of that name, also if it is deleted by now."
        ),
    )
    def create(self, request: Request) -> Response:
        fields = read(NewTaskSerializer, request)
        client_id = fields.pop("client_id", "")
        repeat = fields.pop("repeat", None)
        task = told(
            lambda: changing.create(
                person(request),
                fields,
                source=SOURCE,
                repeat=repeat,
                origin=CLIENT if client_id else "",
                origin_id=client_id,
            ),
            fields.get("parent"),
        )
        response = answer(task, 201 if task.change_id else 200)
        response["Location"] = f"/api/v1/tasks/{task.pk}/"
        return response

    @extend_schema(
        request=TaskFieldsSerializer, responses={200: TaskSerializer, 410: GONE, 412: CONFLICT}
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Changes fields of a task; what is not sent stays."""
        user, changes = person(request), self._read(TaskFieldsSerializer, request, pk, partial=True)
        return answer(
            told(
                lambda: changing.edit(
                    user,
                    pk,
                    changes,
                    source=SOURCE,
                    check=matches(request, lambda row: edited(user, row, changes)),
                ),
                changes.get("parent"),
                lambda: Task.objects.filter(user=user, pk=pk).exists(),
            )
        )

    @extend_schema(
        responses={204: None, 412: CONFLICT},
        parameters=[
            OpenApiParameter(
                "ends_series",
                OpenApiTypes.BOOL,
                default=False,
                description="A task that repeats does not come again; otherwise the next one comes.",
            )
        ],
    )
    def destroy(self, request: Request, pk: UUID) -> Response:
        """Deletes a task with its steps; `restore` and `undo` bring them back."""
        now = timezone.now()
        ends = serializers.BooleanField().run_validation(
            request.query_params.get("ends_series", False)
        )
        check = matches(
            request, lambda row: {"status": TaskStatus.DELETED.value, "deleted_at": now}
        )
        task = told(
            lambda: changing.delete(
                person(request), pk, source=SOURCE, now=now, check=check, ends_series=ends
            )
        )
        change = {"X-Change-Id": str(task.change_id)} if task.change_id else {}
        return Response(status=204, headers={"ETag": etag_of(task), **change})

    @extend_schema(
        request=TaskDoneSerializer,
        responses={200: TaskSerializer, 410: GONE, 412: CONFLICT},
        parameters=[MATCH],
    )
    @action(detail=True, methods=["post"])
    def complete(self, request: Request, pk: UUID) -> Response:
        """The task is done, with its open steps; one that repeats comes again."""
        at = self._read(TaskDoneSerializer, request, pk).get("at")
        now = timezone.now()
        done = {"status": "completed", "completed_at": at or now, "snoozed_until": None}
        return self._changed(request, changing.complete, pk, done, at=at, now=now)

    @extend_schema(
        request=None, responses={200: TaskSerializer, 410: GONE, 412: CONFLICT}, parameters=[MATCH]
    )
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: UUID) -> Response:
        """The task is to be done after all."""
        undone = {"status": "pending", "completed_at": None}
        return self._changed(request, changing.reopen, pk, undone)

    @extend_schema(
        request=TaskSnoozeSerializer,
        responses={200: TaskSerializer, 410: GONE, 412: CONFLICT},
        parameters=[MATCH],
    )
    @action(detail=True, methods=["post"])
    def snooze(self, request: Request, pk: UUID) -> Response:
        """Lets the task rest until a moment; its due date stays."""
        until = self._read(TaskSnoozeSerializer, request, pk)["until"]
        rests = {"status": "snoozed", "snoozed_until": until}
        return self._changed(request, changing.snooze, pk, rests, until=until)

    @extend_schema(
        request=None, responses={200: TaskSerializer, 410: GONE, 412: CONFLICT}, parameters=[MATCH]
    )
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: UUID) -> Response:
        """The person works on it from now on."""
        now = timezone.now()
        begun = {"started_at": now, "status": "pending", "snoozed_until": None}
        return self._changed(request, changing.start, pk, begun, now=now)

    @extend_schema(
        request=TaskPlanSerializer,
        responses={200: TaskSerializer, 410: GONE, 412: CONFLICT},
        parameters=[MATCH],
    )
    @action(detail=True, methods=["post"])
    def plan(self, request: Request, pk: UUID) -> Response:
        """Gives the task a slot, or takes it away."""
        slot = self._read(TaskPlanSerializer, request, pk)
        start, end = slot["start"], slot.get("end")
        planned = {"planned_start": start, "planned_end": end}
        return self._changed(request, changing.plan, pk, planned, start=start, end=end)

    @extend_schema(request=None, responses={200: TaskSerializer, 412: CONFLICT}, parameters=[MATCH])
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: UUID) -> Response:
        """Brings a deleted task back, with the steps that went with it."""
        back = {"status": "pending", "deleted_at": None}
        return self._changed(request, changing.restore, pk, back)

    @extend_schema(responses=TaskEventSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=NewestFirst, filter_backends=[])
    def history(self, request: Request, pk: UUID) -> Response:
        """Every change of the task, newest first. Each can be taken back with `undo`."""
        task = get_object_or_404(Task.objects.filter(user=person(request)).only("id"), pk=pk)
        page: Any = self.paginate_queryset(history.events_of(task))
        return self.get_paginated_response(TaskEventSerializer(page, many=True).data)

    def _read(
        self,
        shape: type[serializers.Serializer[Any]],
        request: Request,
        pk: UUID,
        *,
        partial: bool = False,
    ) -> dict[str, Any]:
        """What is said about a task. Whether it was said well is told only about the person's own."""
        try:
            return read(shape, request, partial=partial)
        except serializers.ValidationError:
            if not Task.objects.filter(user=person(request), pk=pk).exists():
                raise Problem(404, "There is no such task.", code="not_found") from None
            raise

    def _changed(
        self,
        request: Request,
        verb: Callable[..., Task],
        pk: UUID,
        becomes: dict[str, Any],
        **arguments: Any,
    ) -> Response:
        """The answer to one of the verbs; `becomes` is what the row was meant to become."""
        check = matches(request, lambda row: becomes)
        return answer(
            told(lambda: verb(person(request), pk, source=SOURCE, check=check, **arguments))
        )


def read(
    shape: type[serializers.Serializer[Any]], request: Request, *, partial: bool = False
) -> dict[str, Any]:
    told = shape(data=request.data, partial=partial)
    told.is_valid(raise_exception=True)
    return dict(told.validated_data)


def answer(task: Task, status: int = 200) -> Response:
    """The task with its tag."""
    return Response(task_data(task), status=status, headers={"ETag": etag_of(task)})


def matches(request: Request, becomes: Callable[[Task], dict[str, Any]]) -> Check:
    """The check of a verb: 412 with both versions when `If-Match` names another one than the locked row's.

    A row that is deleted by now is the verb's to tell of.
    """

    def check(row: Task) -> None:
        require_match(
            request,
            row,
            lambda: task_data(row),
            yours=lambda: task_data(with_fields(row, becomes(row))),
        )

    return check


def edited(user: User, row: Task, changes: dict[str, Any]) -> dict[str, Any]:
    """The fields of a row after an edit."""
    values = cleaned(user, {name: changes[name] for name in changes if name != "repeat"})
    if changes.get("repeat", row) is None:
        values |= {"series_id": None, "occurrence_on": None}
    return values


def with_fields(row: Task, fields: dict[str, Any]) -> Task:
    """A copy of the row with other values; nothing is written."""
    other = copy(row)
    for name, value in fields.items():
        setattr(other, name, value)
    return other


def gone(refusal: TaskGone) -> Problem:
    """The answer to a change of something that is deleted."""
    task = refusal.task
    return Problem(
        410,
        str(refusal),
        code="task_deleted",
        headers={"ETag": etag_of(task)},
        task=tombstone(task),
        restore=f"/api/v1/tasks/{task.pk}/restore/",
    )


def tombstone(task: Task) -> dict[str, Any]:
    """What is said of a deleted task."""
    deleted: datetime | None = task.deleted_at
    return {"id": str(task.pk), "title": task.title, "deleted_at": deleted}


def told(
    change: Callable[[], Task],
    parent: UUID | None = None,
    is_theirs: Callable[[], bool] = lambda: True,
) -> Task:
    """What a verb answers, with its refusals as problems; `parent` is the task that the body names.

    `is_theirs` says whether the task that the address names is the person's.
    """
    try:
        return change()
    except Task.DoesNotExist:
        if parent is not None and is_theirs():
            raise serializers.ValidationError({"parent": ["There is no such task."]}) from None
        raise Problem(404, "There is no such task.", code="not_found") from None
    except TaskGone as refusal:
        if refusal.task.pk == parent:
            raise serializers.ValidationError({"parent": [str(refusal)]}) from None
        raise gone(refusal) from None
    except TaskRefused as refusal:
        raise Problem(409, str(refusal), code="task_refused") from None
