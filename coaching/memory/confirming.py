"""Whether memories proved true: given to an answer, said in it, and not corrected by the person's next turn.

Being found is no proof. Only a memory that an answer used and the person let stand grows stronger, and one
they return to by themselves.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from coaching.language import mended
from coaching.models import (
    EpisodicMemory,
    MemoryState,
    MemoryUse,
    Message,
    MessageRole,
    MessageStatus,
)

from .care import strengthen
from .extraction.rule import stems
from .recalling import Recalled


@dataclass(frozen=True)
class UseNumbers:
    """When an answer counts as having used a memory (ours)."""

    said_share: float = 0.5  # of the memory's meaningful words that the answer says
    said_least: int = 2  # and at least so many of them
    silence: timedelta = timedelta(minutes=30)  # after which no answer of the person is a yes
    gives_up: timedelta = timedelta(days=7)  # an unsettled use this old is let go


NUMBERS = UseNumbers()
_CORRECTED = re.compile(
    r"^(?:no|nope|nah|wrong|not (?:true|right|correct|any ?more|quite)|that is (?:not|wrong|no longer|outdated|old)|"
    r"it is not|(?:you are|you got (?:it|that)) (?:wrong|mistaken)|incorrect|actually,? (?:no|not|i (?:do not|am not|never)))\b"
    r"|(?:^|[,.;!] ?|\bbut |\band |\bsorry )(?:that|this|it) (?:is|was) (?:not (?:true|right|correct|me|how|what i|so)|wrong|incorrect|never true|no longer (?:true|so|the case))\b"
    r"|\bi (?:never|did not) (?:say|said|tell|told|mention\w*) (?:that|this|you|so)\b"
    r"|\bi (?:do not|no longer) \w+ (?:that|it|this) any ?more\b|\bnot any ?more\b|\bwho told you\b|\bwhere did you get that\b"
    r"|\byou (?:are )?(?:mixing|confusing|misremember\w*|remember(?:ed)? (?:it|that) wrong|got that wrong|made that up)\b"
)


def note_given(message: Message, memories: Iterable[Recalled | EpisodicMemory]) -> int:
    """Notes that an answer (`message`) was given these memories; twice is once. Returns how many."""
    rows = [
        MemoryUse(
            user_id=message.user_id,
            message=message,
            memory=each.memory if isinstance(each, Recalled) else each,
        )
        for each in memories
    ]
    if message.is_crisis or message.conversation.is_temporary:
        return 0
    MemoryUse.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def note_answer(message: Message, *, now: datetime) -> int:
    """Decides which of the memories it was given a finished answer said; returns how many."""
    if message.role != MessageRole.ASSISTANT or message.status not in (
        MessageStatus.COMPLETE,
        MessageStatus.STOPPED,
    ):
        return 0
    said = set(stems(message.content))
    used = [
        use.pk
        for use in MemoryUse.objects.filter(message=message, settled_at=None).select_related(
            "memory"
        )
        if was_said(use.memory.memory_description, said)
    ]
    return MemoryUse.objects.filter(pk__in=used).update(was_used=True)


def was_said(memory: str, answer: set[str]) -> bool:
    """Whether an answer of these stems says what the memory does."""
    words = set(stems(memory))
    shared = words & answer
    return (
        len(shared) >= min(NUMBERS.said_least, len(words))
        and bool(shared)
        and len(shared) >= NUMBERS.said_share * len(words)
    )


def is_correction(text: str) -> bool:
    """Whether what a person says next denies what they were just told."""
    return bool(_CORRECTED.search(mended(text).strip(" .!,")))


def settle_uses(*, now: datetime, message_id: UUID | None = None, limit: int = 500) -> int:
    """Settles answers to which the person replied or left in silence; returns how many uses were settled.

    A reply that denies the answer is a correction; another reply, and silence, let it stand. With
    `message_id` only that answer is looked at.
    """
    uses = MemoryUse.objects.filter(settled_at=None)
    if message_id is not None:
        uses = uses.filter(message=message_id)
    pending = uses.order_by("id").values_list("message_id", flat=True)[:limit]
    settled = 0
    for answer in Message.objects.filter(pk__in=set(pending)).order_by("pk"):
        settled += _settle(answer, now)
    return settled


def _settle(answer: Message, now: datetime) -> int:
    reply = (
        Message.objects.filter(
            conversation_id=answer.conversation_id, role=MessageRole.USER, pk__gt=answer.pk
        )
        .order_by("pk")
        .first()
    )
    if answer.status == MessageStatus.STREAMING and answer.created_at > now - NUMBERS.gives_up:
        return 0
    if reply is None and answer.created_at > now - NUMBERS.silence:
        return 0
    note_answer(answer, now=now)
    corrected = reply is not None and not reply.is_crisis and is_correction(reply.content)
    silent = reply is None or reply.is_crisis
    settled = 0
    with transaction.atomic():
        for use in MemoryUse.objects.select_for_update(skip_locked=True).filter(
            message=answer, settled_at=None
        ):
            use.settled_at = now
            # Saying nothing is no yes: only a reply that lets the answer stand confirms it.
            use.was_confirmed = None if silent or not use.was_used else not corrected
            use.save(update_fields=["settled_at", "was_confirmed"])
            settled += 1
            if use.was_confirmed:
                state = (
                    MemoryState.objects.select_for_update()
                    .filter(user=use.user_id, memory=use.memory_id)
                    .first()
                )
                if state is not None:
                    strengthen(state, now=now)
    return settled
