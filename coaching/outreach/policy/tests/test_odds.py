"""The odds of a message, the dosage, and the moments at which they are asked for."""

from datetime import UTC, date, datetime, timedelta
from math import erf, isclose, sqrt
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.outreach.backoff import Activity, BackOff, backoff
from coaching.outreach.policy.availability import Situation, Unavailable, unavailable
from coaching.outreach.policy.config import NUMBERS
from coaching.outreach.policy.features import (
    FEATURES,
    features_of,
    share_of_hour,
    usually_inactive,
    vector,
)
from coaching.outreach.policy.points import offset_minutes, point_reached, with_point_reached
from coaching.outreach.policy.regression import Belief, prior
from coaching.outreach.policy.thompson import (
    chance_of_benefit,
    clipped,
    next_dosage,
    regressors,
)

CHANCES = st.floats(0, 1)
NOW = datetime(2026, 6, 10, 10, 0, tzinfo=UTC)


@given(CHANCES)
def test_the_odds_stay_between_a_fifth_and_four_fifths(raw):
    assert 0.2 <= clipped(raw) <= 0.8
    if raw <= 0.5:
        assert clipped(raw) == 0.2
    if raw >= 0.875:
        assert clipped(raw) == 0.8


@given(CHANCES, CHANCES)
def test_being_surer_of_a_benefit_never_lowers_the_odds(one, other):
    assert clipped(min(one, other)) <= clipped(max(one, other))


@given(st.lists(st.booleans(), max_size=400))
def test_the_dosage_is_the_sum_of_the_messages_with_decaying_weights(sent):
    dosage = 0.0
    for each in sent:
        dosage = next_dosage(dosage, sent=each)
    newest_first = reversed(sent)
    assert isclose(dosage, sum(0.95**age * each for age, each in enumerate(newest_first)))
    assert 0 <= dosage <= NUMBERS.dosage_limit


@given(st.floats(-5, 5), st.floats(0.01, 5))
def test_the_chance_of_benefit_is_that_of_the_normal_distribution(mean, spread):
    shifted = Belief((0.0, mean), ((1.0, 0.0), (0.0, spread**2)))
    expected = (1 + erf(mean / spread / sqrt(2))) / 2
    assert isclose(chance_of_benefit(shifted, [1.0]), expected, abs_tol=1e-9)


def test_a_belief_of_another_size_is_refused():
    with pytest.raises(ValueError, match="12 numbers for 3 features"):
        chance_of_benefit(prior(FEATURES), [1.0, 0.5, 0.5])


@given(st.floats(0.2, 0.8), st.lists(CHANCES, min_size=2, max_size=6))
def test_the_action_is_centred_by_its_odds(probability, features):
    told = regressors(features, probability, sent=True)
    silent = regressors(features, probability, sent=False)
    size = len(features)
    for i in range(size):
        assert told[i] == silent[i] == features[i]
        mean = probability * told[size + i] + (1 - probability) * silent[size + i]
        assert isclose(mean, 0, abs_tol=1e-12)


# --- Features -----------------------------------------------------------------------------------


@given(
    gap=st.floats(-1, 2),
    share=st.floats(0.001, 1),
    dosage=st.floats(0, 25),
    week=st.integers(0, 7),
    silence=st.floats(-1, 400),
)
def test_features_are_of_the_size_of_one(gap, share, dosage, week, silence):
    found = features_of(
        gap=gap,
        hour_share=share,
        dosage=dosage,
        active_days_in_week=week,
        days_since_active=silence,
    )
    assert list(found) == list(FEATURES)
    assert all(0 <= value <= 1 for value in vector(found))


@given(
    st.lists(st.integers(0, 60), min_size=24, max_size=24).map(
        lambda hours: list(map(float, hours))
    )
)
def test_the_shares_of_the_hours_add_up_and_little_activity_is_nearly_even(hours):
    shares = [share_of_hour(hours, hour) for hour in range(24)]
    assert isclose(sum(shares), 3)
    assert share_of_hour([0.0] * 24, 5) == 3 / 24


def test_someone_active_in_the_evening_is_usually_inactive_in_the_morning():
    evenings = [0.0] * 24
    evenings[19] = evenings[20] = 40.0
    assert usually_inactive(evenings, 9, active_days=30)
    assert not usually_inactive(evenings, 20, active_days=30)
    assert not usually_inactive(evenings, 9, active_days=5), "too early to say"


# --- Availability -------------------------------------------------------------------------------


def situation(**changes) -> Situation:
    calm = backoff(Activity(today=date(2026, 6, 10), last_active_at=NOW), now=NOW)
    given = {
        "now": NOW,
        "today": date(2026, 6, 10),
        "is_automation_paused": False,
        "in_crisis_pause": False,
        "wants_nudges": True,
        "away_from": None,
        "away_until": None,
        "is_quiet": False,
        "is_over_budget": False,
        "back_off": calm,
        "last_active_at": NOW - timedelta(hours=3),
        "has_need": True,
        "has_words": True,
        "is_usually_inactive": False,
    }
    return Situation(**{**given, **changes})


def resting(**changes) -> BackOff:
    given = {
        "wait_days": 3.0,
        "until": None,
        "digest_only": False,
        "churn": None,
        "check_in_is_due": False,
    }
    return BackOff(**{**given, **changes})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"is_automation_paused": True}, Unavailable.AUTOMATION_PAUSED),
        ({"in_crisis_pause": True}, Unavailable.CRISIS_PAUSE),
        ({"wants_nudges": False}, Unavailable.NUDGES_OFF),
        ({"away_from": date(2026, 6, 10), "away_until": date(2026, 6, 10)}, Unavailable.AWAY),
        ({"away_from": date(2026, 6, 11), "away_until": date(2026, 6, 12)}, None),
        ({"is_quiet": True}, Unavailable.QUIET_HOURS),
        ({"is_over_budget": True}, Unavailable.OVER_BUDGET),
        ({"back_off": resting(digest_only=True)}, Unavailable.DIGEST_ONLY),
        ({"back_off": resting(until=NOW + timedelta(minutes=1))}, Unavailable.BACKING_OFF),
        ({"back_off": resting(until=NOW)}, None),
        ({"last_active_at": NOW - timedelta(minutes=29)}, Unavailable.JUST_ACTIVE),
        ({"last_active_at": NOW - timedelta(minutes=30)}, None),
        ({"last_active_at": None}, None),
        ({"has_need": False}, Unavailable.NO_NEED),
        ({"has_words": False}, Unavailable.NO_WORDS),
        ({"is_usually_inactive": True}, Unavailable.USUALLY_INACTIVE),
        ({"in_crisis_pause": True, "has_need": False}, Unavailable.CRISIS_PAUSE),
    ],
)
def test_each_reason_against_a_nudge(changes, reason):
    assert unavailable(situation(**changes)) == reason


# --- Points -------------------------------------------------------------------------------------

IDS = st.uuids(version=4)


@given(IDS, st.sampled_from(sorted(NUMBERS.points)))
def test_a_person_has_an_offset_of_their_own_within_twenty_minutes(user_id, point):
    offset = offset_minutes(user_id, point)
    assert -20 <= offset <= 20
    assert offset == offset_minutes(UUID(str(user_id)), point)


def test_offsets_are_spread_evenly():
    offsets = sorted(offset_minutes(UUID(int=number), "midday") for number in range(2000))
    assert max(abs(offset - (i / 1000 - 1) * 20) for i, offset in enumerate(offsets)) < 2


@given(
    IDS,
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"]),
    st.datetimes(datetime(2026, 1, 2), datetime(2026, 12, 30)),
)
def test_a_round_every_ten_minutes_meets_every_point_of_a_day_in_any_zone(user_id, zone, day):
    person = User(pk=user_id, timezone=zone)
    start = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    rounds = [start + timedelta(minutes=10 * step) for step in range(24 * 6)]
    met = [point for at in rounds if (point := point_reached(person, at))]
    # Each is offered three times, since a point that was passed over may be caught up with.
    assert {point: met.count(point) for point in NUMBERS.points} == dict.fromkeys(NUMBERS.points, 3)


def test_the_query_finds_whom_the_rule_finds(db: None):
    zones = ["Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "UTC"]
    people = [UserFactory(timezone=zones[number % 4]) for number in range(40)]
    found_any = 0
    for step in range(0, 24 * 60, 7):
        now = NOW + timedelta(minutes=step, seconds=13 * step % 60)
        clocks = {zone: now.astimezone(ZoneInfo(zone)) for zone in zones}
        expected = {person.pk for person in people if point_reached(person, now)}
        found = with_point_reached(User.objects.all(), clocks).values_list("pk", flat=True)
        assert set(found) == expected
        found_any += len(expected)
    assert found_any > 200
