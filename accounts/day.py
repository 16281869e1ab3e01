"""A person's day: their time zone, and the hour at which their day begins.

Half past midnight still belongs to yesterday for somebody whose day starts at three. Daylight-saving
nights are 23 or 25 hours long and are counted as such.
"""

from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone

from accounts.models import User


def local_day(user: User, at: datetime | None = None) -> date:
    """The date of the person's day that contains the moment `at` (aware; default: now)."""
    moment = (at or timezone.now()).astimezone(user.tz)
    day = moment.date()
    return day - timedelta(days=1) if moment.hour < user.day_start_hour else day


def day_bounds(user: User, day: date) -> tuple[datetime, datetime]:
    """The moments (aware, UTC) at which the person's `day` begins and ends; the end is outside."""
    starts = datetime.combine(day, time(user.day_start_hour), tzinfo=user.tz)
    ends = datetime.combine(day + timedelta(days=1), time(user.day_start_hour), tzinfo=user.tz)
    return starts.astimezone(UTC), ends.astimezone(UTC)


def local_moment(user: User, day: date, at: time) -> datetime:
    """The moment (aware, UTC) when the clock of the person shows `at` within their `day`.

    A time before the day's start hour belongs to the following calendar date. A clock time that a
    daylight-saving change skips is moved forward by the length of the gap.
    """
    calendar_date = day + timedelta(days=1) if at.hour < user.day_start_hour else day
    naive = datetime.combine(calendar_date, at)
    return naive.replace(tzinfo=user.tz).astimezone(UTC)
