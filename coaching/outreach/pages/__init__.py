"""The pages of messages, reminders and notification settings."""

from django.urls import URLPattern

from . import messages, reminders, settings

urlpatterns: list[URLPattern] = [
    *messages.urlpatterns,
    *reminders.urlpatterns,
    *settings.urlpatterns,
]
