"""Addresses of a person's profile and prompt below /api/v1/."""

from django.urls import path

from . import coaching_profile as views

urlpatterns = [
    path(
        "users/me/coaching-profile",
        views.MyCoachingProfile.as_view(),
        name="api-coaching-profile",
    ),
    path(
        "users/me/regenerate-prompt",
        views.RegeneratePrompt.as_view(),
        name="api-regenerate-prompt",
    ),
    path("users/me/prompt-versions", views.MyPromptVersions.as_view(), name="api-prompt-versions"),
    path(
        "users/me/prompt-sentences/<uuid:sentence_id>",
        views.Sentence.as_view(),
        name="api-prompt-sentence",
    ),
    path(
        "users/me/prompt-sentences/<uuid:sentence_id>/wrong",
        views.SentenceWrong.as_view(),
        name="api-prompt-sentence-wrong",
    ),
    path(
        "users/me/prompt-corrections/<uuid:correction_id>/undo",
        views.CorrectionUndo.as_view(),
        name="api-prompt-correction-undo",
    ),
]
