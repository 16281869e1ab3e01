"""People with days that were scored from events, for tests of what people see."""

from datetime import date, timedelta

from accounts.day import local_day
from accounts.models import User
from momentum.scoring.days import score_days
from momentum.scoring.versions import active
from momentum.tests.factories import TrackedUserFactory, add_events, an_event


def scored_person(days: int = 20, **fields: object) -> User:
    """Somebody whose last `days` days, today included, have action steps and sleep, all scored."""
    user = TrackedUserFactory(**fields)
    score(user, days)
    return user


def score(user: User, days: int = 20) -> date:
    """Gives `user` events on the last `days` days and scores them; tells which day is today."""
    today = local_day(user)
    listed = [today - timedelta(days=back) for back in range(days)]
    add_events(
        [an_event(user, day, "action_step", 1.0 if day.day % 3 else 0.4) for day in listed]
        + [an_event(user, day, "sleep", 0.8, raw_value=450.0) for day in listed if day.day % 2]
    )
    rescore(user, today, days)
    return today


def rescore(user: User, today: date, days: int = 20) -> None:
    """Scores the last `days` days of `user` again."""
    first = today - timedelta(days=days)
    score_days(first, today, people=[user.pk], id_range=None, version=active())
