"""Notable changes: asked about once, counted when confirmed."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.models import RawBehavioralLog
from momentum.biometrics import changes
from momentum.biometrics.consistency import consistency
from momentum.biometrics.days import DayValue, record_days
from momentum.models import BiometricChange, BiometricStream, MomentumEvent
from momentum.tests.factories import TrackedUserFactory, agree

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 23, 6, tzinfo=UTC)
LAST = date(2026, 3, 22)


def measure(
    user: User,
    metric: str,
    before: float,
    after: float,
    spread: float = 0.0,
    is_there: Callable[[int], bool] = lambda _: True,
) -> None:
    rng = random.Random(1)
    record_days(
        user,
        [
            DayValue(
                metric,
                LAST - timedelta(days=n),
                (after if n < 28 else before) + rng.uniform(-spread, spread),
            )
            for n in range(56)
            if is_there(n)
        ],
        "garmin",
        now=NOW,
    )


def found(user: User) -> list[tuple[str, float, float]]:
    rows = BiometricChange.objects.filter(user=user, status="asked").order_by("metric")
    return [(row.metric, round(row.before, 1), round(row.after, 1)) for row in rows]


@pytest.mark.parametrize(
    ("metric", "before", "enough", "too_little"),
    [
        ("resting_heart_rate", 60, 63, 62.5),
        ("hrv", 50, 44, 46),
        ("weight_kg", 100, 98, 98.5),
        ("sleep_minutes", 400, 431, 425),
        ("steps", 5000, 6001, 5900),
    ],
)
def test_a_change_from_its_threshold_on_is_asked_about(
    metric: str, before: float, enough: float, too_little: float
) -> None:
    one, other = TrackedUserFactory(), TrackedUserFactory()
    measure(one, metric, before, enough)
    measure(other, metric, before, too_little)
    assert changes.find_changes(now=NOW) == 1
    assert found(one) == [(metric, before, enough)]
    assert found(other) == []


@pytest.mark.parametrize("later", range(7))
def test_on_each_day_of_the_week_the_same_weeks_are_compared(later: int) -> None:
    """A Monday on which nobody looked is made up for, and a week is asked about once."""
    user = TrackedUserFactory()
    measure(user, "steps", 5000, 6001)
    assert changes.find_changes(now=NOW + timedelta(days=later)) == 1
    assert BiometricChange.objects.get().until == LAST
    assert changes.find_changes(now=NOW + timedelta(days=6)) == 0


def test_what_may_be_chance_is_not_asked_about() -> None:
    user = TrackedUserFactory()
    measure(user, "steps", 5000, 6200, spread=6000, is_there=lambda n: n % 2 == 0)
    changes.find_changes(now=NOW)
    assert found(user) == []


def test_nine_days_on_one_side_are_too_few() -> None:
    user = TrackedUserFactory()
    measure(user, "steps", 5000, 9000, is_there=lambda n: n < 9 or n >= 28)
    changes.find_changes(now=NOW)
    assert found(user) == []


def test_nobody_is_asked_without_agreeing() -> None:
    user, withdrew = UserFactory(), TrackedUserFactory()
    agree(withdrew, False)
    for each in (user, withdrew):
        agree(each, False)
        measure(each, "steps", 5000, 9000)
    assert changes.find_changes(now=NOW) == 0


def test_one_question_at_a_time_and_a_no_rests_for_thirty_days() -> None:
    user = TrackedUserFactory()
    measure(user, "steps", 5000, 9000)
    assert changes.find_changes(now=NOW) == 1
    assert changes.find_changes(now=NOW) == 0
    assert changes.find_changes(now=NOW + timedelta(days=7)) == 0
    change = BiometricChange.objects.get(user=user)
    changes.deny(user, change.pk, via="web", now=NOW)
    # Four weeks on the same change again, over other days.
    BiometricChange.objects.update(until=LAST - timedelta(days=40), since=LAST - timedelta(days=70))
    assert changes.find_changes(now=NOW + timedelta(days=2)) == 0
    BiometricChange.objects.update(answered_at=NOW - timedelta(days=31))
    assert changes.find_changes(now=NOW) == 1


def test_an_unanswered_question_is_put_away_after_two_weeks() -> None:
    user = TrackedUserFactory()
    measure(user, "steps", 5000, 9000)
    changes.find_changes(now=NOW)
    assert changes.expire(now=NOW + timedelta(days=13)) == 0
    assert changes.expire(now=NOW + timedelta(days=15)) == 1
    with pytest.raises(changes.ChangeRefused):
        changes.confirm(user, BiometricChange.objects.get().pk, via="web", now=NOW)


def test_confirming_marks_the_days_and_counts_once() -> None:
    user = TrackedUserFactory()
    measure(user, "resting_heart_rate", 62, 57)
    changes.find_changes(now=NOW)
    change = BiometricChange.objects.get(user=user)
    for _ in range(2):
        changes.confirm(user, change.pk, via="web", now=NOW)
    marked = BiometricStream.objects.filter(user=user, validated_at__isnull=False)
    assert marked.count() == 28
    row = RawBehavioralLog.objects.get(interaction_type="biometrics.change_confirmed")
    assert row.raw_data["direction_is_good"] is True
    assert (row.raw_data["before"], row.raw_data["after"]) == (62, 57)
    events = MomentumEvent.objects.filter(user=user, tag="biometric_change", units__gt=0)
    assert events.count() == 1
    changes.undo(user, change.pk, via="web", now=NOW + timedelta(minutes=1))
    assert not marked.exists()
    assert not events.exists()
    changes.confirm(user, change.pk, via="web", now=NOW + timedelta(minutes=2))
    assert events.count() == 1


def test_of_weight_nothing_is_told_but_that_it_was_confirmed() -> None:
    user = TrackedUserFactory()
    measure(user, "weight_kg", 90, 86)
    changes.find_changes(now=NOW)
    change = BiometricChange.objects.get(user=user)
    assert "86" not in changes.in_words(change)
    assert "90" not in changes.in_words(change)
    changes.confirm(user, change.pk, via="web", now=NOW)
    data = RawBehavioralLog.objects.get(interaction_type="biometrics.change_confirmed").raw_data
    assert data["direction_is_good"] is None
    assert not {"before", "after"} & data.keys()


def test_nobody_is_asked_about_weight_who_is_to_be_left_alone() -> None:
    anybody, told, minor = (
        TrackedUserFactory(),
        TrackedUserFactory(stated_goal="I had an eating disorder and want to sleep well"),
        TrackedUserFactory(birth_year=NOW.year - 16),
    )
    for user in (anybody, told, minor):
        measure(user, "weight_kg", 90, 86)
        measure(user, "steps", 5000, 9000)
    assert changes.find_changes(now=NOW) == 4
    assert {name for name, _, _ in found(anybody)} == {"steps", "weight_kg"}
    assert (
        [name for name, _, _ in found(told)] == [name for name, _, _ in found(minor)] == ["steps"]
    )


def test_a_question_about_weight_goes_when_its_person_tells_of_what_makes_it_unkind() -> None:
    user = TrackedUserFactory()
    measure(user, "weight_kg", 90, 86)
    assert changes.find_changes(now=NOW) == 1
    user.stated_goal = "I am recovering from anorexia"
    user.save()
    assert changes.find_changes(now=NOW + timedelta(days=7)) == 0
    assert found(user) == []


def test_without_consent_a_confirmation_stands_and_nothing_is_told() -> None:
    user = TrackedUserFactory()
    measure(user, "steps", 5000, 9000)
    changes.find_changes(now=NOW)
    agree(user, False)
    change = changes.confirm(user, BiometricChange.objects.get().pk, via="web", now=NOW)
    assert change.status == "confirmed"
    kind = "biometrics.change_confirmed"
    assert not RawBehavioralLog.objects.filter(interaction_type=kind).exists()


def test_consistency_tells_days_and_spread() -> None:
    user = UserFactory(timezone="UTC")
    days = [
        DayValue("sleep_minutes", LAST - timedelta(days=n), v) for n, v in enumerate([400, 460])
    ]
    record_days(user, days, "garmin", now=NOW)
    told = consistency(user, "sleep_minutes", NOW)
    assert (told.days, told.deviation) == (2, None)
    record_days(user, [DayValue("sleep_minutes", LAST - timedelta(days=5), 430)], "garmin", now=NOW)
    told = consistency(user, "sleep_minutes", NOW)
    assert told.share == pytest.approx(3 / 14)
    assert told.mean == 430
    assert told.deviation == pytest.approx(24.49, abs=0.01)
