"""What people said of how they are. Whoever opens a page of it is written down."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from accounts.staff import AuditedReading, OwnPeopleOnly, ReadOnly
from momentum.models import CheckIn, JournalEntry, MotivationReading, MotivationScore


class NotTakenBack:
    """What a person deleted is nobody's to read any more, though it can be undone for a while."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        return rows.filter(deleted_at=None)


@admin.register(CheckIn)
class CheckInAdmin(NotTakenBack, OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    # Notes are read one by one, so that each reading leaves its trail.
    list_display = ("at", "user", "energy", "motivation", "mood", "source")
    list_filter = ("energy", "motivation", "source")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name")
    ordering = ("-at",)


@admin.register(JournalEntry)
class JournalEntryAdmin(NotTakenBack, OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    list_display = ("at", "user", "motivation_type", "internalization_score", "is_crisis")
    list_filter = ("motivation_type", "is_crisis")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name")
    ordering = ("-at",)


@admin.register(MotivationReading)
class MotivationReadingAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    list_display = (
        "at",
        "user",
        "source",
        "motivation_type",
        "confidence",
        "internalization",
        "method",
    )
    list_filter = ("motivation_type", "method", "source")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name")
    ordering = ("-at",)


@admin.register(MotivationScore)
class MotivationScoreAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    list_display = ("date", "user", "kind", "score", "evidence_count", "method", "version")
    list_filter = ("kind", "method", "version")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name")
    ordering = ("-date", "-id")
