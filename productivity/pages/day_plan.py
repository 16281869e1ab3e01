"""The answer to a day that the coach proposed: accept it or leave it, on its card."""

from collections.abc import Callable
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.current import person
from coaching.chat.cards import draw
from coaching.toolkit import Card
from productivity.changing import TaskGone, TaskRefused
from productivity.scheduling import proposed_days
from productivity.scheduling.proposed_days import Answered, DayNotFound

from .answers import WEB, answer, is_fragment, undo_address


@login_required
@require_POST
def accept_day(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Puts the proposed tasks into their slots."""
    user, now = person(request), timezone.now()
    return _answered(request, lambda: proposed_days.accept_day(user, pk, source=WEB, now=now), pk)


@login_required
@require_POST
def leave_day(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Leaves the day as it was."""
    user = person(request)
    return _answered(request, lambda: proposed_days.leave_day(user, pk), pk)


def _answered(request: HttpRequest, do: Callable[[], Answered], pk: UUID) -> HttpResponse:
    try:
        done = do()
    except DayNotFound:
        raise Http404 from None
    except (TaskRefused, TaskGone) as refusal:
        if not is_fragment(request):
            return answer(request, str(refusal), is_error=True)
        return _drawn(request, proposed_days.card_of(person(request), pk), str(refusal))
    if is_fragment(request):
        return _drawn(request, done.card, done.words, undo_address(done.undo))
    return answer(request, done.words, undo=done.undo)


def _drawn(request: HttpRequest, card: Card, said: str, undo: str = "") -> HttpResponse:
    context = {"html": draw(person(request), card, request), "said": said, "undo": undo}
    return render(request, "productivity/cards/answered.html", context)
