"""The pages of tasks."""

from django.urls import URLPattern, URLResolver, include, path

from . import hours

urlpatterns: list[URLPattern | URLResolver] = [
    path("settings/work-hours/", hours.planning_hours, name="settings_hours"),
    path("tasks/", include("productivity.pages.transfer_urls")),
    path("tasks/", include("productivity.pages.stuck_urls")),
    path("tasks/", include("productivity.pages.scheduling_urls")),
    path("tasks/", include("productivity.pages.features_urls")),
    path("tasks/", include("productivity.pages.nudging_urls")),
    path("tasks/", include("productivity.pages.tasks_urls")),
]
