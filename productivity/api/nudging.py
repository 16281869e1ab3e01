"""REST: nudges about tasks, asked for and rated; the persona that speaks; and "ease up"."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.current import person
from accounts.models import User
from accounts.rest.idempotency import HEADER, MAX_KEY_LENGTH
from accounts.rest.pagination import NewestFirst
from accounts.rest.problems import Problem
from coaching.learning_permission import has_agreed
from coaching.models import MessageChannel, Preferences
from productivity.models import CoachingNudge, PersonaType, Task
from productivity.nudging import easing, giving, personas, rating


class ProductivityNudgeSerializer(serializers.ModelSerializer[CoachingNudge]):
    """One nudge about tasks."""

    delivery_channel = serializers.ChoiceField(
        choices=MessageChannel.choices, allow_blank=True, read_only=True
    )

    class Meta:
        model = CoachingNudge
        fields = [
            "id", "task", "trigger", "mode", "persona_type", "humor_intensity", "generated_text",
            "source", "fallback_reason", "sentiment_score", "delivered", "delivery_channel",
            "delivered_at", "usefulness_rating", "helped", "message", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class ProductivityNudgeAskSerializer(serializers.Serializer[Any]):
    """What to be nudged about: without a task it is what comes first."""

    task = serializers.UUIDField(required=False, allow_null=True)


class ProductivityNudgeRatingSerializer(serializers.Serializer[Any]):
    """What a nudge was worth: -1 not useful, 0 so so, 1 useful."""

    rating = serializers.IntegerField(min_value=-1, max_value=1)


class ProductivityToneSerializer(serializers.Serializer[Any]):
    """What was learned about one tone: how much was tried and how much of it helped, the older the less."""

    mode = serializers.CharField()
    tried = serializers.FloatField()
    helped = serializers.FloatField()
    words = serializers.CharField()


class ProductivityPersonaSerializer(serializers.Serializer[Any]):
    """How the coach is about tasks, and what it learned about tones that help."""

    persona_type = serializers.ChoiceField(choices=PersonaType.choices, required=False)
    adaptation_enabled = serializers.BooleanField(required=False)
    humor_intensity = serializers.SerializerMethodField(
        help_text="0 to 3; it is changed with the other preferences"
    )
    eased_until = serializers.SerializerMethodField(help_text="Nothing is teased before")
    may_learn = serializers.SerializerMethodField(
        help_text="Whether the person agrees to tracking, without which nothing is learned"
    )
    learned = serializers.SerializerMethodField()

    @extend_schema_field(serializers.IntegerField(min_value=0, max_value=3))
    def get_humor_intensity(self, row: Any) -> int:
        chosen = Preferences.objects.filter(user=row.user).values_list("humor_intensity", flat=True)
        return chosen.first() or 0

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_eased_until(self, row: Any) -> str | None:
        until = easing.is_eased(row.user, now=timezone.now())
        return until.isoformat() if until else None

    def get_may_learn(self, row: Any) -> bool:
        return has_agreed(row.user)

    @extend_schema_field(ProductivityToneSerializer(many=True))
    def get_learned(self, row: Any) -> Any:
        return ProductivityToneSerializer(personas.tones_of(row.user), many=True).data


class Nudges(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[CoachingNudge]
):
    """Nudges about tasks, the newest first."""

    serializer_class = ProductivityNudgeSerializer
    queryset = CoachingNudge.objects.none()
    pagination_class = NewestFirst
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[CoachingNudge]:
        return CoachingNudge.objects.filter(user=person(self.request), delivered=True)

    @extend_schema(
        request=ProductivityNudgeAskSerializer,
        responses={201: ProductivityNudgeSerializer, 200: ProductivityNudgeSerializer},
        parameters=[
            OpenApiParameter(
                HEADER, str, OpenApiParameter.HEADER, description="The same key speaks once."
            )
        ],
    )
    def create(self, request: Request) -> Response:
        """Gives a nudge at once, in the model's words when they come in time.

        409 in a pause after a crisis, when nothing is open, or when there were enough today.
        """
        asked = ProductivityNudgeAskSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        user, now = person(request), timezone.now()
        try:
            nudge = giving.nudge_now(
                user,
                task=asked.validated_data.get("task"),
                request_key=_key(request),
                now=now,
            )
        except Task.DoesNotExist:
            raise Problem(404, "There is no such task.", code="not_found") from None
        except giving.NudgeRefused as refusal:
            raise Problem(409, str(refusal), code=refusal.code) from None
        fresh = nudge.created_at == now
        code = status.HTTP_201_CREATED if fresh else status.HTTP_200_OK
        return Response(self.get_serializer(nudge).data, status=code)

    @extend_schema(request=ProductivityNudgeRatingSerializer, responses=ProductivityNudgeSerializer)
    @action(detail=True, methods=["post"])
    def rating(self, request: Request, pk: str) -> Response:
        """Says what a nudge was worth; the latest opinion counts. A roast rated -1 ends the teasing for two weeks."""
        nudge = self.get_object()
        said = ProductivityNudgeRatingSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        try:
            rated = rating.rate(
                person(request),
                nudge.pk,
                said.validated_data["rating"],
                now=timezone.now(),
            )
        except CoachingNudge.DoesNotExist:
            raise Problem(404, "There is no such nudge.", code="not_found") from None
        return Response(self.get_serializer(rated).data)


def _key(request: Request) -> str:
    """The `Idempotency-Key` of the request: the model is waited for outside of any transaction, so it is kept here."""
    key = request.headers.get(HEADER, "")
    if key and (len(key) > MAX_KEY_LENGTH or not key.isprintable()):
        raise Problem(400, "An idempotency key has 1 to 200 characters.", code="key_invalid")
    return key


class MyPersona(APIView):
    """How the coach is about the person's tasks."""

    @extend_schema(responses=ProductivityPersonaSerializer)
    def get(self, request: Request) -> Response:
        """The persona, and what was learned about tones."""
        return Response(_persona(person(request)))

    @extend_schema(request=ProductivityPersonaSerializer, responses=ProductivityPersonaSerializer)
    def patch(self, request: Request) -> Response:
        """Chooses another persona, or switches adaptation; without it nothing learned is kept."""
        user = person(request)
        wish = ProductivityPersonaSerializer(data=request.data, partial=True)
        wish.is_valid(raise_exception=True)
        personas.choose(
            user,
            persona=wish.validated_data.get("persona_type"),
            adaptation=wish.validated_data.get("adaptation_enabled"),
        )
        return Response(_persona(user))


class EaseUp(APIView):
    """The word that ends the teasing."""

    @extend_schema(request=None, responses=ProductivityPersonaSerializer)
    def post(self, request: Request) -> Response:
        """Nothing is teased for two weeks from now."""
        easing.ease_up(person(request), now=timezone.now())
        return Response(_persona(person(request)))

    @extend_schema(responses={200: ProductivityPersonaSerializer})
    def delete(self, request: Request) -> Response:
        """Takes that back."""
        easing.end_ease(person(request))
        return Response(_persona(person(request)))


def _persona(user: User) -> dict[str, Any]:
    return dict(ProductivityPersonaSerializer(personas.profile_of(user)).data)
