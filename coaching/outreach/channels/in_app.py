"""In the app: the message's row is the delivery, and open pages learn of it at once."""

from django.db import transaction

from accounts.models import User
from coaching.models import CoachMessage, MessageChannel, Reason
from coaching.outreach.live import announce_unread
from coaching.toolkit import channel


def reaches(user: User) -> bool:
    """Everybody who has an account can read what waits in it."""
    return True


@channel(f"coaching.{MessageChannel.IN_APP}", burden=0, reaches=reaches, repeatable=True)
def place(message: CoachMessage) -> str:
    """Puts `message` before the person: it is there as soon as it counts as sent.

    Open pages are told after the transaction, unless the governor lets it through only in silence because
    the person is away. Placing the same message again changes nothing.
    """
    if not _in_silence(message):
        user_id = message.user_id
        transaction.on_commit(lambda: announce_unread(user_id))
    return str(message.pk)


def _in_silence(message: CoachMessage) -> bool:
    if not message.was_asked_for:
        return False  # anything else is held or dropped while somebody is away
    newest = message.decisions.order_by("-at", "-id").first()
    return newest is not None and Reason.AWAY in newest.reasons
