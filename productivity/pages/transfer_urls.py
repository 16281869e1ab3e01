"""Addresses of the pages of transfer."""

from django.urls import URLPattern, URLResolver, path

from . import transfer

urlpatterns: list[URLPattern | URLResolver] = [
    path("import/", transfer.bring, name="tasks_import"),
    path("export.ics", transfer.take, name="tasks_export"),
    path("calendar/", transfer.calendar, name="tasks_calendar"),
    path("calendar/new/", transfer.new_calendar_address, name="tasks_calendar_new"),
    path("calendar/end/", transfer.end_calendar_address, name="tasks_calendar_end"),
    path("feed/<str:token>.ics", transfer.read_feed, name="tasks_feed"),
]
