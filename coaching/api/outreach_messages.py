"""REST: what the coach sent unasked, what it held back and why, and what is muted."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.current import person
from accounts.rest.idempotency import IdempotentWrites
from coaching.models import CoachMessage, ContactDecision, Mute, Reason
from coaching.outreach import inbox, muting, reminders
from coaching.outreach.channels.wording import is_by_hand
from coaching.outreach.inbox import Box

from .outreach import ReminderSerializer, SnoozeSerializer

LABELS = dict(Reason.choices)


class ReasonSerializer(serializers.Serializer[Any]):
    code = serializers.ChoiceField(Reason.choices)
    words = serializers.CharField()


def _told(codes: list[str]) -> list[dict[str, str]]:
    return [{"code": code, "words": LABELS[code]} for code in codes if code in LABELS]


class DecisionSerializer(serializers.ModelSerializer[ContactDecision]):
    """What the governor decided about a message, and why."""

    reasons = serializers.SerializerMethodField()

    class Meta:
        model = ContactDecision
        fields = ["at", "stage", "verdict", "reasons", "not_before"]
        read_only_fields = fields

    @extend_schema_field(ReasonSerializer(many=True))
    def get_reasons(self, row: ContactDecision) -> list[dict[str, str]]:
        return _told(row.reasons)


class CoachMessageSerializer(serializers.ModelSerializer[CoachMessage]):
    """A message. One that staff has yet to look at, or decided against, comes without its words."""

    is_ai = serializers.SerializerMethodField(help_text="False when a person wrote it")
    state_in_words = serializers.SerializerMethodField()
    reason = serializers.CharField(
        read_only=True, help_text="Why it was not sent: a code, or empty"
    )
    decisions = DecisionSerializer(many=True, read_only=True)
    parts: serializers.PrimaryKeyRelatedField[CoachMessage] = serializers.PrimaryKeyRelatedField(
        many=True, read_only=True
    )

    class Meta:
        model = CoachMessage
        fields = [
            *("id", "channel", "cause", "is_ai", "state", "state_in_words", "reason", "title"),
            *("body", "cta_text", "cta_action", "subject_type", "subject_id", "created_at"),
            *("not_before", "expires_at", "sent_at", "delivered_at", "read_at", "engaged_at"),
            *("helpfulness_rating", "feedback_text", "merged_into", "parts", "decisions"),
        ]
        read_only_fields = fields

    def get_is_ai(self, row: CoachMessage) -> bool:
        return not is_by_hand(row)

    def get_state_in_words(self, row: CoachMessage) -> str:
        return inbox.state_in_words(row)

    def to_representation(self, instance: CoachMessage) -> dict[str, Any]:
        shown = super().to_representation(instance)
        if inbox.is_draft(instance):
            shown |= {"title": "", "body": "", "cta_text": "", "cta_action": ""}
        return shown


class ReadSerializer(serializers.Serializer[Any]):
    engaged = serializers.BooleanField(default=False, help_text="The person followed the link")


class RateSerializer(serializers.Serializer[Any]):
    rating = serializers.IntegerField(min_value=1, max_value=5, help_text="Thumbs are 5 and 1")
    text = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class MuteSerializer(serializers.ModelSerializer[Mute]):
    """Something that is not to be heard of: a subject, or a kind of message (`cause`)."""

    cause = serializers.CharField(read_only=True, help_text="Empty when it is a subject")

    class Meta:
        model = Mute
        fields = ["id", "label", "cause", "subject_type", "subject_id", "until", "created_at"]
        read_only_fields = fields


class MuteWishSerializer(serializers.Serializer[Any]):
    what = serializers.ChoiceField(["subject", "cause"], help_text="The thing, or the kind")
    until = serializers.DateTimeField(required=False, help_text="Left out: for good")


class CoachMessages(
    IdempotentWrites,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[CoachMessage],
):
    """What the coach sent unasked, what waits, and what was held back, with every reason."""

    serializer_class = CoachMessageSerializer
    queryset = CoachMessage.objects.none()

    def get_queryset(self) -> QuerySet[CoachMessage]:
        user = person(self.request)
        rows: QuerySet[CoachMessage] = CoachMessage.objects.of(user)
        if self.action == "list":
            rows = inbox.messages_in(user, Box(self._box()))
        elif self.action in ("rate", "snooze"):
            rows = CoachMessage.objects.of(user).sent()
        decisions = ContactDecision.objects.order_by("at", "id")
        return rows.prefetch_related(Prefetch("decisions", decisions), "parts")

    def _box(self) -> str:
        wanted = self.request.query_params.get("state", Box.SENT.value)
        if wanted not in set(Box):
            raise ValidationError({"state": ["One of sent, waiting, held."]})
        return wanted

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "state", enum=[box.value for box in Box], default="sent", description="Which ones"
            )
        ]
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The messages of one state, newest first. Reading the list marks nothing read."""
        return super().list(request, *args, **kwargs)

    @extend_schema(request=ReadSerializer, responses=CoachMessageSerializer)
    @action(detail=True, methods=["post"])
    def read(self, request: Request, pk: str) -> Response:
        """Marks a message read, or followed; twice is once."""
        message = self.get_object()
        how = ReadSerializer(data=request.data)
        how.is_valid(raise_exception=True)
        engaged = how.validated_data["engaged"]
        inbox.mark_read(person(request), message, now=timezone.now(), engaged=engaged, source="api")
        return self._again(message)

    @extend_schema(request=RateSerializer, responses=CoachMessageSerializer)
    @action(detail=True, methods=["post"])
    def rate(self, request: Request, pk: str) -> Response:
        """Says how helpful a message was; the latest opinion counts."""
        message = self.get_object()
        said = RateSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        inbox.rate(person(request), message, **said.validated_data, source="api")
        return self._again(message)

    @extend_schema(request=SnoozeSerializer, responses=ReminderSerializer)
    @action(detail=True, methods=["post"])
    def snooze(self, request: Request, pk: str) -> Response:
        """Lets the reminder behind a message speak again later; 400 when it is no reminder's."""
        message = self.get_object()
        wanted = SnoozeSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        try:
            reminder = inbox.snooze(person(request), message, wanted.validated_data["until"])
        except reminders.ReminderRefused as refusal:
            raise ValidationError({"until": [str(refusal)]}) from None
        context = self.get_serializer_context()
        return Response(ReminderSerializer(reminder, context=context).data)

    @extend_schema(request=MuteWishSerializer, responses={201: MuteSerializer})
    @action(detail=True, methods=["post"])
    def mute(self, request: Request, pk: str) -> Response:
        """Mutes what a message is about, or its kind; twice is once."""
        user, now = person(request), timezone.now()
        message = self.get_object()
        wish = MuteWishSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        until = wish.validated_data.get("until")
        if until is not None and until <= now:
            raise ValidationError({"until": ["That moment has already passed."]})
        if until is not None and until > now + muting.LONGEST:
            raise ValidationError({"until": ["At most ten years ahead; left out: for good."]})
        if wish.validated_data["what"] == "cause":
            mute = muting.mute_cause(user, message.cause, now=now, until=until)
        elif message.subject_id is not None:
            kind, subject = message.subject_type, message.subject_id
            mute = muting.mute_subject(user, kind, subject, now=now, until=until)
        else:
            raise ValidationError({"what": ["This message is about nothing in particular."]})
        return Response(MuteSerializer(mute).data, status=status.HTTP_201_CREATED)

    def _again(self, message: CoachMessage) -> Response:
        fresh = self.get_queryset().get(pk=message.pk)
        return Response(self.get_serializer(fresh).data)


class Mutes(
    IdempotentWrites,
    mixins.ListModelMixin,
    mixins.DestroyModelMixin,
    viewsets.GenericViewSet[Mute],
):
    """What is muted; deleting one lets it be heard of again."""

    serializer_class = MuteSerializer
    queryset = Mute.objects.none()

    def get_queryset(self) -> QuerySet[Mute]:
        return muting.mutes_of(person(self.request), now=timezone.now())

    def perform_destroy(self, instance: Mute) -> None:
        muting.unmute(person(self.request), instance.pk, now=timezone.now())
