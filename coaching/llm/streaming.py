"""One attempt at one model: its stream under two timers, read into pieces of an answer."""

import asyncio
import time
from collections.abc import AsyncGenerator, Coroutine
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from .engine import ready_engine
from .errors import AttemptFailed, Failure, failure_of
from .events import ChatRequest, TextDelta, ToolCallReady, Usage
from .pricing import cost_microdollars, estimated_tokens, estimated_tokens_of
from .prompt_schema import without_hints
from .targets import Target
from .tool_calls import ToolCallFragments, ids_in

# Longer than LiteLLM takes to prepare a request.
_PREPARING_SECONDS = 0.2


@dataclass
class Meter:
    """What one call of a model took so far: it can be read at any moment, also when the call dies."""

    target: Target
    request: ChatRequest
    began: float = field(default_factory=time.monotonic)
    first_token_ms: int | None = None
    characters: int = 0
    counted: tuple[int, int] | None = None

    def touched(self) -> None:
        """The first sign of an answer came."""
        if self.first_token_ms is None:
            self.first_token_ms = self.elapsed_ms

    @property
    def started(self) -> bool:
        return self.first_token_ms is not None

    @property
    def elapsed_ms(self) -> int:
        return round((time.monotonic() - self.began) * 1000)

    def usage(self) -> Usage:
        """Tokens and price: the provider's figures, or estimates for an answer that was not counted."""
        if self.counted:
            asked, answered = self.counted
        elif self.started:
            asked = estimated_tokens_of(self.request.messages)
            answered = estimated_tokens(self.characters)
        else:
            return Usage(estimated=True)
        cost = cost_microdollars(self.target.model, asked, answered)
        return Usage(asked, answered, cost, estimated=self.counted is None)


@dataclass(frozen=True)
class Ending:
    """How an answer ended: its tool calls, whole at last, and the model's reason to stop."""

    tool_calls: list[ToolCallReady]
    finish_reason: str


async def attempt(
    meter: Meter, *, response_format: dict[str, Any] | None = None
) -> AsyncGenerator[TextDelta | Ending, None]:
    """Yields the pieces of an answer and, last, its `Ending`; raises `AttemptFailed`.

    The first sign of an answer must come within `COACH_FIRST_TOKEN_TIMEOUT_SECONDS`, connecting included,
    each further one within `COACH_STALL_TIMEOUT_SECONDS`, and the last within `COACH_ANSWER_TIMEOUT_SECONDS`. However this generator ends, the connection is closed.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + settings.COACH_FIRST_TOKEN_TIMEOUT_SECONDS
    latest = loop.time() + settings.COACH_ANSWER_TIMEOUT_SECONDS
    calls = ToolCallFragments(taken=ids_in(meter.request.messages))
    held_back = ""  # white space before the first word: alone it is no answer
    has_text = False
    reason: str | None = None
    stream: Any = None
    try:
        lite = await ready_engine()
        arguments = _arguments(meter.target, meter.request, response_format)
        async with asyncio.timeout_at(deadline):
            stream = await _opened(lite.acompletion(**arguments))
        while True:
            if meter.started:
                deadline = min(loop.time() + settings.COACH_STALL_TIMEOUT_SECONDS, latest)
            async with asyncio.timeout_at(deadline):
                chunk = await anext(stream, None)
            if chunk is None:
                break
            counted = getattr(chunk, "usage", None)
            if counted is not None:
                meter.counted = (counted.prompt_tokens or 0, counted.completion_tokens or 0)
            if not chunk.choices:
                continue
            choice = chunk.choices[0]
            reason = choice.finish_reason or reason
            if reason and meter.target.is_builtin:
                break  # nothing follows but LiteLLM's bookkeeping, which costs more than the answer
            delta = choice.delta
            if delta.tool_calls:
                meter.touched()
                calls.add(delta.tool_calls)
            if delta.content:
                meter.touched()
                meter.characters += len(delta.content)
                text = delta.content.replace("\0", "")  # PostgreSQL keeps no NUL
                has_text = has_text or not (text.isspace() or not text)
                held_back += text
                if has_text:
                    yield TextDelta(held_back)
                    held_back = ""
            elif getattr(delta, "reasoning_content", None):
                meter.touched()  # thinking is a sign of life, but nothing to show
                meter.characters += len(delta.reasoning_content)
    except Exception as error:
        raise AttemptFailed(failure_of(error, started=meter.started)) from error
    finally:
        meter.characters += calls.characters
        if stream is not None:
            await _close(stream)
    if not _ended_by_the_model(stream):
        raise AttemptFailed(Failure("cut", "The stream ended without a reason to finish."))
    if not has_text and not calls:
        refused = reason == "content_filter"
        raise AttemptFailed(
            Failure("rejected", "The provider's filter refused.", blame=False)
            if refused
            else Failure("empty", "A whole answer with nothing in it.", retry=True)
        )
    yield Ending(calls.ready(), "tool_calls" if calls and reason == "stop" else reason or "stop")


def _arguments(
    target: Target, request: ChatRequest, response_format: dict[str, Any] | None
) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "model": target.model,
        "messages": request.messages,
        "stream": True,
    }
    if target.is_builtin:
        if request.tools:
            arguments["tools"] = request.tools
        return arguments
    longest = max(settings.COACH_FIRST_TOKEN_TIMEOUT_SECONDS, settings.COACH_STALL_TIMEOUT_SECONDS)
    arguments |= {
        "temperature": settings.COACH_TEMPERATURE
        if request.temperature is None
        else request.temperature,
        "max_tokens": request.max_output_tokens or settings.COACH_MAX_OUTPUT_TOKENS,
        "stream_options": {"include_usage": True},
        "max_retries": 0,  # retries are the gateway's, who knows how long the person has waited
        "timeout": longest + 5,  # a net under the timers above
    }
    if request.tools:
        arguments["tools"] = [without_hints(tool) for tool in request.tools]
    if response_format:
        arguments["response_format"] = response_format
    if target.api_base:
        arguments["api_base"] = target.api_base
        # A server of one's own often wants no key, but the client insists on something.
        arguments["api_key"] = target.api_key or "none"
    elif target.api_key:
        arguments["api_key"] = target.api_key
    return arguments


def _ended_by_the_model(stream: Any) -> bool:
    """Whether the provider sent a finish reason.

    LiteLLM makes one up when a stream just ends, and a cut answer would pass for a whole one.
    """
    return bool(
        getattr(stream, "received_finish_reason", None)
        or getattr(stream, "intermittent_finish_reason", None)
    )


async def _opened(opening: Coroutine[Any, Any, Any]) -> Any:
    """The stream that `opening` gives; when it is given up meanwhile, nothing is left behind.

    LiteLLM prepares a request in a thread. Cancelled while it does, it would drop the prepared call without
    ever awaiting it, so it gets the moment that takes before it is cancelled.
    """
    task = asyncio.ensure_future(opening)
    try:
        return await asyncio.shield(task)
    except BaseException:
        if not task.done():
            await asyncio.wait({task}, timeout=_PREPARING_SECONDS)
        if not task.cancel() and not task.cancelled() and not task.exception():
            await _close(task.result())
        raise


async def _close(stream: Any) -> None:
    close = getattr(stream, "aclose", None)
    if close is not None:
        await close()
