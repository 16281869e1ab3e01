"""Days scored for many at once: what the formula says, kept as rows."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from coaching.toolkit.declarations import Pillar
from momentum.models import MomentumEvent, MomentumPillar, ScoringVersion, VersionStatus
from momentum.scoring import versions
from momentum.scoring.days import score_days
from momentum.scoring.formula import DayState, score_day, state_of
from momentum.scoring.ways import way_of
from momentum.tests.factories import TrackedUserFactory, add_events, agree, an_event

pytestmark = pytest.mark.django_db
FIRST = date(2026, 3, 28)  # the clocks of Europe change on the 29th
NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SCORES = [*[f"{pillar}_score" for pillar in Pillar], "overall_score", "coverage"]
CHECKED = [*SCORES, "average_7", "average_42"]
# A kind, its score, how many occasions, whether it sums up, on which day: enough to meet each rule.
EVENT = st.tuples(
    st.sampled_from(["action_step", "tile_interaction", "planning", "sleep", "coach_tone"]),
    st.floats(0, 1, allow_subnormal=False).map(lambda value: round(value, 6)),
    st.sampled_from([0.0, 0.5, 1.0, 3.0]),
    st.booleans(),
    st.one_of(st.integers(0, 4), st.integers(0, 45)),
)


def drafted() -> ScoringVersion:
    """A version with other weights, half-lives and rules than the first."""
    return versions.draft_from(
        versions.active(),
        {
            "pillars": {"behavioral": {"weight": 3.0, "half_life_days": 4.0}},
            "kinds": {"action_step": {"weight": 0.3}, "tile_interaction": {"saturation": 5}},
            "normalizers": {
                "habit.completed": {
                    "normalizer": "linear",
                    "parameters": {"low": 0.9, "high": 0.1},
                }
            },
        },
        name="v2",
    )


def by_formula(user: User, version: ScoringVersion, last: date) -> dict[date, DayState]:
    way, states = way_of(version), {}
    before: DayState | None = None
    day = FIRST
    while day <= last:
        events = MomentumEvent.objects.filter(user=user, local_date=day)
        before = score_day(before, day, events, way)
        if before is not None:
            states[day] = before
        day += DAY
    return states


def rows_of(user: User, version: ScoringVersion) -> dict[date, MomentumPillar]:
    rows = MomentumPillar.objects.filter(user=user, version=version.name)
    return {row.date: row for row in rows}


def assert_same(user: User, version: ScoringVersion, last: date) -> None:
    expected, rows = by_formula(user, version, last), rows_of(user, version)
    assert sorted(rows) == sorted(expected)
    for day, state in expected.items():
        told = state_of(rows[day])
        assert told.evidence_days == state.evidence_days
        assert told.overall == pytest.approx(state.overall, abs=1e-6)
        assert told.coverage == pytest.approx(state.coverage, abs=1e-9)
        assert told.average_7 == pytest.approx(state.average_7, abs=1e-6)
        assert told.average_42 == pytest.approx(state.average_42, abs=1e-6)
        for pillar in Pillar:
            assert told.pillars[pillar].evidence_on == state.pillars[pillar].evidence_on
            assert told.pillars[pillar].score == pytest.approx(
                state.pillars[pillar].score, abs=1e-6
            )
        if (
            state.average_7 is None
            or state.average_42 is None
            or (abs(abs(state.average_7 - state.average_42) - 2.0) > 1e-6)
        ):
            assert told.direction == state.direction


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(EVENT, min_size=1, max_size=30),
    st.lists(EVENT, max_size=10),
    st.sampled_from(["whole", "day by day", "one person"]),
)
def test_one_statement_a_day_says_what_the_formula_says(
    db: None,
    one: list[tuple[str, float, float, bool, int]],
    other: list[tuple[str, float, float, bool, int]],
    manner: str,
) -> None:
    MomentumPillar.objects.all().delete()
    MomentumEvent.objects.all().delete()
    ScoringVersion.objects.filter(name="v2").delete()
    people = [TrackedUserFactory.create(), TrackedUserFactory.create()]
    add_events(
        an_event(user, FIRST + n * DAY, kind, score, units=units, is_summary=is_summary)
        for user, told in zip(people, (one, other), strict=True)
        for kind, score, units, is_summary, n in told
    )
    last = FIRST + 50 * DAY
    for version in (versions.active(), drafted()):
        if manner == "whole":
            score_days(FIRST, last, version=version, now=NOW)
        elif manner == "day by day":
            for n in range(51):
                score_days(FIRST + n * DAY, FIRST + n * DAY, version=version, now=NOW)
        else:
            for user in people:
                score_days(FIRST, last, people=[user.pk], version=version, now=NOW)
        for user in people:
            assert_same(user, version, last)


def test_running_it_again_changes_nothing() -> None:
    user = TrackedUserFactory.create()
    add_events(an_event(user, FIRST + n * DAY, "sleep", 0.5 + n / 20) for n in range(5))
    version = versions.active()
    done = score_days(FIRST, FIRST + 9 * DAY, version=version, now=NOW)
    assert (done.rows, done.events, done.changed) == (10, 5, 10)
    before = rows_of(user, version)
    again = score_days(FIRST, FIRST + 9 * DAY, version=version, now=NOW + DAY)
    assert (again.rows, again.changed) == (10, 0)
    for day, row in rows_of(user, version).items():
        assert row.pk == before[day].pk
        assert row.scored_at == before[day].scored_at
        assert row.revised_at is None


def test_days_that_nobody_scored_are_filled_before_the_next() -> None:
    user = TrackedUserFactory.create()
    add_events([an_event(user, FIRST, "sleep", 0.5), an_event(user, FIRST + 2 * DAY, "sleep", 1.0)])
    version = versions.active()
    score_days(FIRST, FIRST, version=version, now=NOW)
    score_days(FIRST + 6 * DAY, FIRST + 6 * DAY, people=[user.pk], version=version, now=NOW)
    assert_same(user, version, FIRST + 6 * DAY)


def test_a_change_of_a_final_day_says_when_and_why() -> None:
    early, other = TrackedUserFactory.create(), TrackedUserFactory.create()
    version = versions.active()
    for user in (early, other):
        add_events([an_event(user, FIRST, "sleep", 0.5)])
    score_days(FIRST, FIRST + DAY, version=version, now=NOW)
    assert rows_of(early, version)[FIRST].finalized_at is not None
    add_events([an_event(early, FIRST, "sleep", 1.0)])
    later = NOW + 3 * DAY
    score_days(
        FIRST,
        FIRST + DAY,
        people=[early.pk, other.pk],
        version=version,
        reason={early.pk: "Sleep of 28 Mar arrived on 23 May"},
        now=later,
    )
    row = rows_of(early, version)[FIRST]
    assert row.revised_at == later
    assert row.revision_reason == "Sleep of 28 Mar arrived on 23 May"
    assert rows_of(other, version)[FIRST].revised_at is None


def test_a_provisional_day_is_not_revised_but_scored() -> None:
    user = TrackedUserFactory.create()
    version = versions.active()
    add_events([an_event(user, NOW.date(), "sleep", 0.5)])
    score_days(NOW.date(), NOW.date(), version=version, now=NOW)
    add_events([an_event(user, NOW.date(), "sleep", 1.0)])
    score_days(NOW.date(), NOW.date(), version=version, reason="More sleep", now=NOW)
    row = rows_of(user, version)[NOW.date()]
    assert row.biometric_score == 75.0
    assert row.finalized_at is None
    assert row.revised_at is None
    assert row.revision_reason == ""


def test_when_nothing_stands_behind_a_day_any_more_its_row_goes() -> None:
    user = TrackedUserFactory.create()
    version = versions.active()
    add_events([an_event(user, FIRST, "sleep", 0.5)])
    score_days(FIRST, FIRST + 3 * DAY, version=version, now=NOW)
    MomentumEvent.objects.filter(user=user).delete()
    score_days(FIRST, FIRST + 3 * DAY, version=version, now=NOW)
    assert rows_of(user, version) == {}


def test_years_of_silence_are_passed_over(django_assert_max_num_queries: Any) -> None:
    user, other = TrackedUserFactory.create(), TrackedUserFactory.create()
    version = versions.active()
    long_ago = FIRST - 9_000 * DAY
    add_events([an_event(user, long_ago, "sleep", 0.5), an_event(user, FIRST, "sleep", 1.0)])
    add_events([an_event(other, FIRST - 100 * DAY, "sleep", 0.25)])
    # Of a day in between something once was told that is gone.
    for day in (FIRST - 500 * DAY, FIRST - 499 * DAY):
        MomentumPillar.objects.create(user=user, date=day, version="v1", overall_score=40)
    with django_assert_max_num_queries(120):
        score_days(long_ago, FIRST, people=[user.pk, other.pk], version=version, now=NOW)
    days = sorted(rows_of(user, version))
    assert days == [*(long_ago + n * DAY for n in range(30)), FIRST]
    assert rows_of(user, version)[FIRST].overall_score == 100
    assert len(rows_of(other, version)) == 30


def test_nobody_is_scored_without_consent_or_after_leaving() -> None:
    people = [TrackedUserFactory.create() for _ in range(4)]
    add_events(an_event(user, FIRST, "sleep", 0.5) for user in people)
    withdrew, left, inactive, stays = people
    agree(withdrew, False)
    User.objects.filter(pk=left.pk).update(deleted_at=NOW)
    User.objects.filter(pk=inactive.pk).update(is_active=False)
    score_days(FIRST, FIRST, version=versions.active(), now=NOW)
    scored = set(MomentumPillar.objects.values_list("user", flat=True))
    assert scored == {stays.pk}
    for user in (withdrew, left, inactive):
        score_days(FIRST, FIRST, people=[user.pk], version=versions.active(), now=NOW)
    assert MomentumPillar.objects.count() == 1


def test_nobody_has_a_row_for_a_day_that_has_not_begun_for_them() -> None:
    now = datetime(2026, 5, 20, 11, tzinfo=UTC)
    # The 21st begins at three for the one in Auckland, where it is 23:00 on the 20th.
    home = TrackedUserFactory.create(timezone="Pacific/Auckland", day_start_hour=3)
    west = TrackedUserFactory.create(timezone="America/Los_Angeles", day_start_hour=5)
    east = TrackedUserFactory.create(timezone="Pacific/Kiritimati", day_start_hour=0)
    people = [home, west, east]
    add_events(
        an_event(user, date(2026, 5, day), "sleep", 0.5) for user in people for day in (19, 20, 21)
    )
    score_days(date(2026, 5, 19), date(2026, 5, 22), version=versions.active(), now=now)
    last = {user: max(rows_of(user, versions.active())) for user in people}
    assert last == {home: date(2026, 5, 20), west: date(2026, 5, 19), east: date(2026, 5, 21)}


def test_ranges_and_lists_of_people_touch_nobody_else() -> None:
    people = sorted((TrackedUserFactory.create() for _ in range(4)), key=lambda user: user.pk)
    add_events(an_event(user, FIRST, "sleep", 0.5) for user in people)
    version = versions.active()
    score_days(FIRST, FIRST, id_range=(people[1].pk, people[2].pk), version=version, now=NOW)
    assert scored_people() == {people[1].pk, people[2].pk}
    score_days(FIRST, FIRST, people=[people[3].pk], version=version, now=NOW)
    assert scored_people() == {people[1].pk, people[2].pk, people[3].pk}
    assert score_days(FIRST, FIRST, people=[], version=version, now=NOW).rows == 0


def scored_people() -> set[UUID]:
    return set(MomentumPillar.objects.values_list("user", flat=True))


def test_versions_stand_side_by_side() -> None:
    user = TrackedUserFactory.create()
    add_events([an_event(user, FIRST, "action_step", 1.0)])
    one, two = versions.active(), drafted()
    for version in (one, two):
        score_days(FIRST, FIRST, version=version, now=NOW)
    assert rows_of(user, one)[FIRST].behavioral_score == 100.0
    assert (
        rows_of(user, two)[FIRST].behavioral_score == 0.0
    )  # falling from .1 to .9 in this version
    assert two.status == VersionStatus.DRAFT
