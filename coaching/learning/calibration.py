"""Whether stated odds are to be believed, and how to correct them.

Brier 1950 for the score, reliability bins for the picture, Platt 1999 for the correction: the logit of the
odds is stretched and moved, so that their order stays as it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

Pair = tuple[float, bool]
"""A stated probability in [0, 1] and whether it came true."""


@dataclass(frozen=True, slots=True)
class CalibrationConstants:
    """The numbers of the correction (ours).

    `least_outcomes`: below it nothing is corrected. `bins`: of equal width over [0, 1]. `held_back`: the share
    of the newest outcomes on which a correction must be better before it is used. `least_slope`,
    `most_slope`: how far the odds may be stretched. `ridge`: how strongly slope 1 and intercept 0 are held on
    to, in outcomes. `edge`: odds of 0 and 1 have no logit and are taken as this far inside.
    """

    least_outcomes: int = 200
    bins: int = 10
    held_back: float = 0.2
    least_slope: float = 0.1
    most_slope: float = 4.0
    ridge: float = 4.0
    edge: float = 0.001


CONSTANTS = CalibrationConstants()


@dataclass(frozen=True, slots=True)
class Bin:
    """The outcomes whose odds lay in [`low`, `high`): how many, their mean odds, and how many came true."""

    low: float
    high: float
    count: int
    said: float
    kept: int

    @property
    def share(self) -> float:
        return self.kept / self.count


@dataclass(frozen=True, slots=True)
class Correction:
    """logit(p') = `slope` * logit(p) + `intercept`, with a positive slope."""

    slope: float = 1.0
    intercept: float = 0.0

    def apply(self, probability: float) -> float:
        """The corrected probability; rising with the raw one."""
        return sigmoid(self.slope * logit(probability) + self.intercept)


def logit(probability: float) -> float:
    """The log-odds of a probability, which is first moved inside (0, 1)."""
    inside = min(1 - CONSTANTS.edge, max(CONSTANTS.edge, probability))
    return log(inside / (1 - inside))


def sigmoid(value: float) -> float:
    """The probability of log-odds."""
    if value >= 0:
        return 1 / (1 + exp(-value))
    power = exp(value)
    return power / (1 + power)


def brier(pairs: Sequence[Pair]) -> float | None:
    """The mean squared distance of odds and outcomes (Brier 1950): 0 is perfect, 0.25 is a coin."""
    return _brier(pairs) if pairs else None


def _brier(pairs: Sequence[Pair]) -> float:
    return sum((probability - came_true) ** 2 for probability, came_true in pairs) / len(pairs)


def reliability(pairs: Sequence[Pair], bins: int = CONSTANTS.bins) -> list[Bin]:
    """Outcomes by what was said, in `bins` of equal width; empty ones are left out."""
    groups: dict[int, list[Pair]] = {}
    for pair in pairs:
        groups.setdefault(min(bins - 1, int(pair[0] * bins)), []).append(pair)
    return [
        Bin(
            at / bins,
            (at + 1) / bins,
            len(group),
            sum(probability for probability, _ in group) / len(group),
            sum(came_true for _, came_true in group),
        )
        for at, group in sorted(groups.items())
    ]


def expected_error(pairs: Sequence[Pair], bins: int = CONSTANTS.bins) -> float | None:
    """The expected calibration error: how far odds and shares lie apart on average, weighted by the bins."""
    if not pairs:
        return None
    total = sum(abs(one.said - one.share) * one.count for one in reliability(pairs, bins))
    return total / len(pairs)


def fit(pairs: Sequence[Pair]) -> Correction:
    """The correction that fits the outcomes best (Platt 1999), by Newton's method on the log loss.

    Outcomes are smoothed as Platt does, and held to "no correction" by a small ridge, so that a fit exists for
    any outcomes. The slope stays positive.
    """
    positives = sum(came_true for _, came_true in pairs)
    yes = (positives + 1) / (positives + 2)
    no = 1 / (len(pairs) - positives + 2)
    points = [(logit(probability), yes if came_true else no) for probability, came_true in pairs]
    slope, intercept = 1.0, 0.0
    for _ in range(50):
        # The ridge starts the sums, so that the matrix below can always be inverted.
        g1, g0 = CONSTANTS.ridge * (slope - 1), CONSTANTS.ridge * intercept
        h11, h00, h10 = CONSTANTS.ridge, CONSTANTS.ridge, 0.0
        for x, target in points:
            p = sigmoid(slope * x + intercept)
            weight = p * (1 - p)
            g1 += (p - target) * x
            g0 += p - target
            h11 += weight * x * x
            h00 += weight
            h10 += weight * x
        determinant = h11 * h00 - h10 * h10
        # A full step may overshoot where the curve is flat: steps are bounded.
        step1 = max(-1.0, min(1.0, (h00 * g1 - h10 * g0) / determinant))
        step0 = max(-1.0, min(1.0, (h11 * g0 - h10 * g1) / determinant))
        slope, intercept = slope - step1, intercept - step0
        if abs(step1) + abs(step0) < 1e-7:
            break
    return Correction(min(CONSTANTS.most_slope, max(CONSTANTS.least_slope, slope)), intercept)


@dataclass(frozen=True, slots=True)
class Trial:
    """A correction fitted on the older outcomes and tried on the newest ones, as Brier scores."""

    correction: Correction
    outcomes: int
    before: float
    after: float

    @property
    def is_better(self) -> bool:
        return self.after < self.before


def tried(pairs: Sequence[Pair]) -> Trial | None:
    """A correction from `pairs` (oldest first), or `None` while there are too few of them.

    It is judged on the newest fifth by what the rest teaches; the correction itself rests on all of them.
    """
    if len(pairs) < CONSTANTS.least_outcomes:
        return None
    cut = len(pairs) - int(len(pairs) * CONSTANTS.held_back)
    older, newest = pairs[:cut], pairs[cut:]
    trial = fit(older)
    after = _brier([(trial.apply(probability), came_true) for probability, came_true in newest])
    return Trial(fit(pairs), len(pairs), _brier(newest), after)
