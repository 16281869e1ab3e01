"""One task: changing it, its steps, its slot, and what was done with it so far."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.current import person
from accounts.models import User
from productivity import changing, history
from productivity.changing import TaskGone, TaskRefused
from productivity.models import Task, TaskEvent, TaskEventType
from productivity.overview import categories_used, moment_words, rows_of

from .answers import WEB, changed_by, own_task, undo_address
from .event_words import event_words
from .forms import LABELS, MoveForm, PlanForm, StepForm, TaskForm, values_of

HISTORY_SHOWN = 30
# Hours of the clock in which a slot of one's own is proposed to begin; outside of them the next morning.
FIRST_HOUR, LAST_HOUR, MORNING = 7, 20, 9
USUAL_MINUTES = 30
REPEATS = ("every day", "every weekday", "every week", "every 2 weeks", "every month", "every year")


class Changed(Exception):
    """Somebody, or another device, changed the task since the form was opened."""

    def __init__(self, task: Task) -> None:
        super().__init__(task.pk)
        self.task = task


@dataclass(frozen=True)
class Difference:
    """One field that is not the same in what was typed and in what is saved now."""

    label: str
    typed: str
    saved: str


@login_required
@require_http_methods(["GET", "POST"])
def task(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Shows and changes one task. What somebody else changed meanwhile is shown before it is overwritten."""
    user = person(request)
    rows = Task.objects.filter(user=user).select_related("series", "parent")
    row = get_object_or_404(rows, pk=pk)
    if row.deleted_at:
        return render(request, "productivity/gone.html", {"task": row, "tab": "list"})
    now = timezone.now()
    form = TaskForm(request.POST or None, user=user, task=row, now=now)
    differences: list[Difference] = []
    if request.method == "POST" and form.is_valid():
        version = request.POST.get("version", "")

        def unchanged(locked: Task) -> None:
            if version and locked.updated_at.isoformat() != version:
                raise Changed(locked)

        try:
            saved = _save(user, row, form, unchanged)
        except Changed as change:
            differences = _differences(user, form, rows.get(pk=change.task.pk))
            row = rows.get(pk=pk)
        except (TaskRefused, ValueError) as refusal:
            form.add_error(None, str(refusal))
        except TaskGone:
            messages.error(request, "This task was deleted meanwhile. Bring it back first.")
            return redirect("task", pk)
        else:
            messages.success(request, "Saved.", extra_tags=undo_address(changed_by(saved)))
            return redirect("task", pk)
    return _page(request, user, row, now, form, differences)


def _save(user: User, row: Task, form: TaskForm, check: Any) -> Task:
    changes = form.changes()
    if form.repeat_changed:
        changes["repeat"] = form.repeat
    return changing.edit(user, row.pk, changes, source=WEB, check=check)


def _differences(user: User, form: TaskForm, saved: Task) -> list[Difference]:
    """What would be lost on either side."""
    now = values_of(user, saved)
    return [
        Difference(label, _shown(name, form.cleaned_data.get(name)), _shown(name, now[name]))
        for name, label in LABELS.items()
        if name in form.cleaned_data and (form.cleaned_data[name] or None) != (now[name] or None)
    ]


def _shown(name: str, value: Any) -> str:
    if value in (None, ""):
        return "empty"
    if name == "priority":
        return str(dict(Task._meta.get_field("priority").flatchoices)[value])
    if name == "due_time":
        return f"{value:%H:%M}"
    return f"{value:%a} {value.day} {value:%b %Y}" if name == "due_on" else str(value)


def _page(
    request: HttpRequest,
    user: User,
    row: Task,
    now: datetime,
    form: TaskForm,
    differences: list[Difference],
    plan: PlanForm | None = None,
) -> HttpResponse:
    steps = Task.objects.for_user(user).filter(parent=row).order_by("position", "id")
    events = list(history.events_of(row)[:HISTORY_SHOWN])
    [shown] = rows_of(user, [row], now)
    is_refused = form.is_bound or (plan is not None and plan.is_bound)
    return render(
        request,
        "productivity/task.html",
        {
            "task": row,
            "row": shown,
            "form": form,
            "version": row.updated_at.isoformat(),
            "differences": differences,
            "steps": list(steps[:200]),
            "plan": plan or PlanForm(initial=_plan_of(user, row, now)),
            "history": [_told(user, event, now) for event in events],
            "categories": categories_used(user),
            "repeats": REPEATS,
            "tab": "list",
        },
        status=422 if is_refused else 200,
    )


def _plan_of(user: User, row: Task, now: datetime) -> dict[str, Any]:
    """What the slot's form begins with: the slot there is, or the next full hour in which people are up."""
    minutes = row.estimated_minutes or USUAL_MINUTES
    if row.planned_start and row.planned_end:
        minutes = round((row.planned_end - row.planned_start).total_seconds() / 60)
        return {"starts": row.planned_start.astimezone(user.tz), "minutes": minutes}
    local = now.astimezone(user.tz).replace(minute=0, second=0, microsecond=0)
    starts = local + timedelta(hours=1)
    if not FIRST_HOUR <= starts.hour <= LAST_HOUR:
        day = starts + timedelta(days=1) if starts.hour > LAST_HOUR else starts
        starts = day.replace(hour=MORNING)
    return {"starts": starts, "minutes": minutes}


def _told(user: User, event: TaskEvent, now: datetime) -> dict[str, Any]:
    undone = getattr(event, "undone_by", None)
    return {
        "event": event,
        "words": event_words(user, event, now),
        "at": moment_words(user, event.created_at, now),
        "can_undo": undone is None
        and event.undoes_id is None
        and event.event_type != TaskEventType.CREATE,
        "was_undone": undone is not None,
    }


@login_required
@require_POST
def add_step(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Adds a step at the end."""
    user, row = own_task(request, pk)
    form = StepForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Write what the step is, in at most 200 letters.")
        return _to_steps(pk)
    try:
        changing.create(
            user,
            {"title": form.cleaned_data["title"], "parent": row},
            source=WEB,
        )
    except TaskRefused as refusal:
        messages.error(request, str(refusal))
    return _to_steps(pk)


@login_required
@require_POST
def move_step(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Moves a step up or down by one place among its siblings."""
    user, row = own_task(request, pk)
    form = MoveForm(request.POST)
    if row.parent_id is None or not form.is_valid():
        messages.error(request, "Only a step can be moved up or down.")
        return redirect("task", pk)
    siblings = list(
        Task.objects.for_user(user).filter(parent=row.parent_id).order_by("position", "id")
    )
    at = next(place for place, step in enumerate(siblings) if step.pk == row.pk)
    to = at + (1 if form.cleaned_data["to"] == "down" else -1)
    if 0 <= to < len(siblings):
        siblings.insert(to, siblings.pop(at))
        for place, step in enumerate(siblings):
            if step.position != place:
                changing.edit(user, step.pk, {"position": place}, source=WEB)
    return _to_steps(row.parent_id)


def _to_steps(pk: UUID) -> HttpResponse:
    return redirect(f"{reverse('task', args=[pk])}#steps")


@login_required
@require_POST
def plan(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Plans a slot of the person's own, or takes the slot away."""
    user, row = own_task(request, pk)
    now = timezone.now()
    if request.POST.get("clear") == "1":
        saved = changing.plan(user, pk, None, None, source=WEB)
        return _planned(request, saved, "The slot is free again.")
    form = PlanForm(request.POST)
    if form.is_valid():
        starts = form.cleaned_data["starts"]
        ends = starts + timedelta(minutes=form.cleaned_data["minutes"])
        try:
            saved = changing.plan(user, pk, starts, ends, source=WEB)
        except (TaskRefused, TaskGone) as refusal:
            form.add_error("starts", str(refusal))
        else:
            return _planned(request, saved, f"Planned: {moment_words(user, starts, now)}.")
    untouched = TaskForm(user=user, task=row, now=now)
    return _page(request, user, row, now, untouched, [], form)


def _planned(request: HttpRequest, saved: Task, said: str) -> HttpResponse:
    messages.success(request, said, extra_tags=undo_address(changed_by(saved)))
    return redirect("task", saved.pk)
