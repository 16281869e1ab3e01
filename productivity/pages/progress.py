"""How it goes with tasks: counts of the last weeks, what is done per day and week, as pictures and tables."""

from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.current import person
from accounts.day import local_day
from coaching.charts import ChartKind, draw
from coaching.toolkit import Series, SeriesPoint
from productivity.counting import WEEKS, counts, done_by_day, done_by_week
from productivity.metrics import of_person

DAYS_SHOWN = 28


@login_required
@require_GET
def progress(request: HttpRequest) -> HttpResponse:
    """Counts and charts; what is too little to tell anything is said to be so."""
    user, now = person(request), timezone.now()
    today = local_day(user, now)
    days = done_by_day(user, today, weeks=WEEKS)
    charts = []
    if any(days.values()):
        charts = [
            draw(
                ChartKind.BAR,
                [done_series(dict(list(days.items())[-DAYS_SHOWN:]))],
                title="Tasks done per day",
                key="tasks-by-day",
            ),
            draw(
                ChartKind.BAR,
                [done_series(done_by_week(days))],
                title="Tasks done per week",
                key="tasks-by-week",
            ),
        ]
    return render(
        request,
        "productivity/progress.html",
        {
            "counts": counts(user, now),
            "since_joining": of_person(user, now).words,
            "charts": charts,
            "tab": "progress",
        },
    )


def done_series(done: dict[date, int]) -> Series:
    """Counts as a series; its top is an even number, so that the middle is whole."""
    top = max(2, *done.values())
    points = [SeriesPoint(day, float(count), f"{count} done") for day, count in done.items()]
    return Series("Done", points, low=0.0, high=float(top + top % 2))
