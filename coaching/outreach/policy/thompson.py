"""The odds of a message: action-centred Thompson sampling with clipping (HeartSteps).

Clipped odds keep both actions possible, so that the effect of a message stays measurable and other
policies can be judged by the same record.
"""

from collections.abc import Sequence
from statistics import NormalDist

from .config import NUMBERS, PolicyNumbers
from .regression import Belief


def clipped(raw: float, numbers: PolicyNumbers = NUMBERS) -> float:
    """`min(.8, .2 + max(p_raw - .5, 0) * 1.6)`: the odds at which a message is drawn."""
    return min(numbers.most, numbers.least + max(raw - 0.5, 0.0) * numbers.slope)


def chance_of_benefit(belief: Belief, features: Sequence[float]) -> float:
    """P(f(s)ᵀβ > 0): how sure the belief is that a message helps here.

    `belief` is about the baseline's coefficients followed by the effect's, as many each as `features`.
    Raises `ValueError` when they do not fit or are not finite numbers.
    """
    size = len(features)
    if belief.size != 2 * size:
        raise ValueError(f"A belief of {belief.size} numbers for {size} features.")
    mean, variance = belief.along([0.0] * size + list(features))
    if not variance > 0:
        raise ValueError("A belief without spread.")
    return NormalDist().cdf(mean / variance**0.5)


def regressors(features: Sequence[float], probability: float, *, sent: bool) -> list[float]:
    """What the reward is regressed on: `f(s)` for the baseline, then `(a - p) f(s)` for the effect.

    Centring the action by its odds keeps the effect's estimate right even where the baseline is not
    linear in the features.
    """
    centred = (1.0 if sent else 0.0) - probability
    return [*features, *(centred * value for value in features)]


def next_dosage(dosage: float, *, sent: bool, numbers: PolicyNumbers = NUMBERS) -> float:
    """`x = .95 x + 1[sent]`: how much was said of late, per decision."""
    return numbers.dosage_keep * dosage + (1.0 if sent else 0.0)
