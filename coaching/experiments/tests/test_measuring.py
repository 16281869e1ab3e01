"""Outcomes are taken once, when their window is over, of people who still agree and were not in a crisis."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from accounts.models import User
from coaching.experiments.measuring import measure_outcomes
from coaching.models import CrisisAlert, Experiment, ExperimentAssignment
from coaching.toolkit import OutcomeWindow

from .factories import NOON, agreeing_person, decide, running

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
EARLY, FULL = (
    NOON + 7 * DAY,
    NOON + 14 * DAY,
)  # when the guardrail's and the outcome's window is over


def exposed(experiment: Experiment, user: User | None = None, at=NOON) -> ExperimentAssignment:
    return ExperimentAssignment.objects.create(
        experiment=experiment, user=user or agreeing_person(), variant="warm", exposed_at=at
    )


def outcomes(row: ExperimentAssignment) -> dict:
    row.refresh_from_db()
    return row.outcomes


def test_a_guardrail_is_measured_before_the_outcome(metrics) -> None:
    kept, muted = metrics
    row = exposed(running())
    kept.values[row.user_id], muted.values[row.user_id] = 5.0, 0.0
    measure_outcomes(now=EARLY - timedelta(seconds=1))
    assert outcomes(row) == {}
    assert measure_outcomes(now=EARLY) == 1
    assert outcomes(row) == {"test.muted": 0.0}
    assert measure_outcomes(now=FULL) == 1
    assert outcomes(row) == {"test.muted": 0.0, "test.kept": 5.0}
    assert kept == [OutcomeWindow(row.user_id, NOON, FULL)]
    assert muted == [OutcomeWindow(row.user_id, NOON, EARLY)]


def test_a_value_is_taken_once_even_when_there_was_no_evidence(metrics) -> None:
    kept, _ = metrics
    row = exposed(running())
    kept.values[row.user_id] = None
    measure_outcomes(now=FULL)
    kept.values[row.user_id] = 3.0
    assert measure_outcomes(now=FULL + DAY) == 0
    assert outcomes(row)["test.kept"] is None


def test_who_was_never_exposed_has_no_outcome() -> None:
    row = exposed(running(), at=None)
    assert measure_outcomes(now=FULL) == 0
    assert outcomes(row) == {}


def test_a_window_that_the_end_cut_short_is_not_measured() -> None:
    experiment = running(status="completed", ended_at=FULL)
    whole, cut = exposed(experiment), exposed(experiment, at=NOON + DAY)
    measure_outcomes(now=FULL + 30 * DAY)
    assert set(outcomes(whole)) == {"test.muted", "test.kept"}
    assert set(outcomes(cut)) == {"test.muted"}


def test_a_crisis_pause_in_the_window_gives_no_value(metrics) -> None:
    kept, _ = metrics
    experiment = running()
    row, other = exposed(experiment), exposed(experiment)
    CrisisAlert.objects.create(
        user=row.user,
        message_id=uuid4(),
        category="suicide",
        raised_at=NOON + 9 * DAY,
        paused_until=NOON + 16 * DAY,
    )
    measure_outcomes(now=FULL)
    assert outcomes(row) == {"test.muted": 1.0, "test.kept": None}
    assert outcomes(other)["test.kept"] == 1.0
    assert [window.user_id for window in kept] == [other.user_id]


def test_who_withdraws_is_forgotten_and_not_measured() -> None:
    row = exposed(running())
    measure_outcomes(now=EARLY)
    decide(row.user, False, EARLY)
    measure_outcomes(now=FULL)
    assert outcomes(row) == {}
    assert row.exposed_at is None
    decide(row.user, True, FULL)
    measure_outcomes(now=FULL + 30 * DAY)
    assert outcomes(row) == {}


def test_a_metric_that_fails_keeps_no_other_from_being_taken(metrics, caplog, monkeypatch) -> None:
    kept, _ = metrics
    row = exposed(running())
    monkeypatch.setattr(type(kept), "extend", _fail_on(kept))
    measure_outcomes(now=FULL)
    assert set(outcomes(row)) == {"test.muted"}
    assert "metric_failed" in caplog.text


def _fail_on(broken: list):
    def extend(self: list, windows: list) -> None:
        if self is broken:
            raise RuntimeError("broken")
        list.extend(self, windows)

    return extend


def test_a_metric_that_is_gone_is_passed_over(caplog) -> None:
    row = exposed(running(primary_metric="gone.metric"))
    measure_outcomes(now=FULL)
    assert set(outcomes(row)) == {"test.muted"}
    assert "metric_unknown" in caplog.text


def test_many_people_take_few_queries(django_assert_max_num_queries) -> None:
    experiment = running()
    for _ in range(20):
        exposed(experiment)
    with django_assert_max_num_queries(14):
        assert measure_outcomes(now=FULL) == 40


@pytest.mark.django_db(transaction=True)
def test_two_jobs_at_once_take_each_value_once(metrics) -> None:
    kept, muted = metrics
    experiment = running()
    rows = [exposed(experiment) for _ in range(6)]
    barrier = threading.Barrier(2)

    def job() -> None:
        try:
            barrier.wait(timeout=10)
            measure_outcomes(now=FULL)
        finally:
            connection.close()

    threads = [threading.Thread(target=job) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(set(outcomes(row)) == {"test.muted", "test.kept"} for row in rows)
    assert len(kept) == len(muted) == 6
