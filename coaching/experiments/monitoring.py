"""Stops an experiment by itself when a variant surely does harm.

Each guardrail metric of each variant is compared with the control by an interval that holds at every look
(`always_valid`), so it may be watched for every hour. When the whole interval lies beyond the tolerated
difference, the experiment is stopped with the reason, and everybody gets the usual option at once.
"""

from dataclasses import dataclass
from datetime import datetime

from coaching.models import Experiment, ExperimentStatus
from coaching.toolkit import MetricKind, OutcomeMetric, outcome_metrics

from .always_valid import always_valid_difference
from .assignment import number_in, variants_of
from .intervals import Sample
from .lifecycle import ExperimentRefused, stop
from .numbers import NUMBERS
from .results import samples_of
from .words import amount, difference_words


@dataclass(frozen=True, slots=True)
class Harm:
    """A variant that surely makes a guardrail metric worse than tolerated."""

    metric: OutcomeMetric
    variant: str
    difference: float
    tolerated: float

    def in_words(self) -> str:
        seen = difference_words(self.metric.kind, self.difference)
        return (
            f"Stopped by itself: with “{self.variant}”, “{self.metric.title}” is surely worse than with "
            f"the control by more than the {amount(self.metric.kind, self.tolerated)} tolerated "
            f"(seen: {seen})."
        )


def is_harmful(
    metric: OutcomeMetric, variant: Sample, control: Sample, tolerated: float, confidence: float
) -> bool:
    """Whether `variant` is surely worse than `control` by more than `tolerated`."""
    if min(variant.n, control.n) < NUMBERS.enough_people:
        return False
    interval = always_valid_difference(
        variant, control, confidence, are_proportions=metric.kind is MetricKind.PROPORTION
    )
    worse_by = -interval.high if metric.higher_is_better else interval.low
    return worse_by > tolerated


def harm_of(experiment: Experiment) -> Harm | None:
    """The first guardrail that a variant of `experiment` surely breaks; one query."""
    guarded = [
        (outcome_metrics.get(row["metric"]), tolerated)
        for row in experiment.guardrails
        if row["metric"] in outcome_metrics
        and (tolerated := number_in(row, "worst_difference")) is not None
    ]
    control, *others = variants_of(experiment)
    if not guarded or not others:
        return None
    samples = samples_of(experiment, [metric.key for metric, _ in guarded])
    # Bonferroni: the error is shared by all guardrails of all variants.
    confidence = 1 - NUMBERS.guardrail_error / (len(guarded) * len(others))
    for metric, tolerated in guarded:
        usual = samples.get((control.key, metric.key), Sample(0))
        for other in others:
            sample = samples.get((other.key, metric.key), Sample(0))
            if is_harmful(metric, sample, usual, tolerated, confidence):
                return Harm(metric, other.key, sample.mean - usual.mean, tolerated)
    return None


def watch_guardrails(*, now: datetime) -> list[Experiment]:
    """Stops every running experiment that does harm; returns those. Safe to run twice at once."""
    stopped = []
    for experiment in Experiment.objects.filter(status=ExperimentStatus.RUNNING):
        harm = harm_of(experiment)
        if harm is None:
            continue
        try:
            stopped.append(stop(experiment, reason=harm.in_words(), now=now))
        except ExperimentRefused:
            continue  # somebody ended it in this very moment
    return stopped
