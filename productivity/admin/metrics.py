"""How tasks go, in figures: for staff, over the people they may see."""

from collections.abc import Sequence
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.current import person
from accounts.staff import days_asked
from coaching.charts import Chart, ChartKind, draw
from coaching.toolkit import Series, SeriesPoint
from productivity import metrics
from productivity.metrics import LEAST_PEOPLE, Figure, WeekFigures

PERIODS = (28, 84, 365)
PAGE = "productivity_task_metrics"


class TaskMetrics:
    """An admin mix-in for tasks: a page with figures. It needs the right to see tasks."""

    list_before_template = "productivity/admin/metrics_link.html"

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(require_safe(self.metrics))  # type: ignore[attr-defined]
        return [path("metrics/", page, name=PAGE), *super().get_urls()]  # type: ignore[misc]

    def metrics(self, request: HttpRequest) -> HttpResponse:
        """What becomes of tasks, who stays, and what nudges are good for."""
        if not self.has_view_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        days = days_asked(request, PERIODS, PERIODS[0])
        now, staff = timezone.now(), person(request)
        people = metrics.people_counted(None if staff.is_superuser else staff)
        since = now - timedelta(days=days)
        tasks = metrics.of_tasks(people, since=since, now=now)
        changes = metrics.since_joining(people, now=now)
        nudges = metrics.of_nudges(people, since=since, now=now)
        weeks = metrics.by_week(people, now=now)
        context = {
            **self.admin_site.each_context(request),  # type: ignore[attr-defined]
            "title": "How tasks go",
            "opts": self.model._meta,  # type: ignore[attr-defined]
            "days": days,
            "periods": PERIODS,
            "least": LEAST_PEOPLE,
            "tables": [
                (
                    "tasks",
                    f"Tasks of the last {days} days",
                    [
                        row("Done within two weeks, of those made", tasks.completion),
                        row("Snoozed, of those made", tasks.snoozed),
                        row("Not done in time, of those due", tasks.overdue),
                    ],
                ),
                (
                    "people",
                    "People",
                    [
                        row(
                            "Active in the last seven days", metrics.weekly_actives(people, now=now)
                        ),
                        row(
                            "Began in their first week and did nothing in the three after it",
                            metrics.dropped_off(people, now=now),
                        ),
                    ],
                ),
                (
                    "changes",
                    "Since joining: the last four weeks against the first two, person by person",
                    [
                        row("Done within two weeks", changes.completion, is_change=True),
                        row("Snoozed", changes.snoozed, is_change=True),
                        row("Not done in time", changes.overdue, is_change=True),
                    ],
                ),
                (
                    "nudges",
                    f"Nudges of the last {days} days",
                    [
                        row("Rated, of those delivered", nudges.rated),
                        row("Useful, of those rated", nudges.useful),
                        row("Followed up, of those sent as a message", nudges.engaged),
                        row("Followed by a step, of those settled", nudges.helped),
                    ],
                ),
                (
                    "retention",
                    "Active in each week since joining",
                    [
                        row(f"Week {number}", week)
                        for number, week in enumerate(metrics.retention(people, now=now), start=1)
                    ],
                ),
            ],
            "charts": charts(weeks),
        }
        return TemplateResponse(request, "productivity/admin/metrics.html", context)


def row(name: str, figure: Figure, *, is_change: bool = False) -> dict[str, str]:
    """A figure as the table shows it; of too few people only that they are too few."""
    told = {"name": name, "people": str(figure.people), "value": "–", "interval": "too few people"}
    if figure.value is None or figure.low is None or figure.high is None:
        told["people"] = str(figure.people) if not figure.people else f"under {LEAST_PEOPLE}"
        return told
    say = _points if is_change else _percent
    return {
        **told,
        "value": say(figure.value),
        "interval": f"{say(figure.low)} to {say(figure.high)}",
    }


def _percent(share: float) -> str:
    return f"{share:.0%}"


def _points(change: float) -> str:
    points = round(change * 100)
    sign = "+" if points > 0 else "−" if points < 0 else "±"
    return f"{sign}{abs(points)} points"


def charts(weeks: Sequence[WeekFigures]) -> list[Chart]:
    """People who were active and tasks that were kept, week by week; nothing where nothing may be told."""
    drawn = []
    if any(week.active is not None for week in weeks):
        top = max(week.active or 0 for week in weeks)
        points = [
            SeriesPoint(
                week.day,
                None if week.active is None else float(week.active),
                "too few" if week.active is None else f"{week.active} people",
            )
            for week in weeks
        ]
        series = Series("People", points, low=0.0, high=float(top + top % 2))
        drawn.append(draw(ChartKind.BAR, [series], title="Active people by week", key="actives"))
    if any(week.kept is not None for week in weeks):
        points = [
            SeriesPoint(
                week.day,
                week.kept,
                "too few" if week.kept is None else f"{week.kept:.0%} in time",
            )
            for week in weeks
        ]
        drawn.append(
            draw(
                ChartKind.LINE,
                [Series("In time", points)],
                title="Tasks done in time, of those due, by week",
                key="kept",
            )
        )
    return drawn
