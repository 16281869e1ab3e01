"""When a change is one: a slow slide is caught, a steady person is left alone, and chance writes nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coaching.personalization.behavior.metrics import (
    NUMBERS,
    BehavioralMetrics,
    two_proportions_z,
)
from coaching.personalization.change import (
    Change,
    ChangeCode,
    decide,
    significant_changes,
    strength_threshold,
)
from coaching.personalization.config import PersonalizedCoachingConfig

CONFIG = PersonalizedCoachingConfig()
START = date(2026, 1, 1)
BEFORE = NUMBERS.history_days  # days lived before the first writing


def figures(logged: np.ndarray, on_target: np.ndarray, day: int) -> BehavioralMetrics:
    """What the tracker would measure on the morning of `day`, from one boolean per day."""
    window = slice(max(0, day - CONFIG.behavioral_analysis_days), day)
    history = logged[max(0, day - BEFORE) : day]
    weights = (1 - NUMBERS.keep) * NUMBERS.keep ** np.arange(len(history) - 1, -1, -1)
    done = np.nonzero(logged[:day])[0]
    return BehavioralMetrics(
        until=START + timedelta(days=day - 1),
        days=len(logged[window]),
        days_logged=int(logged[window].sum()),
        strength=float((history * weights).sum()),
        observed_days=len(history),
        days_asked=len(on_target[window]),
        days_in_target=int(on_target[window].sum()),
        last_logged_on=START + timedelta(days=int(done[-1])) if len(done) else None,
    )


Rule = Callable[[BehavioralMetrics, BehavioralMetrics], bool]


def noticed(before: BehavioralMetrics, now: BehavioralMetrics) -> bool:
    return bool(significant_changes(before, now, config=CONFIG))


def naive(before: BehavioralMetrics, now: BehavioralMetrics) -> bool:
    """The rule that this one replaces: thresholds alone, against the week before."""
    shares = (
        (before.adherence, now.adherence, CONFIG.adherence_change_threshold),
        (before.logging_consistency, now.logging_consistency, CONFIG.logging_change_threshold),
    )
    return any(abs((new or 0) - (old or 0)) > threshold + 1e-9 for old, new, threshold in shares)


def weeks_left_alone(rule: Rule, *, people: int, weeks: int, against_last_week: bool) -> float:
    """The share of weeks in which nobody's prompt was touched, for people who do not change."""
    rng = np.random.default_rng(20260105)
    alone = 0
    for _ in range(people):
        days = BEFORE + 7 * weeks
        logged = rng.random(days) < rng.uniform(0.1, 1.0)
        on_target = rng.random(days) < rng.uniform(0.1, 1.0)
        baseline = figures(logged, on_target, BEFORE)
        for week in range(1, weeks + 1):
            now = figures(logged, on_target, BEFORE + 7 * week)
            fired = rule(baseline, now)
            alone += not fired
            if fired or against_last_week:
                baseline = now
    return alone / (people * weeks)


def slides_caught(
    rule: Rule, *, people: int, weeks: int, chance: bool, against_last_week: bool
) -> float:
    """The share of people who lose two points a week of whom it is noticed within `weeks`."""
    rng = np.random.default_rng(7)
    caught = 0
    for _ in range(people):
        day = np.arange(BEFORE + 7 * weeks)
        rate = np.clip(0.9 - np.maximum(0, day - BEFORE) / 7 * 0.02, 0, 1)
        if chance:
            logged, on_target = rng.random(len(day)) < rate, rng.random(len(day)) < rate
        else:  # as evenly spread as that rate can be
            logged = on_target = np.floor(np.cumsum(rate)) > np.floor(np.cumsum(rate) - rate)
        baseline = figures(logged, on_target, BEFORE)
        for week in range(1, weeks + 1):
            now = figures(logged, on_target, BEFORE + 7 * week)
            if rule(baseline, now):
                caught += 1
                break
            if against_last_week:
                baseline = now
    return caught / people


def test_a_steady_person_is_left_alone_in_97_of_100_weeks() -> None:
    assert weeks_left_alone(noticed, people=150, weeks=52, against_last_week=False) >= 0.97


def test_a_slow_slide_of_two_points_a_week_is_caught() -> None:
    caught = slides_caught(noticed, people=150, weeks=24, chance=True, against_last_week=False)
    assert caught >= 0.97
    assert slides_caught(noticed, people=1, weeks=24, chance=False, against_last_week=False) == 1


def test_thresholds_alone_against_last_week_fail_both() -> None:
    assert weeks_left_alone(naive, people=60, weeks=52, against_last_week=True) < 0.97
    assert slides_caught(naive, people=1, weeks=40, chance=False, against_last_week=True) == 0


def steady(**changes: Any) -> BehavioralMetrics:
    plain = BehavioralMetrics(
        until=date(2026, 3, 31),
        days=30,
        days_logged=24,
        strength=0.8,
        observed_days=120,
        days_asked=30,
        days_in_target=21,
        last_logged_on=date(2026, 3, 31),
    )
    return replace(plain, **changes)


def test_a_change_needs_its_threshold_and_more_than_noise() -> None:
    # 13 points of 30 days are chance; 40 are not; 9 points of very many days are sure, but too small.
    assert significant_changes(steady(), steady(days_in_target=17), config=CONFIG) == []
    (change,) = significant_changes(steady(), steady(days_in_target=9), config=CONFIG)
    assert change.code == ChangeCode.ADHERENCE
    assert change.words == "Days in target: 70% when it was written, 30% now."
    many = {"days_asked": 10_000, "days_in_target": 7000}
    few_points = steady(days_asked=10_000, days_in_target=6100)
    assert significant_changes(steady(**many), few_points, config=CONFIG) == []


def test_one_missed_day_after_a_long_streak_is_no_change() -> None:
    before = steady(days_logged=30, strength=0.998, current_streak=120)
    after = steady(days_logged=29, strength=0.998 * NUMBERS.keep, current_streak=0)
    assert significant_changes(before, after, config=CONFIG) == []
    assert strength_threshold(7) == pytest.approx(0.311, abs=0.001)


def test_a_lapse_is_told_once_and_only_of_somebody_for_whom_it_is_one() -> None:
    gone = steady(last_logged_on=date(2026, 3, 22), days_logged=20)
    (change,) = significant_changes(steady(), gone, config=CONFIG)
    assert (change.code, change.now) == (ChangeCode.LAPSE, 9.0)
    still_gone = replace(gone, until=gone.until + timedelta(days=7), days_logged=18)
    assert significant_changes(gone, still_gone, config=CONFIG) == []
    seldom = steady(days_logged=4, strength=0.13)
    assert significant_changes(seldom, replace(seldom, last_logged_on=date(2026, 3, 22)), config=CONFIG) == []  # fmt: skip


def test_first_figures_are_a_change_once_they_fill_two_weeks() -> None:
    assert significant_changes(None, steady(days=13), config=CONFIG) == []
    (change,) = significant_changes(None, steady(days=14), config=CONFIG)
    assert change.code == ChangeCode.FIRST_FIGURES
    assert significant_changes(steady(), None, config=CONFIG) == []


def test_figures_after_a_prompt_written_over_too_few_days_are_first_figures() -> None:
    few = steady(days=6, days_logged=6, days_asked=6, days_in_target=6)
    (change,) = significant_changes(few, steady(days=14), config=CONFIG)
    assert change.code == ChangeCode.FIRST_FIGURES
    assert significant_changes(few, steady(days=13), config=CONFIG) == []


def decided(
    age: int, *events: Change, config: PersonalizedCoachingConfig = CONFIG
) -> tuple[bool, bool, list[str]]:
    decision = decide(
        steady(),
        steady(),
        written_on=START,
        today=START + timedelta(days=age),
        events=events,
        config=config,
    )
    return decision.is_due, decision.is_too_early, [str(change.code) for change in decision.changes]


def test_it_is_written_anew_at_the_latest_after_eight_weeks_and_never_before_a_week() -> None:
    moved = Change(ChangeCode.LIFE_EVENT, "Moved to another town.")
    assert decided(55) == (False, False, [])
    assert decided(56) == (True, False, ["too_old"])
    assert decided(6, moved) == (False, True, ["life_event"])
    assert decided(7, moved) == (True, False, ["life_event"])
    off = replace(CONFIG, enable_change_detection=False)
    assert decided(7, config=off) == (True, False, ["detection_off"])
    assert decided(6, config=off)[:2] == (False, True)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 30), st.integers(1, 30))
def test_the_noise_test_knows_no_direction(k: int, j: int, n: int, m: int) -> None:
    share, other = min(k, n) / n, min(j, m) / m
    z = two_proportions_z(share, n, other, m)
    assert z == pytest.approx(two_proportions_z(other, m, share, n))
    assert z >= 0
    assert (z == 0) == (share == other)


@given(st.integers(0, 120), st.floats(0, 1))
@settings(max_examples=40, deadline=None)
def test_figures_survive_being_stored(days: int, strength: float) -> None:
    metrics = steady(observed_days=days, strength=round(strength, 6))
    assert BehavioralMetrics.from_json(metrics.to_json()) == metrics
    assert BehavioralMetrics.from_json({}) is None
