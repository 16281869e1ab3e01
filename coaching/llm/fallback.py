"""Down the ladder of models until one gives a whole answer."""

import asyncio
import random
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

from django.conf import settings

from coaching.models import CallOutcome, ModelCall

from . import breaker, call_log
from .errors import AttemptFailed, Failure, ModelUnavailable
from .events import (
    ChatRequest,
    Degraded,
    Finished,
    GatewayEvent,
    Reason,
    Restarted,
    TextDelta,
    Usage,
)
from .streaming import Ending, Meter, attempt
from .targets import Target

RETRY_PAUSE_SECONDS = 0.2
STOPPED = "Stopped before the end."


async def answer(
    request: ChatRequest,
    ladder: Sequence[Target],
    *,
    wanted: str,
    because: Reason | None = None,
    response_format: dict[str, Any] | None = None,
) -> AsyncGenerator[GatewayEvent, None]:
    """The events of an answer by the first model of the ladder that gives a whole one.

    `wanted` is the model asked for; `because` says why the ladder does not begin with it. Before any of
    the answer came, a failure that may pass is retried once at the same model. Raises `ModelUnavailable`
    below the last rung.
    """
    degraded_from: tuple[Reason, str] | None = (because, wanted) if because else None
    shown = False
    last: Failure | None = None
    for target in ladder:
        permit = await _leave(target)
        if permit is None:
            degraded_from = degraded_from or ("breaker", target.model)
            continue
        if degraded_from:
            yield Degraded(*degraded_from, to_model=target.model)
            degraded_from = None
        if shown:
            yield Restarted()
            shown = False
        for is_retry in (False, True):
            meter = Meter(target, request)
            failure: Failure | None = None
            ending: Ending | None = None
            try:
                async with aclosing(attempt(meter, response_format=response_format)) as pieces:
                    async for piece in pieces:
                        if isinstance(piece, TextDelta):
                            shown = True
                            yield piece
                        else:
                            ending = piece
            except AttemptFailed as died:
                last = failure = died.failure
            finally:
                usage = meter.usage()
                stopped = ending is None and failure is None
                _record(
                    meter,
                    usage,
                    outcome=_outcome(failure, is_fallback=target.model != wanted),
                    error=STOPPED if stopped else failure.detail if failure else "",
                )
                if stopped:
                    await permit.released()
            if ending is not None:
                await permit.succeeded()
                for event in _last_events(ending, target, usage):
                    yield event
                return
            if failure is not None:
                await (permit.failed() if failure.blame else permit.released())
                if not is_retry and _worth_retrying(failure):
                    await asyncio.sleep(_pause(failure))
                    continue
            break
        degraded_from = (last.reason, target.model) if last else None
    raise ModelUnavailable(last.detail if last else "No model can be asked now.")


class _AlwaysOpenDoor:
    """The built-in coach needs no breaker: it is part of this process."""

    async def succeeded(self) -> None: ...
    async def failed(self) -> None: ...
    async def released(self) -> None: ...


async def _leave(target: Target) -> breaker.Permit | _AlwaysOpenDoor | None:
    return _AlwaysOpenDoor() if target.is_builtin else await breaker.ask_leave(target.model)


def _last_events(ending: Ending, target: Target, usage: Usage) -> list[GatewayEvent]:
    return [*ending.tool_calls, Finished(target.model, usage, ending.finish_reason)]


def _worth_retrying(failure: Failure) -> bool:
    wait = failure.retry_after or 0.0
    return failure.retry and wait <= settings.COACH_RETRY_AFTER_LIMIT_SECONDS


def _pause(failure: Failure) -> float:
    """Seconds before the retry: what the server asked for, else a moment with some scatter."""
    if failure.retry_after is not None:
        return failure.retry_after
    return RETRY_PAUSE_SECONDS * random.uniform(0.5, 1.5)


def _record(meter: Meter, usage: Usage, *, outcome: CallOutcome, error: str) -> None:
    key = meter.target.api_key
    if key:
        error = error.replace(key, "…")  # some providers quote it back
    call_log.record(
        ModelCall(
            user_id=meter.request.user_id,
            purpose=meter.request.purpose,
            model=meter.target.model[:100],
            outcome=outcome,
            error=error[:300],
            first_token_ms=meter.first_token_ms,
            total_ms=meter.elapsed_ms,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cost_microdollars=usage.cost_microdollars,
        )
    )


def _outcome(failure: Failure | None, *, is_fallback: bool) -> CallOutcome:
    if failure is not None:
        timed_out = failure.reason in ("timeout", "stalled")
        return CallOutcome.TIMEOUT if timed_out else CallOutcome.ERROR
    return CallOutcome.FALLBACK if is_fallback else CallOutcome.OK
