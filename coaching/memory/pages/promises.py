"""The page of promises: what the person said they would do, and what became of it."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.current import person
from accounts.models import User
from coaching.language import parse_moment
from coaching.memory import commitments
from coaching.models import Commitment

PAGE = 20
SAID = {
    "kept": "Well done. I'll remember that it worked.",
    "missed": "Thanks for telling me. It happens.",
    "withdrawn": "Taken back. I won't ask about it.",
}


@login_required
@require_safe
def promise_list(request: HttpRequest) -> HttpResponse:
    """The person's promises, the latest first."""
    rows = commitments.commitments_of(person(request))
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {"tab": "promises", "page": page, "promises": page.object_list}
    return render(request, "coaching/memory/promises.html", context)


@login_required
@require_POST
def promise_settle(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Says what became of a promise; twice is once, and another answer replaces it."""
    user, now = person(request), timezone.now()
    _own_or_404(user, pk)
    outcome = request.POST.get("outcome", "")
    if outcome not in SAID:
        return HttpResponse("Say how it went.", status=422, content_type="text/plain")
    try:
        if outcome == "withdrawn":
            commitments.withdraw(user, pk, now=now)
        else:
            commitments.settle(user, pk, kept=outcome == "kept", now=now)
    except Commitment.DoesNotExist:
        raise Http404 from None
    except commitments.PromiseRefused as refusal:
        messages.error(request, str(refusal))
    else:
        undo = reverse("knows_promise_reopen", args=[pk])
        messages.success(request, SAID[outcome], extra_tags=undo)
    return redirect("knows_promises")


@login_required
@require_POST
def promise_reopen(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Takes the outcome back: the promise is open again."""
    try:
        commitments.reopen(person(request), pk, now=timezone.now())
    except Commitment.DoesNotExist:
        raise Http404 from None
    except commitments.PromiseRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("knows_promises")


@login_required
@require_POST
def promise_move(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Gives a promise another moment, told in plain words."""
    user, now = person(request), timezone.now()
    _own_or_404(user, pk)
    moment = parse_moment(request.POST.get("when", "")[:100], now.astimezone(user.tz))
    if moment is None:
        messages.error(request, "I could not read a time in this. Try “tomorrow at 7”.")
        return redirect("knows_promises")
    try:
        promise = commitments.move(user, pk, moment.at, now=now)
    except Commitment.DoesNotExist:
        raise Http404 from None
    except commitments.PromiseRefused as refusal:
        messages.error(request, str(refusal))
    else:
        when = commitments.when_in_words(promise, user, now=now)
        messages.success(request, f"Moved: {when}.")
    return redirect("knows_promises")


def _own_or_404(user: User, pk: UUID) -> None:
    """Another's promise is as unknown as none, whatever else is wrong with the request."""
    if not commitments.commitments_of(user).filter(pk=pk).exists():
        raise Http404


urlpatterns: list[URLPattern] = [
    path("knows/promises/", promise_list, name="knows_promises"),
    path("knows/promises/<uuid:pk>/settle/", promise_settle, name="knows_promise_settle"),
    path("knows/promises/<uuid:pk>/reopen/", promise_reopen, name="knows_promise_reopen"),
    path("knows/promises/<uuid:pk>/move/", promise_move, name="knows_promise_move"),
]
