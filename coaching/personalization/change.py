"""Whether somebody's behaviour changed enough for their prompt to be written anew.

The figures now are compared with those at the *last writing*, so that a slow slide adds up instead of
hiding from week to week. A change must pass its threshold and be more than noise: two shares of days are
told apart by the pooled two-proportion test. Streaks are compared as strength, which one missed day does not
bring down. What is merely old is written anew too; what is too fresh waits.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from math import erfc, sqrt
from typing import Any

from .behavior.metrics import NUMBERS, BehavioralMetrics, two_proportions_z
from .config import PersonalizedCoachingConfig

# Days of figures that make a first picture, for somebody whose prompt rests on words alone (ours).
FIRST_FIGURES_DAYS = 14


class ChangeCode(StrEnum):
    """What changed, or why it is written anew although nothing did."""

    ADHERENCE = "adherence"
    LOGGING = "logging"
    STRENGTH = "strength"
    FIRST_FIGURES = "first_figures"
    LAPSE = "lapse"
    LIFE_EVENT = "life_event"
    BAD_RATINGS = "bad_ratings"
    TOO_OLD = "too_old"
    DETECTION_OFF = "detection_off"
    ASKED_FOR = "asked_for"


EVENTS = frozenset({ChangeCode.LAPSE, ChangeCode.LIFE_EVENT, ChangeCode.BAD_RATINGS})


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed, in words, with its figures; `z` is in standard errors, where there is a test."""

    code: ChangeCode
    words: str
    before: float | None = None
    now: float | None = None
    z: float | None = None

    def to_json(self) -> dict[str, Any]:
        data = asdict(self)
        data["code"] = self.code.value
        for name in ("before", "now", "z"):
            data[name] = None if data[name] is None else round(data[name], 4)
        return data


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a prompt is written anew, why, and whether it only waits for its earliest date."""

    is_due: bool
    changes: tuple[Change, ...] = ()
    is_too_early: bool = False

    @property
    def is_event(self) -> bool:
        """Whether something happened, rather than that figures moved."""
        return any(change.code in EVENTS for change in self.changes)


def significant_changes(
    baseline: BehavioralMetrics | None,
    current: BehavioralMetrics | None,
    *,
    config: PersonalizedCoachingConfig,
) -> list[Change]:
    """What the figures show that changed since the last writing (`baseline`); empty when nothing did.

    Without figures on either side there is nothing to compare; the first figures of somebody whose prompt
    rests on words alone, or was written over too few days to speak of them, are a change once they fill two weeks.
    """
    if current is None or current.is_empty:
        return []
    if baseline is None or baseline.is_empty or baseline.days < NUMBERS.enough_days:
        if current.days < FIRST_FIGURES_DAYS:
            return []
        words = f"There are figures now where there were too few: {current.days} days of them."
        return [Change(ChangeCode.FIRST_FIGURES, words, now=float(current.days))]
    found = [
        _share_changed(
            ChangeCode.ADHERENCE,
            "Days in target",
            (baseline.adherence, baseline.days_asked),
            (current.adherence, current.days_asked),
            config.adherence_change_threshold,
            config.change_noise_z,
        ),
        _share_changed(
            ChangeCode.LOGGING,
            "Days with something logged",
            (baseline.logging_consistency, baseline.days),
            (current.logging_consistency, current.days),
            config.logging_change_threshold,
            config.change_noise_z,
        ),
        _share_changed(
            ChangeCode.STRENGTH,
            "Strength of logging",
            (baseline.level, baseline.level_days),
            (current.level, current.level_days),
            strength_threshold(config.streak_change_threshold),
            config.change_noise_z,
        ),
        _lapse(baseline, current, config),
    ]
    return [change for change in found if change is not None]


def strength_threshold(days: int) -> float:
    """The strength that so many full days in a row make from nothing: what a change of a streak by them means."""
    return 1 - NUMBERS.keep**days


def decide(
    baseline: BehavioralMetrics | None,
    current: BehavioralMetrics | None,
    *,
    written_on: date,
    today: date,
    events: Sequence[Change] = (),
    config: PersonalizedCoachingConfig,
) -> Decision:
    """Whether the prompt written on `written_on` is to be written anew on `today` (the person's own days)."""
    age = (today - written_on).days
    changes = [*significant_changes(baseline, current, config=config), *events]
    if not config.enable_change_detection:
        words = "Everybody is written anew: looking for changes is switched off."
        changes.append(Change(ChangeCode.DETECTION_OFF, words))
    elif age >= config.max_weeks_between_updates * 7:
        words = f"It was written {age // 7} weeks ago."
        changes.append(Change(ChangeCode.TOO_OLD, words, now=float(age)))
    if age < config.min_days_between_updates:
        return Decision(False, tuple(changes), is_too_early=True)
    return Decision(bool(changes), tuple(changes))


def _share_changed(
    code: ChangeCode,
    title: str,
    before: tuple[float | None, float],
    now: tuple[float | None, float],
    threshold: float,
    least_z: float,
) -> Change | None:
    (old, n), (new, m) = before, now
    if old is None or new is None or abs(new - old) < threshold - 1e-9:
        return None
    z = two_proportions_z(old, n, new, m)
    if z < least_z:
        return None
    words = f"{title}: {round(old * 100)}% when it was written, {round(new * 100)}% now."
    return Change(code, words, old, new, z)


def _lapse(
    baseline: BehavioralMetrics, current: BehavioralMetrics, config: PersonalizedCoachingConfig
) -> Change | None:
    """A gap that began since the last writing and grew past its limit; told once, however long it gets.

    Somebody who logs now and then has long gaps all the time: theirs must be as unlikely, at the rate at
    which they logged, as any other change.
    """
    gap = current.lapse_days
    if gap <= config.lapse_days:
        return None
    chance = (1 - (baseline.logging_consistency or 0.0)) ** gap
    if chance > erfc(config.change_noise_z / sqrt(2)) / 2:
        return None
    is_known = (
        baseline.lapse_days > config.lapse_days
        and baseline.last_logged_on == current.last_logged_on
    )
    if is_known:
        return None
    return Change(ChangeCode.LAPSE, f"Nothing was logged for {gap} days.", now=float(gap))
