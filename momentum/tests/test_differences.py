"""One day under two scoring versions: side by side, with the parameters that set them apart."""

from datetime import UTC, date, datetime, timedelta

import pytest

from momentum.differences import difference
from momentum.scoring.days import score_days
from momentum.scoring.versions import active, draft_from

from .factories import TrackedUserFactory, add_events, an_event

pytestmark = pytest.mark.django_db

FIRST = date(2026, 3, 2)
NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)


@pytest.fixture
def person():
    person = TrackedUserFactory(timezone="UTC")
    add_events(
        an_event(person, FIRST + timedelta(days=number), kind, score, raw_value=raw)
        for number in range(2)
        for kind, score, raw in [("sleep", 0.5, 300), ("steps", 1, 9000), ("action_step", 1, 1)]
    )
    return person


def beside(person, changes):
    a = active()
    b = draft_from(a, changes, name="v2")
    for version in (a, b):
        score_days(FIRST, FIRST + timedelta(days=1), people=[person.pk], version=version, now=NOW)
    return difference(person, FIRST + timedelta(days=1), a, b)


def test_other_weights_and_half_lives_are_named_and_make_the_change(person):
    found = beside(
        person,
        {
            "pillars": {"biometric": {"weight": 0.5, "half_life_days": 3}},
            "kinds": {"sleep": {"weight": 3}},
        },
    )
    assert found.change == found.second.after - found.first.after < 0
    assert found.because == (
        "Body weighs 0.5 instead of 0.25.",
        "Body has a half-life of 3 days instead of 14 days.",
        "Sleep weighs 3 instead of 1.",
    )
    sleep = next(one for one in found.signals if one.kind == "sleep")
    assert (sleep.first.share, sleep.second.share) == (0.5, 0.75)


def test_another_way_to_read_a_value_shows_in_the_value(person):
    rule = {"normalizer": "ratio", "parameters": {"target": 18000}}
    found = beside(person, {"normalizers": {"biometrics.steps": rule}})
    steps = next(one for one in found.signals if one.kind == "steps")
    assert (steps.first.value, steps.second.value) == (1, 0.5)
    assert found.because == (
        "“steps” is read as ratio (target 18000) instead of ratio (target 8000).",
    )


def test_a_kind_left_out_has_one_side_only_and_an_unscored_day_no_change(person):
    found = beside(person, {"kinds": {"steps": {"weight": 0}}})
    steps = next(one for one in found.signals if one.kind == "steps")
    assert steps.second is None
    other = difference(person, FIRST - timedelta(days=9), active(), active())
    assert (other.first, other.change, other.signals, other.because) == (None, None, (), ())
