"""Saying one thing once, and several held things together.

A message that says nearly the same as another is not written a second time. Messages that had to wait and
may go out together become one digest.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.db.models import F, Q, QuerySet

from coaching.models import CoachMessage, DeliveryState, MessageCause

from .governor import DIGEST_OF_HELD

# What may give way to another message. What the person ordered, what staff wrote and the briefs may not.
MAY_MERGE = (
    MessageCause.NUDGE,
    MessageCause.HOOK,
    MessageCause.CHECK_IN,
    MessageCause.CAMPAIGN,
)
SAID = (DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.UNKNOWN)
DIGEST_TITLE = "A few things, in one message"
DIGEST_CALL = "Open Today"


@dataclass(frozen=True)
class Likeness:
    """When two messages say nearly the same (ours).

    About the same subject they do within `same_subject`; else within `same_words`, when at least `share` of
    the three-letter pieces of both texts are in both (as pg_trgm counts, 0 to 1).
    """

    same_subject: timedelta = timedelta(hours=2)
    same_words: timedelta = timedelta(hours=24)
    share: float = 0.7


LIKENESS = Likeness()


def pieces(text: str) -> set[str]:
    """The three-letter pieces of the words of `text`, each word with two blanks before and one behind it."""
    found = set()
    for word in re.findall(r"\w+", text.casefold()):
        padded = f"  {word} "
        found |= {padded[start : start + 3] for start in range(len(padded) - 2)}
    return found


def likeness(one: str, other: str) -> float:
    """The share of pieces that both texts have, in [0, 1]; symmetric, 1 for the same words."""
    first, second = pieces(one), pieces(other)
    return len(first & second) / len(first | second) if first | second else 1.0


def near_duplicate_of(message: CoachMessage, *, now: datetime) -> CoachMessage | None:
    """What already says, or lately said, nearly the same to this person on any channel; the newest of them.

    Twins (the same cause on two channels) are no duplicates of each other. With different subjects the same
    words say different things.
    """
    if message.cause not in MAY_MERGE:
        return None
    waiting = Q(
        state__in=[DeliveryState.QUEUED, DeliveryState.PENDING_APPROVAL], expires_at__gt=now
    )
    said = Q(state__in=SAID, claimed_at__gt=now - LIKENESS.same_words)
    others = (
        CoachMessage.objects.filter(waiting | said, user_id=message.user_id)
        .exclude(cause_key=message.cause_key)
        .order_by("-id")
    )
    return next((other for other in others[:50] if _says_the_same(message, other, now)), None)


def _says_the_same(message: CoachMessage, other: CoachMessage, now: datetime) -> bool:
    if message.subject_id is not None and other.subject_id is not None:
        if (message.subject_type, message.subject_id) != (other.subject_type, other.subject_id):
            return False
        if _is_fresh(other, message, now, LIKENESS.same_subject):
            return True
    return (
        _is_fresh(other, message, now, LIKENESS.same_words)
        and likeness(message.body, other.body) >= LIKENESS.share
    )


def _is_fresh(other: CoachMessage, message: CoachMessage, now: datetime, span: timedelta) -> bool:
    """Whether `other` was or will be said within `span` of the moment `message` would be."""
    if other.state in SAID:
        spoken = other.claimed_at or other.created_at
    else:
        spoken = max(other.not_before, now)
    return abs(max(message.not_before, now) - spoken) < span


def held_with(message: CoachMessage, *, now: datetime) -> QuerySet[CoachMessage]:
    """The other messages to the same person on the same channel that were held and may go out by now."""
    return (
        CoachMessage.objects.due(now)
        .filter(
            user_id=message.user_id,
            channel=message.channel,
            cause__in=MAY_MERGE,
            expires_at__gt=now,
            not_before__gt=F("created_at"),
        )
        .exclude(pk=message.pk)
    )


def was_held(message: CoachMessage) -> bool:
    """Whether `message` waited and may be put together with others that did."""
    return message.cause in MAY_MERGE and message.not_before > message.created_at


def digest_of(parts: Sequence[CoachMessage], *, now: datetime) -> CoachMessage:
    """One message, not yet saved, that says what `parts` (at least two) say, a line each.

    The same parts on another channel give a digest with the same cause, so that the two count as twins.
    """
    first = parts[0]
    key = sha256(first.cause_key.encode()).hexdigest()[:32]
    lines = "\n".join(f"• {part.body}" for part in parts)
    return CoachMessage(
        user=first.user,
        channel=first.channel,
        cause=MessageCause.DIGEST,
        cause_key=f"{DIGEST_OF_HELD}{key}",
        title=DIGEST_TITLE,
        body=lines,
        cta_text=DIGEST_CALL,
        cta_action="/",
        not_before=now,
        created_at=now,
        expires_at=min(part.expires_at for part in parts),
    )
