"""Tasks of a real web process that reaches neither Redis nor a model."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource
from accounts.tests.factories import UserFactory
from coaching.models import RawBehavioralLog
from config.runtime.live import LiveSite
from productivity.models import TaskEvent

pytestmark = pytest.mark.slow
NOBODY = "redis://127.0.0.1:1/0"


@pytest.fixture
def lonely_site(live_environment: dict[str, str], tmp_path: Path) -> Iterator[LiveSite]:
    """A web process whose Redis and whose model do not answer."""
    dead = {
        "REDIS_URL": NOBODY,
        "CELERY_BROKER_URL": NOBODY,
        "COACH_MODEL": "openai/gone",
        "COACH_MODEL_API_BASE": "http://127.0.0.1:1/v1",
        "COACH_MODEL_API_KEY": "none",
    }
    with LiveSite({**live_environment, **dead}, tmp_path) as site:
        yield site


def test_every_task_request_works_without_redis_and_without_a_model(lonely_site: LiveSite) -> None:
    user = UserFactory()
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    token = str(client.session.session_key)

    def ask(method: str, path: str, body: Any = None, key: str = "") -> Any:
        headers = {"X-Session-Token": token, "Content-Type": "application/json"}
        headers |= {"Idempotency-Key": key} if key else {}
        request = urllib.request.Request(  # noqa: S310 - our own server
            f"{lonely_site.url}/api/v1/tasks/{path}",
            None if body is None else json.dumps(body).encode(),
            headers,
            method=method,
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own server
            text = answer.read()
        return json.loads(text) if text else None

    task = ask("POST", "", {"title": "Call mum"}, key="once")["id"]
    assert ask("POST", "", {"title": "Call mum"}, key="once")["id"] == task
    assert ask("PATCH", f"{task}/", {"title": "Call dad"})["title"] == "Call dad"
    assert ask("POST", f"{task}/start/", {})["started_at"]
    assert ask("POST", f"{task}/complete/", {})["status"] == "completed"
    assert ask("POST", f"{task}/reopen/", {})["status"] == "pending"
    assert ask("POST", "quick-add/", {"text": "buy milk tomorrow #home"})["category"] == "home"
    change = {"change_id": "1", "action": "edit", "task": task, "fields": {"priority": 3}}
    told = ask("POST", "sync/", {"client": "phone", "changes": [{**change, "base": None}]})
    assert told["results"][0]["outcome"] == "applied"
    ask("DELETE", f"{task}/")
    assert ask("POST", f"{task}/restore/", {})["title"] == "Call dad"
    bulk = {"ids": [task], "action": "complete"}
    assert ask("POST", "bulk/", bulk)["results"][0]["status"] == "completed"
    history = ask("GET", f"{task}/history/")["results"]
    assert ask("POST", "undo/", {"change_id": history[0]["change_id"]})["results"]
    assert [row["title"] for row in ask("GET", "?ordering=urgency")["results"]]
    assert ask("GET", "categories/")["results"] == [{"category": "home", "open": 1, "done": 0}]
    # Nothing was left out for it: every change has its event, and the ledger its row.
    assert TaskEvent.objects.filter(user=user).count() == 11
    assert RawBehavioralLog.objects.filter(user=user).count() == 11
