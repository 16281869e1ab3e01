"""Readings of what people write: made once for each text, gone with it.

Read are messages to the coach, journal entries and notes of check-ins: only a person's own words, only of
people from whom may be learned, never of temporary chats, never words of a crisis. A model is asked outside of
any transaction; before the reading is kept the text is looked at again under a lock: was it changed or taken
back meanwhile, nothing is kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.day import local_day
from accounts.models import User
from coaching import ledger
from coaching.learning_permission import has_agreed, is_paused, learners, may_learn
from coaching.models import Conversation, Message, MessageRole
from coaching.safety import screen
from momentum.models import (
    CheckIn,
    JournalEntry,
    MotivationReading,
    ReadingMethod,
    ReadingSource,
)

from . import queueing
from .read import Read, silent
from .reading import read_text

TONE = "coach.tone"
TONE_WITHDRAWN = "coach.tone_withdrawn"
# How far back the sweeper looks, and how long it leaves to the queue.
LOOK_BACK = timedelta(days=2)
SETTLED = timedelta(minutes=5)
BATCH = 200


@dataclass(frozen=True)
class Text:
    """Words of a person, where they stand, and when they were said."""

    user: User
    source: ReadingSource
    source_id: UUID
    words: str
    at: datetime
    local_date: date


def read(source: ReadingSource, source_id: UUID, *, now: datetime) -> MotivationReading | None:
    """Reads one text and keeps what it tells; a text that is gone takes its reading along. Twice is once."""
    text = _text(source, source_id)
    if text is None:
        _forget(MotivationReading.objects.filter(source=source, source_id=source_id), now=now)
        return None
    known = MotivationReading.objects.filter(source=source, source_id=source_id).first()
    if known is not None and not _is_outdated(known):
        return known
    if not has_agreed(text.user) or not text.user.is_active or text.user.deleted_at:
        return None
    # What is said while learning rests is marked as seen, so that it is not read later on either.
    told = (
        silent(ReadingMethod.LEXICON) if is_paused(text.user) else read_text(text.user, text.words)
    )
    return _keep(text, told, now=now)


def _keep(text: Text, told: Read, *, now: datetime) -> MotivationReading | None:
    with transaction.atomic():
        if _text(text.source, text.source_id, lock=True) != text or not has_agreed(text.user):
            return None
        if told.is_clear and not may_learn(text.user):
            return None
        known = MotivationReading.objects.filter(
            source=text.source, source_id=text.source_id
        ).first()
        before = known.local_date if known else text.local_date
        reading, is_new = MotivationReading.objects.update_or_create(
            source=text.source,
            source_id=text.source_id,
            defaults={
                "user": text.user,
                "motivation_type": told.kind,
                "distribution": told.distribution(),
                "quotes": {kind.value: list(found) for kind, found in told.quotes.items()},
                "confidence": told.confidence,
                "internalization": told.internalization,
                "tone": told.tone,
                "tone_quote": told.tone_quote[:200],
                "method": told.method,
                "model": told.model,
                "at": text.at,
                "local_date": text.local_date,
                "created_at": now,
            },
        )
        if text.source == ReadingSource.JOURNAL:
            # Not a change of the entry: what the person wrote is as it was.
            JournalEntry.objects.filter(pk=text.source_id).update(
                motivation_type=told.kind, internalization_score=told.internalization
            )
        if text.source == ReadingSource.MESSAGE and is_new:
            _record_tone(reading)
            _forget(_replaced_by(text.source_id), now=now)
        queueing.score_later(text.user.pk, text.local_date, before)
    return reading


def _record_tone(reading: MotivationReading) -> None:
    """Tells the ledger how a message sounds; plain words are no evidence. The words stay in the reading."""
    if reading.tone is None:
        return
    ledger.record(
        reading.user,
        TONE,
        raw_data={
            "message": str(reading.source_id),
            "score": round(50 + 50 * reading.tone, 1),
            "type": reading.motivation_type,
            "confidence": round(reading.confidence, 3),
            "method": reading.method,
            "local_date": reading.local_date.isoformat(),
            ledger.TIME_KNOWN: False,
        },
        source="system",
        idempotency_key=f"tone:{reading.source_id}",
        occurred_at=reading.at,
        message_id=reading.source_id,
    )


# --- Where texts stand -----------------------------------------------------------------------------
def _text(source: ReadingSource, source_id: UUID, *, lock: bool = False) -> Text | None:
    find: dict[ReadingSource, Callable[[UUID, bool], Text | None]] = {
        ReadingSource.MESSAGE: _message,
        ReadingSource.JOURNAL: _entry,
        ReadingSource.CHECK_IN: _note,
    }
    text = find[source](source_id, lock)
    if text is None or not text.words.strip():
        return None
    # Screened again: what let it through may have been an older screen.
    if screen(text.words, country=text.user.country, locale=text.user.locale):
        return None
    return text


def _message(pk: UUID, lock: bool) -> Text | None:
    """A message, unless it was replaced by an edited one, or is in the journal or a check-in already."""
    rows = Message.objects.select_related("user", "conversation").filter(
        pk=pk, role=MessageRole.USER, is_crisis=False, conversation__is_temporary=False
    )
    row = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if row is None or row.user is None:
        return None
    newer = Message.objects.filter(
        conversation=row.conversation_id, role=MessageRole.USER, parent=row.parent_id, pk__gt=row.pk
    )
    written = JournalEntry.objects.filter(user=row.user, client_id=of_message(row.pk))
    if newer.exists() or written.exists():
        return None
    day = local_day(row.user, row.created_at)
    return Text(row.user, ReadingSource.MESSAGE, row.pk, row.content, row.created_at, day)


def _replaced_by(pk: UUID) -> QuerySet[MotivationReading]:
    """The readings of messages in whose place this one was written."""
    row = Message.objects.get(pk=pk)
    older = Message.objects.filter(
        conversation=row.conversation_id, role=MessageRole.USER, parent=row.parent_id, pk__lt=pk
    )
    return MotivationReading.objects.filter(
        source=ReadingSource.MESSAGE, source_id__in=older.values("pk")
    )


def _entry(pk: UUID, lock: bool) -> Text | None:
    rows = JournalEntry.objects.select_related("user").filter(
        pk=pk, deleted_at__isnull=True, is_crisis=False
    )
    row = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if row is None:
        return None
    return Text(row.user, ReadingSource.JOURNAL, row.pk, row.text, row.at, row.local_date)


def _note(pk: UUID, lock: bool) -> Text | None:
    rows = CheckIn.objects.select_related("user").filter(
        pk=pk, deleted_at__isnull=True, is_crisis=False
    )
    row = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if row is None:
        return None
    return Text(row.user, ReadingSource.CHECK_IN, row.pk, row.note, row.at, row.local_date)


def of_message(message_id: UUID) -> str:
    """The client's id of an entry that was made from a message: the words count once."""
    return f"message:{message_id}"


def _is_outdated(reading: MotivationReading) -> bool:
    """Whether the text changed since it was read; messages never do."""
    if reading.source == ReadingSource.MESSAGE:
        return False
    rows = JournalEntry.objects if reading.source == ReadingSource.JOURNAL else CheckIn.objects
    return rows.filter(pk=reading.source_id, updated_at__gt=reading.created_at).exists()


# --- What goes -----------------------------------------------------------------------------------
def forget_conversation(conversation: Conversation, *, now: datetime) -> int:
    """Takes the readings of a conversation that is being deleted along, and what they did to scores."""
    said = Message.objects.filter(conversation=conversation, role=MessageRole.USER).values("pk")
    return _forget(
        MotivationReading.objects.filter(source=ReadingSource.MESSAGE, source_id__in=said), now=now
    )


def conversation_goes(instance: Conversation, origin: object, **_: Any) -> None:
    """Receives `pre_delete`. A person who is erased takes everything along anyway, so only deleted talks matter."""
    deleted = getattr(origin, "model", type(origin))
    if deleted is Conversation and not instance.is_temporary:
        forget_conversation(instance, now=timezone.now())


def _forget(readings: QuerySet[MotivationReading], *, now: datetime) -> int:
    with transaction.atomic():
        gone = list(readings.select_for_update(of=("self",)).select_related("user"))
        for reading in gone:
            if reading.source == ReadingSource.MESSAGE and reading.tone is not None:
                ledger.record(
                    reading.user,
                    TONE_WITHDRAWN,
                    raw_data={
                        "message": str(reading.source_id),
                        "local_date": reading.local_date.isoformat(),
                        ledger.TIME_KNOWN: False,
                    },
                    source="system",
                    idempotency_key=f"tone:{reading.source_id}:withdrawn",
                    occurred_at=now,
                )
            queueing.score_later(reading.user_id, reading.local_date)
        MotivationReading.objects.filter(pk__in=[reading.pk for reading in gone]).delete()
    return len(gone)


# --- What was missed -----------------------------------------------------------------------------
def read_missed(*, now: datetime, limit: int = BATCH) -> int:
    """Reads texts of the last days whose task never came, and forgets readings of texts that are gone."""
    done = 0
    for source, pk in _missed(now, limit // len(ReadingSource)):
        done += read(source, pk, now=now) is not None
    messages = Message.objects.filter(pk=OuterRef("source_id"))
    lost = MotivationReading.objects.filter(
        ~Exists(messages), source=ReadingSource.MESSAGE, created_at__gte=now - LOOK_BACK
    )
    _forget(lost, now=now)
    return done


def _missed(now: datetime, each: int) -> list[tuple[ReadingSource, UUID]]:
    """At most so many texts of each kind, drawn by lot: some are never read (they were edited, or stand in the
    journal, too), and must not stand in the way of the others."""
    span = (now - LOOK_BACK, now - SETTLED)
    people = learners().values("pk")
    readings = MotivationReading.objects.filter(source_id=OuterRef("pk"))
    # An intent says that a message was understood: the moment at which it should have been read.
    messages = Message.objects.filter(
        ~Exists(readings.filter(source=ReadingSource.MESSAGE)),
        ~Q(intent=""),
        role=MessageRole.USER,
        is_crisis=False,
        conversation__is_temporary=False,
        created_at__range=span,
        user__in=people,
    ).values_list("pk", flat=True)
    found = [(ReadingSource.MESSAGE, pk) for pk in messages.order_by("?")[:each]]
    live = Q(updated_at__range=span, deleted_at__isnull=True, is_crisis=False, user__in=people)
    up_to_date = readings.filter(created_at__gte=OuterRef("updated_at"))
    entries = JournalEntry.objects.filter(
        live, ~Exists(up_to_date.filter(source=ReadingSource.JOURNAL))
    )
    notes = CheckIn.objects.filter(
        live, ~Exists(up_to_date.filter(source=ReadingSource.CHECK_IN))
    ).exclude(note="")
    for source, rows in ((ReadingSource.JOURNAL, entries), (ReadingSource.CHECK_IN, notes)):
        drawn = rows.order_by("?").values_list("pk", flat=True)[:each]
        found += [(source, pk) for pk in drawn]
    return found
