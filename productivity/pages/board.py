"""The list of tasks, and what can be done with its rows: add, tick, snooze, delete, many at once, take back."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.current import person
from accounts.day import local_day, local_moment
from accounts.models import User
from coaching.today.assembly import fill
from coaching.toolkit import today_tiles
from productivity import bulk as many
from productivity import changing, history, quick_add
from productivity.changing import TaskGone, TaskRefused
from productivity.models import Priority, Task, TaskEvent

from .answers import (
    WEB,
    answer,
    changed_by,
    fragment,
    is_fragment,
    list_context,
    on_the_list,
    own_task,
    row_answer,
    undo_address,
)

LONGEST_LINE = 500
REFUSALS_TOLD = 2
MORNING = time(9)


class LineForm(forms.Form):
    """A task in one line. `client_id` makes a double click one task."""

    text = forms.CharField(max_length=LONGEST_LINE, strip=True)
    client_id = forms.CharField(max_length=64, required=False)


class TickForm(forms.Form):
    """Sets a task to done or not done; it never toggles, so that it may come twice."""

    done = forms.ChoiceField(choices=[("1", "done"), ("0", "not done")])


class BulkForm(forms.Form):
    """What to do with the selected tasks."""

    what = forms.ChoiceField(
        choices=[(each, each) for each in ("complete", "snooze", "delete", "category", "priority")]
    )
    category = forms.CharField(max_length=40, required=False, strip=True)
    priority = forms.TypedChoiceField(choices=Priority.choices, coerce=int, required=False)


@login_required
@require_GET
def tasks(request: HttpRequest) -> HttpResponse:
    """What is to be done, in groups of nearness; searched, filtered and sorted by the address."""
    return render(request, "productivity/board.html", list_context(request, request.GET))


@login_required
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Makes a task of one line in plain words."""
    user = person(request)
    form = LineForm(request.POST)
    from_tile = request.POST.get("in") == "tile" and is_fragment(request)
    if not form.is_valid():
        return _not_added(request, from_tile, "Write what is to be done, in at most 500 letters.")
    key = form.cleaned_data["client_id"]
    try:
        task = quick_add.add(
            user,
            form.cleaned_data["text"],
            source=WEB,
            now=timezone.now(),
            origin="web" if key else "",
            origin_id=key,
        )
    except (TaskRefused, ValueError) as refusal:
        return _not_added(request, from_tile, str(refusal))
    said = f"Added: {task.title}"
    if from_tile:
        return _tile(request, user, said, undo=undo_address(changed_by(task)))
    return answer(request, said, undo=changed_by(task))


def _not_added(request: HttpRequest, from_tile: bool, words: str) -> HttpResponse:
    """Keeps what was typed, beside what was wrong with it."""
    quick = {
        "text": request.POST.get("text", "").replace("\x00", "")[:LONGEST_LINE],
        "error": words,
    }
    if from_tile:
        return _tile(request, person(request), words, is_error=True)
    if on_the_list(request):
        given = QueryDict(urlsplit(request.headers.get("HX-Current-URL", "")).query)
        context = {**list_context(request, given), "quick": quick}
        return fragment(request, "productivity/list.html", context)
    context = {**list_context(request, request.GET), "quick": quick}
    return render(request, "productivity/board.html", context, status=422)


def _tile(
    request: HttpRequest, user: User, said: str, *, undo: str = "", is_error: bool = False
) -> HttpResponse:
    filled = fill(today_tiles.get("productivity.tasks"), user, timezone.now())
    tile = filled.context if filled else {}
    context = {"tile": tile, "said": said, "undo": undo, "is_error": is_error}
    return render(request, "productivity/tile_answer.html", context)


@login_required
@require_POST
def understood(request: HttpRequest) -> HttpResponse:
    """What a line would become, while it is typed. Nothing is kept."""
    user = person(request)
    form = LineForm(request.POST)
    if not form.is_valid():
        return HttpResponse("")
    read = quick_add.read_for(user, form.cleaned_data["text"], now=timezone.now())
    # A day and a clock time apart from each other say one moment.
    said = dict.fromkeys((span.kind, _chip(span.kind, span.words)) for span in read.understood)
    return render(request, "productivity/understood.html", {"title": read.title, "chips": said})


def _chip(kind: str, words: str) -> str:
    """What was understood, so that it can be told apart without its kind beside it."""
    if kind == "priority":
        return f"{words} priority"
    return f"#{words}" if kind == "category" else words


@login_required
@require_POST
def tick(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Sets a task to done, or open again."""
    user, _ = own_task(request, pk)
    form = TickForm(request.POST)
    if not form.is_valid():
        return _refused(request, "That is neither done nor not done.")
    done = form.cleaned_data["done"] == "1"
    try:
        verb = changing.complete if done else changing.reopen
        task = verb(user, pk, source=WEB)
    except (TaskRefused, TaskGone) as refusal:
        return _refused(request, str(refusal))
    if is_fragment(request):
        where = request.GET.get("in", "")
        if where:
            return HttpResponse(status=204)
        return row_answer(request, user, _again(user, pk))
    return answer(
        request, f"{task.title}: {'done' if done else 'open again'}.", undo=changed_by(task)
    )


def _again(user: User, pk: UUID) -> Task:
    return get_object_or_404(Task.objects.for_user(user).select_related("series"), pk=pk)


@login_required
@require_POST
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Deletes a task with its steps; it can be brought back."""
    user = person(request)
    get_object_or_404(Task, pk=pk, user=user)
    task = changing.delete(user, pk, source=WEB)
    return answer(request, f"Deleted: {task.title}", undo=changed_by(task))


@login_required
@require_POST
def restore(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Brings a deleted task back."""
    user = person(request)
    get_object_or_404(Task, pk=pk, user=user)
    try:
        task = changing.restore(user, pk, source=WEB)
    except (TaskRefused, TaskGone) as refusal:
        return answer(request, str(refusal), is_error=True)
    return answer(request, f"Brought back: {task.title}")


@login_required
@require_POST
def undo(request: HttpRequest, change: UUID) -> HttpResponse:
    """Takes back what was done at once. Twice is once; what has changed since stays."""
    try:
        tasks = history.undo(person(request), change, source=WEB)
    except TaskEvent.DoesNotExist:
        raise Http404 from None
    except history.UndoRefused as refusal:
        if "text/html" not in request.headers.get("Accept", ""):
            return HttpResponse(str(refusal), status=409, content_type="text/plain")
        return answer(request, str(refusal), is_error=True)
    said = "Undone." if len(tasks) < 2 else f"Undone for {len(tasks)} tasks."
    return answer(request, said)


@login_required
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """One thing for many tasks, in one transaction, undone at once."""
    user = person(request)
    form = BulkForm(request.POST)
    ids = _ids(request)
    if not form.is_valid() or not ids:
        return answer(request, "Select at least one task first.", is_error=True)
    data, now = form.cleaned_data, timezone.now()
    verbs: dict[str, tuple[Callable[[], many.Outcome], str]] = {
        "complete": (lambda: many.complete_many(user, ids, source=WEB, now=now), "done"),
        "delete": (lambda: many.delete_many(user, ids, source=WEB, now=now), "deleted"),
        "snooze": (
            lambda: many.snooze_many(user, ids, tomorrow_morning(user, now), source=WEB, now=now),
            "snoozed to tomorrow",
        ),
        "category": (lambda: _edited(user, ids, {"category": data["category"]}), "changed"),
        "priority": (lambda: _edited(user, ids, {"priority": data["priority"] or 0}), "changed"),
    }
    verb, words = verbs[data["what"]]
    try:
        outcome = verb()
    except TaskRefused as refusal:
        return answer(request, str(refusal), is_error=True)
    except Task.DoesNotExist:
        raise Http404 from None
    changed = len(outcome.tasks) - len(outcome.refusals)
    said = [f"{changed} task{'s' if changed != 1 else ''} {words}."] if changed else []
    said += [refusal.words for refusal in outcome.refusals[:REFUSALS_TOLD]]
    return answer(request, " ".join(said), undo=outcome.batch, is_error=not changed)


def _edited(user: User, ids: list[UUID], changes: dict[str, Any]) -> many.Outcome:
    return many.edit_many(user, ids, changes, source=WEB)


def _ids(request: HttpRequest) -> list[UUID]:
    found = []
    for given in request.POST.getlist("task")[: many.MOST_AT_ONCE]:
        try:
            found.append(UUID(given))
        except ValueError:
            continue
    return found


def tomorrow_morning(user: User, now: datetime) -> datetime:
    """Nine o'clock of the person's tomorrow."""
    return local_moment(user, local_day(user, now) + timedelta(days=1), MORNING)


def _refused(request: HttpRequest, words: str) -> HttpResponse:
    if is_fragment(request):
        return HttpResponse(words, status=422, content_type="text/plain")
    messages.error(request, words)
    return redirect("tasks")
