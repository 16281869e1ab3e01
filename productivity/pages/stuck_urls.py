"""Addresses of the pages of stuck."""

from django.urls import URLPattern, URLResolver, path

from . import stuck

urlpatterns: list[URLPattern | URLResolver] = [
    path("<uuid:pk>/stuck/", stuck.why, name="task_stuck"),
    path("stuck/<uuid:pk>/take-up/", stuck.take_up, name="stuck_take_up"),
    path("breakdowns/<uuid:pk>/", stuck.draft_state, name="breakdown_state"),
    path("breakdowns/<uuid:pk>/accept/", stuck.accept_steps, name="breakdown_accept"),
    path("breakdowns/<uuid:pk>/decline/", stuck.decline_steps, name="breakdown_decline"),
]
