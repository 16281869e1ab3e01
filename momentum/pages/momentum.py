"""The pages of momentum: where it stands and why, one day in full, and the versions of how it is worked out."""

from datetime import date, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.current import person
from accounts.day import local_day
from accounts.models import User
from coaching.charts import Chart, ChartKind, draw
from coaching.learning_permission import has_agreed
from momentum.course import (
    ABOUT,
    EARLIEST,
    PERIODS,
    calendar,
    overall_line,
    pillar_lines,
)
from momentum.differences import Difference, difference
from momentum.explaining import explain
from momentum.insights import look
from momentum.models import BiometricStream, MomentumPillar, ScoringVersion, VersionStatus
from momentum.scoring.parameters import CONSTANTS
from momentum.standing import Gap, Standing, history, standing_of

USUAL_PERIOD = 30
SHOWN_VERSIONS = (VersionStatus.PUBLISHED, VersionStatus.READY, VersionStatus.RETIRED)


@login_required
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Today's score with what moved it, its course, the days to choose from, and what goes together with it."""
    user, now = person(request), timezone.now()
    standing = standing_of(user, now)
    context: dict[str, Any] = {"tab": "score", "standing": standing}
    if standing.gap is Gap.NO_CONSENT:
        return render(request, "momentum/page/overview.html", context)
    period = _period(request)
    rows = history(user, standing.today - timedelta(days=max(PERIODS) - 1), standing.today)
    explanation = explain(user, standing.day) if standing.day else None
    context |= {
        "pillars": [(pillar, ABOUT[pillar.name]) for pillar in standing.pillars],
        "explanation": explanation,
        "periods": [(days, words) for days, words in PERIODS.items()],
        "period": period,
        "charts": _charts(rows, standing, period) if rows else [],
        "calendar": calendar(user, standing.today, _day_in(request, "until")),
        "insights": look(user, now),
        "days_for_baseline": CONSTANTS.baseline_days,
        "days_so_far": CONSTANTS.baseline_days - standing.days_until_baseline,
        "has_body_data": BiometricStream.objects.filter(user=user).exists(),
    }
    return render(request, "momentum/page/overview.html", context)


@login_required
@require_GET
def day(request: HttpRequest, day: date) -> HttpResponse:
    """One day: every signal that counted, in words and points."""
    user = person(request)
    today = local_day(user, timezone.now())
    if not EARLIEST < day <= today:
        raise Http404
    return render(
        request,
        "momentum/page/day.html",
        {
            "tab": "score",
            "day": day,
            "today": today,
            "explanation": explain(user, day),
            "earlier": day - timedelta(days=1),
            "later": day + timedelta(days=1) if day < today else None,
            "calendar": calendar(user, today, min(day + timedelta(days=14), today)),
        },
    )


@login_required
@require_GET
def versions(request: HttpRequest) -> HttpResponse:
    """The versions of how scores are worked out, and one of the person's days under two of them."""
    user = person(request)
    today = local_day(user, timezone.now())
    shown = list(
        ScoringVersion.objects.filter(status__in=SHOWN_VERSIONS).order_by(
            "-is_active", "-created_at"
        )
    )
    asked = _day_in(request, "day")
    return render(
        request,
        "momentum/page/versions.html",
        {
            "tab": "versions",
            "versions": shown,
            "day": min(asked or today, today),
            "today": today,
            **_beside(user, shown, request, min(asked or today, today)),
        },
    )


def _beside(
    user: User, shown: list[ScoringVersion], request: HttpRequest, day: date
) -> dict[str, Any]:
    """The day under two versions: those asked for by name, else the active one and the next."""
    if len(shown) < 2:
        return {}
    by_name = {version.name: version for version in shown}
    first = by_name.get(request.GET.get("a", ""), shown[0])
    others = [version for version in shown if version != first]
    second = by_name.get(request.GET.get("b", ""), others[0])
    if second == first:
        second = others[0]
    if not has_agreed(user):
        return {}
    found: Difference = difference(user, day, first, second)
    return {"a": first, "b": second, "difference": found}


def _charts(rows: Any, standing: Standing, period: int) -> list[Chart]:
    last = standing.today
    first = last - timedelta(days=period - 1)
    shown: list[MomentumPillar] = [row for row in rows if row.date >= first]
    return [
        draw(ChartKind.LINE, [overall_line(shown, first, last)], title="Momentum", key="overall"),
        draw(ChartKind.LINE, pillar_lines(shown, first, last), title="Pillars", key="pillars"),
    ]


def _period(request: HttpRequest) -> int:
    asked = request.GET.get("days", "")
    return (
        int(asked)
        if asked.isascii() and asked.isdigit() and int(asked) in PERIODS
        else USUAL_PERIOD
    )


def _day_in(request: HttpRequest, name: str) -> date | None:
    """A day in the address; what is none is passed over."""
    try:
        found = date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return None
    return found if found > EARLIEST else None
