"""The same day under two scoring versions, side by side, and what the difference comes from."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.models import User
from coaching.toolkit import Pillar, signals
from momentum import naming
from momentum.explaining import Explanation, KindPart, explain
from momentum.models import PillarName, ScoringVersion
from momentum.scoring.parameters import NormalizerWay, Parameters, parameters_of


@dataclass(frozen=True, slots=True)
class SignalBeside:
    """A kind of signal under both versions; `None` where it has no events or does not count."""

    kind: str
    title: str
    first: KindPart | None
    second: KindPart | None


@dataclass(frozen=True, slots=True)
class Difference:
    """A day under two versions.

    `change` is second minus first overall score; `None` unless both scored the day. `because` says which
    parameters differ that could have made a difference up to that day, in words.
    """

    day: date
    first: Explanation | None
    second: Explanation | None
    change: float | None
    signals: tuple[SignalBeside, ...]
    because: tuple[str, ...]


def difference(user: User, day: date, a: ScoringVersion, b: ScoringVersion) -> Difference:
    """The day under `a` and under `b`, and what the versions do differently."""
    first, second = explain(user, day, a), explain(user, day, b)
    change = None
    if first and second and first.after is not None and second.after is not None:
        change = second.after - first.after
    ours, theirs = _kinds(first), _kinds(second)
    beside = tuple(
        SignalBeside(kind, naming.title_of(kind), ours.get(kind), theirs.get(kind))
        for kind in sorted({**ours, **theirs})
    )
    because = tuple(_because(parameters_of(a), parameters_of(b)))
    return Difference(day, first, second, change, beside, because)


def _kinds(explanation: Explanation | None) -> dict[str, KindPart]:
    if explanation is None:
        return {}
    return {kind.kind: kind for pillar in explanation.pillars for kind in pillar.kinds}


def _because(a: Parameters, b: Parameters) -> Iterator[str]:
    """Each parameter that differs, as a sentence."""
    for pillar in Pillar:
        ours, theirs = a.pillars[pillar], b.pillars[pillar]
        title = PillarName(pillar.value).label
        if ours.weight != theirs.weight:
            yield _moved(f"{title} weighs", ours.weight, theirs.weight)
        if ours.half_life_days != theirs.half_life_days:
            days = (ours.half_life_days, theirs.half_life_days)
            yield _moved(f"{title} has a half-life of", *days, " days")
    for kind in sorted({*a.kinds, *b.kinds}):
        title = naming.title_of(kind)
        way, other = a.kinds.get(kind), b.kinds.get(kind)
        if way is None or other is None:
            yield f"{title} counts in one of the versions only."
            continue
        if way.weight != other.weight:
            yield _moved(f"{title} weighs", way.weight, other.weight)
        if way.saturation != other.saturation:
            yield _moved(f"{title} is full from", way.saturation, other.saturation, " times a day")
    for key in sorted({*a.normalizers, *b.normalizers}):
        rule, changed = a.normalizers.get(key), b.normalizers.get(key)
        if rule != changed:
            name = (signals.get(key).words if key in signals else "") or key
            yield f"“{name}” is read as {_rule(changed)} instead of {_rule(rule)}."


def _moved(what: str, was: Any, now: Any, unit: str = "") -> str:
    return f"{what} {now:g}{unit} instead of {was:g}{unit}."


def _rule(way: NormalizerWay | None) -> str:
    if way is None:
        return "nothing"
    numbers = ", ".join(f"{name} {value:g}" for name, value in sorted(way.parameters.items()))
    return f"{way.normalizer.value.replace('_', ' ')}{f' ({numbers})' if numbers else ''}"
