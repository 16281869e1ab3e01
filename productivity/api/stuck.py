"""Why a task is stuck, over REST: the tap, what fits, and drafts of steps."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.current import person
from accounts.rest.idempotency import IdempotentWrites
from accounts.rest.problems import Problem
from productivity import stuck
from productivity.changing import TaskGone, TaskRefused
from productivity.models import (
    Breakdown,
    ChangeSource,
    Strategy,
    StuckReason,
    StuckReport,
    Task,
)

from .stuck_serializers import (
    TaskBreakdownAcceptedSerializer,
    TaskBreakdownAcceptSerializer,
    TaskBreakdownSerializer,
    TaskStuckAskSerializer,
    TaskStuckReportSerializer,
    TaskStuckSerializer,
    TaskStuckTakenUpSerializer,
)

SOURCE = ChangeSource.API.value
Answer = TypeVar("Answer")


def _told(verb: Callable[[], Answer]) -> Answer:
    """What the verb gives; its refusals as problems, what is not this person's as not found."""
    try:
        return verb()
    except (Task.DoesNotExist, StuckReport.DoesNotExist, Breakdown.DoesNotExist):
        raise Http404 from None
    except TaskGone as refusal:
        raise Problem(410, str(refusal), code="task_deleted") from None
    except stuck.BreakdownClosed as refusal:
        raise Problem(409, str(refusal), code="breakdown_closed") from None
    except TaskRefused as refusal:
        raise Problem(409, str(refusal), code="task_refused") from None


def _report_data(report: StuckReport) -> dict[str, Any]:
    advice = stuck.advice_for(report.task, Strategy(report.strategy))
    return {
        "id": report.pk,
        "task": report.task_id,
        "reason": report.reason,
        "strategy": report.strategy,
        "title": advice.title,
        "words": advice.words,
        "action": advice.action,
        "taken_up_at": report.taken_up_at,
        "created_at": report.created_at,
    }


class TaskStuckView(IdempotentWrites, APIView):
    """Why a task does not move."""

    @extend_schema(operation_id="tasks_stuck", responses=TaskStuckSerializer)
    def get(self, request: Request, task_id: UUID) -> Response:
        """The reasons to choose from, and what was told last."""
        task = get_object_or_404(Task, pk=task_id, user=person(request))
        last = stuck.newest_report(person(request), task.pk)
        reasons = [{"reason": reason.value, "words": reason.label} for reason in StuckReason]
        data = {"reasons": reasons, "report": _report_data(last) if last else None}
        return Response(TaskStuckSerializer(data).data)

    @extend_schema(
        operation_id="tasks_stuck_report",
        request=TaskStuckAskSerializer,
        responses={201: TaskStuckReportSerializer},
    )
    def post(self, request: Request, task_id: UUID) -> Response:
        """One tap: the reason. The answer is the strategy that fits; the same tap soon after is the same report."""
        wanted = TaskStuckAskSerializer(data=request.data)
        if not wanted.is_valid():
            get_object_or_404(Task, pk=task_id, user=person(request))
            raise ValidationError(wanted.errors)
        reason = wanted.validated_data["reason"]
        found = _told(
            lambda: stuck.report(
                person(request), task_id, reason, source=SOURCE, now=timezone.now()
            )
        )
        return Response(TaskStuckReportSerializer(_report_data(found)).data, status=201)


class TaskStuckTakeUpView(IdempotentWrites, APIView):
    """Doing what a strategy says."""

    @extend_schema(
        operation_id="tasks_stuck_take_up", request=None, responses=TaskStuckTakenUpSerializer
    )
    def post(self, request: Request, task_id: UUID, report_id: UUID) -> Response:
        """Opens a draft of steps, starts a short time, or tells what could change; twice is once."""
        user = person(request)
        get_object_or_404(StuckReport, pk=report_id, user=user, task_id=task_id)
        done = _told(lambda: stuck.take_up(user, report_id, source=SOURCE, now=timezone.now()))
        data = {
            "words": done.words,
            "planned_start": done.task.planned_start,
            "planned_end": done.task.planned_end,
            "breakdown": done.breakdown,
            "proposals": [
                {"what": each.what.value, "words": each.words, "minutes": each.minutes}
                for each in done.proposals
            ],
            "change_id": done.undo,
        }
        return Response(TaskStuckTakenUpSerializer(data).data)


class TaskBreakdownView(IdempotentWrites, APIView):
    """A draft of steps for a task."""

    @extend_schema(operation_id="tasks_breakdown", responses=TaskBreakdownSerializer)
    def get(self, request: Request, task_id: UUID) -> Response:
        """The draft that waits for an answer. While its status is `writing`, better steps may come."""
        user = person(request)
        get_object_or_404(Task, pk=task_id, user=user)
        found = stuck.open_breakdown(user, task_id, now=timezone.now())
        if found is None:
            raise Problem(404, "No draft waits for an answer.", code="not_found")
        return Response(TaskBreakdownSerializer(found).data)

    @extend_schema(
        operation_id="tasks_breakdown_draft",
        request=None,
        responses={201: TaskBreakdownSerializer},
    )
    def post(self, request: Request, task_id: UUID) -> Response:
        """Makes a draft, or gives the one that waits. No step is made before it is accepted."""
        found = _told(lambda: stuck.draft_breakdown(person(request), task_id, now=timezone.now()))
        return Response(TaskBreakdownSerializer(found).data, status=201)


class TaskBreakdownAcceptView(IdempotentWrites, APIView):
    """Saying yes to a draft of steps."""

    @extend_schema(
        operation_id="tasks_breakdown_accept",
        request=TaskBreakdownAcceptSerializer,
        responses=TaskBreakdownAcceptedSerializer,
    )
    def post(self, request: Request, task_id: UUID, breakdown_id: UUID) -> Response:
        """Makes the steps, as edited in `steps` or as drafted, all at once; twice is once."""
        user = person(request)
        draft = get_object_or_404(Breakdown, pk=breakdown_id, user=user, task_id=task_id)
        wanted = TaskBreakdownAcceptSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        made = _told(
            lambda: stuck.accept(
                user,
                draft.pk,
                steps=wanted.validated_data.get("steps"),
                source=SOURCE,
                now=timezone.now(),
            )
        )
        draft.refresh_from_db()
        data = {"breakdown": draft, "steps": made, "change_id": draft.pk}
        return Response(TaskBreakdownAcceptedSerializer(data).data)


class TaskBreakdownDeclineView(IdempotentWrites, APIView):
    """Saying no to a draft of steps."""

    @extend_schema(
        operation_id="tasks_breakdown_decline", request=None, responses=TaskBreakdownSerializer
    )
    def post(self, request: Request, task_id: UUID, breakdown_id: UUID) -> Response:
        """Puts the draft away; nothing is made."""
        user = person(request)
        draft = get_object_or_404(Breakdown, pk=breakdown_id, user=user, task_id=task_id)
        found = _told(lambda: stuck.decline(user, draft.pk, now=timezone.now()))
        return Response(TaskBreakdownSerializer(found).data)
