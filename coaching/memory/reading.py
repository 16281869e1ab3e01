"""Reading a session once after it is over, for what is worth remembering: only the person's own words.

A conversation is claimed before it is read: the claim counts as an attempt and rests for a while, so that
two workers never read the same, and one that died is followed by another. What was read is noted with the
last message, so that each turn is learned from once.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.models import User
from coaching import context_cache
from coaching.learning_permission import learners, may_learn
from coaching.llm.errors import ModelUnavailable, StructuredOutputInvalid
from coaching.models import (
    ConsultationStatus,
    Conversation,
    ConversationChannel,
    ConversationKind,
    MemoryReading,
    MemorySource,
    Message,
    MessageRole,
)
from coaching.safety import screen

from .extraction.by_model import read_by_model
from .extraction.by_rules import read_by_rules
from .extraction.found import Findings, Turn
from .writing import Written, write

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ReadingNumbers:
    """How sessions are read (ours)."""

    rest: timedelta = timedelta(minutes=6)  # a claim's length, and the first pause after a failure
    longest_rest: timedelta = timedelta(days=1)
    most_attempts: int = 8
    turns_at_once: int = 40  # of a long session per call
    echo_messages: int = 60  # answers of the coach that are looked at for what is only repeated


NUMBERS = ReadingNumbers()
SOURCES = {
    ConversationChannel.SMS: MemorySource.SMS,
    ConversationChannel.CALL: MemorySource.PHONE_CALL,
}


def unread(people: QuerySet[User] | None = None) -> QuerySet[Conversation]:
    """Conversations with turns that were not read, of people from whom the coach may learn.

    A consultation is among them once it is completed: until then it is still being put right.
    """
    fresh = Message.objects.filter(
        conversation=OuterRef("pk"), role=MessageRole.USER, is_crisis=False
    ).filter(
        Q(conversation__memory_reading__isnull=True)
        | Q(conversation__memory_reading__read_up_to__isnull=True)
        | Q(pk__gt=F("conversation__memory_reading__read_up_to"))
    )
    return Conversation.objects.filter(
        Q(kind=ConversationKind.COACH)
        | Q(kind=ConversationKind.CONSULTATION, outcome=ConsultationStatus.COMPLETED),
        Exists(fresh),
        is_temporary=False,
        user__in=(people if people is not None else learners()).values("pk"),
    )


def due(*, now: datetime) -> QuerySet[Conversation]:
    """Sessions that are over, by their end or by silence, and whose attempt is not resting."""
    idle = now - timedelta(minutes=settings.MEMORY_SESSION_IDLE_MINUTES)
    over = Q(last_message_at__lte=idle) | Q(ended_at__lte=now)
    rested = Q(memory_reading__isnull=True) | Q(memory_reading__attempts=0)
    for attempts in range(1, NUMBERS.most_attempts):
        rested |= Q(
            memory_reading__attempts=attempts, memory_reading__read_at__lte=now - rest(attempts)
        )
    return unread().filter(over & rested).order_by("last_message_at")


def rest(attempts: int) -> timedelta:
    """How long a conversation rests after so many attempts in a row."""
    return min(NUMBERS.longest_rest, NUMBERS.rest * 2 ** (attempts - 1))


def read_due(*, now: datetime, limit: int = 100) -> int:
    """Reads the sessions that are due, and returns how many were read."""
    return sum(
        read_conversation(pk, now=now) is not None
        for pk in list(due(now=now).values_list("pk", flat=True)[:limit])
    )


def read_conversation(conversation_id: UUID, *, now: datetime) -> Written | None:
    """Reads the turns of one conversation that were not read; `None` when another does, or it failed.

    A failure is kept with the conversation, and it is tried again after a rest.
    """
    claim = _claim(conversation_id, now)
    if claim is None:
        return None
    reading, begin = claim
    conversation = Conversation.objects.select_related("user").get(pk=conversation_id)
    try:
        turns, last = _turns(conversation, begin)
        written = Written()
        for part in _parts(turns):
            for findings in _understood(conversation.user, part):
                # Asked again for every turn: it may be taken back while a long session is read.
                if may_learn(conversation.user):
                    _add(written, write(conversation.user, findings, now=now))
    except Exception as error:
        logger.exception("memory_reading_failed conversation=%s", conversation_id)
        MemoryReading.objects.filter(pk=reading.pk).update(
            error=f"{type(error).__name__}: {error}"[:300]
        )
        return None
    MemoryReading.objects.filter(pk=reading.pk, read_up_to=begin).update(
        read_up_to=last or begin, attempts=0, error="", read_at=now
    )
    context_cache.invalidate(conversation.user_id)
    logger.info(
        "memory_session_read conversation=%s turns=%s new=%s merged=%s promises=%s preferences=%s",
        conversation_id,
        len(turns),
        len(written.new),
        len(written.merged),
        len(written.promises),
        written.preferences,
    )
    return written


def _claim(conversation_id: UUID, now: datetime) -> tuple[MemoryReading, UUID | None] | None:
    with transaction.atomic():
        conversation = Conversation.objects.filter(pk=conversation_id).first()
        if conversation is None or conversation.is_temporary or not may_learn(conversation.user):
            return None
        MemoryReading.objects.bulk_create(
            [MemoryReading(user_id=conversation.user_id, conversation=conversation, read_at=now)],
            ignore_conflicts=True,
        )
        reading = (
            MemoryReading.objects.select_for_update(skip_locked=True)
            .filter(conversation=conversation)
            .first()
        )
        if reading is None:
            return None
        if reading.attempts and reading.read_at > now - rest(reading.attempts):
            return None
        reading.attempts = min(reading.attempts + 1, 1000)
        reading.read_at = now
        reading.save(update_fields=["attempts", "read_at"])
    return reading, reading.read_up_to


def _turns(conversation: Conversation, begin: UUID | None) -> tuple[list[Turn], UUID | None]:
    """The person's own turns after `begin`, and the last message that this covers.

    Left out: what they sent in crisis (screened again: the run that would have marked it may have died),
    and what they replaced by editing it.
    """
    user = conversation.user
    rows = Message.objects.filter(conversation=conversation, role=MessageRole.USER).order_by("pk")
    replaced = {}
    for row in rows.only("pk", "parent_id"):
        replaced[row.parent_id] = row.pk
    fresh = rows if begin is None else rows.filter(pk__gt=begin)
    shown = _shown(conversation)
    turns: list[Turn] = []
    last: UUID | None = None
    for ordinal, row in enumerate(fresh):
        last = row.pk
        is_newest = replaced[row.parent_id] == row.pk
        if row.is_crisis or not is_newest or not row.content.strip():
            continue
        if screen(row.content, country=user.country, locale=user.locale):
            Message.objects.filter(pk=row.pk).update(is_crisis=True)
            continue
        before = tuple(text for pk, text in shown if pk < row.pk)
        turns.append(turn_of(conversation, row, ordinal, echoes=before))
    return turns, last


def turn_of(
    conversation: Conversation,
    message: Message,
    ordinal: int = 0,
    *,
    echoes: tuple[str, ...] = (),
) -> Turn:
    """A message as a turn, with the way back to it: the message, or the second of the call."""
    call, second = message.entities.get("call"), message.entities.get("second")
    ref = f"message:{message.pk}"
    if call and second is not None:
        ref = f"call:{call}#t={second}"
    return Turn(
        text=message.content,
        at=message.created_at.astimezone(conversation.user.tz),
        source_ref=ref,
        source_type=SOURCES.get(
            ConversationChannel(conversation.channel), MemorySource.CONVERSATION
        ),
        source_id=message.pk,
        ordinal=ordinal,
        echoes=echoes,
    )


def _shown(conversation: Conversation) -> list[tuple[UUID, str]]:
    """What the person was shown in this conversation: the coach's words and its cards, with their message."""
    rows = Message.objects.filter(conversation=conversation, role=MessageRole.ASSISTANT)
    shown: list[tuple[UUID, str]] = []
    for row in rows.order_by("-pk")[: NUMBERS.echo_messages]:
        shown.append((row.pk, row.content))
        for call in row.function_calls:
            card = call.get("card") or {}
            shown.append((row.pk, str(card.get("summary", ""))))
    return [(pk, text) for pk, text in shown if text]


def _parts(turns: Sequence[Turn]) -> Iterator[Sequence[Turn]]:
    for start in range(0, len(turns), NUMBERS.turns_at_once):
        yield turns[start : start + NUMBERS.turns_at_once]


def _understood(user: User, turns: Sequence[Turn]) -> list[Findings]:
    """By the model where there is one; what it finds in a form that fits nothing is left to the rules."""
    try:
        return read_by_model(user, turns)
    except (ModelUnavailable, StructuredOutputInvalid) as error:
        if not isinstance(error, ModelUnavailable):
            logger.warning("memory_reading_by_rules reason=%s", type(error).__name__)
        return [read_by_rules(turn) for turn in turns]


def _add(total: Written, part: Written) -> None:
    total.new += part.new
    total.merged += part.merged
    total.promises += part.promises
    total.preferences += part.preferences
