"""A person's memories as they see them: what is kept, what waits for their yes, what is no longer so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Q, QuerySet
from django.urls import reverse

from accounts.models import User
from coaching.models import EpisodicMemory, MemorySource, MemoryStatus, Message

from .strength import strength_now


class Shelf(StrEnum):
    """Where a memory stands. CLOSED ones are no longer so, run out, or were put away; all stay readable."""

    KEPT = "kept"
    WAITING = "waiting"
    CLOSED = "closed"


# From which strength on a memory is called so.
FIRM, FADING = 0.5, 0.15


@dataclass(frozen=True)
class Entry:
    """A memory with what is to be said about it."""

    memory: EpisodicMemory
    held: str
    came_from: str
    address: str
    is_open: bool
    why_closed: str


def memories_on(user: User, shelf: Shelf, *, now: datetime) -> QuerySet[EpisodicMemory]:
    """The person's memories of a shelf, the latest first; what they declined is on none."""
    rows = EpisodicMemory.objects.filter(user=user).select_related("state", "state__superseded_by")
    over = (
        Q(state__valid_until__lte=now)
        | Q(state__expires_at__lte=now)
        | Q(state__archived_at__isnull=False)
    )
    if shelf == Shelf.WAITING:
        rows = rows.filter(state__status=MemoryStatus.WAITING).exclude(over)
    elif shelf == Shelf.KEPT:
        rows = rows.filter(state__status=MemoryStatus.KEPT).exclude(over)
    else:
        rows = rows.filter(over).exclude(state__status=MemoryStatus.DECLINED)
    return rows.order_by("-original_timestamp", "-id")


def entries(user: User, memories: Sequence[EpisodicMemory], *, now: datetime) -> list[Entry]:
    """What is to be said about each memory, with the way to the words it comes from."""
    places = _places(user, memories)
    return [_entry(memory, places, now) for memory in memories]


def held(memory: EpisodicMemory, *, now: datetime) -> str:
    """How strong a memory is at a moment, in a word."""
    state = memory.state
    strength = strength_now(state.strength, state.half_life_days, state.last_reinforced_at, now=now)
    return "firm" if strength >= FIRM else "fading" if strength >= FADING else "faint"


def _entry(memory: EpisodicMemory, places: dict[object, str], now: datetime) -> Entry:
    state = memory.state
    why = ""
    if state.valid_until and state.valid_until <= now:
        newer = state.superseded_by
        why = f"No longer so: {newer.memory_description}" if newer else "No longer so."
    elif state.expires_at and state.expires_at <= now:
        why = "Its time is over."
    elif state.archived_at:
        why = "Put away: faint, and never needed."
    source = MemorySource(memory.source_type)
    came_from = "you edited it" if memory.user_edited else SAID[source]
    return Entry(
        memory, held(memory, now=now), came_from, places.get(memory.source_id, ""), not why, why
    )


SAID = {
    MemorySource.CONVERSATION: "you said it in the chat",
    MemorySource.PHONE_CALL: "you said it on the phone",
    MemorySource.SMS: "you wrote it by text message",
    MemorySource.FOOD_LOG: "from what you logged",
    MemorySource.BEHAVIOR: "from what you did",
}


def _places(user: User, memories: Sequence[EpisodicMemory]) -> dict[object, str]:
    """Where each source can be read: the very message, as long as it is there."""
    ids = {memory.source_id for memory in memories if memory.source_id}
    rows = Message.objects.filter(user=user, pk__in=ids).values_list("pk", "conversation_id")
    return {
        pk: f"{reverse('coach_conversation', args=[conversation])}#message-{pk}"
        for pk, conversation in rows
    }
