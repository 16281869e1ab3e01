"""What policies earn on a lived record adds up as by hand, and nothing beats knowing everybody."""

import random
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching.outreach.rehearsal.truth import Earnings, Point, earnings

NOON = datetime(2026, 10, 7, 12, 0, tzinfo=UTC)


def point(
    without: float, gain: float, *, spoke: bool = False, available: bool = True, person: int = 1
) -> Point:
    return Point(
        person=UUID(int=person),
        available=available,
        lot=0.5,
        until=NOON,
        without=without,
        effect=lambda tiredness: gain - 0.1 * tiredness,
        tiredness=0.0,
        price=0.05,
        spoke=spoke,
    )


def test_two_points_of_two_people_add_up() -> None:
    earned = earnings([point(0.2, 0.3, spoke=True), point(0.4, 0.0, person=2)], random.Random(1))
    assert earned.points == 2
    assert earned.never == pytest.approx(0.6)
    assert earned.policy == pytest.approx(0.2 + 0.3 - 0.05 + 0.4)
    assert earned.always == pytest.approx(0.6 + 0.3 - 0.05 - 0.05)
    assert earned.best == pytest.approx(earned.policy)
    assert earned.quarter == pytest.approx(0.6 + 0.25 * (0.3 - 0.05 - 0.05))


def test_each_policy_tires_people_in_its_own_way() -> None:
    earned = earnings([point(0.5, 0.2), point(0.5, 0.2)], random.Random(1))
    assert earned.always == pytest.approx(0.5 + 0.15 + 0.5 + 0.05)


def test_who_had_no_choice_earns_nothing() -> None:
    assert earnings([point(0.5, 0.2, available=False)], random.Random(1)) == Earnings()


lives = st.lists(
    st.builds(
        point,
        st.floats(0.1, 0.5),
        st.floats(-0.1, 0.4),
        spoke=st.booleans(),
        person=st.integers(1, 3),
    ),
    min_size=1,
    max_size=12,
)


@given(lives)
def test_no_fixed_rule_beats_the_best(life: list[Point]) -> None:
    earned = earnings(life, random.Random(1))
    assert earned.best >= max(earned.never, earned.always) - 1e-9
