"""Answering a change that the coach proposed."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounts.current import person
from habits import modification
from habits.cadence import in_words
from habits.models import CompletionSource, HabitChange

ANSWERS = {"accept": modification.accept, "decline": modification.decline}


@login_required
@require_POST
def answer(request: HttpRequest, pk: UUID, what: str) -> HttpResponse:
    """Accepts or declines; once is enough, and the card shows what became of it."""
    user = person(request)
    change = get_object_or_404(HabitChange.objects.filter(user=user), pk=pk)
    words = ""
    try:
        change = ANSWERS[what](user, change, source=CompletionSource.WEB)
    except modification.ChangeRefused as refusal:
        words = str(refusal)
        change.refresh_from_db()
    if request.htmx:  # type: ignore[attr-defined]
        context = {"change": change, "cadence": in_words(change.habit), "refusal": words}
        return render(request, "habits/cards/change.html", context)
    if words:
        messages.error(request, words)
    elif what == "accept":
        messages.success(request, f"Changed: {change.habit.name}.")
    return redirect("habit", pk=change.habit_id)
