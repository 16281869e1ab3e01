"""Receipts: what was saved from a message, shown under it, to be said right, edited or forgotten."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from accounts.models import User
from coaching.models import EpisodicMemory, MemoryStatus

SHOWN_BEFORE_FOLDING = 2


@dataclass(frozen=True)
class Receipt:
    """One memory as it stands, and whether it waits for a yes."""

    memory: EpisodicMemory
    waits: bool
    is_confirmed: bool


def receipts_for(user: User, message_ids: Collection[UUID]) -> dict[UUID, list[Receipt]]:
    """The receipts of each message that has some, in one query; what was declined or forgotten has none."""
    rows = (
        EpisodicMemory.objects.filter(user=user, source_id__in=message_ids)
        .exclude(state__status=MemoryStatus.DECLINED)
        .exclude(source_ref__startswith="commitment:")
        .select_related("state")
        .order_by("source_ref", "id")
    )
    found: dict[UUID, list[Receipt]] = {}
    for memory in rows:
        if memory.source_id is not None:
            found.setdefault(memory.source_id, []).append(receipt_of(memory))
    return found


def receipt_of(memory: EpisodicMemory) -> Receipt:
    """The receipt of a memory that was fetched with its state."""
    state = memory.state
    return Receipt(
        memory,
        waits=state.status == MemoryStatus.WAITING,
        is_confirmed=state.status == MemoryStatus.KEPT and state.times_referenced > 0,
    )
