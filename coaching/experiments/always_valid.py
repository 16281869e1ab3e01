"""An interval that holds at every look at once, so that harm may be watched for every hour.

A 95 % interval that is looked at again and again is wrong far more often than in 5 % of experiments. The
asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2024, Annals of Statistics
52(6), theorem 2.2), a normal mixture in the line of Robbins (1970), is not: over all looks together it misses
the truth with odds of at most 1 - confidence.
"""

from math import log, sqrt

from .intervals import EVERYTHING, Interval, Sample
from .numbers import NUMBERS


def always_valid_difference(
    variant: Sample,
    control: Sample,
    confidence: float,
    *,
    are_proportions: bool,
    sharpest_at: int = NUMBERS.sharpest_at,
) -> Interval:
    """Where the difference variant - control lies, whenever one looks.

    With t people measured in all and a standard error s of the difference, the half width is
    s * sqrt(2 (t r² + 1) / (t r²) * log(sqrt(t r² + 1) / alpha)); r makes it tightest at `sharpest_at`
    people. Proportions get one success and one failure more in each group (as Agresti and Caffo 2000 do),
    so that a group in which nothing happened yet is not taken for one in which nothing can happen.
    """
    if min(variant.n, control.n) < 2:
        return EVERYTHING
    if are_proportions:
        variant, control = _smoothed(variant), _smoothed(control)
    squared_error = variant.variance / variant.n + control.variance / control.n
    difference = variant.mean - control.mean
    alpha = 1 - confidence
    mixing = (-2 * log(alpha) + log(-2 * log(alpha)) + 1) / sharpest_at
    scale = (variant.n + control.n) * mixing
    half = sqrt(squared_error * 2 * (scale + 1) / scale * log(sqrt(scale + 1) / alpha))
    return Interval(difference - half, difference + half)


def _smoothed(sample: Sample) -> Sample:
    n = sample.n + 2
    p = (sample.mean * sample.n + 1) / n
    return Sample(n, p, p * (1 - p))
