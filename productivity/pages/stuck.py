"""Why is it stuck: one tap, what fits, and a draft of steps to keep, change or decline."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.current import person
from accounts.models import User
from coaching.chat.cards import draw
from coaching.toolkit import Card
from productivity import stuck
from productivity.changing import TaskGone, TaskRefused
from productivity.models import Breakdown, BreakdownStatus, Strategy, StuckReason, StuckReport, Task

from .answers import WEB, answer, is_fragment, on_the_list, own_task, undo_address
from .sheets import sheet

MOST_STEPS = 20


class ReasonForm(forms.Form):
    """Why the task does not move."""

    reason = forms.ChoiceField(choices=StuckReason.choices)


@login_required
@require_http_methods(["GET", "POST"])
def why(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Six reasons to choose from; a POST takes one and answers with what fits."""
    user, task = own_task(request, pk)
    now = timezone.now()
    if request.method == "GET":
        draft = stuck.open_breakdown(user, pk, now=now)
        return _sheet(request, task, {"draft": draft, "reasons": StuckReason.choices})
    form = ReasonForm(request.POST)
    if not form.is_valid():
        problem = {"reasons": StuckReason.choices, "problem": "Choose what comes closest."}
        return _sheet(request, task, problem, is_refused=True)
    try:
        told = stuck.report(user, pk, form.cleaned_data["reason"], source=WEB, now=now)
    except (TaskRefused, TaskGone) as refusal:
        return answer(request, str(refusal), is_error=True)
    advice = stuck.advice_for(task, Strategy(told.strategy))
    return _sheet(request, task, {"report": told, "advice": advice})


@login_required
@require_POST
def take_up(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Does what the strategy says: steps as a draft, a short time from now, or ways to make room."""
    user = person(request)
    told = get_object_or_404(StuckReport.objects.select_related("task"), pk=pk, user=user)
    try:
        taken = stuck.take_up(user, pk, source=WEB, now=timezone.now())
    except (TaskRefused, TaskGone) as refusal:
        return answer(request, str(refusal), is_error=True)
    if taken.breakdown is None and not taken.proposals:
        back = reverse("task", args=[told.task_id])
        return answer(request, taken.words, undo=taken.undo, back=back)
    shown = {"words": taken.words, "draft": taken.breakdown, "proposals": taken.proposals}
    return _sheet(request, taken.task, shown)


@login_required
@require_safe
@never_cache
def draft_state(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What a page asks every few seconds while a model writes: nothing new (204), or that the steps are ready.

    What the person may be typing is never replaced; on a card in a talk, which takes no typing, the steps change.
    """
    _, draft = _own(request, pk)
    if draft.status == BreakdownStatus.WRITING:
        return HttpResponse(status=204)
    if _in_card(request):
        return _card(request, draft)
    if not is_fragment(request):
        return redirect("task_stuck", pk=draft.task_id)
    context = {"draft": draft, "in_sheet": on_the_list(request)}
    return render(request, "productivity/steps_ready.html", context)


@login_required
@require_POST
def accept_steps(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Makes the steps as they were edited; a line that was emptied is left out."""
    user, draft = _own(request, pk)
    steps = _steps(request)
    try:
        made = stuck.accept(user, pk, steps=steps or None, source=WEB, now=timezone.now())
    except (TaskRefused, stuck.BreakdownClosed) as refusal:
        if draft.status in (BreakdownStatus.WRITING, BreakdownStatus.DRAFT):
            shown = {"draft": draft, "steps": steps, "problem": str(refusal)}
            return _sheet(request, draft.task, shown, is_refused=True)
        return answer(request, str(refusal), is_error=True)
    except TaskGone as gone:
        return answer(request, str(gone), is_error=True)
    said = f"{len(made)} step{'s' if len(made) != 1 else ''} for {draft.task.title}."
    if _in_card(request):
        return _card(request, draft, said, undo=pk)
    return answer(request, said, undo=pk, back=reverse("task", args=[draft.task_id]))


@login_required
@require_POST
def decline_steps(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The draft goes; the task stays as it is."""
    user, draft = _own(request, pk)
    back = reverse("task", args=[draft.task_id])
    try:
        stuck.decline(user, pk, now=timezone.now())
    except stuck.BreakdownClosed as refusal:
        return answer(request, str(refusal), is_error=True, back=back)
    if _in_card(request):
        return _card(request, draft, "No steps, then.")
    return answer(request, "No steps, then.", back=back)


def _own(request: HttpRequest, pk: UUID) -> tuple[User, Breakdown]:
    user = person(request)
    rows = Breakdown.objects.select_related("task").filter(user=user)
    found = get_object_or_404(rows, pk=pk)
    if found.task.deleted_at is not None:
        raise Http404
    return user, found


def _in_card(request: HttpRequest) -> bool:
    return is_fragment(request) and request.GET.get("in") == "card"


def _card(
    request: HttpRequest, draft: Breakdown, said: str = "", *, undo: UUID | None = None
) -> HttpResponse:
    """The draft's card in a talk, as it is now."""
    title = f"Steps of {draft.task.title}"
    card = Card(kind="productivity.breakdown", title=title, summary=title, subject=draft.pk)
    html = draw(person(request), card, request)
    if not said:
        return HttpResponse(html)
    context = {"html": html, "said": said, "undo": undo_address(undo)}
    return render(request, "productivity/cards/answered.html", context)


def _steps(request: HttpRequest) -> list[dict[str, Any]]:
    titles = request.POST.getlist("title")[:MOST_STEPS]
    minutes = request.POST.getlist("minutes")[:MOST_STEPS]
    return [
        {"title": title, "minutes": int(long) if long.isascii() and long.isdigit() else 0}
        for title, long in zip(titles, minutes, strict=False)
        if title.strip()
    ]


def _sheet(
    request: HttpRequest, task: Task, shown: dict[str, Any], *, is_refused: bool = False
) -> HttpResponse:
    draft = shown.get("draft")
    context = {
        **shown,
        "task": task,
        "steps": shown.get("steps") or (draft.steps if draft else []),
        "sheet": "productivity/stuck.html",
        "heading": "Why is it stuck?",
        "tab": "list",
    }
    return sheet(request, context, is_refused=is_refused)
