"""Versions of personal prompts, with their differences and the way back; and the talks they are tried on."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import pluralize
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.decorators import display

from accounts.current import person
from accounts.staff import AuditedReading, DaysFilter, OwnPeopleOnly, ReadOnly, audit, confirmed
from coaching.models import GoldenConversation, PromptRevision, RevisionStatus
from coaching.personalization import revisions
from coaching.personalization.comparing import side_by_side

STATUS_COLORS = {
    RevisionStatus.CANDIDATE.label: "info",
    RevisionStatus.LIVE.label: "success",
    RevisionStatus.REJECTED.label: "danger",
    RevisionStatus.ROLLED_BACK.label: "warning",
}


@admin.register(PromptRevision)
class PromptRevisionAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    """One version a row; going back is an action on one of them."""

    list_display = (
        *("version_label", "user", "status_label", "reason", "template"),
        *("changes_in_short", "cost", "model", "created_at"),
    )
    list_display_links = ("version_label",)
    list_filter = ("status", "reason", "template", "model", ("created_at", DaysFilter))
    list_filter_submit = True
    list_select_related = ("user",)
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("user__email", "user__name")
    search_help_text = "Name or address of the person"
    ordering = ("-id",)
    actions = ("go_back",)
    fieldsets = (
        (None, {"fields": ("user", "version", "status_label", "reason", "note", "made_by")}),
        ("What changed", {"fields": ("changes",)}),
        ("Against the version before", {"fields": ("against_before",)}),
        ("Against the live version", {"fields": ("against_live",)}),
        ("Sentences, and what they rest on", {"fields": ("sentence_table",)}),
        (
            "How it was made",
            {"fields": ("template", "model", "cost", "created_at", "live_at", "trial")},
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[PromptRevision]:
        rows: QuerySet[PromptRevision] = super().get_queryset(request)
        return rows.defer("prompt", "conversational_profile", "behavioral_data")

    def has_rollback_permission(self, request: HttpRequest) -> bool:
        return person(request).has_perm("coaching.change_promptrevision")

    @confirmed(
        "Go back to this version",
        "Let the coach speak by these versions again? Each becomes a new version with the old content, "
        "less what the person called wrong since.",
        ("rollback",),
    )
    def go_back(self, request: HttpRequest, rows: QuerySet[PromptRevision]) -> None:
        now, staff = timezone.now(), person(request)
        done = 0
        # Of several versions of one person the newest counts.
        newest = {row.user_id: row for row in rows.select_related("user").order_by("version")}
        for revision in newest.values():
            try:
                again = revisions.roll_back(revision, by=staff, now=now)
            except revisions.NothingToChange as nothing:
                messages.warning(request, f"{revision.user}, {revision}: {nothing}")
                continue
            audit(
                staff,
                revision.user,
                "prompt.rolled_back",
                id=str(again.pk),
                to_version=revision.version,
            )
            done += 1
        if done:
            messages.success(request, f"{done} prompt{pluralize(done)} put back.")

    @display(description="Version", ordering="version")
    def version_label(self, revision: PromptRevision) -> str:
        return str(revision)

    @display(description="State", label=STATUS_COLORS, ordering="status")
    def status_label(self, revision: PromptRevision) -> str:
        return str(RevisionStatus(revision.status).label)

    @display(description="What changed")
    def changes_in_short(self, revision: PromptRevision) -> str:
        told = revision.what_changed
        if not told:
            return "–"
        more = f" (+{len(told) - 1})" if len(told) > 1 else ""
        return f"{str(told[0])[:90]}{more}"

    @display(description="Cost", ordering="cost_microdollars")
    def cost(self, revision: PromptRevision) -> str:
        return f"${revision.cost_microdollars / 1_000_000:.4f}"

    @display(description="In plain words")
    def changes(self, revision: PromptRevision) -> SafeString:
        return _rendered("prompt_changes", {"changes": revision.what_changed})

    @display(description="Difference")
    def against_before(self, revision: PromptRevision) -> SafeString:
        before = (
            PromptRevision.objects.filter(user=revision.user_id, version__lt=revision.version)
            .order_by("-version")
            .first()
        )
        return self._difference(before, revision)

    @display(description="Difference")
    def against_live(self, revision: PromptRevision) -> SafeString:
        live = revisions.live_revision(revision.user)
        return self._difference(revision, live if live != revision else None, is_live=True)

    @display(description="Sentences")
    def sentence_table(self, revision: PromptRevision) -> SafeString:
        return _rendered("prompt_sentences", {"sentences": revision.sentences.all()})

    @display(description="Tried on golden conversations")
    def trial(self, revision: PromptRevision) -> SafeString:
        return _rendered("prompt_trial", {"replay": revision.replay})

    def _difference(
        self, old: PromptRevision | None, new: PromptRevision | None, *, is_live: bool = False
    ) -> SafeString:
        context: dict[str, Any] = {"old": old, "new": new, "is_live": is_live}
        if old is not None and new is not None:
            context["portrait"] = side_by_side(
                old.conversational_profile, new.conversational_profile
            )
            context["prompt"] = side_by_side(old.prompt, new.prompt)
        return _rendered("prompt_difference", context)


@admin.register(GoldenConversation)
class GoldenConversationAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    """Exchanges that people liked; every new version of their prompt is tried on them."""

    list_display = ("request_in_short", "user", "created_at")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name")
    ordering = ("-id",)
    fields = ("user", "request", "answer", "expectations", "created_at")

    @display(description="Asked")
    def request_in_short(self, row: GoldenConversation) -> str:
        return row.request[:80]


def _rendered(name: str, context: dict[str, Any]) -> SafeString:
    return render_to_string(f"coaching/admin/{name}.html", context)
