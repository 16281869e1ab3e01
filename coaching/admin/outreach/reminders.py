"""The reminders people set for themselves."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from accounts.staff import AuditedReading, OwnPeopleOnly, ReadOnly
from coaching.models import Reminder


@admin.register(Reminder)
class ReminderAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    list_display = ("remind_at", "user", "text", "status")
    list_filter = ("status",)
    list_select_related = ("user",)
    ordering = ("-remind_at",)
