"""A scoring version made ready for use: with every number it needs, whether for Python or for SQL."""

from collections.abc import Mapping
from dataclasses import dataclass

from coaching.toolkit.declarations import Gathering, Pillar, SignalKind, signals
from momentum.models import ScoringVersion
from momentum.scoring.parameters import NormalizerWay, PillarWay, parameters_of


@dataclass(frozen=True, slots=True)
class Kind:
    """How the events of one kind become the kind's value of a day.

    `is_summarized`: there are types of events that stand for the whole day beside others that do not.
    """

    name: SignalKind
    pillar: Pillar
    weight: float
    saturation: int
    gathering: Gathering
    is_summarized: bool


@dataclass(frozen=True, slots=True)
class Way:
    """How a version scores. `renormalized` are event types whose stored scores may stem from another rule."""

    version: str
    pillars: Mapping[Pillar, PillarWay]
    kinds: Mapping[str, Kind]
    renormalized: Mapping[str, NormalizerWay]


def way_of(version: ScoringVersion) -> Way:
    """How `version` scores. One query: an event type is read anew where any other version reads it otherwise."""
    parameters = parameters_of(version)
    others = [parameters_of(other) for other in ScoringVersion.objects.exclude(pk=version.pk)]
    return Way(
        version=version.name,
        pillars=parameters.pillars,
        kinds={
            one.kind: Kind(
                one.kind,
                one.pillar,
                parameters.kinds[one.kind].weight,
                parameters.kinds[one.kind].saturation,
                one.gathering,
                len({other.is_summary for other in signals if other.kind is one.kind}) == 2,
            )
            for one in signals
            if parameters.kinds[one.kind].weight > 0
        },
        renormalized={
            key: rule
            for key, rule in sorted(parameters.normalizers.items())
            if any(other.normalizers.get(key, rule) != rule for other in others)
        },
    )
