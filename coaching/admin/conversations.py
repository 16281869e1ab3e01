"""Reading what was said: AI and human marked, nothing editable, every reading written down."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin

from accounts.staff import AuditedReading, OwnPeopleOnly, ReadOnly
from coaching.models import Conversation, Message, MessageRole, ResponseFeedback

TURNS_SHOWN = 200


@admin.register(Conversation)
class ConversationAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    """A conversation with its newest turns, oldest of them first."""

    list_display = ("title_or_start", "user", "kind", "channel", "message_count", "last_message_at")
    list_filter = ("kind", "channel", "last_message_at")
    search_fields = ("title", "user__email", "user__name")
    list_select_related = ("user",)
    ordering = ("-last_message_at",)
    fields = ("user", "kind", "channel", "started_at", "last_message_at", "outcome", "transcript")

    @admin.display(description="Conversation")
    def title_or_start(self, conversation: Conversation) -> str:
        return conversation.title or f"{conversation.started_at:%Y-%m-%d %H:%M}"

    @admin.display(description="What was said")
    def transcript(self, conversation: Conversation) -> SafeString:
        newest = conversation.messages.order_by("-id")[:TURNS_SHOWN]
        return format_html_join("", "{}", ((turn(message),) for message in reversed(newest)))


def turn(message: Message) -> SafeString:
    """One turn as staff read it: who spoke, when, what was done, what was said."""
    speaker = "Coach (AI)" if message.role == MessageRole.ASSISTANT else "Person"
    calls = ", ".join(str(call.get("name")) for call in message.function_calls)
    return format_html(
        '<div class="mb-4 {}"><p class="font-semibold">{} · {} · {}{}</p>'
        '<p class="whitespace-pre-wrap">{}</p></div>',
        "" if message.role == MessageRole.ASSISTANT else "pl-6 border-l-4 border-primary-500",
        speaker,
        f"{message.created_at:%Y-%m-%d %H:%M}",
        message.get_status_display(),
        f" · did: {calls}" if calls else "",
        message.content,
    )


@admin.register(ResponseFeedback)
class ResponseFeedbackAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    """What people thought of answers."""

    list_display = ("created_at", "user", "rating", "helpfulness", "model", "text")
    list_filter = ("rating", "helpfulness", "message__model")
    list_select_related = ("user", "message")

    @admin.display(description="Model")
    def model(self, feedback: ResponseFeedback) -> str:
        return feedback.message.model

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("user", "message")
