"""What was sent to people unasked, and the reminders they set."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from accounts.staff import AuditedReading, OwnPeopleOnly, ReadOnly
from coaching.models import CoachMessage, Reminder


@admin.register(CoachMessage)
class CoachMessageAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    list_display = ("created_at", "user", "channel", "cause", "sent_at", "read_at", "engaged_at")
    list_filter = ("channel", "cause", "created_at")
    list_select_related = ("user",)
    ordering = ("-id",)


@admin.register(Reminder)
class ReminderAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    list_display = ("remind_at", "user", "text", "status")
    list_filter = ("status",)
    list_select_related = ("user",)
    ordering = ("-remind_at",)
