"""The page of summaries: what was talked about, by day, week and month; each can be deleted."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from accounts.current import person
from coaching import learning_permission
from coaching.models import SummaryPeriod

from . import summaries

PAGE = 20
TITLES = {
    "": "All",
    SummaryPeriod.DAILY: "Days",
    SummaryPeriod.WEEKLY: "Weeks",
    SummaryPeriod.MONTHLY: "Months",
}


@login_required
@require_safe
def summary_list(request: HttpRequest) -> HttpResponse:
    """The person's summaries, newest first; `?show=` narrows to one period."""
    user = person(request)
    asked = request.GET.get("show", "")
    show = asked if asked in TITLES else ""
    rows = summaries.summaries_of(user)
    if show:
        rows = rows.filter(summary_period=show)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "coaching/knows/summaries.html",
        {
            "tab": "summaries",
            "page": page,
            "entries": [(row, summaries.title_of(row)) for row in page.object_list],
            "show": show,
            "periods": TITLES.items(),
            "is_learning": learning_permission.may_learn(user),
        },
    )


@login_required
@require_POST
def summary_delete(request: HttpRequest, summary_id: UUID) -> HttpResponse:
    """Deletes a summary for good; another person's is not found."""
    if not summaries.delete(person(request), summary_id):
        raise Http404
    messages.success(request, "Deleted. It will not be written again.")
    return redirect("knows_summaries")


urlpatterns = [
    path("knows/summaries/", summary_list, name="knows_summaries"),
    path("knows/summaries/<uuid:summary_id>/delete/", summary_delete, name="knows_summary_delete"),
]
