"""The built-in coach is a provider like any other."""

from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from coaching.llm.builtin import coach
from coaching.llm.builtin.replies import Reply, Text, ToolCall
from coaching.llm.engine import engine
from coaching.llm.provider import pieces, sizes

MESSAGES = [{"role": "user", "content": "Plan a 5K for me."}]
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "make_plan",
            "description": "Plans.",
            "parameters": {"type": "object", "properties": {}, "x-cues": ["plan"]},
        },
    }
]


@pytest.fixture(autouse=True)
def heard(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """A coach of two sentences and two calls; the list holds what it was asked."""
    asked: list[Any] = []

    def answer(messages: list[Any], tools: list[Any]) -> Iterator[Reply]:
        asked.append((messages, tools))
        yield Text("Good idea. ")
        yield Text("Let us see what fits you.")
        yield ToolCall("make_plan", {"goal": "5K", "für": "dich"})
        yield ToolCall("look")

    monkeypatch.setattr(coach, "answer", answer)
    return asked


def check(text: str, calls: list[Any], reason: str) -> None:
    assert text == "Good idea. Let us see what fits you."
    assert [call.function.name for call in calls] == ["make_plan", "look"]
    assert calls[0].function.arguments == '{"goal": "5K", "für": "dich"}'
    assert len({call.id for call in calls}) == 2
    assert reason == "tool_calls"


async def test_it_streams_asynchronously(heard: list[Any], settings: Settings) -> None:
    settings.BUILTIN_CHUNK_WORDS = 2
    stream = await engine().acompletion(
        model="builtin/coach", messages=MESSAGES, tools=TOOLS, stream=True
    )
    deltas = [chunk.choices[0].delta async for chunk in stream]

    words = [delta.content for delta in deltas if delta.content]
    assert words[0] == "Good idea. "
    assert words[1] == "Let us see what "
    assert len(words) == 3
    calls = [call for delta in deltas for call in delta.tool_calls or ()]
    check("".join(words), calls, stream.received_finish_reason)
    assert [call.index for call in calls] == [0, 1]
    assert heard == [(MESSAGES, TOOLS)]


def test_it_streams_synchronously() -> None:
    stream = engine().completion(model="builtin/coach", messages=MESSAGES, tools=TOOLS, stream=True)
    deltas = [chunk.choices[0].delta for chunk in stream]

    text = "".join(delta.content or "" for delta in deltas)
    calls = [call for delta in deltas for call in delta.tool_calls or ()]
    check(text, calls, stream.received_finish_reason)


async def test_it_answers_in_one_piece() -> None:
    for answer in (
        engine().completion(model="builtin/coach", messages=MESSAGES, tools=TOOLS),
        await engine().acompletion(model="builtin/coach", messages=MESSAGES, tools=TOOLS),
    ):
        choice = answer.choices[0]
        check(choice.message.content, choice.message.tool_calls, choice.finish_reason)
        assert answer.usage.prompt_tokens > 0


@given(st.text(), st.lists(st.integers(1, 5), min_size=1, max_size=5))
def test_pieces_joined_are_the_text(text: str, words: list[int]) -> None:
    cut = list(pieces(text, cycle(words)))

    assert "".join(cut) == text
    assert all(len(piece.split()) <= size for piece, size in zip(cut, cycle(words), strict=False))


def test_pieces_begin_small_and_grow() -> None:
    assert list(islice(sizes(3), 4)) == [3, 6, 12, 12]
