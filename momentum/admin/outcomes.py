"""Visits, which coaches set and close, and what came of people's weeks."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import ForeignKey, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import display

from accounts.current import person
from accounts.models import User
from accounts.staff import AuditedReading, OwnPeopleOnly, ReadOnly, audit, confirmed
from momentum import visits
from momentum.models import (
    GoalProgressLog,
    OutcomeMetric,
    VisitAdherenceLog,
    VisitKind,
    VisitStatus,
)

STATUS_COLORS = {
    VisitStatus.SCHEDULED.label: "info",
    VisitStatus.ATTENDED.label: "success",
    VisitStatus.LATE.label: "warning",
    VisitStatus.MISSED.label: "danger",
}
STAFF = "admin"


class VisitForm(forms.ModelForm[VisitAdherenceLog]):
    """A new appointment: with whom and when, on the clock of the house."""

    class Meta:
        model = VisitAdherenceLog
        fields = ("user", "scheduled_time")

    def clean_scheduled_time(self) -> Any:
        at = self.cleaned_data["scheduled_time"]
        if at <= timezone.now():
            raise forms.ValidationError("That time is over: choose a later one.")
        return at


@admin.register(VisitAdherenceLog)
class VisitAdmin(OwnPeopleOnly, AuditedReading, ModelAdmin):
    """Setting a visit needs the right to add, closing one the right to change."""

    form = VisitForm
    list_display = ("scheduled_time", "user", "kind", "state", "actual_time")
    list_filter = ("status", "kind", "scheduled_time")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name")
    ordering = ("-scheduled_time",)
    date_hierarchy = "scheduled_time"
    actions = ("note_attended", "note_missed", "cancel_visits")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        return ("user", "kind", "scheduled_time", "actual_time", "status")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_readonly_fields(request, obj) or ("user", "scheduled_time")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def formfield_for_foreignkey(
        self, db_field: "ForeignKey[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "user":
            people = User.objects.filter(is_staff=False, is_active=True, deleted_at=None)
            if not person(request).is_superuser:
                people = people.filter(coach=person(request))
            kwargs["queryset"] = people.order_by("name", "email")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(
        self, request: HttpRequest, obj: VisitAdherenceLog, form: Any, change: bool
    ) -> None:
        """A new visit is set by the same verb as everywhere; an old one is closed by an action."""
        if change:
            return
        made = visits.schedule(
            obj.user, obj.scheduled_time, now=timezone.now(), kind=VisitKind.COACH_VISIT
        )
        audit(person(request), obj.user, "visit.scheduled", id=str(made.visit_id))
        obj.pk, obj.visit_id = made.pk, made.visit_id

    @display(description="Status", ordering="status", label=STATUS_COLORS)
    def state(self, row: VisitAdherenceLog) -> str:
        return row.get_status_display()

    @confirmed("They came", "Did these visits take place, beginning at the agreed time?")
    def note_attended(self, request: HttpRequest, rows: QuerySet[VisitAdherenceLog]) -> None:
        self._close(
            request, rows, lambda row: visits.attend(row.visit_id, row.scheduled_time, source=STAFF)
        )

    @confirmed("Nobody came", "Did nobody come to these visits?")
    def note_missed(self, request: HttpRequest, rows: QuerySet[VisitAdherenceLog]) -> None:
        now = timezone.now()
        self._close(
            request, rows, lambda row: visits.mark_missed(row.visit_id, source=STAFF, now=now)
        )

    @confirmed("Cancel", "Cancel these visits? The people see it on their pages.")
    def cancel_visits(self, request: HttpRequest, rows: QuerySet[VisitAdherenceLog]) -> None:
        now = timezone.now()
        self._close(request, rows, lambda row: visits.cancel(row.visit_id, source=STAFF, now=now))

    def _close(
        self,
        request: HttpRequest,
        rows: QuerySet[VisitAdherenceLog],
        verb: Callable[[VisitAdherenceLog], VisitAdherenceLog],
    ) -> None:
        for row in rows.select_related("user"):
            try:
                closed = verb(row)
            except visits.VisitRefused as refused:
                messages.error(request, f"{row.user}, {row}: {refused}")
                continue
            audit(person(request), row.user, f"visit.{closed.status}", id=str(row.visit_id))
            messages.success(request, f"{row.user}: {closed.get_status_display().lower()}.")


@admin.register(GoalProgressLog)
class GoalProgressAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    list_display = ("at", "user", "goal_text", "percent_complete", "value", "unit")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name", "goal_text")
    ordering = ("-at",)


@admin.register(OutcomeMetric)
class OutcomeMetricAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    list_display = (
        "week",
        "user",
        "was_active",
        "active_days",
        "is_retained",
        "goal_attainment",
        "mean_score",
    )
    list_filter = ("was_active", "is_retained")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name")
    ordering = ("-week", "-id")
