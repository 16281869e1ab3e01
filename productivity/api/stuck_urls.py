"""Addresses of stuck below /api/v1/."""

from django.urls import URLPattern, URLResolver, path

from .stuck import (
    TaskBreakdownAcceptView,
    TaskBreakdownDeclineView,
    TaskBreakdownView,
    TaskStuckTakeUpView,
    TaskStuckView,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("<uuid:task_id>/stuck/", TaskStuckView.as_view(), name="task-stuck"),
    path(
        "<uuid:task_id>/stuck/<uuid:report_id>/take-up/",
        TaskStuckTakeUpView.as_view(),
        name="task-stuck-take-up",
    ),
    path("<uuid:task_id>/breakdown/", TaskBreakdownView.as_view(), name="task-breakdown"),
    path(
        "<uuid:task_id>/breakdown/<uuid:breakdown_id>/accept/",
        TaskBreakdownAcceptView.as_view(),
        name="task-breakdown-accept",
    ),
    path(
        "<uuid:task_id>/breakdown/<uuid:breakdown_id>/decline/",
        TaskBreakdownDeclineView.as_view(),
        name="task-breakdown-decline",
    ),
]
