"""From what was found in a turn to rows: near-duplicates meet, contradictions are closed, the rest is new."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import User
from coaching.models import (
    Commitment,
    EpisodicMemory,
    MemoryState,
    MemoryStatus,
    MemoryType,
)

from . import commitments, preferences
from .care import strengthen
from .closing import statement_of, work_out
from .contradiction import CANDIDATES, Relation, Statement, relations
from .extraction.absolute_dates import day_in_words
from .extraction.found import Findings, FoundMemory, FoundPromise, Lasting, Turn
from .extraction.rules import sentence
from .recalling import Recalled, nearest_memories
from .remembering import NewMemory, UnstorableMemory, remember_many
from .strength import FADING

# Declined ones are looked at as well: what was called wrong is not learned again.
_ALL = (MemoryStatus.KEPT, MemoryStatus.WAITING, MemoryStatus.DECLINED)
HALF_LIVES = {
    Lasting.MOOD: FADING.passing_half_life_days,
    Lasting.USUAL: FADING.half_life_days,
    Lasting.LONG: FADING.lasting_half_life_days,
}


@dataclass
class Written:
    """What became of findings."""

    new: list[EpisodicMemory] = field(default_factory=list)
    merged: list[UUID] = field(default_factory=list)
    promises: list[Commitment] = field(default_factory=list)
    preferences: int = 0


def write(user: User, findings: Findings, *, now: datetime) -> Written:
    """Keeps what one turn told; doing it again changes nothing. Not to be called in a transaction.

    Promises of a turn are memories, too, so that what was promised can be asked about.
    """
    written = Written()
    for found in findings.memories:
        keep(user, findings.turn, found, written, now=now)
    for liking in findings.preferences:
        row = preferences.learn(user, liking, source_ref=findings.turn.source_ref, now=now)
        written.preferences += row is not None
    for promise in findings.promises:
        _promise(user, findings.turn, promise, written, now)
    return written


def _promise(
    user: User, turn: Turn, promise: FoundPromise, written: Written, now: datetime
) -> None:
    if Commitment.objects.filter(user=user, source_ref=promise_ref(turn, promise)).exists():
        return
    try:
        row, is_new = commitments.note_promise(
            user,
            promise,
            source_ref=promise_ref(turn, promise),
            message_id=turn.source_id,
            now=now,
        )
    except commitments.PromiseRefused:
        return
    if not is_new:
        return
    memory = remember_promise(user, turn, promise, now=now)
    Commitment.objects.filter(pk=row.pk).update(memory=memory)
    row.memory = memory
    written.promises.append(row)


def promise_ref(turn: Turn, promise: FoundPromise) -> str:
    return f"{turn.source_ref}#p={promise.start}"


def remember_promise(
    user: User, turn: Turn, promise: FoundPromise, *, now: datetime
) -> EpisodicMemory:
    """The memory of a promise, with its day as a date."""
    [memory] = remember_many(
        user,
        [
            NewMemory(
                promise_in_words(promise, turn.at),
                happened_at=turn.at,
                source_ref=promise_ref(turn, promise),
                memory_type=MemoryType.CONTEXT,
                quote=promise.quote,
                source_type=turn.source_type,
                source_id=turn.source_id,
                ordinal=turn.ordinal,
                tags=["promise"],
                half_life_days=FADING.lasting_half_life_days,
            )
        ],
        now=now,
    )
    return memory


def promise_in_words(promise: FoundPromise, said_at: datetime) -> str:
    """A promise as a sentence that stays true, with its day and, where one was said, its hour."""
    if promise.if_then and not promise.if_then.lower().startswith(("after ", "before ", "right ")):
        return sentence(promise.if_then, said_at)
    due = promise.due_at.astimezone(said_at.tzinfo)
    hour = f" at {due:%H:%M}" if promise.is_time_known else ""
    return f"I will {promise.what.rstrip('.')} on {day_in_words(due.date())}{hour}."


def keep(
    user: User,
    turn: Turn,
    found: FoundMemory,
    written: Written,
    *,
    now: datetime,
    is_explicit: bool = False,
) -> EpisodicMemory | None:
    """Keeps one finding, or merges it with the memory that says the same; `None` where that was declined.

    `is_explicit`: the person ordered it to be remembered, so that it is kept at once, declined before or not.
    """
    source_ref = place_of(turn, found)
    if source_ref:
        known = EpisodicMemory.objects.filter(user=user, source_ref=source_ref).first()
        if known is not None:
            return known
    near = _candidates(user, found, now)
    new = Statement(found.text, turn.at, found.subject, found.slot, found.value, None, turn.ordinal)
    said = relations(
        user.pk,
        new,
        [statement_of(each.memory) for each in near],
        [each.similarity or 0.0 for each in near],
        # An order comes from the middle of a talk, in the transaction of its tool.
        ask_model=not is_explicit,
    )
    for each, relation in zip(near, said, strict=True):
        if relation != Relation.SAME:
            continue
        state = each.memory.state
        if state.status == MemoryStatus.DECLINED and is_explicit:
            continue
        if state.status == MemoryStatus.DECLINED:
            return None
        if _is_live(state, now):
            _merge(each.memory, found, turn, now)
            written.merged.append(each.memory.pk)
            return each.memory
    try:
        [memory] = remember_many(user, [_new(found, turn, source_ref)], now=now)
    except UnstorableMemory:
        return None
    written.new.append(memory)
    work_out(user, memory.subject, memory.slot)
    return memory


def place_of(turn: Turn, found: FoundMemory) -> str:
    """Where the words stand: the turn and the position in it, so that reading twice finds the same place."""
    return f"{turn.source_ref}#c={found.start}" if turn.source_ref else ""


def _candidates(user: User, found: FoundMemory, now: datetime) -> list[Recalled]:
    """The nearest memories, and those of the same fact however far: a new town is not like the old one."""
    near = nearest_memories(user, found.text, CANDIDATES, now=now, statuses=_ALL)
    if not found.slot:
        return near
    known = {each.memory.pk for each in near}
    same_fact = (
        EpisodicMemory.objects.filter(
            user=user, subject__iexact=found.subject, slot__iexact=found.slot
        )
        .exclude(pk__in=known)
        .select_related("state")
        .order_by("-original_timestamp")[:CANDIDATES]
    )
    return [*near, *(Recalled(memory, 0.0, 0.0, None, {}) for memory in same_fact)]


def _is_live(state: MemoryState, now: datetime) -> bool:
    over = [state.valid_until, state.expires_at]
    return not any(moment is not None and moment <= now for moment in over)


def _merge(memory: EpisodicMemory, found: FoundMemory, turn: Turn, now: datetime) -> None:
    """The person returned to it by themselves: it grows stronger, and a conclusion becomes what they said."""
    with transaction.atomic():
        state = MemoryState.objects.select_for_update().get(user=memory.user_id, memory=memory.pk)
        # Read again after a crash, the same turn must not make it stronger twice.
        if turn.at <= state.last_reinforced_at:
            return
        if state.status == MemoryStatus.WAITING and not found.is_inferred:
            state.status = MemoryStatus.KEPT
        strengthen(state, now=turn.at)
        if found.expires_at and (state.expires_at is None or found.expires_at > state.expires_at):
            state.expires_at = found.expires_at
            state.save(update_fields=["expires_at"])


def _new(found: FoundMemory, turn: Turn, source_ref: str) -> NewMemory:
    return NewMemory(
        found.text,
        happened_at=turn.at,
        source_ref=source_ref,
        memory_type=found.memory_type,
        quote=found.quote,
        subject=found.subject,
        slot=found.slot,
        source_type=turn.source_type,
        source_id=turn.source_id,
        ordinal=turn.ordinal,
        emotional_valence=found.valence,
        tags=list(found.tags),
        is_inferred=found.is_inferred,
        status=MemoryStatus.WAITING if found.is_inferred else MemoryStatus.KEPT,
        half_life_days=HALF_LIVES[found.lasting],
        expires_at=found.expires_at,
    )
