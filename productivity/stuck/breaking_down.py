"""Drafts of steps: made at once, bettered by a model where there is one, and answered by the person."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from coaching.llm.targets import ladder
from coaching.queueing import after_commit
from productivity import changing
from productivity.history import hold
from productivity.models import (
    LONGEST_TASK_MINUTES,
    Breakdown,
    BreakdownStatus,
    Task,
    WrittenBy,
)
from productivity.scheduling.lengths import lengths_of

from .template_steps import LONGEST_TITLE, MOST_STEPS, Step, steps_for

KEPT = timedelta(days=7)
# So long a draft may wait for its model; then the template's steps are the draft.
PATIENCE = timedelta(minutes=3)
OPEN = (BreakdownStatus.WRITING, BreakdownStatus.DRAFT)
ORIGIN = "breakdown"
Make = Callable[[Task, int], list[Step]]


class BreakdownClosed(changing.TaskRefused):
    """This draft has been answered otherwise, or is too old."""


def open_breakdown(user: User, task_id: UUID, *, now: datetime) -> Breakdown | None:
    """The draft of a task that waits for an answer."""
    return Breakdown.objects.filter(
        user=user, task_id=task_id, status__in=OPEN, created_at__gt=now - KEPT
    ).first()


def draft_breakdown(
    user: User,
    task_id: UUID,
    *,
    now: datetime,
    call_id: str = "",
    make: Make = steps_for,
    with_model: bool = True,
) -> Breakdown:
    """The draft of steps for a task: the open one, or a new one from templates that a model may better.

    Raises `Task.DoesNotExist` for what is not this person's, `TaskGone`, and `TaskRefused` for what has no steps.
    """
    with transaction.atomic():
        hold(user)
        task = Task.objects.get(pk=task_id, user=user)
        if call_id:
            known = Breakdown.objects.filter(user=user, call_id=call_id).first()
            if known is not None:
                return known
        _refuse_if_unfit(task)
        _expire(Breakdown.objects.filter(task=task), now)
        is_usual = make is steps_for
        waiting = Breakdown.objects.filter(task=task, status__in=OPEN).first()
        if waiting is not None and is_usual:
            return waiting
        if waiting is not None:
            waiting.status = BreakdownStatus.DECLINED
            waiting.answered_at = now
            waiting.save(update_fields=["status", "answered_at"])
        asks_model = with_model and is_usual and not ladder()[0].is_builtin
        draft = Breakdown.objects.create(
            user=user,
            task=task,
            steps=as_rows(make(task, lengths_of(user).of(task).minutes)),
            source=WrittenBy.TEMPLATE,
            status=BreakdownStatus.WRITING if asks_model else BreakdownStatus.DRAFT,
            call_id=call_id[:64],
            created_at=now,
        )
        if asks_model:
            after_commit("productivity.tasks.write_breakdown", str(draft.pk))
        return draft


def as_rows(steps: Iterable[Step]) -> list[dict[str, Any]]:
    return [{"title": step.title, "minutes": step.minutes} for step in steps]


def clean_steps(steps: Sequence[dict[str, Any]]) -> list[Step]:
    """Steps as a person edited them. Raises `TaskRefused` for what cannot be steps."""
    if not 1 <= len(steps) <= MOST_STEPS:
        raise changing.TaskRefused(f"Keep 1 to {MOST_STEPS} steps.")
    found = []
    for step in steps:
        title = " ".join(str(step.get("title", "")).replace("\x00", "").split())
        if not title or len(title) > LONGEST_TITLE:
            raise changing.TaskRefused(
                f"A step needs a title of at most {LONGEST_TITLE} characters."
            )
        minutes = step.get("minutes")
        if not isinstance(minutes, int) or not 1 <= minutes <= LONGEST_TASK_MINUTES:
            raise changing.TaskRefused(
                f"A step takes between 1 and {LONGEST_TASK_MINUTES} minutes."
            )
        found.append(Step(title, minutes))
    return found


def accept(
    user: User,
    breakdown_id: UUID,
    *,
    steps: Sequence[dict[str, Any]] | None = None,
    source: str,
    now: datetime,
) -> list[Task]:
    """Makes the steps (as edited in `steps`) of their task, all at once; the same again makes nothing more.

    `history.undo(user, breakdown_id)` takes them all away again. Raises `Breakdown.DoesNotExist` for what is not
    this person's, `BreakdownClosed` for what was declined or is too old, `TaskRefused` for unfit steps.
    """
    with transaction.atomic():
        hold(user)
        draft = Breakdown.objects.select_for_update().get(pk=breakdown_id, user=user)
        if draft.status == BreakdownStatus.ACCEPTED:
            return _made_of(draft)
        _refuse_if_closed(draft, now)
        task = Task.objects.get(pk=draft.task_id)
        _refuse_if_unfit(task)
        wanted = clean_steps(draft.steps if steps is None else steps)
        made = [
            changing.create(
                user,
                {
                    "title": step.title,
                    "estimated_minutes": step.minutes,
                    "category": task.category,
                    "parent_id": task.pk,
                },
                source=source,
                now=now,
                origin=ORIGIN,
                origin_id=f"{draft.pk}:{place}",
                batch=draft.pk,
            )
            for place, step in enumerate(wanted)
        ]
        draft.steps = as_rows(wanted)
        _answer(draft, BreakdownStatus.ACCEPTED, now)
    return made


def decline(user: User, breakdown_id: UUID, *, now: datetime) -> Breakdown:
    """The draft is not wanted; the same again changes nothing. Raises as `accept`."""
    with transaction.atomic():
        draft = Breakdown.objects.select_for_update().get(pk=breakdown_id, user=user)
        if draft.status != BreakdownStatus.DECLINED:
            _refuse_if_closed(draft, now)
            _answer(draft, BreakdownStatus.DECLINED, now)
    return draft


def tidy_breakdowns(*, now: datetime) -> int:
    """What waits too long for its model becomes a draft, and old drafts expire; returns how many changed."""
    waiting = Breakdown.objects.filter(status=BreakdownStatus.WRITING)
    ready = waiting.filter(created_at__lte=now - PATIENCE).update(status=BreakdownStatus.DRAFT)
    old = Breakdown.objects.filter(status__in=OPEN, created_at__lte=now - KEPT)
    return ready + old.update(status=BreakdownStatus.EXPIRED, answered_at=now)


def _made_of(draft: Breakdown) -> list[Task]:
    made = Task.objects.filter(
        user=draft.user_id, origin=ORIGIN, origin_id__startswith=f"{draft.pk}:"
    )
    return list(made.order_by("position", "id"))


def _answer(draft: Breakdown, status: BreakdownStatus, now: datetime) -> None:
    draft.status = status
    draft.answered_at = now
    draft.save(update_fields=["steps", "status", "answered_at"])


def _expire(drafts: Any, now: datetime) -> None:
    drafts.filter(status__in=OPEN, created_at__lte=now - KEPT).update(
        status=BreakdownStatus.EXPIRED, answered_at=now
    )


def _refuse_if_closed(draft: Breakdown, now: datetime) -> None:
    if draft.status not in OPEN or draft.created_at <= now - KEPT:
        words = {
            BreakdownStatus.ACCEPTED: "These steps were accepted already.",
            BreakdownStatus.DECLINED: "These steps were declined.",
        }
        status = BreakdownStatus(draft.status)
        raise BreakdownClosed(words.get(status, "These steps are too old. Ask for new ones."))


def _refuse_if_unfit(task: Task) -> None:
    if task.deleted_at is not None:
        raise changing.TaskGone(task)
    if not task.is_open:
        raise changing.TaskRefused(f"“{task.title}” is done already.")
    if task.parent_id is not None:
        raise changing.TaskRefused("A step has no steps of its own. Make it smaller instead.")
