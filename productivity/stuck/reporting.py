"""One tap on why a task is stuck, and taking up what fits."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from accounts.models import User, time_ordered_id
from coaching import ledger
from productivity import changing
from productivity.history import hold
from productivity.models import Breakdown, Strategy, StuckReason, StuckReport, Task
from productivity.scheduling.capacity import measured
from productivity.scheduling.negotiating import Proposal, ways_for

from .breaking_down import draft_breakdown
from .strategies import EXPOSURE_MINUTES, TIMEBOX_MINUTES, strategy_for
from .template_steps import begun, rough_draft

# The same tap within so long is the same report.
SAME = timedelta(minutes=10)


_DRAFTED = {
    Strategy.FIRST_STEP: "The first step is small on purpose. The rest can stay unclear.",
    Strategy.BAD_DRAFT: "Bad first, good enough after. Nobody sees the first one.",
}


@dataclass(frozen=True)
class TakenUp:
    """What came of a strategy: words, and a draft, a task in its slot, or proposals to choose from.

    `undo` is what `history.undo` takes, where something was changed.
    """

    words: str
    task: Task
    breakdown: Breakdown | None = None
    proposals: list[Proposal] = field(default_factory=list)
    undo: UUID | None = None


def report(user: User, task_id: UUID, reason: str, *, source: str, now: datetime) -> StuckReport:
    """Why the task does not move, with the strategy that fits; the same tap soon after is the same report.

    Raises `Task.DoesNotExist` for what is not this person's, `TaskGone`, and `TaskRefused` for what is done.
    """
    why = StuckReason(reason)
    with transaction.atomic():
        hold(user)
        task = Task.objects.get(pk=task_id, user=user)
        if task.deleted_at is not None:
            raise changing.TaskGone(task)
        if not task.is_open:
            raise changing.TaskRefused(f"“{task.title}” is done already.")
        last = newest_report(user, task_id)
        if last is not None and last.reason == why and last.created_at > now - SAME:
            return last
        made = StuckReport.objects.create(
            user=user, task=task, reason=why, strategy=strategy_for(user, why), created_at=now
        )
        ledger.record(
            user,
            "task.stuck",
            raw_data={"task": str(task.pk), "reason": made.reason, "strategy": made.strategy},
            source=source,
            idempotency_key=f"stuck:{made.pk}",
            occurred_at=now,
        )
    return made


def newest_report(user: User, task_id: UUID) -> StuckReport | None:
    mine = StuckReport.objects.filter(user=user, task_id=task_id).select_related("task")
    return mine.order_by("-created_at", "-id").first()


def take_up(user: User, report_id: UUID, *, source: str, now: datetime) -> TakenUp:
    """Does what the strategy of a report says. The same again gives the same and changes nothing more.

    Raises `StuckReport.DoesNotExist` for what is not this person's, `TaskGone`, and `TaskRefused` for what is done.
    """
    with transaction.atomic():
        hold(user)
        mine = StuckReport.objects.select_for_update(of=("self",)).select_related("task")
        told = mine.get(pk=report_id, user=user)
        is_first = told.taken_up_at is None
        if is_first:
            told.taken_up_at = now
            told.save(update_fields=["taken_up_at"])
        return _done(user, told, source=source, now=now, is_first=is_first)


def _done(user: User, told: StuckReport, *, source: str, now: datetime, is_first: bool) -> TakenUp:
    task, strategy = told.task, Strategy(told.strategy)
    if strategy is Strategy.SPLIT:
        draft = draft_breakdown(user, task.pk, now=now)
        return TakenUp("Here is a draft. Keep, change or leave out what you like.", task, draft)
    if strategy in (Strategy.FIRST_STEP, Strategy.BAD_DRAFT):
        make = begun if strategy is Strategy.FIRST_STEP else rough_draft
        call = f"stuck:{told.pk}"
        draft = draft_breakdown(user, task.pk, now=now, call_id=call, make=make)
        return TakenUp(_DRAFTED[strategy], task, draft)
    if strategy is Strategy.RENEGOTIATE:
        return _renegotiated(user, task, now)
    minutes = TIMEBOX_MINUTES if strategy is Strategy.TIMEBOX else EXPOSURE_MINUTES
    words = (
        f"{minutes} minutes for “{task.title}” from now. When they are over you are free to stop."
    )
    if not is_first:
        return TakenUp(words, task)
    batch = time_ordered_id()
    begins = now.replace(second=0, microsecond=0)
    changing.start(user, task.pk, source=source, now=now, batch=batch)
    ends = begins + timedelta(minutes=minutes)
    task = changing.plan(user, task.pk, begins, ends, source=source, now=now, batch=batch)
    return TakenUp(words, task, undo=batch)


def _renegotiated(user: User, task: Task, now: datetime) -> TakenUp:
    if task.deleted_at is not None:
        raise changing.TaskGone(task)
    if not task.is_open:
        raise changing.TaskRefused(f"“{task.title}” is done already.")
    capacity, _, calendar = measured(user, now=now)
    proposals = sorted(ways_for(task, calendar), key=lambda each: each.value_lost)
    return TakenUp(capacity.words, task, proposals=proposals)
