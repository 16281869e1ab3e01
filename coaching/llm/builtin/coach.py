"""The built-in coach: deterministic, offline, no key. It says plainly what it is."""

from collections.abc import Iterator
from typing import Any

from .replies import Reply, Text


def answer(messages: list[dict[str, Any]], tools: list[dict[str, Any]]) -> Iterator[Reply]:
    """Answers the last message of a conversation in the chat-completions format."""
    yield Text("I am the built-in coach of Habyss. Tell me a goal, and we will make it small.")
