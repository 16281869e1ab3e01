"""What a day is made of: the parts sum to the change, exactly as stored and exactly as shown."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.models import User
from coaching.toolkit.naming import names_of_things
from momentum.explaining import Explanation, Happened, add_up, explain
from momentum.models import MomentumEvent, MomentumPillar
from momentum.scoring.days import score_days
from momentum.scoring.versions import active

from .factories import KINDS, TrackedUserFactory, add_events, agree, an_event

pytestmark = pytest.mark.django_db

FIRST = date(2026, 3, 2)
NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)


@pytest.fixture
def person():
    return TrackedUserFactory(timezone="UTC")


def day(number):
    return FIRST + timedelta(days=number)


def scored(user, events, until):
    """Keeps events given as (day, kind, score) and scores all days."""
    add_events(an_event(user, day(number), kind, score) for number, kind, score in events)
    score_days(FIRST, day(until), people=[user.pk], version=active(), now=NOW)


def explained(user: User, on: date) -> Explanation:
    """The explanation of a day that has one."""
    told = explain(user, on)
    assert told is not None
    return told


def part(explanation, name):
    return next(pillar for pillar in explanation.pillars if pillar.name == name)


def assert_adds_up(told):
    stored = {
        row.date: row.overall_score
        for row in MomentumPillar.objects.filter(date__in=[told.day, told.day - timedelta(days=1)])
    }
    before, after = stored.get(told.day - timedelta(days=1)), stored[told.day]
    if before is None or after is None:
        assert told.change is None
        assert all(pillar.points == 0 for pillar in told.pillars)
        return
    assert told.change == after - before
    assert sum(pillar.points for pillar in told.pillars) == pytest.approx(told.change, abs=1e-9)
    assert told.remainder == pytest.approx(0, abs=1e-9)
    shown = round(sum(pillar.shown_points for pillar in told.pillars), 1)
    assert round(round(before, 1) + shown, 1) == round(after, 1)
    for pillar in told.pillars:
        if pillar.happened is Happened.CARRIED:
            assert pillar.points == 0
        if pillar.kinds and pillar.happened in (Happened.MOVED, Happened.JOINED):
            kinds = sum(kind.points for kind in pillar.kinds)
            assert kinds == pytest.approx(pillar.points, abs=1e-9)
            shown = round(sum(kind.shown_points for kind in pillar.kinds), 1)
            assert shown == pillar.shown_points
            moved = sum(kind.pillar_points for kind in pillar.kinds)
            assert moved == pytest.approx(pillar.after - (pillar.before or 0), abs=1e-9)


happenings = st.lists(
    st.tuples(
        st.one_of(st.integers(0, 4), st.sampled_from([30, 33])),
        st.sampled_from(sorted(KINDS)),
        # A normalizer gives nothing or something that can be reckoned with, no subnormal number.
        st.one_of(st.just(0.0), st.floats(1e-12, 1)),
    ),
    min_size=1,
    max_size=25,
)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(happenings)
def test_whatever_happened_all_parts_sum_to_the_change_of_the_stored_scores(person, events):
    MomentumEvent.objects.all().delete()
    MomentumPillar.objects.all().delete()
    last = max(number for number, *_ in events)
    scored(person, events, last + 1)
    around = {number + more for number, *_ in events for more in (0, 1, 28, 29)} - set(
        range(last + 2, 99)
    )
    for number in sorted(around):
        told = explain(person, day(number))
        if told is not None:
            assert_adds_up(told)


@example([1.0] + [-1.2e-7] * 5, -0.1)
@given(st.lists(st.floats(-40, 40), min_size=1, max_size=8), st.sampled_from([-0.1, 0, 0.1]))
def test_shown_numbers_always_add_up_and_stay_near_the_true_ones(values, off):
    total = round(round(sum(values), 1) + off, 1)
    shown = add_up(values, total)
    if any(abs(value) > 1e-6 for value in values) or total == 0:
        assert round(sum(shown), 1) == pytest.approx(total)
    for value, rounded in zip(values, shown, strict=True):
        assert abs(value - rounded) <= 0.31


def test_nothing_keeps_its_zero_when_numbers_are_made_to_add_up():
    assert add_up([0.0, 0.24, 0.25, 0.0], 0.5) == [0.0, 0.2, 0.3, 0.0]


def test_a_pillar_that_joins_and_one_that_leaves_have_lines_of_their_own(person):
    events = [(0, "sleep", 0.2)] + [(n, "action_step", 1.0) for n in range(35)]
    scored(person, [*events, (10, "motivation", 0.5)], 34)
    joined = explained(person, day(10))
    assert part(joined, "cognitive").happened is Happened.JOINED
    assert part(joined, "cognitive").points < 0
    assert_adds_up(joined)
    left = next(
        told
        for number in range(27, 32)
        if part(told := explained(person, day(number)), "biometric").happened is Happened.LEFT
    )
    assert part(left, "biometric").points > 0
    assert "no longer counts" in part(left, "biometric").words
    assert_adds_up(left)


def test_a_carried_pillar_says_since_when_and_moves_nothing(person):
    scored(person, [(0, "sleep", 0.5), (0, "action_step", 1), (2, "action_step", 0)], 2)
    told = explained(person, day(2))
    body = part(told, "biometric")
    assert (body.happened, body.points, body.shown_points) == (Happened.CARRIED, 0, 0)
    assert body.weight > 0
    assert body.words == "Nothing new for 2 days: it stays at 50."
    assert part(told, "behavioral").points == pytest.approx(told.change)


def test_the_first_day_and_days_never_scored(person):
    scored(person, [(3, "steps", 0.5)], 5)
    first = explained(person, day(3))
    assert (first.change, first.before, first.after) == (None, None, 50)
    assert first.words == "A first score: 50.0."
    assert explain(person, day(2)) is None
    assert explain(TrackedUserFactory(), day(3)) is None


def test_of_who_withdrew_nothing_is_explained(person):
    scored(person, [(3, "steps", 0.5)], 3)
    agree(person, granted=False)
    assert explain(person, day(3)) is None


def test_values_are_told_in_words_people_use(person):
    add_events(
        [
            an_event(person, day(0), "sleep", 1.0, raw_value=440),
            an_event(person, day(0), "steps", 0.775, raw_value=6200),
            an_event(
                person,
                day(0),
                "action_step",
                0.8,
                raw_value=80,
                units=5,
                is_summary=True,
                event_type="momentum.day_closed",
            ),
            an_event(person, day(0), "action_step", 1.0),
            an_event(person, day(0), "tile_interaction", 1.0),
        ]
    )
    score_days(day(0), day(0), people=[person.pk], version=active(), now=NOW)
    told = explained(person, day(0))
    words = {kind.kind: kind.words for pillar in told.pillars for kind in pillar.kinds}
    assert words == {
        "sleep": "7 h 20 min of sleep",
        "steps": "6,200 steps",
        "action_step": "4 of 5 asked for",
        "tile_interaction": "1 tap on Today",
    }
    [step] = part(told, "behavioral").kinds
    assert [line.words for line in step.evidence] == ["done"]


def test_evidence_is_named_by_the_domain_it_comes_from(person):
    thing = uuid4()
    add_events([an_event(person, day(0), subject=f"action_step:{thing}:1")])
    score_days(day(0), day(0), people=[person.pk], version=active(), now=NOW)
    with names_of_things.instead(test__things=lambda user, ids: {thing: "Morning walk"}):
        [step] = part(explained(person, day(0)), "behavioral").kinds
    assert [line.words for line in step.evidence] == ["Morning walk: done"]


def test_what_came_in_since_is_a_remainder_and_not_hidden(person):
    scored(person, [(0, "action_step", 1), (1, "action_step", 0)], 1)
    add_events([an_event(person, day(1), "action_step", 1.0)])
    told = explained(person, day(1))
    action = part(told, "behavioral")
    assert action.remainder < -1
    assert told.is_recounted_soon
    assert sum(kind.points for kind in action.kinds) + action.remainder == action.points


def test_it_says_whether_a_day_is_final_and_why_it_was_revised(person):
    scored(person, [(0, "steps", 0.5)], 0)
    row = MomentumPillar.objects.filter(user=person)
    row.update(finalized_at=None)
    assert explained(person, day(0)).status_words == "Provisional: what arrives late still counts."
    row.update(
        finalized_at=datetime(2026, 3, 5, 12, tzinfo=UTC),
        revised_at=datetime(2026, 3, 9, 12, tzinfo=UTC),
        revision_reason="Sleep of 2 Mar arrived on 9 Mar",
    )
    assert explained(person, day(0)).status_words == (
        "Final since 5 Mar. Changed on 9 Mar: Sleep of 2 Mar arrived on 9 Mar."
    )


def test_an_explanation_costs_few_queries(person, django_assert_max_num_queries):
    scored(person, [(n, kind, 0.5) for n in range(3) for kind in KINDS], 2)
    version = active()
    with django_assert_max_num_queries(5):
        explain(person, day(2), version)
