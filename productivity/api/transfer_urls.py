"""Addresses of transfer below /api/v1/tasks/."""

from django.urls import URLPattern, URLResolver, path

from . import transfer

urlpatterns: list[URLPattern | URLResolver] = [
    path("import/", transfer.TaskImportView.as_view(), name="tasks-import"),
    path("export/", transfer.TaskExportView.as_view(), name="tasks-export"),
    path("feed/", transfer.TaskFeedView.as_view(), name="tasks-feed"),
]
