"""Strength fades by halves, and grows only by confirmation."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coaching.memory.strength import (
    FADING,
    half_life_for,
    may_be_archived,
    reinforced,
    strength_now,
)

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
strengths = st.floats(0, 1)
half_lives = st.floats(0.5, 365)
days = st.floats(0, 5000)


def after(strength: float, half_life: float, passed: float) -> float:
    return strength_now(strength, half_life, START, now=START + timedelta(days=passed))


def test_half_is_left_after_a_half_life() -> None:
    assert after(0.7, 30, 30) == pytest.approx(0.35)
    assert after(0.7, 30, 0) == 0.7


def test_a_time_that_is_still_to_come_strengthens_nothing() -> None:
    assert strength_now(0.7, 30, START, now=START - timedelta(days=9)) == 0.7


@settings(max_examples=50, deadline=None)
@given(strengths, half_lives, days, days)
def test_it_never_grows_by_itself_and_stays_within_bounds(
    strength: float, half_life: float, one: float, other: float
) -> None:
    sooner, later = sorted((one, other))
    assert 0 <= after(strength, half_life, later) <= after(strength, half_life, sooner) <= strength


@settings(max_examples=50, deadline=None)
@given(strengths, half_lives)
def test_a_confirmation_never_weakens_and_never_exceeds_the_bounds(
    strength: float, half_life: float
) -> None:
    hold = reinforced(strength, half_life)
    assert strength <= hold.strength <= 1
    assert half_life <= hold.half_life_days <= FADING.half_life_cap_days


def test_a_half_life_grows_up_to_a_year() -> None:
    half_life = 30.0
    for _ in range(20):
        half_life = reinforced(0.5, half_life).half_life_days
    assert half_life == 365


@pytest.mark.parametrize(
    ("kind", "tags", "expected"),
    [
        ("context", (), 30),
        ("insight", ("goal",), 180),
        ("context", ("promise", "health"), 180),
        ("struggle", ("mood",), 7),
    ],
)
def test_goals_last_and_moods_pass(kind: str, tags: tuple[str, ...], expected: float) -> None:
    assert half_life_for(kind, tags) == expected


@pytest.mark.parametrize(
    ("strength", "times", "years", "archived"),
    [(0.04, 0, 1, True), (0.06, 0, 1, False), (0.04, 1, 1, False), (0.04, 0, 0, False)],
)
def test_only_what_is_weak_unused_and_old_is_put_away(
    strength: float, times: int, years: int, archived: bool
) -> None:
    age = timedelta(days=366 * years)
    assert may_be_archived(strength, times_referenced=times, age=age) is archived
