"""Tool calls arrive in fragments; here they become whole."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from .events import ToolCallReady


@dataclass
class _Growing:
    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""


class ToolCallFragments:
    """Collects the tool-call deltas of one answer, however they were cut.

    `taken`: ids already used in the conversation. A call without an id, or with one that is taken, gets
    one of ours, for an answer to a tool call is matched by its id.
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._calls: list[_Growing] = []
        self._taken = set(taken)

    def __bool__(self) -> bool:
        return bool(self._calls)

    @property
    def characters(self) -> int:
        """How much the model wrote into calls, for estimates of tokens."""
        return sum(len(call.name) + len(call.arguments) for call in self._calls)

    def add(self, deltas: Iterable[Any]) -> None:
        """Adds the `tool_calls` of one delta; each has `index`, `id` and `function.name/.arguments`."""
        for delta in deltas:
            function = getattr(delta, "function", None)
            name = getattr(function, "name", None) or ""
            call = self._call_of(
                getattr(delta, "index", None), getattr(delta, "id", None) or "", name
            )
            call.name = call.name or name  # some servers repeat the name with every fragment
            call.arguments += getattr(function, "arguments", None) or ""

    def _call_of(self, index: int | None, identifier: str, name: str) -> _Growing:
        growing = next(
            (call for call in reversed(self._calls) if index is None or call.index == index), None
        )
        # Some servers number every call 0 and tell them apart by their ids alone.
        another = bool(growing and identifier and growing.id and identifier != growing.id and name)
        if growing is None or another or (index is None and name and growing.name):
            growing = _Growing(len(self._calls) if index is None else index)
            self._calls.append(growing)
        growing.id = growing.id or identifier
        return growing

    def ready(self) -> list[ToolCallReady]:
        """The calls in the order they were begun."""
        whole = []
        for call in self._calls:
            identifier = call.id
            if not identifier or identifier in self._taken:
                identifier = f"call_{uuid4().hex}"
            self._taken.add(identifier)
            whole.append(ToolCallReady(identifier, call.name, call.arguments.strip() or "{}"))
        return whole


def ids_in(messages: Iterable[dict[str, Any]]) -> set[str]:
    """The ids of all tool calls in a conversation."""
    return {
        call["id"]
        for message in messages
        for call in message.get("tool_calls") or ()
        if call.get("id")
    }
