"""The odds that a task gets done in a slot: a person's own, per weekday, hour and category.

There are far more cells (7 x 24 x categories) than anybody has trials, so each is held to what lies above it:
general prior -> the person's mean -> category, hour and weekday -> hour and category -> the cell. A level moves
the log-odds by what its trials, weighed against those that the level above expects, speak for: the posterior mean
of a beta distribution whose prior is the level above (partial pooling). Hours borrow from the hours beside them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from .constants import ODDS

Array = NDArray[np.float64]
EDGE = 1e-3


@dataclass(frozen=True, slots=True)
class Cell:
    """One hour of one weekday for one category; Monday is 0, the hour is that of the person's clock."""

    weekday: int
    hour: int
    category: str


@dataclass(frozen=True, slots=True)
class Trials:
    """Weighted trials and those that worked."""

    tried: float
    worked: float


@dataclass(frozen=True, slots=True)
class Odds:
    """The odds of a cell with the interval they lie in (90 %), and what was seen there itself.

    `confidence` in [0, 1] is what the interval leaves of the whole range: 1 minus its width.
    """

    mean: float
    low: float
    high: float
    seen: Trials

    @property
    def confidence(self) -> float:
        return max(0.0, min(1.0, 1.0 - (self.high - self.low)))


class Rhythm:
    """A person's odds of every hour, made from their trials."""

    def __init__(self, trials: Mapping[Cell, Trials]) -> None:
        self._seen = dict(trials)
        # The last column is any category that was never tried.
        names = sorted({cell.category for cell in trials})
        self._column = {name: at for at, name in enumerate(names)}
        shape = (7, 24, len(names) + 1)
        tried, worked = np.zeros(shape), np.zeros(shape)
        for cell, seen in trials.items():
            at = cell.weekday, cell.hour, self._column[cell.category]
            tried[at] += seen.tried
            worked[at] += seen.worked
        self.tried = float(tried.sum())
        self.mean = (ODDS.person * ODDS.prior_mean + float(worked.sum())) / (
            ODDS.person + self.tried
        )
        self._means, self._worth = _estimated(tried, worked, self.mean)

    def of(self, cell: Cell) -> Odds:
        """The odds of one cell."""
        at = cell.weekday, cell.hour, self._column.get(cell.category, -1)
        mean, worth = float(self._means[at]), float(self._worth[at])
        half = ODDS.interval_z * sqrt(mean * (1 - mean) / (worth + 1))
        seen = self._seen.get(cell, Trials(0.0, 0.0))
        return Odds(mean, max(0.0, mean - half), min(1.0, mean + half), seen)


def _estimated(tried: Array, worked: Array, mean: float) -> tuple[Array, Array]:
    """The odds of all cells, and how many trials each of them is worth."""
    logits = np.full(tried.shape, _logit(np.float64(mean)))
    for keep, strength in (
        ("c", ODDS.category),
        ("h", ODDS.hour),
        ("d", ODDS.weekday),
        ("hc", ODDS.hour_category),
    ):
        logits = logits + _moved(tried, worked, logits, keep, strength)
    prior = _share(logits)
    means = (ODDS.cell * prior + worked) / (ODDS.cell + tried)
    near = _near(tried.sum(axis=(0, 2), keepdims=True))
    worth = ODDS.prior_worth + tried + ODDS.borrowed * np.broadcast_to(near, tried.shape)
    return np.clip(means, EDGE, 1 - EDGE), worth


def _moved(tried: Array, worked: Array, logits: Array, keep: str, strength: float) -> Array:
    """How far one level moves the log-odds; `keep` names its axes: d(ay), h(our), c(ategory)."""
    over = tuple(at for at, name in enumerate("dhc") if name not in keep)

    def summed(values: Array) -> Array:
        total: Array = values.sum(axis=over, keepdims=True)
        return _near(total) if "h" in keep else total

    count, good, expected = summed(tried), summed(worked), summed(tried * _share(logits))
    ahead = np.where(count > 0, expected / np.maximum(count, EDGE), 0.5)
    behind = (strength * ahead + good) / (strength + count)
    return np.where(count > 0, _logit(behind) - _logit(ahead), 0.0)


def _near(values: Array) -> Array:
    """Sums over an hour and the ones beside it; the clock goes round."""
    total = values * ODDS.neighbours[0]
    for distance, weight in enumerate(ODDS.neighbours[1:], start=1):
        for shift in (distance, -distance):
            total = total + weight * np.roll(values, shift, axis=1)
    return total


def _share(logits: Array) -> Array:
    result: Array = 1.0 / (1.0 + np.exp(-logits))
    return result


def _logit(share: Array | np.float64) -> Array:
    inside = np.clip(share, EDGE, 1 - EDGE)
    result: Array = np.log(inside / (1 - inside))
    return result


def rhythm_from(rows: Iterable[tuple[int, int, str, float, float]]) -> Rhythm:
    """The rhythm from rows of weekday, hour, category, tried, worked."""
    return Rhythm(
        {
            Cell(weekday, hour, category): Trials(tried, worked)
            for weekday, hour, category, tried, worked in rows
        }
    )
