"""What follows for tasks when a person changes their time zone, or when their day begins."""

from collections.abc import Collection
from typing import Any

from django.utils import timezone

from accounts.models import User
from productivity.changing import keep_whole_days

MEASURED_BY = {"timezone", "day_start_hour"}


def person_saved(
    sender: type[User],
    instance: User,
    *,
    created: bool,
    update_fields: Collection[str] | None = None,
    **signal: Any,
) -> None:
    """Keeps tasks on the person's own days and at their clock times."""
    if created or (update_fields is not None and not MEASURED_BY & set(update_fields)):
        return
    keep_whole_days(instance, now=timezone.now())
