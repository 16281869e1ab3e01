"""Guesses about a habit's coming day: written before it begins, settled after it, told honestly."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from accounts.tests.factories import UserFactory
from coaching.models import Prediction, PredictionCalibration
from habits import guesses
from habits.models import (
    CadenceKind,
    CompletionSource,
    CompletionStatus,
    Habit,
    HabitCompletion,
    HabitPause,
)
from habits.prediction import KIND, prior_share
from habits.tests.factories import HabitFactory

# An hour before the day of somebody in UTC begins at three.
NIGHT = datetime(2026, 3, 11, 2, tzinfo=UTC)
COMING = date(2026, 3, 11)
NEXT_NIGHT = NIGHT + timedelta(days=1, hours=2)


@pytest.fixture
def person(db: None) -> User:
    user = UserFactory(timezone="UTC", day_start_hour=3)
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    return user


def tell(habit: Habit, day: date, status: str = CompletionStatus.DONE) -> None:
    HabitCompletion.objects.update_or_create(
        habit=habit,
        user=habit.user,
        local_date=day,
        defaults={"status": status, "source": CompletionSource.WEB},
    )


def lived(person: User, days: int = 10) -> Habit:
    """A habit that was kept on each of the last days."""
    habit = HabitFactory(user=person, starts_on=COMING - timedelta(days=days))
    for back in range(1, days + 1):
        tell(habit, COMING - timedelta(days=back))
    return habit


def guess(person: User, now: datetime = NIGHT) -> int:
    return guesses.guess(person.pk, person.pk, now=now)


def settle(person: User) -> bool | None:
    guesses.settle(person.pk, person.pk, now=NEXT_NIGHT)
    return Prediction.objects.get().outcome


def test_people_are_found_by_when_their_own_day_begins(person: User) -> None:
    later = UserFactory(timezone="Pacific/Honolulu", day_start_hour=0)
    set_consent(later, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    before, after = guesses.before_their_day, guesses.after_their_day
    assert list(before(now=NIGHT)) == [person]
    assert list(after(now=NIGHT + timedelta(hours=1))) == [person]
    # Midnight in Honolulu is ten o'clock in UTC.
    assert list(before(now=NIGHT + timedelta(hours=6))) == [later]
    assert not before(now=NIGHT - timedelta(hours=6)).exists()


def test_the_coming_day_is_guessed_once_with_its_reasons(person: User) -> None:
    habit = lived(person)
    for _ in range(2):
        assert guess(person) == 1
    row = Prediction.objects.get()
    assert (row.kind, row.subject_id, row.for_date) == (KIND, habit.pk, COMING)
    assert row.probability > 0.6
    assert row.features["observations"] == 10
    assert any("10 of the last 10" in reason["words"] for reason in row.explanation)


def test_too_few_observations_free_days_and_rests_are_not_guessed(person: User) -> None:
    HabitFactory(user=person, starts_on=COMING - timedelta(days=3))
    HabitFactory(user=person, cadence=CadenceKind.TIMES_PER_WEEK, times_per_week=3)
    resting = lived(person)
    HabitPause.objects.create(habit=resting, starts_on=COMING)
    other_day = lived(person)
    Habit.objects.filter(pk=other_day.pk).update(
        cadence=CadenceKind.WEEKDAYS, weekdays=[(COMING.weekday() + 1) % 7]
    )
    assert guess(person) == 0


def test_of_who_did_not_agree_nothing_is_written(person: User) -> None:
    lived(person)
    set_consent(person, ConsentKind.BEHAVIORAL_TRACKING, False, ConsentSource.WEB)
    assert guess(person) == 0


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (CompletionStatus.DONE, True),
        (CompletionStatus.PARTIAL, True),
        (CompletionStatus.MISSED, False),
        (CompletionStatus.SKIPPED, None),
        (None, False),
    ],
)
def test_a_day_is_settled_by_what_was_told_of_it(
    person: User, status: str | None, outcome: bool | None
) -> None:
    habit = lived(person)
    guess(person)
    if status is not None:
        tell(habit, COMING, status)
    assert settle(person) is outcome


def test_a_late_tick_changes_the_outcome_and_an_open_day_has_none(person: User) -> None:
    habit = lived(person)
    guess(person)
    assert guesses.settle(person.pk, person.pk, now=NIGHT + timedelta(hours=20)) == 0
    assert settle(person) is False
    tell(habit, COMING)
    assert settle(person) is True


@pytest.mark.parametrize("what", ["rest", "deleted", "archived"])
def test_a_day_that_asks_for_nothing_any_more_does_not_count(person: User, what: str) -> None:
    habit = lived(person)
    guess(person)
    if what == "rest":
        HabitPause.objects.create(habit=habit, starts_on=COMING)
    elif what == "deleted":
        Habit.objects.filter(pk=habit.pk).update(deleted_at=NIGHT)
    else:
        Habit.objects.filter(pk=habit.pk).update(status="archived")
    assert settle(person) is None


def test_later_guesses_are_corrected_and_say_so(person: User) -> None:
    lived(person)
    guess(person)
    before = Prediction.objects.get().probability
    PredictionCalibration.objects.create(
        kind=KIND,
        version=1,
        slope=0.5,
        intercept=0,
        outcomes=200,
        brier_before=0.3,
        brier_after=0.2,
        is_adopted=True,
    )
    guess(person)
    row = Prediction.objects.get()
    assert row.probability < before
    assert row.model_version == "pooled-1+c1"
    assert any("earlier guesses" in reason["words"] for reason in row.explanation)


def test_the_prior_counts_only_those_who_agreed(db: None) -> None:
    cache.clear()
    habits = HabitFactory.create_batch(20, starts_on=date(2020, 1, 1))
    assert prior_share(habits[0]) == 0.55
    cache.clear()
    for habit in habits:
        set_consent(habit.user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    assert prior_share(habits[0]) == 0.1
    cache.clear()


def test_the_record_is_shown_to_its_person_alone(person: User, client: Client) -> None:
    habit = lived(person)
    guess(person)
    settle(person)
    client.force_login(person)
    page = client.get(reverse("habit", args=[habit.pk])).content.decode()
    assert "How good my guesses were" in page
    assert "Too early to say" in page
    api = APIClient()
    api.force_authenticate(person)
    body = api.get(f"/api/v1/habits/{habit.pk}/guesses/").json()
    assert body["settled"] == 1
    assert body["recent"][0]["outcome"] is False
    api.force_authenticate(UserFactory())
    assert api.get(f"/api/v1/habits/{habit.pk}/guesses/").status_code == 404
