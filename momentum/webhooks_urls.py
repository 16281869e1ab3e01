"""Addresses below /api/v1/webhooks/garmin/."""

from django.urls import URLPattern, path

from .webhooks import garmin_push

urlpatterns: list[URLPattern] = [path("<str:kind>/", garmin_push, name="garmin-push")]
