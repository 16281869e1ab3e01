"""Addresses of check-ins, the journal and motivation below /api/v1/momentum/."""

from django.urls import URLPattern, URLResolver
from rest_framework.routers import SimpleRouter

from .motivation import (
    CheckInViewSet,
    JournalViewSet,
    MotivationReadingViewSet,
    MotivationScoreViewSet,
)

router = SimpleRouter(use_regex_path=False)
router.register("check-ins", CheckInViewSet, basename="api-check-in")
router.register("journal", JournalViewSet, basename="api-journal")
router.register("motivation/readings", MotivationReadingViewSet, basename="api-motivation-reading")
router.register("motivation/scores", MotivationScoreViewSet, basename="api-motivation-score")
urlpatterns: list[URLPattern | URLResolver] = router.urls
