"""Addresses of the pages of nudging."""

from django.urls import URLPattern, URLResolver, path

from . import nudging

urlpatterns: list[URLPattern | URLResolver] = [
    path("nudge/", nudging.nudge, name="task_nudge"),
    path("nudges/", nudging.nudges, name="nudges"),
    path("nudges/<uuid:pk>/rate/", nudging.rate, name="nudge_rate"),
    path("nudges/ease-up/", nudging.ease_up, name="nudges_ease_up"),
]
