"""Addresses of nudging below /api/v1/productivity/."""

from django.urls import URLPattern, URLResolver, path
from rest_framework.routers import SimpleRouter

from .nudging import EaseUp, MyPersona, Nudges

router = SimpleRouter(use_regex_path=False)
router.register("nudges", Nudges, basename="api-nudge")

urlpatterns: list[URLPattern | URLResolver] = [
    path("nudges/ease-up/", EaseUp.as_view(), name="api-nudges-ease-up"),
    path("persona/", MyPersona.as_view(), name="api-persona"),
    *router.urls,
]
