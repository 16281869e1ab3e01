"""Any part of the house dies in mid-answer: the message is there, the answer is finished or can be tried again."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from coaching.llm.tests.model_server import Done, Finish, ModelServer, Say, Step, Wait
from config.runtime.live import LiveHouse

pytestmark = pytest.mark.slow
TEXT = ["One. ", "Two. ", "Three. ", "Four."]


def slowly() -> list[Step]:
    """An answer that takes some seconds."""
    steps: list[Step] = []
    for piece in TEXT:
        steps += [Say(piece), Wait(1.0)]
    return [*steps, Finish(), Done()]


@pytest.fixture
def model() -> Iterator[ModelServer]:
    server = ModelServer()
    server.will(*(slowly() for _ in range(4)))
    yield server
    server.close()


@pytest.fixture
def talk(house: LiveHouse, model: ModelServer) -> Iterator[httpx.Client]:
    """Somebody signed up in a whole house of their own, whose coach speaks slowly."""
    house.environment.update(
        COACH_MODEL="openai/scripted",
        COACH_MODEL_API_BASE=model.url,
        COACH_MODEL_API_KEY="key-of-the-model",
        COACH_HEARTBEAT_SECONDS="0.5",
        COACH_RUN_SILENT_SECONDS="3",
    )
    house.start()
    with httpx.Client(base_url=house.url, timeout=60) as client:
        answers = {"email": "a@example.org", "name": "Ana", "age": 34, "goal": "Run"}
        answer = client.post("/_allauth/app/v1/auth/signup", json=answers)
        client.headers["X-Session-Token"] = answer.json()["meta"]["session_token"]
        client.cookies.clear()
        yield client


def eventually(look: Callable[[], Any], seconds: float = 60) -> Any:
    """What `look` gives once it gives something; a house in trouble may refuse meanwhile."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if found := look():
                return found
        except (httpx.HTTPError, KeyError, ValueError):
            pass
        time.sleep(0.3)
    pytest.fail("nothing came of it")


def say(talk: httpx.Client, then: Callable[[], None]) -> dict[str, Any]:
    """Says hello, does something when the first piece of the answer is there, and hears what still comes."""
    ack: dict[str, Any] = {}
    is_done = False
    headers = {"Accept": "text/event-stream", "Idempotency-Key": "once"}
    try:
        with talk.stream(
            "POST", "/api/v1/coach/message", json={"text": "Hello"}, headers=headers
        ) as stream:
            for line in stream.iter_lines():
                event = json.loads(line[6:]) if line.startswith("data: ") else {"type": ""}
                ack = event if event["type"] == "ack" else ack
                if event["type"] == "text" and not is_done:
                    then()
                    is_done = True
    except httpx.HTTPError:
        pass  # the line broke, as it may
    assert is_done
    return ack


def thread(talk: httpx.Client, ack: dict[str, Any]) -> list[dict[str, Any]]:
    """The conversation once nothing is being written in it."""

    def settled() -> list[dict[str, Any]]:
        answer = talk.get(f"/api/v1/coach/conversations/{ack['conversation']}/messages/")
        messages: list[dict[str, Any]] = answer.json()["messages"]
        return [] if any(message["status"] == "streaming" for message in messages) else messages

    found: list[dict[str, Any]] = eventually(settled)
    return found


@pytest.mark.parametrize("part", ["daphne", "valkey-server|redis-server", "bin/postgres"])
def test_what_was_said_outlives_a_part_of_the_house(
    part: str, house: LiveHouse, talk: httpx.Client
) -> None:
    ack = say(talk, lambda: house.kill_part(part))
    eventually(house.serves)

    asked, answered = thread(talk, ack)
    assert asked["text"] == "Hello"
    if answered["status"] == "failed":
        assert answered["can_retry"]
        retry = f"/api/v1/coach/runs/{ack['run']}/retry"
        talk.post(retry, headers={"Accept": "text/event-stream"})
        asked, answered = thread(talk, ack)
    assert (asked["text"], answered["status"]) == ("Hello", "complete")
    assert answered["text"] == "".join(TEXT)

    # The client that never saw the answer sends again, and nothing is said twice.
    headers = {"Accept": "text/event-stream", "Idempotency-Key": "once"}
    talk.post("/api/v1/coach/message", json={"text": "Hello"}, headers=headers)
    assert [message["role"] for message in thread(talk, ack)] == ["user", "assistant"]
    assert len(talk.get("/api/v1/coach/conversations/").json()["results"]) == 1


def test_an_answer_is_whole_though_its_model_died(talk: httpx.Client, model: ModelServer) -> None:
    ack = say(talk, model.close)

    asked, answered = thread(talk, ack)

    assert asked["text"] == "Hello"
    assert answered["status"] == "complete"
    assert answered["text"]
