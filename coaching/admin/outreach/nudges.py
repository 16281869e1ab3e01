"""Nudge decisions one by one, and what the policy does and gains as a whole."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe
from unfold.admin import ModelAdmin
from unfold.decorators import display

from accounts.staff import AuditedReading, DaysFilter, OwnPeopleOnly, ReadOnly, days_asked
from coaching.models import NudgeDecision
from coaching.outreach.figures import (
    difference,
    odds_histogram,
    policy_days,
    reasons_for_silence,
    versions_of,
)
from coaching.outreach.policy.availability import Unavailable

from .pictures import decisions_chart, difference_words, odds_chart, rewards_chart, share_chart
from .words import moment_words

PERIODS = (7, 30, 90)
# Codes of the policy's availability, as staff read them.
SILENCE: Mapping[str, str] = {
    Unavailable.NO_NEED: "nothing to be reminded of",
    Unavailable.NO_WORDS: "no wording fits",
    Unavailable.QUIET_HOURS: "quiet hours",
    Unavailable.AWAY: "away",
    Unavailable.CRISIS_PAUSE: "rest after a crisis alert",
    Unavailable.AUTOMATION_PAUSED: "automation is paused",
    Unavailable.NUDGES_OFF: "they turned nudges off",
    Unavailable.OVER_BUDGET: "enough messages already",
    Unavailable.BACKING_OFF: "backing off",
    Unavailable.DIGEST_ONLY: "three ignored: weekly summary only",
    Unavailable.USUALLY_INACTIVE: "usually not there at this hour",
    Unavailable.JUST_ACTIVE: "at it just now",
}


@admin.register(NudgeDecision)
class NudgeDecisionAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    """Each decision point of each person, also those at which nothing was said."""

    list_display = (
        "moment",
        "user",
        "need",
        "outcome",
        "silence",
        "odds",
        "action_done",
        "reward_shown",
    )
    list_filter = (
        "sent",
        "is_available",
        "unavailable_reason",
        "action_done",
        "point",
        "policy_version",
        ("at", DaysFilter),
    )
    list_filter_submit = True
    list_select_related = ("user",)
    list_per_page = 25
    show_full_result_count = False
    search_fields = ("user__email", "user__name")
    ordering = ("-at",)
    list_before_template = "coaching/admin/policy_link.html"
    fieldsets = (
        (None, {"fields": ("user", "at", "local_date", "point", "need", "outcome", "silence")}),
        (
            "Odds",
            {
                "fields": (
                    "policy_version",
                    "probability",
                    "raw_probability",
                    "random_number",
                    "dosage",
                    "error",
                    "features_shown",
                )
            },
        ),
        ("Words", {"fields": ("template", "template_probability", "message")}),
        (
            "What came of it",
            {"fields": ("window_ends_at", "action_done", "reward", "resolved_at")},
        ),
    )

    @display(description="Decision", ordering="at")
    def moment(self, row: NudgeDecision) -> str:
        return f"{moment_words(row.at)} ({row.point})"

    @display(description="Said", label={"Message": "success"})
    def outcome(self, row: NudgeDecision) -> str:
        return "Message" if row.sent else "Nothing"

    @display(description="Not possible because")
    def silence(self, row: NudgeDecision) -> str:
        return silence_words(row.unavailable_reason) or "–"

    @display(description="Odds", ordering="probability")
    def odds(self, row: NudgeDecision) -> str:
        return f"{row.probability:.2f}" if row.is_available else "–"

    @display(description="Reward", ordering="reward")
    def reward_shown(self, row: NudgeDecision) -> str:
        return "–" if row.reward is None else f"{row.reward:.2f}"

    @display(description="Could the odds be worked out")
    def error(self, row: NudgeDecision) -> str:
        return "No: the odds for errors were used" if row.had_error else "Yes"

    @display(description="What was known")
    def features_shown(self, row: NudgeDecision) -> SafeString:
        return render_to_string("coaching/admin/features.html", {"features": row.features})

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(require_safe(self.policy))
        return [path("policy/", page, name="coaching_nudgedecision_policy"), *super().get_urls()]

    def policy(self, request: HttpRequest) -> HttpResponse:
        """What the policy did and gained, over everybody this member of staff may see."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        days = days_asked(request, PERIODS, 30)
        since = timezone.now() - timedelta(days=days)
        context = {
            **self.admin_site.each_context(request),
            "title": "The nudge policy",
            "opts": self.model._meta,
            "days": days,
            "periods": PERIODS,
            **policy_context(self.get_queryset(request).filter(at__gte=since)),
        }
        return TemplateResponse(request, "coaching/admin/policy.html", context)


def silence_words(code: str) -> str:
    return SILENCE.get(code, code.replace("_", " "))


def policy_context(rows: QuerySet[NudgeDecision]) -> dict[str, Any]:
    """Everything the policy page shows: five queries, and one more per policy version."""
    by_day = policy_days(rows)
    decisions, possible = (
        sum(day.decisions for day in by_day),
        sum(day.available for day in by_day),
    )
    return {
        "decisions": decisions,
        "possible": possible,
        "said": sum(day.sent for day in by_day),
        "charts": [
            decisions_chart(by_day),
            share_chart(by_day),
            odds_chart(odds_histogram(rows)),
            rewards_chart(by_day),
        ]
        if by_day
        else [],
        "versions": [
            {"figures": found, "words": difference_words(found)}
            for found in (difference(rows, version) for version in versions_of(rows))
        ],
        "silences": [
            {"words": silence_words(code), "count": count, "share": count / decisions}
            for code, count in reasons_for_silence(rows)
        ],
    }
