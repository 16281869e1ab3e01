"""A draft starts only when everything fits, and each step of its life is taken once."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from coaching.experiments.lifecycle import ExperimentRefused, complete, problems_of, start, stop
from coaching.models import Experiment

from .factories import NOON, draft, running

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=30)


def test_a_draft_runs_and_ends_as_planned() -> None:
    started = start(draft(), now=NOON)
    assert (started.status, started.started_at) == ("running", NOON)
    ended = complete(started, now=LATER)
    assert (ended.status, ended.ended_at, ended.end_reason) == ("completed", LATER, "")


def test_a_stop_keeps_its_reason() -> None:
    stopped = stop(running(), reason="It annoyed people.", now=LATER)
    stopped.refresh_from_db()
    assert (stopped.status, stopped.end_reason) == ("stopped", "It annoyed people.")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"variation": "no.such"}, "no variation point"),
        ({"variants": [{"key": "plain", "weight": 1}]}, "at least two"),
        ({"variants": []}, "at least two"),
        ({"variants": "both"}, "a list"),
        ({"variants": [{"key": "plain"}, {"key": "warm", "weight": 1}]}, "weight above 0"),
        ({"variants": [{"key": "plain", "weight": 0}, {"key": "warm", "weight": 1}]}, "above 0"),
        ({"variants": [{"key": "plain", "weight": -1}, {"key": "warm", "weight": 1}]}, "above 0"),
        ({"variants": [{"key": "warm", "weight": 1}, {"key": "plain", "weight": 1}]}, "control"),
        ({"variants": [{"key": "plain", "weight": 1}, {"key": "odd", "weight": 1}]}, "no option"),
        ({"variants": [{"key": "plain", "weight": 1}] * 2}, "once only"),
        ({"primary_metric": "no.such"}, "no metric"),
        ({"guardrails": [{"metric": "no.such", "worst_difference": 1}]}, "no guardrail metric"),
        ({"guardrails": [{"metric": "test.muted"}]}, "How much worse"),
        ({"guardrails": [{"metric": "test.muted", "worst_difference": -1}]}, "How much worse"),
        ({"guardrails": [{"metric": "test.kept", "worst_difference": 1}]}, "named twice"),
        ({"guardrails": {"test.muted": 1}}, "Guardrails are a list"),
        ({"segment": "no.such"}, "no segment"),
    ],
)
def test_a_draft_that_does_not_fit_is_refused_in_words(fields, said: str) -> None:
    experiment = draft(**fields)
    with pytest.raises(ExperimentRefused) as refused:
        start(experiment, now=NOON)
    assert any(said in problem for problem in refused.value.problems)
    experiment.refresh_from_db()
    assert experiment.status == "draft"


def test_all_problems_are_told_at_once() -> None:
    assert len(problems_of(draft(variants=[], primary_metric="no.such", segment="no.such"))) >= 3


def test_only_one_runs_on_a_point() -> None:
    running()
    with pytest.raises(ExperimentRefused, match="end it first"):
        start(draft(), now=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        running()


def test_a_second_one_that_slips_in_is_refused_by_the_database(monkeypatch) -> None:
    waiting = draft()
    running()
    monkeypatch.setattr("coaching.experiments.lifecycle.problems_of", lambda experiment: [])
    with pytest.raises(ExperimentRefused, match="end it first"):
        start(waiting, now=NOON)


@pytest.mark.parametrize("status", ["running", "stopped", "completed"])
def test_only_a_draft_starts(status: str) -> None:
    with pytest.raises(ExperimentRefused, match="Only a draft"):
        start(draft(status=status), now=NOON)


@pytest.mark.parametrize("status", ["draft", "stopped", "completed"])
def test_only_what_runs_ends(status: str) -> None:
    experiment = draft(status=status, end_reason="before")
    for end in (
        lambda: stop(experiment, reason="again", now=LATER),
        lambda: complete(experiment, now=LATER),
    ):
        with pytest.raises(ExperimentRefused, match="not running"):
            end()
    assert Experiment.objects.get().end_reason == "before"


@pytest.mark.parametrize(
    "fields",
    [
        {"outcome_days": 0},
        {"started_at": NOON},
        {"status": "running", "started_at": None},
        {"status": "running", "ended_at": LATER},
        {"status": "stopped", "ended_at": None},
        {"status": "completed", "ended_at": NOON - timedelta(days=1)},
    ],
)
def test_times_that_belong_to_no_life_are_not_stored(fields) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        draft(**fields)
