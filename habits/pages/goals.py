"""Goals: the list, and one goal with its parts and its habits."""

from copy import copy
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from accounts.current import person
from habits import editing
from habits.models import CompletionSource, Goal, Habit

from .forms import GoalForm


@login_required
@require_GET
def goal_list(request: HttpRequest) -> HttpResponse:
    """Every goal, those at work first."""
    rows = Goal.objects.for_user(person(request)).order_by("status", "deadline", "id")[:100]
    return render(request, "habits/goals.html", {"goals": rows})


@login_required
def goal(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One goal; the form changes its words, its deadline and how far it is."""
    user = person(request)
    row = get_object_or_404(Goal.objects.for_user(user), pk=pk)
    # The form fills its own copy, so that the change is still seen as one.
    form = GoalForm(request.POST or None, instance=copy(row))
    if request.method == "POST" and form.is_valid():
        editing.edit_goal(row, form.cleaned_data, source=CompletionSource.WEB)
        messages.success(request, "Saved.")
        return redirect("goal", pk)
    habits = Habit.objects.for_user(user).filter(goal=row).in_order()
    return render(
        request,
        "habits/goal.html",
        {"goal": row, "form": form, "habits": habits},
        status=422 if form.is_bound else 200,
    )
