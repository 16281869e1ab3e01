"""Everything a page shows, in one call, for any of the last days."""

from datetime import timedelta

import pytest

from accounts.day import local_day
from habits import completions, pauses
from habits.models import HabitStatus
from habits.overview import DayState, heatmap_of, overview

from .factories import GoalFactory, HabitFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return UserFactory()


@pytest.fixture
def today(person):
    return local_day(person)


def test_habits_stand_where_they_belong(person, today):
    due = HabitFactory(user=person, starts_on=today)
    other = HabitFactory(
        user=person, starts_on=today, cadence="weekdays", weekdays=[(today.weekday() + 1) % 7]
    )
    resting = HabitFactory(user=person, starts_on=today)
    pauses.pause(person, resting, source="web")
    planned = HabitFactory(user=person, starts_on=today, status=HabitStatus.PLANNED)
    HabitFactory(user=person, starts_on=today, status=HabitStatus.ARCHIVED)
    shown = overview(person)
    assert [view.habit for view in shown.due] == [due]
    assert [view.habit for view in shown.others] == [other]
    assert [view.habit for view in shown.resting] == [resting]
    assert [view.habit for view in shown.planned] == [planned]


def test_done_of_asked_leaves_skips_out(person, today):
    first, second, _ = (HabitFactory(user=person, starts_on=today) for _ in range(3))
    completions.complete(person, first, today, source="web")
    completions.skip(person, second, today, source="web")
    shown = overview(person)
    assert (shown.done, shown.asked) == (1, 2)


def test_a_weekly_habit_says_how_far_its_week_is(person, today):
    habit = HabitFactory(
        user=person,
        cadence="times_per_week",
        times_per_week=3,
        starts_on=today - timedelta(days=10),
    )
    completions.complete(person, habit, today, source="web")
    week = overview(person).due[0].week
    assert week
    assert week.in_words() == "1 of 3 this week"


def test_the_strip_shows_the_last_seven_days(person, today):
    habit = HabitFactory(user=person, starts_on=today - timedelta(days=3))
    completions.complete(person, habit, today - timedelta(days=2), source="web")
    completions.skip(person, habit, today - timedelta(days=1), source="web")
    states = [cell.state for cell in overview(person).due[0].strip]
    free, missed, done = DayState.FREE, DayState.MISSED, DayState.DONE
    assert states == [free, free, free, missed, done, DayState.SKIPPED, DayState.OPEN]


def test_an_earlier_day_shows_what_was_told_then(person, today):
    habit = HabitFactory(user=person, starts_on=today - timedelta(days=3))
    yesterday = today - timedelta(days=1)
    completions.complete(person, habit, yesterday, source="web")
    assert overview(person, yesterday).due[0].is_done
    assert not overview(person).due[0].is_done


def test_the_heatmap_counts_and_says_so(person, today):
    for _ in range(2):
        HabitFactory(user=person, starts_on=today - timedelta(days=1))
    completions.complete(
        person, overview(person).due[0].habit, today - timedelta(days=1), source="web"
    )
    cells = overview(person, weeks=4).heat
    yesterday = next(cell for cell in cells if cell.day == today - timedelta(days=1))
    assert cells[0].day.weekday() == 0
    assert yesterday.label.endswith("1 of 2")
    assert yesterday.level == 2


def test_a_weekly_habit_is_not_missed_on_a_free_day(person, today):
    habit = HabitFactory(
        user=person, cadence="times_per_week", times_per_week=1, starts_on=today - timedelta(20)
    )
    assert {cell.state for cell in heatmap_of(habit, 2, today)} <= {DayState.FREE, DayState.OPEN}


def test_it_takes_few_queries_however_many_habits(person, today, django_assert_max_num_queries):
    for _ in range(15):
        HabitFactory(user=person, starts_on=today - timedelta(days=30))
    GoalFactory(user=person)
    overview(person)
    with django_assert_max_num_queries(4):
        overview(person, weeks=12)
