"""Formulas against values from tables and against brute force."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching.experiments.intervals import Sample
from momentum import statistics


@pytest.mark.parametrize(
    ("t", "degrees", "odds"),
    [(2.571, 5, 0.05), (2.228, 10, 0.05), (3.169, 10, 0.01), (12.706, 1, 0.05), (1.96, 1e6, 0.05)],
)
def test_the_tail_of_students_t_is_that_of_the_tables(t, degrees, odds):
    assert statistics.t_tail(t, degrees) == pytest.approx(odds, rel=2e-3)
    assert statistics.t_tail(-t, degrees) == statistics.t_tail(t, degrees)


@given(st.floats(0, 50), st.floats(0.01, 5), st.floats(1, 500))
def test_further_out_is_rarer(t, more, degrees):
    assert 0 <= statistics.t_tail(t + more, degrees) <= statistics.t_tail(t, degrees) <= 1


def test_a_handful_of_equal_values_does_not_fool_it():
    flat, spread = Sample(5, 100, 0), Sample(60, 80, 1600)
    assert statistics.odds_of_chance(flat, spread) > 0.2
    assert statistics.odds_of_chance(spread, spread) == 1


def test_false_finds_are_those_of_benjamini_and_hochberg():
    odds = [0.01, 0.04, 0.03, 0.005]
    assert statistics.false_finds(odds) == pytest.approx([0.02, 0.04, 0.04, 0.02])
    assert statistics.false_finds([]) == []


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=30))
def test_the_area_under_the_curve_is_the_share_of_pairs(people):
    scores, outcomes = [s for s, _ in people], [o for _, o in people]
    pairs = [
        1 if a > b else 0.5 if a == b else 0 for a, yes in people if yes for b, o in people if not o
    ]
    expected = sum(pairs) / len(pairs) if pairs else None
    assert statistics.area_under_curve(scores, outcomes) == (
        None if expected is None else pytest.approx(expected)
    )


def test_rank_correlation_knows_the_extremes_and_ties():
    assert statistics.rank_correlation([1, 2, 3], [10, 20, 99]) == pytest.approx(1)
    assert statistics.rank_correlation([1, 2, 3], [5, 4, 1]) == pytest.approx(-1)
    assert statistics.rank_correlation([1, 1, 1], [1, 2, 3]) is None
    # By hand: ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4.
    assert statistics.rank_correlation([1, 2, 2, 3], [1, 2, 3, 4]) == pytest.approx(0.9486833)


def test_an_interval_by_drawing_again_covers_the_truth_about_as_often_as_it_says():
    rng = random.Random(7)
    covered = 0
    for seed in range(60):
        values = [[rng.gauss(5, 2)] for _ in range(40)]
        interval = statistics.bootstrap(
            values, lambda drawn: sum(drawn) / len(drawn), confidence=0.95, rounds=200, seed=seed
        )
        assert interval is not None
        covered += 5 in interval
    assert covered >= 52
    assert statistics.bootstrap([[1]], lambda _: None, confidence=0.95, rounds=10, seed=1) is None


def test_resemblance_is_of_neighbours_that_are_there():
    assert statistics.resemblance([0, 1] * 20) == pytest.approx(-1, abs=0.05)
    assert statistics.resemblance([0.0] * 20 + [1.0] * 20) > 0.9
    assert statistics.resemblance([1, None, 1, None]) == 0
    assert statistics.resemblance([1.0] * 9) == 0
