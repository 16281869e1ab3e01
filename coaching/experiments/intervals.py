"""Differences between two groups with their intervals, the check of their sizes, and how many people it takes.

Formulas: Wilson 1927 for one proportion; Newcombe 1998 (method 10) for the difference of two; Welch 1947
for the difference of two means, with the t quantile of Abramowitz & Stegun 26.7.5.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, exp, gamma, inf, sqrt
from statistics import NormalDist

_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Sample:
    """What is known of a group's values: how many, their mean, and their variance (n - 1 below the line)."""

    n: int
    mean: float = 0.0
    variance: float = 0.0


@dataclass(frozen=True, slots=True)
class Interval:
    """From `low` to `high`, both included."""

    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


EVERYTHING = Interval(-inf, inf)


def z_of(confidence: float) -> float:
    """The normal quantile that leaves half of `1 - confidence` on each side."""
    return _NORMAL.inv_cdf((1 + confidence) / 2)


def t_of(confidence: float, degrees: float) -> float:
    """The same for Student's t, by the expansion of Abramowitz & Stegun 26.7.5.

    Good to three digits from five degrees of freedom on; below that it is too small.
    """
    z = z_of(confidence)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / degrees**power for power, term in enumerate(terms, start=1))


def wilson(sample: Sample, confidence: float) -> Interval:
    """Where the proportion lies of which `sample` found `mean` among `n` people (Wilson 1927)."""
    if sample.n == 0:
        return Interval(0.0, 1.0)
    z = z_of(confidence)
    n, p = sample.n, sample.mean
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return Interval(max(0.0, middle - half), min(1.0, middle + half))


def difference_of_proportions(variant: Sample, control: Sample, confidence: float) -> Interval:
    """Where the difference variant - control of two proportions lies (Newcombe 1998, method 10)."""
    ours, theirs = wilson(variant, confidence), wilson(control, confidence)
    p, q = variant.mean, control.mean
    return Interval(
        p - q - sqrt((p - ours.low) ** 2 + (theirs.high - q) ** 2),
        p - q + sqrt((ours.high - p) ** 2 + (q - theirs.low) ** 2),
    )


def difference_of_means(variant: Sample, control: Sample, confidence: float) -> Interval:
    """Where the difference variant - control of two means lies (Welch 1947); needs two values of each."""
    if min(variant.n, control.n) < 2:
        return EVERYTHING
    ours, theirs = variant.variance / variant.n, control.variance / control.n
    difference = variant.mean - control.mean
    if ours + theirs == 0:
        return Interval(difference, difference)
    degrees = (ours + theirs) ** 2 / (ours**2 / (variant.n - 1) + theirs**2 / (control.n - 1))
    half = t_of(confidence, degrees) * sqrt(ours + theirs)
    return Interval(difference - half, difference + half)


def chi_square_tail(statistic: float, degrees: int) -> float:
    """The odds of a chi-square value above `statistic`: the regularized upper incomplete gamma function.

    Exact for whole degrees of freedom, by the recurrence Q(a + 1, x) = Q(a, x) + x^a e^-x / gamma(a + 1).
    """
    x = statistic / 2
    a, tail = (1.0, exp(-x)) if degrees % 2 == 0 else (0.5, erfc(sqrt(x)))
    while a < degrees / 2:
        tail += x**a * exp(-x) / gamma(a + 1)
        a += 1
    return min(1.0, tail)


def mismatch_odds(counts: Sequence[int], weights: Sequence[float]) -> float:
    """How often chance alone makes group sizes differ as much from `weights` as `counts` do.

    Pearson's chi-square. A tiny value says that people get lost in one variant more than in another, and
    that no comparison of the rest can be trusted.
    """
    total, whole = sum(counts), sum(weights)
    if total == 0 or len(counts) < 2:
        return 1.0
    expected = [total * weight / whole for weight in weights]
    statistic = sum(
        (count - wanted) ** 2 / wanted for count, wanted in zip(counts, expected, strict=True)
    )
    return chi_square_tail(statistic, len(counts) - 1)


def people_needed(variant: Sample, control: Sample, confidence: float, power: float) -> int | None:
    """People per variant at which a difference as large as the one seen would be found with odds `power`.

    Two-sided test of two means at 1 - `confidence`; `None` when there is no difference to find.
    """
    difference = variant.mean - control.mean
    spread = variant.variance + control.variance
    if difference == 0 or spread == 0:
        return None
    reach = z_of(confidence) + _NORMAL.inv_cdf(power)
    return int(reach**2 * spread / difference**2) + 1
