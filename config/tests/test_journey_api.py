"""The same way through the product for a phone: the API alone, each answer held against its document."""

import io
import json
import re
import time
import zipfile
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator

from accounts.models import DataRequest, DataRequestKind, User
from coaching.models import Message, MessageRole
from config.runtime.live import LiveSite, LiveWorker
from habits.models import HabitCompletion

pytestmark = pytest.mark.slow
GOAL = "Help me run a 5K in 3 months, I have 45 minutes a day"
ANSWERS = {
    "email": "phone@example.org",
    "name": "Ana Keller",
    "age": 34,
    "weight": "72 kg",
    "goal": "Run 5 kilometres",
}


class Phone:
    """A client that holds every answer against the API's document."""

    def __init__(self, base_url: str) -> None:
        self.http = httpx.Client(base_url=base_url, timeout=60)
        self.document: dict[str, Any] = SchemaGenerator().get_schema(public=True)

    def ask(self, method: str, path: str, *, status: int = 200, **request: Any) -> Any:
        """One request whose answer has this status; gives its JSON."""
        response = self.http.request(method, path, **request)
        assert response.status_code == status, f"{method} {path}: {response.text[:500]}"
        kind = response.headers.get("content-type", "").partition(";")[0]
        described = self._operation(method, path)["responses"][str(status)]
        if "$ref" in described:
            described = self.document["components"]["responses"][described["$ref"].split("/")[-1]]
        if not response.content:
            assert "content" not in described
            return None
        schema = {"components": self.document["components"], **described["content"][kind]["schema"]}
        Draft202012Validator(schema).validate(response.json())
        return response.json()

    def hear(self, method: str, path: str, **request: Any) -> list[dict[str, Any]]:
        """The events of a stream, to its end."""
        described = self._operation(method, path)["responses"]["200"]["content"]
        assert "text/event-stream" in described
        headers = {"Accept": "text/event-stream", **request.pop("headers", {})}
        with self.http.stream(method, path, headers=headers, **request) as response:
            assert response.status_code == 200, response.read()
            assert response.headers["content-type"] == "text/event-stream"
            return list(_events(response.iter_lines()))

    def _operation(self, method: str, path: str) -> dict[str, Any]:
        path = path.partition("?")[0]
        # An address without parameters before one with them.
        for known in sorted(self.document["paths"], key=lambda known: known.count("{")):
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", known), path):
                operation: dict[str, Any] = self.document["paths"][known][method.lower()]
                return operation
        raise LookupError(f"{method} {path} is not in the document")


def _events(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


@pytest.fixture
def phone(live_site: LiveSite) -> Iterator[Phone]:
    phone = Phone(live_site.url)
    yield phone
    phone.http.close()


def sign_up(phone: Phone) -> None:
    """Five answers give a token; it is the only thing that later requests carry."""
    answer = phone.http.post("/_allauth/app/v1/auth/signup", json=ANSWERS)
    assert answer.status_code == 200, answer.text
    phone.http.headers["X-Session-Token"] = answer.json()["meta"]["session_token"]
    phone.http.cookies.clear()


def test_a_child_is_kindly_refused(phone: Phone) -> None:
    answer = phone.http.post("/_allauth/app/v1/auth/signup", json={**ANSWERS, "age": 15})
    assert answer.status_code == 400
    assert "18 and over" in answer.text
    assert not User.objects.exists()


def test_a_goal_becomes_a_plan_becomes_days_and_leaves_with_its_person(
    phone: Phone, celery_worker_process: LiveWorker
) -> None:
    assert phone.ask("GET", "/api/v1/users/me/", status=401)["code"]
    sign_up(phone)
    me = phone.ask("GET", "/api/v1/users/me/")
    assert me["stated_goal"] == ANSWERS["goal"]
    phone.ask("PATCH", "/api/v1/users/me/", json={"timezone": "Europe/Berlin"})
    phone.ask(
        "POST",
        "/api/v1/users/me/consents/",
        status=201,
        json={"kind": "behavioral_tracking", "granted": True, "evidence": "Yes"},
    )

    # A message is answered as a stream; sent twice, it is one message.
    key = uuid4().hex
    said = {"text": GOAL}
    first = phone.hear("POST", "/api/v1/coach/message", json=said, headers={"Idempotency-Key": key})
    again = phone.hear("POST", "/api/v1/coach/message", json=said, headers={"Idempotency-Key": key})
    assert [event["type"] for event in first[:2]] == ["ack", "run.started"]
    assert first[-1]["type"] == "run.finished"
    assert first[-1]["status"] == "completed"
    assert len([event for event in first if event["type"] == "text"]) > 1
    assert [event["seq"] for event in first[1:]] == list(range(1, len(first)))
    assert again[0]["duplicate"]
    assert again[1:] == first[1:]
    assert Message.objects.filter(role=MessageRole.USER).count() == 1

    # A line that broke goes on after the last event it had.
    run = first[0]["run"]
    rest = phone.hear(
        "GET", f"/api/v1/coach/runs/{run}/events", headers={"Last-Event-ID": f"{run}:3"}
    )
    assert rest == first[4:]

    # The plan is a draft; accepting it twice makes its habits once.
    [draft] = phone.ask("GET", "/api/v1/habits/sequences/")["results"]
    assert draft["state"] == "draft"
    path = f"/api/v1/habits/sequences/{draft['id']}/"
    assert phone.ask("GET", path)["phases"]
    today = phone.ask("GET", "/api/v1/habits/today/")["day"]
    phone.ask("POST", f"{path}revise/", json={"minutes_per_day": 30})
    accepted = phone.ask("POST", f"{path}accept/")
    assert accepted["state"] == "active"
    habits = phone.ask("GET", "/api/v1/habits/")["results"]
    assert phone.ask("POST", f"{path}accept/")["id"] == draft["id"]
    assert phone.ask("GET", "/api/v1/habits/")["results"] == habits
    assert habits

    # A habit of one's own is ticked, twice is once, and taken back.
    own = phone.ask(
        "POST",
        "/api/v1/habits/",
        status=201,
        json={"name": "Shoes by the door", "category": "fitness"},
    )
    day = f"/api/v1/habits/{own['id']}/completions/{today}/"
    phone.ask("PUT", day, json={"status": "done"})
    told = phone.ask("PUT", day, json={"status": "done"})
    assert told["standing"]["streak"] == 1
    assert HabitCompletion.objects.count() == 1
    phone.ask("DELETE", day, status=204)
    phone.ask("PUT", day, json={"status": "done"})
    shown = phone.ask("GET", "/api/v1/habits/today/")
    assert own["id"] in [each["id"] for each in shown["due"]]
    phone.ask("GET", f"/api/v1/habits/{own['id']}/stats/?period=7d")

    # How it goes, as words for people and as data for programs.
    insights = phone.ask("GET", "/api/v1/ai/insights", headers={"Accept": "application/json"})
    assert insights["summary"]
    streamed = phone.hear("GET", "/api/v1/ai/insights")
    assert streamed[-1]["status"] == "completed"
    planned = phone.hear(
        "POST", "/api/v1/ai/create-sequence", json={"goal": "conversational Spanish by summer"}
    )
    assert planned[-1]["status"] == "completed"
    assert any(event["type"] == "card" and event["state"] == "done" for event in planned)

    talks = phone.ask("GET", "/api/v1/coach/conversations/")["results"]
    assert len(talks) == 3
    thread = phone.ask("GET", f"/api/v1/coach/conversations/{talks[-1]['id']}/messages/")
    assert [message["role"] for message in thread["messages"]] == ["user", "assistant"]
    reminder = phone.ask(
        "POST",
        "/api/v1/reminders/",
        status=201,
        json={"text": "Shoes", "when": "tomorrow at 7 am"},
    )
    assert phone.ask("GET", f"/api/v1/reminders/{reminder['id']}/")["status"] == "waiting"

    # Everything leaves with the person.
    asked = phone.ask(
        "POST", "/api/v1/users/me/data-requests/", status=202, json={"kind": "export"}
    )
    path = f"/api/v1/users/me/data-requests/{asked['id']}/"
    for _ in range(120):
        if (export := phone.ask("GET", path))["state"] == "ready":
            break
        time.sleep(0.5)
    archive = zipfile.ZipFile(io.BytesIO(phone.http.get(export["download"]).content))
    everything = "".join(archive.read(name).decode() for name in archive.namelist())
    assert GOAL in everything
    assert "Shoes by the door" in everything

    # And the person leaves: the token opens nothing any more.
    phone.ask("POST", "/api/v1/users/me/data-requests/", status=202, json={"kind": "erasure"})
    assert phone.ask("GET", "/api/v1/users/me/", status=401)["status"] == 401
    assert DataRequest.objects.filter(kind=DataRequestKind.ERASURE).count() == 1
