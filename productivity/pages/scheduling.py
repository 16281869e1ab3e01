"""Suggested slots of a task: asking for them, saying yes, saying no with a reason."""

from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.current import person
from accounts.models import User, time_ordered_id
from productivity import history
from productivity.changing import TaskGone, TaskRefused
from productivity.models import RefusalReason, ScheduleRecommendation, Task
from productivity.overview import span_words
from productivity.scheduling.capacity import capacity
from productivity.scheduling.explaining import why_not
from productivity.scheduling.negotiating import What, leave, renegotiate, take_up
from productivity.scheduling.recommending import (
    SlotTaken,
    accept,
    open_suggestions,
    recommend,
    refuse,
)

from .answers import WEB, answer, changed_by, own_task
from .sheets import sheet

PLANNED_SHOWN = 30
ANSWERS = {"leave", *(way.value for way in What)}


class RefusalForm(forms.Form):
    """Why a slot does not fit."""

    reason = forms.ChoiceField(choices=RefusalReason.choices)
    text = forms.CharField(required=False, max_length=200, strip=True)


class WhyNotForm(forms.Form):
    """A moment of which a person asks why it was not suggested."""

    at = forms.DateTimeField(input_formats=["%Y-%m-%dT%H:%M"])


@login_required
@require_http_methods(["GET", "POST"])
def slots(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The slots that are suggested; a POST looks for them. `?at=` asks why not then."""
    user, task = own_task(request, pk)
    now = timezone.now()
    if request.method == "GET":
        found = list(open_suggestions(user, now=now).filter(task=task))
        return _sheet(request, user, task, found, asked=_asked(request, user, task))
    try:
        found = recommend(user, task, now=now)
    except (TaskRefused, TaskGone) as refusal:
        return _sheet(request, user, task, [], str(refusal))
    return _sheet(request, user, task, list(found), found.words)


def _asked(request: HttpRequest, user: User, task: Task) -> str:
    """Why the moment asked about was not suggested; empty when none was."""
    if "at" not in request.GET:
        return ""
    form = WhyNotForm(request.GET)
    if not form.is_valid():
        return "Choose a day and a time."
    return why_not(user, task, form.cleaned_data["at"], now=timezone.now()).words


def _sheet(
    request: HttpRequest,
    user: User,
    task: Task,
    found: list[ScheduleRecommendation],
    words: str = "",
    *,
    asked: str = "",
) -> HttpResponse:
    now = timezone.now()
    context: dict[str, object] = {
        "task": task,
        "slots": [
            (row, span_words(user, row.recommended_due, row.recommended_end, now)) for row in found
        ],
        "words": words,
        "why_not": asked,
        "at": request.GET.get("at", "").replace("\x00", "")[:32],
        "reasons": RefusalReason.choices,
        "sheet": "productivity/slots.html",
        "heading": "Find a time",
        "tab": "list",
    }
    return sheet(request, context)


@login_required
@require_POST
def accept_slot(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Puts the task into the slot. One that is taken meanwhile is answered with others."""
    user, row = _own(request, pk)
    now = timezone.now()
    try:
        row = accept(user, pk, source=WEB, now=now)
    except SlotTaken as refusal:
        return _sheet(request, user, row.task, refusal.alternatives, str(refusal))
    except (TaskRefused, TaskGone) as refusal:
        return answer(request, str(refusal), is_error=True)
    words = span_words(user, row.recommended_due, row.recommended_end, now)
    planned = history.events_of(row.task).first()
    said = f"{row.task.title}: planned {words}."
    return answer(request, said, undo=planned.pk if planned else None)


@login_required
@require_http_methods(["GET", "POST"])
def refuse_slot(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Says no with a reason, and shows what fits instead; a GET asks for the reason."""
    user, row = _own(request, pk)
    now = timezone.now()
    if request.method == "GET":
        asked: dict[str, object] = {
            "task": row.task,
            "slot": row,
            "when": span_words(user, row.recommended_due, row.recommended_end, now),
            "reasons": RefusalReason.choices,
            "sheet": "productivity/refuse.html",
            "heading": "What does not fit?",
            "tab": "list",
        }
        return sheet(request, asked)
    form = RefusalForm(request.POST)
    if not form.is_valid():
        return _sheet(request, user, row.task, [], "Say in one tap what does not fit.")
    try:
        refuse(
            user,
            pk,
            form.cleaned_data["reason"],
            form.cleaned_data["text"],
            source=WEB,
            now=now,
        )
        if form.cleaned_data["reason"] == RefusalReason.NOT_NOW:
            return answer(request, f"{row.task.title} can wait. No more suggestions for now.")
        found = recommend(user, row.task, now=now)
    except (TaskRefused, TaskGone) as refusal:
        return _sheet(request, user, row.task, [], str(refusal))
    return _sheet(request, user, row.task, list(found), found.words or "Noted. How about these?")


def _own(request: HttpRequest, pk: UUID) -> tuple[User, ScheduleRecommendation]:
    user = person(request)
    rows = ScheduleRecommendation.objects.select_related("task").filter(
        user=user, task__deleted_at=None
    )
    return user, get_object_or_404(rows, pk=pk)


@login_required
@require_GET
def week(request: HttpRequest) -> HttpResponse:
    """Whether the coming seven days fit, and what could give when they do not."""
    user, now = person(request), timezone.now()
    found = capacity(user, now=now)
    share = min(100, round(100 * found.asked_minutes / max(1, found.free_minutes)))
    planned = Task.objects.for_user(user).open().filter(planned_end__gt=now)
    return render(
        request,
        "productivity/week.html",
        {
            "capacity": found,
            "share": share,
            "proposals": [] if found.fits else renegotiate(user, now=now),
            "planned": [
                (task, span_words(user, task.planned_start, task.planned_end, now))
                for task in planned.order_by("planned_start")[:PLANNED_SHOWN]
            ],
            "tab": "week",
        },
    )


@login_required
@require_POST
def answer_proposal(request: HttpRequest, pk: UUID, what: str) -> HttpResponse:
    """Does what was proposed to make the week fit, or leaves the task alone."""
    if what not in ANSWERS:
        raise Http404
    user, task = own_task(request, pk)
    now, batch = timezone.now(), time_ordered_id()
    back = reverse("tasks_week")
    if what == "leave":
        leave(user, pk, now=now)
        return answer(request, f"{task.title} stays as it is.", back=back)
    try:
        task = take_up(user, pk, what, source=WEB, now=now, batch=batch)
    except (TaskRefused, TaskGone) as refusal:
        return answer(request, str(refusal), is_error=True, back=back)
    undo = batch if changed_by(task) else None
    return answer(request, f"Done: {task.title}.", undo=undo, back=back)
