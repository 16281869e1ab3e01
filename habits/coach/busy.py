"""Habits with a time of their own: nothing else is put there."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from accounts.day import local_day, local_moment
from accounts.models import User
from coaching.toolkit import BusyTime, busy_times
from habits.cadence import cadence_of
from habits.models import Habit

# A habit without a length takes this long (ours, minutes).
USUAL_MINUTES = 15


@busy_times("habits.timed")
def timed_habits(user: User, since: datetime, until: datetime) -> Iterator[BusyTime]:
    """Running habits with a clock time, on every day that asks for them. One query.

    Some-times-a-week habits hold their time on each day: which of them it will be is open.
    """
    habits = Habit.objects.for_user(user).active().filter(scheduled_time__isnull=False).with_rests()
    first = local_day(user, since) - timedelta(days=1)
    last = local_day(user, until)
    for habit in habits:
        assert habit.scheduled_time is not None  # noqa: S101 - filtered above
        cadence = cadence_of(habit)
        length = timedelta(minutes=habit.duration_minutes or USUAL_MINUTES)
        day = first
        while day <= last:
            if cadence.asks_on(day):
                starts = local_moment(user, day, habit.scheduled_time)
                yield BusyTime(starts, starts + length, f"“{habit.name}”")
            day += timedelta(days=1)
