"""Nudges about tasks one by one, personas, and how nudges do as a whole: misfires and use, with intervals."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_safe
from unfold.admin import ModelAdmin
from unfold.decorators import display

from accounts.staff import AuditedReading, DaysFilter, OwnPeopleOnly, ReadOnly, days_asked
from coaching.charts import Chart, ChartKind, draw
from coaching.toolkit import Series, SeriesPoint
from productivity.models import CoachingNudge, PersonaProfile
from productivity.nudging import figures
from productivity.nudging.settling import IN_WORDS

PERIODS = (7, 30, 90)
COLUMNS = (
    ("mode", "By tone"),
    ("persona_type", "By persona"),
    ("trigger", "By what called for it"),
    ("template_key", "By template (the model's words have none)"),
)


@admin.register(CoachingNudge)
class CoachingNudgeAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    """Each nudge about a task, and what came of it."""

    list_display = (
        "created_at", "user", "trigger", "mode", "source", "delivered", "usefulness_rating",
        "helped", "misfire_words",
    )  # fmt: skip
    list_filter = (
        "trigger", "mode", "persona_type", "source", "misfire", "helped", "usefulness_rating",
        ("created_at", DaysFilter),
    )  # fmt: skip
    list_filter_submit = True
    list_select_related = ("user",)
    list_per_page = 25
    show_full_result_count = False
    search_fields = ("user__email", "user__name", "template_key")
    ordering = ("-created_at",)
    list_before_template = "productivity/admin/nudges_link.html"

    @display(description="Misfire", label={"–": "success"})
    def misfire_words(self, row: CoachingNudge) -> str:
        return IN_WORDS.get(row.misfire, row.misfire) or "–"

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(require_safe(self.figures))
        return [
            path("figures/", page, name="productivity_coachingnudge_figures"),
            *super().get_urls(),
        ]

    def figures(self, request: HttpRequest) -> HttpResponse:
        """Misfires and use, over everybody this member of staff may see."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        days = days_asked(request, PERIODS, 30)
        since = timezone.now() - timedelta(days=days)
        context = {
            **self.admin_site.each_context(request),
            "title": "How nudges do",
            "opts": self.model._meta,
            "days": days,
            "periods": PERIODS,
            **figures_context(self.get_queryset(request).filter(created_at__gte=since)),
        }
        return TemplateResponse(request, "productivity/admin/nudges.html", context)


def figures_context(rows: QuerySet[CoachingNudge]) -> dict[str, Any]:
    """Everything the page shows: eight queries."""
    by_day = figures.days(rows)
    return {
        "all": figures.overall(rows),
        "tables": [(title, figures.by(rows, column)) for column, title in COLUMNS],
        "misfires": figures.misfires(rows),
        "fallbacks": figures.fallbacks(rows),
        "charts": [misfire_chart(by_day)] if by_day else [],
    }


def misfire_chart(days: Sequence[figures.Day]) -> Chart:
    """The share of misfires on each day; a day without nudges is a gap."""
    known = {day.day: day for day in days}
    points = []
    for offset in range((days[-1].day - days[0].day).days + 1):
        day = days[0].day + timedelta(days=offset)
        found = known.get(day)
        words = f"{found.misfired} of {found.came}" if found else "nothing"
        points.append(SeriesPoint(day, found.share if found else None, words))
    series = [Series("Misfired", points, 0.0, 1.0)]
    return draw(ChartKind.LINE, series, title="Share of nudges that misfired", key="misfires")


@admin.register(PersonaProfile)
class PersonaProfileAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    """How people want their coach to be about tasks, and what was learned about tones."""

    list_display = ("user", "persona_type", "adaptation_enabled", "eased_until", "updated_at")
    list_filter = ("persona_type", "adaptation_enabled")
    list_select_related = ("user",)
    list_per_page = 25
    show_full_result_count = False
    search_fields = ("user__email", "user__name")
    ordering = ("-updated_at",)
