"""The crisis inbox and the lines that people are given."""

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.db.models import F, Field, QuerySet, URLField
from django.http import HttpRequest
from django.utils import timezone
from import_export.admin import ImportExportModelAdmin
from unfold.admin import ModelAdmin
from unfold.contrib.import_export.forms import ExportForm, ImportForm

from accounts.staff import AuditedReading, OwnPeopleOnly, audit, confirmed
from coaching.models import CrisisAlert, Helpline


@admin.register(CrisisAlert)
class CrisisAlertAdmin(OwnPeopleOnly, AuditedReading, ModelAdmin):
    """Alerts that nobody has looked at stand first."""

    list_display = ("raised_at", "user", "category", "waited", "acknowledged_by", "paused_until")
    list_filter = (("acknowledged_at", admin.EmptyFieldListFilter), "category")
    list_select_related = ("user", "acknowledged_by")
    fields = (
        "user",
        "category",
        "raised_at",
        "message_id",
        "paused_until",
        "acknowledged_at",
        "acknowledged_by",
        "note",
    )
    readonly_fields = tuple(name for name in fields if name not in {"paused_until", "note"})
    actions = ("acknowledge",)

    def get_ordering(self, request: HttpRequest) -> Any:
        return [F("acknowledged_at").asc(nulls_first=True), "-raised_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="Waited for somebody")
    def waited(self, alert: CrisisAlert) -> str:
        waiting: timedelta = (alert.acknowledged_at or timezone.now()) - alert.raised_at
        minutes = int(waiting.total_seconds() // 60)
        spoken = f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
        return spoken if alert.acknowledged_at else f"{spoken} and counting"

    @confirmed("Acknowledge", "Have you looked at these people and decided what to do?")
    def acknowledge(self, request: HttpRequest, rows: QuerySet[CrisisAlert]) -> None:
        waiting = list(rows.filter(acknowledged_at__isnull=True).select_related("user"))
        for alert in waiting:
            audit(request.user, alert.user, "crisis.acknowledged", id=str(alert.pk))  # type: ignore[arg-type]
        rows.filter(acknowledged_at__isnull=True).update(
            acknowledged_at=timezone.now(), acknowledged_by=request.user
        )
        messages.success(request, f"{len(waiting)} alerts acknowledged.")


@admin.register(Helpline)
class HelplineAdmin(ImportExportModelAdmin, ModelAdmin):
    """A line is shown to people once somebody has checked it and dated the check."""

    import_form_class = ImportForm
    export_form_class = ExportForm
    list_display = ("name", "country", "phone", "sms", "hours", "verified_on", "is_shown")
    list_filter = ("country", ("verified_on", admin.EmptyFieldListFilter))
    search_fields = ("name", "country", "phone")
    actions = ("checked_today",)

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        if isinstance(db_field, URLField):
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(boolean=True, description="Shown to people")
    def is_shown(self, helpline: Helpline) -> bool:
        return helpline.verified_on is not None

    @confirmed("Checked today", "Have you checked these lines against their sources today?")
    def checked_today(self, request: HttpRequest, rows: QuerySet[Helpline]) -> None:
        count = rows.update(verified_on=timezone.localdate())
        messages.success(request, f"{count} lines dated today.")
