"""Questions about the coach's tables, starting from the person."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models

from accounts.models import User

if TYPE_CHECKING:
    from coaching.models import CoachMessage, Mute  # noqa: F401 - quoted below

HELD_BACK = ("suppressed", "merged", "failed", "unknown")


class CoachMessageQuerySet(models.QuerySet["CoachMessage"]):
    """Messages on their way, sent, and held back."""

    def of(self, user: User) -> "CoachMessageQuerySet":
        return self.filter(user=user)

    def due(self, now: datetime) -> "CoachMessageQuerySet":
        """Waiting messages whose moment has come, the longest waiting first."""
        return self.filter(state="queued", not_before__lte=now).order_by("not_before", "id")

    def waiting(self) -> "CoachMessageQuerySet":
        """Messages that may still go out."""
        return self.filter(state__in=["queued", "pending_approval"])

    def sent(self) -> "CoachMessageQuerySet":
        """Messages that reached a channel."""
        return self.filter(sent_at__isnull=False)

    def held_back(self) -> "CoachMessageQuerySet":
        """Messages that did not go out, or of which nobody knows."""
        return self.filter(state__in=HELD_BACK)

    def unread(self) -> "CoachMessageQuerySet":
        return self.sent().filter(read_at__isnull=True)


class MuteQuerySet(models.QuerySet["Mute"]):
    """What people do not want to hear of."""

    def lasting(self, now: datetime) -> "MuteQuerySet":
        """Mutes that hold at the moment `now`."""
        return self.filter(models.Q(until__isnull=True) | models.Q(until__gt=now))
