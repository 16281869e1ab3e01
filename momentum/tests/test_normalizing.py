"""Raw values become scores in the same way in Python and in PostgreSQL."""

import math
import struct
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from coaching.toolkit import Normalizer, signals
from momentum.normalizing import check, normalize, normalize_sql

ODD = [
    math.nan,
    math.inf,
    -math.inf,
    5e-324,
    -5e-324,
    0.0,
    -0.0,
    1.7976931348623157e308,
    -1.7976931348623157e308,
]
raws = st.one_of(st.sampled_from(ODD), st.floats(), st.floats(-2000, 20000))
numbers = st.one_of(st.floats(-1e12, 1e12), st.floats(-1000, 1000), st.integers(-5, 5))


def fits(way: tuple[str, dict[str, Any]]) -> bool:
    try:
        check(*way)
    except ValueError:
        return False
    return True


ways: st.SearchStrategy[Any] = st.one_of(
    st.just((Normalizer.BINARY, {})),
    st.tuples(st.just(Normalizer.LINEAR), st.fixed_dictionaries({"low": numbers, "high": numbers})),
    st.tuples(st.just(Normalizer.RATIO), st.fixed_dictionaries({"target": numbers.map(abs)})),
    st.tuples(
        st.just(Normalizer.U_SHAPE),
        st.fixed_dictionaries(
            {"target": numbers, "tolerance": numbers.map(abs), "reach": numbers.map(abs)}
        ),
    ),
).filter(fits)
rising = st.tuples(
    st.just(Normalizer.LINEAR), st.fixed_dictionaries({"low": numbers, "high": numbers})
).filter(lambda way: fits(way) and way[1]["low"] < way[1]["high"])


def bits(number: float) -> bytes:
    return struct.pack("<d", number + 0.0)


class PostgresTests(TestCase):
    """One statement a case, for many raw values."""

    @given(ways, st.lists(raws, min_size=1, max_size=30))
    def test_postgres_scores_to_the_last_bit_as_python_does(
        self, way: tuple[str, dict[str, float]], values: list[float]
    ) -> None:
        values = [*values, *ODD, *self.edges(way[1])]
        expression = normalize_sql(*way, "told.raw")
        with connection.cursor() as cursor:
            rows = "unnest(%s::float8[]) WITH ORDINALITY AS told (raw, place) ORDER BY place"
            cursor.execute(f"SELECT {expression} FROM {rows}", [values])  # noqa: S608 - ours
            scores = [row[0] for row in cursor.fetchall()]
        here = [normalize(*way, value) for value in values]
        assert [bits(score) for score in scores] == [bits(score) for score in here]

    def edges(self, parameters: dict[str, float]) -> list[float]:
        """Each parameter as a raw value, and its neighbours."""
        found = []
        for number in map(float, parameters.values()):
            found += [
                number,
                -number,
                math.nextafter(number, math.inf),
                math.nextafter(number, -math.inf),
            ]
        return found


@given(ways, raws)
def test_every_score_lies_between_0_and_1(way: tuple[str, dict[str, float]], raw: float) -> None:
    assert 0.0 <= normalize(*way, raw) <= 1.0


@given(rising, raws, raws)
def test_more_is_never_less(way: tuple[str, dict[str, float]], one: float, other: float) -> None:
    if math.isnan(one) or math.isnan(other):
        return
    low, high = sorted([one, other])
    assert normalize(*way, low) <= normalize(*way, high)
    falling = {"low": way[1]["high"], "high": way[1]["low"]}
    assert normalize(way[0], falling, low) >= normalize(way[0], falling, high)


@given(ways.filter(lambda way: way[0] is Normalizer.U_SHAPE), st.floats(0, 1e6), st.floats(0, 1e6))
def test_further_from_the_target_is_never_better(
    way: tuple[str, dict[str, float]], one: float, other: float
) -> None:
    near, far = sorted([one, other])
    target = way[1]["target"]
    for side in (-1, 1):
        assert normalize(*way, target + side * near) >= normalize(*way, target + side * far)


def test_sleep_is_full_near_eight_hours_and_nothing_far_from_them() -> None:
    sleep = {"target": 480, "tolerance": 60, "reach": 240}
    hours = {3: 0.0, 5: 0.5, 7: 1.0, 8: 1.0, 9: 1.0, 11: 0.5, 13: 0.0}
    for hour, score in hours.items():
        assert normalize("u_shape", sleep, hour * 60) == pytest.approx(score)


def test_steps_are_full_from_the_target_on() -> None:
    for steps, score in {0: 0.0, 4000: 0.5, 8000: 1.0, 40000: 1.0, -5: 0.0}.items():
        assert normalize("ratio", {"target": 8000}, steps) == pytest.approx(score)


def test_what_is_not_a_number_scores_nothing() -> None:
    for name, parameters in [
        ("binary", {}),
        ("linear", {"low": 5, "high": 0}),
        ("ratio", {"target": 1}),
    ]:
        assert normalize(name, parameters, math.nan) == 0.0


@pytest.mark.parametrize(
    ("normalizer", "parameters"),
    [
        ("sigmoid", {}),
        ("binary", {"low": 1}),
        ("linear", {"low": 1}),
        ("linear", {"low": 1, "high": 1}),
        ("linear", {"low": 1, "high": math.nan}),
        ("linear", {"low": 1, "high": math.inf}),
        ("linear", {"low": 1, "high": "2"}),
        ("linear", {"low": False, "high": True}),
        ("ratio", {"target": 0}),
        ("ratio", {"target": 10**400}),
        ("u_shape", {"target": 1, "tolerance": -1, "reach": 1}),
        ("u_shape", {"target": 1, "tolerance": 1, "reach": 0}),
    ],
)
def test_parameters_that_do_not_fit_are_refused(
    normalizer: str, parameters: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        check(normalizer, parameters)
    with pytest.raises(ValueError, match=r"\.$"):
        normalize_sql(normalizer, parameters, "raw")


def test_all_declared_signals_have_parameters_that_fit() -> None:
    assert len(signals) >= 10
    for signal in signals:
        check(signal.normalizer, signal.parameters)
