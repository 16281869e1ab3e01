"""Moments and days as messages carry them."""

from datetime import UTC, date, datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from .refusing import Invalid


def stamp(moment: datetime | None) -> Timestamp | None:
    """An aware moment as a message; none for none."""
    if moment is None:
        return None
    message = Timestamp()
    message.FromDatetime(moment)
    return message


def moment_of(message: Any, field: str) -> datetime | None:
    """The aware moment in a field of a message, none when it is not set; raises `Invalid`."""
    if not message.HasField(field):
        return None
    try:
        found: datetime = getattr(message, field).ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise Invalid(**{field: "Send a moment between the years 1 and 9999."}) from None
    return found


def day_of(text: str, field: str) -> date | None:
    """The day that `text` names as in 2026-11-03, none for an empty one; raises `Invalid`."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(**{field: "A day, like 2026-11-03."}) from None
