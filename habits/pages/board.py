"""The Habits page and what can be told on it: done, partly, skipped, an amount, another day."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from accounts.current import person
from accounts.day import local_day
from accounts.models import User
from habits import completions
from habits.models import CompletionSource, CompletionStatus, Habit, HabitSequence
from habits.overview import DAYS_BACK, HabitView, Overview, overview

from .heatmap import Heatmap

WEEKS_SHOWN = 17
PLANS_SHOWN = 6


class DayForm(forms.Form):
    """Which day is told about: today, or one of the last days."""

    day = forms.DateField()

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if not self.today - timedelta(days=DAYS_BACK) <= day <= self.today:
            raise forms.ValidationError(f"Choose today or one of the last {DAYS_BACK} days.")
        return day


class TickForm(DayForm):
    """Sets a day to done or not done; it never toggles, so that it may come twice."""

    done = forms.ChoiceField(choices=[("1", "done"), ("0", "not done")])


class SkipForm(DayForm):
    reason = forms.CharField(max_length=60, required=False)


class AmountForm(DayForm):
    value = forms.DecimalField(min_value=0, max_digits=10, decimal_places=2)


@login_required
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """All habits on one day, and the weeks behind it."""
    user = person(request)
    day = _day_asked_for(request, local_day(user))
    shown = overview(user, day, weeks=WEEKS_SHOWN)
    return render(
        request,
        "habits/board.html",
        {
            "overview": shown,
            "heatmap": Heatmap.of(shown.heat),
            "plans": HabitSequence.objects.for_user(user).at_work(timezone.now())[:PLANS_SHOWN],
            "skip_reasons": completions.SKIP_REASONS,
            "yesterday": shown.today - timedelta(days=1),
            "earlier": day - timedelta(days=1) if day > shown.days_to_tell[-1] else None,
            "later": day + timedelta(days=1) if day < shown.today else None,
        },
    )


def _day_asked_for(request: HttpRequest, today: date) -> date:
    if "day" not in request.GET:
        return today
    form = DayForm(request.GET, today=today)
    if not form.is_valid():
        raise Http404("No such day on this page.")
    day: date = form.cleaned_data["day"]
    return day


@login_required
@require_POST
def tick(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Sets a day of a habit to done or not done."""
    user, habit = _mine(request, pk)
    form = TickForm(request.POST, today=local_day(user))
    if not form.is_valid():
        return _refused(request, form)
    day = form.cleaned_data["day"]
    if form.cleaned_data["done"] == "0":
        completions.undo(user, habit, day, source=CompletionSource.WEB)
        return _answer(request, user, habit, day)
    return _tell(request, user, habit, day, status=CompletionStatus.DONE)


@login_required
@require_POST
def partly(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Sets a day to partly done."""
    user, habit = _mine(request, pk)
    form = DayForm(request.POST, today=local_day(user))
    if not form.is_valid():
        return _refused(request, form)
    return _tell(request, user, habit, form.cleaned_data["day"], status=CompletionStatus.PARTIAL)


@login_required
@require_POST
def skip(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Skips a day on purpose, with a reason if the person gives one."""
    user, habit = _mine(request, pk)
    form = SkipForm(request.POST, today=local_day(user))
    if not form.is_valid():
        return _refused(request, form)
    return _tell(
        request,
        user,
        habit,
        form.cleaned_data["day"],
        status=CompletionStatus.SKIPPED,
        reason=form.cleaned_data["reason"],
    )


@login_required
@require_POST
def amount(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Tells an amount for a habit that is measured."""
    user, habit = _mine(request, pk)
    form = AmountForm(request.POST, today=local_day(user))
    if not form.is_valid():
        return _refused(request, form)
    return _tell(request, user, habit, form.cleaned_data["day"], value=form.cleaned_data["value"])


def _mine(request: HttpRequest, pk: UUID) -> tuple[User, Habit]:
    user = person(request)
    return user, get_object_or_404(Habit.objects.for_user(user), pk=pk)


def _tell(
    request: HttpRequest, user: User, habit: Habit, day: date, **what: object
) -> HttpResponse:
    try:
        completions.complete(user, habit, day, source=CompletionSource.WEB, **what)  # type: ignore[arg-type]
    except completions.CompletionRefused as refusal:
        if request.htmx:  # type: ignore[attr-defined]
            return HttpResponse(str(refusal), status=422, content_type="text/plain")
        messages.error(request, str(refusal))
        return _back(request)
    return _answer(request, user, habit, day)


def _refused(request: HttpRequest, form: forms.Form) -> HttpResponse:
    words = " ".join(str(error) for errors in form.errors.values() for error in errors)
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(words, status=422, content_type="text/plain")
    messages.error(request, words)
    return _back(request)


def _answer(request: HttpRequest, user: User, habit: Habit, day: date) -> HttpResponse:
    """The row as it is now and the day's count, or back to the page for a browser without script."""
    if not request.htmx:  # type: ignore[attr-defined]
        return _back(request)
    shown = overview(user, day)
    view = _view_of(shown, habit)
    if view is None:
        return HttpResponse(status=204)
    return render(
        request,
        "habits/row_answer.html",
        {"view": view, "overview": shown, "skip_reasons": completions.SKIP_REASONS},
    )


def _view_of(shown: Overview, habit: Habit) -> HabitView | None:
    return next((view for view in shown.views if view.habit.pk == habit.pk), None)


def _back(request: HttpRequest) -> HttpResponse:
    target = request.POST.get("next") or request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        return HttpResponseRedirect(target)  # `redirect` would take a plain word for a view's name
    return redirect("habits")
