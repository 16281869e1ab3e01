"""What the source of a nudge has to say about its words, once the message is on its way."""

from collections.abc import Iterator
from datetime import datetime

from django.core.exceptions import ObjectDoesNotExist

from coaching.models import CoachMessage, MessageCause
from coaching.toolkit import Manner, need_sources


def manner_of(message: CoachMessage) -> Manner | None:
    """The manner of the need that `message` speaks of, if it is a nudge whose source has one."""
    if message.cause != MessageCause.NUDGE:
        return None
    try:
        need = message.nudge_decision.need
    except ObjectDoesNotExist:
        return None
    return need_sources.get(need).manner if need in need_sources else None


def give_words_that_fit(message: CoachMessage, *, now: datetime) -> None:
    """Gives a nudge other words when its own no longer fit. Its person must be locked."""
    manner = manner_of(message)
    if manner is not None and not manner.fits(message, now):
        message.body = manner.reworded(message, now)
        message.save(update_fields=["body"])


def still_fits(message: CoachMessage, *, now: datetime) -> bool:
    """Whether all that `message` says may still be said in these words."""
    return all(
        manner is None or manner.fits(part, now)
        for part in _said_in(message)
        for manner in [manner_of(part)]
    )


def _said_in(message: CoachMessage) -> Iterator[CoachMessage]:
    """The message itself, or what was put together in it."""
    if message.cause == MessageCause.DIGEST:
        yield from message.parts.select_related("nudge_decision")
    else:
        yield message
