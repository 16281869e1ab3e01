"""Where somebody stands: in words, with what moved it, or honestly why there is nothing."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.tests.factories import UserFactory
from momentum.models import Direction, MomentumPillar
from momentum.scoring.days import score_days
from momentum.scoring.versions import active
from momentum.standing import Gap, history, standing_of

from .factories import TrackedUserFactory, add_events, agree, an_event

pytestmark = pytest.mark.django_db

TODAY = date(2026, 6, 20)
NOW = datetime(2026, 6, 20, 12, tzinfo=UTC)


@pytest.fixture
def person():
    return TrackedUserFactory(timezone="UTC")


def scored(user, *happened):
    """Keeps events given as (days ago, kind, score) and scores every day until today."""
    add_events(
        an_event(user, TODAY - timedelta(days=ago), kind, score) for ago, kind, score in happened
    )
    first = TODAY - timedelta(days=max(ago for ago, *_ in happened))
    score_days(first, TODAY, people=[user.pk], version=active(), now=NOW)


def pillar(standing, name):
    return next(one for one in standing.pillars if one.name == name)


def test_today_is_told_with_its_pillars_and_what_moved_it(person):
    scored(person, (1, "sleep", 0.4), (1, "action_step", 1.0), (0, "action_step", 0.0))
    found = standing_of(person, NOW)
    assert found.is_of_today
    assert found.is_provisional
    assert found.gap is None
    assert [one.title for one in found.pillars] == ["Mind", "Action", "Connection", "Body"]
    assert pillar(found, "behavioral").words == "From today"
    assert pillar(found, "biometric").words == "From yesterday"
    assert (pillar(found, "cognitive").score, pillar(found, "cognitive").words) == (
        None,
        "Nothing yet",
    )
    [mover] = found.movers
    assert mover.title == "Action steps"
    assert mover.points < 0
    assert found.coverage_words == "Fresh: new today: Action; without: Mind and Connection."


def test_a_baseline_is_spoken_of_from_fourteen_days_with_evidence_on(person):
    scored(person, *((ago, "action_step", 1.0) for ago in range(13)))
    found = standing_of(person, NOW)
    assert (found.baseline, found.days_until_baseline) == (None, 1)
    assert found.baseline_words == "Calibrating: 1 more day until your own level shows."
    assert (found.direction, found.state) == (Direction.CALIBRATING, "Calibrating")
    other = TrackedUserFactory(timezone="UTC")
    scored(other, *((ago, "action_step", 1.0) for ago in range(14)))
    found = standing_of(other, NOW)
    assert (found.baseline, found.days_until_baseline) == (pytest.approx(100), 0)
    assert found.baseline_words == "Your own level of late is about 100."
    assert found.direction is Direction.STEADY


def test_without_consent_there_is_nothing_but_what_to_do(person):
    scored(person, (0, "action_step", 1.0))
    agree(person, granted=False)
    for user in (person, UserFactory()):
        found = standing_of(user, NOW)
        assert (found.gap, found.overall, found.movers) == (Gap.NO_CONSENT, None, ())
        assert "Settings" in found.to_do
        assert history(user, TODAY, TODAY) == []


def test_who_has_told_nothing_yet_is_told_how_to_begin(person):
    found = standing_of(person, NOW)
    assert found.gap is Gap.NOTHING_YET
    assert "first score" in found.to_do


def test_an_older_row_says_so_and_one_too_old_is_not_shown(person):
    name = active().name
    for ago in (28, 29):
        MomentumPillar.objects.all().delete()
        MomentumPillar.objects.create(
            user=person,
            date=TODAY - timedelta(days=ago),
            version=name,
            overall_score=50,
            behavioral_score=50,
            behavioral_evidence_on=TODAY - timedelta(days=ago),
            finalized_at=NOW,
        )
        found = standing_of(person, NOW)
        if ago == 28:
            assert (found.gap, found.is_of_today, found.overall) == (None, False, 50)
            assert found.day_words == "Of 23 May, the last day with a score; final."
        else:
            assert (found.gap, found.overall) == (Gap.TOO_LONG_AGO, None)


def test_a_day_of_another_version_or_person_or_to_come_is_not_shown(person):
    name = active().name
    rows = [(UserFactory(), TODAY, name), (person, TODAY, "v9"), (person, NOW.date(), "v8")]
    rows.append((person, TODAY + timedelta(days=1), name))
    for user, day, version in rows:
        MomentumPillar.objects.create(user=user, date=day, version=version, overall_score=50)
    assert standing_of(person, NOW).gap is Gap.NOTHING_YET


def test_history_is_in_order_and_of_one_version(person, django_assert_num_queries):
    scored(person, (3, "action_step", 1.0))
    version = active()
    MomentumPillar.objects.create(user=person, date=TODAY, version="v9", overall_score=1)
    with django_assert_num_queries(1):
        rows = history(person, TODAY - timedelta(days=2), TODAY, version)
    assert [row.date for row in rows] == [TODAY - timedelta(days=ago) for ago in (2, 1, 0)]
    assert [row.version for row in history(person, TODAY, TODAY)] == [version.name]


def test_where_somebody_stands_costs_few_queries(person, django_assert_max_num_queries):
    scored(person, *((ago, "action_step", 1.0) for ago in range(3)), (1, "sleep", 1))
    with django_assert_max_num_queries(7):
        standing_of(person, NOW)
