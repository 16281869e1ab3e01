"""What shows whether the coach was of use, gathered from what is on record already.

Nothing writes a learning event by itself: they are read off the ledger, off the opinions people gave, off
settled nudges, and off what people made of what was remembered of them. So they can be gathered again at any time, with the same rows as the result.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from coaching.learning_permission import learners
from coaching.models import (
    CoachMessage,
    LearnedPreference,
    LearningEvent,
    MemoryUse,
    NudgeDecision,
    RawBehavioralLog,
    ResponseFeedback,
)

BATCH = 2000
# Looked through every night: a night that was missed is made good by the next ones.
LOOK_BACK = timedelta(days=4)
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
# What a happening in the ledger teaches: the event's name, and whether it speaks for the coach (1), against
# it (-1) or for neither (0). What is not named here teaches nothing about the coach.
TEACHES: dict[str, tuple[str, int]] = {
    "habit.completed": ("habit_completed", 1),
    "habit.partial": ("habit_partly_done", 1),
    "habit.skipped": ("habit_skipped", 0),
    "habit.missed": ("habit_missed", 0),
    "habit.edited": ("habit_edited", 0),
    "habit.archived": ("habit_put_away", 0),
    "habit.change_accepted": ("recommendation_accepted", 1),
    "habit.change_declined": ("recommendation_declined", -1),
    "plan.accepted": ("recommendation_accepted", 1),
    "plan.declined": ("recommendation_declined", -1),
    "plan.taken_back": ("recommendation_taken_back", -1),
    "plan.completed": ("sequence_completed", 1),
    "plan.abandoned": ("sequence_abandoned", -1),
    "commitment.kept": ("commitment_kept", 1),
    "commitment.missed": ("commitment_missed", 0),
    "food.logged": ("food_logged", 0),
}
# Of a ledger row only this is kept with the event: what happened to what, no words of the person.
_KEPT_FACTS = ("habit", "plan", "sequence", "category", "size", "kind", "status", "issue")


def score_of_helpfulness(helpfulness: int) -> int:
    """A rating from 1 to 5 as -1, 0 or 1."""
    return (helpfulness > 3) - (helpfulness < 3)


def gather(first: UUID, last: UUID, *, since: datetime) -> int:
    """Writes the events of the learners with ids in [`first`, `last`] of what was recorded since `since`.

    A happening is one event however often this runs; an opinion that changed changes its event. Returns how
    many events were read off.
    """
    people = learners().filter(pk__range=(first, last))
    read = 0
    for source in (
        *(_from_ledger, _from_answers, _from_messages, _from_nudges),
        *(_from_memories, _from_preferences),
    ):
        read += _written(source(people, since))
    return read


def rebuild(first: UUID, last: UUID) -> int:
    """Deletes the events of the learners of a range and gathers all of them again; others keep theirs."""
    LearningEvent.objects.filter(user__in=learners().filter(pk__range=(first, last))).delete()
    return gather(first, last, since=BEGINNING)


def _written(events: Iterator[LearningEvent]) -> int:
    count = 0
    batch: list[LearningEvent] = []

    def flush() -> None:
        LearningEvent.objects.bulk_create(
            batch,
            update_conflicts=True,
            unique_fields=["user", "idempotency_key"],
            update_fields=["event_type", "event_data", "feedback_score", "at"],
        )
        batch.clear()

    for event in events:
        batch.append(event)
        count += 1
        if len(batch) == BATCH:
            flush()
    flush()
    return count


def _from_ledger(people: QuerySet[User], since: datetime) -> Iterator[LearningEvent]:
    rows = RawBehavioralLog.objects.filter(
        user__in=people, interaction_type__in=list(TEACHES), received_at__gte=since
    ).order_by()
    for row in rows.iterator(chunk_size=BATCH):
        name, score = TEACHES[row.interaction_type]
        facts = {key: row.raw_data[key] for key in _KEPT_FACTS if key in row.raw_data}
        yield LearningEvent(
            user_id=row.user_id,
            event_type=name,
            event_data={"from": row.interaction_type, "source": row.source, **facts},
            feedback_score=score,
            idempotency_key=f"ledger:{row.pk}",
            at=row.occurred_at,
        )


def _from_answers(people: QuerySet[User], since: datetime) -> Iterator[LearningEvent]:
    rows = (
        ResponseFeedback.objects.filter(user__in=people, created_at__gte=since)
        .filter(message__is_crisis=False, message__conversation__is_temporary=False)
        .select_related("message")
        .order_by()
    )
    for row in rows.iterator(chunk_size=BATCH):
        data: dict[str, Any] = {
            "message": str(row.message_id),
            "model": row.message.model,
            "prompt_version": row.message.system_prompt_version_used,
        }
        if row.helpfulness is not None:
            data["helpfulness"] = row.helpfulness
        yield LearningEvent(
            user_id=row.user_id,
            event_type="answer_rated",
            event_data=data,
            feedback_score=row.rating
            or (score_of_helpfulness(row.helpfulness) if row.helpfulness else 0),
            idempotency_key=f"feedback:{row.pk}",
            at=row.created_at,
        )


def _from_messages(people: QuerySet[User], since: datetime) -> Iterator[LearningEvent]:
    rows = CoachMessage.objects.filter(
        user__in=people, helpfulness_rating__isnull=False, sent_at__gte=since
    ).order_by()
    for row in rows.iterator(chunk_size=BATCH):
        if row.helpfulness_rating is None or row.sent_at is None:
            continue
        yield LearningEvent(
            user_id=row.user_id,
            event_type="message_rated",
            event_data={"cause": row.cause, "helpfulness": row.helpfulness_rating},
            feedback_score=score_of_helpfulness(row.helpfulness_rating),
            idempotency_key=f"message:{row.pk}",
            at=row.read_at or row.sent_at,
        )


def _from_nudges(people: QuerySet[User], since: datetime) -> Iterator[LearningEvent]:
    """A nudge that was followed speaks for it; one that was not may have come at a full moment."""
    rows = NudgeDecision.objects.filter(
        user__in=people, sent=True, action_done__isnull=False, resolved_at__gte=since
    ).order_by()
    for row in rows.iterator(chunk_size=BATCH):
        yield LearningEvent(
            user_id=row.user_id,
            event_type="suggestion_followed" if row.action_done else "suggestion_ignored",
            event_data={"need": row.need, "point": row.point},
            feedback_score=1 if row.action_done else 0,
            idempotency_key=f"nudge:{row.pk}",
            at=row.at,
        )


def _from_memories(people: QuerySet[User], since: datetime) -> Iterator[LearningEvent]:
    """What came of a memory that an answer used."""
    rows = MemoryUse.objects.filter(
        user__in=people, was_confirmed__isnull=False, settled_at__gte=since
    ).order_by()
    for row in rows.iterator(chunk_size=BATCH):
        yield LearningEvent(
            user_id=row.user_id,
            event_type="memory_confirmed" if row.was_confirmed else "memory_corrected",
            event_data={"memory": str(row.memory_id), "message": str(row.message_id)},
            feedback_score=1 if row.was_confirmed else -1,
            idempotency_key=f"memory:{row.pk}",
            at=row.settled_at or row.created_at,
        )


def _from_preferences(people: QuerySet[User], since: datetime) -> Iterator[LearningEvent]:
    """A conclusion about what somebody likes that they declined."""
    rows = LearnedPreference.objects.filter(user__in=people, declined_at__gte=since).order_by()
    for row in rows.iterator(chunk_size=BATCH):
        yield LearningEvent(
            user_id=row.user_id,
            event_type="preference_declined",
            event_data={"category": row.preference_category, "key": row.preference_key},
            feedback_score=-1,
            idempotency_key=f"preference:{row.pk}",
            at=row.declined_at or row.created_at,
        )
