"""Questions about tasks, starting from the person."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F

from accounts.models import User

if TYPE_CHECKING:
    from productivity.models import Task  # noqa: F401 - quoted below

OPEN = ("pending", "snoozed")


class TaskQuerySet(models.QuerySet["Task"]):
    """Tasks of people."""

    def for_user(self, user: User) -> "TaskQuerySet":
        return self.filter(user=user, deleted_at__isnull=True)

    def open(self) -> "TaskQuerySet":
        """To be done, now or after a snooze."""
        return self.filter(status__in=OPEN)

    def awake(self, now: datetime) -> "TaskQuerySet":
        """Open, and not snoozed beyond `now`."""
        return self.open().exclude(status="snoozed", snoozed_until__gt=now)

    def overdue(self, now: datetime) -> "TaskQuerySet":
        return self.open().filter(due_at__lt=now)

    def by_due(self) -> "TaskQuerySet":
        """What is due first stands first, then what matters more, then what was made first."""
        return self.order_by(F("due_at").asc(nulls_last=True), "-priority", "id")
