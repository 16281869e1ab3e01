"""What an experiment shows so far: per variant how many, how much, and the difference to the control.

Counts and averages are made in SQL over the exposed people who still agree to behavioural tracking; no
person's row leaves the database.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.db.models import Aggregate, Avg, Count, FloatField, Q, Variance
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from accounts.models import Consent, ConsentKind
from coaching.models import Experiment, ExperimentAssignment, ExperimentStatus
from coaching.toolkit import MetricKind, OutcomeMetric, outcome_metrics

from .always_valid import always_valid_difference
from .assignment import Variant, number_in, variants_of
from .intervals import (
    Interval,
    Sample,
    difference_of_means,
    difference_of_proportions,
    mismatch_odds,
    people_needed,
    wilson,
    z_of,
)
from .measuring import taking_part, windows_of
from .numbers import NUMBERS


class Finding(StrEnum):
    """What can be said of a variant beside the control."""

    EARLY = "early"
    BETTER = "better"
    WORSE = "worse"
    SEEMS_BETTER = "seems_better"
    SEEMS_WORSE = "seems_worse"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A variant beside the control: `interval` if this is the only look, `whenever` however often one looks."""

    difference: float
    interval: Interval
    whenever: Interval
    finding: Finding
    needed: int | None


@dataclass(frozen=True, slots=True)
class Arm:
    """One variant in one metric. `value` lies in `interval`; the control has no comparison."""

    variant: str
    sample: Sample
    interval: Interval
    comparison: Comparison | None

    @property
    def is_control(self) -> bool:
        return self.comparison is None


@dataclass(frozen=True, slots=True)
class MetricResult:
    """One metric over all variants, the control first. `worst` is the tolerated difference of a guardrail."""

    metric: OutcomeMetric
    days: int
    arms: list[Arm]
    worst: float | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """How many people of a variant were drawn, have met it, wait for their time to pass, and withdrew."""

    variant: Variant
    drawn: int
    exposed: int
    waiting: int
    withdrawn: int


@dataclass(frozen=True, slots=True)
class Results:
    """Everything a page about an experiment shows."""

    experiment: Experiment
    groups: list[Group]
    mismatch: float
    primary: MetricResult | None
    guardrails: list[MetricResult]

    @property
    def is_mismatched(self) -> bool:
        return self.mismatch < NUMBERS.mismatch_below

    @property
    def exposed(self) -> int:
        return sum(group.exposed for group in self.groups)


def results_of(experiment: Experiment) -> Results:
    """The state of `experiment` as far as outcomes were measured; two queries.

    Raises `ValueError` when its variants are malformed.
    """
    variants = variants_of(experiment)
    groups = _groups(experiment, variants)
    wanted = [key for key in windows_of(experiment) if key in outcome_metrics]
    samples = samples_of(experiment, wanted)
    tolerated = {row["metric"]: number_in(row, "worst_difference") for row in experiment.guardrails}
    compared = {
        key: _compared(experiment, outcome_metrics.get(key), variants, samples, tolerated.get(key))
        for key in wanted
    }
    return Results(
        experiment=experiment,
        groups=groups,
        mismatch=mismatch_odds(
            [group.exposed for group in groups], [variant.weight for variant in variants]
        ),
        primary=compared.pop(experiment.primary_metric, None),
        guardrails=list(compared.values()),
    )


def is_shown(result: MetricResult, arm: Arm) -> bool:
    """Whether enough people stand behind the comparison of `arm` with the control to show its numbers."""
    return min(arm.sample.n, result.arms[0].sample.n) >= NUMBERS.enough_to_show


Samples = dict[tuple[str, str], Sample]


def samples_of(experiment: Experiment, metrics: Sequence[str]) -> Samples:
    """The measured values per variant and metric, summed up in one query."""
    columns: dict[str, Aggregate] = {}
    for at, key in enumerate(metrics):
        value = Cast(KeyTextTransform(key, "outcomes"), output_field=FloatField())
        columns |= {
            f"count_{at}": Count(value),
            f"mean_{at}": Avg(value),
            f"variance_{at}": Variance(value, sample=True),
        }
    rows: Iterable[Mapping[str, Any]] = (
        taking_part(experiment).order_by().values("variant").annotate(**columns)
    )
    return {
        (row["variant"], key): Sample(
            row[f"count_{at}"], row[f"mean_{at}"] or 0.0, row[f"variance_{at}"] or 0.0
        )
        for row in rows
        for at, key in enumerate(metrics)
    }


def difference(
    metric: OutcomeMetric, variant: Sample, control: Sample, confidence: float
) -> Interval:
    """Where the difference variant - control lies, by the formula for the metric's kind."""
    if metric.kind is MetricKind.PROPORTION:
        return difference_of_proportions(variant, control, confidence)
    return difference_of_means(variant, control, confidence)


def _groups(experiment: Experiment, variants: Sequence[Variant]) -> list[Group]:
    agrees = Q(agrees=True)
    met = agrees & Q(exposed_at__isnull=False)
    rows = (
        ExperimentAssignment.objects.filter(experiment=experiment)
        .annotate(agrees=Consent.objects.decision_of("user", ConsentKind.BEHAVIORAL_TRACKING))
        .order_by()
        .values("variant")
        .annotate(
            drawn=Count("id"),
            exposed=Count("id", filter=met),
            waiting=Count("id", filter=met & ~Q(outcomes__has_key=experiment.primary_metric)),
            agreeing=Count("id", filter=agrees),
        )
    )
    counts = {
        row["variant"]: (
            row["drawn"],
            row["exposed"],
            row["waiting"],
            row["drawn"] - row["agreeing"],
        )
        for row in rows
    }
    return [Group(variant, *counts.get(variant.key, (0, 0, 0, 0))) for variant in variants]


def _compared(
    experiment: Experiment,
    metric: OutcomeMetric,
    variants: Sequence[Variant],
    samples: Samples,
    worst: float | None,
) -> MetricResult:
    # Bonferroni: each of several variants gets its share of the error.
    confidence = 1 - (1 - NUMBERS.confidence) / max(1, len(variants) - 1)
    by_variant = [
        (variant.key, samples.get((variant.key, metric.key), Sample(0))) for variant in variants
    ]
    control = by_variant[0][1]
    arms = [
        Arm(
            key,
            sample,
            _value_interval(metric, sample),
            _beside(experiment, metric, sample, control, confidence) if at else None,
        )
        for at, (key, sample) in enumerate(by_variant)
    ]
    days = windows_of(experiment)[metric.key] // timedelta(days=1)
    return MetricResult(metric, days, arms, worst)


def _value_interval(metric: OutcomeMetric, sample: Sample) -> Interval:
    if metric.kind is MetricKind.PROPORTION:
        return wilson(sample, NUMBERS.confidence)
    half = z_of(NUMBERS.confidence) * (sample.variance / sample.n) ** 0.5 if sample.n else 0.0
    return Interval(sample.mean - half, sample.mean + half)


def _beside(
    experiment: Experiment,
    metric: OutcomeMetric,
    variant: Sample,
    control: Sample,
    confidence: float,
) -> Comparison:
    interval = difference(metric, variant, control, confidence)
    whenever = always_valid_difference(
        variant, control, confidence, are_proportions=metric.kind is MetricKind.PROPORTION
    )
    return Comparison(
        variant.mean - control.mean,
        interval,
        whenever,
        _finding(experiment, metric, variant, control, interval, whenever),
        people_needed(variant, control, confidence, NUMBERS.power),
    )


def _finding(
    experiment: Experiment,
    metric: OutcomeMetric,
    variant: Sample,
    control: Sample,
    interval: Interval,
    whenever: Interval,
) -> Finding:
    """What may be said aloud.

    Only an experiment that ended as planned was looked at once; before that, and after an early stop, the
    interval that allows for many looks decides, and the plain one can only hint.
    """
    if min(variant.n, control.n) < NUMBERS.enough_people:
        return Finding.EARLY
    rises_well = metric.higher_is_better
    decisive = interval if experiment.status == ExperimentStatus.COMPLETED else whenever
    if 0 not in decisive:
        return Finding.BETTER if (decisive.low > 0) == rises_well else Finding.WORSE
    if 0 not in interval:
        return Finding.SEEMS_BETTER if (interval.low > 0) == rises_well else Finding.SEEMS_WORSE
    return Finding.UNSURE
