"""The formula in its plain form, as properties."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching.toolkit.declarations import Gathering, Pillar, SignalKind
from momentum.models import Direction
from momentum.scoring.formula import DayState, score_day
from momentum.scoring.parameters import CONSTANTS, PillarWay
from momentum.scoring.ways import Kind, Way

MONDAY = date(2026, 3, 2)
DAY = timedelta(days=1)


@dataclass
class Told:
    """An event as the formula reads it."""

    tag: str
    normalized_score: float
    units: float = 1.0
    is_summary: bool = False
    event_type: str = "some.thing"
    raw_value: float = 0.0


def kind(name: SignalKind, pillar: Pillar, weight: float = 1.0, **more: object) -> Kind:
    given_values: dict[str, object] = {
        "saturation": 1,
        "gathering": Gathering.MEAN,
        "is_summarized": False,
    }
    return Kind(name, pillar, weight, **(given_values | more))  # type: ignore[arg-type]


KINDS = [
    kind(SignalKind.ACTION_STEP, Pillar.BEHAVIORAL, is_summarized=True),
    kind(SignalKind.GOAL_PROGRESS, Pillar.BEHAVIORAL, 0.5),
    kind(
        SignalKind.TILE_INTERACTION,
        Pillar.COGNITIVE,
        0.2,
        saturation=3,
        gathering=Gathering.COUNT,
    ),
    kind(SignalKind.MOTIVATION, Pillar.COGNITIVE, 1.0),
    kind(SignalKind.COACH_TONE, Pillar.RELATIONAL, 0.7),
    kind(SignalKind.SLEEP, Pillar.BIOMETRIC, 1.0),
]
WAY = Way(
    "v1",
    {
        pillar: PillarWay(weight=weight, half_life_days=half_life)
        for (pillar, weight), (_, half_life) in zip(
            CONSTANTS.weights, CONSTANTS.half_lives_days, strict=True
        )
    },
    {one.name: one for one in KINDS},
    {},
)


def run(days: Sequence[Sequence[Told]], way: Way = WAY) -> list[DayState | None]:
    """The states of consecutive days."""
    states: list[DayState | None] = []
    before: DayState | None = None
    for offset, events in enumerate(days):
        before = score_day(before, MONDAY + offset * DAY, events, way)
        states.append(before)
    return states


def events_of(share: float = 0.6) -> st.SearchStrategy[list[Told]]:
    one = st.builds(
        Told,
        tag=st.sampled_from([each.name for each in KINDS]),
        normalized_score=st.floats(0, 1, allow_subnormal=False),
        units=st.sampled_from([0.0, 0.5, 1.0, 3.0]),
        is_summary=st.booleans(),
    )
    return st.lists(one, max_size=6)


DAYS = st.lists(st.one_of(st.just([]), events_of()), min_size=1, max_size=60)


@given(DAYS)
def test_every_score_lies_between_0_and_100(days: list[list[Told]]) -> None:
    for state in run(days):
        if state is None:
            continue
        assert 0 <= state.coverage <= 1
        scores = [each.score for each in state.pillars.values()]
        for value in [*scores, state.overall, state.average_7, state.average_42]:
            assert value is None or 0 <= value <= 100


@given(DAYS, st.data())
def test_raising_a_score_lowers_nothing(days: list[list[Told]], data: st.DataObject) -> None:
    places = [(d, e) for d, events in enumerate(days) for e in range(len(events))]
    if not places:
        return
    d, e = data.draw(st.sampled_from(places))
    better = [list(events) for events in days]
    told = better[d][e]
    more = data.draw(st.floats(told.normalized_score, 1))
    better[d][e] = replace(told, normalized_score=more)
    for before, after in zip(run(days), run(better), strict=True):
        if before is None or after is None:
            assert before is after
            continue
        for pillar in Pillar:
            low, high = before.pillars[pillar].score, after.pillars[pillar].score
            assert (low is None) == (high is None)
            assert low is None or high is None or high >= low - 1e-9
        if before.overall is not None:
            assert after.overall is not None
            assert after.overall >= before.overall - 1e-9


@given(DAYS, st.integers(1, 28))
def test_a_silent_day_changes_no_score_and_is_no_zero(days: list[list[Told]], quiet: int) -> None:
    full = [*days, [Told(one.name, 0.5) for one in KINDS]]
    states = run([*full, *[[] for _ in range(quiet)]])
    known = states[len(days)]
    assert known is not None
    last = known
    for state in states[len(days) + 1 :]:
        assert state is not None
        assert state.pillars == known.pillars
        assert state.overall == known.overall
        assert state.coverage < last.coverage
        last = state


@given(st.permutations([Told("sleep", n / 7, 1 + n % 3) for n in range(7)]))
def test_the_order_of_arrival_does_not_matter(events: list[Told]) -> None:
    (state,) = run([events])
    (expected,) = run([sorted(events, key=lambda told: told.normalized_score)])
    assert state == expected


@given(st.floats(0, 1), st.integers(1, 6), st.lists(events_of(), max_size=20))
def test_steady_partial_adherence_becomes_that_share(
    share: float, asked: int, before: list[list[Told]]
) -> None:
    steady = [[Told("action_step", share, float(asked), is_summary=True)] for _ in range(365)]
    state = run([*before, *steady])[-1]
    assert state is not None
    score = state.pillars[Pillar.BEHAVIORAL].score
    assert score is not None
    assert math.isclose(score, 100 * share, abs_tol=0.01)


def test_two_of_three_each_day_is_two_thirds() -> None:
    day = [Told("action_step", 1.0), Told("action_step", 1.0), Told("action_step", 0.0)]
    state = run([day] * 40)[-1]
    assert state is not None
    assert state.pillars[Pillar.BEHAVIORAL].score == pytest.approx(66.667, abs=0.001)


def test_half_of_the_old_is_left_after_a_half_life() -> None:
    silent: list[list[Told]] = [[] for _ in range(13)]
    state = run([[Told("sleep", 1.0)], *silent, [Told("sleep", 0.0)]])[-1]
    assert state is not None
    assert state.pillars[Pillar.BIOMETRIC].score == pytest.approx(50.0)


def test_many_occasions_a_day_move_the_score_faster() -> None:
    one = run([[Told("action_step", 0.0)], [Told("action_step", 1.0)]])[-1]
    four = run([[Told("action_step", 0.0)], [Told("action_step", 1.0)] * 4])[-1]
    assert one is not None
    assert four is not None
    assert one.pillars[Pillar.BEHAVIORAL].score == pytest.approx(100 * (1 - 2 ** (-1 / 13)))
    assert four.pillars[Pillar.BEHAVIORAL].score == pytest.approx(100 * (1 - 2 ** (-2 / 13)))


def test_a_summary_speaks_for_its_whole_day() -> None:
    told = [Told("action_step", 1.0)] * 3
    state = run([[*told, Told("action_step", 0.25, 4.0, is_summary=True)]])[0]
    assert state is not None
    assert state.pillars[Pillar.BEHAVIORAL].score == 25.0


def test_ten_taps_are_not_ten_times_one() -> None:
    three, ten = (
        run([[Told("tile_interaction", 1.0)] * 3]),
        run([[Told("tile_interaction", 1.0)] * 10]),
    )
    assert three == ten
    assert three[0] is not None
    assert three[0].pillars[Pillar.COGNITIVE].score == 100.0


def test_a_pillar_lapses_after_its_days_and_the_last_row_says_so() -> None:
    states = run([[Told("sleep", 0.5)], *[[] for _ in range(40)]])
    assert states[28] is not None
    assert states[28].overall == 50.0
    assert states[29] is not None
    assert states[29].overall is None
    assert states[29].coverage == 0
    assert states[29].average_42 == 50.0
    assert all(state is None for state in states[30:])


def test_a_direction_is_named_after_a_baseline_only() -> None:
    states = run([[Told("sleep", 0.2)]] * 13 + [[Told("sleep", 1.0)]] * 20)
    directions = [state.direction for state in states if state is not None]
    assert set(directions[:13]) == {Direction.CALIBRATING}
    assert directions[-1] is Direction.RISING
    falling = run([[Told("sleep", 1.0)]] * 20 + [[Told("sleep", 0.0)]] * 10)[-1]
    assert falling is not None
    assert falling.direction is Direction.EASING
    steady = run([[Told("sleep", 0.7)]] * 20)[-1]
    assert steady is not None
    assert steady.direction is Direction.STEADY


def test_events_that_speak_for_nothing_and_kinds_of_no_weight_count_for_nothing() -> None:
    assert run([[Told("sleep", 1.0, units=0.0)]]) == [None]
    assert run([[Told("visit", 1.0)]]) == [None]
