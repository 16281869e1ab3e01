"""REST: conversations, their messages, files, and how the coach should be."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.current import person
from accounts.rest.idempotency import IdempotentWrites
from coaching.agent import runs
from coaching.chat.attachments import attach
from coaching.chat.cards import undo_call
from coaching.chat.deleting import remove_conversation
from coaching.chat.pages import found_conversations, rate
from coaching.chat.thread import Thread
from coaching.models import Attachment, Conversation

from .streams import CoachView


class ConversationSerializer(serializers.ModelSerializer[Conversation]):
    class Meta:
        model = Conversation
        fields = [
            *("id", "kind", "channel", "title", "started_at"),
            *("last_message_at", "message_count", "head"),
        ]
        read_only_fields = [field for field in fields if field != "title"]


class BranchSerializer(serializers.Serializer[Any]):
    index = serializers.IntegerField()
    total = serializers.IntegerField()
    previous = serializers.UUIDField(allow_null=True)
    next = serializers.UUIDField(allow_null=True)


class UndoLinkSerializer(serializers.Serializer[Any]):
    url = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class CardSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    state = serializers.CharField()
    error = serializers.CharField(allow_blank=True)
    undo = UndoLinkSerializer(allow_null=True)
    html = serializers.CharField(allow_blank=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # The class has an attribute `label` of its own.
        return {**super().get_fields(), "label": serializers.CharField()}


class FileSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    type = serializers.CharField()
    size = serializers.IntegerField()
    url = serializers.CharField()


class CitedSourceSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="As it stands in the text: [1]")
    title = serializers.CharField()
    url = serializers.CharField(
        allow_blank=True, help_text="Empty when the article was withdrawn since"
    )


class MessageSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    role = serializers.CharField()
    text = serializers.CharField()
    html = serializers.CharField()
    sources = CitedSourceSerializer(many=True)
    status = serializers.CharField()
    is_crisis = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    branch = BranchSerializer()
    cards = CardSerializer(many=True)
    attachments = FileSerializer(many=True)
    can_edit = serializers.BooleanField()
    can_regenerate = serializers.BooleanField()
    can_retry = serializers.BooleanField()
    run = serializers.UUIDField(allow_null=True)
    rating = serializers.IntegerField(allow_null=True)


class ActiveRunSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    last_seq = serializers.IntegerField()


class ThreadSerializer(serializers.Serializer[Any]):
    messages = MessageSerializer(many=True)
    earlier = serializers.UUIDField(allow_null=True)
    active_run = ActiveRunSerializer(allow_null=True)


class Conversations(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[Conversation],
    CoachView,
):
    """The person's conversations with the coach."""

    serializer_class = ConversationSerializer
    queryset = Conversation.objects.none()
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[Conversation]:
        rows = found_conversations(person(self.request), self.request.query_params.get("q", ""))
        return rows.order_by("-id")

    @extend_schema(parameters=[OpenApiParameter("q", str, description="Words to search for")])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Newest first; `?q=` searches names and messages."""
        return super().list(request, *args, **kwargs)

    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Renames a conversation."""
        conversation = self.get_object()
        serializer = self.get_serializer(conversation, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        # An answer that begins meanwhile moves the other columns.
        conversation.title = serializer.validated_data.get("title", conversation.title)
        conversation.save(update_fields=["title"])
        return Response(serializer.data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: UUID) -> Response:
        """Deletes a conversation with its messages and files."""
        remove_conversation(person(request), pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        responses=ThreadSerializer,
        parameters=[OpenApiParameter("before", UUID, description="Turns before this message")],
        filters=False,
    )
    @action(detail=True, url_path="messages", pagination_class=None)
    def messages(self, request: Request, pk: UUID) -> Response:
        """The last fifty turns of the branch that is shown; `?before=` goes further back."""
        before = serializers.UUIDField(required=False, allow_null=True).run_validation(
            request.query_params.get("before") or None
        )
        thread = Thread(person(request), self.get_object(), before=before)
        body = {
            "messages": thread.messages(),
            "earlier": thread.earlier,
            "active_run": thread.active_run,
        }
        return Response(ThreadSerializer(body).data)


class UndoSerializer(serializers.Serializer[Any]):
    call = serializers.CharField(max_length=200, help_text="The id of the call to take back")


class UndoneSerializer(serializers.Serializer[Any]):
    title = serializers.CharField()
    summary = serializers.CharField()


class Undo(CoachView):
    """Takes back what the coach did in a message; twice is once."""

    @extend_schema(request=UndoSerializer, responses=UndoneSerializer)
    def post(self, request: Request, message_id: UUID) -> Response:
        wish = UndoSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        card = undo_call(person(request), message_id, wish.validated_data["call"])
        return Response(UndoneSerializer(card.model_dump()).data)


class FeedbackSerializer(serializers.Serializer[Any]):
    rating = serializers.IntegerField(min_value=-1, max_value=1, required=False)
    helpfulness = serializers.IntegerField(min_value=1, max_value=5, required=False)
    text = serializers.CharField(max_length=2000, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "rating" not in attrs and not attrs.get("helpfulness") and not attrs.get("text"):
            raise serializers.ValidationError(
                {"rating": ["Send a rating, how helpful it was, or words."]}
            )
        return attrs


class Feedback(CoachView):
    """What the person thinks of an answer; the latest opinion counts."""

    @extend_schema(request=FeedbackSerializer, responses=FeedbackSerializer)
    def post(self, request: Request, message_id: UUID) -> Response:
        wish = FeedbackSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        rate(person(request), message_id, **wish.validated_data)
        return Response(wish.validated_data)


class Select(CoachView):
    """Shows the branch of a message."""

    @extend_schema(request=None, responses=ConversationSerializer)
    def post(self, request: Request, message_id: UUID) -> Response:
        conversation = runs.select_branch(person(request), message_id)
        conversation.refresh_from_db()
        return Response(ConversationSerializer(conversation).data)


class AttachmentSerializer(serializers.ModelSerializer[Attachment]):
    class Meta:
        model = Attachment
        fields = ["id", "name", "type", "size", "created_at"]
        read_only_fields = fields


class UploadSerializer(serializers.Serializer[Any]):
    file = serializers.FileField(max_length=200)


class Attachments(IdempotentWrites, CoachView):
    """A file for the next message: pictures, PDF, text, Markdown, CSV."""

    parser_classes = [MultiPartParser]

    @extend_schema(
        request={"multipart/form-data": UploadSerializer}, responses={201: AttachmentSerializer}
    )
    def post(self, request: Request) -> Response:
        wish = UploadSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        attachment = attach(person(request), wish.validated_data["file"])
        return Response(AttachmentSerializer(attachment).data, status=status.HTTP_201_CREATED)
