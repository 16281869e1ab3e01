"""Messages to people: what went out, what was held back and why, what waits for a yes, and writing one."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import pluralize
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from unfold.admin import ModelAdmin
from unfold.decorators import display

from accounts.current import person
from accounts.staff import AuditedReading, DaysFilter, OwnPeopleOnly, ReadOnly, audit, confirmed
from coaching.models import (
    CoachMessage,
    ContactDecision,
    DecisionStage,
    DeliveryState,
    Notification,
    NudgeDecision,
)
from coaching.outreach import outbox
from coaching.outreach.figures import standings

from .words import clock_words, fact_words, moment_words, reason_words, verdict_words
from .writing import write_view

STATE_COLORS = {
    DeliveryState.PENDING_APPROVAL.label: "warning",
    DeliveryState.QUEUED.label: "info",
    DeliveryState.SENDING.label: "info",
    DeliveryState.SENT.label: "success",
    DeliveryState.DELIVERED.label: "success",
    DeliveryState.FAILED.label: "danger",
    DeliveryState.UNKNOWN.label: "danger",
}


class StandingFilter(admin.SimpleListFilter):
    """What staff look at first, as on their home page."""

    title = "at a glance"
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(one.key, one.title) for one in standings(timezone.now())]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[CoachMessage]
    ) -> QuerySet[CoachMessage]:
        known = {one.key: one.condition for one in standings(timezone.now())}
        chosen = known.get(self.value() or "")
        return queryset if chosen is None else queryset.filter(chosen)


@admin.register(CoachMessage)
class CoachMessageAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    """Every message with its decisions. "Add" writes one to somebody of one's own caseload."""

    list_display = ("words", "user", "way", "state_label", "why", "written", "went_out")
    list_display_links = ("words",)
    list_filter = (
        StandingFilter,
        "state",
        "channel",
        "cause",
        "reason",
        ("created_at", DaysFilter),
    )
    list_filter_submit = True
    list_select_related = ("user",)
    list_per_page = 25
    show_full_result_count = False
    search_fields = ("user__email", "user__name", "title")
    search_help_text = "Name or address of the person, or the title"
    ordering = ("-id",)
    actions = ("approve", "reject")
    fieldsets = (
        (None, {"fields": ("user", "title", "body", "action", "rating")}),
        (
            "On its way",
            {"fields": ("state_label", "why", "way", "author", "times", "merging")},
        ),
        ("What was decided, and why", {"fields": ("timeline",)}),
        ("Attempts", {"fields": ("tries",)}),
        ("Where it came from", {"fields": ("origin",)}),
    )

    # --- Who may do what ------------------------------------------------------------------------

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return person(request).has_perm("coaching.add_coachmessage")

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return person(request).has_perm("coaching.change_coachmessage")

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return write_view(self, request)

    # --- Deciding -------------------------------------------------------------------------------

    @confirmed(
        "Approve",
        "Let these messages go out, as soon as nothing else speaks against it?",
        ("decide",),
    )
    def approve(self, request: HttpRequest, rows: QuerySet[CoachMessage]) -> None:
        now, staff = timezone.now(), person(request)
        waiting = self._waiting(rows)
        for message in waiting:
            outbox.approve(message, staff, now=now)
            audit(staff, message.user, "message.approved", id=str(message.pk))
        stopped = sum(message.state == DeliveryState.SUPPRESSED for message in waiting)
        aside = f" {stopped} of them will not go out; their pages say why." if stopped else ""
        messages.success(
            request, f"{len(waiting)} message{pluralize(len(waiting))} approved.{aside}"
        )

    @confirmed("Reject", "Never send these messages?", ("decide",))
    def reject(self, request: HttpRequest, rows: QuerySet[CoachMessage]) -> None:
        now, staff = timezone.now(), person(request)
        waiting = self._waiting(rows)
        for message in waiting:
            outbox.reject(message, staff, now=now)
            audit(staff, message.user, "message.rejected", id=str(message.pk))
        messages.success(request, f"{len(waiting)} message{pluralize(len(waiting))} rejected.")

    def _waiting(self, rows: QuerySet[CoachMessage]) -> list[CoachMessage]:
        """Those that still wait: the others were decided, or went out, meanwhile."""
        return list(
            rows.filter(state=DeliveryState.PENDING_APPROVAL).select_related("user").order_by("id")
        )

    # --- Showing --------------------------------------------------------------------------------

    @display(description="Message")
    def words(self, message: CoachMessage) -> str:
        said = f"{message.title}: {message.body}" if message.title else message.body
        return Truncator(said).chars(90)

    @display(description="Written", ordering="created_at")
    def written(self, message: CoachMessage) -> str:
        return moment_words(message.created_at)

    @display(description="Sent", ordering="sent_at")
    def went_out(self, message: CoachMessage) -> str:
        if message.sent_at is None:
            return "–"
        return moment_words(message.sent_at) + (", read" if message.read_at else "")

    @display(description="Channel and cause")
    def way(self, message: CoachMessage) -> str:
        return f"{message.get_channel_display()} · {message.get_cause_display()}"

    @display(description="State", label=STATE_COLORS, ordering="state")
    def state_label(self, message: CoachMessage) -> str:
        return message.get_state_display()

    @display(description="Why")
    def why(self, message: CoachMessage) -> str:
        return reason_words(message.reason) if message.reason else "–"

    @display(description="Button in the message", empty_value="–")
    def action(self, message: CoachMessage) -> str:
        return f"{message.cta_text} → {message.cta_action}" if message.cta_action else ""

    @display(description="What they thought of it", empty_value="–")
    def rating(self, message: CoachMessage) -> str:
        stars = f"{message.helpfulness_rating} of 5" if message.helpfulness_rating else ""
        return " · ".join(filter(None, (stars, message.feedback_text)))

    @display(description="Times")
    def times(self, message: CoachMessage) -> SafeString:
        moments = {
            "Written": message.created_at,
            "Not before": message.not_before,
            "Dropped after": message.expires_at,
            "Sent": message.sent_at,
            "Delivered": message.delivered_at,
            "Read": message.read_at,
            "Followed": message.engaged_at,
        }
        zone = message.user.tz
        lines = [(name, clock_words(at, zone)) for name, at in moments.items() if at is not None]
        return _part("message_times", {"lines": lines, "zone": message.user.timezone})

    @display(description="Merged")
    def merging(self, message: CoachMessage) -> SafeString:
        parts = message.parts.order_by("id")
        return _part("message_parts", {"whole": message.merged_into, "parts": parts})

    @display(description="Decisions")
    def timeline(self, message: CoachMessage) -> SafeString:
        zone = message.user.tz
        steps = [
            {
                "at": clock_words(decision.at, zone),
                "stage": DecisionStage(decision.stage).label,
                "verdict": decision.verdict,
                "words": verdict_words(decision, zone),
                "facts": fact_words(decision.facts, zone),
            }
            for decision in ContactDecision.objects.filter(message=message).order_by("at", "id")
        ]
        return _part("message_decisions", {"steps": steps, "zone": message.user.timezone})

    @display(description="Attempts to deliver")
    def tries(self, message: CoachMessage) -> SafeString:
        rows = Notification.objects.filter(message=message).order_by("attempt")
        return _part("message_attempts", {"rows": rows})

    @display(description="Cause")
    def origin(self, message: CoachMessage) -> SafeString:
        nudge = NudgeDecision.objects.filter(message=message).first()
        return _part("message_origin", {"message": message, "nudge": nudge})


def _part(name: str, context: dict[str, Any]) -> SafeString:
    return render_to_string(f"coaching/admin/{name}.html", context)
