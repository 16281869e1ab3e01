"""Suggested slots, what was learned from them, and how they fare as a whole."""

from datetime import timedelta

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_safe
from unfold.admin import ModelAdmin

from accounts.current import person
from accounts.models import User
from accounts.staff import AuditedReading, OwnPeopleOnly, ReadOnly, days_asked
from coaching.admin.evaluation import curve_chart
from coaching.learning.evaluation import Odds
from productivity.models import PlanningHours, ScheduleRecommendation, SlotOdds, SlotTrial
from productivity.scheduling.figures import SlotFigures, figures

PERIODS = (30, 90, 365)


@admin.register(ScheduleRecommendation)
class ScheduleRecommendationAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    """Slots that were suggested; above them the way to the figures as a whole."""

    list_display = (
        *("created_at", "user", "recommended_due", "percent", "accepted", "rejected"),
        *("refusal_reason", "was_done"),
    )
    list_filter = ("accepted", "rejected", "refusal_reason", "was_done")
    search_fields = ("user__email", "user__name")
    list_select_related = ("user",)
    list_per_page = 25
    show_full_result_count = False
    ordering = ("-created_at",)
    list_before_template = "productivity/admin/slots_link.html"

    @admin.display(description="Odds told", ordering="odds")
    def percent(self, row: ScheduleRecommendation) -> str:
        return f"{row.odds:.0%}"

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(require_safe(self.fares))
        name = "productivity_schedulerecommendation_figures"
        return [path("figures/", page, name=name), *super().get_urls()]

    def fares(self, request: HttpRequest) -> HttpResponse:
        """How suggestions fare, over the people this member of staff may see."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        days = days_asked(request, PERIODS, PERIODS[1])
        staff = person(request)
        people = None if staff.is_superuser else User.objects.filter(coach=staff)
        found = figures(people, since=timezone.now() - timedelta(days=days))
        context = {
            **self.admin_site.each_context(request),
            "title": "How suggested slots fare",
            "opts": self.model._meta,
            "days": days,
            "periods": PERIODS,
            "found": found,
            "chart": curve_chart(_as_odds(found)) if found.bins else None,
        }
        return TemplateResponse(request, "productivity/admin/slots.html", context)


def _as_odds(found: SlotFigures) -> Odds:
    """The figures as the chart of odds takes them."""
    return Odds(
        kind="task slots",
        settled=found.told,
        void=0,
        waiting=0,
        brier=found.brier,
        error=found.error,
        bins=tuple(found.bins),
        correction=None,
    )


class _OfPeople(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    """What is derived from, or set by, people: to look at."""

    search_fields = ("user__email", "user__name")
    list_select_related = ("user",)
    list_per_page = 50
    show_full_result_count = False


@admin.register(SlotTrial)
class SlotTrialAdmin(_OfPeople):
    """Pieces of evidence for the odds of an hour."""

    list_display = ("starts_at", "user", "kind", "category", "weight", "worked", "predicted")
    list_filter = ("kind", "worked")
    ordering = ("-created_at",)


@admin.register(SlotOdds)
class SlotOddsAdmin(_OfPeople):
    """The sums of the evidence per hour."""

    list_display = ("user", "weekday", "hour", "category", "tried", "worked", "updated_at")
    list_filter = ("weekday",)
    ordering = ("user", "weekday", "hour")


@admin.register(PlanningHours)
class PlanningHoursAdmin(_OfPeople):
    """When people want tasks to be planned."""

    list_display = ("user", "opens", "closes", "buffer_minutes", "updated_at")
    ordering = ("-updated_at",)
