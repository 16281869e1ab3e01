"""How good the odds are, on generated people whose true odds are known.

Every week each person plans some slots, half of them at hours of their own choosing (drawn evenly from waking hours)
and half where the odds as known so far are best; what comes of a slot is drawn from the true odds. Odds are told
before each slot, so that nothing is judged on what it was learned from. What is told is held against a constant
prior, the person's mean alone, and the truth itself: nobody can do better than that.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from math import log2
from zoneinfo import ZoneInfo

import numpy as np

from coaching.learning.calibration import Bin, Pair, brier, expected_error, reliability
from productivity.features.population import CATEGORIES, Made, Population

from .constants import ODDS, SLOTS, WEIGHTS
from .odds import Cell, Rhythm, Trials
from .scoring import preferred_hours

AWAKE = range(7, 23)
SLOTS_A_WEEK = 6
CHECKED_AFTER = (0, 1, 2, 4, 8, 16, 26)
DRAWS = 400
WAYS = ("prior", "mean", "odds", "truth")
RANKINGS = ("chance", "usual hours", "odds", "score", "best")


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over people with its 95 % interval (bootstrap over people)."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} ({self.low:.3f} to {self.high:.3f})"


@dataclass(frozen=True)
class Checkpoint:
    """After so many weeks: per ranking the regret (true odds lost by taking the first slot) and the NDCG of its first
    three; the root mean squared error of the odds, and how often their 90 % interval holds the truth.
    """

    weeks: int
    regret: dict[str, Interval]
    ndcg: dict[str, Interval]
    error: Interval
    covered: Interval


@dataclass(frozen=True)
class Evaluation:
    """What came of it. `brier` and `error` (expected calibration error) are per way of telling odds."""

    people: int
    slots: int
    brier: dict[str, Interval]
    error: dict[str, float]
    bins: list[Bin]
    checkpoints: list[Checkpoint] = field(default_factory=list)

    @property
    def share_of_possible(self) -> float:
        """How much of the way from the constant prior to the truth the odds come, in Brier scores: 1 is all of it."""
        found = {way: one.mean for way, one in self.brier.items()}
        return (found["prior"] - found["odds"]) / (found["prior"] - found["truth"])


def evaluate(
    population: Population, *, seed: int = 1, progress: Callable[[int, int], None] | None = None
) -> Evaluation:
    """Lets the people of `population` live through their weeks; the same arguments give the same figures."""
    told: dict[str, list[list[Pair]]] = {way: [] for way in WAYS}
    checks = [weeks for weeks in CHECKED_AFTER if weeks <= population.weeks]
    seen: dict[int, list[_Looked]] = {weeks: [] for weeks in checks}
    for number, who in enumerate(population.people):
        pairs = {way: list[Pair]() for way in WAYS}
        chance = np.random.default_rng((seed, number))
        cells: dict[Cell, Trials] = {}
        for week in range(population.weeks + 1):
            rhythm = Rhythm(cells)
            if week in seen:
                seen[week].append(_looked_at(who, rhythm, week, population, chance))
            if week == population.weeks:
                break
            for cell in _slots_of_week(rhythm, chance):
                truth = who.odds(cell.weekday, cell.hour, cell.category)
                came = who.outcome(cell.weekday, cell.hour, cell.category, chance)
                pairs["prior"].append((ODDS.prior_mean, came))
                pairs["mean"].append((rhythm.mean, came))
                pairs["odds"].append((rhythm.of(cell).mean, came))
                pairs["truth"].append((truth, came))
                known = cells.get(cell, Trials(0.0, 0.0))
                cells[cell] = Trials(known.tried + 1, known.worked + came)
        for way, found in pairs.items():
            told[way].append(found)
        if progress is not None:
            progress(number + 1, len(population.people))
    every = {way: [pair for person in people for pair in person] for way, people in told.items()}
    return Evaluation(
        people=len(population.people),
        slots=len(every["odds"]),
        brier={way: over_people([brier(one) or 0.0 for one in told[way]]) for way in WAYS},
        error={way: expected_error(every[way]) or 0.0 for way in WAYS},
        bins=reliability(every["odds"]),
        checkpoints=[_checkpoint(weeks, looked) for weeks, looked in seen.items()],
    )


def _slots_of_week(rhythm: Rhythm, chance: np.random.Generator) -> list[Cell]:
    """The slots of one week: by hand, and where the odds are best of a few that are free."""
    cells = []
    for number in range(SLOTS_A_WEEK):
        category = CATEGORIES[int(chance.integers(len(CATEGORIES)))]
        free = [
            Cell(int(chance.integers(7)), int(chance.choice(AWAKE)), category) for _ in range(12)
        ]
        is_suggested = number % 2 == 1
        cells.append(max(free, key=lambda cell: rhythm.of(cell).mean) if is_suggested else free[0])
    return cells


@dataclass(frozen=True, slots=True)
class _Looked:
    """One person at one time, over all categories."""

    regret: dict[str, float]
    ndcg: dict[str, float]
    error: float
    covered: float


def _looked_at(
    who: Made, rhythm: Rhythm, weeks: int, population: Population, chance: np.random.Generator
) -> _Looked:
    regret = {name: list[float]() for name in RANKINGS}
    ndcg = {name: list[float]() for name in RANKINGS}
    errors, covered = [], []
    for category in CATEGORIES:
        usual = _usual(who, category, weeks, population)
        cells = [Cell(day, hour, category) for day in range(7) for hour in AWAKE]
        truth = [who.odds(cell.weekday, cell.hour, category) for cell in cells]
        odds = [rhythm.of(cell) for cell in cells]
        errors += [(one.mean - real) ** 2 for one, real in zip(odds, truth, strict=True)]
        covered += [one.low <= real <= one.high for one, real in zip(odds, truth, strict=True)]
        scores: dict[str, Sequence[float]] = {
            "chance": list(chance.random(len(cells))),
            "usual hours": [usual[cell.hour] for cell in cells],
            "odds": [one.mean for one in odds],
            "score": [
                WEIGHTS.rhythm * one.mean + WEIGHTS.preference * usual[cell.hour]
                for one, cell in zip(odds, cells, strict=True)
            ],
            "best": truth,
        }
        for name, by in scores.items():
            # Slots of one score stand in any order: a ranking must not win by the order of the calendar.
            mixed = chance.permutation(len(cells))
            order = sorted(mixed, key=lambda at: -by[at])
            regret[name].append(max(truth) - truth[order[0]])
            ndcg[name].append(_ndcg([truth[at] for at in order], max_first=sorted(truth)[::-1]))
    return _Looked(
        {name: float(np.mean(found)) for name, found in regret.items()},
        {name: float(np.mean(found)) for name, found in ndcg.items()},
        float(np.sqrt(np.mean(errors))),
        float(np.mean(covered)),
    )


def _usual(who: Made, category: str, weeks: int, population: Population) -> list[float]:
    """The usual hours from what they have done so far, as suggestions read them."""
    zone, until = ZoneInfo(who.zone), population.starts_at + timedelta(weeks=weeks)
    done = [0.0] * 24
    for task in who.tasks:
        if task.completed_at is not None and task.completed_at < until:
            hour = task.completed_at.astimezone(zone).hour
            done[hour] += 3.0 if task.category == category else 1.0
    return preferred_hours(done)


def _ndcg(found: Sequence[float], *, max_first: Sequence[float]) -> float:
    """Discounted gain of the first three slots beside that of the best three; the gain is the true odds."""
    gain = sum(value / log2(at + 2) for at, value in enumerate(found[: SLOTS.shown]))
    return gain / sum(value / log2(at + 2) for at, value in enumerate(max_first[: SLOTS.shown]))


def _checkpoint(weeks: int, looked: Sequence[_Looked]) -> Checkpoint:
    return Checkpoint(
        weeks,
        {name: over_people([one.regret[name] for one in looked]) for name in RANKINGS},
        {name: over_people([one.ndcg[name] for one in looked]) for name in RANKINGS},
        over_people([one.error for one in looked]),
        over_people([one.covered for one in looked]),
    )


def over_people(values: Sequence[float]) -> Interval:
    """The mean over people, and where it lies in 95 of 100 draws of as many people."""
    found = np.asarray(values, dtype=float)
    chance = np.random.default_rng(0)
    means = found[chance.integers(len(found), size=(DRAWS, len(found)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return Interval(float(found.mean()), float(low), float(high))


def in_words(found: Evaluation) -> list[str]:
    """The figures as lines of text."""
    lines = [
        f"{found.people} people, {found.slots} slots, each told before it began.",
        "",
        f"{'Odds told':12}  {'Brier (95 %)':28}  calibration error",
    ]
    lines += [f"{way:12}  {found.brier[way]!s:28}  {found.error[way]:.3f}" for way in WAYS]
    lines += [
        f"Of the way from the prior to the truth the odds come {found.share_of_possible:.0%}.",
        "",
        "Said      slots   came true",
    ]
    lines += [f"{one.said:7.0%}  {one.count:6}   {one.share:7.0%}" for one in found.bins]
    lines += ["", f"{'Weeks':>5}  {'error of odds':24}  {'in 90 % interval':24}"]
    lines += [f"{one.weeks:5}  {one.error!s:24}  {one.covered!s:24}" for one in found.checkpoints]
    for title, read in (
        ("Regret: true odds lost by taking the first slot", lambda one: one.regret),
        ("NDCG of the first three slots", lambda one: one.ndcg),
    ):
        lines += ["", title, f"{'Weeks':>5}  " + "  ".join(f"{name:23}" for name in RANKINGS)]
        for one in found.checkpoints:
            lines.append(
                f"{one.weeks:5}  " + "  ".join(f"{read(one)[name]!s:23}" for name in RANKINGS)
            )
    return lines
