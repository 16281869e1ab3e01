"""An answer in the making: streamed, saved, stopped, with tools that work and tools that do not."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from pydantic import BaseModel, Field
from pytest_django import Settings

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.agent import live, stopping
from coaching.agent.events import Event, ListenerDropped, text_of
from coaching.agent.following import follow
from coaching.agent.runs import Started, send
from coaching.llm.tests.model_server import (
    Call,
    Cut,
    Done,
    Finish,
    Hold,
    ModelServer,
    Say,
    Wait,
    whole,
)
from coaching.models import Conversation, CrisisAlert, Message, MessageStatus, Run, RunStatus
from coaching.toolkit import Card, Effect, Tool, ToolContext, ToolRefused, tools

pytestmark = pytest.mark.django_db(transaction=True)


class Count(BaseModel):
    up_to: int = Field(ge=1)


def _count(context: ToolContext, args: Count) -> Card:
    if args.up_to == 13:
        raise ToolRefused("Thirteen is too many.")
    if args.up_to == 99:
        raise RuntimeError("no such luck")
    return Card(title="Counted", summary=f"Counted to {args.up_to}.", data={"to": args.up_to})


@pytest.fixture(autouse=True)
def _counting() -> Iterator[None]:
    tool = Tool("test.count", "Counts", Count, Effect.READ, _count, (), "Counting")
    with tools.temporarily(test__count=tool):
        yield


@sync_to_async
def person() -> User:
    return UserFactory.create()


async def begin(user: User, text: str = "Hello", **kwargs: Any) -> Started:
    started = await sync_to_async(send)(user, text, client_id=uuid4().hex, **kwargs)
    live.launch(await sync_to_async(live.make_job)(user, started))
    return started


async def heard(user: User, started: Started) -> list[Event]:
    async with asyncio.timeout(60):
        return [event async for event in follow(user, started.run.pk)]


@sync_to_async
def reply_of(started: Started) -> Message:
    return Message.objects.select_related("run").get(pk=started.reply_id)


def calls(*arguments: str) -> list[Any]:
    """The script of an answer that asks for the counting tool."""
    said = [
        Call("count", (text,), id=f"call_{index}", index=index)
        for index, text in enumerate(arguments)
    ]
    return [*said, Finish("tool_calls"), Done()]


async def test_an_answer_comes_in_pieces_and_is_saved(model_server: ModelServer) -> None:
    after_one, after_two = Hold(), Hold()
    model_server.will(
        [Say("One."), after_one, Say(" Two."), after_two, Say(" Three."), Finish(), Done()]
    )
    holds = iter([after_one, after_two])
    user = await person()
    started = await begin(user)
    events = []
    async with asyncio.timeout(60):
        async for event in follow(user, started.run.pk):
            events.append(event)
            if event["type"] == "text" and (hold := next(holds, None)):
                hold.go_on()
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[0]["type"] == "run.started"
    assert events[-1]["type"] == "run.finished"
    assert len([event for event in events if event["type"] == "text"]) == 3
    reply = await reply_of(started)
    assert text_of(events) == reply.content == "One. Two. Three."
    assert reply.status == MessageStatus.COMPLETE
    assert reply.run.events == events


async def test_a_tool_becomes_a_card_and_the_model_goes_on(model_server: ModelServer) -> None:
    model_server.will(calls('{"up_to": 5}'), whole("Done counting."))
    user = await person()
    started = await begin(user)
    events = await heard(user, started)
    assert [e["state"] for e in events if e["type"] == "card"] == ["running", "done"]
    reply = await reply_of(started)
    assert reply.content == "Done counting."
    [call] = reply.function_calls
    assert (call["status"], call["card"]["summary"]) == ("done", "Counted to 5.")
    told = model_server.received[1].body["messages"][-1]
    assert json.loads(told["content"])["data"] == {"to": 5}


async def test_broken_arguments_go_back_to_the_model_which_mends_them(
    model_server: ModelServer,
) -> None:
    model_server.will(
        calls('{"up_to": '), calls('{"up_to": 0}'), calls('{"up_to": 2}'), whole("Ok.")
    )
    user = await person()
    started = await begin(user)
    events = await heard(user, started)
    assert [e["state"] for e in events if e["type"] == "card"] == ["running", "done"]
    complaint = json.loads(model_server.received[2].body["messages"][-1]["content"])
    assert "greater than or equal to 1" in complaint["error"]
    assert (await reply_of(started)).content == "Ok."


@pytest.mark.parametrize(("number", "words"), [(13, "Thirteen is too many."), (99, "on our side")])
async def test_a_tool_that_fails_is_a_failed_card_and_the_run_goes_on(
    model_server: ModelServer, number: int, words: str
) -> None:
    model_server.will(calls(f'{{"up_to": {number}}}'), whole("That did not work."))
    user = await person()
    started = await begin(user)
    events = await heard(user, started)
    failed = [e for e in events if e["type"] == "card"][-1]
    assert failed["state"] == "failed"
    assert words in failed["error"]
    assert events[-1]["status"] == "completed"


async def test_a_model_that_never_stops_calling_tools_is_ended(
    model_server: ModelServer, settings: Settings
) -> None:
    settings.COACH_MAX_STEPS = 3
    model_server.will(*[calls('{"up_to": 1}')] * 3)
    user = await person()
    events = await heard(user, await begin(user))
    assert text_of(events) == "Counted to 1."


async def test_stop_keeps_what_was_said(model_server: ModelServer) -> None:
    model_server.will([Say("Kept part."), Hold(), Say(" Never said."), Finish(), Done()])
    user = await person()
    started = await begin(user)
    async with asyncio.timeout(60):
        async for event in follow(user, started.run.pk):
            if event["type"] == "text":
                await sync_to_async(stopping.stop)(user, started.run.pk)
            last = event
    assert last["status"] == "stopped"
    reply = await reply_of(started)
    assert (reply.status, reply.content) == (MessageStatus.STOPPED, "Kept part.")
    assert reply.run.status == RunStatus.STOPPED


async def test_text_of_an_attempt_that_died_is_taken_back(model_server: ModelServer) -> None:
    model_server.will([Say("Half a "), Wait(0.1), Cut()])
    user = await person()
    started = await begin(user, "Hello there")
    events = await heard(user, started)
    reply = await reply_of(started)
    assert any(event.get("reset") for event in events)
    assert text_of(events) == reply.content
    assert "Half a" not in reply.content
    assert reply.status == MessageStatus.COMPLETE


async def test_words_of_crisis_are_answered_without_a_model(model_server: ModelServer) -> None:
    user = await person()
    started = await begin(user, "I want to kill myself")
    events = await heard(user, started)
    assert not model_server.received
    [notice] = [event for event in events if event["type"] == "notice"]
    assert notice["kind"] == "crisis"
    reply = await reply_of(started)
    assert reply.is_crisis
    assert "heavy" in reply.content
    assert await CrisisAlert.objects.filter(user=user, message_id=started.request.pk).aexists()
    assert await Message.objects.filter(pk=started.request.pk, is_crisis=True).aexists()
    assert not await Conversation.objects.filter(user=user, title__icontains="kill").aexists()


async def test_harmful_output_is_withheld(model_server: ModelServer) -> None:
    model_server.will(
        [Say("Fine so far."), Wait(0.2), Say(" Just kill yourself."), Finish(), Done()]
    )
    user = await person()
    started = await begin(user)
    events = await heard(user, started)
    reply = await reply_of(started)
    assert "kill" not in reply.content
    assert text_of(events) == reply.content
    assert "kill" not in json.dumps(events)


async def test_without_redis_the_answer_is_made_and_saved(
    model_server: ModelServer, settings: Settings
) -> None:
    user = await person()
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    settings.CACHES = {
        "default": {
            **settings.CACHES["default"],
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    model_server.will(whole("Still here."))
    started = await begin(user)
    events = await heard(user, started)
    assert events[-1]["status"] == "completed"
    assert (await reply_of(started)).content == "Still here."


async def test_a_reader_that_stands_still_is_dropped_and_the_run_is_not(
    model_server: ModelServer, settings: Settings
) -> None:
    settings.COACH_LISTENER_EVENTS = 3
    pieces = [step for n in range(8) for step in (Say(f"{n} "), Wait(0.07))]
    model_server.will([*pieces, Finish(), Done()])
    user = await person()
    started = await begin(user)
    slow = follow(user, started.run.pk)
    await anext(slow)
    await live.settle()
    with pytest.raises(ListenerDropped):
        async for _ in slow:
            pass
    assert (await reply_of(started)).status == MessageStatus.COMPLETE


async def test_the_first_reply_parents_the_next_message(model_server: ModelServer) -> None:
    model_server.will(whole("First."), whole("Second."))
    user = await person()
    first = await begin(user, "One")
    await heard(user, first)
    second = await begin(user, "Two", conversation_id=first.run.conversation_id)
    await heard(user, second)
    asked = model_server.received[1].body["messages"]
    assert [message["content"] for message in asked[1:]] == ["One", "First.", "Two"]
    assert await Run.objects.filter(status=RunStatus.COMPLETED).acount() == 2


async def test_a_nul_from_a_model_costs_nobody_the_answer(model_server: ModelServer) -> None:
    model_server.will(calls('{"up_to": 2, "why": "\\u0000"}'), whole("O", "\0", "k."))
    user = await person()
    started = await begin(user)
    await heard(user, started)
    assert "NUL" in model_server.received[1].body["messages"][-1]["content"]
    assert (await reply_of(started)).content == "Ok."
