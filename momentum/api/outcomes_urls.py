"""Addresses of visits and outcomes below /api/v1/momentum/."""

from django.urls import URLPattern, URLResolver
from rest_framework.routers import SimpleRouter

from .outcomes import GoalProgress, Outcomes, Visits

router = SimpleRouter(use_regex_path=False)
router.register("visits", Visits, basename="api-visit")
router.register("goal-progress", GoalProgress, basename="api-goal-progress")
router.register("outcomes", Outcomes, basename="api-outcome")
urlpatterns: list[URLPattern | URLResolver] = router.urls
