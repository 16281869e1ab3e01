"""The pages of messages, reminders and notification settings."""

from django.urls import URLPattern

from . import messages, push, reminders, settings

urlpatterns: list[URLPattern] = [
    *messages.urlpatterns,
    *push.urlpatterns,
    *reminders.urlpatterns,
    *settings.urlpatterns,
]
