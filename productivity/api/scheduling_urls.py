"""Addresses of scheduling below /api/v1/productivity/."""

from django.urls import URLPattern, URLResolver, path
from rest_framework.routers import SimpleRouter

from . import scheduling

router = SimpleRouter(use_regex_path=False)
router.register("recommendations", scheduling.SlotSuggestions, basename="api-slot-suggestion")
urlpatterns: list[URLPattern | URLResolver] = [
    *router.urls,
    path("why-not/", scheduling.SlotWhyNotView.as_view(), name="api-slot-why-not"),
    path("snooze-offers/", scheduling.TaskSnoozeOffersView.as_view(), name="api-snooze-offers"),
    path("capacity/", scheduling.WeekCapacityView.as_view(), name="api-week-capacity"),
    path("plan-day/", scheduling.DayPlanView.as_view(), name="api-day-plan"),
    path("plan-day/accept/", scheduling.DayPlanAcceptView.as_view(), name="api-day-plan-accept"),
    path("renegotiation/", scheduling.WeekProposalsView.as_view(), name="api-renegotiation"),
    path("planning-hours/", scheduling.PlanningHoursView.as_view(), name="api-planning-hours"),
]
