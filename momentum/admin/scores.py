"""People's scores and the events behind them, to look at: they are derived."""

from django.contrib import admin
from unfold.admin import ModelAdmin
from unfold.decorators import display

from accounts.staff import AuditedReading, OwnPeopleOnly, ReadOnly
from momentum.models import Direction, MomentumEvent, MomentumPillar

DIRECTION_COLORS = {
    Direction.RISING.label: "success",
    Direction.STEADY.label: "info",
    Direction.EASING.label: "warning",
}


@admin.register(MomentumPillar)
class MomentumPillarAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    list_display = (
        "date",
        "user",
        "overall",
        "mind",
        "action",
        "connection",
        "body",
        "evidence",
        "state",
        "version",
        "is_final",
    )
    list_filter = ("version", "direction")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name")
    ordering = ("-date", "-id")
    show_full_result_count = False

    @admin.display(description="Overall", ordering="overall_score")
    def overall(self, row: MomentumPillar) -> str:
        return _points(row.overall_score)

    @admin.display(description="Mind")
    def mind(self, row: MomentumPillar) -> str:
        return _points(row.cognitive_score)

    @admin.display(description="Action")
    def action(self, row: MomentumPillar) -> str:
        return _points(row.behavioral_score)

    @admin.display(description="Connection")
    def connection(self, row: MomentumPillar) -> str:
        return _points(row.relational_score)

    @admin.display(description="Body")
    def body(self, row: MomentumPillar) -> str:
        return _points(row.biometric_score)

    @admin.display(description="Coverage")
    def evidence(self, row: MomentumPillar) -> str:
        return f"{row.coverage:.0%}"

    @display(description="Direction", label=DIRECTION_COLORS)
    def state(self, row: MomentumPillar) -> str:
        return row.get_direction_display()

    @admin.display(description="Final", boolean=True)
    def is_final(self, row: MomentumPillar) -> bool:
        return row.finalized_at is not None


@admin.register(MomentumEvent)
class MomentumEventAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    list_display = (
        "local_date",
        "user",
        "event_type",
        "tag",
        "pillar",
        "raw_value",
        "normalized_score",
        "units",
        "source",
    )
    list_filter = ("pillar", "tag")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name")
    ordering = ("-local_date", "-id")
    show_full_result_count = False


def _points(score: float | None) -> str:
    return "–" if score is None else f"{score:.0f}"
