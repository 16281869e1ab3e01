"""REST: the consultation, from the first word to the coach that comes of it."""

from typing import Any
from uuid import UUID, uuid4

from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.current import person
from accounts.rest.problems import Problem
from coaching.models import Consultation, ConversationChannel, Message
from coaching.personalization import consultation as talks
from coaching.personalization.consultation.state import State, state_of, transcript
from coaching.personalization.consultation.topics import RULES, TITLES, Topic


class ItemSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.CharField(help_text="goal, reason, activity, pattern, obstacle, …")
    value = serializers.CharField()
    quote = serializers.CharField(help_text="The person's own words")
    message_id = serializers.UUIDField(
        allow_null=True, help_text="Where they stand; null: it was known before the talk"
    )
    at = serializers.DateTimeField()


class TopicSerializer(serializers.Serializer[Any]):
    topic = serializers.ChoiceField([topic.value for topic in Topic])
    title = serializers.CharField()
    state = serializers.ChoiceField(["open", "told", "passed", "declined"])
    items = ItemSerializer(many=True)


class TurnSerializer(serializers.ModelSerializer[Message]):
    text = serializers.CharField(source="content")

    class Meta:
        model = Message
        fields = ["id", "role", "text", "is_crisis", "created_at"]
        read_only_fields = fields


class TranscriptSerializer(serializers.Serializer[Any]):
    results = TurnSerializer(many=True)
    earlier = serializers.UUIDField(
        allow_null=True, help_text="Give it as `before` to read what was said earlier"
    )


class StateSerializer(serializers.Serializer[Any]):
    session_id = serializers.UUIDField()
    status = serializers.ChoiceField(["active", "completed", "abandoned"])
    progress = serializers.FloatField(min_value=0, max_value=1)
    topics = TopicSerializer(many=True)
    can_complete = serializers.BooleanField()
    missing = serializers.ListField(child=serializers.CharField())
    is_paused = serializers.BooleanField()
    prompt_status = serializers.ChoiceField(["none", "generating", "ready", "failed"])
    prompt_progress = serializers.CharField(allow_blank=True, help_text="The step being made")
    started_at = serializers.DateTimeField()
    completed_at = serializers.DateTimeField(allow_null=True)
    messages = TranscriptSerializer()


class StartSerializer(serializers.Serializer[Any]):
    key = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=100,
        help_text="An access key, where the consultation is not open yet",
    )


class ConsultationMessageSerializer(serializers.Serializer[Any]):
    session_id = serializers.UUIDField()
    text = serializers.CharField(
        max_length=RULES.longest_message, allow_blank=False, trim_whitespace=True
    )
    client_id = serializers.CharField(
        max_length=64, required=False, help_text="Your own id of the message: sent twice, said once"
    )


class ReplySerializer(serializers.Serializer[Any]):
    message = TurnSerializer()
    reply = TurnSerializer()
    duplicate = serializers.BooleanField()
    state = StateSerializer()


class CompletedSerializer(serializers.Serializer[Any]):
    session_id = serializers.UUIDField()
    status = serializers.ChoiceField(["completed"])
    prompt_status = serializers.ChoiceField(["none", "generating", "ready", "failed"])
    status_url = serializers.CharField()


class ConsultationView(APIView):
    """A view of the consultation: a refusal becomes a problem document."""

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, talks.Refused):
            exc = Problem(exc.status, exc.detail, code=exc.code, **exc.members)
        return super().handle_exception(exc)


class Start(ConsultationView):
    """Begins a consultation, or goes on with the one that is open.

    403 with the code `consultation_not_enabled` where the gate is closed, and `consultation_key_unknown`,
    `consultation_key_used` or `consultation_key_expired` for a key that does not open it.
    """

    @extend_schema(
        request=StartSerializer,
        responses={
            201: StateSerializer,
            200: OpenApiResponse(StateSerializer, description="The one that is open already"),
        },
    )
    def post(self, request: Request) -> Response:
        wish = StartSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        begun = talks.start(
            person(request),
            now=timezone.now(),
            key=wish.validated_data.get("key", ""),
            channel=ConversationChannel.API,
        )
        code = status.HTTP_201_CREATED if begun.is_new else status.HTTP_200_OK
        address = reverse("api-consultation", args=[begun.consultation.pk])
        return Response(_state(begun.consultation), status=code, headers={"Location": address})


class Say(ConsultationView):
    """The person says something and is answered; the same `client_id` again gives the same answer.

    409 when the consultation is over, or the last message is still being answered (`still_answering`).
    """

    @extend_schema(
        request=ConsultationMessageSerializer,
        responses={
            200: ReplySerializer,
        },
        parameters=[
            OpenApiParameter(
                "Idempotency-Key",
                str,
                OpenApiParameter.HEADER,
                description="Serves as `client_id` when the body has none",
            )
        ],
    )
    def post(self, request: Request) -> Response:
        wish = ConsultationMessageSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        data = wish.validated_data
        client_id = data.get("client_id") or request.headers.get("Idempotency-Key") or uuid4().hex
        found = talks.find(person(request), data["session_id"])
        said = talks.say(found, data["text"], client_id=client_id, now=timezone.now())
        body = {
            "message": TurnSerializer(said.message).data,
            "reply": TurnSerializer(said.reply).data,
            "duplicate": said.is_duplicate,
            "state": _state(said.consultation),
        }
        return Response(body)


BEFORE = OpenApiParameter("before", UUID, description="Messages before this one")


class One(ConsultationView):
    """One consultation."""

    @extend_schema(responses=StateSerializer, parameters=[BEFORE])
    def get(self, request: Request, session_id: UUID) -> Response:
        """How far it is, what was understood, and the last messages; `?before=` goes further back."""
        before = serializers.UUIDField(required=False, allow_null=True).run_validation(
            request.query_params.get("before") or None
        )
        return Response(_state(talks.find(person(request), session_id), before=before))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, session_id: UUID) -> Response:
        """Abandons it; what was said is deleted within 30 days. 409 when it was completed."""
        talks.abandon(talks.find(person(request), session_id), now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class Complete(ConsultationView):
    """Ends the talk and has the coach made from it; twice is once.

    409 with the code `consultation_incomplete` while it is too early; `missing` names the topics still open.
    """

    @extend_schema(
        request=None,
        responses={
            202: CompletedSerializer,
        },
    )
    def post(self, request: Request, session_id: UUID) -> Response:
        done = talks.complete(talks.find(person(request), session_id), now=timezone.now())
        address = reverse("api-consultation", args=[done.pk])
        body = {
            "session_id": str(done.pk),
            "status": done.status,
            "prompt_status": state_of(done).prompt_status,
            "status_url": address,
        }
        return Response(body, status=status.HTTP_202_ACCEPTED, headers={"Location": address})


class OneItem(ConsultationView):
    """Something that was understood."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request, session_id: UUID, item_id: UUID) -> Response:
        """Takes it out: it was understood wrongly, or shall not be used."""
        talks.remove_item(talks.find(person(request), session_id), item_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _state(consultation: Consultation, before: UUID | None = None) -> dict[str, Any]:
    state: State = state_of(consultation)
    rows, earlier = transcript(consultation, before=before)
    return {
        "session_id": str(consultation.pk),
        "status": consultation.status,
        "progress": state.standing.progress,
        "topics": [
            {
                "topic": topic.value,
                "title": TITLES[topic],
                "state": state.standing.topics[topic].value,
                "items": ItemSerializer(
                    [item.as_stored() for item in state.understood.of(topic)], many=True
                ).data,
            }
            for topic in Topic
        ],
        "can_complete": state.can_complete,
        "missing": [topic.value for topic in state.standing.missing],
        "is_paused": state.interview.is_paused,
        "prompt_status": state.prompt_status,
        "prompt_progress": state.prompt_progress,
        "started_at": consultation.started_at,
        "completed_at": consultation.completed_at,
        "messages": {
            "results": TurnSerializer(rows, many=True).data,
            "earlier": str(earlier) if earlier else None,
        },
    }
