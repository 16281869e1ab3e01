"""How good the coach is: answers by prompt and model, odds against outcomes, what was learned from."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_safe
from unfold.admin import ModelAdmin

from accounts.current import person
from accounts.models import User
from accounts.staff import AuditedReading, OwnPeopleOnly, ReadOnly, days_asked
from coaching.charts import Chart, ChartKind, draw
from coaching.charts.canvas import Canvas
from coaching.experiments.intervals import Sample, wilson
from coaching.learning import evaluation
from coaching.learning.calibration import Bin
from coaching.learning.evaluation import Group, Odds
from coaching.models import LearningEvent, Prediction
from coaching.toolkit import Series, SeriesPoint

PERIODS = (30, 90, 365)
CONFIDENCE = 0.95
WIDTH, HEIGHT = 360.0, 240.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 12.0, 12.0, 34.0


@admin.register(LearningEvent)
class LearningEventAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    """What showed whether the coach was of use; above it the way to the figures as a whole."""

    list_display = ("at", "user", "event_type", "feedback_score")
    list_filter = ("feedback_score", "event_type")
    search_fields = ("user__email", "user__name")
    list_select_related = ("user",)
    list_per_page = 25
    show_full_result_count = False
    ordering = ("-at",)
    list_before_template = "coaching/admin/evaluation_link.html"

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(require_safe(self.evaluation))
        name = "coaching_learningevent_evaluation"
        return [path("evaluation/", page, name=name), *super().get_urls()]

    def evaluation(self, request: HttpRequest) -> HttpResponse:
        """The coach in figures, over the people this member of staff may see."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        days = days_asked(request, PERIODS, PERIODS[1])
        staff = person(request)
        people = None if staff.is_superuser else User.objects.filter(coach=staff)
        since = timezone.now() - timedelta(days=days)
        rated = evaluation.ratings(people, since=since)
        weeks = evaluation.by_week(rated)
        context = {
            **self.admin_site.each_context(request),
            "title": "How good the coach is",
            "opts": self.model._meta,
            "days": days,
            "periods": PERIODS,
            "tables": [
                ("prompt", "Prompt", group_rows(evaluation.by_prompt(rated))),
                ("model", "Model", group_rows(evaluation.by_model(rated))),
            ],
            "weeks": weeks_chart(weeks) if weeks else None,
            "odds": [
                {"figures": found, "chart": curve_chart(found) if found.bins else None}
                for found in evaluation.odds(people, since=since)
            ],
            "totals": evaluation.totals(people, since=since),
            "adapted": evaluation.adapted(people),
        }
        return TemplateResponse(request, "coaching/admin/evaluation.html", context)


@admin.register(Prediction)
class PredictionAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    """What was said of people's days before they began, and what became of it."""

    list_display = ("for_date", "user", "kind", "percent", "outcome", "model_version")
    list_filter = ("kind", "outcome", "for_date")
    search_fields = ("user__email", "user__name")
    list_select_related = ("user",)
    list_per_page = 25
    show_full_result_count = False
    ordering = ("-for_date", "-id")
    list_before_template = "coaching/admin/evaluation_link.html"

    @admin.display(description="Said", ordering="probability")
    def percent(self, row: Prediction) -> str:
        return f"{row.probability:.0%}"


def group_rows(groups: Sequence[Group]) -> list[dict[str, Any]]:
    """Groups of answers as a table shows them, with the interval of the share that was liked."""
    rows = []
    for group in groups:
        interval = "–"
        if group.share is not None:
            found = wilson(Sample(group.rated, group.share), CONFIDENCE)
            interval = f"{found.low:.0%} to {found.high:.0%}"
        rows.append(
            {
                "name": group.name,
                "up": group.up,
                "down": group.down,
                "share": "–" if group.share is None else f"{group.share:.0%}",
                "interval": interval,
                "helpfulness": "–" if group.helpfulness is None else f"{group.helpfulness:.1f}",
            }
        )
    return rows


def weeks_chart(weeks: Sequence[tuple[Any, Group]]) -> Chart:
    """The share of answers that was liked, week by week; a week without ratings is a gap."""
    known = dict(weeks)
    points = []
    monday, last = weeks[0][0], weeks[-1][0]
    while monday <= last:
        group = known.get(monday)
        share = group.share if group else None
        words = f"{group.up} of {group.rated} liked" if group and group.rated else "no ratings"
        points.append(SeriesPoint(monday, share, words))
        monday += timedelta(days=7)
    return draw(ChartKind.LINE, [Series("Liked", points)], title="Answers liked", key="liked")


def curve_chart(found: Odds) -> Chart:
    """What was said against what came true, with 95 % intervals; honest odds lie on the diagonal."""
    title = "Said and come true"
    summary = (
        f"{found.settled} days settled. On average the odds lay "
        f"{(found.error or 0) * 100:.0f} points beside what came true."
    )
    key = f"curve-{found.kind.replace('.', '-')}"
    canvas = Canvas(WIDTH, HEIGHT, title=title, description=summary, key=key)
    for part in (0.0, 0.5, 1.0):
        canvas.mark("line", "chart__grid", x1=_x(0), x2=_x(1), y1=_y(part), y2=_y(part))
        canvas.words(f"{part:.0%}", LEFT - 8, _y(part) + 4, anchor="end")
        canvas.words(f"{part:.0%}", _x(part), HEIGHT - 16, anchor=_ANCHORS[part])
    canvas.words("said", _x(0.5), HEIGHT - 2, anchor="middle")
    canvas.mark("line", "chart__grid chart__ideal", x1=_x(0), x2=_x(1), y1=_y(0), y2=_y(1))
    rows = [_bin_row(canvas, one) for one in found.bins]
    path_data = " ".join(
        f"{'M' if at == 0 else 'L'}{_x(one.said):.1f} {_y(one.share):.1f}"
        for at, one in enumerate(found.bins)
    )
    canvas.mark("path", "chart__line", d=path_data)
    for one in found.bins:
        label = f"said {one.said:.0%}: {one.kept} of {one.count}"
        canvas.mark("circle", "chart__dot", label, cx=_x(one.said), cy=_y(one.share), r=4.5)
    columns = ["Said", "Days", "Came true", "95 % interval"]
    return Chart(ChartKind.LINE, title, canvas.markup(), summary, columns, rows, [])


_ANCHORS = {0.0: "start", 0.5: "middle", 1.0: "end"}


def _bin_row(canvas: Canvas, one: Bin) -> list[str]:
    """Draws the interval of a bin, and gives its row of the table."""
    interval = wilson(Sample(one.count, one.share), CONFIDENCE)
    words = f"{interval.low:.0%} to {interval.high:.0%}"
    x = _x(one.said)
    canvas.mark("line", "chart__grid", words, x1=x, x2=x, y1=_y(interval.low), y2=_y(interval.high))
    return [f"{one.said:.0%}", str(one.count), f"{one.kept} ({one.share:.0%})", words]


def _x(share: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * share


def _y(share: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share
