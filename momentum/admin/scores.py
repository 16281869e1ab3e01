"""People's scores and the events behind them, to look at: they are derived."""

from django.contrib import admin
from unfold.admin import ModelAdmin
from unfold.decorators import display

from accounts.staff import AuditedReading, OwnPeopleOnly, ReadOnly
from momentum.models import Direction, MomentumEvent, MomentumPillar
from momentum.naming import title_of

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
        "certainty",
    )
    list_filter = ("version", "direction")
    list_per_page = 50
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

    @admin.display(description="Final")
    def certainty(self, row: MomentumPillar) -> str:
        """A row is provisional for a few days, which is nothing to worry about."""
        return "Final" if row.finalized_at is not None else "Provisional"


@admin.register(MomentumEvent)
class MomentumEventAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    list_display = (
        "local_date",
        "user",
        "event_type",
        "kind",
        "pillar",
        "measured",
        "scored",
        "occasions",
        "source",
    )
    list_filter = ("pillar", "tag")
    list_per_page = 50
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name")
    ordering = ("-local_date", "-id")
    show_full_result_count = False

    @admin.display(description="Signal", ordering="tag")
    def kind(self, row: MomentumEvent) -> str:
        return title_of(row.tag)

    @admin.display(description="Value", ordering="raw_value")
    def measured(self, row: MomentumEvent) -> str:
        return (
            f"{row.raw_value:,.10g}"
            if row.raw_value == int(row.raw_value)
            else f"{row.raw_value:,.2f}"
        )

    @admin.display(description="Score", ordering="normalized_score")
    def scored(self, row: MomentumEvent) -> str:
        """From 0 to 1; what was taken back has none."""
        return f"{row.normalized_score:.2f}" if row.units else "Taken back"

    @admin.display(description="Speaks for", ordering="units")
    def occasions(self, row: MomentumEvent) -> str:
        return f"{row.units:g}"


def _points(score: float | None) -> str:
    return "–" if score is None else f"{score:.0f}"
