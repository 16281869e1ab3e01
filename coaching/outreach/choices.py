"""What a person chose about unasked messages: how often, at which hours, on which channel, when not at all."""

from datetime import date, datetime, time, timedelta
from typing import Any

from accounts.day import local_day
from accounts.models import User
from coaching import context_cache
from coaching.models import NotificationFrequency, Preferences

from .governor import Limits

# So far ahead somebody may say to be away.
LONGEST_AWAY = timedelta(days=366)
# The fields of `Preferences` that are about messages; the others are about how the coach talks.
FIELDS = (
    "notification_frequency",
    "notification_window",
    "preferred_channel",
    "away_from",
    "away_until",
    "nudges_enabled",
    "proactive_suggestions",
    "morning_brief_enabled",
    "weekly_digest_enabled",
)


def preferences_of(user: User) -> Preferences:
    """The person's preferences; unsaved ones with the defaults when nothing was chosen yet."""
    return Preferences.objects.filter(user=user).first() or Preferences(user=user)


def choose(user: User, **fields: Any) -> Preferences:
    """Saves some of the choices; the others stay. Two tabs may save the first time at once."""
    row, _ = Preferences.objects.update_or_create(user=user, defaults=fields)
    context_cache.invalidate(user.pk)
    return row


def chosen(user: User, *names: str) -> dict[str, Any]:
    """Some of the present choices as plain values, to be put back later with `put_back`."""
    row = preferences_of(user)
    values = {name: getattr(row, name) for name in names}
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
    }


def put_back(user: User, values: dict[str, Any]) -> Preferences:
    """Restores what `chosen` gave; names that are no choices about messages are left alone."""
    known = {name: value for name, value in values.items() if name in FIELDS}
    for name in ("away_from", "away_until"):
        if known.get(name):
            known[name] = date.fromisoformat(known[name])
    return choose(user, **known)


def is_away(preferences: Preferences, user: User, *, now: datetime) -> bool:
    """Whether the person is away on their own day that contains `now`."""
    first, last = preferences.away_from, preferences.away_until
    return first is not None and last is not None and first <= local_day(user, now) <= last


# --- In words -----------------------------------------------------------------------------------


def times_in_words(count: int, of: str) -> str:
    return f"{'one' if count == 1 else count} a {of}"


def frequency_in_words(frequency: str) -> str:
    """What "how often" comes to, by the limits that hold: "at most 2 a day and 7 a week"."""
    limits = Limits.for_frequency(frequency)
    return f"at most {times_in_words(limits.per_day, 'day')} and {times_in_words(limits.per_week, 'week')}"


FREQUENCIES = {
    NotificationFrequency.MINIMAL: "Rarely",
    NotificationFrequency.MODERATE: "Now and then",
    NotificationFrequency.ACTIVE: "More often",
}


def hours_of(preferences: Preferences) -> tuple[time, time]:
    """From when until when messages may come on the person's clock."""
    usual = Limits.for_frequency(preferences.notification_frequency).open_hours
    hours = usual.wished(preferences.notification_window, usual)
    return hours.opens, hours.closes


def window(opens: time, closes: time) -> dict[str, str]:
    """Hours as they are stored."""
    return {"from": f"{opens:%H:%M}", "to": f"{closes:%H:%M}"}


def day_in_words(day: date) -> str:
    return f"{day:%A}, {day.day} {day:%B}"
