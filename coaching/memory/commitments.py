"""Promises people make: kept as a row with their words, checked once, and remembered for what came of them."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from coaching import context_cache, ledger
from coaching.learning_permission import may_learn
from coaching.models import Commitment, CommitmentStatus, EpisodicMemory, MemoryType
from coaching.safety import screen

from .extraction.absolute_dates import day_in_words
from .extraction.found import FoundPromise
from .extraction.rule import stems
from .forgetting import forget
from .remembering import remember


@dataclass(frozen=True)
class PromiseNumbers:
    """When promises are asked about (ours)."""

    check_after: timedelta = timedelta(hours=1)  # after the hour that was promised
    check_clock: time = time(9, 0)  # on the next day, where no hour was promised
    check_holds_for: timedelta = timedelta(hours=24)  # later nobody asks any more
    same_within: timedelta = timedelta(hours=2)  # two promises of one deed this close are one
    same_words: float = 0.6  # share of their meaningful words
    told_for: timedelta = timedelta(days=2)  # how long an outcome is worth an opening line
    furthest: timedelta = timedelta(days=370)


NUMBERS = PromiseNumbers()


class PromiseRefused(ValueError):
    """It cannot be done; the text says why, in words for the person."""


def commitments_of(user: User) -> QuerySet[Commitment]:
    """The person's promises, the latest due first."""
    return Commitment.objects.filter(user=user).order_by("-due_at", "-id")


def note_promise(
    user: User,
    promise: FoundPromise,
    *,
    source_ref: str,
    now: datetime,
    message_id: UUID | None = None,
    memory: EpisodicMemory | None = None,
) -> tuple[Commitment, bool]:
    """Keeps a promise, and tells whether it is new: read twice, or made again in other words, it is one row.

    Raises `PromiseRefused` for a moment that has passed or lies too far ahead, seen from `now`.
    """
    if not now - timedelta(days=30) < promise.due_at < now + NUMBERS.furthest:
        raise PromiseRefused("I can hold promises for up to a year ahead.")
    with transaction.atomic():
        list(User.objects.select_for_update(no_key=True).only("pk").filter(pk=user.pk))
        known = Commitment.objects.filter(user=user, source_ref=source_ref).first()
        known = known or _same(user, promise)
        if known is not None:
            if memory is not None and known.memory_id is None:
                known.memory = memory
                known.save(update_fields=["memory"])
            return known, False
        made = Commitment.objects.create(
            user=user,
            memory=memory,
            message_id=message_id,
            what=promise.what,
            quote=promise.quote,
            if_then=promise.if_then,
            due_at=promise.due_at,
            is_time_known=promise.is_time_known,
            check_at=check_time(user, promise.due_at, promise.is_time_known),
            source_ref=source_ref,
            created_at=now,
        )
    context_cache.invalidate(user.pk)
    return made, True


def _same(user: User, promise: FoundPromise) -> Commitment | None:
    """The promise that this one repeats: the same deed at about the same time, made or taken back already."""
    near = (promise.due_at - NUMBERS.same_within, promise.due_at + NUMBERS.same_within)
    ours = set(stems(promise.what))
    for known in Commitment.objects.filter(user=user, due_at__range=near).order_by("id"):
        theirs = set(stems(known.what))
        if ours and theirs and len(ours & theirs) / len(ours | theirs) >= NUMBERS.same_words:
            return known
    return None


def check_time(user: User, due_at: datetime, is_time_known: bool) -> datetime:
    """When the coach asks how it went."""
    if is_time_known:
        return due_at + NUMBERS.check_after
    following = due_at.astimezone(user.tz).date() + timedelta(days=1)
    return datetime.combine(following, NUMBERS.check_clock, tzinfo=user.tz)


def to_be_checked(*, now: datetime) -> QuerySet[Commitment]:
    """Open promises whose moment to ask has come and not passed, of people who may be written to."""
    return Commitment.objects.filter(
        status=CommitmentStatus.OPEN,
        check_message__isnull=True,
        check_at__lte=now,
        check_at__gt=now - NUMBERS.check_holds_for,
        user__deleted_at__isnull=True,
        user__is_active=True,
    ).order_by("check_at")


def settle(
    user: User,
    commitment_id: UUID,
    *,
    kept: bool,
    now: datetime,
    note: str = "",
    source: str = "web",
) -> Commitment:
    """Says what became of a promise; the same answer twice is once, and another answer replaces it.

    The outcome goes into the ledger, and into the memory of those who let the coach learn. Raises
    `Commitment.DoesNotExist` for what is not the person's, and `PromiseRefused` for one taken back.
    """
    wanted = CommitmentStatus.KEPT if kept else CommitmentStatus.MISSED
    with transaction.atomic():
        row = Commitment.objects.select_for_update().get(pk=commitment_id, user=user)
        if row.status == CommitmentStatus.WITHDRAWN:
            raise PromiseRefused("You took this promise back.")
        if row.status == wanted:
            return row
        row.status, row.outcome_at, row.outcome_note = wanted, now, note.strip()[:2000]
        row.save(update_fields=["status", "outcome_at", "outcome_note"])
        ledger.record(
            user,
            f"commitment.{'kept' if kept else 'missed'}",
            raw_data={"commitment": str(row.pk), "what": row.what},
            source=source,
            idempotency_key=f"commitment:{row.pk}:{wanted}:{row.due_at.isoformat()}",
            occurred_at=now,
        )
    context_cache.invalidate(user.pk)
    _remember_outcome(user, row, kept=kept, now=now)
    return row


def _remember_outcome(user: User, row: Commitment, *, kept: bool, now: datetime) -> None:
    other = f"commitment:{row.pk}:{'missed' if kept else 'kept'}"
    stale = EpisodicMemory.objects.filter(user=user, source_ref=other).values_list("pk", flat=True)
    if stale:
        forget(user, list(stale))
    if not may_learn(user):
        return
    is_crisis = screen(row.outcome_note, country=user.country, locale=user.locale) is not None
    day = day_in_words(row.due_at.astimezone(user.tz).date())
    what = row.what.rstrip(".")
    remember(
        user,
        f"I kept my promise to {what} on {day}."
        if kept
        else f"I did not get to {what} on {day}, as I had promised.",
        happened_at=now,
        source_ref=f"commitment:{row.pk}:{'kept' if kept else 'missed'}",
        now=now,
        memory_type=MemoryType.VICTORY if kept else MemoryType.STRUGGLE,
        quote=row.quote if is_crisis else row.outcome_note or row.quote,
        source_id=row.message_id,
        emotional_valence=0.5 if kept else -0.3,
        tags=["promise"],
    )


def reopen(user: User, commitment_id: UUID, *, now: datetime) -> Commitment:
    """Takes an answer back: the promise is open again. Raises `Commitment.DoesNotExist`."""
    with transaction.atomic():
        row = Commitment.objects.select_for_update().get(pk=commitment_id, user=user)
        row.status, row.outcome_at, row.outcome_note = CommitmentStatus.OPEN, None, ""
        row.save(update_fields=["status", "outcome_at", "outcome_note"])
    refs = [f"commitment:{row.pk}:kept", f"commitment:{row.pk}:missed"]
    outcome = EpisodicMemory.objects.filter(user=user, source_ref__in=refs)
    forget(user, list(outcome.values_list("pk", flat=True)))
    context_cache.invalidate(user.pk)
    return row


def move(
    user: User,
    commitment_id: UUID,
    due_at: datetime,
    *,
    now: datetime,
    is_time_known: bool = True,
) -> Commitment:
    """Gives a promise another moment, after which it is asked about anew.

    Raises `Commitment.DoesNotExist`, and `PromiseRefused` for a moment that is not ahead within a year.
    """
    if not now < due_at < now + NUMBERS.furthest:
        raise PromiseRefused("Choose a moment ahead, within a year.")
    with transaction.atomic():
        row = Commitment.objects.select_for_update().get(pk=commitment_id, user=user)
        if row.due_at == due_at and row.status == CommitmentStatus.OPEN:
            return row
        row.due_at, row.is_time_known, row.status = due_at, is_time_known, CommitmentStatus.OPEN
        row.check_at, row.check_message = check_time(user, due_at, is_time_known), None
        row.outcome_at, row.outcome_note = None, ""
        row.save()
    context_cache.invalidate(user.pk)
    return row


def withdraw(user: User, commitment_id: UUID, *, now: datetime) -> Commitment:
    """Takes a promise back: it is not asked about. Twice is once. Raises `Commitment.DoesNotExist`."""
    with transaction.atomic():
        row = Commitment.objects.select_for_update().get(pk=commitment_id, user=user)
        if row.status != CommitmentStatus.WITHDRAWN:
            row.status, row.outcome_at = CommitmentStatus.WITHDRAWN, now
            row.save(update_fields=["status", "outcome_at"])
    context_cache.invalidate(user.pk)
    return row


def meant(user: User, words: str, *, now: datetime) -> Commitment | None:
    """The promise that words are about: an open one they name, else the open one that was due last."""
    rows = list(
        Commitment.objects.filter(user=user, status=CommitmentStatus.OPEN).order_by("-due_at")[:50]
    )
    heard = set(stems(words))
    named = [row for row in rows if heard & set(stems(row.what))]
    past = [row for row in named or rows if row.due_at <= now + timedelta(hours=12)]
    return next(iter(past or named or rows), None)


def when_in_words(row: Commitment, user: User, *, now: datetime) -> str:
    """When a promise is for: "today at 19:00", "on Tuesday, 16 June"."""
    due = row.due_at.astimezone(user.tz)
    days = (due.date() - now.astimezone(user.tz).date()).days
    named = {-1: "yesterday", 0: "today", 1: "tomorrow"}
    day = named.get(days, f"on {due:%A}, {due.day} {due:%B}")
    return f"{day} at {due:%H:%M}" if row.is_time_known else day


def opening_line(user: User, *, now: datetime) -> str:
    """What the coach opens with because of a promise: its outcome, or that it is for today; or nothing."""
    settled = Commitment.objects.filter(
        user=user,
        status__in=[CommitmentStatus.KEPT, CommitmentStatus.MISSED],
        outcome_at__range=(now - NUMBERS.told_for, now),
    )
    latest = settled.order_by("-outcome_at").first()
    due = (
        Commitment.objects.filter(
            user=user,
            status=CommitmentStatus.OPEN,
            due_at__range=(now, now + timedelta(hours=18)),
        )
        .order_by("due_at")
        .first()
    )
    if due is not None and due.due_at.astimezone(user.tz).date() == now.astimezone(user.tz).date():
        return f"You meant to {_deed(due)} {when_in_words(due, user, now=now)}. Is there anything in the way?"
    if latest is None:
        return ""
    if latest.status == CommitmentStatus.KEPT:
        return f"You said you would {_deed(latest)}, and you did. What made it work?"
    return (
        f"It did not come to “{_deed(latest)}” this time. That happens; shall we find a smaller step "
        "or a better moment?"
    )


def _deed(row: Commitment) -> str:
    return row.what.rstrip(".")
