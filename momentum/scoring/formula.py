"""One person's day, scored: the formula in its plain form, by which the set-based one is measured.

Inertia is exponential smoothing with a half-life, as in Loop Habit Tracker's score; the two averages and their
difference follow the fitness-fatigue model (Banister 1975). Everything here is pure.

A day builds on the day before only. A silent day is missing, not zero: it leaves the scores of the pillars
as they are and makes them staler, which `coverage` tells. Who comes back after the last score lapsed begins
anew.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from coaching.toolkit.declarations import Gathering, Pillar, SignalKind
from momentum.models import Direction, MomentumPillar
from momentum.normalizing import normalize
from momentum.scoring.parameters import CONSTANTS
from momentum.scoring.ways import Kind, Way

# Which pillar's half-life depends on how many occasions a day has, and which kind counts them.
PACED, PACER = Pillar.BEHAVIORAL, SignalKind.ACTION_STEP


class Event(Protocol):
    """What the formula reads of an event."""

    event_type: str
    tag: str
    raw_value: float
    normalized_score: float
    units: float
    is_summary: bool


@dataclass(frozen=True, slots=True)
class KindValue:
    """What a day's events of one kind amount to: `value` in [0, 1], of so many `events` and `units`."""

    kind: Kind
    value: float
    events: int
    units: float


@dataclass(frozen=True, slots=True)
class PillarState:
    """A pillar at the end of a day; no score: there is no evidence, or it is too old."""

    score: float | None = None
    evidence_on: date | None = None


@dataclass(frozen=True, slots=True)
class DayState:
    """All scores of a day, and what the next day builds on."""

    pillars: Mapping[Pillar, PillarState]
    overall: float | None
    coverage: float
    average_7: float | None
    average_42: float | None
    evidence_days: int
    direction: Direction


def state_of(row: MomentumPillar) -> DayState:
    """The day that a stored row tells of."""
    return DayState(
        {
            pillar: PillarState(
                getattr(row, f"{pillar}_score"), getattr(row, f"{pillar}_evidence_on")
            )
            for pillar in Pillar
        },
        row.overall_score,
        row.coverage,
        row.average_7,
        row.average_42,
        row.evidence_days,
        Direction(row.direction),
    )


def kind_values(events: Iterable[Event], way: Way) -> list[KindValue]:
    """The value of every kind that has events, in the order of the kinds' names.

    A summary stands in the place of the kind's other events. Events that speak for nothing (0 units) and
    kinds that do not count in this version are left out.
    """
    by_kind: dict[Kind, list[Event]] = {}
    for event in events:
        kind = way.kinds.get(event.tag)
        if kind is not None and event.units > 0:
            by_kind.setdefault(kind, []).append(event)
    return [_kind_value(kind, by_kind[kind], way) for kind in sorted(by_kind, key=_name)]


def _name(kind: Kind) -> str:
    return kind.name


def _kind_value(kind: Kind, events: list[Event], way: Way) -> KindValue:
    counted = [event for event in events if event.is_summary and kind.is_summarized] or events
    units = math.fsum(event.units for event in counted)
    scores = [(score_of(event, way), event.units) for event in counted]
    if kind.gathering is Gathering.COUNT and counted is events:
        value = math.fsum(score for score, _ in scores) / kind.saturation
    else:
        value = math.fsum(score * unit for score, unit in scores) / units
    return KindValue(kind, min(1.0, value), len(counted), units)


def score_of(event: Event, way: Way) -> float:
    """The event's score in [0, 1] under this version."""
    rule = way.renormalized.get(event.event_type)
    if rule is None:
        return event.normalized_score
    return normalize(rule.normalizer, rule.parameters, event.raw_value)


def pillar_evidence(values: Iterable[KindValue]) -> dict[Pillar, float]:
    """What each pillar that has evidence got of its 1: the weighted mean of its kinds."""
    sums: dict[Pillar, tuple[float, float]] = {}
    for each in values:
        weighted, weight = sums.get(each.kind.pillar, (0.0, 0.0))
        sums[each.kind.pillar] = (
            weighted + each.kind.weight * each.value,
            weight + each.kind.weight,
        )
    return {pillar: weighted / weight for pillar, (weighted, weight) in sums.items()}


def half_life(pillar: Pillar, values: Iterable[KindValue], way: Way) -> float:
    """Days after which half of the old score is left; shorter where there are many occasions a day."""
    days = way.pillars[pillar].half_life_days
    if pillar is not PACED:
        return days
    occasions = math.fsum(each.units for each in values if each.kind.name is PACER)
    return days / math.sqrt(max(1.0, occasions))


def left_of(days: int, half_life_days: float) -> float:
    """Which part of something is left after so many days."""
    return math.pow(2.0, max(CONSTANTS.deepest_exponent, -days / half_life_days))


def score_day(
    before: DayState | None, day: date, events: Iterable[Event], way: Way
) -> DayState | None:
    """The state of `day` from that of the day before it and the day's own events.

    `None`: there is nothing to tell of this day, neither evidence nor anything that still stands.
    """
    values = kind_values(events, way)
    evidence = pillar_evidence(values)
    if not evidence and (before is None or before.overall is None):
        return None
    pillars = {
        pillar: _moved(
            before.pillars[pillar] if before else PillarState(),
            day,
            evidence.get(pillar),
            half_life(pillar, values, way),
        )
        for pillar in Pillar
    }
    standing = [pillar for pillar in Pillar if pillars[pillar].score is not None]
    weights = {pillar: way.pillars[pillar].weight for pillar in standing}
    total = sum(weights.values())
    overall: float | None = None
    coverage = 0.0
    if standing:
        overall = _within(
            sum(weights[p] * (pillars[p].score or 0.0) for p in standing) / total, CONSTANTS.full
        )
        fresh = sum(weights[p] * _freshness(pillars[p], p, day, way) for p in standing)
        coverage = _within(fresh / total, 1.0)
    evidence_days = (before.evidence_days if before else 0) + (1 if evidence else 0)
    average_7, average_42 = (
        _averaged(stood, overall, days, evidence_days)
        for stood, days in (
            (before.average_7 if before else None, CONSTANTS.fast_days),
            (before.average_42 if before else None, CONSTANTS.slow_days),
        )
    )
    return DayState(
        pillars,
        overall,
        coverage,
        average_7,
        average_42,
        evidence_days,
        direction_of(average_7, average_42, evidence_days),
    )


def _moved(
    before: PillarState, day: date, evidence: float | None, half_life_days: float
) -> PillarState:
    days = (day - before.evidence_on).days if before.evidence_on is not None else None
    is_old = days is None or days > CONSTANTS.carry_days or before.score is None
    if evidence is None:
        return PillarState(None if is_old else before.score, before.evidence_on)
    target = CONSTANTS.full * evidence
    if is_old or before.score is None or days is None:
        return PillarState(_within(target, CONSTANTS.full), day)
    left = left_of(days, half_life_days)
    return PillarState(_within(before.score * left + target * (1 - left), CONSTANTS.full), day)


def _freshness(state: PillarState, pillar: Pillar, day: date, way: Way) -> float:
    if state.evidence_on is None:
        return 0.0
    return left_of((day - state.evidence_on).days, way.pillars[pillar].half_life_days)


def _averaged(
    before: float | None, overall: float | None, days: int, evidence_days: int
) -> float | None:
    """An exponentially weighted mean with a time constant of so many days.

    Its weights are made up to 1 while it is young (the bias correction of Kingma and Ba 2015): else the very
    first day would count for weeks, and who begins with a perfect day would be told that they are easing.
    """
    if overall is None or before is None:
        return before if overall is None else overall
    weight = (1 - math.exp(-1 / days)) / (1 - math.exp(-max(1, evidence_days) / days))
    return before + weight * (overall - before)


def direction_of(
    average_7: float | None, average_42: float | None, evidence_days: int
) -> Direction:
    """Where the fast average lies beside the slow one."""
    if evidence_days < CONSTANTS.baseline_days or average_7 is None or average_42 is None:
        return Direction.CALIBRATING
    apart = average_7 - average_42
    if apart > CONSTANTS.direction_points:
        return Direction.RISING
    return Direction.EASING if apart < -CONSTANTS.direction_points else Direction.STEADY


def _within(value: float, most: float) -> float:
    """Rounding may not carry a mean out of the range of what it is a mean of."""
    return min(most, max(0.0, value))
