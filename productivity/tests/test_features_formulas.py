"""The formulas, against what is known of them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.tests.factories import UserFactory
from productivity.features import evaluation, formulas, motivation
from productivity.features.formulas import IDLE, LAST_MOMENT, LATE, OVERDUE_TIME, PUT_OFF, Part
from productivity.features.numbers import MOTIVATION, NUMBERS
from productivity.models import FeatureSnapshot, Task

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SHARE = st.floats(0, 1)
FEW = NUMBERS.fewest_active_hours


def parts(late: float, put_off: float, moment: float, idle: float, many: int) -> list[Part]:
    return [
        Part(LATE, late * many, many, NUMBERS.weight_late),
        Part(PUT_OFF, put_off * many, many, NUMBERS.weight_put_off),
        Part(OVERDUE_TIME, late * many / 2, many, NUMBERS.weight_overdue_time),
        Part(LAST_MOMENT, moment * many, many, NUMBERS.weight_last_moment),
        Part(IDLE, idle * many / 7, many / 7, NUMBERS.weight_idle),
    ]


def test_rates_are_one_in_ten_until_shown_otherwise() -> None:
    assert formulas.smoothed(0, 0) == pytest.approx(0.1)
    assert formulas.smoothed(30, 30) == pytest.approx(31 / 40)
    assert formulas.smoothed_good(0, 0) == pytest.approx(0.9)
    assert formulas.smoothed_good(10, 10) == pytest.approx(0.95)


def test_a_clock_is_not_bursty_and_a_crowd_is() -> None:
    assert formulas.burstiness(50, 1.0, 0.0, FEW) == pytest.approx(-1)
    assert formulas.burstiness(100_000, 1.0, 1.0, FEW) == pytest.approx(0, abs=0.01)
    # One long pause after many short ones: the most that a series of this length can have (Kim and Jo 2016).
    many = 40
    gaps = np.zeros(many)
    gaps[-1] = 1.0
    assert formulas.burstiness(many, gaps.mean(), gaps.std(), FEW) == pytest.approx(1, abs=0.01)


def test_few_active_hours_tell_nothing_of_bursts() -> None:
    assert formulas.burstiness(FEW - 2, 1.0, 0.5, FEW) is None
    assert formulas.burstiness(FEW - 1, 1.0, 0.5, FEW) is not None
    assert formulas.burstiness(-1, 0.0, 0.0, FEW) is None


@given(st.integers(1, 500), st.floats(0.01, 1e4), st.floats(0, 1e5))
def test_burstiness_stays_within_its_bounds(gaps: int, mean: float, deviation: float) -> None:
    found = formulas.burstiness(gaps, mean, deviation, 2)
    assert found is None or -1 <= found <= 1


@given(SHARE, SHARE, SHARE, SHARE, st.integers(10, 400))
def test_a_score_lies_within_its_interval_within_0_and_100(
    late: float, put_off: float, moment: float, idle: float, many: int
) -> None:
    score = formulas.score_of(parts(late, put_off, moment, idle, many), many, many)
    assert score is not None
    assert 0 <= score.low <= score.value <= score.high <= 100


@given(SHARE, SHARE, SHARE, SHARE, SHARE, st.integers(20, 200))
def test_being_late_more_often_never_lowers_the_score(
    late: float, more: float, put_off: float, moment: float, idle: float, many: int
) -> None:
    low, high = sorted((late, more))
    scores = [
        formulas.score_of(parts(share, put_off, moment, idle, many), many, many)
        for share in (low, high)
    ]
    assert scores[0] is not None
    assert scores[1] is not None
    assert scores[0].value <= scores[1].value + 1e-9


def test_more_tasks_make_the_interval_narrower() -> None:
    widths = []
    for many in (10, 40, 160):
        score = formulas.score_of(parts(0.3, 0.2, 0.2, 0.1, many), many, many)
        assert score is not None
        widths.append(score.high - score.low)
    assert widths == sorted(widths, reverse=True)


def test_too_few_tasks_or_due_moments_make_no_score() -> None:
    few, due = NUMBERS.fewest_tasks, NUMBERS.fewest_due
    some = parts(0.5, 0.5, 0.5, 0.5, 10)
    assert formulas.score_of(some, few - 1, due) is None
    assert formulas.score_of(some, few, due - 1) is None
    assert formulas.score_of(some, few, due) is not None


def test_a_part_without_evidence_is_left_out_and_the_others_keep_their_proportion() -> None:
    known = [Part(LATE, 10, 40, 0.3), Part(LAST_MOMENT, 0, 0, 0.7)]
    score = formulas.score_of(known, 40, 40)
    assert score is not None
    assert score.value == pytest.approx(100 * 11 / 50)


# --- Motivation ---------------------------------------------------------------------------------
def simulated(impulsiveness: float, seed: int, tasks: int = 150) -> tuple[list[float], list[float]]:
    """Waiting days and tasks done per stretch of days to due, of somebody with this impulsiveness."""
    chance = np.random.default_rng(seed)
    edges = MOTIVATION.day_edges
    done, days = [0.0] * (len(edges) - 1), [0.0] * (len(edges) - 1)
    for left in chance.uniform(2, 20, tasks):
        while left > 0:
            step = min(0.05, left)
            at = next(i for i, edge in enumerate(edges[1:]) if left <= edge)
            days[at] += step
            if chance.random() < 0.6 * step / (1 + impulsiveness * left):
                done[at] += 1
                break
            left -= step
    return done, days


def test_impulsiveness_is_found_again_from_when_things_were_done() -> None:
    wide = formulas.prior_on_grid(0.0, 3.0)
    found = [
        np.mean([formulas.impulsiveness(*simulated(true, seed), wide) for seed in range(4)])
        for true in (0.05, 0.4, 3.0)
    ]
    assert found[0] < 0.15
    assert 0.2 < found[1] < 0.8
    assert found[2] > 1.2


def test_without_history_impulsiveness_is_everybodys_and_little_history_moves_it_little() -> None:
    prior = formulas.prior_on_grid(np.log(0.5), 0.5)
    none = [0.0] * (len(MOTIVATION.day_edges) - 1)
    assert formulas.impulsiveness(none, none, prior) == pytest.approx(0.5, rel=0.02)
    narrow, wide = formulas.prior_on_grid(np.log(0.5), 0.2), formulas.prior_on_grid(0.0, 3.0)
    told = simulated(5.0, 1, tasks=20)
    assert formulas.impulsiveness(*told, narrow) < formulas.impulsiveness(*told, wide)


def test_the_prior_of_people_is_found_again() -> None:
    chance = np.random.default_rng(3)
    told = [
        simulated(float(np.exp(chance.normal(-0.5, 0.6))), seed, tasks=80) for seed in range(60)
    ]
    done, days = (np.array([each[at] for each in told]) for at in (0, 1))
    mean, deviation = formulas.prior_from_people(done, days)
    assert -1.0 < mean < 0.0
    assert 0.2 < deviation < 1.1


@given(SHARE, SHARE, st.floats(0.01, 20), st.floats(0, 60), st.floats(0, 60))
def test_motivation_grows_towards_the_due_moment(
    expectancy: float, value: float, cost: float, near: float, far: float
) -> None:
    near, far = sorted((near, far))
    assert formulas.motivation(expectancy, value, cost, near) >= formulas.motivation(
        expectancy, value, cost, far
    )
    assert formulas.motivation(expectancy, value, cost, -3) == expectancy * value


def test_expectancy_is_drawn_from_the_size_to_the_category_to_the_person() -> None:
    row = FeatureSnapshot(
        score_parts={"done": 90, "ripe": 100, "impulsiveness": 0.5},
        category_clusters={
            "home": {"done": 0, "ripe": 40, "sizes": {"small": [0, 5], "large": [0, 35]}}
        },
    )
    whole = motivation.expectancy(row, "work", 10)
    home = motivation.expectancy(row, "home", None)
    small = motivation.expectancy(row, "home", 10)
    assert whole == pytest.approx(1 - 11 / 110)
    assert home < 0.25
    assert small < home
    assert motivation.expectancy(None, "home", 10) == pytest.approx(0.9)


@pytest.mark.django_db
def test_the_parts_of_a_task_multiply_to_its_motivation() -> None:
    user = UserFactory()
    task = Task(user=user, title="Write", priority=3, due_at=NOW + timedelta(days=2))
    found = motivation.parts_of(user, task, NOW)
    assert found.delay_days == pytest.approx(2)
    assert found.value == 1.0
    assert found.motivation == pytest.approx(
        found.expectancy * found.value / (1 + found.impulsiveness * 2)
    )
    assert motivation.parts_of(user, Task(user=user), NOW).delay_days == MOTIVATION.undated_days
    late = Task(user=user, due_at=NOW - timedelta(days=2))
    assert motivation.parts_of(user, late, NOW).delay_days == 0


# --- Drift --------------------------------------------------------------------------------------
def test_stability_is_none_with_few_people_small_for_the_same_and_large_for_a_shift() -> None:
    chance = np.random.default_rng(0)
    before = formulas.spread_of(chance.normal(0, 1, 2000).tolist())
    same = formulas.spread_of(chance.normal(0, 1, 2000).tolist(), before.edges)
    moved = formulas.spread_of(chance.normal(1, 1, 2000).tolist(), before.edges)
    few = formulas.spread_of([0.0] * 20, before.edges)
    found = [formulas.population_stability(before, after, 50) for after in (same, moved, few)]
    assert found[0] is not None
    assert found[1] is not None
    assert found[0] < 0.05 < 0.25 < found[1]
    assert found[2] is None


def test_only_what_comes_of_the_same_misses_widens_the_interval_together() -> None:
    def width(first: str, second: str) -> float:
        score = formulas.score_of([Part(first, 4, 20, 0.5), Part(second, 4, 20, 0.5)], 20, 20)
        assert score is not None
        return score.high - score.low

    apart, tied = width(LATE, PUT_OFF), width(LATE, OVERDUE_TIME)
    assert tied > 1.3 * apart
    assert width(LATE, LAST_MOMENT) == pytest.approx(apart)


def test_a_ranking_has_an_interval_over_people_not_tasks() -> None:
    truth, told = np.array([0.0, 1.0] * 20), np.linspace(0, 1, 40)
    few = evaluation.ranking(truth, told, [UUID(int=at // 10) for at in range(40)])
    many = evaluation.ranking(truth, told, [UUID(int=at) for at in range(40)])
    assert (few.people, many.people) == (4, 40)
    assert few.value == many.value
    assert many.low <= many.value <= many.high
    alike = evaluation.ranking(truth, truth, [UUID(int=at // 2) for at in range(40)])
    assert (alike.low, alike.value, alike.high) == (1, 1, 1)
