"""WebSocket routes of the conversation."""

from django.urls import URLPattern

websocket_urlpatterns: list[URLPattern] = []
