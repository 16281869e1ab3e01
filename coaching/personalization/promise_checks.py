"""Asking once how a promise went, by the way the person likes to be reached and within the rules of contact.

Memory keeps promises and knows nothing of messages; outreach sends messages and knows nothing of promises.
"""

import logging
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.urls import reverse

from accounts.models import User
from coaching.memory import commitments
from coaching.memory.commitments import NUMBERS
from coaching.models import (
    CoachMessage,
    Commitment,
    CommitmentStatus,
    DeliveryState,
    MessageCause,
    Reason,
)
from coaching.outreach import outbox
from coaching.outreach.routing import channel_of_choice

logger = logging.getLogger(__name__)
SUBJECT = "coaching.commitment"
WAITS = (DeliveryState.QUEUED, DeliveryState.PENDING_APPROVAL)


def ask_due(*, now: datetime, limit: int = 200) -> int:
    """Writes the checks of promises whose moment has come; returns how many. Each is asked about once.

    Safe to run twice at once: a promise is claimed under a lock, and its message has a key of its own. The
    governor decides whether and when the message goes out, as with everything unasked.
    """
    take_back_settled(now=now)
    asked = 0
    failed: list[UUID] = []
    for _ in range(limit):
        pk: UUID | None = None
        try:
            with transaction.atomic():
                due = commitments.to_be_checked(now=now).exclude(pk__in=failed)
                row = (
                    due.select_for_update(skip_locked=True, of=("self",))
                    .select_related("user")
                    .first()
                )
                if row is None:
                    break
                pk = row.pk
                ask(row, now=now)
                asked += 1
        except Exception:
            if pk is None:
                raise
            logger.exception("promise_check_failed id=%s", pk)
            failed.append(pk)
    return asked


def ask(row: Commitment, *, now: datetime) -> CoachMessage:
    """Writes the check of one promise, which the caller has locked."""
    user = row.user
    channel = channel_of_choice(user, MessageCause.CHECK_IN, now=now)
    message = outbox.compose(
        user,
        channel=channel,
        cause=MessageCause.CHECK_IN,
        cause_key=f"promise:{row.pk}:{row.due_at.isoformat()}",
        title="How did it go?",
        body=words_of(row, user, now=now),
        cta_text="Tell me",
        cta_action=f"{reverse('knows_promises')}#promise-{row.pk}",
        subject_type=SUBJECT,
        subject_id=row.pk,
        expires_at=(row.check_at or now) + NUMBERS.check_holds_for,
        now=now,
    )
    row.check_message, row.check_channel = message, channel
    row.save(update_fields=["check_message", "check_channel"])
    return message


def words_of(row: Commitment, user: User, *, now: datetime) -> str:
    """The question itself: what was promised, and three answers of equal weight."""
    when = commitments.when_in_words(row, user, now=now)
    return (
        f"You meant to {row.what.rstrip('.')} {when}. Did you? Yes, not this time, or moved: each is a "
        "fine answer."
    )


def take_back_settled(*, now: datetime) -> int:
    """Takes back checks that still wait though the promise was answered, moved or taken back meanwhile."""
    waiting = CoachMessage.objects.filter(subject_type=SUBJECT, state__in=WAITS)
    still = Commitment.objects.filter(status=CommitmentStatus.OPEN, check_message__isnull=False)
    gone = waiting.exclude(pk__in=still.values("check_message"))
    return sum(
        outbox.withdraw(message, now=now, reason=Reason.NO_LONGER_NEEDED) for message in gone[:500]
    )
