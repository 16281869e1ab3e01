"""The messages that arrived, in the shape the coach reads: who said what, what was called, what came back."""

import json
from dataclasses import dataclass, field
from typing import Any

ATTACHED = "\n\n[Attached file "
# How many messages may lie between a proposal and a word about it.
MOST_TALK_BETWEEN = 3
NO_ANSWER = "(no answer)"


@dataclass(frozen=True)
class Call:
    """A tool call that was made, with the arguments it was made with."""

    id: str
    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Result:
    """What came back from a call; `error` is empty when it went well."""

    name: str
    arguments: dict[str, Any]
    summary: str
    suggestions: tuple[str, ...] = ()
    card: str = ""
    error: str = ""


@dataclass(frozen=True)
class Turn:
    role: str
    text: str
    calls: tuple[Call, ...] = ()
    result: Result | None = None


@dataclass(frozen=True)
class Transcript:
    """What the system said (context) and the turns of the conversation in order."""

    system: str
    turns: tuple[Turn, ...] = field(default=())

    @property
    def last_said(self) -> str:
        """The person's last message."""
        return next((turn.text for turn in reversed(self.turns) if turn.role == "user"), "")

    @property
    def last_answer(self) -> str:
        """The coach's last words before the person's last message."""
        for turn in reversed(self.turns[: self.last_user_index]):
            if turn.role == "assistant" and turn.text:
                return turn.text
        return ""

    @property
    def last_user_index(self) -> int:
        for index in range(len(self.turns) - 1, -1, -1):
            if self.turns[index].role == "user":
                return index
        return 0

    @property
    def previous_results(self) -> list[Result]:
        """The results that belong to the coach's last answer."""
        turns = self.turns[: self.last_user_index]
        before = max((index for index, turn in enumerate(turns) if turn.role == "user"), default=0)
        return [turn.result for turn in turns[before:] if turn.result]

    @property
    def standing_results(self) -> list[Result]:
        """The newest results that only a little talk lies between, for what may still be answered."""
        turns = self.turns[: self.last_user_index]
        said = 0
        for index in range(len(turns) - 1, -1, -1):
            if result := turns[index].result:
                return [result]
            said += turns[index].role == "user"
            if said > MOST_TALK_BETWEEN:
                break
        return []

    @property
    def fresh_results(self) -> list[Result]:
        """The results that arrived since the person's last message, in order."""
        return [turn.result for turn in self.turns[self.last_user_index :] if turn.result]


def _text_of(content: Any) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts = [part.get("text", "") for part in content if isinstance(part, dict)]
        return " ".join(part for part in parts if isinstance(part, str))
    return ""


def _object(raw: Any) -> dict[str, Any]:
    if isinstance(raw, dict):
        return raw
    try:
        value = json.loads(raw or "{}")
    except (TypeError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _result(call: Call | None, content: str, name: str) -> Result:
    try:
        value = json.loads(content)
    except ValueError:
        value = content
    told = value if isinstance(value, dict) else {"summary": str(value)}
    error = told.get("error") or told.get("errors") or ""
    suggestions = told.get("suggestions")
    return Result(
        name=call.name if call else name,
        arguments=call.arguments if call else {},
        summary=str(told.get("summary") or ""),
        suggestions=tuple(str(text) for text in suggestions)
        if isinstance(suggestions, list)
        else (),
        card=str(told.get("card") or ""),
        error=error if isinstance(error, str) else json.dumps(error, ensure_ascii=False),
    )


def read(messages: list[dict[str, Any]]) -> Transcript:
    """Reads messages in the chat-completions format; parts it does not know are left out."""
    system: list[str] = []
    turns: list[Turn] = []
    calls: dict[str, Call] = {}
    for message in messages:
        role, text = message.get("role", ""), _text_of(message.get("content"))
        if role in ("system", "developer"):
            system.append(text)
        elif role == "tool":
            call = calls.get(str(message.get("tool_call_id", "")))
            result = _result(call, text, str(message.get("name") or ""))
            turns.append(Turn("tool", "", result=result))
        elif role == "assistant":
            made = []
            for raw in message.get("tool_calls") or ():
                function = raw.get("function") or {}
                call = Call(
                    str(raw.get("id", "")),
                    str(function.get("name", "")),
                    _object(function.get("arguments")),
                )
                calls[call.id] = call
                made.append(call)
            turns.append(Turn("assistant", "" if text == NO_ANSWER else text, tuple(made)))
        elif role == "user":
            # What a file says is data: only the person's own words are read for wishes.
            turns.append(Turn("user", text.split(ATTACHED, 1)[0].strip()))
    return Transcript("\n\n".join(system), tuple(turns))
