"""Measurements over REST: samples in bulk, days, entries by hand, changes to confirm."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.current import person
from accounts.rest.idempotency import IdempotentWrites
from accounts.rest.pagination import NewestFirst
from accounts.rest.problems import Problem
from momentum.biometrics import changes, entering
from momentum.biometrics.ingesting import MOST_ITEMS, ingest
from momentum.biometrics.metrics import METRICS, in_unit
from momentum.models import (
    BiometricChange,
    BiometricSource,
    BiometricStream,
    Metric,
)

SOURCE = "api"
# Samples are sent by a device in the background: that is no sign of its person's doing something.
SENT_BY_DEVICE = "device"
LARGEST_BODY = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 2_621_440


# --- Samples ------------------------------------------------------------------------------------
class SamplesSerializer(serializers.Serializer[Any]):
    samples = serializers.ListField(
        child=serializers.JSONField(),
        max_length=MOST_ITEMS,
        help_text=(
            "Samples `{metric, start, end, value, unit?, source, device?}` and whole days "
            "`{metric, date, value, unit?, source}`. Times are ISO 8601 with a zone. "
            f"Metrics: {', '.join(Metric.values)}. Sources: {', '.join(BiometricSource.values)}."
        ),
    )


class FailedItemSerializer(serializers.Serializer[Any]):
    index = serializers.IntegerField(help_text="The item's place in what was sent, from 0")
    code = serializers.CharField(help_text="A stable word for programs")
    words = serializers.CharField()


class IngestedSerializer(serializers.Serializer[Any]):
    accepted = serializers.IntegerField(help_text="Items that made a difference")
    unchanged = serializers.IntegerField(help_text="Items that were known already")
    failed = FailedItemSerializer(many=True)
    days_changed = serializers.IntegerField(help_text="Days of a metric with another value now")


class SamplesView(IdempotentWrites, APIView):
    """What devices measured, up to 10,000 items a call, in any order and as often as it is sent."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        length = str(request.META.get("CONTENT_LENGTH") or "0")
        if length.isascii() and length.isdigit() and int(length) > LARGEST_BODY:
            raise Problem(
                413,
                f"Send at most {LARGEST_BODY:,} bytes at once; split the samples.",
                code="too_large",
            )
        super().initial(request, *args, **kwargs)

    @extend_schema(request=SamplesSerializer, responses=IngestedSerializer)
    def post(self, request: Request) -> Response:
        """Takes samples in. What is wrong with an item is told in `failed`; the others are kept."""
        result = ingest(
            person(request), _items(request.data), via=SENT_BY_DEVICE, now=timezone.now()
        )
        return Response(IngestedSerializer(result).data)


def _items(body: Any) -> list[object]:
    """The list in the body; by hand, because a serializer takes longer than all the rest."""
    items = body.get("samples") if isinstance(body, dict) else None
    if not isinstance(items, list):
        raise ValidationError({"samples": ["Send a list of samples."]})
    if len(items) > MOST_ITEMS:
        raise ValidationError({"samples": [f"Send at most {MOST_ITEMS:,} samples at once."]})
    return items


# --- Days ---------------------------------------------------------------------------------------
class DaySerializer(serializers.ModelSerializer[BiometricStream]):
    is_confirmed = serializers.SerializerMethodField()

    class Meta:
        model = BiometricStream
        fields = [
            *("id", "metric", "date", "value", "unit", "source", "is_preferred"),
            *("measured_until", "received_at", "is_confirmed"),
        ]
        read_only_fields = fields

    def get_is_confirmed(self, row: BiometricStream) -> bool:
        return row.validated_at is not None


class NewestDayFirst(NewestFirst):
    """Pages by day, however late a day was told."""

    def get_ordering(self, request: Request, queryset: QuerySet, view: Any) -> tuple[str, ...]:
        return ("-date", "-id")


class DaysView(ListAPIView[BiometricStream]):
    """The person's days, the newest first."""

    serializer_class = DaySerializer
    pagination_class = NewestDayFirst
    queryset = BiometricStream.objects.none()

    def get_queryset(self) -> QuerySet[BiometricStream]:
        if not self.request.user.is_authenticated:
            return BiometricStream.objects.none()
        found = BiometricStream.objects.filter(user=self.request.user)
        asked = self.request.query_params
        if "metric" in asked:
            found = found.filter(metric=_one_of("metric", asked["metric"], Metric.values))
        if "source" in asked:
            found = found.filter(source=_one_of("source", asked["source"], BiometricSource.values))
        if "from" in asked:
            found = found.filter(date__gte=_date("from", asked["from"]))
        if "to" in asked:
            found = found.filter(date__lte=_date("to", asked["to"]))
        if "preferred" in asked:
            flag = _one_of("preferred", asked["preferred"], ["true", "false"])
            found = found.filter(is_preferred=flag == "true")
        return found

    @extend_schema(
        parameters=[
            OpenApiParameter("metric", str, enum=Metric.values),
            OpenApiParameter("source", str, enum=BiometricSource.values),
            OpenApiParameter("from", date, description="The first day"),
            OpenApiParameter("to", date, description="The last day"),
            OpenApiParameter("preferred", bool, description="Only the source that counts, or not"),
        ]
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Values of days by source; `is_preferred` marks the one that counts."""
        return super().get(request, *args, **kwargs)


class EntrySerializer(serializers.Serializer[Any]):
    value = serializers.FloatField()
    unit = serializers.CharField(
        max_length=20, required=False, help_text="Default: the metric's own unit"
    )


class EntryView(IdempotentWrites, APIView):
    """A value by hand: it counts before every device."""

    @extend_schema(request=EntrySerializer, responses=DaySerializer)
    def put(self, request: Request, metric: str, day: date) -> Response:
        """Sets the value of a day."""
        _known(metric)
        wish = EntrySerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        told = wish.validated_data
        value = in_unit(metric, told["value"], told.get("unit", ""))
        if value is None:
            raise ValidationError({"unit": [f"Send it in {METRICS[metric].unit}."]})
        try:
            row = entering.enter(
                person(request), metric, day, value, via=SOURCE, now=timezone.now()
            )
        except entering.EntryRefused as refusal:
            raise ValidationError({"value": [str(refusal)]}) from None
        return Response(DaySerializer(row).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, metric: str, day: date) -> Response:
        """Takes the value back, so that the devices' counts again."""
        _known(metric)
        if not entering.take_back(person(request), metric, day, via=SOURCE, now=timezone.now()):
            raise Http404
        return Response(status=status.HTTP_204_NO_CONTENT)


# --- Changes ------------------------------------------------------------------------------------
class BiometricChangeSerializer(serializers.ModelSerializer[BiometricChange]):
    before = serializers.SerializerMethodField(help_text="In the metric's unit; null for weight")
    after = serializers.SerializerMethodField(help_text="In the metric's unit; null for weight")
    words = serializers.SerializerMethodField()

    class Meta:
        model = BiometricChange
        fields = [
            *("id", "metric", "since", "until", "before", "after", "words"),
            *("status", "created_at", "answered_at"),
        ]
        read_only_fields = fields

    def get_before(self, row: BiometricChange) -> float | None:
        return row.before if changes.tells_numbers(row) else None

    def get_after(self, row: BiometricChange) -> float | None:
        return row.after if changes.tells_numbers(row) else None

    def get_words(self, row: BiometricChange) -> str:
        return changes.in_words(row)


class ChangesView(ListAPIView[BiometricChange]):
    """Notable changes, open ones and answered ones, the newest first."""

    serializer_class = BiometricChangeSerializer
    queryset = BiometricChange.objects.none()

    def get_queryset(self) -> QuerySet[BiometricChange]:
        if not self.request.user.is_authenticated:
            return BiometricChange.objects.none()
        return BiometricChange.objects.filter(user=self.request.user)


class ConfirmView(IdempotentWrites, APIView):
    """Yes, this is so: the change counts."""

    @extend_schema(request=None, responses=BiometricChangeSerializer)
    def post(self, request: Request, change_id: UUID) -> Response:
        return _answered(changes.confirm, request, change_id)


class DenyView(IdempotentWrites, APIView):
    """No, this is not right: the question rests."""

    @extend_schema(request=None, responses=BiometricChangeSerializer)
    def post(self, request: Request, change_id: UUID) -> Response:
        return _answered(changes.deny, request, change_id)


class UndoView(IdempotentWrites, APIView):
    """Takes the answer back: the question is open again."""

    @extend_schema(request=None, responses=BiometricChangeSerializer)
    def post(self, request: Request, change_id: UUID) -> Response:
        return _answered(changes.undo, request, change_id)


def _answered(
    answer: Callable[..., BiometricChange], request: Request, change_id: UUID
) -> Response:
    try:
        change = answer(person(request), change_id, via=SOURCE, now=timezone.now())
    except BiometricChange.DoesNotExist:
        raise Http404 from None
    except changes.ChangeRefused as refusal:
        raise Problem(409, str(refusal), code="change_refused") from None
    return Response(BiometricChangeSerializer(change).data)


# --- What is asked for --------------------------------------------------------------------------
def _known(metric: str) -> None:
    if metric not in METRICS:
        raise Http404


def _one_of(name: str, value: str, known: list[str]) -> str:
    if value not in known:
        raise ValidationError({name: [f"One of {', '.join(known)}."]})
    return value


def _date(name: str, value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValidationError({name: ["A date like 2026-03-01."]}) from None
