"""Timed habits as times that are taken."""

from datetime import UTC, datetime, time, timedelta

import pytest

from accounts.tests.factories import UserFactory
from coaching.toolkit import busy_between
from habits.models import HabitPause, HabitStatus
from habits.tests.factories import HabitFactory

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
WEEK = timedelta(days=7)
pytestmark = pytest.mark.django_db


def test_a_timed_habit_takes_its_time_on_the_days_that_ask_for_it() -> None:
    user = UserFactory(timezone="UTC")
    habit = HabitFactory(
        user=user,
        name="Walk",
        cadence="weekdays",
        weekdays=[0, 3],
        starts_on=MONDAY.date() - WEEK,
        scheduled_time=time(11),
        duration_minutes=40,
    )
    HabitFactory(user=user, starts_on=MONDAY.date(), scheduled_time=None)
    HabitFactory(
        user=user, starts_on=MONDAY.date(), scheduled_time=time(9), status=HabitStatus.ARCHIVED
    )
    HabitFactory(starts_on=MONDAY.date(), scheduled_time=time(9))
    found = busy_between(user, MONDAY, MONDAY + WEEK)
    assert [(one.starts_at, one.words) for one in found] == [
        (MONDAY + timedelta(hours=11), "“Walk”"),
        (MONDAY + timedelta(days=3, hours=11), "“Walk”"),
    ]
    assert {one.ends_at - one.starts_at for one in found} == {timedelta(minutes=40)}
    HabitPause.objects.create(habit=habit, starts_on=MONDAY.date(), ends_on=MONDAY.date())
    assert len(busy_between(user, MONDAY, MONDAY + WEEK)) == 1


def test_a_habit_before_the_day_begins_lies_in_the_night_after() -> None:
    user = UserFactory(timezone="Europe/Berlin", day_start_hour=3)
    HabitFactory(user=user, starts_on=MONDAY.date(), scheduled_time=time(1), duration_minutes=None)
    found = busy_between(user, MONDAY, MONDAY + timedelta(days=2))
    assert found[0].starts_at == datetime(2026, 3, 3, 0, tzinfo=UTC)


def test_all_days_of_all_habits_take_one_query(django_assert_num_queries: object) -> None:
    user = UserFactory()
    for hour in range(6, 16):
        HabitFactory(user=user, starts_on=MONDAY.date(), scheduled_time=time(hour))
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert len(busy_between(user, MONDAY, MONDAY + 2 * WEEK)) > 100
