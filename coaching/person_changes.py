"""What follows in the coach when a person changes what is known of them: their zone, their day, their name."""

from collections.abc import Collection
from typing import Any

from django.utils import timezone

from accounts.models import Consent, User
from coaching import context_cache
from coaching.memory import summaries
from coaching.models import Conversation, Preferences
from coaching.outreach.reminders import keep_clock_times

TOLD_TO_THE_COACH = {"name", "timezone", "day_start_hour", "stated_goal", "work_hours"}


def person_saved(
    sender: type[User],
    instance: User,
    *,
    created: bool,
    update_fields: Collection[str] | None = None,
    **signal: Any,
) -> None:
    """Keeps reminders at their clock time, and tells the coach anew who it talks to."""
    if created or (update_fields is not None and not TOLD_TO_THE_COACH & set(update_fields)):
        return
    keep_clock_times(instance, now=timezone.now())
    context_cache.invalidate(instance.pk)


def person_deleted(sender: type[User], instance: User, **signal: Any) -> None:
    """Who is erased leaves nothing in the cache either."""
    context_cache.erase(instance.pk)


def decision_saved(
    sender: type[Consent] | type[Preferences], instance: Consent | Preferences, **signal: Any
) -> None:
    """What may be known of a person, and how they are talked to, holds from the next answer on."""
    context_cache.invalidate(instance.user_id)


def conversation_deleted(
    sender: type[Conversation], instance: Conversation, origin: object = None, **signal: Any
) -> None:
    """A summary holds the words of the day's conversations, so it goes with any of them.

    When the person is erased, everything goes at once and in its own order.
    """
    if instance.is_temporary or not isinstance(origin, Conversation):
        return
    summaries.forget_days_of(instance)
    context_cache.invalidate(instance.user_id)
