"""Addresses below /api/v1/biometrics/imports/."""

from django.urls import URLPattern, path

from .imports import ImportContentView, ImportsView, ImportView

urlpatterns: list[URLPattern] = [
    path("imports/", ImportsView.as_view(), name="health-imports"),
    path("imports/<uuid:import_id>/", ImportView.as_view(), name="health-import"),
    path(
        "imports/<uuid:import_id>/content/",
        ImportContentView.as_view(),
        name="health-import-content",
    ),
]
