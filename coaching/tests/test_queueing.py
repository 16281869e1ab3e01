"""Work is handed over once a change is committed, and a queue that is down stops nobody."""

from typing import Any

import pytest
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from coaching.queueing import after_commit


@pytest.mark.django_db
def test_work_is_handed_over_after_the_commit_only(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(current_app, "send_task", lambda *given, **how: sent.append(given))
    with django_capture_on_commit_callbacks(execute=True):
        with pytest.raises(RuntimeError), transaction.atomic():
            after_commit("momentum.tasks.score_person", "a")
            raise RuntimeError
        after_commit("momentum.tasks.score_person", "b")
        assert sent == []
    assert sent == [("momentum.tasks.score_person", ["b"])]


@pytest.mark.django_db
@pytest.mark.parametrize("error", [OperationalError("no broker"), ConnectionRefusedError()])
def test_a_queue_that_is_down_is_logged(
    error: Exception,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Any,
) -> None:
    def fail(*given: Any, **how: Any) -> None:
        raise error

    monkeypatch.setattr(current_app, "send_task", fail)
    with django_capture_on_commit_callbacks(execute=True):
        after_commit("momentum.tasks.score_person", "a")
    assert "task_not_queued task=momentum.tasks.score_person arguments=a" in caplog.text


def test_what_a_person_waits_for_and_what_lasts_for_hours_have_queues_of_their_own() -> None:
    queues = {
        name: current_app.amqp.router.route({}, f"momentum.tasks.{name}")["queue"].name
        for name in ("score_person", "read_health_import", "process_provider_pushes")
    }
    assert queues == {
        "score_person": "interactive",
        "read_health_import": "imports",
        "process_provider_pushes": "batch",
    }
