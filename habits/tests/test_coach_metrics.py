"""What became of people's habits in a window, and who is doing well."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.tests.factories import UserFactory
from coaching.toolkit import OutcomeWindow
from habits.coach.metrics import active_habits, share_kept
from habits.models import HabitCompletion, HabitPause, HabitStatus
from habits.tests.factories import HabitFactory

pytestmark = pytest.mark.django_db
# Noon of a Monday in Berlin: the window holds the days from Monday to Sunday.
SINCE = datetime(2026, 3, 2, 11, tzinfo=UTC)
UNTIL = SINCE + timedelta(days=7)


def window(user) -> OutcomeWindow:
    return OutcomeWindow(user.pk, SINCE, UNTIL)


def did(habit, *days: int, status: str = "done") -> None:
    for day in days:
        HabitCompletion.objects.create(
            habit=habit,
            user=habit.user,
            local_date=date(2026, 3, day),
            status=status,
            source="web",
        )


def test_the_share_kept_is_of_what_was_asked_in_the_window() -> None:
    daily = HabitFactory()
    did(daily, 1, 2, 3, 9)  # two of the seven days from the 2nd to the 8th
    weekly = HabitFactory(user=daily.user, cadence="times_per_week", times_per_week=3)
    did(weekly, 4, 5, 6)
    assert share_kept([window(daily.user)]) == [pytest.approx(5 / 10)]


def test_a_skipped_or_paused_day_was_not_asked_for() -> None:
    habit = HabitFactory()
    did(habit, 2, 3)
    did(habit, 4, status="skipped")
    HabitPause.objects.create(habit=habit, starts_on=date(2026, 3, 5), ends_on=date(2026, 3, 8))
    assert share_kept([window(habit.user)]) == [1.0]


def test_who_has_no_running_habit_gives_no_evidence() -> None:
    put_away = HabitFactory(status=HabitStatus.ARCHIVED)
    did(put_away, 2)
    late = HabitFactory(starts_on=date(2026, 4, 1))
    assert share_kept([window(UserFactory()), window(put_away.user), window(late.user)]) == [
        None,
        None,
        None,
    ]


def test_active_habits_counts_different_ones_that_were_done() -> None:
    user = UserFactory()
    first, second, third = (HabitFactory(user=user) for _ in range(3))
    did(first, 2, 3, 4)
    did(second, 5, status="partial")
    did(third, 6, status="missed")
    did(third, 9)
    assert active_habits([window(user), window(UserFactory())]) == [2.0, 0.0]


def test_many_people_take_as_many_queries_as_one(django_assert_num_queries) -> None:
    habits = [HabitFactory() for _ in range(5)]
    for habit in habits:
        did(habit, 2)
    windows = [window(habit.user) for habit in habits]
    with django_assert_num_queries(3):
        share_kept(windows)
    with django_assert_num_queries(2):
        active_habits(windows)
