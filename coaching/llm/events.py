"""What is asked of a language model and what comes back, without a word of any provider."""

from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

Reason = Literal[
    "budget",  # the person's budget of the day is spent
    "breaker",  # the model failed so often lately that it rests
    "timeout",  # no first token in time
    "rate_limited",  # 429, and again after the retry or too long a wait
    "unavailable",  # no connection, 5xx, or an answer that is no answer
    "rejected",  # 4xx: the key, the model's name, or the request itself
    "stalled",  # tokens stopped coming
    "cut",  # the stream ended before the answer did
    "empty",  # a whole answer with nothing in it
]


@dataclass(frozen=True)
class ChatRequest:
    """One turn of a conversation, in the chat-completions format.

    `tools` are `Tool.schema()` as they stand: the gateway takes the `x-` hints out where they are not
    understood. `user_id` is whom the cost counts for; without it nobody's budget is asked.
    """

    messages: list[dict[str, Any]]
    tools: list[dict[str, Any]] = field(default_factory=list)
    user_id: UUID | None = None
    purpose: str = "chat"
    model: str = ""
    temperature: float | None = None
    max_output_tokens: int | None = None


@dataclass(frozen=True)
class Usage:
    """Tokens of one call and their price. `estimated`: the provider did not count, the gateway did."""

    input_tokens: int = 0
    output_tokens: int = 0
    cost_microdollars: int = 0
    estimated: bool = False


@dataclass(frozen=True)
class TextDelta:
    """The next piece of the answer."""

    text: str


@dataclass(frozen=True)
class ToolCallReady:
    """A whole tool call. The arguments are what the model wrote, and may be broken JSON."""

    id: str
    name: str
    arguments_json: str


@dataclass(frozen=True)
class Degraded:
    """The answer goes on with another model than the one asked for."""

    reason: Reason
    from_model: str
    to_model: str


@dataclass(frozen=True)
class Restarted:
    """An attempt died after some text: the text of this turn is now `keep_text`, and grows from there.

    It is always empty. Models asked to continue another's half sentence repeat or contradict it, and the
    built-in coach cannot; a new answer shown in place of the old one is whole and never doubled.
    """

    keep_text: str = ""


@dataclass(frozen=True)
class Finished:
    """The end of the answer; the last event, exactly once."""

    model: str
    usage: Usage
    finish_reason: str


GatewayEvent = TextDelta | ToolCallReady | Degraded | Restarted | Finished
