"""How you work: what is measured, from what, since when, in words with their evidence; and how to be rid of it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.current import person
from coaching.learning_permission import has_agreed
from productivity.features import telling
from productivity.features.current import snapshot_of
from productivity.features.numbers import GROUPS, NUMBERS
from productivity.withdrawal import forget_measures


@login_required
@require_GET
def how_you_work(request: HttpRequest) -> HttpResponse:
    """The measures of the person; without their yes only what they would be."""
    user = person(request)
    context: dict[str, Any] = {"tab": "features", "numbers": NUMBERS, "agreed": has_agreed(user)}
    snapshot = snapshot_of(user)
    context["missing"] = telling.missing_of(snapshot)
    if snapshot is not None:
        context |= {
            "snapshot": snapshot,
            "parts": telling.parts_of(snapshot),
            "since": telling.since_of(snapshot),
            "rhythm": telling.rhythm_chart(snapshot.rhythm),
            "categories": sorted(
                snapshot.category_clusters.items(), key=lambda pair: -pair[1]["tasks"]
            ),
            "group_words": telling.group_words(snapshot),
            "group_tasks_missing": max(0, GROUPS.fewest_tasks - snapshot.tasks_seen),
        }
    return render(request, "productivity/features.html", context)


@login_required
@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """Deletes the person's measures."""
    gone = forget_measures(person(request))
    said = "Deleted." if gone else "There was nothing to delete."
    messages.success(request, f"{said} Your tasks are untouched.")
    return HttpResponseRedirect(reverse("how_you_work"))
