"""The page of measured days: where they come from, what they say, what to confirm, and entering one by hand."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.current import person
from accounts.day import local_day
from accounts.models import User
from coaching.charts import ChartKind, draw
from momentum.biometrics import changes, connecting, entering
from momentum.biometrics.consistency import consistency
from momentum.biometrics.metrics import METRICS
from momentum.biometrics.showing import day_series, latest_of, sources_of
from momentum.models import BiometricChange, BiometricSource, BiometricStream, Metric

SOURCE = "web"
CHART_DAYS = 30
ENTRIES_SHOWN = 10
ATTEMPT = "garmin_attempt"
# What each field of the form takes, in words.
_ASKED = {
    Metric.SLEEP_MINUTES: "minutes",
    Metric.STEPS: "steps",
    Metric.RESTING_HEART_RATE: "beats a minute",
    Metric.HRV: "milliseconds",
    Metric.WEIGHT_KG: "kg",
    Metric.ACTIVE_MINUTES: "minutes",
    Metric.ACTIVE_ENERGY_KCAL: "kcal",
    Metric.DISTANCE_KM: "km",
}


class EntryForm(forms.Form):
    """A value of a day by hand."""

    metric = forms.ChoiceField(
        label="What", choices=[(m.value, f"{m.label} ({unit})") for m, unit in _ASKED.items()]
    )
    day = forms.DateField(label="Day", widget=forms.DateInput(attrs={"type": "date"}))
    value = forms.FloatField(
        label="Value", widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"})
    )


@login_required
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """The latest values with a chart of one metric, sources, open questions, and the form."""
    return _page(request)


@login_required
@require_POST
def enter(request: HttpRequest) -> HttpResponse:
    """Sets a value by hand."""
    form = EntryForm(request.POST)
    if form.is_valid():
        told = form.cleaned_data
        try:
            entering.enter(
                person(request),
                told["metric"],
                told["day"],
                told["value"],
                via=SOURCE,
                now=timezone.now(),
            )
        except entering.EntryRefused as refusal:
            form.add_error("value", str(refusal))
        else:
            messages.success(request, "Saved. It counts before what devices say of that day.")
            return _to_metric(told["metric"])
    return _page(request, form=form, status=422)


@login_required
@require_POST
def forget(request: HttpRequest, metric: str, day: date) -> HttpResponse:
    """Takes an entry by hand back."""
    if metric not in METRICS or not entering.take_back(
        person(request), metric, day, via=SOURCE, now=timezone.now()
    ):
        raise Http404
    messages.success(request, "Gone. What devices say of that day counts again.")
    return _to_metric(metric)


@login_required
@require_POST
def answer(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """Confirms a change, denies it, or takes the answer back."""
    answers = {"confirm": changes.confirm, "deny": changes.deny, "undo": changes.undo}
    decide = answers.get(request.POST.get("answer", ""))
    if decide is None:
        raise Http404
    try:
        change = decide(person(request), change_id, via=SOURCE, now=timezone.now())
    except BiometricChange.DoesNotExist:
        raise Http404 from None
    except changes.ChangeRefused as refusal:
        messages.error(request, str(refusal))
    else:
        if change.answered_at is not None:
            said = {"confirmed": "Noted: this is so.", "denied": "Noted: this is not right."}
            messages.success(request, said[change.status])
            return redirect(f"{reverse('momentum_data')}?answered={change.pk}")
    return redirect("momentum_data")


# --- Garmin -------------------------------------------------------------------------------------
@login_required
@require_GET
def go_to_garmin(request: HttpRequest) -> HttpResponse:
    """Sends the person to Garmin's page. A link, not a form: forms may lead to this site only."""
    if not connecting.is_configured():
        raise Http404
    attempt = connecting.Attempt.begin(timezone.now())
    request.session[ATTEMPT] = [attempt.state, attempt.verifier, attempt.begun_at]
    return redirect(connecting.authorize_address(attempt, _back_address(request)))


@login_required
@require_GET
def back_from_garmin(request: HttpRequest) -> HttpResponse:
    """Where Garmin sends the person back to; each attempt counts once."""
    if not connecting.is_configured():
        raise Http404
    kept = request.session.pop(ATTEMPT, None)
    try:
        connecting.complete(
            person(request),
            connecting.Attempt(*kept) if kept else None,
            state=request.GET.get("state", "")[:500],
            code=request.GET.get("code", "")[:2000],
            redirect_uri=_back_address(request),
            now=timezone.now(),
        )
    except connecting.ConnectFailed as failed:
        messages.error(request, str(failed))
    else:
        messages.success(request, "Garmin is connected. New data arrive by themselves.")
    return redirect("momentum_data")


@login_required
@require_POST
def disconnect(request: HttpRequest) -> HttpResponse:
    """Removes the connection; the days that were told stay."""
    connecting.disconnect(person(request))
    messages.success(request, "Garmin is disconnected. The days it told of stay.")
    return redirect("momentum_data")


def _back_address(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("momentum_garmin_back"))


# --- The page -----------------------------------------------------------------------------------
def _page(
    request: HttpRequest, *, form: EntryForm | None = None, status: int = 200
) -> HttpResponse:
    user, now = person(request), timezone.now()
    today = local_day(user, now)
    latest = latest_of(user)
    chosen = _chosen(request, [each.info.metric.value for each in latest])
    context: dict[str, Any] = {
        "tab": "data",
        "latest": latest,
        "chosen": METRICS[chosen] if chosen else None,
        "sources": sources_of(user),
        "questions": [(change, changes.in_words(change)) for change in changes.open_changes(user)],
        "answered": _answered(request, user),
        "form": form or EntryForm(initial={"day": today.isoformat(), "metric": chosen or None}),
        "today": today,
        "garmin": connecting.connection_of(user),
        "can_connect": connecting.is_configured(),
    }
    if chosen:
        context |= _about(user, chosen, today, now)
    return render(request, "momentum/biometrics/overview.html", context, status=status)


def _about(user: User, metric: str, today: date, now: datetime) -> dict[str, Any]:
    first = today - timedelta(days=CHART_DAYS - 1)
    series = day_series(user, metric, first, today)
    own = BiometricStream.objects.filter(
        user=user, metric=metric, source=BiometricSource.MANUAL
    ).order_by("-date")[:ENTRIES_SHOWN]
    return {
        "chart": draw(ChartKind.LINE, [series], title=series.name, key="metric"),
        "consistency": consistency(user, metric, now),
        "entries": [(row, METRICS[metric].in_words(row.value)) for row in own],
    }


def _chosen(request: HttpRequest, there: list[str]) -> str | None:
    """The metric asked for; else the first one there is, but weight only when it is asked for."""
    asked = request.GET.get("metric", "")
    if asked in METRICS:
        return asked
    return next((metric for metric in there if metric != Metric.WEIGHT_KG), None)


def _answered(request: HttpRequest, user: User) -> BiometricChange | None:
    """The change just answered, so that the answer can be taken back."""
    try:
        pk = UUID(request.GET.get("answered", ""))
    except ValueError:
        return None
    return BiometricChange.objects.filter(
        user=user, pk=pk, status__in=("confirmed", "denied")
    ).first()


def _to_metric(metric: str) -> HttpResponse:
    return redirect(f"{reverse('momentum_data')}?metric={metric}")
