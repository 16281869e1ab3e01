"""What came of each week: counted on the person's own days, once it is over, for who agrees."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from accounts.tests.factories import UserFactory
from coaching.models import RawBehavioralLog
from momentum import outcomes
from momentum.models import (
    BiometricStream,
    GoalProgressLog,
    MomentumPillar,
    OutcomeMetric,
)
from momentum.scoring.versions import active

from .factories import TrackedUserFactory, agree

pytestmark = pytest.mark.django_db

WEEK = date(2026, 6, 1)  # a Monday
LATER = datetime(2026, 9, 1, 12, tzinfo=UTC)


@pytest.fixture
def person():
    return TrackedUserFactory(timezone="UTC", day_start_hour=3)


def at(day_of_week, hour=12):
    return datetime(2026, 6, 1, hour, tzinfo=UTC) + timedelta(days=day_of_week)


def did(user, *moments, source="web"):
    for moment in moments:
        RawBehavioralLog.objects.create(
            user=user,
            interaction_type="habit.completed",
            source=source,
            occurred_at=moment,
            idempotency_key=str(uuid4()),
        )


def progressed(user, goal, percent, moment):
    GoalProgressLog.objects.create(
        user=user,
        goal_id=goal,
        goal_text="Run",
        percent_complete=percent,
        at=moment,
        log_id=uuid4(),
    )


def week_of(user, *, now=LATER, week=WEEK):
    list(outcomes.compute(week, week, now=now))
    return OutcomeMetric.objects.filter(user=user, week=week).first()


def test_active_days_are_the_persons_own_and_by_hand(person):
    # Two in the night of Tuesday still is Monday; Sunday's night lies before the week.
    did(person, at(0), at(1, 2), at(3), at(0, 2))
    did(person, at(5), source="system")
    did(person, at(6), source="import")
    row = week_of(person)
    assert (row.was_active, row.active_days) == (True, 2)


def test_the_persons_zone_decides_the_day():
    person = TrackedUserFactory(timezone="Pacific/Auckland", day_start_hour=0)
    did(person, at(6, 13))  # Monday of the next week in Auckland
    assert week_of(person) is None
    assert week_of(person, week=WEEK + timedelta(days=7)).active_days == 1


def test_a_week_waits_until_it_is_over_for_the_person():
    east = TrackedUserFactory(timezone="Pacific/Auckland", day_start_hour=0)
    west = TrackedUserFactory(timezone="Pacific/Honolulu", day_start_hour=0)
    did(east, at(2))
    did(west, at(2))
    sunday_night = at(6, 20)
    assert week_of(east, now=sunday_night) is not None
    assert week_of(west, now=sunday_night) is None
    assert week_of(west, now=at(7, 11)) is not None


def test_retention_is_known_after_four_weeks_only(person):
    did(person, at(0), at(7 + 20))
    assert week_of(person, now=at(34)).is_retained is None
    assert week_of(person, now=at(35)).is_retained is True
    stayed_away = TrackedUserFactory(timezone="UTC")
    did(stayed_away, at(0), at(35))
    assert week_of(stayed_away).is_retained is False


def test_silence_is_told_for_four_weeks_and_then_nothing_more(person):
    did(person, at(0))
    silent = week_of(person, week=WEEK + timedelta(weeks=4))
    assert (silent.was_active, silent.active_days) == (False, 0)
    assert week_of(person, week=WEEK + timedelta(weeks=5)) is None


def test_goal_attainment_is_the_gain_of_the_week(person):
    did(person, at(0))
    run, read = uuid4(), uuid4()
    progressed(person, run, 20, at(-3))
    progressed(person, run, 26, at(2))
    progressed(person, run, 30, at(4))
    progressed(person, run, 90, at(8))
    progressed(person, read, 4, at(5))
    assert week_of(person).goal_attainment == pytest.approx((10 + 4) / 2)


def test_no_goal_is_not_no_gain_and_standing_still_is(person):
    did(person, at(0))
    assert week_of(person).goal_attainment is None
    progressed(person, uuid4(), 40, at(-10))
    assert week_of(person).goal_attainment == 0
    done = TrackedUserFactory(timezone="UTC")
    did(done, at(0))
    progressed(done, uuid4(), 100, at(-10))
    assert week_of(done).goal_attainment is None


def measured(user, days, value, **more):
    for day in days:
        BiometricStream.objects.create(
            user=user,
            metric=more.get("metric", "steps"),
            date=WEEK + timedelta(days=day),
            value=value,
            unit="count",
            source=more.get("source", "garmin"),
            is_preferred=more.get("is_preferred", True),
            measured_until=at(day),
        )


def test_a_change_of_the_body_is_against_the_four_weeks_before(person):
    did(person, at(0))
    measured(person, range(-7, 0), 5000)
    measured(person, range(-40, -29), 90000)
    measured(person, range(3), 6500)
    measured(person, range(3), 9, source="manual", is_preferred=False)
    measured(person, range(2), 480, metric="sleep_minutes")
    measured(person, range(-7, 0), 400, metric="sleep_minutes")
    assert week_of(person).biometric_change == {"steps": 1500}


def test_the_mean_score_is_of_the_active_version(person):
    did(person, at(0))
    version = active().name
    for day, score, name in [(0, 60, version), (1, 70, version), (2, 5, "v9"), (8, 5, version)]:
        MomentumPillar.objects.create(
            user=person, date=WEEK + timedelta(days=day), version=name, overall_score=score
        )
    assert week_of(person).mean_score == pytest.approx(65)


def test_who_did_not_agree_or_is_gone_has_no_outcomes():
    never, withdrew = UserFactory(timezone="UTC"), TrackedUserFactory(timezone="UTC")
    gone = TrackedUserFactory(timezone="UTC", deleted_at=LATER)
    for user in (never, withdrew, gone):
        did(user, at(0))
    agree(withdrew, granted=False)
    for user in (never, withdrew, gone):
        assert week_of(user) is None


def test_computing_again_changes_nothing_and_a_dry_run_writes_nothing(person):
    did(person, at(0))
    count = lambda **more: sum(  # noqa: E731 - three short calls below
        one.rows for one in outcomes.compute(WEEK, WEEK, now=LATER, **more)
    )
    assert count(dry_run=True) == 1
    assert not OutcomeMetric.objects.exists()
    assert count() == 1
    first = OutcomeMetric.objects.get()
    assert first.id.version == 7
    assert count() == 0
    assert count(dry_run=True) == 0
    did(person, at(1))
    assert count() == 1
    assert OutcomeMetric.objects.get().id == first.id


def test_the_daily_run_takes_the_weeks_that_just_ended_and_those_whose_aftermath_did():
    assert outcomes.weeks_due(datetime(2026, 7, 15, 5, tzinfo=UTC)) == [
        date(2026, 6, 1),
        date(2026, 6, 8),
        date(2026, 6, 29),
        date(2026, 7, 6),
    ]


def test_the_command_says_what_it_does(person):
    did(person, at(0))
    out = StringIO()
    days = ["--from", "2026-06-03", "--to", "2026-06-07"]
    call_command("compute_outcomes", *days, "--dry-run", stdout=out)
    assert "1 rows would be new or changed" in out.getvalue()
    assert not OutcomeMetric.objects.exists()
    call_command("compute_outcomes", *days, stdout=out)
    assert OutcomeMetric.objects.count() == 1
    with pytest.raises(CommandError):
        call_command("compute_outcomes", "--from", "2026-06-03", "--to", "2026-06-01")


def test_people_see_their_own_weeks_and_progress(client, person):
    did(person, at(0))
    progressed(person, uuid4(), 10, at(1))
    week_of(person)
    client.force_login(person)
    [week] = client.get("/api/v1/momentum/outcomes/").json()["results"]
    assert (week["week"], week["active_days"], week["goal_attainment"]) == ("2026-06-01", 1, 10)
    [step] = client.get("/api/v1/momentum/goal-progress/").json()["results"]
    assert step["percent_complete"] == 10
    address = f"/api/v1/momentum/goal-progress/?goal_id={uuid4()}"
    assert client.get(address).json()["results"] == []
    assert client.get("/api/v1/momentum/goal-progress/?goal_id=x").status_code == 400
    client.force_login(UserFactory())
    assert client.get("/api/v1/momentum/outcomes/").json()["results"] == []
    assert client.get("/api/v1/momentum/goal-progress/").json()["results"] == []


def test_weight_is_not_told_in_the_list_of_outcomes(client, person):
    OutcomeMetric.objects.create(
        user=person,
        week=WEEK,
        was_active=True,
        active_days=1,
        biometric_change={"weight_kg": -1.2, "steps": 5.0},
    )
    client.force_login(person)
    [week] = client.get("/api/v1/momentum/outcomes/").json()["results"]
    assert week["biometric_change"] == {"steps": 5.0}
