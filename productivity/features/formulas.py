"""The formulas of how people go about tasks. Pure; every number comes from `numbers`."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray

from .numbers import MOTIVATION, NUMBERS, MotivationNumbers, Numbers


def smoothed(hits: float, of: float, numbers: Numbers = NUMBERS) -> float:
    """The share of `hits` in `of` (0-1) under the Beta prior: one in ten until shown otherwise."""
    return (numbers.prior_of + hits) / (numbers.prior_of + numbers.prior_against + of)


def smoothed_good(hits: float, of: float, numbers: Numbers = NUMBERS) -> float:
    """The share of what went well: what did not go well has the prior."""
    return 1.0 - smoothed(of - hits, of, numbers)


def burstiness(gaps: int, mean: float, deviation: float, fewest: int) -> float | None:
    """How much activity comes in bursts, -1 (like a clock) to 1, corrected for few events (Kim and Jo 2016).

    `gaps` between `gaps + 1` active hours, with their mean and (population) standard deviation in any one unit.
    Null below `fewest` active hours.
    """
    n = gaps + 1
    if n < fewest or n < 2 or mean <= 0:
        return None
    ratio = deviation / mean
    more, less = sqrt(n + 1), sqrt(n - 1)
    found = (more * ratio - less) / ((more - 2) * ratio + less)
    return min(1.0, max(-1.0, found))


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the score: the sum of values in [0, 1] over `of` occasions, and its weight."""

    key: str
    total: float
    of: float
    weight: float

    @property
    def is_known(self) -> bool:
        return self.of > 0

    def share(self, numbers: Numbers = NUMBERS) -> float:
        """The mean under the Beta prior, 0-1."""
        return smoothed(self.total, self.of, numbers)

    def variance(self, numbers: Numbers = NUMBERS) -> float:
        """Of the mean's posterior: exact for yes or no, an upper bound for values in between."""
        mean = self.share(numbers)
        return mean * (1 - mean) / (numbers.prior_of + numbers.prior_against + self.of + 1)


@dataclass(frozen=True, slots=True)
class Score:
    """0-100 with its interval."""

    value: float
    low: float
    high: float


def score_of(
    parts: Sequence[Part], tasks: int, due: int, numbers: Numbers = NUMBERS
) -> Score | None:
    """The procrastination score: the weighted mean of the known parts; null while it is too early to say.

    Each part is a Beta posterior. Being late and the time overdue come of the same misses, so their standard
    deviations add up; the others are taken to be independent. The interval is that of the Beta distribution with this mean
    and variance, which stays within 0 and 100.
    """
    if tasks < numbers.fewest_tasks or due < numbers.fewest_due:
        return None
    known = [part for part in parts if part.is_known]
    weights = sum(part.weight for part in known)
    if not weights:
        return None
    mean = sum(part.weight * part.share(numbers) for part in known) / weights
    tied = sum(
        part.weight * sqrt(part.variance(numbers)) for part in known if part.key in OF_MISSES
    )
    free = sum(
        part.weight**2 * part.variance(numbers) for part in known if part.key not in OF_MISSES
    )
    low, high = beta_interval(mean, (tied**2 + free) / weights**2, numbers.interval)
    return Score(100 * mean, 100 * low, 100 * high)


LATE, PUT_OFF, OVERDUE_TIME, LAST_MOMENT, IDLE = (
    "late",
    "put_off",
    "overdue_time",
    "last_moment",
    "idle",
)
# The last moment is not among them: it is a share of what was on time, however many tasks that were.
OF_MISSES = frozenset({LATE, OVERDUE_TIME})


def beta_interval(mean: float, variance: float, width: float) -> tuple[float, float]:
    """The central interval of the Beta distribution with this mean (in (0, 1)) and variance."""
    # SciPy is large, and pages that only show scores do without.
    from scipy.special import betaincinv

    most = mean * (1 - mean)
    if variance <= 0 or most <= 0:
        return mean, mean
    weight = max(most / variance - 1, 1e-3)
    tail = (1 - width) / 2
    low, high = betaincinv(mean * weight, (1 - mean) * weight, [tail, 1 - tail])
    return min(mean, float(low)), max(mean, float(high))


# --- Temporal motivation ------------------------------------------------------------------------
def motivation(expectancy: float, value: float, impulsiveness: float, days: float) -> float:
    """`M = E * V / (1 + I * D)`; `days` to the due moment, 0 once it has passed."""
    return expectancy * value / (1 + impulsiveness * max(0.0, days))


def shrunk(hits: float, of: float, towards: float, strength: float) -> float:
    """A share drawn towards that of the level above, as if that were `strength` tasks of evidence."""
    return (hits + strength * towards) / (of + strength)


def grid(numbers: MotivationNumbers = MOTIVATION) -> NDArray[np.float64]:
    """The impulsiveness values that are compared, per day, evenly spaced by their logarithm."""
    return np.geomspace(numbers.least, numbers.most, numbers.steps)


def prior_on_grid(
    log_mean: float, log_sd: float, numbers: MotivationNumbers = MOTIVATION
) -> NDArray[np.float64]:
    """A lognormal prior on the grid; sums to 1."""
    away = (np.log(grid(numbers)) - log_mean) / log_sd
    weights: NDArray[np.float64] = np.exp(-(away**2) / 2)
    return weights / weights.sum()


def readiness(numbers: MotivationNumbers = MOTIVATION) -> NDArray[np.float64]:
    """Mean of `1 / (1 + I * D)` over each stretch of days to due, for every I of the grid: steps x stretches."""
    edges = np.asarray(numbers.day_edges)
    low, high = edges[:-1], edges[1:]
    costs = grid(numbers)[:, None]
    result: NDArray[np.float64] = (np.log1p(costs * high) - np.log1p(costs * low)) / (
        costs * (high - low)
    )
    return result


def likelihood(
    done: NDArray[np.float64],
    days: NDArray[np.float64],
    numbers: MotivationNumbers = MOTIVATION,
) -> NDArray[np.float64]:
    """Log likelihood of each impulsiveness on the grid: people x steps.

    `done` tasks and `days` of waiting per stretch of days to due (people x stretches). Doing is a Poisson process
    whose rate is the person's own pace times `1 / (1 + I * D)`; the pace is profiled out.
    """
    ready = readiness(numbers)
    expected = np.maximum(days @ ready.T, 1e-9)
    result: NDArray[np.float64] = done @ np.log(ready).T - done.sum(axis=1)[:, None] * np.log(
        expected
    )
    return result


def posterior(
    done: NDArray[np.float64],
    days: NDArray[np.float64],
    prior: NDArray[np.float64],
    numbers: MotivationNumbers = MOTIVATION,
) -> NDArray[np.float64]:
    """What the history leaves of the prior: people x steps, each row sums to 1."""
    logs = likelihood(done, days, numbers) + np.log(np.maximum(prior, 1e-12))
    logs -= logs.max(axis=1, keepdims=True)
    weights = np.exp(logs)
    result: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return result


def impulsiveness(
    done: Sequence[float],
    days: Sequence[float],
    prior: NDArray[np.float64],
    numbers: MotivationNumbers = MOTIVATION,
) -> float:
    """One person's impulsiveness per day: the posterior mean of its logarithm, drawn towards everybody's."""
    found = posterior(np.asarray([done], float), np.asarray([days], float), prior, numbers)
    return float(np.exp(found @ np.log(grid(numbers)))[0])


def prior_from_people(
    done: NDArray[np.float64],
    days: NDArray[np.float64],
    numbers: MotivationNumbers = MOTIVATION,
    rounds: int = 40,
) -> tuple[float, float]:
    """Mean and standard deviation of the logarithm of people's impulsiveness (empirical Bayes by EM)."""
    mean, deviation = numbers.prior_log_mean, numbers.prior_log_sd
    logs = np.log(grid(numbers))
    for _ in range(rounds):
        weights = posterior(done, days, prior_on_grid(mean, deviation, numbers), numbers)
        mean = float((weights @ logs).mean())
        deviation = max(0.15, float(sqrt((weights @ (logs - mean) ** 2).mean())))
    return mean, deviation


def size_of(minutes: int | None, numbers: MotivationNumbers = MOTIVATION) -> str:
    """How large a task is, by its estimate."""
    if minutes is None:
        return "unknown"
    if minutes <= numbers.small_minutes:
        return "small"
    return "middling" if minutes <= numbers.middling_minutes else "large"


@dataclass(frozen=True, slots=True)
class Spread:
    """How a measure is spread over people: the share of them in each bin between the (inner) edges."""

    edges: tuple[float, ...]
    shares: tuple[float, ...]
    people: int


def spread_of(
    values: Sequence[float], edges: Sequence[float] | None = None, bins: int = 10
) -> Spread:
    """Shares within `edges`, or within the quantiles of the values themselves."""
    if edges is None:
        edges = np.unique(np.quantile(values, np.linspace(0, 1, bins + 1)[1:-1])).tolist()
    counts = np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1)
    shares = counts / max(1, len(values))
    return Spread(tuple(float(edge) for edge in edges), tuple(shares.tolist()), len(values))


def population_stability(before: Spread, after: Spread, fewest: int) -> float | None:
    """How far the spread of a measure has moved: the population stability index; 0 is not at all.

    Both over the same edges. Null when either has fewer people than `fewest`; an empty bin counts as half a person.
    """
    if min(before.people, after.people) < fewest or before.edges != after.edges:
        return None
    old = [max(share, 0.5 / before.people) for share in before.shares]
    new = [max(share, 0.5 / after.people) for share in after.shares]
    return float(sum((b - a) * log(b / a) for a, b in zip(old, new, strict=True)))
