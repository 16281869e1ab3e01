"""Tasks over REST: what concerns many of them, plain words, taking back, and clients that were offline."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.current import person
from accounts.rest.idempotency import IdempotentWrites
from accounts.rest.problems import Problem
from productivity import bulk, history, quick_add, syncing
from productivity.models import Task, TaskEvent
from productivity.searching import categories_of, rename_category
from productivity.syncing import Change, Operation
from productivity.task_fields import TaskRefused

from .serializers import (
    CLIENT,
    TaskBulkDoneSerializer,
    TaskBulkSerializer,
    TaskCategoriesSerializer,
    TaskCategoryRenamedSerializer,
    TaskCategoryRenameSerializer,
    TaskQuickAddSerializer,
    TaskQuickPreviewSerializer,
    TaskSerializer,
    TasksSerializer,
    TaskSyncAnswerSerializer,
    TaskSyncSerializer,
    TaskUndoSerializer,
    repeat_data,
    task_data,
)
from .tasks import SOURCE, answer, read, told


class UndoView(IdempotentWrites, APIView):
    """Taking changes back."""

    @extend_schema(
        operation_id="tasks_undo", request=TaskUndoSerializer, responses={200: TasksSerializer}
    )
    def post(self, request: Request) -> Response:
        """Gives every field that the change touched the value it had, unless it was changed since (409)."""
        change = read(TaskUndoSerializer, request)["change_id"]
        try:
            tasks = history.undo(person(request), change, source=SOURCE)
        except TaskEvent.DoesNotExist:
            raise Problem(404, "There is no such change.", code="not_found") from None
        except history.UndoRefused as refusal:
            raise Problem(409, str(refusal), code="undo_refused") from None
        return Response({"results": [task_data(task) for task in tasks]})


class CategoriesView(APIView):
    """The person's categories."""

    @extend_schema(operation_id="tasks_categories", responses=TaskCategoriesSerializer)
    def get(self, request: Request) -> Response:
        """Each with how many tasks are open and done in it."""
        return Response({"results": categories_of(person(request))})


class RenameCategoryView(IdempotentWrites, APIView):
    """Another name for a category."""

    @extend_schema(
        operation_id="tasks_categories_rename",
        request=TaskCategoryRenameSerializer,
        responses=TaskCategoryRenamedSerializer,
    )
    def post(self, request: Request) -> Response:
        """Moves every task of the category to the other name, which may exist already; one undo moves them back."""
        wanted = read(TaskCategoryRenameSerializer, request)
        changed, change_id = rename_category(
            person(request), wanted["category"], wanted["to"], source=SOURCE
        )
        return Response({"changed": changed, "change_id": change_id})


class BulkView(IdempotentWrites, APIView):
    """One thing for many tasks at once."""

    @extend_schema(
        operation_id="tasks_bulk", request=TaskBulkSerializer, responses=TaskBulkDoneSerializer
    )
    def post(self, request: Request) -> Response:
        """Does it with each; one that refuses holds nobody else up. All are of this person, or nothing happens."""
        wanted = read(TaskBulkSerializer, request)
        verbs: dict[str, Callable[..., bulk.Outcome]] = {
            "complete": partial(bulk.complete_many, at=wanted.get("at")),
            "delete": bulk.delete_many,
            "snooze": partial(bulk.snooze_many, until=wanted.get("until", timezone.now())),
            "edit": partial(bulk.edit_many, changes=wanted.get("changes", {})),
        }
        try:
            done = verbs[wanted["action"]](person(request), wanted["ids"], source=SOURCE)
        except Task.DoesNotExist:
            raise Problem(404, "One of them does not exist.", code="not_found") from None
        except TaskRefused as refusal:
            raise Problem(409, str(refusal), code="task_refused") from None
        return Response(
            {
                "results": [task_data(task) for task in done.tasks],
                "refused": [
                    {"id": str(refusal.task_id), "why": refusal.words} for refusal in done.refusals
                ],
                "change_id": str(done.batch) if done.batch else None,
            }
        )


class QuickAddView(IdempotentWrites, APIView):
    """A task in plain words."""

    @extend_schema(
        operation_id="tasks_quick_add",
        request=TaskQuickAddSerializer,
        responses={200: TaskQuickPreviewSerializer, 201: TaskSerializer},
    )
    def post(self, request: Request) -> Response:
        """Makes the task that the words say, or with `preview` only tells what was understood."""
        user, wanted = person(request), read(TaskQuickAddSerializer, request)
        now, client_id = timezone.now(), wanted.get("client_id", "")
        if wanted["preview"]:
            return Response(_preview(quick_add.read_for(user, wanted["text"], now=now)))
        task = told(
            lambda: quick_add.add(
                user,
                wanted["text"],
                source=SOURCE,
                now=now,
                origin=CLIENT if client_id else "",
                origin_id=client_id,
            )
        )
        return answer(task, 201 if task.change_id else 200)


class SyncView(IdempotentWrites, APIView):
    """Changes of a client that was offline."""

    @extend_schema(
        operation_id="tasks_sync",
        request=TaskSyncSerializer,
        responses=TaskSyncAnswerSerializer,
        description=(syncing.__doc__ or "").replace("`history.version_of`", "`ETag`"),
    )
    def post(self, request: Request) -> Response:
        wanted = read(TaskSyncSerializer, request)
        results = syncing.sync(
            person(request),
            wanted["client"],
            [_change(each) for each in wanted["changes"]],
            now=timezone.now(),
            describe=_plain,
        )
        return Response({"results": results})


def _change(told: dict[str, Any]) -> Change:
    return Change(
        change_id=told["change_id"],
        operation=Operation(told["action"]),
        task_id=told.get("task"),
        client_id=told.get("client_id", ""),
        base=told.get("base"),
        fields=told.get("fields", {}),
        parent_client_id=told.get("parent_client_id", ""),
        until=told.get("until"),
        at=told.get("at"),
    )


def _plain(task: Task) -> dict[str, Any]:
    """The task as it is sent, down to plain JSON: it is kept to be sent again."""
    plain: dict[str, Any] = json.loads(JSONRenderer().render(task_data(task)))
    return plain


def _preview(found: quick_add.QuickAdd) -> dict[str, Any]:
    repeat = found.repeat
    return {
        "title": found.title,
        "description": found.description,
        "due_at": found.due_at,
        "due_on": found.due_on,
        "repeat": None if repeat is None else repeat_data(repeat),
        "estimated_minutes": found.estimated_minutes,
        "priority": int(found.priority),
        "category": found.category,
        "understood": [
            {"start": span.start, "end": span.end, "kind": str(span.kind), "words": span.words}
            for span in found.understood
        ],
    }
