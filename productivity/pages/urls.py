"""The pages of tasks."""

from django.urls import URLResolver, include, path

urlpatterns: list[URLResolver] = [
    path("tasks/", include("productivity.pages.transfer_urls")),
    path("tasks/", include("productivity.pages.stuck_urls")),
    path("tasks/", include("productivity.pages.scheduling_urls")),
    path("tasks/", include("productivity.pages.features_urls")),
    path("tasks/", include("productivity.pages.nudging_urls")),
    path("tasks/", include("productivity.pages.tasks_urls")),
]
