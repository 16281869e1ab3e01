"""Habits over REST: the rows, their days, and what can be done with them."""

from datetime import date
from typing import Any, cast

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ModelViewSet

from accounts.current import person
from accounts.day import local_day
from accounts.rest.etags import MatchedEdits, require_match
from accounts.rest.idempotency import IdempotentWrites
from accounts.rest.problems import Problem
from accounts.rest.sync import SyncedList
from habits import automaticity, completions, editing, pauses, progress, standing
from habits.models import CompletionSource, Habit, HabitCompletion
from habits.overview import DayCell, HabitView, heatmap_of, overview

from .serializers import (
    CompletionsSerializer,
    HabitSerializer,
    HeatmapSerializer,
    PauseSerializer,
    StatsSerializer,
    StatusFilterSerializer,
    TellSerializer,
    TodaySerializer,
    ToldSerializer,
    standing_data,
)

SOURCE = CompletionSource.API.value
MAX_RANGE_DAYS = 366
DEFAULT_RANGE_DAYS = 90
MAX_WEEKS = 53


class HabitViewSet(IdempotentWrites, MatchedEdits, SyncedList, ModelViewSet[Habit]):
    """The person's habits. Deleting one hides it; `restore` brings it back."""

    serializer_class = HabitSerializer
    queryset = Habit.objects.none()
    lookup_value_converter = "uuid"
    http_method_names = ["get", "post", "patch", "put", "delete", "head", "options"]

    def get_queryset(self) -> QuerySet[Habit]:
        if not self.request.user.is_authenticated:
            return Habit.objects.none()
        habits = Habit.objects.filter(user=self.request.user)
        if self.request.method not in ("GET", "HEAD"):
            return habits
        habits = habits.select_related("streak").prefetch_related("stacks")
        if getattr(self, "action", None) == "list":
            wanted = StatusFilterSerializer(data=self.request.query_params)
            wanted.is_valid(raise_exception=True)
            habits = habits.filter(**wanted.validated_data)
        return habits

    def get_object(self) -> Habit:
        """For writes: locked, checked against `If-Match`, with its standing, all in one query."""
        if self.request.method not in ("PATCH", "PUT", "DELETE"):
            return cast(Habit, super().get_object())
        rows = self.filter_queryset(self.get_queryset()).select_related("streak")
        row = get_object_or_404(rows.select_for_update(of=("self",)), pk=self.kwargs["pk"])
        require_match(self.request, row, lambda: self.get_serializer(row).data)
        self._row = row
        return row

    def get_serializer_context(self) -> dict[str, Any]:
        context = dict(super().get_serializer_context())
        if self.request is not None and self.request.user.is_authenticated:
            context["today"] = local_day(self.request.user)
        return context

    @extend_schema(parameters=[StatusFilterSerializer])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    def perform_create(self, serializer: serializers.BaseSerializer[Habit]) -> None:
        fields = dict(serializer.validated_data)
        stacks = fields.pop("stacks", ())
        serializer.instance = editing.create(
            person(self.request), fields, stacks=stacks, source=SOURCE
        )
        self._row = serializer.instance

    def perform_update(self, serializer: serializers.BaseSerializer[Habit]) -> None:
        changes = dict(serializer.validated_data)
        stacks = changes.pop("stacks", None)
        assert serializer.instance is not None  # noqa: S101 - updates have a row
        editing.edit(
            person(self.request), serializer.instance, changes, stacks=stacks, source=SOURCE
        )

    def perform_destroy(self, instance: Habit) -> None:
        pauses.delete(person(self.request), instance, source=SOURCE)

    @extend_schema(request=None, responses=HabitSerializer)
    @action(detail=True, methods=["post"], filter_backends=[])
    def restore(self, request: Request, pk: str) -> Response:
        """Brings a deleted habit back, with all its days."""
        habit = self.get_object()
        return self._answer(pauses.restore(person(request), habit, source=SOURCE))

    @extend_schema(request=PauseSerializer, responses=HabitSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:
        """Lets a habit rest from today on: strength and streak stay as they are."""
        wanted = PauseSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        try:
            habit = pauses.pause(
                person(request),
                self.get_object(),
                until=wanted.validated_data.get("until"),
                source=SOURCE,
            )
        except pauses.PauseRefused as refusal:
            raise Problem(409, str(refusal), code="pause_refused") from None
        return self._answer(habit)

    @extend_schema(request=None, responses=HabitSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """Ends the rest: today counts again."""
        return self._answer(pauses.resume(person(request), self.get_object(), source=SOURCE))

    @extend_schema(request=None, responses=HabitSerializer)
    @action(detail=True, methods=["post"])
    def archive(self, request: Request, pk: str) -> Response:
        """Puts a habit away; its history stays."""
        return self._answer(pauses.archive(person(request), self.get_object(), source=SOURCE))

    @extend_schema(request=None, responses=HabitSerializer)
    @action(detail=True, methods=["post"])
    def unarchive(self, request: Request, pk: str) -> Response:
        """Brings back a habit that was put away."""
        return self._answer(pauses.unarchive(person(request), self.get_object(), source=SOURCE))

    @extend_schema(
        responses=TodaySerializer,
        parameters=[OpenApiParameter("day", OpenApiTypes.DATE, description="Default: today")],
    )
    @action(detail=False, methods=["get"], pagination_class=None, filter_backends=[])
    def today(self, request: Request) -> Response:
        """What the person's day asks for, with what was told of it and the week before."""
        user = person(request)
        today = local_day(user)
        day = _day(request, "day", today)
        if abs((day - today).days) > MAX_RANGE_DAYS:
            raise serializers.ValidationError({"day": ["Ask for a day within a year of today."]})
        shown = overview(user, day, with_goals=False)
        return Response(
            {
                "day": shown.day.isoformat(),
                "done": shown.done,
                "asked": shown.asked,
                "due": [_due_data(view) for view in shown.due],
                "others": [_due_data(view) for view in shown.others],
            }
        )

    @extend_schema(
        responses=StatsSerializer,
        parameters=[
            OpenApiParameter("period", OpenApiTypes.STR, enum=[*progress.PERIODS], default="30d")
        ],
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def stats(self, request: Request, pk: str) -> Response:
        """Done of asked over a period, against the one before; strength, streak, usual time."""
        period = request.query_params.get("period", "30d")
        if period not in progress.PERIODS:
            known = ", ".join(progress.PERIODS)
            raise serializers.ValidationError({"period": [f"Choose one of {known}."]})
        habit = self.get_object()
        found = progress.analyze(person(request), period, habits=[habit])
        row = next(iter(found.habits), None)
        return Response(
            {
                "period": period,
                "done": found.total.done,
                "asked": found.total.asked,
                "share": found.total.share,
                "trend": found.trend,
                "is_early": found.is_early,
                "usual_time": found.usual_hours.in_words(),
                "summary": found.summary,
                "automaticity": automaticity.fit_of(habit, found.today).in_words(),
                "standing": standing_data(
                    row.standing if row else standing.standings([habit], found.today)[habit.pk]
                ),
            }
        )

    @extend_schema(
        responses=HeatmapSerializer,
        parameters=[OpenApiParameter("weeks", OpenApiTypes.INT, default=12)],
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def heatmap(self, request: Request, pk: str) -> Response:
        """Every day of the last weeks, from a Monday to today."""
        try:
            weeks = int(request.query_params.get("weeks", 12))
        except ValueError:
            weeks = 0
        if not 1 <= weeks <= MAX_WEEKS:
            raise serializers.ValidationError({"weeks": [f"Ask for 1 to {MAX_WEEKS} weeks."]})
        habit = self.get_object()
        cells = heatmap_of(habit, weeks, local_day(person(request)))
        return Response({"results": [_cell_data(cell) for cell in cells]})

    def _answer(self, habit: Habit) -> Response:
        self._row = habit
        return Response(self.get_serializer(habit).data)


class CompletionsView(IdempotentWrites, APIView):
    """The days of a habit that something was told of."""

    @extend_schema(
        operation_id="habits_completions_list",
        responses=CompletionsSerializer,
        parameters=[
            OpenApiParameter("from", OpenApiTypes.DATE, description="Default: 90 days before `to`"),
            OpenApiParameter("to", OpenApiTypes.DATE, description="Default: today"),
        ],
    )
    def get(self, request: Request, habit_id: str) -> Response:
        user = person(request)
        habit = get_object_or_404(Habit.objects.for_user(user).only("id"), pk=habit_id)
        last = _day(request, "to", local_day(user))
        default = max(last.toordinal() - DEFAULT_RANGE_DAYS + 1, date.min.toordinal())
        first = _day(request, "from", date.fromordinal(default))
        if not 0 <= (last - first).days < MAX_RANGE_DAYS:
            raise serializers.ValidationError(
                {"from": [f"Ask for 1 to {MAX_RANGE_DAYS} days at a time."]}
            )
        rows = HabitCompletion.objects.filter(
            habit=habit, local_date__gte=first, local_date__lte=last
        ).order_by("local_date", "ordinal")
        return Response({"results": [_completion_data(row) for row in rows]})


class CompletionDayView(IdempotentWrites, APIView):
    """One day of a habit: telling it again changes it, taking it back leaves nothing."""

    @extend_schema(
        operation_id="habits_completions_tell", request=TellSerializer, responses=ToldSerializer
    )
    def put(self, request: Request, habit_id: str, day: date) -> Response:
        user = person(request)
        told = TellSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        habit = Habit(pk=habit_id)
        try:
            row = completions.complete(user, habit, day, source=SOURCE, **told.validated_data)
        except Habit.DoesNotExist:
            raise Problem(404, "There is no such habit.", code="not_found") from None
        except completions.CompletionRefused as refusal:
            raise Problem(409, str(refusal), code="completion_refused") from None
        where = standing.standing_of(row.habit, local_day(user))
        return Response({"completion": _completion_data(row), "standing": standing_data(where)})

    @extend_schema(
        operation_id="habits_completions_undo",
        request=None,
        responses={204: None},
        parameters=[OpenApiParameter("ordinal", OpenApiTypes.INT, default=1)],
    )
    def delete(self, request: Request, habit_id: str, day: date) -> Response:
        ordinal = request.query_params.get("ordinal", "1")
        if not ordinal.isdecimal() or not 1 <= int(ordinal) <= completions.MAX_ORDINAL:
            raise serializers.ValidationError(
                {"ordinal": [f"A number from 1 to {completions.MAX_ORDINAL}."]}
            )
        try:
            completions.undo(person(request), Habit(pk=habit_id), day, int(ordinal), source=SOURCE)
        except Habit.DoesNotExist:
            raise Problem(404, "There is no such habit.", code="not_found") from None
        return Response(status=status.HTTP_204_NO_CONTENT)


def _day(request: Request, name: str, default: date) -> date:
    value = request.query_params.get(name)
    if value is None:
        return default
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise serializers.ValidationError({name: ["Send a date like 2026-03-01."]}) from None


def _completion_data(row: HabitCompletion) -> dict[str, Any]:
    return {
        "day": row.local_date.isoformat(),
        "ordinal": row.ordinal,
        "status": row.status,
        "value": None if row.value is None else f"{row.value:.2f}",
        "reason": row.reason,
        "note": row.note,
        "source": row.source,
        "completed_at": row.completed_at,
        "updated_at": row.updated_at,
    }


def _cell_data(cell: DayCell) -> dict[str, Any]:
    return {
        "day": cell.day.isoformat(),
        "state": cell.state.value,
        "credit": cell.credit,
        "label": cell.label,
    }


def _due_data(view: HabitView) -> dict[str, Any]:
    habit = view.habit
    return {
        "id": str(habit.pk),
        "name": habit.name,
        "category": habit.category,
        "cadence_words": view.cadence_words,
        "tiny_version": habit.tiny_version,
        "scheduled_time": habit.scheduled_time,
        "duration_minutes": habit.duration_minutes,
        "measure": habit.measure,
        "target_value": None if habit.target_value is None else f"{habit.target_value:.2f}",
        "unit": habit.unit,
        "cue": view.cue,
        "status": view.told.status if view.told else None,
        "value": None if view.told is None or view.told.value is None else f"{view.told.value:.2f}",
        "week": view.week.in_words() if view.week else None,
        "standing": standing_data(view.standing),
        "days": [_cell_data(cell) for cell in view.strip],
    }
