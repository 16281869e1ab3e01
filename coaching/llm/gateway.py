"""The one door to language models.

`stream_chat` answers a turn of a conversation with typed events; `complete_structured` fills a pydantic
model. Both go down the ladder COACH_MODEL, COACH_FALLBACK_MODEL, `builtin/coach`: time-outs before the
first token and between tokens, one retry, a breaker per model, a budget per person and day, a row per call.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from . import budget
from .call_log import settle
from .engine import warm_up
from .errors import GatewayError, ModelUnavailable, StructuredOutputInvalid
from .events import (
    ChatRequest,
    Degraded,
    Finished,
    GatewayEvent,
    Reason,
    Restarted,
    TextDelta,
    ToolCallReady,
    Usage,
)
from .fallback import answer
from .structured import complete_structured
from .targets import BUILTIN, Target, ladder

__all__ = [
    "BUILTIN",
    "ChatRequest",
    "Degraded",
    "Finished",
    "GatewayError",
    "GatewayEvent",
    "ModelUnavailable",
    "Reason",
    "Restarted",
    "StructuredOutputInvalid",
    "TextDelta",
    "ToolCallReady",
    "Usage",
    "complete_structured",
    "settle",
    "stream_chat",
    "warm_up",
]


async def stream_chat(request: ChatRequest) -> AsyncGenerator[GatewayEvent, None]:
    """Streams the answer to a turn: text as it comes, then the tool calls, then `Finished`.

    Tool calls come only when the answer is whole, so no tool runs for an attempt that died later. When an
    attempt dies after some text, `Restarted` takes the text back and the next model begins anew. Closing
    the generator (or cancelling its task) closes the connection to the model at once; the call is recorded
    all the same. Raises `ModelUnavailable` when even the built-in coach fails. Not to be called in a transaction.
    """
    rungs = ladder(request.model)
    wanted = rungs[0]
    because: Reason | None = None
    if not wanted.is_builtin and await budget.is_spent(request.user_id):
        rungs, because = [Target(BUILTIN)], "budget"
    async with aclosing(answer(request, rungs, wanted=wanted.model, because=because)) as events:
        async for event in events:
            yield event
