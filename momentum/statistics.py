"""Tests of many comparisons, and how well a number tells who will do something; the rest is in coaching.

Sources: Student 1908 with the incomplete beta function by its continued fraction (Lentz 1976; Abramowitz & Stegun
26.5.8), Benjamini & Hochberg 1995, Bartlett 1935 for days that resemble the day before, Mann & Whitney 1947 for
the area under the curve, Efron 1979 for intervals.
"""

import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import exp, lgamma, log, sqrt
from typing import TypeVar

from coaching.experiments.intervals import Interval, Sample

Item = TypeVar("Item")
_TINY = 1e-300
_CLOSE = 1e-14
_MOST_TERMS = 300


def sample_of(values: Sequence[float]) -> Sample:
    """How many, their mean and their variance (n - 1 below the line; 0 of fewer than two)."""
    n = len(values)
    if n == 0:
        return Sample(0)
    mean = sum(values) / n
    squares = sum((value - mean) ** 2 for value in values)
    return Sample(n, mean, squares / (n - 1) if n > 1 else 0.0)


def t_tail(t: float, degrees: float) -> float:
    """The two-sided odds of a Student's t beyond `t` with so many degrees of freedom."""
    return _incomplete_beta(degrees / 2, 0.5, degrees / (degrees + t * t))


def _incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularized incomplete beta function, for x in [0, 1]."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(1 - x))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(a, b, x) / a
    return 1 - front * _fraction(b, a, 1 - x) / b


def _fraction(a: float, b: float, x: float) -> float:
    """The continued fraction of the incomplete beta function, by Lentz's method."""
    c, d = 1.0, 1 / _away(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _MOST_TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _away(1 + term * d)
            c = _away(1 + term / c)
            value *= c * d
        if abs(c * d - 1) < _CLOSE:
            break
    return value


def _away(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def odds_of_chance(ours: Sample, theirs: Sample) -> float:
    """How often chance alone sets two means apart as far: the larger of Student's and Welch's odds.

    Welch's test is fooled by a handful of equal values, Student's by groups of different spread: what both
    find is there. Needs two values of each.
    """
    difference = ours.mean - theirs.mean
    if difference == 0:
        return 1.0
    degrees = ours.n + theirs.n - 2
    pooled = ((ours.n - 1) * ours.variance + (theirs.n - 1) * theirs.variance) / degrees
    if pooled == 0:
        return 0.0
    student = t_tail(difference / sqrt(pooled * (1 / ours.n + 1 / theirs.n)), degrees)
    a, b = ours.variance / ours.n, theirs.variance / theirs.n
    degrees_of_welch = (a + b) ** 2 / (a**2 / (ours.n - 1) + b**2 / (theirs.n - 1))
    return max(student, t_tail(difference / sqrt(a + b), degrees_of_welch))


def widened(sample: Sample, factor: float) -> Sample:
    """A sample whose mean is less sure than its size says: its variance times `factor`."""
    return replace(sample, variance=sample.variance * factor)


def resemblance(values: Sequence[float | None]) -> float:
    """How much each value resembles the one before: the correlation at lag 1 of those that are there."""
    pairs = [(a, b) for a, b in itertools.pairwise(values) if a is not None and b is not None]
    known = [value for value in values if value is not None]
    if len(pairs) < 3:
        return 0.0
    mean = sum(known) / len(known)
    spread = sum((value - mean) ** 2 for value in known) / len(known)
    if spread == 0:
        return 0.0
    return max(
        -0.99, min(0.99, sum((a - mean) * (b - mean) for a, b in pairs) / len(pairs) / spread)
    )


def false_finds(odds: Sequence[float]) -> list[float]:
    """For each of many tests the share of false finds among those at least as sure (Benjamini-Hochberg)."""
    order = sorted(range(len(odds)), key=lambda at: odds[at], reverse=True)
    shares = [1.0] * len(odds)
    least = 1.0
    for rank, at in zip(range(len(odds), 0, -1), order, strict=True):
        least = min(least, odds[at] * len(odds) / rank)
        shares[at] = least
    return shares


def area_under_curve(scores: Sequence[float], outcomes: Sequence[bool]) -> float | None:
    """How often somebody with the outcome has the higher score than somebody without; ties count half.

    0.5 is a coin. `None` unless there are both.
    """
    yes = sum(outcomes)
    no = len(outcomes) - yes
    if not yes or not no:
        return None
    ranks = _ranks(scores)
    total = sum(rank for rank, outcome in zip(ranks, outcomes, strict=True) if outcome)
    return (total - yes * (yes + 1) / 2) / (yes * no)


def rank_correlation(a: Sequence[float], b: Sequence[float]) -> float | None:
    """Spearman's correlation of ranks; `None` when one does not vary."""
    x, y = _ranks(a), _ranks(b)
    mean = (len(x) + 1) / 2
    spread = sqrt(sum((v - mean) ** 2 for v in x) * sum((v - mean) ** 2 for v in y))
    if spread == 0:
        return None
    return sum((v - mean) * (w - mean) for v, w in zip(x, y, strict=True)) / spread


def _ranks(values: Sequence[float]) -> list[float]:
    """Ranks from 1; equal values share the mean of theirs."""
    order = sorted(range(len(values)), key=lambda at: values[at])
    ranks = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end + 1 < len(order) and values[order[end + 1]] == values[order[start]]:
            end += 1
        for at in order[start : end + 1]:
            ranks[at] = (start + end) / 2 + 1
        start = end + 1
    return ranks


def bootstrap(
    groups: Sequence[Sequence[Item]],
    measure: Callable[[Sequence[Item]], float | None],
    *,
    confidence: float,
    rounds: int,
    seed: int,
) -> Interval | None:
    """Where a measure lies, by drawing whole groups (people) again with replacement (percentiles).

    `None` when fewer than half of the draws have a measure.
    """
    rng = random.Random(seed)
    found = []
    for _ in range(rounds):
        drawn = [item for group in rng.choices(groups, k=len(groups)) for item in group]
        value = measure(drawn)
        if value is not None:
            found.append(value)
    if len(found) < rounds / 2:
        return None
    found.sort()
    cut = (1 - confidence) / 2
    last = len(found) - 1
    return Interval(found[round(cut * last)], found[round((1 - cut) * last)])
