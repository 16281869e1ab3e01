"""Scheduling over REST: suggested slots, why not then, a day and a week that fit."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from accounts.current import person
from accounts.day import local_day
from accounts.models import User
from accounts.rest.idempotency import IdempotentWrites
from accounts.rest.pagination import NewestFirst
from accounts.rest.problems import Problem
from productivity.changing import TaskGone, TaskRefused
from productivity.models import ChangeSource, PlanningHours, ScheduleRecommendation, Task
from productivity.scheduling import negotiating, planning_day, recommending
from productivity.scheduling.capacity import capacity
from productivity.scheduling.explaining import why_not
from productivity.scheduling.hours import WEEKDAY_KEYS, set_hours, working_hours
from productivity.scheduling.offers import snooze_offers
from productivity.task_fields import day_within

from .scheduling_serializers import (
    DayPlanAcceptedSerializer,
    DayPlanAnswerSerializer,
    DayPlanQuestionSerializer,
    DayPlanSerializer,
    PlanningHoursSerializer,
    SlotQuestionSerializer,
    SlotRefusalSerializer,
    SlotSuggestionSerializer,
    SlotSuggestionsSerializer,
    SlotWhyNotQuestionSerializer,
    SlotWhyNotSerializer,
    TaskOfInterestSerializer,
    TaskSnoozeOfferSerializer,
    WeekCapacitySerializer,
    WeekProposalAnswerSerializer,
    WeekProposalsSerializer,
)

SOURCE = ChangeSource.API.value
Answer = TypeVar("Answer")
TAKEN = OpenApiResponse(
    description="The slot is taken, over or too old; `suggestions` are open ones in its place."
)
REFUSED = OpenApiResponse(description="It does not apply any more; `detail` says why.")


def told(verb: Callable[[], Answer]) -> Answer:
    """What the verb gives; its refusals as problems, what is not this person's as not found."""
    try:
        return verb()
    except (Task.DoesNotExist, ScheduleRecommendation.DoesNotExist):
        raise Http404 from None
    except recommending.SlotTaken as refusal:
        instead = SlotSuggestionSerializer(refusal.alternatives, many=True).data
        raise Problem(409, str(refusal), code="slot_taken", suggestions=instead) from None
    except TaskGone as refusal:
        raise Problem(410, str(refusal), code="task_deleted") from None
    except TaskRefused as refusal:
        raise Problem(409, str(refusal), code="task_refused") from None


def _read(of: type[serializers.Serializer[Any]], data: Any) -> dict[str, Any]:
    serializer = of(data=data)
    serializer.is_valid(raise_exception=True)
    found: dict[str, Any] = serializer.validated_data
    return found


def _open_task(user: User, pk: UUID) -> Task:
    """The person's task, for which times are looked for."""
    task = get_object_or_404(Task, pk=pk, user=user)
    if task.deleted_at is not None:
        raise Problem(410, str(TaskGone(task)), code="task_deleted")
    if not task.is_open:
        raise Problem(409, f"“{task.title}” is done already.", code="task_refused")
    return task


class BestSlotsFirst(NewestFirst):
    ordering: Any = ("-score", "id")


class SlotSuggestions(
    IdempotentWrites, mixins.ListModelMixin, GenericViewSet[ScheduleRecommendation]
):
    """Slots that were suggested and wait for an answer."""

    serializer_class = SlotSuggestionSerializer
    queryset = ScheduleRecommendation.objects.none()
    pagination_class = BestSlotsFirst
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[ScheduleRecommendation]:
        if not self.request.user.is_authenticated:
            return ScheduleRecommendation.objects.none()
        rows = recommending.open_suggestions(person(self.request), now=timezone.now())
        wanted = self.request.query_params.get("task")
        if wanted is None:
            return rows
        try:
            return rows.filter(task_id=UUID(wanted))
        except ValueError:
            raise serializers.ValidationError({"task": ["This is no id of a task."]}) from None

    @extend_schema(
        parameters=[OpenApiParameter("task", OpenApiTypes.UUID, description="Of one task only")]
    )
    def list(self, request: Request) -> Response:
        """Open suggestions, the best first."""
        return super().list(request)

    @extend_schema(
        request=SlotQuestionSerializer,
        responses={200: SlotSuggestionsSerializer, 409: REFUSED},
    )
    def create(self, request: Request) -> Response:
        """Suggests slots for a task. Asked again, the open ones that still fit are given."""
        user, asked = person(request), _read(SlotQuestionSerializer, request.data)
        task = get_object_or_404(Task, pk=asked["task"], user=user)
        found = told(
            lambda: recommending.recommend(user, task, now=timezone.now(), count=asked["count"])
        )
        body = SlotSuggestionsSerializer({"suggestions": found, "words": found.words})
        return Response(body.data)

    @extend_schema(request=None, responses={200: SlotSuggestionSerializer, 409: TAKEN})
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: UUID) -> Response:
        """Puts the task into the slot; twice is once."""
        user = person(request)
        row = told(lambda: recommending.accept(user, pk, source=SOURCE, now=timezone.now()))
        return Response(self.get_serializer(row).data)

    @extend_schema(
        request=SlotRefusalSerializer, responses={200: SlotSuggestionsSerializer, 409: REFUSED}
    )
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: UUID) -> Response:
        """Says that the slot does not fit; the answer is what comes instead."""
        user, now = person(request), timezone.now()
        get_object_or_404(ScheduleRecommendation, pk=pk, user=user)
        said = _read(SlotRefusalSerializer, request.data)
        row = told(
            lambda: recommending.refuse(
                user, pk, said["reason"], said["text"], source=SOURCE, now=now
            )
        )
        instead = recommending.Suggestions()
        if row.task.is_open:
            instead = told(lambda: recommending.recommend(user, row.task, now=now))
        body = SlotSuggestionsSerializer({"suggestions": instead, "words": instead.words})
        return Response(body.data)


class SlotWhyNotView(APIView):
    """Why a task was not suggested for a moment."""

    @extend_schema(parameters=[SlotWhyNotQuestionSerializer], responses=SlotWhyNotSerializer)
    def get(self, request: Request) -> Response:
        """The filter the moment fails, or the terms by which it loses to the best slot."""
        user = person(request)
        asked = _read(SlotWhyNotQuestionSerializer, request.query_params)
        task = _open_task(user, asked["task"])
        answer = why_not(user, task, asked["at"], now=timezone.now())
        return Response(SlotWhyNotSerializer(answer).data)


class TaskSnoozeOffersView(APIView):
    """Moments to snooze a task to."""

    @extend_schema(
        parameters=[TaskOfInterestSerializer], responses=TaskSnoozeOfferSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        """Moments near free time, the soonest first."""
        user = person(request)
        asked = _read(TaskOfInterestSerializer, request.query_params)
        offers = snooze_offers(user, _open_task(user, asked["task"]), now=timezone.now())
        return Response(TaskSnoozeOfferSerializer(offers, many=True).data)


class WeekCapacityView(APIView):
    """Whether the coming seven days fit."""

    @extend_schema(responses=WeekCapacitySerializer)
    def get(self, request: Request) -> Response:
        """Free minutes beside the minutes that are asked for."""
        found = capacity(person(request), now=timezone.now())
        return Response(WeekCapacitySerializer(found).data)


class DayPlanView(APIView):
    """A realistic plan for one day."""

    @extend_schema(
        parameters=[DayPlanQuestionSerializer], responses={200: DayPlanSerializer, 409: REFUSED}
    )
    def get(self, request: Request) -> Response:
        """The plan, what is left over and why. Nothing is changed."""
        user, now = person(request), timezone.now()
        asked = _read(DayPlanQuestionSerializer, request.query_params)
        day = asked.get("day") or local_day(user, now)
        plan = told(lambda: planning_day.plan_day(user, day_within(day), now=now))
        return Response(DayPlanSerializer(plan).data)


class DayPlanAcceptView(IdempotentWrites, APIView):
    """Taking a day's plan over."""

    @extend_schema(
        request=DayPlanAnswerSerializer,
        responses={200: DayPlanAcceptedSerializer, 409: REFUSED},
    )
    def post(self, request: Request) -> Response:
        """Puts all tasks into their slots, or none; twice is once."""
        user, said = person(request), _read(DayPlanAnswerSerializer, request.data)
        items = [(item["task"], item["starts_at"], item["ends_at"]) for item in said["items"]]
        batch, tasks = told(
            lambda: planning_day.accept_plan(user, items, source=SOURCE, now=timezone.now())
        )
        body = DayPlanAcceptedSerializer({"batch": batch, "tasks": [task.pk for task in tasks]})
        return Response(body.data)


class WeekProposalsView(IdempotentWrites, APIView):
    """What could make room when the week does not fit."""

    @extend_schema(responses=WeekProposalsSerializer)
    def get(self, request: Request) -> Response:
        """Proposals with the least loss; none when the week fits."""
        return Response(self._proposals(person(request)))

    @extend_schema(
        request=WeekProposalAnswerSerializer,
        responses={200: WeekProposalsSerializer, 409: REFUSED},
    )
    def post(self, request: Request) -> Response:
        """Takes a proposal up, or leaves the task as it is for a week."""
        user, now = person(request), timezone.now()
        said = _read(WeekProposalAnswerSerializer, request.data)
        if said["answer"] == "accept":
            told(
                lambda: negotiating.take_up(
                    user, said["task"], said["what"], source=SOURCE, now=now
                )
            )
        else:
            told(lambda: negotiating.leave(user, said["task"], now=now))
        return Response(self._proposals(user))

    def _proposals(self, user: User) -> Any:
        now = timezone.now()
        body = {
            "capacity": capacity(user, now=now),
            "proposals": negotiating.renegotiate(user, now=now),
        }
        return WeekProposalsSerializer(body).data


class PlanningHoursView(IdempotentWrites, APIView):
    """When the person wants tasks to be planned."""

    @extend_schema(responses=PlanningHoursSerializer)
    def get(self, request: Request) -> Response:
        """Working hours, the hours for tasks, buffers, and what belongs where."""
        return Response(self._hours(person(request)))

    @extend_schema(request=PlanningHoursSerializer, responses=PlanningHoursSerializer)
    def put(self, request: Request) -> Response:
        """Sets all of them."""
        user, said = person(request), _read(PlanningHoursSerializer, request.data)
        window = said["window"]
        set_hours(
            user,
            work={
                WEEKDAY_KEYS.index(day): (span["opens"], span["closes"])
                for day, span in said["work_hours"].items()
            },
            window=(window["opens"], window["closes"]) if window else None,
            buffer_minutes=said["buffer_minutes"],
            work_categories=said["work_categories"],
            private_categories=said["private_categories"],
        )
        return Response(self._hours(user))

    def _hours(self, user: User) -> Any:
        row = PlanningHours.objects.filter(user=user).first() or PlanningHours(user=user)
        window = {"opens": row.opens, "closes": row.closes} if row.opens else None
        body = {
            "work_hours": {
                WEEKDAY_KEYS[weekday]: {"opens": opens, "closes": closes}
                for weekday, (opens, closes) in working_hours(user.work_hours).items()
            },
            "window": window,
            "buffer_minutes": row.buffer_minutes,
            "work_categories": row.work_categories,
            "private_categories": row.private_categories,
        }
        return PlanningHoursSerializer(body).data
