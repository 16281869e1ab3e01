"""The secret address at which a person's calendar reads their tasks.

Whoever has the address can read the titles and dates, and nothing else. It is told once; what is kept is its digest, so
looking one up takes the same time whatever is asked for.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q

from accounts.day import day_bounds, local_day
from accounts.models import User
from productivity.models import CalendarFeed, Task
from productivity.transfer import calendar_file

# A calendar may ask every minute; that it reads at all is what is worth knowing.
NOTED_EVERY = timedelta(hours=1)
LONGEST_TOKEN = 100


def new_address(user: User, *, now: datetime) -> str:
    """A new secret for the person's address; an older one stops at once."""
    token = secrets.token_urlsafe(32)
    CalendarFeed.objects.update_or_create(
        user=user,
        defaults={"token_digest": _digest(token), "created_at": now, "last_read_at": None},
    )
    return token


def revoke(user: User) -> bool:
    """Ends the person's address; returns whether there was one."""
    return CalendarFeed.objects.filter(user=user).delete()[0] > 0


def feed_of(user: User) -> CalendarFeed | None:
    return CalendarFeed.objects.filter(user=user).first()


def reader_of(token: str) -> User | None:
    """Whose address has the secret; `None` for one that is none, or not any more."""
    found = (
        CalendarFeed.objects.filter(
            token_digest=_digest(token[:LONGEST_TOKEN]),
            user__is_active=True,
            user__deleted_at__isnull=True,
        )
        .select_related("user")
        .first()
    )
    return found.user if found is not None else None


def note_reading(user: User, *, now: datetime) -> None:
    """Writes down that a calendar read, at most every `NOTED_EVERY`."""
    CalendarFeed.objects.filter(user=user).filter(
        Q(last_read_at__isnull=True) | Q(last_read_at__lt=now - NOTED_EVERY)
    ).update(last_read_at=now)


@dataclass(frozen=True, slots=True)
class Version:
    """What the calendar would read: a name for it, and since when it would."""

    tag: str
    changed_at: datetime


def version_of(user: User, *, now: datetime) -> Version:
    """The version that would be read now, without making it."""
    state = Task.objects.filter(user=user).aggregate(rows=Count("id"), last=Max("updated_at"))
    # Done tasks leave the file after a while, and times that repeat are shown in the person's zone.
    today = local_day(user, now)
    parts = (state["rows"], state["last"], user.timezone, user.day_start_hour, today)
    tag = hashlib.sha256(repr(parts).encode()).hexdigest()[:32]
    begun = day_bounds(user, today)[0]
    return Version(tag, max(state["last"] or begun, begun))


def contents(user: User, *, now: datetime) -> bytes:
    """The calendar file."""
    return calendar_file.for_calendars(user, now=now)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
