"""What people do, measured: the same for everybody at once as for each by hand, on everybody's own clock."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from accounts.consent import set_consent
from accounts.day import day_bounds, local_day
from accounts.models import ConsentKind, ConsentSource, User
from accounts.tests.factories import UserFactory
from coaching.learning_permission import set_learning
from coaching.models import RawBehavioralLog
from coaching.personalization.behavior import BehavioralMetrics, BehavioralTracker
from coaching.personalization.behavior.days import History
from coaching.personalization.behavior.failures import find_patterns, probability_above
from coaching.personalization.behavior.metrics import NUMBERS
from coaching.personalization.config import PersonalizedCoachingConfig
from coaching.toolkit.knowing import BehaviorDay, BehaviorSource, Measure, behavior_sources

EVERYBODY = (UUID(int=0), UUID(int=2**128 - 1))
NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)  # a Monday, eight days after Berlin's clocks went back
TRACKER = BehavioralTracker(PersonalizedCoachingConfig())
MONDAY = date(2026, 11, 2).toordinal()
_keys = count()


def person(**fields: object) -> User:
    made = UserFactory(**{"created_at": NOW - timedelta(days=200), **fields})
    set_consent(made, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    return made


def did(
    user: User, moments: Iterable[datetime], *, kind: str = "habit.completed", **raw: object
) -> None:
    RawBehavioralLog.objects.bulk_create(
        RawBehavioralLog(
            user=user,
            interaction_type=kind,
            source="web",
            occurred_at=moment,
            raw_data=raw,
            idempotency_key=str(next(_keys)),
        )
        for moment in moments
    )


def at(user: User, hour: int, *back: int) -> list[datetime]:
    """That clock time on each of those days before NOW."""
    today = NOW.astimezone(user.tz).date()
    return [
        datetime.combine(today - timedelta(days=days), time(hour), tzinfo=user.tz) for days in back
    ]


def measured(user: User, now: datetime = NOW) -> BehavioralMetrics:
    metrics = TRACKER.metrics_of(user, now=now)
    assert metrics is not None
    return metrics


@pytest.mark.django_db
def test_the_number_of_queries_does_not_depend_on_the_number_of_people(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    did(person(), [NOW - timedelta(days=1)])
    TRACKER.calculate_metrics(
        *EVERYBODY, now=NOW
    )  # the zones that the database knows are read once
    with CaptureQueriesContext(connection) as few:
        assert len(TRACKER.calculate_metrics(*EVERYBODY, now=NOW)) == 1
    for _ in range(12):
        did(person(), [NOW - timedelta(days=1)])
    with django_assert_num_queries(len(few)):
        assert len(TRACKER.calculate_metrics(*EVERYBODY, now=NOW)) == 13


@pytest.mark.django_db
def test_nothing_is_measured_of_whoever_did_not_agree_or_paused_learning() -> None:
    silent, paused, unknown = UserFactory(), person(), person()
    did(paused, at(paused, 9, 1, 2))
    did(silent, at(silent, 9, 1, 2))
    set_learning(paused, False)
    assert set(TRACKER.calculate_metrics(*EVERYBODY, now=NOW)) == {unknown.pk}


@pytest.mark.django_db
def test_talking_with_the_coach_and_what_a_machine_wrote_is_not_logging() -> None:
    user = person()
    did(user, at(user, 9, 1), kind="coach.message_sent")
    RawBehavioralLog.objects.create(
        user=user,
        interaction_type="habit.completed",
        source="system",
        occurred_at=NOW - timedelta(days=2),
        idempotency_key="x",
    )
    assert measured(user).days_logged == 0


@pytest.mark.django_db
def test_streaks_shares_and_strength_of_a_month() -> None:
    user = person()
    did(user, at(user, 9, *range(1, 11), *range(13, 29)))
    metrics = measured(user)
    assert (metrics.days, metrics.days_logged) == (30, 26)
    assert (metrics.current_streak, metrics.longest_streak) == (10, 16)
    assert metrics.logging_consistency == pytest.approx(26 / 30)
    assert 0.5 < metrics.strength < 0.8
    assert "Logged something on 26 of the last 30 days." in metrics.in_words()
    did(user, at(user, 9, 0))
    assert measured(user).current_streak == 11  # today counts once there is something in it
    assert measured(user).days_logged == 26  # and is not one of the days that are over


@pytest.mark.django_db
def test_a_new_person_is_measured_over_the_days_they_have_been_here() -> None:
    user = person(created_at=NOW - timedelta(days=4))
    did(user, at(user, 9, 1, 3))
    assert (measured(user).days, measured(user).days_logged) == (4, 2)


zones = st.sampled_from(["Europe/Berlin", "America/St_Johns", "Pacific/Kiritimati", "Pacific/Apia"])


@pytest.mark.django_db
@settings(max_examples=15, deadline=None)
@given(
    zone=zones,
    day_start=st.integers(0, 6),
    hours=st.lists(st.integers(0, 40 * 24), min_size=1, max_size=25),
    week=st.integers(0, 52),
)
def test_days_are_the_persons_own_in_every_zone_and_night(
    zone: str, day_start: int, hours: list[int], week: int
) -> None:
    """Equals `local_day` of each moment, over clock changes, for people whose day begins at any hour."""
    now = NOW + timedelta(weeks=week)
    user = person(timezone=zone, day_start_hour=day_start)
    moments = [now - timedelta(hours=each) for each in hours]
    did(user, moments)
    today = local_day(user, now)
    days = {local_day(user, moment) for moment in moments}
    metrics = measured(user, now)
    assert metrics.until == today - timedelta(days=1)
    window = {today - timedelta(days=back) for back in range(1, 31)}
    assert metrics.days_logged == len(days & window)
    assert metrics.last_logged_on == max(days)
    begins, ends = day_bounds(user, today)
    assert begins <= now < ends
    user.delete()


def source_of(
    user: User, measure: Measure, days: dict[date, tuple[float, float]]
) -> BehaviorSource:
    def read(first: UUID, last: UUID, since: date, until: date) -> list[BehaviorDay]:
        return [
            BehaviorDay(user.pk, day, *each) for day, each in days.items() if since <= day <= until
        ]

    return BehaviorSource("test.days", measure, read)


@pytest.mark.django_db
def test_adherence_counts_days_in_target_of_days_that_asked() -> None:
    user = person()
    today = NOW.astimezone(user.tz).date()
    back = {0: (0, 1), 1: (2, 3), 2: (1, 3), 3: (0, 0), 4: (3, 3)}
    days = {today - timedelta(days=n): (float(a), float(b)) for n, (a, b) in back.items()}
    with behavior_sources.instead(test__days=source_of(user, Measure.IN_TARGET, days)):
        metrics = measured(user)
    assert (metrics.days_in_target, metrics.days_asked) == (2, 3)
    assert (metrics.fulfilled, metrics.asked) == (6, 9)
    assert metrics.adherence == pytest.approx(2 / 3)


@given(
    logged=st.sets(st.integers(0, 130)),
    target=st.dictionaries(st.integers(0, 130), st.sampled_from([(0.0, 1.0), (0.5, 1.0), (2.0, 3.0), (0.0, 0.0)])),
    lived=st.integers(1, 120),
)  # fmt: skip
@settings(max_examples=80, deadline=None)
def test_figures_equal_those_of_a_patient_clerk(
    logged: set[int], target: dict[int, tuple[float, float]], lived: int
) -> None:
    """Day 130 is yesterday, 131 today; the clerk counts every figure in a loop of its own."""
    until, first = MONDAY, MONDAY - lived + 1
    days = {MONDAY - 130 + day for day in logged}
    asked = {MONDAY - 130 + day: each for day, each in target.items()}
    metrics = TRACKER.measure(History(first=first, until=until, logged=days, target=asked))
    window = [day for day in range(first, until + 1) if day > until - 30]
    assert metrics.days == len(window)
    assert metrics.days_logged == len([day for day in window if day in days])
    current = 0
    while until - current in days and until - current >= first:
        current += 1
    assert metrics.current_streak == current
    longest = max(
        next(n for n in range(lived + 2) if day + n not in days or day + n > until)
        for day in range(first, until + 1)
    )
    assert metrics.longest_streak == longest
    weights = [(1 - NUMBERS.keep) * NUMBERS.keep**back for back in range(lived)]
    strength = sum(weight for back, weight in enumerate(weights) if until - back in days)
    assert metrics.strength == pytest.approx(strength)
    told = [asked[day] for day in window if asked.get(day, (0, 0))[1] > 0]
    assert metrics.days_asked == len(told)
    assert metrics.days_in_target == len([1 for done, of in told if done / of >= 0.6])


# --- How it comes apart ---------------------------------------------------------------------------
def history(logged: Iterable[int], **more: object) -> History:
    return History(first=MONDAY - 84, until=MONDAY, logged=set(logged), **more)  # type: ignore[arg-type]


def keys(found: History) -> list[str]:
    return [pattern.key for pattern in find_patterns(found)]


def weeks(weekdays: Iterable[int]) -> list[int]:
    """Those weekdays (0: Monday) of the twelve weeks up to Monday, and that Monday."""
    days = [MONDAY - 84 + 7 * week + day for week in range(12) for day in weekdays]
    return [*days, MONDAY]


def test_weekends_that_fall_away_and_mondays_that_start_anew() -> None:
    (pattern,) = find_patterns(history(weeks(range(5))))
    assert (pattern.key, pattern.times, pattern.of) == ("monday_restarts", 8, 8)
    assert pattern.words == "Weekends fall away and Monday starts anew: 8 of 8 weeks."
    assert pattern.confidence > 0.99
    assert keys(history(weeks(range(7)))) == []
    assert keys(history(weeks([1]))) == []


def test_weekends_above_the_range_against_weekdays_within_it() -> None:
    days = range(MONDAY - 55, MONDAY + 1)
    is_weekend = {day: (day + 6) % 7 >= 5 for day in days}
    over = {day: (2600.0 if is_weekend[day] else 1900.0, 2200.0) for day in days}
    assert keys(history(weeks(range(7)), intake=over)) == ["weekend_overeating"]
    without_target = {day: (kcal, 0.0) for day, (kcal, _) in over.items()}
    assert keys(history(weeks(range(7)), intake=without_target)) == ["weekend_overeating"]
    every_day = dict.fromkeys(days, (2600.0, 2200.0))
    assert keys(history(weeks(range(7)), intake=every_day)) == []
    four_meals = {day: over[day] for day in list(days)[:4]}
    assert keys(history(weeks(range(7)), intake=four_meals)) == []


def test_late_nights_and_gaps_after_good_runs() -> None:
    every = weeks(range(7))
    assert keys(history(every, timed=set(every), late=set(every[::2]))) == ["late_night"]
    assert keys(history(every, timed=set(every), late=set(every[::9]))) == []
    runs = [day for day in range(MONDAY - 84, MONDAY + 1) if (day - MONDAY) % 13 < 9]
    (pattern,) = find_patterns(history(runs))
    assert pattern.key == "post_streak_collapse"
    assert pattern.times == pattern.of


@given(st.integers(0, 40), st.integers(0, 40), st.floats(0.01, 0.99))
@settings(max_examples=60, deadline=None)
def test_confidence_is_a_probability_that_grows_with_evidence(
    times: int, others: int, floor: float
) -> None:
    p = probability_above(floor, times, times + others)
    assert 0 <= p <= 1
    assert probability_above(floor, times + 1, times + others + 1) >= p - 1e-9
    assert probability_above(floor, times, times + others + 1) <= p + 1e-9
    assert probability_above(0.5, 0, 0) == pytest.approx(0.5)
