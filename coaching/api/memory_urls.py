"""Addresses of memories, preferences and promises below /api/v1/."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from .memory import LearnedPreferences, Learning, Memories, Promises

router = SimpleRouter()
router.register("memories", Memories, basename="api-memory")
router.register("learned-preferences", LearnedPreferences, basename="api-learned-preference")
router.register("promises", Promises, basename="api-promise")
urlpatterns = [*router.urls, path("learning/", Learning.as_view(), name="api-learning")]
