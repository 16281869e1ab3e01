"""Which day a moment is said to be on: the one rule for lists, sentences and nudges."""

from datetime import date, datetime

from accounts.day import local_day
from accounts.models import User


def said_day(user: User, at: datetime, now: datetime) -> date | None:
    """The date of the person's clock at `at`; `None` for what is left of today after midnight: that is tonight.

    A day reaches past midnight for whoever begins it later. Its small hours are said with their own date on every
    other day, since nobody takes "Wednesday at 01:00" for the night to Thursday.
    """
    local = at.astimezone(user.tz)
    is_small_hour = local.hour < user.day_start_hour
    return None if is_small_hour and local_day(user, at) == local_day(user, now) else local.date()
