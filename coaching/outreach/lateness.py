"""A reminder that comes late says so."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from coaching.models import CoachMessage


def reminder_key(reminder_id: UUID, due: datetime) -> str:
    """The cause of one occurrence of a reminder: it speaks once."""
    return f"reminder:{reminder_id}:{due.isoformat()}"


def due_by_key(cause_key: str) -> datetime | None:
    """The moment at which the occurrence behind a `reminder_key` was due; `None` for another cause."""
    kind, _, rest = cause_key.partition(":")
    if kind != "reminder":
        return None
    try:
        return datetime.fromisoformat(rest.partition(":")[2])
    except ValueError:
        return None


def reminder_behind(cause_key: str) -> UUID | None:
    """The reminder behind a `reminder_key`; `None` for another cause."""
    kind, _, rest = cause_key.partition(":")
    try:
        return UUID(rest.partition(":")[0]) if kind == "reminder" else None
    except ValueError:
        return None


def words_when_late(message: CoachMessage, zone: ZoneInfo, *, now: datetime) -> str:
    """What a reminder that goes out now says about being late; empty when it is in time."""
    due = due_by_key(message.cause_key)
    if due is None or now - due <= timedelta(minutes=settings.REMINDER_LATE_MINUTES):
        return ""
    return f" (planned for {due.astimezone(zone):%H:%M}; sorry, this is late)"
