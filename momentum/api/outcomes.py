"""REST: visits, progress of goals, and the weeks' outcomes of the person."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.current import person
from accounts.rest.idempotency import IdempotentWrites
from accounts.rest.pagination import NewestFirst
from accounts.rest.problems import Problem
from coaching.learning_permission import has_agreed
from momentum import visits
from momentum.models import GoalProgressLog, Metric, OutcomeMetric, VisitAdherenceLog


class VisitSerializer(serializers.ModelSerializer[VisitAdherenceLog]):
    """An appointment. `actual_time` is when it began, once it took place."""

    class Meta:
        model = VisitAdherenceLog
        fields = ["visit_id", "kind", "scheduled_time", "actual_time", "status"]
        read_only_fields = fields


class LatestVisits(NewestFirst):
    ordering: Any = ("-scheduled_time", "-id")


class Visits(
    IdempotentWrites,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[VisitAdherenceLog],
):
    """Appointments with the coach and what became of them, the latest first."""

    serializer_class = VisitSerializer
    queryset = VisitAdherenceLog.objects.none()
    pagination_class = LatestVisits
    lookup_field = "visit_id"
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[VisitAdherenceLog]:
        return visits.visits_of(person(self.request))

    @extend_schema(request=None, responses=VisitSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, visit_id: UUID) -> Response:
        """Takes an appointment back; twice is once."""
        visit = get_object_or_404(self.get_queryset(), visit_id=visit_id)
        try:
            cancelled = visits.cancel(visit.visit_id, source="api", now=timezone.now())
        except visits.VisitRefused as refusal:
            raise Problem(409, str(refusal), code="visit_not_open") from None
        return Response(self.get_serializer(cancelled).data)


class GoalProgressSerializer(serializers.ModelSerializer[GoalProgressLog]):
    """How far a goal was at a moment, as a percentage and in the goal's own unit."""

    class Meta:
        model = GoalProgressLog
        fields = ["id", "goal_id", "goal_text", "percent_complete", "value", "unit", "at"]
        read_only_fields = fields


class LatestProgress(NewestFirst):
    ordering: Any = ("-at", "-id")


class GoalProgress(mixins.ListModelMixin, viewsets.GenericViewSet[GoalProgressLog]):
    """How far goals were, the latest first."""

    serializer_class = GoalProgressSerializer
    queryset = GoalProgressLog.objects.none()
    pagination_class = LatestProgress

    def get_queryset(self) -> QuerySet[GoalProgressLog]:
        user = person(self.request)
        rows = GoalProgressLog.objects.filter(user=user)
        if not has_agreed(user):
            rows = rows.none()
        wanted = self.request.query_params.get("goal_id")
        if wanted is None:
            return rows
        try:
            return rows.filter(goal_id=UUID(wanted))
        except ValueError:
            raise ValidationError({"goal_id": ["This is no id of a goal."]}) from None

    @extend_schema(
        parameters=[OpenApiParameter("goal_id", OpenApiTypes.UUID, description="Of one goal only")]
    )
    def list(self, request: Request) -> Response:
        """How far goals were, the latest first."""
        return super().list(request)


class OutcomeSerializer(serializers.ModelSerializer[OutcomeMetric]):
    """A week from Monday. `is_retained` is null until the four weeks after it are over."""

    biometric_change = serializers.SerializerMethodField()

    class Meta:
        model = OutcomeMetric
        fields = [
            *("week", "was_active", "active_days", "is_retained", "goal_attainment"),
            *("biometric_change", "mean_score", "computed_at"),
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.DictField(child=serializers.FloatField()))
    def get_biometric_change(self, row: OutcomeMetric) -> dict[str, float]:
        """Per metric the mean of the week minus that of the four weeks before. Weight is looked at elsewhere."""
        told: dict[str, float] = row.biometric_change
        return {metric: value for metric, value in told.items() if metric != Metric.WEIGHT_KG}


class LatestWeeks(NewestFirst):
    ordering = "-week"


class Outcomes(mixins.ListModelMixin, viewsets.GenericViewSet[OutcomeMetric]):
    """What came of each week, the latest first. Weeks are computed once they are over."""

    serializer_class = OutcomeSerializer
    queryset = OutcomeMetric.objects.none()
    pagination_class = LatestWeeks

    def get_queryset(self) -> QuerySet[OutcomeMetric]:
        user = person(self.request)
        if not has_agreed(user):
            return OutcomeMetric.objects.none()
        return OutcomeMetric.objects.filter(user=user)
