"""The numbers of the nudge policy, in one place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time


def _points() -> dict[str, time]:
    return {
        "morning": time(9, 0),
        "midday": time(12, 30),
        "afternoon": time(16, 30),
        "evening": time(19, 30),
    }


def _prior_effect() -> dict[str, float]:
    return {"bias": 0.05, "gap": 0.05, "opportunity": 0.05, "dosage": -0.1}


def _prior_baseline() -> dict[str, float]:
    return {"bias": 0.3}


@dataclass(frozen=True)
class PolicyNumbers:
    """What the policy rests on. Figures marked HeartSteps or Duolingo are theirs; the others are ours.

    Decision points
        version: stored with every decision; a new one starts learning anew.
        points: name and local clock time of each decision point of a day.
        jitter_minutes: each person has an offset of their own per point, at most this much.
        catch_up_minutes: for how long after its moment a point that was passed over is still decided.
    Odds
        least, most, slope: `min(most, least + max(p_raw - 0.5, 0) * slope)` (HeartSteps).
        warm_up_days, warm_up: odds in the days after a person's first decision (HeartSteps).
        on_error: odds when the posterior cannot be used; such a decision is marked and not learned from.
    Features
        dosage_keep: share of the dosage that is left at the next decision (HeartSteps).
        look_back_days: how far back activity is read.
        message_look_back_days: how far back messages and what became of them are read.
        uniform_events: hours of evenly spread activity that everybody is credited with (shrinkage).
        rarely_active: below this share of an even spread a moment counts as usually inactive ...
        rarely_active_days: ... once activity was seen on this many days.
        long_silence_days: days without activity at which that feature reaches 1.
        just_active_minutes: nobody is told of a thing while they are at it.
    Learning
        burden_price: reward lost per unit of a channel's burden.
        noise: standard deviation of the reward given the features.
        effect_prior, baseline_prior: prior means per feature; 0 where not named.
        effect_spread, baseline_spread: prior standard deviations.
    Words
        recent_penalty, recent_half_life_days: lost by a template just seen, and its decay (Duolingo).
        hold_out: share of draws that are uniform.
        temperature: how sharply the better template is preferred, in units of reward.
        effect_shrinkage: uses of a template at which half of its measured effect is believed.
        words_look_back_days: how far back the effect of templates is measured.
    """

    version: str = "action-centred-1"
    points: Mapping[str, time] = field(default_factory=_points)
    jitter_minutes: int = 20
    catch_up_minutes: int = 30

    least: float = 0.2
    most: float = 0.8
    slope: float = 1.6
    warm_up_days: int = 7
    warm_up: float = 0.25
    on_error: float = 0.25

    dosage_keep: float = 0.95
    look_back_days: int = 42
    message_look_back_days: int = 60
    uniform_events: float = 24.0
    rarely_active: float = 0.25
    rarely_active_days: int = 14
    long_silence_days: float = 30.0
    just_active_minutes: int = 30

    burden_price: float = 0.05
    noise: float = 0.4
    effect_prior: Mapping[str, float] = field(default_factory=_prior_effect)
    effect_spread: float = 0.25
    baseline_prior: Mapping[str, float] = field(default_factory=_prior_baseline)
    baseline_spread: float = 0.5

    recent_penalty: float = 0.017
    recent_half_life_days: float = 15.0
    hold_out: float = 0.05
    temperature: float = 0.01
    effect_shrinkage: float = 50.0
    words_look_back_days: int = 120

    @property
    def dosage_limit(self) -> float:
        """What the dosage of somebody who is told at every point tends to."""
        return 1 / (1 - self.dosage_keep)


NUMBERS = PolicyNumbers()
