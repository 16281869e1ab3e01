"""The looks at personal prompts: each of them, and what they spent and saved as a whole."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe
from unfold.admin import ModelAdmin
from unfold.decorators import display

from accounts.current import person
from accounts.staff import AuditedReading, OwnPeopleOnly, ReadOnly
from coaching.charts import Chart, ChartKind, draw
from coaching.models import CoachingProfile, PromptReview, PromptRevision, ReviewDecision
from coaching.personalization.config import FIELDS, PersonalizedCoachingConfig, coaching_config
from coaching.personalization.figures import (
    WeekFigures,
    due_profiles,
    oldest_first,
    project,
    week_figures,
)
from coaching.toolkit import Series, SeriesPoint

WEEKS = (8, 12, 26)
PEOPLE_PER_PAGE = 50
_TOPS = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
DECISION_COLORS = {
    ReviewDecision.REGENERATED.label: "success",
    ReviewDecision.SKIPPED.label: "info",
    ReviewDecision.REJECTED.label: "warning",
    ReviewDecision.FAILED.label: "danger",
}
# What each setting means, as staff read it; shown with its value and its name in the environment.
MEANINGS = {
    "adherence_change_threshold": "Days in target must have moved by this share",
    "logging_change_threshold": "Days with something logged must have moved by this share",
    "streak_change_threshold": "Strength must have moved by what so many full days in a row make",
    "change_noise_z": "Standard errors that each of them must exceed, against chance",
    "behavioral_analysis_days": "Days that figures are taken over",
    "min_days_between_updates": "Days between two writings, at least",
    "max_weeks_between_updates": "Weeks after which it is written anew in any case",
    "prompt_update_day": "Day of the look, on each person's own clock",
    "prompt_update_hour": "Hour of the look, on each person's own clock",
    "lapse_days": "Days without anything logged that a lapse exceeds",
    "bad_ratings_in_a_row": "Thumbs down in a row that take a version back",
    "bad_ratings_window": "Ratings of which ...",
    "bad_ratings_most": "... so many down take a version back",
    "bad_ratings_more": "How many more than the version before had",
    "enable_change_detection": "Looking for changes",
    "enable_automatic_updates": "Writing anew by itself",
    "enable_generic_fallback": "A coach for everybody while there is no personal one",
    "prompt_cost_microdollars": "Reckoned cost of one writing, in millionths of a dollar",
}


@admin.register(PromptReview)
class PromptReviewAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    """What was seen of a person in a week, and what followed."""

    list_display = ("local_date", "user", "verdict", "why", "spent", "saved")
    list_filter = ("decision", "local_date")
    search_fields = ("user__email", "user__name")
    list_select_related = ("user",)
    list_per_page = 25
    show_full_result_count = False
    ordering = ("-at",)
    list_before_template = "coaching/admin/prompt_updates_link.html"
    fields = (
        "user",
        "local_date",
        "at",
        "verdict",
        "why",
        "measured",
        "revision",
        "spent",
        "saved",
    )

    @display(description="Decision", ordering="decision", label=DECISION_COLORS)
    def verdict(self, row: PromptReview) -> str:
        return row.get_decision_display()

    @admin.display(description="Because")
    def why(self, row: PromptReview) -> str:
        return " ".join(reason.get("words", "") for reason in row.reasons) or "Nothing changed."

    @admin.display(description="Figures")
    def measured(self, row: PromptReview) -> SafeString | str:
        plain = [
            (name.replace("_", " ").capitalize(), value)
            for name, value in row.metrics.items()
            if isinstance(value, int | float | str) and value != ""
        ]
        return format_html_join("", "<div>{}: {}</div>", plain) or "Nothing may be measured."

    @admin.display(description="Cost", ordering="cost_microdollars")
    def spent(self, row: PromptReview) -> str:
        return dollars(row.cost_microdollars)

    @admin.display(description="Saved", ordering="saved_microdollars")
    def saved(self, row: PromptReview) -> str:
        return dollars(row.saved_microdollars)

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(require_safe(self.overview))
        return [path("overview/", page, name="coaching_promptreview_overview"), *super().get_urls()]

    def overview(self, request: HttpRequest) -> HttpResponse:
        """What the looks spent and saved, over everybody this member of staff may see."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = request.GET.get("weeks", "")
        weeks = int(asked) if asked in {str(each) for each in WEEKS} else WEEKS[1]
        context = {
            **self.admin_site.each_context(request),
            "title": "Prompt updates",
            "opts": self.model._meta,
            "weeks": weeks,
            "periods": WEEKS,
            **_overview(request, self.get_queryset(request), weeks),
        }
        return TemplateResponse(request, "coaching/admin/prompt_updates.html", context)


def _overview(request: HttpRequest, reviews: QuerySet[PromptReview], weeks: int) -> dict[str, Any]:
    now = timezone.now()
    config = coaching_config()
    profiles = CoachingProfile.objects.all()
    revisions = PromptRevision.objects.all()
    if not request.user.is_superuser:
        profiles = profiles.filter(user__coach=person(request))
        revisions = revisions.filter(user__coach=person(request))
    figures = week_figures(reviews, revisions, today=now.date(), weeks=weeks)
    coming = project(profiles, figures, config, now=now)
    people = Paginator(oldest_first(profiles), PEOPLE_PER_PAGE).get_page(request.GET.get("page"))
    due = set(
        due_profiles(profiles, config, now=now)
        .filter(pk__in=[profile.pk for profile in people])
        .values_list("pk", flat=True)
    )
    return {
        "rows": [_week_row(week) for week in reversed(figures)],
        "charts": [decisions_chart(figures), money_chart(figures)],
        "total": {
            "spent": dollars(sum(week.spent for week in figures)),
            "saved": dollars(sum(week.saved for week in figures)),
            "regenerated": sum(week.regenerated for week in figures),
            "skipped": sum(week.skipped for week in figures),
            "rejected": sum(week.rejected for week in figures),
            "failed": sum(week.failed for week in figures),
        },
        "coming": coming,
        "coming_each": dollars(coming.each),
        "coming_most": dollars(coming.most),
        "coming_expected": dollars(coming.expected),
        "coming_share": None if coming.change_share is None else f"{coming.change_share:.0%}",
        "people": people,
        "people_rows": [(profile, profile.pk in due) for profile in people],
        "thresholds": thresholds(config),
    }


def _week_row(week: WeekFigures) -> dict[str, Any]:
    return {"week": week, "spent": dollars(week.spent), "saved": dollars(week.saved)}


def thresholds(config: PersonalizedCoachingConfig) -> list[tuple[str, str, Any]]:
    """Every setting: its name in the environment, what it means, and its value."""
    return [(name.upper(), MEANINGS[name], _shown(getattr(config, name))) for name in FIELDS]


def _shown(value: Any) -> Any:
    return ("on" if value else "off") if isinstance(value, bool) else value


def dollars(microdollars: int) -> str:
    """Money for staff: to the cent from ten cents on, finer below."""
    amount = microdollars / 1_000_000
    return f"${amount:,.2f}" if amount >= 0.1 or not amount else f"${amount:.4f}"


def decisions_chart(weeks: Sequence[WeekFigures]) -> Chart:
    """How many prompts were written anew and how many left as they were, by week."""
    most = max((max(week.regenerated, week.skipped) for week in weeks), default=0)
    top = float(max(4, most + most % 2))
    series = [
        _series("Written anew", weeks, lambda week: week.regenerated, top),
        _series("Left as it is", weeks, lambda week: week.skipped, top),
    ]
    return draw(ChartKind.BAR, series, title="Prompts looked at, by week", key="prompts")


def money_chart(weeks: Sequence[WeekFigures]) -> Chart:
    """What was spent and saved, by week: in cents while it is little, else in dollars."""
    most = max((max(week.spent, week.saved) for week in weeks), default=0)
    unit, sign, of_one = ("cents", "¢", 10_000) if most < 2_000_000 else ("dollars", "$", 1_000_000)
    top = next((step for step in _TOPS if most / of_one <= step), most / of_one)

    def series(name: str, read: Callable[[WeekFigures], int]) -> Series:
        points = [
            SeriesPoint(week.monday, read(week) / of_one, dollars(read(week))) for week in weeks
        ]
        return Series(name, points, 0.0, float(top), sign)

    shown = [series("Spent", lambda week: week.spent), series("Saved", lambda week: week.saved)]
    title = f"Spent and saved, in {unit} by week"
    return draw(ChartKind.BAR, shown, title=title, key="money")


def _series(
    name: str,
    weeks: Sequence[WeekFigures],
    read: Callable[[WeekFigures], int],
    high: float,
) -> Series:
    points = [SeriesPoint(week.monday, read(week), str(read(week))) for week in weeks]
    return Series(name, points, 0.0, high)
