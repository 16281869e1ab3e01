"""REST: memories, learned preferences and promises of the person, and whether the coach learns."""

from typing import Any
from uuid import UUID, uuid4

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.current import person
from accounts.rest.idempotency import IdempotentWrites
from accounts.rest.problems import Problem
from coaching import learning_permission
from coaching.memory import (
    board,
    care,
    commitments,
    forget_everything,
    preferences,
    recall,
)
from coaching.memory.board import Shelf
from coaching.models import Commitment, EpisodicMemory, LearnedPreference

MOST_FOUND = 50


class MemorySerializer(serializers.ModelSerializer[EpisodicMemory]):
    """A memory. `held` says how strong it is now: firm, fading or faint."""

    text = serializers.CharField(source="memory_description", read_only=True)
    status = serializers.CharField(source="state.status", read_only=True)
    valid_until = serializers.DateTimeField(
        source="state.valid_until", read_only=True, allow_null=True
    )
    superseded_by: serializers.PrimaryKeyRelatedField[EpisodicMemory] = (
        serializers.PrimaryKeyRelatedField(
            source="state.superseded_by", read_only=True, allow_null=True
        )
    )
    times_referenced = serializers.IntegerField(source="state.times_referenced", read_only=True)
    held = serializers.SerializerMethodField()

    class Meta:
        model = EpisodicMemory
        fields = [
            *("id", "text", "memory_type", "quote", "subject", "original_timestamp", "held"),
            *("source_type", "source_id", "emotional_valence", "tags", "status", "is_inferred"),
            *("user_edited", "valid_until", "superseded_by", "times_referenced", "created_at"),
        ]
        read_only_fields = fields

    def get_held(self, row: EpisodicMemory) -> str:
        return board.held(row, now=timezone.now())


class TellMemorySerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=500, help_text="One sentence")


class SettleSerializer(serializers.Serializer[Any]):
    is_right = serializers.BooleanField()


class Memories(
    IdempotentWrites,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.DestroyModelMixin,
    viewsets.GenericViewSet[EpisodicMemory],
):
    """What the coach remembers, each with the words it comes from. Deleting forgets for good."""

    serializer_class = MemorySerializer
    queryset = EpisodicMemory.objects.none()

    def get_queryset(self) -> QuerySet[EpisodicMemory]:
        user = person(self.request)
        if self.action == "list":
            return board.memories_on(user, self._shelf(), now=timezone.now())
        return EpisodicMemory.objects.filter(user=user).select_related("state")

    def handle_exception(self, exc: Exception) -> Response:
        """What was forgotten in the meantime is not there."""
        gone = isinstance(exc, EpisodicMemory.DoesNotExist)
        return super().handle_exception(Http404() if gone else exc)

    def _shelf(self) -> Shelf:
        wanted = self.request.query_params.get("shelf", Shelf.KEPT.value)
        if wanted not in set(Shelf):
            raise ValidationError({"shelf": ["One of kept, waiting, closed."]})
        return Shelf(wanted)

    @extend_schema(
        parameters=[OpenApiParameter("shelf", enum=[each.value for each in Shelf], default="kept")]
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The memories of a shelf, the newest first: kept, waiting for a yes, or no longer so."""
        return super().list(request, *args, **kwargs)

    @extend_schema(request=TellMemorySerializer, responses={201: MemorySerializer})
    def create(self, request: Request) -> Response:
        """Remembers something the person says in so many words."""
        told = TellMemorySerializer(data=request.data)
        told.is_valid(raise_exception=True)
        text = told.validated_data["text"]
        try:
            kept = care.tell(
                person(request), text, source_ref=f"told:{uuid4()}", now=timezone.now()
            )
        except care.InCrisis as crisis:
            raise Problem(422, str(crisis), code="crisis") from None
        return self._again(kept.pk, status.HTTP_201_CREATED)

    @extend_schema(request=TellMemorySerializer, responses=MemorySerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Puts a memory into the person's own words."""
        memory = self.get_object()
        told = TellMemorySerializer(data=request.data)
        told.is_valid(raise_exception=True)
        text = told.validated_data["text"]
        try:
            care.edit(person(request), memory.pk, text, now=timezone.now())
        except care.InCrisis as crisis:
            raise Problem(422, str(crisis), code="crisis") from None
        return self._again(memory.pk)

    @extend_schema(request=SettleSerializer, responses=MemorySerializer)
    @action(detail=True, methods=["post"])
    def settle(self, request: Request, pk: str) -> Response:
        """Answers whether a memory is right; what is wrong is not used and not learned again."""
        memory = self.get_object()
        said = SettleSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        act = care.say_right if said.validated_data["is_right"] else care.decline
        act(person(request), memory.pk, now=timezone.now())
        return self._again(memory.pk)

    @extend_schema(
        parameters=[
            OpenApiParameter("q", str, required=True, description="Words, or a question"),
            OpenApiParameter("limit", int, default=10),
        ],
        responses=MemorySerializer(many=True),
        filters=False,
    )
    @action(detail=False, methods=["get"], pagination_class=None)
    def search(self, request: Request) -> Response:
        """The memories that fit a question best."""
        query = request.query_params.get("q", "").replace("\0", "").strip()
        if not query or len(query) > 500:
            raise ValidationError({"q": ["Ask in 1 to 500 characters."]})
        limit = request.query_params.get("limit", "10")
        if not limit.isascii() or not limit.isdigit() or not 1 <= int(limit) <= MOST_FOUND:
            raise ValidationError({"limit": [f"From 1 to {MOST_FOUND}."]})
        found = [hit.memory.pk for hit in recall(person(request), query, limit=int(limit))]
        rows = EpisodicMemory.objects.select_related("state").in_bulk(found)
        shown = [rows[pk] for pk in found if pk in rows]
        return Response(self.get_serializer(shown, many=True).data)

    @extend_schema(request=None, responses={204: None})
    @action(detail=False, methods=["delete"])
    def everything(self, request: Request) -> Response:
        """Forgets all memories for good."""
        forget_everything(person(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def perform_destroy(self, instance: EpisodicMemory) -> None:
        care.forget(person(self.request), instance.pk)

    def _again(self, pk: UUID, code: int = status.HTTP_200_OK) -> Response:
        fresh = self.get_queryset().get(pk=pk)
        return Response(self.get_serializer(fresh).data, status=code)


class LearnedPreferenceSerializer(serializers.ModelSerializer[LearnedPreference]):
    """Something the coach gathered about how the person likes things."""

    words = serializers.SerializerMethodField()

    class Meta:
        model = LearnedPreference
        fields = [
            *("id", "preference_category", "preference_key", "preference_value", "words"),
            *("confidence", "evidence_count", "evidence", "learned_from", "is_explicit"),
            *("last_confirmed_at", "declined_at", "created_at"),
        ]
        read_only_fields = fields

    def get_words(self, row: LearnedPreference) -> str:
        return preferences.in_words(row)


class LearnedPreferences(
    IdempotentWrites,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[LearnedPreference],
):
    """What the coach gathered about how the person likes things, with what it rests on."""

    serializer_class = LearnedPreferenceSerializer
    queryset = LearnedPreference.objects.none()

    def get_queryset(self) -> QuerySet[LearnedPreference]:
        user = person(self.request)
        if self.action == "list":
            return preferences.preferences_of(user)
        return LearnedPreference.objects.filter(user=user)

    @extend_schema(request=SettleSerializer, responses=LearnedPreferenceSerializer)
    @action(detail=True, methods=["post"])
    def settle(self, request: Request, pk: str) -> Response:
        """Answers whether a preference is right; what is wrong is not gathered again."""
        row = self.get_object()
        said = SettleSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        act = preferences.confirm if said.validated_data["is_right"] else preferences.decline
        settled = act(person(request), row.pk, now=timezone.now())
        return Response(self.get_serializer(settled).data)


class PromiseSerializer(serializers.ModelSerializer[Commitment]):
    """A promise with the person's words, when it is for, and what became of it."""

    check_channel = serializers.CharField(
        read_only=True, help_text="Empty: where the person likes to be reached"
    )

    class Meta:
        model = Commitment
        fields = [
            *("id", "what", "quote", "if_then", "due_at", "is_time_known", "check_at"),
            *("check_channel", "status", "outcome_at", "outcome_note", "created_at"),
        ]
        read_only_fields = fields


class OutcomeSerializer(serializers.Serializer[Any]):
    outcome = serializers.ChoiceField(["kept", "missed", "withdrawn", "open"])
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class MoveSerializer(serializers.Serializer[Any]):
    due_at = serializers.DateTimeField()


class Promises(
    IdempotentWrites,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[Commitment],
):
    """What the person said they would do. Each is asked about once."""

    serializer_class = PromiseSerializer
    queryset = Commitment.objects.none()

    def get_queryset(self) -> QuerySet[Commitment]:
        return commitments.commitments_of(person(self.request))

    @extend_schema(request=OutcomeSerializer, responses=PromiseSerializer)
    @action(detail=True, methods=["post"])
    def settle(self, request: Request, pk: str) -> Response:
        """Says what became of a promise; `open` takes an answer back."""
        user, now, row = person(request), timezone.now(), self.get_object()
        said = OutcomeSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        outcome, note = said.validated_data["outcome"], said.validated_data["note"]
        try:
            if outcome == "withdrawn":
                settled = commitments.withdraw(user, row.pk, now=now)
            elif outcome == "open":
                settled = commitments.reopen(user, row.pk, now=now)
            else:
                kept = outcome == "kept"
                settled = commitments.settle(
                    user, row.pk, kept=kept, now=now, note=note, source="api"
                )
        except commitments.PromiseRefused as refusal:
            raise ValidationError({"outcome": [str(refusal)]}) from None
        return Response(self.get_serializer(settled).data)

    @extend_schema(request=MoveSerializer, responses=PromiseSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """Gives a promise another moment, after which it is asked about anew."""
        row = self.get_object()
        wanted = MoveSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        try:
            moved = commitments.move(
                person(request), row.pk, wanted.validated_data["due_at"], now=timezone.now()
            )
        except commitments.PromiseRefused as refusal:
            raise ValidationError({"due_at": [str(refusal)]}) from None
        return Response(self.get_serializer(moved).data)


class LearningSerializer(serializers.Serializer[Any]):
    """Whether the coach learns. `has_agreed` is the consent to tracking, without which it never does."""

    learning_enabled = serializers.BooleanField()
    has_agreed = serializers.BooleanField(read_only=True)


class Learning(IdempotentWrites, APIView):
    """Whether the coach learns from what the person says and does."""

    @extend_schema(operation_id="learning_retrieve", responses=LearningSerializer)
    def get(self, request: Request) -> Response:
        return Response(self._state(request))

    @extend_schema(
        operation_id="learning_update", request=LearningSerializer, responses=LearningSerializer
    )
    def put(self, request: Request) -> Response:
        """Pauses or resumes learning; twice is once."""
        wish = LearningSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        learning_permission.set_learning(person(request), wish.validated_data["learning_enabled"])
        return Response(self._state(request))

    def _state(self, request: Request) -> dict[str, bool]:
        user = person(request)
        return {
            "learning_enabled": not learning_permission.is_paused(user),
            "has_agreed": learning_permission.has_agreed(user),
        }
