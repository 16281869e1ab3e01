"""What habits know of a person: with evidence, or not at all."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.tests.factories import UserFactory
from coaching.toolkit import one_answer
from coaching.toolkit.knowing import KnownFunction
from habits.coach import known
from habits.models import Category, Habit, HabitCompletion, HabitSize
from habits.tests.factories import HabitFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 17, 10, tzinfo=UTC)  # a Wednesday
TODAY = date(2026, 6, 17)


def tick(
    habit: Habit, days: Iterable[int], status: str = "done", reason: str = "", hour: int = 6
) -> None:
    """`habit` was done (or skipped) so many days ago."""
    HabitCompletion.objects.bulk_create(
        HabitCompletion(
            habit=habit,
            user=habit.user,
            local_date=TODAY - timedelta(days=back),
            status=status,
            source="web",
            reason=reason,
            completed_at=datetime(2026, 6, 17, hour, tzinfo=UTC) - timedelta(days=back),
        )
        for back in days
    )


@pytest.mark.parametrize(
    "field",
    [
        known.completion_rates,
        known.best_performing_habits,
        known.struggle_patterns,
        known.peak_productivity_times,
        known.streak_data,
        known.commitment_level,
        known.seasonal_patterns,
        known.fitness_level,
        known.financial_habits,
        known.learning_pace,
        known.challenge_appetite,
    ],
)
def test_nothing_is_known_of_somebody_new(field: KnownFunction) -> None:
    assert field(UserFactory(), NOW) is None


def test_rates_runs_and_what_goes_best_are_counted() -> None:
    habit = HabitFactory(name="Walk", starts_on=TODAY - timedelta(days=20))
    tick(habit, range(1, 20))
    user = habit.user
    rates = known.completion_rates(user, NOW)
    assert rates is not None
    assert rates.value["habits"] == {"Walk": [19, 20]}
    assert rates.words == "Did 19 of 20 (95%) in 30 days."
    best = known.best_performing_habits(user, NOW)
    assert best is not None
    assert best.value == ["Walk"]
    runs = known.streak_data(user, NOW)
    assert runs is not None
    assert runs.value["Walk"]["current"] == 19
    level = known.commitment_level(user, NOW)
    assert level is not None
    assert level.value["level"] == "high"
    fitness = known.fitness_level(user, NOW)
    assert fitness is not None
    assert fitness.value["done"] == 19


def test_below_five_occasions_no_rate_is_told() -> None:
    habit = HabitFactory(starts_on=TODAY - timedelta(days=3))
    tick(habit, [1, 2])
    assert known.completion_rates(habit.user, NOW) is None


def test_a_hard_habit_a_hard_weekday_and_a_reason_are_told_with_their_figures() -> None:
    habit = HabitFactory(name="Cook", starts_on=TODAY - timedelta(days=70))
    mondays = [back for back in range(1, 70) if (TODAY - timedelta(days=back)).weekday() == 0]
    tick(habit, [back for back in range(35, 70) if back not in mondays])
    tick(habit, range(1, 5), status="skipped", reason="No time")
    pattern = known.struggle_patterns(habit.user, NOW)
    assert pattern is not None
    assert pattern.value == {"habits": ["Cook"], "weekdays": ["Monday"], "reasons": ["no time"]}
    assert "Skipped because “no time”: 4 times" in pattern.evidence


def test_hours_that_do_not_agree_are_varied() -> None:
    habit = HabitFactory(starts_on=TODAY - timedelta(days=40))
    for back in range(1, 31):
        tick(habit, [back], hour=(back * 7) % 24)
    hours = known.peak_productivity_times(habit.user, NOW)
    assert hours is not None
    assert hours.words == "At varied times."


def test_hours_round_midnight_agree_on_midnight() -> None:
    user = UserFactory(timezone="UTC")
    habit = HabitFactory(user=user, starts_on=TODAY - timedelta(days=40))
    tick(habit, range(1, 11), hour=23)
    tick(habit, range(11, 21), hour=1)
    hours = known.peak_productivity_times(user, NOW)
    assert hours is not None
    assert hours.value["usual"] == "around 00:00"


def test_a_season_that_stands_out_is_told_on_the_right_half_of_the_world() -> None:
    user = UserFactory(country="AU")
    habit = HabitFactory(user=user, starts_on=TODAY - timedelta(days=380))
    tick(
        habit,
        [back for back in range(1, 380) if (TODAY - timedelta(days=back)).month not in (12, 1, 2)],
    )
    seasons = known.seasonal_patterns(user, NOW)
    assert seasons is not None
    assert "summer goes harder" in seasons.words.lower()


def test_the_sizes_of_habits_show_the_appetite_for_challenge() -> None:
    user = UserFactory()
    for _ in range(2):
        HabitFactory(user=user, size=HabitSize.STRETCH, category=Category.LEARNING)
    appetite = known.challenge_appetite(user, NOW)
    assert appetite is not None
    assert appetite.value["level"] == "bold"


def test_two_queries_serve_all_fields(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    habit = HabitFactory(starts_on=TODAY - timedelta(days=20))
    tick(habit, range(1, 20))
    with django_assert_num_queries(2), one_answer():
        known.completion_rates(habit.user, NOW)
        known.streak_data(habit.user, NOW)
        known.seasonal_patterns(habit.user, NOW)
