"""One habit: how strong it is, its days, its cue, and changing it."""

from copy import copy
from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.current import person
from accounts.day import local_day
from habits import completions, editing, pauses, standing
from habits.cadence import in_words
from habits.guesses import record_of
from habits.models import CompletionSource, Habit, HabitCompletion, HabitStatus
from habits.overview import DAYS_BACK, heatmap_of

from .board import WEEKS_SHOWN
from .forms import HabitForm
from .heatmap import Heatmap

HISTORY_SHOWN = 30
CHANGES = {
    "pause": (pauses.pause, "It rests now. Strength and streak stay as they are."),
    "resume": (pauses.resume, "Welcome back to it."),
    "archive": (pauses.archive, "Put away. Its history is kept."),
    "unarchive": (pauses.unarchive, "Brought back."),
    "delete": (pauses.delete, "Deleted. You can still bring it back."),
    "restore": (pauses.restore, "Brought back."),
}


@login_required
@require_GET
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One habit with its last weeks and what was told of its days."""
    user = person(request)
    habit = get_object_or_404(
        Habit.objects.for_user(user).select_related("goal").prefetch_related("pauses", "stacks"),
        pk=pk,
    )
    today = local_day(user)
    history = HabitCompletion.objects.filter(habit=habit).order_by("-local_date", "ordinal")
    places = habit.phase_places.select_related("phase__sequence").order_by("-id")[:1]
    return render(
        request,
        "habits/habit.html",
        {
            "habit": habit,
            "standing": standing.standings([habit], today)[habit.pk],
            "cadence_words": in_words(habit),
            "heatmap": Heatmap.of(heatmap_of(habit, WEEKS_SHOWN, today)),
            "history": history[:HISTORY_SHOWN],
            "place": places[0] if places else None,
            "tellable_from": today - timedelta(days=DAYS_BACK),
            "skip_reasons": completions.SKIP_REASONS,
            "guesses": record_of(user, habit),
        },
    )


@login_required
def create(request: HttpRequest) -> HttpResponse:
    """A habit of one's own making, from today on."""
    user = person(request)
    blank = Habit(user=user, starts_on=local_day(user))
    form = HabitForm(request.POST or None, instance=blank, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            habit = editing.create(
                user, form.given(), stacks=form.stacks(), source=CompletionSource.WEB
            )
        except ValidationError as fault:
            form.add_error(None, fault)
        else:
            messages.success(request, f"“{habit.name}” begins today.")
            return redirect("habits")
    return _form_page(request, form, "New habit")


@login_required
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Changes a habit; strength and streak are worked out anew from its days."""
    user = person(request)
    habit = get_object_or_404(Habit.objects.for_user(user), pk=pk)
    # The form fills its own copy, so that the change is still seen as one.
    form = HabitForm(request.POST or None, instance=copy(habit), user=user)
    if request.method == "POST" and form.is_valid():
        editing.edit(user, habit, form.given(), stacks=form.stacks(), source=CompletionSource.WEB)
        messages.success(request, "Saved.")
        return redirect("habit", pk)
    return _form_page(request, form, "Edit habit")


def _form_page(request: HttpRequest, form: HabitForm, title: str) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return render(request, "habits/habit_form.html", {"form": form, "title": title}, status=status)


@login_required
@require_POST
def change(request: HttpRequest, pk: UUID, what: str) -> HttpResponse:
    """Pauses, resumes, puts away, brings back, deletes or restores a habit."""
    user = person(request)
    habit = get_object_or_404(Habit, pk=pk, user=user)
    verb, words = CHANGES[what]
    try:
        verb(user, habit, source=CompletionSource.WEB)
    except pauses.PauseRefused as refusal:
        messages.error(request, str(refusal))
    except Habit.DoesNotExist:
        messages.error(request, "This habit was deleted. Bring it back first.")
    else:
        messages.success(request, words)
    if what in {"delete", "archive"}:
        return redirect("habits_shelf")
    return redirect("habit", pk)


@login_required
@require_GET
def shelf(request: HttpRequest) -> HttpResponse:
    """Habits that were put away or deleted, to be brought back."""
    user = person(request)
    everything = Habit.objects.filter(user=user).order_by("-updated_at")
    return render(
        request,
        "habits/shelf.html",
        {
            "archived": everything.filter(status=HabitStatus.ARCHIVED, deleted_at=None)[:100],
            "deleted": everything.exclude(deleted_at=None)[:100],
        },
    )
