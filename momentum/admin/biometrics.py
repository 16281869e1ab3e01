"""What devices measured of people, and the files they brought, to look at: the services own these rows."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from accounts.staff import AuditedReading, OwnPeopleOnly, ReadOnly
from momentum.models import (
    BiometricChange,
    BiometricStream,
    DeviceConnection,
    HealthImport,
    ProviderPush,
)


@admin.register(BiometricStream)
class BiometricStreamAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    list_display = (
        "date",
        "user",
        "metric",
        "value",
        "unit",
        "source",
        "is_preferred",
        "validated_at",
    )
    list_filter = ("metric", "source", "is_preferred")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name")
    ordering = ("-date", "-id")
    show_full_result_count = False


@admin.register(BiometricChange)
class BiometricChangeAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    list_display = ("until", "user", "metric", "before", "after", "status", "answered_at")
    list_filter = ("metric", "status")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name")
    ordering = ("-created_at",)


@admin.register(DeviceConnection)
class DeviceConnectionAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    list_display = ("user", "provider", "connected_at", "last_data_at")
    list_filter = ("provider",)
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name")
    ordering = ("-connected_at",)


@admin.register(ProviderPush)
class ProviderPushAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    list_display = ("received_at", "user", "provider", "kind", "status", "processed_at", "error")
    list_filter = ("provider", "status", "kind")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name")
    ordering = ("-received_at",)
    show_full_result_count = False


@admin.register(HealthImport)
class HealthImportAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    list_display = (
        "created_at",
        "user",
        "filename",
        "kind",
        "status",
        "records_read",
        "days_changed",
        "error",
    )
    list_filter = ("kind", "status")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name", "filename")
    ordering = ("-created_at",)
