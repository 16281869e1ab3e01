"""Who may have a consultation, and how far each person's own prompt is."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import display

from accounts.current import person
from accounts.staff import AuditedReading, OwnPeopleOnly, ReadOnly, audit, confirmed
from coaching.consultation_gate import set_consultation_gate
from coaching.models import (
    CoachingProfile,
    PersonAtGate,
    Preferences,
    PromptStatus,
    RevisionReason,
)
from coaching.personalization import generation

from .cohorts import CohortSwitch

STATUS_COLORS = {
    PromptStatus.GENERATING.label: "info",
    PromptStatus.READY.label: "success",
    PromptStatus.FAILED.label: "danger",
}


@admin.register(PersonAtGate)
class ConsultationGateAdmin(CohortSwitch, OwnPeopleOnly, ReadOnly, ModelAdmin):
    """Who may have a consultation: opened and closed for many people at once, also by segment."""

    person_path = ""
    list_display = ("name", "email", "coach", "may_have_consultation", "prompt_status")
    list_filter = ("coaching_profile__consultation_enabled", "coaching_profile__prompt_status")
    search_fields = ("email", "name")
    list_select_related = ("coaching_profile", "coach")
    ordering = ("-id",)
    actions = ("open_consultation", "close_consultation")
    list_before_template = "coaching/admin/cohort_link.html"

    def has_gate_permission(self, request: HttpRequest) -> bool:
        return person(request).has_perm("coaching.change_personatgate")

    @admin.display(boolean=True, description="May have a consultation")
    def may_have_consultation(self, user: PersonAtGate) -> bool:
        profile = getattr(user, "coaching_profile", None)
        return profile is not None and profile.consultation_enabled

    @admin.display(description="Personal prompt")
    def prompt_status(self, user: PersonAtGate) -> str:
        profile = getattr(user, "coaching_profile", None)
        return profile.get_prompt_status_display() if profile else PromptStatus.NONE.label

    @confirmed("Open the consultation", "Let these people have a consultation?", ("gate",))
    def open_consultation(self, request: HttpRequest, people: QuerySet[PersonAtGate]) -> None:
        self._set(request, people, is_open=True)

    @confirmed("Close the consultation", "Take the consultation away from these people?", ("gate",))
    def close_consultation(self, request: HttpRequest, people: QuerySet[PersonAtGate]) -> None:
        self._set(request, people, is_open=False)

    def _set(self, request: HttpRequest, people: QuerySet[PersonAtGate], *, is_open: bool) -> None:
        changed = set_consultation_gate(people, is_open=is_open)
        action = "consultation.opened" if is_open else "consultation.closed"
        for user in changed:
            audit(person(request), user, action)
        word = "opened" if is_open else "closed"
        who = "1 more person" if len(changed) == 1 else f"{len(changed)} more people"
        messages.success(request, f"The consultation is {word} for {who}.")


@admin.register(CoachingProfile)
class CoachingProfileAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    """What the coach was told about a person, and its versions."""

    list_display = (
        "user",
        "consultation_enabled",
        "status_label",
        "version",
        "last_prompt_update",
        "trouble",
    )
    list_filter = ("prompt_status", "consultation_enabled", "user_type")
    search_fields = ("user__email", "user__name")
    list_select_related = ("user",)
    actions = ("write_anew",)
    fieldsets = (
        (None, {"fields": ("user", "user_type", "consultation_enabled")}),
        (
            "The writing",
            {
                "fields": (
                    *("status_label", "prompt_progress", "prompt_error", "prompt_attempts"),
                    *("prompt_asked_at", "system_prompt_version", "last_prompt_update"),
                )
            },
        ),
        (
            "What the coach is told",
            {"fields": ("conversational_profile", "coaching_system_prompt")},
        ),
        ("Measured", {"fields": ("behavioral_data", "baseline_data")}),
    )

    def has_write_anew_permission(self, request: HttpRequest) -> bool:
        return person(request).has_perm("coaching.change_coachingprofile")

    @display(description="Version", ordering="system_prompt_version")
    def version(self, profile: CoachingProfile) -> str:
        return str(profile.system_prompt_version or "–")

    @display(description="What went wrong", ordering="prompt_error")
    def trouble(self, profile: CoachingProfile) -> str:
        if not profile.prompt_error:
            return "–"
        tries = profile.prompt_attempts
        return f"{profile.prompt_error} ({tries} tr{'y' if tries == 1 else 'ies'})"

    @display(description="Prompt", label=STATUS_COLORS, ordering="prompt_status")
    def status_label(self, profile: CoachingProfile) -> str:
        return str(PromptStatus(profile.prompt_status).label)

    @confirmed(
        "Write the prompt anew",
        "Have the prompts of these people written anew? It may cost a few cents each.",
        ("write_anew",),
    )
    def write_anew(self, request: HttpRequest, rows: QuerySet[CoachingProfile]) -> None:
        now, staff = timezone.now(), person(request)
        begun = 0
        for profile in rows.select_related("user"):
            try:
                generation.begin(profile.user, reason=RevisionReason.MANUAL, now=now, by=staff)
            except generation.NoConsultation:
                messages.warning(request, f"{profile.user} has had no consultation yet.")
                continue
            audit(staff, profile.user, "prompt.regenerated")
            begun += 1
        if begun:
            messages.success(request, f"{begun} being written. Reload to see how they went.")


@admin.register(Preferences)
class PreferencesAdmin(OwnPeopleOnly, AuditedReading, ModelAdmin):
    """How the coach talks to each person."""

    list_display = ("user", "communication_style", "detail_level", "notification_frequency")
    list_filter = ("communication_style", "detail_level", "nudges_enabled")
    search_fields = ("user__email", "user__name")
    list_select_related = ("user",)
    readonly_fields = ("user", "created_at", "updated_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
