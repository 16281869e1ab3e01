"""Bayesian linear regression with known noise, one observation at a time.

Twelve numbers per person need no library of matrices: an observation is a rank-one change of the
covariance (the measurement update of a Kalman filter), exact, and independent of the order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from .config import NUMBERS, PolicyNumbers

Matrix = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Belief:
    """A normal distribution over coefficients."""

    mean: tuple[float, ...]
    covariance: Matrix

    @property
    def size(self) -> int:
        return len(self.mean)

    def along(self, direction: Sequence[float]) -> tuple[float, float]:
        """Mean and variance of `direction` · coefficients."""
        value = sum(m * x for m, x in zip(self.mean, direction, strict=True))
        spread = sum(
            x * sum(c * y for c, y in zip(row, direction, strict=True))
            for x, row in zip(direction, self.covariance, strict=True)
        )
        return value, spread

    def after(self, row: Sequence[float], value: float, noise: float) -> "Belief":
        """The belief once `value` = `row` · coefficients + N(0, `noise`²) was seen."""
        pull = [sum(c * x for c, x in zip(line, row, strict=True)) for line in self.covariance]
        spread = noise**2 + sum(x * p for x, p in zip(row, pull, strict=True))
        miss = value - sum(m * x for m, x in zip(self.mean, row, strict=True))
        mean = tuple(m + p * miss / spread for m, p in zip(self.mean, pull, strict=True))
        covariance = tuple(
            tuple(c - p * q / spread for c, q in zip(line, pull, strict=True))
            for line, p in zip(self.covariance, pull, strict=True)
        )
        return Belief(mean, covariance)


def prior(features: Sequence[str], numbers: PolicyNumbers = NUMBERS) -> Belief:
    """What is believed of somebody nothing is known of: the baseline per feature, then the effect."""
    mean = _means(features, numbers.baseline_prior) + _means(features, numbers.effect_prior)
    spreads = [numbers.baseline_spread] * len(features) + [numbers.effect_spread] * len(features)
    return Belief(
        tuple(mean),
        tuple(
            tuple(spread**2 if i == j else 0.0 for j in range(len(spreads)))
            for i, spread in enumerate(spreads)
        ),
    )


def _means(features: Sequence[str], named: Mapping[str, float]) -> list[float]:
    return [named.get(feature, 0.0) for feature in features]


def belief_from(mean: Any, covariance: Any) -> Belief:
    """A belief as it was stored; raises `ValueError` for what is none."""
    try:
        numbers = tuple(float(value) for value in mean)
        rows = tuple(tuple(float(value) for value in row) for row in covariance)
    except TypeError as error:
        raise ValueError(f"Not a belief: {error}") from None
    if len(rows) != len(numbers) or any(len(row) != len(numbers) for row in rows):
        raise ValueError("Not a belief: the sizes do not fit.")
    if not all(isfinite(value) for row in (numbers, *rows) for value in row):
        raise ValueError("Not a belief: not finite.")
    return Belief(numbers, rows)
