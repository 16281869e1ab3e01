"""How the person goes about tasks, over REST: the newest measures and their history. Read only, and their own.

Answers carry an `ETag`; with `If-None-Match` an unchanged one is a 304 without a body.
"""

from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.current import person
from accounts.rest.pagination import NewestFirst
from coaching.learning_permission import has_agreed
from productivity.features import telling
from productivity.models import FeatureSnapshot


class ProductivityFeaturePartSerializer(serializers.Serializer[Any]):
    """One part of the score."""

    key = serializers.CharField()
    title = serializers.CharField()
    words = serializers.CharField(help_text="What it rests on, for the person")
    share = serializers.FloatField(allow_null=True, help_text="0-1, smoothed")
    weight = serializers.IntegerField(help_text="Percent of the score")


class ProductivityFeaturesSerializer(serializers.ModelSerializer[FeatureSnapshot]):
    """The measures as of one of the person's days; `null`: too early to say."""

    parts = serializers.SerializerMethodField(help_text="What the score is made of")
    missing = serializers.SerializerMethodField(
        help_text="What it still takes for a score; empty when there is one"
    )
    observed_since = serializers.SerializerMethodField(help_text="The first moment it rests on")
    rhythm = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField()),
        help_text="Tasks done by weekday (Monday first) and hour",
    )
    category_clusters = serializers.DictField(
        child=serializers.DictField(), help_text="Per category: tasks, done, late, snoozed, minutes"
    )
    group = serializers.CharField(source="cluster_label", help_text="Empty without a group")

    class Meta:
        model = FeatureSnapshot
        fields: ClassVar = [
            *("date", "is_provisional", "procrastination_score", "score_low", "score_high"),
            *("parts", "missing", "observed_since", "tasks_seen", "snooze_rate", "edit_rate"),
            *("overdue_rate", "completion_rate", "completion_latency_avg"),
            *("completion_vs_due_hours", "deadline_tension", "inactivity_days"),
            *("burstiness_index", "rhythm", "category_clusters", "group", "feature_version"),
        ]
        read_only_fields = fields

    @extend_schema_field(ProductivityFeaturePartSerializer(many=True))
    def get_parts(self, row: FeatureSnapshot) -> Any:
        return ProductivityFeaturePartSerializer(telling.parts_of(row), many=True).data

    def get_missing(self, row: FeatureSnapshot) -> str:
        return telling.missing_of(row).words

    def get_observed_since(self, row: FeatureSnapshot) -> datetime | None:
        return telling.since_of(row)


class ByDay(NewestFirst):
    """The newest day first."""

    ordering = "-date"
    page_size = 30


@method_decorator(conditional_page, name="dispatch")
class ProductivityFeaturesView(ListAPIView[FeatureSnapshot]):
    """The measures of each day, the newest first; none for whoever did not agree to tracking."""

    serializer_class = ProductivityFeaturesSerializer
    pagination_class = ByDay
    queryset = FeatureSnapshot.objects.none()

    def get_queryset(self) -> QuerySet[FeatureSnapshot]:
        user = person(self.request)
        if not has_agreed(user):
            return FeatureSnapshot.objects.none()
        return FeatureSnapshot.objects.filter(user=user)

    @extend_schema(operation_id="productivity_features")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)
