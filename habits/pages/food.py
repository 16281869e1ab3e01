"""The food log: told in words, listed by day, repeated with one tap; with figures or without any."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.current import person
from accounts.day import local_day
from coaching.llm.embeddings import active_model
from coaching.llm.embeddings.registry import is_local
from habits.models import CompletionSource, FoodEntry
from habits.nutrition import meals, targets
from habits.nutrition.days import food_day
from habits.nutrition.reading import LONGEST, MOST_CALORIES, read_meal
from habits.nutrition.similar import match_similar_foods, usual_foods

WEB = CompletionSource.WEB.value
DAYS_BACK = 366
SUGGESTED = 6


class QuickForm(forms.Form):
    """A meal in one line. `client_id` makes a double click one meal."""

    words = forms.CharField(max_length=LONGEST, strip=True)
    client_id = forms.CharField(max_length=64, required=False)


class MealForm(forms.ModelForm[FoodEntry]):
    """Changing a meal."""

    eaten_at = forms.DateTimeField(
        label="When",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    calories = forms.IntegerField(
        label="Calories (kcal)", required=False, min_value=0, max_value=MOST_CALORIES
    )

    class Meta:
        model = FoodEntry
        fields = ["text", "eaten_at", "calories", "protein_g", "carbs_g", "fat_g"]
        labels = {
            "text": "What it was",
            "protein_g": "Protein (g)",
            "carbs_g": "Carbs (g)",
            "fat_g": "Fat (g)",
        }

    def __init__(self, *args: Any, are_hidden: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if are_hidden:
            for name in ("calories", "protein_g", "carbs_g", "fat_g"):
                del self.fields[name]


class TargetForm(forms.Form):
    """The range of a day."""

    low = forms.IntegerField(label="From (kcal)", min_value=1, max_value=targets.LIMITS.most)
    high = forms.IntegerField(label="To (kcal)", min_value=1, max_value=targets.LIMITS.most)


@login_required
@require_GET
def food(request: HttpRequest) -> HttpResponse:
    """One day of the log with the line to add to it."""
    return _page(request, QuickForm(initial={"client_id": uuid4().hex}))


@login_required
@require_POST
def log(request: HttpRequest) -> HttpResponse:
    """Logs what was typed; sent twice it is one meal."""
    user = person(request)
    form = QuickForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    now = timezone.now()
    meal = read_meal(form.cleaned_data["words"], now=now.astimezone(user.tz))
    try:
        entry = meals.log_food(
            user,
            meal.text,
            calories=meal.calories,
            protein_g=meal.protein_g,
            carbs_g=meal.carbs_g,
            fat_g=meal.fat_g,
            eaten_at=meal.eaten_at,
            client_id=form.cleaned_data["client_id"] or None,
            source=WEB,
            now=now,
        )
    except meals.MealRefused as refusal:
        form.add_error("words", str(refusal))
        return _page(request, form, status=422)
    messages.success(request, f"Noted: {entry.text}.", extra_tags=_undo(entry))
    return _to_day(entry.local_date)


@login_required
@require_POST
def again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Logs the same meal once more, now."""
    entry = _own(request, pk)
    key = request.POST.get("client_id", "")[:64] or None
    fresh = meals.again(entry, client_id=key, source=WEB, now=timezone.now())
    messages.success(request, f"Noted again: {fresh.text}.", extra_tags=_undo(fresh))
    return _to_day(fresh.local_date)


@login_required
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Changes a meal; its time is on the person's own clock."""
    user = person(request)
    entry = _own(request, pk)
    now = timezone.now()
    hidden = targets.numbers_of(user, now=now).are_hidden
    with timezone.override(user.tz):
        # The form fills its own copy, so that the change is still seen as one.
        copy = FoodEntry.objects.get(pk=entry.pk)
        form = MealForm(request.POST or None, instance=copy, are_hidden=hidden)
        if request.method == "POST" and form.is_valid():
            try:
                entry = meals.edit(entry, form.cleaned_data, source=WEB, now=now)
            except meals.MealRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, "Saved.")
                return _to_day(entry.local_date)
        status = 422 if form.is_bound else 200
        return render(
            request, "habits/food_form.html", {"form": form, "entry": entry}, status=status
        )


@login_required
@require_POST
def remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Takes a meal back, with the offer to bring it back."""
    entry = meals.remove(_own(request, pk), source=WEB, now=timezone.now())
    back = reverse("food_restore", args=[entry.pk])
    messages.success(request, f"Taken back: {entry.text}.", extra_tags=back)
    return _to_day(entry.local_date)


@login_required
@require_POST
def restore(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Brings a meal back."""
    entry = meals.restore(_own(request, pk), source=WEB, now=timezone.now())
    messages.success(request, "Brought back.")
    return _to_day(entry.local_date)


@login_required
@require_GET
def similar(request: HttpRequest) -> HttpResponse:
    """Meals like what is being typed, to be repeated with one tap."""
    user = person(request)
    words = request.GET.get("words", "").strip()[:LONGEST]
    found: list[FoodEntry] = []
    if len(words) > 1:
        text = read_meal(words, now=timezone.now().astimezone(user.tz)).text or words
        matches = match_similar_foods(
            user, text, match_count=SUGGESTED, by_meaning=is_local(active_model().name)
        )
        found = [match.entry for match in matches]
    context = {"again": found or usual_foods(user, count=SUGGESTED), "is_match": bool(found)}
    return render(request, "habits/food_again.html", {**context, "client_id": uuid4().hex})


@login_required
@require_POST
def numbers(request: HttpRequest) -> HttpResponse:
    """Shows the log with figures, or without any."""
    hidden = request.POST.get("hidden") == "1"
    targets.hide_numbers(person(request), hidden)
    messages.success(request, "Figures are hidden." if hidden else "Figures are shown.")
    return redirect("food")


@login_required
@require_POST
def target(request: HttpRequest) -> HttpResponse:
    """Sets the range of a day, or takes it away."""
    user = person(request)
    if request.POST.get("remove") == "1":
        targets.remove_target(user)
        messages.success(request, "No range any more.")
        return redirect("food")
    form = TargetForm(request.POST)
    if form.is_valid():
        try:
            targets.set_target(
                user, form.cleaned_data["low"], form.cleaned_data["high"], now=timezone.now()
            )
        except targets.TargetRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Saved.")
            return redirect("food")
    return _page(request, QuickForm(), target_form=form, status=422)


def _page(
    request: HttpRequest,
    form: QuickForm,
    *,
    target_form: TargetForm | None = None,
    status: int = 200,
) -> HttpResponse:
    user, now = person(request), timezone.now()
    today = local_day(user, now)
    day = _asked_day(request, today)
    shown = food_day(user, day, now=now)
    numbers = shown.numbers
    reason = targets.why_not(user, now=now)
    initial = {"low": numbers.low, "high": numbers.high} if numbers.low else None
    return render(
        request,
        "habits/food.html",
        {
            "form": form,
            "food": shown,
            "today": today,
            "yesterday": today - timedelta(days=1),
            "earlier": day - timedelta(days=1) if day > today - timedelta(days=DAYS_BACK) else None,
            "later": day + timedelta(days=1) if day < today else None,
            "again": usual_foods(user, count=SUGGESTED),
            "client_id": uuid4().hex,
            "why_not": reason,
            "target_form": target_form or TargetForm(initial=initial),
        },
        status=status,
    )


def _asked_day(request: HttpRequest, today: date) -> date:
    try:
        day = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return today
    return max(today - timedelta(days=DAYS_BACK), min(today, day))


def _own(request: HttpRequest, pk: UUID) -> FoodEntry:
    rows = FoodEntry.objects.select_related("user").filter(user=person(request))
    return get_object_or_404(rows, pk=pk)


def _undo(entry: FoodEntry) -> str:
    """Where the offer to take a fresh meal back leads."""
    return reverse("food_remove", args=[entry.pk])


def _to_day(day: date) -> HttpResponse:
    return redirect(f"{reverse('food')}?day={day.isoformat()}")


PAGES: list[tuple[str, Callable[..., HttpResponse], str]] = [
    ("food/", food, "food"),
    ("food/log/", log, "food_log"),
    ("food/similar/", similar, "food_similar"),
    ("food/numbers/", numbers, "food_numbers"),
    ("food/target/", target, "food_target"),
    ("food/<uuid:pk>/", edit, "food_edit"),
    ("food/<uuid:pk>/again/", again, "food_again"),
    ("food/<uuid:pk>/remove/", remove, "food_remove"),
    ("food/<uuid:pk>/restore/", restore, "food_restore"),
]
