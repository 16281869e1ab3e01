"""Writes memories: what was said, what it is found by, how strongly it is held."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from coaching.models import (
    EpisodicMemory,
    MemorySource,
    MemoryState,
    MemoryStatus,
    MemoryType,
)

from . import indexing
from .strength import FADING, half_life_for
from .windows import stored_around, turn_of

MAX_CHARACTERS = 8000
TRIES = 3  # while others write beside it


class UnstorableMemory(ValueError):
    """A text that cannot be kept: empty, too long, or with characters that PostgreSQL refuses."""


@dataclass(frozen=True)
class NewMemory:
    """A memory to be kept. Only the text is needed; without a time it is of now.

    `source_ref` makes it come once only: the same reference again changes nothing.
    """

    text: str
    speaker: str = ""
    happened_at: datetime | None = None
    source_ref: str = ""
    memory_type: str = MemoryType.CONTEXT
    quote: str = ""
    subject: str = "self"
    slot: str = ""
    source_type: str = MemorySource.CONVERSATION
    source_id: UUID | None = None
    ordinal: int = 0
    emotional_valence: float = 0.0
    tags: list[str] = field(default_factory=list)
    is_inferred: bool = False
    user_edited: bool = False
    status: str = MemoryStatus.KEPT
    strength: float = FADING.initial
    half_life_days: float | None = None
    expires_at: datetime | None = None


def remember(
    user: User,
    text: str,
    speaker: str = "",
    happened_at: datetime | None = None,
    source_ref: str = "",
    *,
    now: datetime | None = None,
    **more: object,
) -> EpisodicMemory:
    """Keeps one memory and returns it; with a `source_ref` that is there already, that one.

    `more` are the other fields of `NewMemory`. Raises `UnstorableMemory`.
    """
    new = NewMemory(text, speaker, happened_at, source_ref, **more)  # type: ignore[arg-type]
    [memory] = remember_many(user, [new], now=now)
    return memory


def remember_many(
    user: User, items: Iterable[NewMemory], *, now: datetime | None = None
) -> list[EpisodicMemory]:
    """Keeps memories in one batch, which also keeps them close together on disk; returns them in order.

    A hosted model is asked before the transaction begins, so call it outside of one. When the model does not
    answer the memories are kept all the same. Raises `UnstorableMemory`, and then keeps none.
    """
    moment = now or timezone.now()
    news = list(items)
    drafts = [_draft(user, new, moment) for new in news]
    if not drafts:
        return []
    models = indexing.models_now()
    vectors: indexing.Vectors = {}
    for left in reversed(range(TRIES)):
        fresh, _ = _not_yet_kept(user, drafts)
        turns = [turn_of(memory) for memory in fresh]
        plan = indexing.plan_for(turns, stored_around(user.pk, turns))
        indexing.make_vectors(plan.texts(), models, vectors, user.pk)
        could_all = not indexing.lacks_vectors(plan, models, vectors)
        with transaction.atomic():
            total = indexing.hold(user.pk)
            fresh, kept = _not_yet_kept(user, drafts)
            turns = [turn_of(memory) for memory in fresh]
            plan = indexing.plan_for(turns, stored_around(user.pk, turns))
            if could_all and left and indexing.lacks_vectors(plan, models, vectors):
                continue  # somebody wrote beside us: the surroundings are others now
            by_draft = {id(draft): new for draft, new in zip(drafts, news, strict=True)}
            EpisodicMemory.objects.bulk_create(fresh, batch_size=1000)
            MemoryState.objects.bulk_create(
                [_state(memory, by_draft[id(memory)], moment) for memory in fresh], batch_size=1000
            )
            indexing.count_in(total, turns)
            indexing.write(user, plan, models, vectors, total)
        break
    own = {memory.pk: memory for memory in fresh}
    return [own.get(draft.pk) or kept[draft.source_ref] for draft in drafts]


def rewrite(
    user: User, memory: EpisodicMemory, text: str, *, by_person: bool = True
) -> EpisodicMemory:
    """Changes what a memory says; it is found by the new words from then on. Raises `UnstorableMemory`."""
    words = _checked(text)
    models = indexing.models_now()
    vectors: indexing.Vectors = {}
    memory.memory_description = words
    memory.user_edited = memory.user_edited or by_person
    turn = turn_of(memory)
    plan = indexing.plan_for([turn], stored_around(user.pk, [turn]))
    indexing.make_vectors(plan.texts(), models, vectors, user.pk)
    with transaction.atomic():
        total = indexing.hold(user.pk)
        changed = EpisodicMemory.objects.filter(pk=memory.pk, user=user).update(
            memory_description=words, user_edited=memory.user_edited
        )
        if changed:
            plan = indexing.plan_for([turn], stored_around(user.pk, [turn]))
            indexing.count_out(total, [memory.pk])
            indexing.count_in(total, [turn])
            indexing.write(user, plan, models, vectors, total)
    return memory


def _checked(text: str) -> str:
    words = text.strip()
    if not words:
        raise UnstorableMemory("A memory needs words.")
    if "\x00" in words:
        raise UnstorableMemory("A memory cannot hold the character NUL.")
    if len(words) > MAX_CHARACTERS:
        raise UnstorableMemory(f"A memory has at most {MAX_CHARACTERS:,} characters.")
    return words


def _draft(user: User, new: NewMemory, now: datetime) -> EpisodicMemory:
    for value in (new.speaker, new.subject, new.slot, new.quote, new.source_ref):
        if "\x00" in value:
            raise UnstorableMemory("A memory cannot hold the character NUL.")
    if len(new.source_ref) > 200:
        raise UnstorableMemory("The reference of a source has at most 200 characters.")
    happened_at = new.happened_at or now
    if timezone.is_naive(happened_at):
        raise UnstorableMemory("The time of a memory needs its zone.")
    return EpisodicMemory(
        user=user,
        memory_type=new.memory_type,
        memory_description=_checked(new.text),
        quote=new.quote.strip(),
        speaker=new.speaker.strip()[:80],
        subject=new.subject.strip()[:80] or "self",
        slot=new.slot.strip()[:80],
        original_timestamp=happened_at,
        source_type=new.source_type,
        source_id=new.source_id,
        source_ref=new.source_ref,
        ordinal=new.ordinal,
        emotional_valence=max(-1.0, min(1.0, new.emotional_valence)),
        tags=[tag[:40] for tag in new.tags],
        is_inferred=new.is_inferred,
        user_edited=new.user_edited,
        created_at=now,
    )


def _state(memory: EpisodicMemory, new: NewMemory, now: datetime) -> MemoryState:
    return MemoryState(
        user_id=memory.user_id,
        memory=memory,
        status=new.status,
        strength=new.strength,
        half_life_days=new.half_life_days or half_life_for(new.memory_type, new.tags),
        last_reinforced_at=min(memory.original_timestamp, now),
        expires_at=new.expires_at,
    )


def _not_yet_kept(
    user: User, drafts: list[EpisodicMemory]
) -> tuple[list[EpisodicMemory], dict[str, EpisodicMemory]]:
    """The drafts that are new, and by their reference those that are not (or come twice in this batch)."""
    references = {draft.source_ref for draft in drafts if draft.source_ref}
    known = {
        memory.source_ref: memory
        for memory in EpisodicMemory.objects.filter(user=user, source_ref__in=references)
    }
    fresh: list[EpisodicMemory] = []
    for draft in drafts:
        if draft.source_ref:
            if draft.source_ref in known:
                continue
            known[draft.source_ref] = draft
        fresh.append(draft)
    return fresh, known
