"""Visits: the next one, those that were, and taking one back."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.current import person
from momentum import visits

SHOWN = 50


@login_required
@require_GET
def visit_list(request: HttpRequest) -> HttpResponse:
    """The next visit, and what became of the others."""
    user, now = person(request), timezone.now()
    rows = list(visits.visits_of(user)[:SHOWN])
    coming = [row for row in rows if visits.can_cancel(row, now)]
    past = [row for row in rows if row not in coming]
    coming.reverse()
    return render(
        request, "momentum/visits.html", {"tab": "visits", "coming": coming, "past": past}
    )


@login_required
@require_POST
def cancel_visit(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """Takes a visit back."""
    visit = get_object_or_404(visits.visits_of(person(request)), visit_id=visit_id)
    try:
        visits.cancel(visit.visit_id, source="web", now=timezone.now())
    except visits.VisitRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Cancelled. Your coach knows.")
    return redirect("visits")
