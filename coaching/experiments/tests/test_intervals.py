"""The formulas give what their authors and the tables give."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching.experiments.intervals import (
    Sample,
    chi_square_tail,
    difference_of_means,
    difference_of_proportions,
    mismatch_odds,
    people_needed,
    t_of,
    wilson,
)


def proportion(done: int, n: int) -> Sample:
    p = done / n
    return Sample(n, p, p * (1 - p) * n / (n - 1))


def test_wilson_gives_the_published_interval() -> None:
    # Newcombe 1998 (Statistics in Medicine 17, 857-872), 81 of 263.
    found = wilson(proportion(81, 263), 0.95)
    assert (round(found.low, 4), round(found.high, 4)) == (0.2553, 0.3662)


def test_newcombes_difference_gives_his_own_example() -> None:
    # Newcombe 1998 (Statistics in Medicine 17, 873-890), method 10: 56 of 70 and 48 of 80.
    found = difference_of_proportions(proportion(56, 70), proportion(48, 80), 0.95)
    assert (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)


def test_nothing_and_everything_still_have_an_interval() -> None:
    found = difference_of_proportions(Sample(10, 0.0), Sample(10, 0.0), 0.95)
    assert found.low == pytest.approx(-found.high)
    assert found.high > 0.25


@pytest.mark.parametrize(
    ("degrees", "quantile"), [(5, 2.5706), (10, 2.2281), (30, 2.0423), (120, 1.9799)]
)
def test_students_quantile_is_the_table_s(degrees: int, quantile: float) -> None:
    assert t_of(0.95, degrees) == pytest.approx(quantile, abs=2e-3)


def test_welchs_interval_follows_from_the_summary_of_two_groups() -> None:
    # Error sqrt(4/25 + 9/36) = 0.6403; 58.99 degrees of freedom; t = 2.0010.
    found = difference_of_means(Sample(25, 10.0, 4.0), Sample(36, 8.5, 9.0), 0.95)
    assert found.low == pytest.approx(1.5 - 2.0010 * 0.6403, abs=1e-3)
    assert found.high == pytest.approx(1.5 + 2.0010 * 0.6403, abs=1e-3)


def test_one_value_says_nothing_of_a_mean() -> None:
    assert -1e9 in difference_of_means(Sample(1, 3.0), Sample(50, 1.0, 1.0), 0.95)


@pytest.mark.parametrize(
    ("statistic", "degrees", "odds"),
    [(3.841, 1, 0.05), (5.991, 2, 0.05), (7.815, 3, 0.05), (13.277, 4, 0.01), (0.0, 1, 1.0)],
)
def test_the_chi_square_tail_is_the_table_s(statistic: float, degrees: int, odds: float) -> None:
    assert chi_square_tail(statistic, degrees) == pytest.approx(odds, abs=2e-4)


def test_groups_as_large_as_their_weights_fit_and_others_do_not() -> None:
    assert mismatch_odds([505, 495], [1, 1]) > 0.5
    assert mismatch_odds([660, 340], [2, 1]) > 0.5
    assert mismatch_odds([600, 400], [1, 1]) < 1e-6
    assert mismatch_odds([0, 0], [1, 1]) == 1.0


def test_people_needed_is_the_textbook_s() -> None:
    # 50 % against 60 % at 80 % power: about 385 to 388 people per group in the usual tables.
    needed = people_needed(Sample(100, 0.6, 0.24), Sample(100, 0.5, 0.25), 0.95, 0.8)
    assert needed is not None
    assert 380 <= needed <= 390


def test_no_difference_needs_no_number() -> None:
    assert people_needed(Sample(9, 0.5, 0.25), Sample(9, 0.5, 0.25), 0.95, 0.8) is None


@given(
    st.integers(2, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    st.integers(2, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
)
def test_a_difference_lies_in_its_interval_and_turns_with_its_sides(one, other) -> None:
    a, b = proportion(*one), proportion(*other)
    found, turned = (
        difference_of_proportions(a, b, 0.95),
        difference_of_proportions(b, a, 0.95),
    )
    assert found.low - 1e-9 <= a.mean - b.mean <= found.high + 1e-9
    assert -1 - 1e-9 <= found.low <= found.high <= 1 + 1e-9
    assert found.low == pytest.approx(-turned.high)
