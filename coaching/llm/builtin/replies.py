"""What the built-in coach answers with: pieces of text and calls of the tools it was offered."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Text:
    """A piece of the answer, in Markdown. Pieces are joined as they stand: spaces are the coach's."""

    text: str


@dataclass(frozen=True)
class ToolCall:
    """A wish to call an offered tool by the name it was offered under."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)


Reply = Text | ToolCall
