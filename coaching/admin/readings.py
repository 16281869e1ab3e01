"""Which conversations were read for memories, and which could not be."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from accounts.staff import OwnPeopleOnly, ReadOnly
from coaching.models import MemoryReading


class FailedFilter(admin.SimpleListFilter):
    """Those whose last attempt failed."""

    title = "last attempt"
    parameter_name = "failed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Failed"), ("no", "Read")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[MemoryReading]
    ) -> QuerySet[MemoryReading]:
        if self.value() == "yes":
            return queryset.exclude(error="")
        return queryset.filter(error="") if self.value() == "no" else queryset


@admin.register(MemoryReading)
class MemoryReadingAdmin(OwnPeopleOnly, ReadOnly, ModelAdmin):
    """How far each conversation was read, without its words."""

    list_display = ("user", "read_at", "attempts", "error")
    list_filter = (FailedFilter, "read_at")
    list_select_related = ("user",)
    ordering = ("-read_at",)
    fields = ("user", "read_at", "attempts", "error")
