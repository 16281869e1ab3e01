"""REST: what the coach was told for an answer."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.current import person
from coaching.agent.answer_contexts import context_of
from coaching.chat.why import own_answer

from .streams import CoachView


class TurnShownSerializer(serializers.Serializer[Any]):
    role = serializers.CharField()
    text = serializers.CharField()


class SourceGivenSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=["memory", "summary", "knowledge"])
    id = serializers.UUIDField()
    number = serializers.IntegerField(allow_null=True)
    title = serializers.CharField(allow_blank=True)
    text = serializers.CharField()
    slug = serializers.CharField(allow_blank=True)
    used = serializers.BooleanField()


class AnswerContextSerializer(serializers.Serializer[Any]):
    """`kept` is false when nothing was kept of this answer; then the rest is empty."""

    message = serializers.UUIDField()
    kept = serializers.BooleanField()
    created_at = serializers.DateTimeField(allow_null=True)
    tokens = serializers.IntegerField(allow_null=True, help_text="Estimated")
    system = serializers.CharField(allow_blank=True)
    history = TurnShownSerializer(many=True)
    sources = SourceGivenSerializer(many=True)


class MessageContext(CoachView):
    """Exactly what the model was given for one of the person's answers."""

    @extend_schema(responses=AnswerContextSerializer)
    def get(self, request: Request, message_id: UUID) -> Response:
        user = person(request)
        message = own_answer(user, message_id)
        kept = context_of(user, message.pk)
        body = {
            "message": message.pk,
            "kept": kept is not None,
            "created_at": kept.created_at if kept else None,
            "tokens": kept.tokens if kept else None,
            "system": kept.system if kept else "",
            "history": kept.history if kept else [],
            "sources": kept.sources if kept else [],
        }
        return Response(AnswerContextSerializer(body).data)
