"""How well another policy would have done, judged by the record of what was decided at which odds.

Inverse propensity scores: a decision counts by how much likelier the other policy was to do what was
done. Unbiased where every action had odds above 0, as clipping sees to; the self-normalised form gives up
a little of that for less spread. Decisions of one person hang together, so the intervals are clustered by
person (linearised ratio, Liang & Zeger 1986).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import sqrt
from statistics import NormalDist
from uuid import UUID

from coaching.models import NudgePosterior

from .config import NUMBERS, PolicyNumbers
from .features import FEATURES, vector
from .learning import learned, usable
from .regression import Belief, belief_from, prior
from .thompson import chance_of_benefit, clipped

Z95 = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class EvaluationNumbers:
    """Below these an estimate is printed with a warning (ours): people, and effective decisions."""

    least_people: int = 30
    least_effective: float = 200.0


EVALUATION = EvaluationNumbers()


@dataclass(frozen=True)
class Decided:
    """One decision as it is needed here."""

    user_id: UUID
    features: Mapping[str, float]
    probability: float
    sent: bool
    reward: float

    @property
    def propensity(self) -> float:
        """The odds at which what was done was done."""
        return self.probability if self.sent else 1 - self.probability


Policy = Callable[[Decided], float]
"""The odds of a message that a policy gives a decision, in [0, 1]."""


def logged(decided: Decided) -> float:
    """What was really done."""
    return decided.probability


def always(decided: Decided) -> float:
    """A message at every chance."""
    return 1.0


def never(decided: Decided) -> float:
    """No message at all."""
    return 0.0


def fixed(decided: Decided) -> float:
    """One in four, whatever is known."""
    return 0.25


class Believing:
    """The odds that beliefs would give, person by person: today's, or those learned from what was settled
    `before` a moment.

    Reads the beliefs of so many people at a time (`AT_ONCE`), so decisions are best judged in the order of
    their people.
    """

    AT_ONCE = 1000

    def __init__(self, *, before: datetime | None, numbers: PolicyNumbers = NUMBERS) -> None:
        self._before = before
        self._numbers = numbers
        self._unknown = prior(FEATURES, numbers)
        self._beliefs: dict[UUID, Belief] = {}
        self._reach: tuple[UUID, UUID] | None = None

    def __call__(self, decided: Decided) -> float:
        person = decided.user_id
        if self._reach is None or not self._reach[0] <= person <= self._reach[1]:
            self._read_from(person)
        belief = self._beliefs.get(person, self._unknown)
        return clipped(chance_of_benefit(belief, vector(decided.features)), self._numbers)

    def _read_from(self, person: UUID) -> None:
        """Reads the beliefs about `person` and those who come next by their id."""
        ids = list(
            NudgePosterior.objects.filter(policy_version=self._numbers.version, user_id__gte=person)
            .order_by("user_id")
            .values_list("user_id", flat=True)[: self.AT_ONCE]
        )
        last = ids[-1] if len(ids) == self.AT_ONCE else UUID(int=2**128 - 1)
        self._reach = (person, last)
        self._beliefs = self._today(ids) if self._before is None else self._then(ids)

    def _today(self, ids: list[UUID]) -> dict[UUID, Belief]:
        rows = NudgePosterior.objects.filter(policy_version=self._numbers.version, user__in=ids)
        return {row.user_id: belief_from(row.mean, row.covariance) for row in rows}

    def _then(self, ids: list[UUID]) -> dict[UUID, Belief]:
        rows = usable(self._numbers).filter(user__in=ids, resolved_at__lt=self._before)
        beliefs: dict[UUID, Belief] = {}
        for row in rows.iterator():
            belief = beliefs.get(row.user_id, self._unknown)
            beliefs[row.user_id] = learned(belief, [row], self._numbers)
        return beliefs


def policies(
    *, since: datetime | None, numbers: PolicyNumbers = NUMBERS
) -> dict[str, Callable[[], Policy]]:
    """The policies that can be judged by the decisions made from `since` on, by name.

    With `since` the beliefs are those of that moment: then the record is new to them and does not flatter.
    """
    return {
        "logged": lambda: logged,
        "always": lambda: always,
        "never": lambda: never,
        "fixed": lambda: fixed,
        "posterior": lambda: Believing(before=since, numbers=numbers),
    }


@dataclass(frozen=True)
class Estimate:
    """A mean reward per decision with its 95 % interval; without an interval from a single person."""

    value: float
    low: float | None
    high: float | None


@dataclass
class _Cluster:
    count: float = 0.0
    weight: float = 0.0
    gained: float = 0.0


@dataclass(frozen=True)
class Judgement:
    """What is known of one policy.

    `effective` is the effective sample size, (Σw)² / Σw²: of how many decisions made by this very policy
    the record is worth.
    """

    policy: str
    people: int
    decisions: int
    effective: float
    ips: Estimate
    self_normalised: Estimate

    def doubts(self, numbers: EvaluationNumbers = EVALUATION) -> str:
        """Why this says little yet; empty when it says enough."""
        found = []
        if self.people < numbers.least_people:
            noun = "person" if self.people == 1 else "people"
            found.append(f"{self.people} {noun} (of at least {numbers.least_people})")
        if self.effective < numbers.least_effective:
            count = f"{self.effective:.0f}"
            noun = "decision" if count == "1" else "decisions"
            found.append(f"{count} effective {noun} (of at least {numbers.least_effective:.0f})")
        return f"Too little to tell: {', '.join(found)}." if found else ""


@dataclass
class _Sums:
    weight: float = 0.0
    weight_squared: float = 0.0
    clusters: dict[UUID, _Cluster] = field(default_factory=dict)

    def add(self, decided: Decided, odds: float) -> None:
        weight = (odds if decided.sent else 1 - odds) / decided.propensity
        self.weight += weight
        self.weight_squared += weight**2
        cluster = self.clusters.setdefault(decided.user_id, _Cluster())
        cluster.count += 1
        cluster.weight += weight
        cluster.gained += weight * decided.reward


def judged(decisions: Iterable[Decided], candidates: Mapping[str, Policy]) -> dict[str, Judgement]:
    """Judges all `candidates` in one pass; nothing for a record without decisions.

    Raises `ValueError` for a decision whose action had no odds.
    """
    sums = {name: _Sums() for name in candidates}
    for decided in decisions:
        if decided.propensity <= 0:
            raise ValueError("What was done had no odds; the record is broken.")
        for name, policy in candidates.items():
            sums[name].add(decided, policy(decided))
    return {name: _judgement(name, found) for name, found in sums.items() if found.clusters}


def _judgement(name: str, sums: _Sums) -> Judgement:
    clusters = list(sums.clusters.values())
    return Judgement(
        policy=name,
        people=len(clusters),
        decisions=int(sum(cluster.count for cluster in clusters)),
        effective=sums.weight**2 / sums.weight_squared if sums.weight_squared else 0.0,
        ips=_ratio([(cluster.gained, cluster.count) for cluster in clusters]),
        self_normalised=_ratio([(cluster.gained, cluster.weight) for cluster in clusters]),
    )


def _ratio(clusters: list[tuple[float, float]]) -> Estimate:
    """Σa / Σb over independent clusters (a, b), with the interval of the linearised ratio."""
    total = sum(b for _, b in clusters)
    if total <= 0:
        return Estimate(0.0, None, None)
    value = sum(a for a, _ in clusters) / total
    size = len(clusters)
    if size < 2:
        return Estimate(value, None, None)
    spread = sum((a - value * b) ** 2 for a, b in clusters) * size / (size - 1)
    error = Z95 * sqrt(spread) / total
    return Estimate(value, value - error, value + error)


def recorded(*, since: datetime | None, numbers: PolicyNumbers = NUMBERS) -> Iterable[Decided]:
    """The settled decisions made from `since` on, person by person, read in a stream."""
    rows = usable(numbers)
    if since is not None:
        rows = rows.filter(at__gte=since)
    columns = ("user_id", "features", "probability", "sent", "reward")
    for row in rows.order_by("user_id").values_list(*columns).iterator(chunk_size=5000):
        yield Decided(*row)
