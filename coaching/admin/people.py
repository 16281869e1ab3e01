"""Who may have a consultation, and how far each person's own prompt is."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from accounts.staff import AuditedReading, OwnPeopleOnly, audit, confirmed
from coaching.models import CoachingProfile, Preferences


@admin.register(CoachingProfile)
class CoachingProfileAdmin(OwnPeopleOnly, AuditedReading, ModelAdmin):
    """The gate to the consultation is opened for many people at once."""

    list_display = (
        "user",
        "consultation_enabled",
        "prompt_status",
        "system_prompt_version",
        "last_prompt_update",
    )
    list_filter = ("consultation_enabled", "prompt_status")
    search_fields = ("user__email", "user__name")
    list_select_related = ("user",)
    readonly_fields = (
        "user",
        "conversational_profile",
        "coaching_system_prompt",
        "behavioral_data",
        "system_prompt_version",
        "last_prompt_update",
        "prompt_status",
    )
    actions = ("open_consultation", "close_consultation")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @confirmed("Open the consultation", "Let these people have a consultation?")
    def open_consultation(self, request: HttpRequest, rows: QuerySet[CoachingProfile]) -> None:
        self._set_gate(request, rows, is_open=True)

    @confirmed("Close the consultation", "Take the consultation away from these people?")
    def close_consultation(self, request: HttpRequest, rows: QuerySet[CoachingProfile]) -> None:
        self._set_gate(request, rows, is_open=False)

    def _set_gate(
        self, request: HttpRequest, rows: QuerySet[CoachingProfile], *, is_open: bool
    ) -> None:
        changed = list(rows.exclude(consultation_enabled=is_open).select_related("user"))
        rows.update(consultation_enabled=is_open)
        for profile in changed:
            action = "consultation.opened" if is_open else "consultation.closed"
            audit(request.user, profile.user, action)  # type: ignore[arg-type]
        word = "opened" if is_open else "closed"
        messages.success(request, f"The consultation is {word} for {len(changed)} more people.")


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
