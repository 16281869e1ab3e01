"""Points at which the product can act in more than one way, and the measures that tell which is better."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.utils import timezone

from accounts.models import User

from .registry import Registry


@dataclass(frozen=True)
class Variation:
    """A choice that an experiment may make. The first option is what happens without one."""

    key: str
    title: str
    options: tuple[str, ...]


variations: Registry[Variation] = Registry("variation")


def variation(key: str, *, title: str, options: tuple[str, ...]) -> None:
    """Declares a variation point with its options, the usual one first."""
    variations.register(key, Variation(key, title, options))


Resolver = Callable[[User, Variation, datetime], str | None]
_resolvers: list[Resolver] = []


def resolve_variations_with(resolver: Resolver) -> None:
    """Lets `resolver` choose variants; called once at start-up by the experiments."""
    _resolvers[:] = [resolver]


def variant_of(user: User, key: str, *, now: datetime | None = None) -> str:
    """The option `user` gets at the point `key` at `now` (aware); asking counts as being exposed to it."""
    point = variations.get(key)
    for resolver in _resolvers:
        chosen = resolver(user, point, now or timezone.now())
        if chosen is not None:
            return chosen
    return point.options[0]


class MetricKind(StrEnum):
    """Whether a person's value is 0 or 1, or a number."""

    PROPORTION = "proportion"
    MEAN = "mean"


@dataclass(frozen=True)
class OutcomeWindow:
    """A person from one moment to another."""

    user_id: UUID
    since: datetime
    until: datetime


Measure = Callable[[Sequence[OutcomeWindow]], list[float | None]]


@dataclass(frozen=True)
class OutcomeMetric:
    """A value per person and window; `None` says that there is no evidence."""

    key: str
    title: str
    kind: MetricKind
    higher_is_better: bool
    measure: Measure


outcome_metrics: Registry[OutcomeMetric] = Registry("outcome metric")


def outcome_metric(
    key: str, *, title: str, kind: MetricKind, higher_is_better: bool = True
) -> Callable[[Measure], Measure]:
    """Declares a measure of what became of people; it takes many windows in a bounded number of queries."""

    def declare(function: Measure) -> Measure:
        outcome_metrics.register(key, OutcomeMetric(key, title, kind, higher_is_better, function))
        return function

    return declare
