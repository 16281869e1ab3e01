"""Whatever a model server does, a message gets a whole answer, once."""

import asyncio
import time
from contextlib import aclosing
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.llm.builtin import coach
from coaching.llm.builtin.replies import Text
from coaching.llm.gateway import (
    ChatRequest,
    Degraded,
    Finished,
    GatewayEvent,
    ModelUnavailable,
    Restarted,
    TextDelta,
    ToolCallReady,
    settle,
    stream_chat,
)
from coaching.models import CallOutcome, ModelCall

from .fixtures import FALLBACK, MODEL
from .model_server import (
    Call,
    Count,
    Cut,
    Done,
    End,
    Finish,
    ModelServer,
    Page,
    Say,
    Status,
    Step,
    Wait,
    whole,
)

pytestmark = pytest.mark.django_db(transaction=True)
BUILTIN = "builtin/coach"
QUESTION = [{"role": "user", "content": "I want to run a 5K in 3 months."}]
TOOL = {
    "type": "function",
    "function": {
        "name": "make_plan",
        "description": "Makes a plan.",
        "parameters": {
            "type": "object",
            "properties": {"goal": {"type": "string", "x-slot": {"kind": "goal"}}},
            "x-cues": ["plan"],
        },
    },
}


async def events_of(request: ChatRequest | None = None) -> list[GatewayEvent]:
    async with aclosing(stream_chat(request or ChatRequest(QUESTION))) as stream:
        events = [event async for event in stream]
    await settle()
    return events


def shown(events: list[GatewayEvent]) -> str:
    """The text a person sees at the end."""
    text = ""
    for event in events:
        if isinstance(event, TextDelta):
            text += event.text
        elif isinstance(event, Restarted):
            text = event.keep_text
    return text


def kinds(events: list[GatewayEvent]) -> list[type[GatewayEvent]]:
    """The kinds of events, several in a row counted once."""
    found: list[type[GatewayEvent]] = []
    for event in events:
        if not found or found[-1] is not type(event):
            found.append(type(event))
    return found


async def calls() -> list[ModelCall]:
    return [call async for call in ModelCall.objects.order_by("created_at", "pk")]


@pytest.fixture
def person() -> User:
    return UserFactory.create()


@pytest.fixture(autouse=True)
def builtin_says(monkeypatch: pytest.MonkeyPatch) -> str:
    """What the built-in coach says is its own affair; here one known sentence is enough."""
    sentence = "Here I am, the built-in coach, at your service."
    monkeypatch.setattr(coach, "answer", lambda messages, tools: iter([Text(sentence)]))
    return sentence


async def test_an_answer_streams_in_the_pieces_in_which_it_was_sent(
    model_server: ModelServer, person: User
) -> None:
    model_server.will(whole("Two ", "steps ", "first.", usage=Count(1200, 7)))

    events = await events_of(ChatRequest(QUESTION, user_id=person.pk))

    assert [event.text for event in events if isinstance(event, TextDelta)] == [
        "Two ",
        "steps ",
        "first.",
    ]
    last = events[-1]
    assert isinstance(last, Finished)
    assert (last.model, last.finish_reason) == (MODEL, "stop")
    assert (last.usage.input_tokens, last.usage.output_tokens) == (1200, 7)
    assert last.usage.cost_microdollars == 1200 + 2 * 7
    [call] = await calls()
    assert call.user_id == person.pk
    assert (call.model, call.outcome, call.error) == (MODEL, CallOutcome.OK, "")
    assert (call.input_tokens, call.output_tokens, call.cost_microdollars) == (1200, 7, 1214)
    assert call.first_token_ms is not None
    assert call.total_ms >= call.first_token_ms


async def test_the_request_carries_key_tools_and_limits_but_no_hints(
    model_server: ModelServer, settings: Settings
) -> None:
    settings.COACH_MAX_OUTPUT_TOKENS = 321
    model_server.will(whole("Yes."))

    await events_of(ChatRequest(QUESTION, [TOOL], temperature=0.2))

    [request] = model_server.received
    assert request.headers["authorization"] == "Bearer key-of-the-model"
    assert request.body["messages"] == QUESTION
    assert request.body["max_tokens"] == 321
    assert request.body["temperature"] == 0.2
    assert request.body["tools"][0]["function"]["name"] == "make_plan"
    assert "x-" not in str(request.body["tools"])
    assert "x-cues" in TOOL["function"]["parameters"]  # type: ignore[index]


async def test_the_built_in_coach_gets_the_hints_and_the_whole_conversation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[object] = []

    def answer(messages: object, tools: object) -> object:
        seen.extend([messages, tools])
        return iter([Text("Fine.")])

    monkeypatch.setattr(coach, "answer", answer)

    await events_of(ChatRequest(QUESTION, [TOOL], model=BUILTIN))

    assert seen == [QUESTION, [TOOL]]


async def test_parallel_tool_calls_arrive_whole_and_after_the_text(
    model_server: ModelServer,
) -> None:
    model_server.will(
        [
            Say("One moment."),
            Call("make_plan", ('{"go', 'al": ', '"5K"}'), id="a", index=0),
            Call("set_reminder", ('{"at": "7:00"', "}"), id="b", index=1),
            Finish("tool_calls"),
            Done(),
        ]
    )

    events = await events_of(ChatRequest(QUESTION, [TOOL]))

    assert kinds(events) == [TextDelta, ToolCallReady, Finished]
    assert events[-3:-1] == [
        ToolCallReady("a", "make_plan", '{"goal": "5K"}'),
        ToolCallReady("b", "set_reminder", '{"at": "7:00"}'),
    ]
    assert isinstance(events[-1], Finished)
    assert events[-1].finish_reason == "tool_calls"


async def test_broken_arguments_are_handed_over_as_they_are(model_server: ModelServer) -> None:
    model_server.will(
        [Call("make_plan", ('{"goal": "5K', "")), Finish("tool_calls"), Done()],
    )

    events = await events_of(ChatRequest(QUESTION, [TOOL]))

    assert events[0] == ToolCallReady("call_1", "make_plan", '{"goal": "5K')


async def test_a_call_without_an_id_or_with_a_used_one_gets_its_own(
    model_server: ModelServer,
) -> None:
    before = {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {"id": "call_1", "type": "function", "function": {"name": "x", "arguments": "{}"}}
        ],
    }
    answered = {"role": "tool", "tool_call_id": "call_1", "content": "{}"}
    model_server.will(
        [
            Call("make_plan", id=None, index=0),
            Call("make_plan", id="call_1", index=1),
            Finish("tool_calls"),
            Done(),
        ]
    )

    events = await events_of(ChatRequest([*QUESTION, before, answered], [TOOL]))

    ids = [event.id for event in events if isinstance(event, ToolCallReady)]
    assert len({*ids, "call_1", ""}) == 4


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(Status(429, {"retry-after": "0.1"}), id="too many requests"),
        pytest.param(Status(500), id="an error of the server"),
        pytest.param(Status(503), id="overloaded"),
    ],
)
async def test_passing_trouble_is_retried_once_without_a_word(
    model_server: ModelServer, trouble: Step
) -> None:
    model_server.will([trouble], whole("Here."))

    events = await events_of()

    assert kinds(events) == [TextDelta, Finished]
    assert shown(events) == "Here."
    assert [call.outcome for call in await calls()] == [CallOutcome.ERROR, CallOutcome.OK]


async def test_silence_before_the_first_token_is_retried_once(
    model_server: ModelServer, settings: Settings
) -> None:
    settings.COACH_FIRST_TOKEN_TIMEOUT_SECONDS = 0.3
    model_server.will([Wait(30)], whole("Here."))

    events = await events_of()

    assert kinds(events) == [TextDelta, Finished]
    assert [call.outcome for call in await calls()] == [CallOutcome.TIMEOUT, CallOutcome.OK]
    assert model_server.received[0].hung_up.wait(5)


async def test_a_role_without_words_does_not_count_as_the_first_token(
    model_server: ModelServer, settings: Settings, builtin_says: str
) -> None:
    settings.COACH_FIRST_TOKEN_TIMEOUT_SECONDS = 0.3
    model_server.will([Say(""), Wait(30)], [Say(""), Wait(30)])

    events = await events_of()

    assert events[0] == Degraded("timeout", MODEL, BUILTIN)
    assert shown(events) == builtin_says


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        pytest.param([Status(429)], [Status(429)], "rate_limited", id="too many requests twice"),
        pytest.param([Status(500)], [Status(502)], "unavailable", id="errors of the server"),
        pytest.param([Status(401)], None, "rejected", id="a wrong key"),
        pytest.param([Status(400)], None, "rejected", id="a request it does not like"),
        pytest.param([Status(404)], None, "rejected", id="an unknown model"),
        pytest.param([Finish(), Done()], [Finish(), Done()], "empty", id="nothing, twice"),
        pytest.param([Say("  \n"), Finish(), Done()], [Status(500)], None, id="only spaces"),
        pytest.param([Cut()], None, None, id="cut before a word"),
        pytest.param([End()], None, None, id="ended before a word"),
        pytest.param([Page(b"<h1>Welcome</h1>")], None, None, id="a web page"),
        pytest.param([Page(b"data: {oops\n\n", "text/event-stream")], None, None, id="no JSON"),
        pytest.param([Page(b"data: 7\n\n", "text/event-stream")], None, None, id="a number"),
    ],
)
async def test_other_trouble_ends_at_the_built_in_coach(
    model_server: ModelServer,
    builtin_says: str,
    first: list[Step],
    second: list[Step] | None,
    reason: str | None,
) -> None:
    model_server.will(first, *([second] if second else []))

    events = await events_of()

    degraded = [event for event in events if isinstance(event, Degraded)]
    assert len(degraded) == 1
    assert (degraded[0].from_model, degraded[0].to_model) == (MODEL, BUILTIN)
    if reason:
        assert degraded[0].reason == reason
    assert shown(events) == builtin_says
    assert isinstance(events[-1], Finished)
    *failed, answered = await calls()
    assert failed
    assert all(call.outcome == CallOutcome.ERROR and call.error for call in failed)
    assert (answered.model, answered.outcome) == (BUILTIN, CallOutcome.FALLBACK)


async def test_a_long_retry_after_is_not_waited_for(
    model_server: ModelServer, builtin_says: str
) -> None:
    model_server.will([Status(429, {"retry-after": "3600"})])

    events = await events_of()

    assert len(model_server.received) == 1
    assert shown(events) == builtin_says


async def test_a_server_that_is_not_there_ends_at_the_built_in_coach(
    model_server: ModelServer, settings: Settings, builtin_says: str
) -> None:
    settings.COACH_MODEL_API_BASE = "http://127.0.0.1:9/v1"

    events = await events_of()

    assert events[0] == Degraded("unavailable", MODEL, BUILTIN)
    assert shown(events) == builtin_says
    assert len(await calls()) == 3  # asked, asked again, answered


@pytest.mark.parametrize(
    ("ending", "reason", "outcome"),
    [
        pytest.param([Cut()], "cut", CallOutcome.ERROR, id="cut"),
        pytest.param([End()], "cut", CallOutcome.ERROR, id="ended without a finish"),
        pytest.param([Wait(30)], "stalled", CallOutcome.TIMEOUT, id="stalled"),
    ],
)
async def test_half_an_answer_is_taken_back_and_given_whole_by_the_next_model(
    model_server: ModelServer,
    fallback_server: ModelServer,
    settings: Settings,
    ending: list[Step],
    reason: str,
    outcome: CallOutcome,
) -> None:
    settings.COACH_STALL_TIMEOUT_SECONDS = 0.3
    model_server.will([Say("First you ", "should "), *ending])
    fallback_server.will(whole("Walk ", "first."))

    events = await events_of()

    assert kinds(events) == [TextDelta, Degraded, Restarted, TextDelta, Finished]
    assert Degraded(reason, MODEL, FALLBACK) in events  # type: ignore[arg-type]
    assert shown(events) == "Walk first."
    assert len(model_server.received) == 1
    assert fallback_server.received[0].headers["authorization"] == "Bearer key-of-the-fallback"
    assert fallback_server.received[0].body["messages"] == QUESTION
    died, answered = await calls()
    assert (died.model, died.outcome) == (MODEL, outcome)
    assert died.output_tokens > 0
    assert (answered.model, answered.outcome) == (FALLBACK, CallOutcome.FALLBACK)


async def test_a_tool_call_of_an_attempt_that_died_is_never_handed_out(
    model_server: ModelServer, builtin_says: str
) -> None:
    model_server.will([Call("make_plan", ('{"goal": "5K"}',)), Cut()])

    events = await events_of(ChatRequest(QUESTION, [TOOL]))

    assert kinds(events) == [Degraded, TextDelta, Finished]
    assert shown(events) == builtin_says


async def test_a_stall_within_a_tool_call_goes_to_the_next_model(
    model_server: ModelServer, settings: Settings, builtin_says: str
) -> None:
    settings.COACH_STALL_TIMEOUT_SECONDS = 0.3
    model_server.will([Call("make_plan", ('{"goal"',)), Wait(30)])

    events = await events_of(ChatRequest(QUESTION, [TOOL]))

    assert events[0] == Degraded("stalled", MODEL, BUILTIN)
    assert shown(events) == builtin_says


async def test_an_answer_that_drips_for_too_long_goes_to_the_next_model(
    model_server: ModelServer, settings: Settings, builtin_says: str
) -> None:
    settings.COACH_ANSWER_TIMEOUT_SECONDS = 0.5
    model_server.will([step for _ in range(40) for step in (Say("drip "), Wait(0.1))])

    events = await events_of()

    assert Degraded("stalled", MODEL, BUILTIN) in events
    assert shown(events) == builtin_says


async def test_white_space_before_the_first_word_is_kept_with_it(model_server: ModelServer) -> None:
    model_server.will([Say(" ", "\n"), Finish(), Done()], whole("\n", " ", "Here."))

    events = await events_of()

    assert kinds(events) == [TextDelta, Finished]
    assert shown(events) == "\n Here."


async def test_a_key_that_a_provider_quotes_is_not_kept(model_server: ModelServer) -> None:
    model_server.will([Status(401, message="Wrong key: key-of-the-model")])

    await events_of()

    refused, _ = await calls()
    assert "Wrong key" in refused.error
    assert "key-of-the-model" not in refused.error


async def test_both_models_may_die_in_mid_answer(
    model_server: ModelServer, fallback_server: ModelServer, builtin_says: str
) -> None:
    model_server.will([Say("Once "), Cut()])
    fallback_server.will([Say("Twice "), Cut()])

    events = await events_of()

    assert shown(events) == builtin_says
    assert [event for event in events if isinstance(event, Degraded)] == [
        Degraded("cut", MODEL, FALLBACK),
        Degraded("cut", FALLBACK, BUILTIN),
    ]
    assert isinstance(events[-1], Finished)
    assert events[-1].model == BUILTIN


async def test_a_cut_after_the_finish_loses_nothing(model_server: ModelServer) -> None:
    model_server.will([Say("All ", "of it."), Finish(), Cut()])

    events = await events_of()

    assert kinds(events) == [TextDelta, Finished]
    assert shown(events) == "All of it."


async def test_an_answer_at_its_length_limit_says_so(model_server: ModelServer) -> None:
    model_server.will([Say("Long"), Finish("length"), Done()])

    last = (await events_of())[-1]

    assert isinstance(last, Finished)
    assert last.finish_reason == "length"


async def test_tokens_are_estimated_when_the_provider_does_not_count(
    model_server: ModelServer,
) -> None:
    model_server.will(whole("Some words of an answer."))

    last = (await events_of())[-1]

    assert isinstance(last, Finished)
    assert last.usage.output_tokens > 0
    assert last.usage.cost_microdollars > 0


async def test_without_any_answer_the_failure_has_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(messages: object, tools: object) -> object:
        raise ValueError("a bug in the built-in coach")

    monkeypatch.setattr(coach, "answer", broken)

    with pytest.raises(ModelUnavailable):
        await events_of(ChatRequest(QUESTION, model=BUILTIN))
    assert {call.outcome for call in await calls()} == {CallOutcome.ERROR}


async def test_over_the_budget_of_the_day_the_built_in_coach_answers(
    model_server: ModelServer, person: User, settings: Settings, builtin_says: str
) -> None:
    settings.COACH_DAILY_BUDGET_MICRODOLLARS = 1000
    model_server.will(whole("Yes.", usage=Count(900, 50)), whole("Still."))

    first = await events_of(ChatRequest(QUESTION, user_id=person.pk))
    second = await events_of(ChatRequest(QUESTION, user_id=person.pk))
    nobodys = await events_of(ChatRequest(QUESTION))

    assert shown(first) == "Yes."
    assert second[0] == Degraded("budget", MODEL, BUILTIN)
    assert shown(second) == builtin_says
    assert shown(nobodys) == "Still."


async def test_yesterdays_cost_and_other_peoples_cost_do_not_count(
    model_server: ModelServer, person: User, settings: Settings
) -> None:
    settings.COACH_DAILY_BUDGET_MICRODOLLARS = 10
    other = await sync_to_async(UserFactory.create)()
    long_ago = timezone.now() - timedelta(days=2)
    for user, at in ((person, long_ago), (other, timezone.now())):
        await ModelCall.objects.acreate(
            user=user, model=MODEL, outcome="ok", total_ms=1, cost_microdollars=99, created_at=at
        )
    model_server.will(whole("Yes."))

    assert shown(await events_of(ChatRequest(QUESTION, user_id=person.pk))) == "Yes."


async def test_stopping_hangs_up_at_once_and_is_still_recorded(
    model_server: ModelServer, person: User
) -> None:
    model_server.will([Say("Once "), Wait(30)])
    stream = stream_chat(ChatRequest(QUESTION, user_id=person.pk))
    assert await anext(stream) == TextDelta("Once ")

    await stream.aclose()

    assert await asyncio.to_thread(model_server.received[0].hung_up.wait, 5)
    await settle()
    [call] = await calls()
    assert (call.outcome, call.error) == (CallOutcome.OK, "Stopped before the end.")
    assert call.output_tokens > 0


@pytest.mark.parametrize("steps", [[Wait(30)], [Say("Once "), Wait(30)]])
async def test_cancelling_the_task_hangs_up_at_once_and_is_still_recorded(
    model_server: ModelServer, steps: list[Step], settings: Settings
) -> None:
    settings.COACH_FIRST_TOKEN_TIMEOUT_SECONDS = 30
    settings.COACH_STALL_TIMEOUT_SECONDS = 30
    model_server.will(steps)
    task = asyncio.create_task(events_of())
    began = time.monotonic()
    while not model_server.received and time.monotonic() - began < 30:  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.1)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await asyncio.to_thread(model_server.received[0].hung_up.wait, 5)
    await settle()
    [call] = await calls()
    assert call.error == "Stopped before the end."


async def test_a_call_of_a_person_who_is_gone_is_answered_and_not_recorded(
    model_server: ModelServer, person: User
) -> None:
    gone = person.pk
    await person.adelete()
    model_server.will(whole("Yes."))

    assert shown(await events_of(ChatRequest(QUESTION, user_id=gone))) == "Yes."
    assert await calls() == []


async def test_many_chats_at_once_are_all_answered_and_recorded(
    person: User, builtin_says: str
) -> None:
    requests = [ChatRequest(QUESTION, user_id=person.pk, model=BUILTIN) for _ in range(50)]

    answers = await asyncio.gather(*map(events_of, requests))

    assert {shown(events) for events in answers} == {builtin_says}
    assert len(await calls()) == 50
