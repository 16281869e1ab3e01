"""The numbers of scoring: those that are fixed, and those that a scoring version may choose."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, model_validator

from coaching.toolkit.declarations import Normalizer, Pillar, SignalKind, signals
from momentum.models import ScoringVersion
from momentum.normalizing import check


@dataclass(frozen=True)
class Constants:
    """Fixed numbers, with their units. Where no source is named the choice is ours.

    full: a score of everything that counts, in points. carry_days: how many days a pillar stands on its last
    evidence. final_after_days: how old a day is when it is final. fast_days, slow_days: time constants of the
    two averages, after the fitness-fatigue model (Banister 1975) with its usual 7 and 42 days.
    direction_points: how far the averages lie apart when a direction is named. baseline_days: days with
    evidence before a direction or a baseline is spoken of. occasions_half_life_days: half-life of the
    behavioural pillar with one action step a day; `f` of them divide it by sqrt(f), as Loop Habit Tracker's
    score does. deepest_exponent: powers of two below it count as none. Weights of pillars add up to 1.
    """

    full: float = 100.0
    carry_days: int = 28
    final_after_days: int = 3
    fast_days: int = 7
    slow_days: int = 42
    direction_points: float = 2.0
    baseline_days: int = 14
    occasions_half_life_days: float = 13.0
    deepest_exponent: float = -60.0
    weights: tuple[tuple[Pillar, float], ...] = (
        (Pillar.COGNITIVE, 0.2),
        (Pillar.BEHAVIORAL, 0.4),
        (Pillar.RELATIONAL, 0.15),
        (Pillar.BIOMETRIC, 0.25),
    )
    half_lives_days: tuple[tuple[Pillar, float], ...] = (
        (Pillar.COGNITIVE, 7.0),
        (Pillar.BEHAVIORAL, occasions_half_life_days),
        (Pillar.RELATIONAL, 7.0),
        (Pillar.BIOMETRIC, 14.0),
    )


CONSTANTS = Constants()


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PillarWay(_Strict):
    """How a pillar counts: its share of the overall score, and its half-life in days.

    The half-life of the behavioural pillar is that of one action step a day.
    """

    weight: Annotated[FiniteFloat, Field(gt=0, le=100)]
    half_life_days: Annotated[FiniteFloat, Field(gt=0, le=3650)]


class KindWay(_Strict):
    """How a kind of signal counts within its pillar; a weight of 0 leaves it out."""

    weight: Annotated[FiniteFloat, Field(ge=0, le=100)]
    saturation: Annotated[int, Field(ge=1, le=10_000)] = 1


class NormalizerWay(_Strict):
    """How the raw values of one type of event become scores."""

    normalizer: Normalizer
    parameters: dict[str, FiniteFloat] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _fits(self) -> "NormalizerWay":
        check(self.normalizer, self.parameters)
        return self


class Parameters(_Strict):
    """Everything a scoring version chooses. What it does not name comes from the declarations."""

    pillars: dict[Pillar, PillarWay] = Field(default_factory=dict)
    kinds: dict[SignalKind, KindWay] = Field(default_factory=dict)
    normalizers: dict[str, NormalizerWay] = Field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As it is stored with a version."""
        return self.model_dump(mode="json")


def declared() -> Parameters:
    """The parameters that the declared signals ask for."""
    weights, half_lives = dict(CONSTANTS.weights), dict(CONSTANTS.half_lives_days)
    return Parameters(
        pillars={
            pillar: PillarWay(weight=weights[pillar], half_life_days=half_lives[pillar])
            for pillar in Pillar
        },
        kinds={one.kind: KindWay(weight=one.weight, saturation=one.saturation) for one in signals},
        normalizers={
            one.key: NormalizerWay(normalizer=one.normalizer, parameters=one.parameters)
            for one in signals
        },
    )


def completed(chosen: dict[str, Any]) -> Parameters:
    """What was chosen, completed from the declarations. Raises pydantic's `ValidationError`."""
    named = Parameters.model_validate(chosen)
    rest = declared()
    return Parameters(
        pillars=rest.pillars | named.pillars,
        kinds=rest.kinds | named.kinds,
        normalizers=rest.normalizers | named.normalizers,
    )


def parameters_of(version: ScoringVersion) -> Parameters:
    """How `version` scores, with every pillar, kind and event type named."""
    return completed(version.parameters)
