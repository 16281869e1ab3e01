"""The built-in coach as a LiteLLM provider: `builtin/coach` streams and calls tools like any model.

Imported only by `engine`, because it needs LiteLLM.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from itertools import chain, repeat
from typing import Any
from uuid import uuid4

from django.conf import settings
from litellm import CustomLLM, ModelResponse
from litellm.types.utils import GenericStreamingChunk

from .builtin import coach
from .builtin.replies import Text, ToolCall
from .pricing import estimated_tokens, estimated_tokens_of

NAME = "builtin"
_WORD = re.compile(r"\s*\S+\s*")


def sizes(words: int) -> Iterator[int]:
    """How many words the pieces of one answer have: few at first, to begin at once, then four times as many.

    Each piece costs the same to send, and nobody reads faster than they come.
    """
    return chain((words, 2 * words), repeat(4 * words))


def pieces(text: str, words: Iterator[int]) -> Iterator[str]:
    """Cuts text into pieces of so many words; joined they are the text again."""
    found = _WORD.findall(text)
    if not found and text:
        yield text
    position = 0
    while position < len(found):
        end = position + next(words)
        yield "".join(found[position:end])
        position = end


class BuiltinCoach(CustomLLM):
    """Hands a conversation to `coach.answer` and streams what it says, without artificial delay."""

    async def astreaming(  # type: ignore[override]  # declared a coroutine, awaited as a generator
        self, *args: Any, **kwargs: Any
    ) -> AsyncIterator[GenericStreamingChunk]:
        for chunk in _chunks(kwargs["messages"], kwargs["optional_params"]):
            yield chunk
            await asyncio.sleep(0)  # others are served between two pieces

    def streaming(self, *args: Any, **kwargs: Any) -> Iterator[GenericStreamingChunk]:
        return _chunks(kwargs["messages"], kwargs["optional_params"])

    async def acompletion(self, *args: Any, **kwargs: Any) -> ModelResponse:
        return _whole(**kwargs)

    def completion(self, *args: Any, **kwargs: Any) -> ModelResponse:
        return _whole(**kwargs)


def _chunks(
    messages: list[dict[str, Any]], optional_params: dict[str, Any]
) -> Iterator[GenericStreamingChunk]:
    words = sizes(settings.BUILTIN_CHUNK_WORDS)
    calls = 0
    written = 0
    for reply in coach.answer(messages, optional_params.get("tools") or []):
        match reply:
            case Text(text):
                written += len(text)
                for piece in pieces(text, words):
                    yield _chunk(text=piece)
            case ToolCall(name, arguments):
                raw = json.dumps(arguments, ensure_ascii=False)
                written += len(raw)
                yield _chunk(
                    tool_use={
                        "id": f"call_{uuid4().hex}",
                        "type": "function",
                        "function": {"name": name, "arguments": raw},
                        "index": calls,
                    },
                    index=0,
                )
                calls += 1
    asked, answered = estimated_tokens_of(messages), estimated_tokens(written)
    yield _chunk(
        is_finished=True,
        finish_reason="tool_calls" if calls else "stop",
        usage={
            "prompt_tokens": asked,
            "completion_tokens": answered,
            "total_tokens": asked + answered,
        },
    )


def _chunk(**fields: Any) -> GenericStreamingChunk:
    blank: dict[str, Any] = {
        "text": "",
        "tool_use": None,
        "is_finished": False,
        "finish_reason": "",
        "usage": None,
        "index": 0,
    }
    return GenericStreamingChunk(**{**blank, **fields})  # type: ignore[typeddict-item]


def _whole(
    *,
    messages: list[dict[str, Any]],
    optional_params: dict[str, Any],
    model_response: ModelResponse,
    **_: Any,
) -> ModelResponse:
    from litellm.types.utils import Choices, Message, Usage

    chunks = list(_chunks(messages, optional_params))
    last = chunks[-1]
    calls = [chunk["tool_use"] for chunk in chunks if chunk["tool_use"]]
    text = "".join(chunk["text"] for chunk in chunks)
    model_response.choices = [
        Choices(
            finish_reason=last["finish_reason"],
            message=Message(content=text or None, role="assistant", tool_calls=calls or None),
        )
    ]
    model_response.usage = Usage(**last["usage"])  # type: ignore[attr-defined,arg-type]
    return model_response
