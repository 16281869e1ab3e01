"""The life of an experiment: a draft is started once, and a running one is stopped or completed once.

Nothing else writes an experiment's status.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from coaching.models import Experiment, ExperimentStatus
from coaching.toolkit import outcome_metrics, segments, variations

from .assignment import number_in, variants_of


class ExperimentRefused(Exception):
    """The step cannot be taken; `problems` say why, in words for staff."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


def problems_of(experiment: Experiment) -> list[str]:
    """What has to be put right before `experiment` can start; nothing when it can."""
    return [
        *_problems_of_variants(experiment),
        *_problems_of_metrics(experiment),
        *_problems_of_frame(experiment),
    ]


def start(experiment: Experiment, *, now: datetime) -> Experiment:
    """Lets a draft run from `now` on; raises `ExperimentRefused` with everything that is in the way."""
    try:
        with transaction.atomic():
            row = _locked(experiment, ExperimentStatus.DRAFT, "Only a draft can be started.")
            if problems := problems_of(row):
                raise ExperimentRefused(problems)
            row.status, row.started_at = ExperimentStatus.RUNNING, now
            row.save(update_fields=["status", "started_at"])
            return row
    except IntegrityError:
        # Somebody started the other one since it was looked for.
        raise ExperimentRefused([_taken(experiment)]) from None


def stop(experiment: Experiment, *, reason: str, now: datetime) -> Experiment:
    """Ends a running experiment before its time; from now on everybody gets the usual option."""
    return _end(experiment, ExperimentStatus.STOPPED, reason, now)


def complete(experiment: Experiment, *, now: datetime, reason: str = "") -> Experiment:
    """Ends a running experiment as planned; from now on everybody gets the usual option."""
    return _end(experiment, ExperimentStatus.COMPLETED, reason, now)


def _end(experiment: Experiment, status: str, reason: str, now: datetime) -> Experiment:
    with transaction.atomic():
        row = _locked(experiment, ExperimentStatus.RUNNING, "It is not running.")
        row.status, row.ended_at, row.end_reason = status, now, reason
        row.save(update_fields=["status", "ended_at", "end_reason"])
        return row


def _locked(experiment: Experiment, status: str, otherwise: str) -> Experiment:
    row = Experiment.objects.select_for_update().get(pk=experiment.pk)
    if row.status != status:
        raise ExperimentRefused(
            [f"{otherwise} “{row.name}” is {row.get_status_display().lower()}."]
        )
    return row


def _taken(experiment: Experiment) -> str:
    title = experiment.variation
    if title in variations:
        title = variations.get(title).title
    return f"Another experiment on “{title}” is running; end it first."


def _problems_of_variants(experiment: Experiment) -> Iterator[str]:
    if experiment.variation not in variations:
        yield f"There is no variation point “{experiment.variation}” any more."
        return
    point = variations.get(experiment.variation)
    try:
        keys = [variant.key for variant in variants_of(experiment)]
    except ValueError as problem:
        yield str(problem)
        return
    if len(keys) < 2:
        yield "There is nothing to compare: give at least two variants a weight."
    if len(set(keys)) < len(keys):
        yield "Each variant can be there once only."
    if keys and keys[0] != point.options[0]:
        yield f"The control has to be “{point.options[0]}”, what everybody gets without an experiment."
    for key in keys:
        if key not in point.options:
            yield f"“{point.title}” has no option “{key}”."


def _problems_of_metrics(experiment: Experiment) -> Iterator[str]:
    if experiment.primary_metric not in outcome_metrics:
        yield f"There is no metric “{experiment.primary_metric}”."
    rows: Any = experiment.guardrails
    if not isinstance(rows, list):
        yield "Guardrails are a list."
        return
    seen = {experiment.primary_metric}
    for row in rows:
        key = row.get("metric") if isinstance(row, dict) else None
        if not isinstance(key, str) or key not in outcome_metrics:
            yield f"There is no guardrail metric “{key}”."
            continue
        if key in seen:
            title = outcome_metrics.get(key).title
            yield f"“{title}” is named twice; a guardrail differs from the primary metric."
        seen.add(key)
        if number_in(row, "worst_difference") is None:
            yield f"How much worse may “{outcome_metrics.get(key).title}” become? Give 0 or more."


def _problems_of_frame(experiment: Experiment) -> Iterator[str]:
    if experiment.segment and experiment.segment not in segments:
        yield f"There is no segment “{experiment.segment}” any more."
    running = Experiment.objects.filter(
        variation=experiment.variation, status=ExperimentStatus.RUNNING
    )
    if running.exclude(pk=experiment.pk).exists():
        yield _taken(experiment)
