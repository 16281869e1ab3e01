"""What became of people once their time has passed, measured and kept per person and metric.

By intention to treat among the exposed: everybody who met a variant counts for it, whatever they did then.
A window that a crisis pause touches gives no value, and neither does one that the experiment's end cut
short. Who withdrew their consent is forgotten: no outcome stays, and none is taken.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import Consent, ConsentKind
from coaching.models import CrisisAlert, Experiment, ExperimentAssignment, ExperimentStatus
from coaching.toolkit import OutcomeMetric, OutcomeWindow, outcome_metrics

from .numbers import NUMBERS

logger = logging.getLogger(__name__)


def windows_of(experiment: Experiment) -> dict[str, timedelta]:
    """How long after a person's exposure each metric of `experiment` is measured."""
    early = timedelta(days=min(NUMBERS.guardrail_days, experiment.outcome_days))
    spans = {row["metric"]: early for row in experiment.guardrails}
    spans[experiment.primary_metric] = timedelta(days=experiment.outcome_days)
    return spans


def taking_part(experiment: Experiment) -> QuerySet[ExperimentAssignment]:
    """The exposed people of `experiment` who still agree to behavioural tracking."""
    return (
        ExperimentAssignment.objects.filter(experiment=experiment, exposed_at__isnull=False)
        .alias(agrees=Consent.objects.decision_of("user", ConsentKind.BEHAVIORAL_TRACKING))
        .filter(agrees=True)
    )


def measure_outcomes(*, now: datetime) -> int:
    """Measures everything whose window is over, in every experiment that runs or did; returns how many values.

    Safe to run twice at once: rows are claimed, and a value that is there is not taken again.
    """
    measured = 0
    for experiment in Experiment.objects.exclude(status=ExperimentStatus.DRAFT):
        _forget_withdrawn(experiment)
        until = min(now, experiment.ended_at or now)
        for key, span in windows_of(experiment).items():
            if key not in outcome_metrics:
                logger.warning("metric_unknown experiment=%s metric=%s", experiment.key, key)
                continue
            measured += _measure(experiment, outcome_metrics.get(key), span, until)
    return measured


def _measure(
    experiment: Experiment, metric: OutcomeMetric, span: timedelta, until: datetime
) -> int:
    measured = 0
    while True:
        try:
            batch = _measure_batch(experiment, metric, span, until)
        except Exception:
            # One domain's trouble must not keep the other metrics from being watched.
            logger.exception("metric_failed experiment=%s metric=%s", experiment.key, metric.key)
            return measured
        measured += batch
        if batch < NUMBERS.batch:
            return measured


@transaction.atomic
def _measure_batch(
    experiment: Experiment, metric: OutcomeMetric, span: timedelta, until: datetime
) -> int:
    due = (
        taking_part(experiment)
        .filter(exposed_at__lte=until - span)
        .exclude(outcomes__has_key=metric.key)
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("id")
    )
    rows = list(due[: NUMBERS.batch])
    windows = [
        OutcomeWindow(row.user_id, row.exposed_at, row.exposed_at + span)
        for row in rows
        if row.exposed_at is not None
    ]
    shadowed = _in_crisis(windows)
    told = [window for window in windows if window not in shadowed]
    values = dict(zip(told, metric.measure(told), strict=True)) if told else {}
    for row, window in zip(rows, windows, strict=True):
        row.outcomes[metric.key] = values.get(window)
    ExperimentAssignment.objects.bulk_update(rows, ["outcomes"])
    return len(rows)


def _in_crisis(windows: Iterable[OutcomeWindow]) -> set[OutcomeWindow]:
    """The windows that a crisis pause of their person touches; one query."""
    by_person: dict[object, list[OutcomeWindow]] = {}
    for window in windows:
        by_person.setdefault(window.user_id, []).append(window)
    pauses = CrisisAlert.objects.filter(user__in=list(by_person)).values_list(
        "user_id", "raised_at", "paused_until"
    )
    return {
        window
        for user_id, since, until in pauses
        for window in by_person[user_id]
        if since < window.until and until > window.since
    }


def _forget_withdrawn(experiment: Experiment) -> None:
    agrees = Consent.objects.decision_of("user", ConsentKind.BEHAVIORAL_TRACKING)
    ExperimentAssignment.objects.filter(experiment=experiment).alias(agrees=agrees).filter(
        Q(agrees=False) | Q(agrees__isnull=True)
    ).exclude(outcomes={}, exposed_at__isnull=True).update(outcomes={}, exposed_at=None)
