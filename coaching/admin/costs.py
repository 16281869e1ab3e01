"""What models cost and how fast they were, by day and purpose."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Avg, Count, Q, Sum
from django.db.models.functions import TruncDate
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.admin import ModelAdmin

from accounts.staff import ReadOnly
from coaching.models import CallOutcome, ModelCall

DAYS_SUMMED = 30


@admin.register(ModelCall)
class ModelCallAdmin(ReadOnly, ModelAdmin):
    """Each call, under a table that sums the last days."""

    list_display = (
        "created_at",
        "purpose",
        "model",
        "outcome",
        "first_token_ms",
        "total_ms",
        "input_tokens",
        "output_tokens",
        "dollars",
    )
    list_filter = ("outcome", "purpose", "model", "created_at")
    ordering = ("-id",)
    list_before_template = "coaching/admin/costs.html"

    @admin.display(description="Cost", ordering="cost_microdollars")
    def dollars(self, call: ModelCall) -> str:
        return f"${call.cost_microdollars / 1_000_000:.4f}"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        since = timezone.now() - timedelta(days=DAYS_SUMMED)
        sums = (
            ModelCall.objects.filter(created_at__gte=since)
            .annotate(day=TruncDate("created_at"))
            .values("day", "purpose", "model")
            .annotate(
                calls=Count("id"),
                failed=Count("id", filter=~Q(outcome=CallOutcome.OK)),
                first_token=Avg("first_token_ms"),
                microdollars=Sum("cost_microdollars"),
            )
            .order_by("-day", "-microdollars", "purpose", "model")[:100]
        )
        rows = [{**row, "dollars": f"${row['microdollars'] / 1_000_000:.4f}"} for row in sums]
        return super().changelist_view(
            request, {**(extra_context or {}), "sums": rows, "days_summed": DAYS_SUMMED}
        )
