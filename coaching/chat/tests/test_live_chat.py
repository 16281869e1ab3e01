"""The conversation over real sockets and streams, and what is left when something dies in mid-answer."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import httpx
import pytest
from asgiref.sync import sync_to_async
from websockets.exceptions import ConnectionClosed

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.agent.events import text_of
from coaching.chat.markdown import render
from coaching.llm.tests.model_server import Done, Finish, Hold, ModelServer, Say, Step, Wait, whole
from coaching.models import Message, MessageRole, MessageStatus, Run, RunStatus
from config.runtime.live import LiveSite
from config.runtime.processes import wait_until

from .conftest import Talk, cookie_of, talk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
TEXT = "First **block**.\n\nSecond block, with more words.\n\n- one\n- two\n\nThe end."


def slowly(text: str, pause: float = 0.06, size: int = 6) -> list[Step]:
    """The script of an answer that takes its time."""
    steps: list[Step] = []
    for at in range(0, len(text), size):
        steps += [Say(text[at : at + size]), Wait(pause)]
    return [*steps, Finish(), Done()]


def browser(site: LiveSite, cookie: str) -> httpx.AsyncClient:
    """Plain HTTP with a browser's session."""
    return httpx.AsyncClient(base_url=site.url, cookies={"sessionid": cookie}, timeout=60)


@sync_to_async
def person() -> tuple[User, str]:
    user = UserFactory.create()
    return user, cookie_of(user)


async def kept(reply: str, text: str) -> None:
    """Waits for the heartbeat that keeps what has been said so far."""
    said = Message.objects.filter(pk=reply, content=text)
    assert await sync_to_async(wait_until)(said.exists, seconds=60, every=0.05)


def html_of(events: list[dict[str, Any]]) -> str:
    """What a browser shows after these events: sealed blocks and the open tail."""
    sealed, tail = "", ""
    for event in events:
        if event["type"] == "text":
            sealed = "" if event.get("reset") else sealed
            sealed, tail = sealed + "".join(event["sealed"]), event["open"]
    return sealed + tail


async def test_text_arrives_in_pieces(site: LiveSite, model_server: ModelServer) -> None:
    model_server.will(slowly(TEXT))
    _, cookie = await person()
    async with talk(site, cookie) as line:
        ack = await line.send("Hello")
        events = await line.finished(ack["run"])
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert len([event for event in events if event["type"] == "text"]) > 4
    assert text_of(events) == TEXT
    assert html_of(events) == render(TEXT)
    assert f"message-{ack['reply']}" in events[-1]["html"]


async def test_a_reload_in_mid_answer_loses_and_doubles_nothing(
    site: LiveSite, model_server: ModelServer
) -> None:
    model_server.will(slowly(TEXT))
    _, cookie = await person()
    async with talk(site, cookie) as line:
        ack = await line.send("Hello")
        await line.until(lambda m: m["type"] == "text" and m["seq"] >= 5)
        first = [m for m in line.heard if "seq" in m]
    async with talk(site, cookie) as line:
        await line.say(type="resume", run=ack["run"], after=first[-1]["seq"])
        events = first + await line.finished(ack["run"])
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert text_of(events) == TEXT
    assert html_of(events) == render(TEXT)


async def test_any_cut_is_mended_on_sockets_and_streams_alike(
    site: LiveSite, model_server: ModelServer
) -> None:
    model_server.will(slowly(TEXT, pause=0.06))
    _, cookie = await person()
    async with talk(site, cookie) as line:
        ack = await line.send("Hello")
        whole_run = await line.finished(ack["run"])
        plain = [
            {k: v for k, v in e.items() if k not in {"html", "sealed", "open"}} for e in whole_run
        ]
        async with browser(site, cookie) as http:
            for after in range(len(whole_run)):
                line.heard.clear()
                await line.say(type="resume", run=ack["run"], after=after)
                again = await line.finished(ack["run"])
                assert [e["seq"] for e in again] == [e["seq"] for e in whole_run[after:]]
                assert html_of(whole_run[:after] + again) == render(TEXT)
                answer = await http.get(
                    f"/api/v1/coach/runs/{ack['run']}/events",
                    headers={
                        "Last-Event-ID": f"{ack['run']}:{after}",
                        "Accept": "text/event-stream",
                    },
                )
                assert answer.status_code == 200
                assert parsed(answer.text) == plain[after:]


def parsed(stream: str) -> list[dict[str, Any]]:
    """The data of every event of a stream."""
    blocks = [block for block in stream.split("\n\n") if "data: " in block]
    return [json.loads(block.split("data: ", 1)[1]) for block in blocks]


async def test_the_same_client_id_on_two_lines_is_one_message_and_one_run(
    site: LiveSite, model_server: ModelServer
) -> None:
    model_server.will(whole("Once."), whole("Twice?"))
    user, cookie = await person()
    client_id = uuid4().hex
    async with talk(site, cookie) as one, talk(site, cookie) as two:
        acks = await asyncio.gather(
            one.send("Hello", client_id=client_id), two.send("Hello", client_id=client_id)
        )
        assert acks[0]["run"] == acks[1]["run"]
        assert sorted(ack["duplicate"] for ack in acks) == [False, True]
        first, second = await asyncio.gather(
            one.finished(acks[0]["run"]), two.finished(acks[0]["run"])
        )
    assert text_of(first) == text_of(second) == "Once."
    assert await Message.objects.filter(user=user, role=MessageRole.USER).acount() == 1
    assert await Run.objects.filter(user=user).acount() == 1


async def test_stop_from_another_line_keeps_the_part(
    site: LiveSite, model_server: ModelServer
) -> None:
    model_server.will([Say("Kept."), Hold(), Say("Never."), Finish(), Done()])
    _, cookie = await person()
    async with talk(site, cookie) as one, talk(site, cookie) as two:
        ack = await one.send("Hello")
        await one.until(lambda m: m["type"] == "text")
        await two.say(type="stop", run=ack["run"])
        events = await one.finished(ack["run"])
    assert events[-1]["status"] == "stopped"
    reply = await Message.objects.aget(pk=ack["reply"])
    assert (reply.status, reply.content) == (MessageStatus.STOPPED, "Kept.")


async def test_regenerate_and_edit_make_branches_that_can_be_chosen(
    site: LiveSite, model_server: ModelServer
) -> None:
    model_server.will(whole("A."), whole("B."), whole("C."))
    _, cookie = await person()
    async with talk(site, cookie) as line:
        ack = await line.send("Hello")
        await line.finished(ack["run"])
        await line.say(type="regenerate", message=ack["reply"], client_id="again")
        again = await line.until(lambda m: m["type"] == "ack" and m["client_id"] == "again")
        await line.finished(again["run"])
        assert again["message"] == ack["message"]
        await line.say(type="edit", message=ack["message"], text="Bye", client_id="edit")
        edited = await line.until(lambda m: m["type"] == "ack" and m["client_id"] == "edit")
        await line.finished(edited["run"])
    async with browser(site, cookie) as http:
        url = f"/api/v1/coach/conversations/{ack['conversation']}/messages/"
        shown = (await http.get(url)).json()["messages"]
        assert [m["text"] for m in shown] == ["Bye", "C."]
        assert shown[0]["branch"]["index"] == 2
        page = await http.get(f"/coach/{ack['conversation']}/")
        assert page.status_code == 200
        assert "Bye" in page.text
        token = http.cookies.get("csrftoken") or page.cookies["csrftoken"]
        chosen = await http.post(
            f"/api/v1/coach/messages/{ack['message']}/select",
            headers={"X-CSRFToken": token, "Referer": site.url},
        )
        assert chosen.status_code == 200
        shown = (await http.get(url)).json()["messages"]
    assert [m["text"] for m in shown] == ["Hello", "B."]
    assert shown[1]["branch"] == {
        "index": 2,
        "total": 2,
        "previous": ack["reply"],
        "next": None,
    }


async def test_nonsense_is_an_error_and_the_line_stays(
    site: LiveSite, model_server: ModelServer
) -> None:
    _, cookie = await person()
    async with talk(site, cookie) as line:
        for nonsense in ["{", "[]", '"x"', "{}", '{"type": "dance"}', '{"type": "stop", "run": 5}']:
            await line.socket.send(nonsense)
            error = await line.until(lambda m: m["type"] == "error")
            assert error["problem"]["status"] == 400
        await line.socket.send("x" * 70_000)
        assert (await line.until(lambda m: m["type"] == "error"))["problem"]["status"] == 413
        await line.say(type="ping")
        await line.until(lambda m: m["type"] == "pong")


async def test_nobody_reaches_what_is_anothers(site: LiveSite, model_server: ModelServer) -> None:
    model_server.will(whole("Mine."))
    _, cookie = await person()
    _, other = await person()
    async with talk(site, cookie) as line:
        ack = await line.send("Hello")
        await line.finished(ack["run"])
    async with talk(site, other) as line:
        wishes: list[dict[str, Any]] = [
            {"type": "resume", "run": ack["run"]},
            {"type": "stop", "run": ack["run"]},
            {"type": "retry", "run": ack["run"]},
            {"type": "regenerate", "message": ack["reply"], "client_id": "x"},
            {"type": "edit", "message": ack["message"], "text": "y", "client_id": "x"},
            {"type": "send", "conversation": ack["conversation"], "text": "y", "client_id": "x"},
        ]
        for wish in wishes:
            await line.say(**wish)
            error = await line.until(lambda m: m["type"] == "error")
            assert error["problem"]["status"] == 404


async def test_without_a_session_or_from_elsewhere_nobody_gets_in(
    site: LiveSite, model_server: ModelServer
) -> None:
    async with talk(site, "nonsense") as line:
        with pytest.raises(ConnectionClosed) as closed:
            await line.socket.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4401


async def test_a_web_process_killed_in_mid_answer_leaves_a_failed_run_to_retry(
    site: LiveSite, model_server: ModelServer
) -> None:
    model_server.will([Say("Half an answer."), Hold()], whole("Whole answer."))
    user, cookie = await person()
    line: Talk
    async with talk(site, cookie) as line:
        ack = await line.send("Hello")
        await line.until(lambda m: m["type"] == "text")
        await kept(ack["reply"], "Half an answer.")
        await sync_to_async(site.restart)()
    async with talk(site, cookie) as line:
        await line.say(type="resume", run=ack["run"], after=0)
        events = await line.finished(ack["run"])
        assert events[-1]["status"] == "failed"
        assert events[-1]["retry"]
        assert text_of(events) == "Half an answer."
        assert "Try again" in events[-1]["html"]
        await line.say(type="retry", run=ack["run"], client_id="r")
        again = await line.until(lambda m: m["type"] == "ack")
        assert text_of(await line.finished(again["run"])) == "Whole answer."
    assert await Message.objects.filter(user=user, role=MessageRole.USER).acount() == 1
    dead = await Message.objects.aget(pk=ack["reply"])
    assert (dead.status, dead.content) == (MessageStatus.FAILED, "Half an answer.")


async def test_a_web_process_that_is_told_to_end_says_so_for_its_runs(
    site: LiveSite, model_server: ModelServer
) -> None:
    model_server.will([Say("Half."), Hold()])
    _, cookie = await person()
    async with talk(site, cookie) as line:
        ack = await line.send("Hello")
        await line.until(lambda m: m["type"] == "text")
        await sync_to_async(site.stop)()
    run = await Run.objects.aget(pk=ack["run"])
    assert run.status == RunStatus.FAILED


async def test_a_message_over_http_is_answered_as_a_stream(
    site: LiveSite, model_server: ModelServer
) -> None:
    model_server.will(slowly(TEXT, pause=0.03))
    user, cookie = await person()
    key = uuid4().hex
    headers = {"X-Session-Token": cookie, "Idempotency-Key": key, "Accept": "text/event-stream"}
    async with httpx.AsyncClient(base_url=site.url, headers=headers, timeout=60) as http:
        first = await http.post("/api/v1/coach/message", json={"text": "Hello"})
        assert first.headers["content-type"] == "text/event-stream"
        events = parsed(first.text)
        assert events[0]["type"] == "ack"
        assert text_of(events) == TEXT
        second = parsed((await http.post("/api/v1/coach/message", json={"text": "Hello"})).text)
        assert second[0]["duplicate"]
        assert second[1:] == events[1:]
        http.headers["Idempotency-Key"] = uuid4().hex
        refused = await http.post("/api/v1/coach/message", json={"text": " "})
        assert (refused.status_code, refused.json()["code"]) == (400, "empty")
        gone = await http.get(f"/api/v1/coach/runs/{uuid4()}/events")
        assert (gone.status_code, gone.headers["content-type"]) == (404, "application/problem+json")
    assert await Run.objects.filter(user=user).acount() == 1
