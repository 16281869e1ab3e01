"""WebSocket routes of the conversation."""

from typing import Any

from django.urls import URLPattern, path

from .consumers import coach_line

application: Any = coach_line
websocket_urlpatterns: list[URLPattern] = [path("ws/coach/", application)]
