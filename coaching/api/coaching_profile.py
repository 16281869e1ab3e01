"""REST: what the coach was told about a person, its versions, and the person's corrections of it."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.current import person
from accounts.rest.idempotency import IdempotentWrites
from accounts.rest.problems import Problem
from coaching.models import (
    Confidence,
    DisputedFact,
    PromptRevision,
    PromptSentence,
    PromptStatus,
    UserType,
)
from coaching.personalization import disputes, generation
from coaching.personalization.revisions import NothingToChange
from coaching.personalization.showing import as_data, picture


class EvidenceSerializer(serializers.Serializer[Any]):
    """What a sentence rests on: something measured, something said, or the coach's own way (template)."""

    kind = serializers.ChoiceField(["metric", "quote", "template"])
    text = serializers.CharField()
    at = serializers.CharField(allow_blank=True, help_text="ISO 8601, or empty")
    ref = serializers.CharField(allow_blank=True, help_text="A message, or a metric's name")


class SentenceSerializer(serializers.ModelSerializer[PromptSentence]):
    evidence = EvidenceSerializer(many=True)
    confidence = serializers.ChoiceField(Confidence.choices)

    class Meta:
        model = PromptSentence
        fields = [
            *("id", "section", "text", "evidence", "confidence", "is_observation", "expires_at")
        ]
        read_only_fields = fields


class CorrectionSerializer(serializers.ModelSerializer[DisputedFact]):
    """A sentence that was called wrong, or put in own words."""

    class Meta:
        model = DisputedFact
        fields = ["id", "text", "own_words", "created_at"]
        read_only_fields = fields


class CoachingProfileSerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(PromptStatus.choices)
    step = serializers.CharField(allow_blank=True, help_text="What is being made right now")
    version = serializers.IntegerField(allow_null=True)
    user_type = serializers.ChoiceField(UserType.choices)
    profile = serializers.CharField(allow_blank=True)
    prompt = serializers.CharField(allow_blank=True)
    last_prompt_update = serializers.DateTimeField(allow_null=True)
    consultation_done = serializers.BooleanField()
    sentences = SentenceSerializer(many=True)
    corrections = CorrectionSerializer(many=True)


class VersionSerializer(serializers.ModelSerializer[PromptRevision]):
    what_changed = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = PromptRevision
        fields = [
            *("id", "version", "status", "reason", "template", "conversational_profile", "prompt"),
            *("what_changed", "note", "created_at", "live_at"),
        ]
        read_only_fields = fields


class OwnWordsSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=disputes.LONGEST_OWN_WORDS)


def _shown(request: Request) -> dict[str, Any]:
    shown = as_data(picture(person(request)), now=timezone.now())
    return dict(CoachingProfileSerializer(shown).data)


class MyCoachingProfile(APIView):
    """The portrait and the personal prompt, sentence by sentence."""

    @extend_schema(responses=CoachingProfileSerializer)
    def get(self, request: Request) -> Response:
        """What the coach goes by with this person, with what each sentence rests on."""
        return Response(_shown(request))


class MyPromptVersions(generics.ListAPIView[PromptRevision]):
    """Every version of the person's prompt, newest first, with what changed."""

    serializer_class = VersionSerializer
    queryset = PromptRevision.objects.none()

    def get_queryset(self) -> QuerySet[PromptRevision]:
        return PromptRevision.objects.filter(user=person(self.request))


class Correction(IdempotentWrites):
    """A write that answers with the profile as it is then."""

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, PromptSentence.DoesNotExist | DisputedFact.DoesNotExist):
            exc = NotFound()
        elif isinstance(exc, NothingToChange):
            exc = Problem(409, str(exc), code="nothing_to_change")
        elif isinstance(exc, disputes.EditRefused):
            exc = ValidationError({"text": [str(exc)]})
        return super().handle_exception(exc)


class Sentence(Correction):
    """One sentence of the live prompt."""

    @extend_schema(request=OwnWordsSerializer, responses=CoachingProfileSerializer)
    def patch(self, request: Request, sentence_id: UUID) -> Response:
        """Puts own words in its place; they stay through every later writing."""
        wish = OwnWordsSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        disputes.edit(person(request), sentence_id, wish.validated_data["text"], now=timezone.now())
        return Response(_shown(request))


class SentenceWrong(Correction):
    """Calls a sentence wrong."""

    @extend_schema(request=None, responses=CoachingProfileSerializer)
    def post(self, request: Request, sentence_id: UUID) -> Response:
        """Takes it out at once, and out of every later version."""
        disputes.mark_wrong(person(request), sentence_id, now=timezone.now())
        return Response(_shown(request))


class CorrectionUndo(Correction):
    """Takes a correction back."""

    @extend_schema(request=None, responses=CoachingProfileSerializer)
    def post(self, request: Request, correction_id: UUID) -> Response:
        """What was said before stands again."""
        disputes.undo(person(request), correction_id, now=timezone.now())
        return Response(_shown(request))


class RegeneratePrompt(IdempotentWrites):
    """Has the personal prompt written anew."""

    @extend_schema(request=None, responses={202: CoachingProfileSerializer})
    def post(self, request: Request) -> Response:
        """Begins it in the background; `status` of the profile tells how it goes. A few times a day."""
        try:
            generation.ask_anew(person(request), now=timezone.now())
        except generation.NoConsultation:
            raise Problem(
                409,
                "There is nothing to write from yet: the consultation comes first.",
                code="consultation_missing",
            ) from None
        except generation.TooMany as many:
            raise Problem(
                429,
                str(many),
                code="too_many_regenerations",
                headers={"Retry-After": str(many.wait_seconds)},
            ) from None
        return Response(_shown(request), status=status.HTTP_202_ACCEPTED)
