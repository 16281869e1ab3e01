"""Suggesting slots for a task, and what is done with the answers."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts.day import local_day
from accounts.models import User
from coaching import ledger
from productivity import changing
from productivity.history import hold
from productivity.models import RefusalReason, ScheduleRecommendation, Task
from productivity.task_fields import TaskRefused

from . import learning
from .constants import SLOTS
from .finding import Search, search_for
from .free_time import calendar_of
from .scoring import Slot, that_differ
from .spans import Stretch
from .wording import day_words, minutes_words, moment_words, reasons_for

LONGEST_REFUSAL = 200
KEPT = timedelta(days=90)


class Suggestions(list[ScheduleRecommendation]):
    """Open suggestions, the best first; `words` says why there are none, or fewer than asked for."""

    words: str = ""


class SlotTaken(TaskRefused):
    """A slot that can no longer be accepted; `alternatives` are open suggestions in its place."""

    def __init__(self, words: str, alternatives: Sequence[ScheduleRecommendation]) -> None:
        super().__init__(words)
        self.alternatives = list(alternatives)


def open_suggestions(user: User, *, now: datetime) -> QuerySet[ScheduleRecommendation]:
    """What waits for the person's answer: not expired, not begun, and its task still to be done."""
    return (
        ScheduleRecommendation.objects.filter(
            user=user,
            accepted=False,
            rejected=False,
            expires_at__gt=now,
            recommended_due__gt=now,
            task__deleted_at__isnull=True,
            task__status__in=("pending", "snoozed"),
        )
        .select_related("task")
        .order_by("-score", "recommended_due", "id")
    )


def recommend(user: User, task: Task, *, now: datetime, count: int = SLOTS.shown) -> Suggestions:
    """Up to `count` slots for the task, apart from each other, the best first.

    Asked again, the open ones that still fit are given, filled up with new ones. Raises `Task.DoesNotExist` for
    what is not this person's, `TaskGone` for what is deleted, `TaskRefused` for what is done.
    """
    with transaction.atomic():
        hold(user)
        fresh = Task.objects.select_related("user").get(pk=task.pk, user=user)
        if fresh.deleted_at is not None:
            raise changing.TaskGone(fresh)
        if not fresh.is_open:
            raise TaskRefused(f"“{fresh.title}” is done already.")
        if fresh.started_at is not None and fresh.status == "pending":
            return _none(f"You are on “{fresh.title}” now, so it stays where it is.")
        return _suggested(search_for(user, fresh, now=now), count)


def _none(words: str) -> Suggestions:
    found = Suggestions()
    found.words = words
    return found


def _suggested(search: Search, count: int) -> Suggestions:
    task, now = search.task, search.calendar.now
    slots = search.slots()
    possible = {slot.span: slot for slot in slots}
    open_now = list(open_suggestions(search.calendar.user, now=now).filter(task=task))
    fitting = [
        row for row in open_now if Stretch(row.recommended_due, row.recommended_end) in possible
    ]
    stale = [row.pk for row in open_now if row not in fitting]
    if stale:
        ScheduleRecommendation.objects.filter(pk__in=stale).update(expires_at=now)
    kept = fitting[:count]
    here = [Stretch(row.recommended_due, row.recommended_end) for row in kept]
    if task.planned_start is not None and task.planned_end is not None:
        here.append(Stretch(task.planned_start, task.planned_end))
    # The first choice of another task is left to it while there is anything else.
    held = _first_choices(search)
    clear = [slot for slot in slots if not any(slot.span.overlaps(one) for one in held)]
    new = that_differ(clear, count - len(kept), here)
    if len(kept) + len(new) < count:
        chosen = [*here, *(slot.span for slot in new)]
        new += that_differ(slots, count - len(kept) - len(new), chosen)
    made = ScheduleRecommendation.objects.bulk_create([_row(search, slot) for slot in new])
    for row in made:
        row.task = task
    found = Suggestions(sorted([*kept, *made], key=lambda row: (-row.score, row.recommended_due)))
    if not found:
        found.words = _why_nothing(search)
    return found


def _first_choices(search: Search) -> list[Stretch]:
    """The best open suggestion of every other task. One query."""
    rows = open_suggestions(search.calendar.user, now=search.calendar.now)
    first: dict[UUID, Stretch] = {}
    for row in rows.exclude(task=search.task):
        first.setdefault(row.task_id, Stretch(row.recommended_due, row.recommended_end))
    return list(first.values())


def _row(search: Search, slot: Slot) -> ScheduleRecommendation:
    now = search.calendar.now
    length = search.calendar.lengths.of(search.task)
    reasons = reasons_for(slot, search.task, search.calendar, search.known)
    return ScheduleRecommendation(
        user=search.calendar.user,
        task=search.task,
        recommended_due=slot.span.starts,
        recommended_end=slot.span.ends,
        confidence_score=slot.odds.confidence,
        score=slot.score,
        odds=slot.odds.mean,
        parts={name: round(value, 4) for name, value in asdict(slot.terms).items()},
        reasons=[*reasons, *([length.words] if length.words else [])],
        created_at=now,
        expires_at=min(now + SLOTS.valid_for, slot.span.starts),
    )


def _why_nothing(search: Search) -> str:
    """Why no slot fits, in words that say what would help."""
    task, calendar = search.task, search.calendar
    long = minutes_words(search.minutes)
    if task.due_at is not None and calendar.now < task.due_at < calendar.until:
        due = moment_words(calendar.user, task.due_at, calendar.now)
        if task.due_on is not None:
            due = day_words(task.due_on, local_day(calendar.user, calendar.now))
        return (
            f"No free stretch of {long} is left before it is due {due}. "
            "Make it smaller, split it, or ask for later."
        )
    days = SLOTS.horizon.days
    return f"No free stretch of {long} in the next {days} days. Split it, or make room."


def accept(
    user: User, recommendation_id: UUID, *, source: str, now: datetime
) -> ScheduleRecommendation:
    """Puts the task into the slot; twice is once.

    Raises `ScheduleRecommendation.DoesNotExist` for what is not this person's, `SlotTaken` (with alternatives)
    when the slot is over, expired, or taken meanwhile.
    """
    with transaction.atomic():
        hold(user)
        row = _locked(user, recommendation_id)
        if row.accepted:
            return row
        refusal = _why_not_accepted(user, row, now)
        if not refusal:
            changing.plan(
                user, row.task_id, row.recommended_due, row.recommended_end, source=source, now=now
            )
            row.accepted, row.answered_at = True, now
            row.save(update_fields=["accepted", "answered_at"])
            others = open_suggestions(user, now=now).filter(task=row.task_id)
            others.order_by().update(expires_at=now)
            learning.learn_answer(row, worked=True)
            row.task.refresh_from_db()
            return row
    # Beyond the transaction, so that what is suggested instead stays although this one is refused.
    instead: Iterable[ScheduleRecommendation] = ()
    if row.task.is_open:
        instead = recommend(user, row.task, now=now)
    raise SlotTaken(refusal, [one for one in instead if one.pk != row.pk])


def _why_not_accepted(user: User, row: ScheduleRecommendation, now: datetime) -> str:
    """Why the slot cannot be accepted any more, in words; empty when it can."""
    if row.rejected:
        return "You said no to this one. Here is what else fits."
    if not row.task.is_open:
        return f"“{row.task.title}” is no longer to be done."
    if row.recommended_due <= now:
        return "That slot has already begun. Here is what else fits."
    if row.expires_at <= now:
        return "That suggestion is too old. Here is what fits now."
    slot = Stretch(row.recommended_due, row.recommended_end)
    taken = calendar_of(user, now=now, until=slot.ends).in_the_way(slot, row.task_id)
    if taken is not None:
        return f"{taken.words} has taken that time meanwhile. Here is what else fits."
    return ""


def refuse(
    user: User,
    recommendation_id: UUID,
    reason: str,
    text: str = "",
    *,
    source: str,
    now: datetime,
) -> ScheduleRecommendation:
    """Notes that the slot does not fit, and why; what comes next heeds it. The same again changes nothing.

    Raises `ScheduleRecommendation.DoesNotExist` for what is not this person's, `TaskRefused` for one that was
    accepted.
    """
    with transaction.atomic():
        hold(user)
        row = _locked(user, recommendation_id)
        if row.accepted:
            raise TaskRefused("You said yes to this slot. Take it out of your plan instead.")
        if row.rejected:
            return row
        row.rejected, row.answered_at = True, now
        row.refusal_reason = RefusalReason(reason).value
        row.refusal_text = text.strip()[:LONGEST_REFUSAL]
        row.save(update_fields=["rejected", "answered_at", "refusal_reason", "refusal_text"])
        if row.refusal_reason in (RefusalReason.WRONG_TIME, RefusalReason.WRONG_DAY):
            learning.learn_answer(row, worked=False)
        ledger.record(
            user,
            "task.slot_refused",
            raw_data={"task": str(row.task_id), "reason": row.refusal_reason},
            source=source,
            idempotency_key=f"slot-refused:{row.pk}",
            occurred_at=now,
        )
    return row


def _locked(user: User, recommendation_id: UUID) -> ScheduleRecommendation:
    rows = ScheduleRecommendation.objects.select_for_update(of=("self",)).select_related("task")
    return rows.get(pk=recommendation_id, user=user)


def clear_old(*, now: datetime) -> int:
    """Lets go of suggestions nobody answered, a while after they expired; returns how many went."""
    old = ScheduleRecommendation.objects.filter(
        accepted=False, rejected=False, expires_at__lt=now - KEPT
    )
    return old.delete()[0]
