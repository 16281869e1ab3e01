"""Addresses of the conversation's API."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from . import answer_context, conversations, preferences, streams

router = SimpleRouter(use_regex_path=False)
router.register("coach/conversations", conversations.Conversations, basename="api-conversation")

urlpatterns = [
    path("coach/message", streams.Say.as_view(), name="api-coach-message"),
    path("coach/runs/<uuid:run_id>/events", streams.Events.as_view(), name="api-run-events"),
    path("coach/runs/<uuid:run_id>/stop", streams.Stop.as_view(), name="api-run-stop"),
    path("coach/runs/<uuid:run_id>/retry", streams.Retry.as_view(), name="api-run-retry"),
    path(
        "coach/messages/<uuid:message_id>/regenerate",
        streams.Regenerate.as_view(),
        name="api-message-regenerate",
    ),
    path("coach/messages/<uuid:message_id>/edit", streams.Edit.as_view(), name="api-message-edit"),
    path(
        "coach/messages/<uuid:message_id>/undo",
        conversations.Undo.as_view(),
        name="api-message-undo",
    ),
    path(
        "coach/messages/<uuid:message_id>/feedback",
        conversations.Feedback.as_view(),
        name="api-message-feedback",
    ),
    path(
        "coach/messages/<uuid:message_id>/select",
        conversations.Select.as_view(),
        name="api-message-select",
    ),
    path(
        "coach/messages/<uuid:message_id>/context",
        answer_context.MessageContext.as_view(),
        name="api-message-context",
    ),
    path("coach/attachments/", conversations.Attachments.as_view(), name="api-attachments"),
    path("ai/create-sequence", streams.CreateSequence.as_view(), name="api-create-sequence"),
    path("ai/insights", streams.Insights.as_view(), name="api-insights"),
    path("users/me/preferences/", preferences.MyPreferences.as_view(), name="api-preferences"),
    *router.urls,
]
