"""Scores and corrections of stated odds: bounded, in order, and better only when they are."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coaching.learning import calibration
from coaching.learning.calibration import Correction, Pair

odds = st.floats(0, 1)
pairs = st.lists(st.tuples(odds, st.booleans()), min_size=1, max_size=60)


def outcomes(rng: Random, count: int, truth: Correction) -> list[Pair]:
    """Stated odds whose true odds are what `truth` makes of them."""
    said = [rng.uniform(0.05, 0.95) for _ in range(count)]
    return [(each, rng.random() < truth.apply(each)) for each in said]


def test_the_score_of_certainty_and_of_a_coin() -> None:
    assert calibration.brier([(1.0, True), (0.0, False)]) == 0
    assert calibration.brier([(0.5, True), (0.5, False)]) == 0.25
    assert calibration.brier([]) is None
    assert calibration.expected_error([]) is None


@settings(max_examples=50, deadline=None)
@given(pairs)
def test_bins_hold_everything_once_and_errors_are_bounded(given_pairs: list[Pair]) -> None:
    bins = calibration.reliability(given_pairs)
    assert sum(one.count for one in bins) == len(given_pairs)
    assert all(one.low - 1e-9 <= one.said <= one.high + 1e-9 for one in bins)
    error, score = calibration.expected_error(given_pairs), calibration.brier(given_pairs)
    assert error is not None
    assert score is not None
    assert 0 <= error <= 1
    assert 0 <= score <= 1


@settings(max_examples=40, deadline=None)
@given(pairs, odds, odds)
def test_a_correction_keeps_the_order_of_odds(given_pairs: list[Pair], a: float, b: float) -> None:
    correction = calibration.fit(given_pairs)
    low, high = sorted((a, b))
    assert correction.slope > 0
    assert 0 <= correction.apply(low) <= correction.apply(high) <= 1


def test_odds_that_promise_too_much_are_corrected() -> None:
    truth = Correction(0.5, -0.6)
    trial = calibration.tried(outcomes(Random(4), 2000, truth))
    assert trial is not None
    assert trial.is_better
    assert trial.correction.slope == pytest.approx(0.5, abs=0.12)
    assert trial.correction.intercept == pytest.approx(-0.6, abs=0.15)


def test_honest_odds_are_left_nearly_as_they_are() -> None:
    trial = calibration.tried(outcomes(Random(5), 2000, Correction()))
    assert trial is not None
    assert trial.correction.apply(0.7) == pytest.approx(0.7, abs=0.04)


def test_below_two_hundred_outcomes_nothing_is_corrected() -> None:
    assert calibration.tried(outcomes(Random(6), 199, Correction())) is None
