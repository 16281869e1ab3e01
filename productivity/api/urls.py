"""Addresses of tasks below /api/v1/."""

from django.urls import URLResolver, include, path

urlpatterns: list[URLResolver] = [
    path("tasks/", include("productivity.api.transfer_urls")),
    path("tasks/", include("productivity.api.stuck_urls")),
    path("productivity/", include("productivity.api.scheduling_urls")),
    path("productivity/", include("productivity.api.features_urls")),
    path("productivity/", include("productivity.api.nudging_urls")),
    path("tasks/", include("productivity.api.tasks_urls")),
]
