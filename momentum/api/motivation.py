"""Check-ins, the journal and what was read from them over REST."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet, ReadOnlyModelViewSet

from accounts.current import person
from accounts.rest.etags import MatchedEdits, etag_of
from accounts.rest.idempotency import IdempotentWrites
from accounts.rest.problems import Problem
from accounts.rest.sync import SyncedList
from coaching.learning_permission import has_agreed
from momentum.models import (
    CheckIn,
    JournalEntry,
    MotivationReading,
    MotivationScore,
    MotivationScoreKind,
    MotivationType,
    ReadingMethod,
)
from momentum.motivation import checking_in, journal
from momentum.motivation.scores import VERSION

SOURCE = "api"
_CRISIS_HELP = "Fixed words with lines to call when the text speaks of a crisis: show them at once. Else empty."


class CheckInSerializer(serializers.ModelSerializer[CheckIn]):
    energy = serializers.IntegerField(
        min_value=checking_in.ENERGY[0],
        max_value=checking_in.ENERGY[1],
        required=False,
        allow_null=True,
        help_text="Perceived, 1 to 5",
    )
    motivation = serializers.IntegerField(
        min_value=checking_in.MOTIVATION[0],
        max_value=checking_in.MOTIVATION[1],
        required=False,
        allow_null=True,
        help_text="1 to 10",
    )
    at = serializers.DateTimeField(required=False)
    crisis_answer = serializers.SerializerMethodField(help_text=_CRISIS_HELP)

    class Meta:
        model = CheckIn
        fields = [
            *("id", "energy", "motivation", "mood", "note", "at", "local_date", "client_id"),
            *("source", "is_crisis", "crisis_answer", "created_at", "updated_at", "deleted_at"),
        ]
        read_only_fields = [
            *("local_date", "source", "is_crisis", "created_at", "updated_at", "deleted_at"),
        ]
        # The client's own id may come again: then it is the same check-in, not an error.
        validators: list[Any] = []

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if self.instance is not None:
            attrs.pop("client_id", None)
        return attrs

    def get_crisis_answer(self, row: CheckIn) -> str:
        answer = checking_in.answer_to(row)
        return answer.text if answer else ""


class JournalEntrySerializer(serializers.ModelSerializer[JournalEntry]):
    text = serializers.CharField(max_length=journal.LONGEST)
    at = serializers.DateTimeField(required=False)
    crisis_answer = serializers.SerializerMethodField(help_text=_CRISIS_HELP)
    motivation_type = serializers.ChoiceField(
        MotivationType.choices, read_only=True, allow_blank=True, help_text="Empty: not read yet"
    )

    class Meta:
        model = JournalEntry
        fields = [
            *("id", "text", "at", "local_date", "client_id", "source", "is_crisis"),
            *("crisis_answer", "motivation_type", "internalization_score"),
            *("created_at", "updated_at", "deleted_at"),
        ]
        read_only_fields = [
            *("local_date", "source", "is_crisis", "motivation_type", "internalization_score"),
            *("created_at", "updated_at", "deleted_at"),
        ]
        # The client's own id may come again: then it is the same entry, not an error.
        validators: list[Any] = []

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if self.instance is not None:
            attrs.pop("client_id", None)
        return attrs

    def get_crisis_answer(self, row: JournalEntry) -> str:
        answer = journal.answer_to(row)
        return answer.text if answer else ""


class CheckInViewSet(IdempotentWrites, MatchedEdits, SyncedList, ModelViewSet[CheckIn]):
    """The person's check-ins. Deleting one takes it back; `restore` brings it back."""

    serializer_class = CheckInSerializer
    queryset = CheckIn.objects.none()
    lookup_value_converter = "uuid"
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def get_queryset(self) -> QuerySet[CheckIn]:
        if not self.request.user.is_authenticated:
            return CheckIn.objects.none()
        return CheckIn.objects.filter(user=self.request.user).select_related("user")

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Checks in; the same `client_id` gives the check-in that is there already."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        try:
            told = checking_in.check_in(
                person(request), **serializer.validated_data, source=SOURCE, now=timezone.now()
            )
        except checking_in.CheckInRefused as refusal:
            raise Problem(422, str(refusal), code="check_in_refused") from None
        return Response(
            self.get_serializer(told.row).data,
            status=status.HTTP_201_CREATED,
            headers={"ETag": etag_of(told.row)},
        )

    def perform_update(self, serializer: serializers.BaseSerializer[CheckIn]) -> None:
        assert serializer.instance is not None  # noqa: S101 - updates have a row
        try:
            told = checking_in.edit(
                serializer.instance, serializer.validated_data, source=SOURCE, now=timezone.now()
            )
        except checking_in.CheckInRefused as refusal:
            raise Problem(422, str(refusal), code="check_in_refused") from None
        self._row = serializer.instance = told.row

    def perform_destroy(self, instance: CheckIn) -> None:
        checking_in.remove(instance, source=SOURCE, now=timezone.now())

    @extend_schema(request=None, responses=CheckInSerializer)
    @action(detail=True, methods=["post"], filter_backends=[])
    def restore(self, request: Request, pk: str) -> Response:
        """Brings a check-in back that was taken back."""
        row = checking_in.restore(self.get_object(), source=SOURCE, now=timezone.now())
        self._row = row
        return Response(self.get_serializer(row).data)


class JournalViewSet(IdempotentWrites, MatchedEdits, SyncedList, ModelViewSet[JournalEntry]):
    """The person's journal. Deleting an entry takes it back; `restore` brings it back."""

    serializer_class = JournalEntrySerializer
    queryset = JournalEntry.objects.none()
    lookup_value_converter = "uuid"
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def get_queryset(self) -> QuerySet[JournalEntry]:
        if not self.request.user.is_authenticated:
            return JournalEntry.objects.none()
        return JournalEntry.objects.filter(user=self.request.user).select_related("user")

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Writes an entry; the same `client_id` gives the entry that is there already."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        try:
            written = journal.write(
                person(request), **serializer.validated_data, source=SOURCE, now=timezone.now()
            )
        except journal.EntryRefused as refusal:
            raise Problem(422, str(refusal), code="entry_refused") from None
        return Response(
            self.get_serializer(written.row).data,
            status=status.HTTP_201_CREATED,
            headers={"ETag": etag_of(written.row)},
        )

    def perform_update(self, serializer: serializers.BaseSerializer[JournalEntry]) -> None:
        assert serializer.instance is not None  # noqa: S101 - updates have a row
        try:
            written = journal.edit(
                serializer.instance, **serializer.validated_data, source=SOURCE, now=timezone.now()
            )
        except journal.EntryRefused as refusal:
            raise Problem(422, str(refusal), code="entry_refused") from None
        self._row = serializer.instance = written.row

    def perform_destroy(self, instance: JournalEntry) -> None:
        journal.remove(instance, source=SOURCE, now=timezone.now())

    @extend_schema(request=None, responses=JournalEntrySerializer)
    @action(detail=True, methods=["post"], filter_backends=[])
    def restore(self, request: Request, pk: str) -> Response:
        """Brings an entry back that was taken back."""
        row = journal.restore(self.get_object(), source=SOURCE, now=timezone.now())
        self._row = row
        return Response(self.get_serializer(row).data)


class MotivationReadingSerializer(serializers.ModelSerializer[MotivationReading]):
    distribution = serializers.DictField(
        child=serializers.FloatField(), help_text="Shares of the kinds, adding up to 1"
    )
    quotes = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        help_text="The person's own words that show each kind",
    )

    class Meta:
        model = MotivationReading
        fields = [
            *("id", "source", "source_id", "motivation_type", "distribution", "quotes"),
            *("confidence", "internalization", "tone", "tone_quote", "method", "model"),
            *("at", "local_date"),
        ]
        read_only_fields = fields


class MotivationReadingViewSet(ReadOnlyModelViewSet[MotivationReading]):
    """What was read of one's own words: the kinds of motivation, with quotes and how sure it is."""

    serializer_class = MotivationReadingSerializer
    queryset = MotivationReading.objects.none()
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[MotivationReading]:
        if not self.request.user.is_authenticated:
            return MotivationReading.objects.none()
        if not has_agreed(self.request.user):
            return MotivationReading.objects.none()
        return MotivationReading.objects.filter(user=self.request.user)


class MotivationScoreSerializer(serializers.ModelSerializer[MotivationScore]):
    method = serializers.ChoiceField(
        ReadingMethod.choices, read_only=True, allow_blank=True, help_text="Empty: figures only"
    )

    class Meta:
        model = MotivationScore
        fields = ["id", "date", "kind", "score", "evidence_count", "method", "version", "scored_at"]
        read_only_fields = fields


@extend_schema(
    parameters=[
        OpenApiParameter("kind", str, enum=MotivationScoreKind.values),
    ]
)
class MotivationScoreViewSet(ReadOnlyModelViewSet[MotivationScore]):
    """The scores of one's days: how motivated, and how much of it one's own, with their evidence."""

    serializer_class = MotivationScoreSerializer
    queryset = MotivationScore.objects.none()
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[MotivationScore]:
        if not self.request.user.is_authenticated:
            return MotivationScore.objects.none()
        rows = MotivationScore.objects.filter(user=self.request.user, version=VERSION)
        if not has_agreed(self.request.user):
            rows = rows.none()
        kind = self.request.query_params.get("kind")
        if kind is None:
            return rows
        if kind not in MotivationScoreKind.values:
            raise ValidationError({"kind": [f"One of {', '.join(MotivationScoreKind.values)}."]})
        return rows.filter(kind=kind)
