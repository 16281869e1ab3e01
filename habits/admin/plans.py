"""People's plans, to look at: the services own these rows."""

from django.contrib import admin
from unfold.admin import ModelAdmin, TabularInline

from accounts.staff import AuditedReading, OwnPeopleOnly, ReadOnly
from habits import sequences
from habits.models import HabitSequence, SequencePhase


class PhaseInline(ReadOnly, TabularInline):
    model = SequencePhase
    extra = 0
    fields = (
        "phase_number",
        "name",
        "start_date",
        "end_date",
        "weeks_added",
        "opened_at",
        "completed_at",
    )


@admin.register(HabitSequence)
class HabitSequenceAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    list_display = (
        "name",
        "user",
        "state",
        "total_phases",
        "created_at",
        "started_at",
        "completed_at",
    )
    list_filter = ("status",)
    list_select_related = ("user",)
    search_fields = ("name", "user__email", "user__name")
    ordering = ("-id",)
    exclude = ("proposal", "call_id")
    inlines = (PhaseInline,)

    @admin.display(description="State")
    def state(self, row: HabitSequence) -> str:
        return sequences.state_of(row)
