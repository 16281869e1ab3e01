"""One observation at a time gives what all of them at once give."""

from itertools import permutations
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching.outreach.policy.regression import Belief, belief_from, prior

NOISE = 0.4
ROWS = st.lists(
    st.tuples(st.lists(st.floats(-1, 1), min_size=4, max_size=4), st.floats(-1, 1)), max_size=25
)


def solved(matrix: list[list[float]], right: list[list[float]]) -> list[list[float]]:
    """Gauss-Jordan with pivoting: `matrix`⁻¹ · `right`."""
    size = len(matrix)
    rows = [list(line) + list(other) for line, other in zip(matrix, right, strict=True)]
    for column in range(size):
        pivot = max(range(column, size), key=lambda line: abs(rows[line][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = [value / rows[column][column] for value in rows[column]]
        for line in range(size):
            if line != column:
                factor = rows[line][column]
                rows[line] = [a - factor * b for a, b in zip(rows[line], rows[column], strict=True)]
    return [line[size:] for line in rows]


def at_once(start: Belief, rows: list[tuple[list[float], float]]) -> Belief:
    """The textbook: precision Λ = Λ₀ + XᵀX/σ², mean Λ⁻¹(Λ₀μ₀ + Xᵀy/σ²)."""
    size = start.size
    identity = [[float(i == j) for j in range(size)] for i in range(size)]
    precision = solved([list(line) for line in start.covariance], identity)
    pull = [sum(p * m for p, m in zip(line, start.mean, strict=True)) for line in precision]
    for x, y in rows:
        for i in range(size):
            pull[i] += x[i] * y / NOISE**2
            for j in range(size):
                precision[i][j] += x[i] * x[j] / NOISE**2
    covariance = solved(precision, identity)
    mean = solved(precision, [[value] for value in pull])
    return Belief(tuple(line[0] for line in mean), tuple(tuple(line) for line in covariance))


def are_close(one: Belief, other: Belief) -> bool:
    pairs = zip(
        [*one.mean, *sum(one.covariance, ())],
        [*other.mean, *sum(other.covariance, ())],
        strict=True,
    )
    return all(isclose(a, b, rel_tol=1e-6, abs_tol=1e-9) for a, b in pairs)


@given(ROWS)
def test_the_belief_equals_the_regression_on_all_rows_at_once(rows):
    start = prior(["bias", "gap"])
    belief = start
    for x, y in rows:
        belief = belief.after(x, y, NOISE)
    assert are_close(belief, at_once(start, rows))


@given(ROWS.filter(lambda rows: len(rows) >= 3))
def test_the_order_does_not_matter(rows):
    found = []
    for order in permutations(rows[:3]):
        belief = prior(["bias", "gap"])
        for x, y in order:
            belief = belief.after(x, y, NOISE)
        found.append(belief)
    assert all(are_close(found[0], other) for other in found)


@given(ROWS, st.lists(st.floats(-1, 1), min_size=4, max_size=4))
def test_spread_only_shrinks_and_stays_positive(rows, direction):
    belief = prior(["bias", "gap"])
    before = belief.along(direction)[1]
    for x, y in rows:
        belief = belief.after(x, y, NOISE)
        after = belief.along(direction)[1]
        assert -1e-12 <= after <= before + 1e-12
        before = after


@pytest.mark.parametrize(
    ("mean", "covariance"),
    [
        (None, None),
        ([1.0], [[1.0], [2.0]]),
        ([1.0, 2.0], [[1.0, 0.0], [0.0]]),
        (["x"], [[1.0]]),
        ([float("nan")], [[1.0]]),
        ([0.0], [[float("inf")]]),
    ],
)
def test_what_is_no_belief_is_refused(mean, covariance):
    with pytest.raises(ValueError, match=r"belief|convert"):
        belief_from(mean, covariance)


def test_a_belief_comes_back_as_it_was_stored():
    belief = prior(["bias", "gap"]).after([1.0, 0.2, 0.3, 0.1], 1.0, NOISE)
    assert belief_from(list(belief.mean), [list(line) for line in belief.covariance]) == belief
