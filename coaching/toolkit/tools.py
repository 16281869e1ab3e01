"""Tools: what the coach can do for a person.

A tool takes the person from the session, never from the model's arguments; its arguments are a pydantic
model from which the schema that a language model sees is generated.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured
from pydantic import BaseModel

from accounts.models import User

from .cards import Card
from .registry import Registry


class Effect(StrEnum):
    """What running a tool may do; a tool that contacts a person always asks first."""

    READ = "read"
    WRITE = "write"
    CONTACTS_PERSON = "contacts_person"


@dataclass(frozen=True)
class ToolContext:
    """Who is served, where, and when. `call_id` is unique per call, for idempotent writes."""

    user: User
    now: datetime
    call_id: str
    conversation_id: UUID | None = None
    message_id: UUID | None = None


class ToolRefused(Exception):
    """The tool cannot do this; the text says why, in words for the person and the model."""


Args = TypeVar("Args", bound=BaseModel)
ToolFunction = Callable[[ToolContext, Args], Card]
SaidPlainly = Callable[[User, str], bool]


@dataclass(frozen=True)
class Tool:
    """A declared tool. `cues` are patterns (regular expressions) of sentences that ask for it.

    `said_plainly` reads by fixed rules from what a person wrote that they want it now: then it runs at once,
    whichever model there is. Such a tool needs no arguments.
    """

    key: str
    description: str
    args: type[BaseModel]
    effect: Effect
    run: Callable[[ToolContext, Any], Card]
    cues: tuple[str, ...] = field(default=())
    label: str = ""
    said_plainly: SaidPlainly | None = None

    @property
    def name(self) -> str:
        """The function name a model sees: the part after the dot."""
        return self.key.split(".", 1)[1]

    def schema(self) -> dict[str, Any]:
        """The tool as a function of the chat-completions protocol.

        Keys that begin with `x-` are hints for the built-in coach; the gateway takes them out for
        every other provider.
        """
        parameters = self.args.model_json_schema()
        parameters.pop("title", None)
        parameters["x-cues"] = list(self.cues)
        parameters["x-effect"] = self.effect.value
        return {
            "type": "function",
            "function": {
                "name": self.name,
                "description": self.description,
                "parameters": parameters,
            },
        }


tools: Registry[Tool] = Registry("tool")


def tool(
    key: str,
    *,
    description: str,
    args: type[Args],
    effect: Effect,
    cues: tuple[str, ...] = (),
    label: str = "",
    said_plainly: SaidPlainly | None = None,
) -> Callable[[ToolFunction[Args]], ToolFunction[Args]]:
    """Declares a tool. `label` is shown while it runs ("Making your plan")."""

    def declare(function: ToolFunction[Args]) -> ToolFunction[Args]:
        entry = Tool(
            key, description, args, effect, function, cues, label or description, said_plainly
        )
        if any(other.name == entry.name for other in tools):
            raise ImproperlyConfigured(f"Two tools are called {entry.name!r}.")
        tools.register(key, entry)
        return function

    return declare


def tool_named(name: str) -> Tool:
    """The tool a model calls `name`; raises `KeyError` when there is none."""
    for entry in tools:
        if entry.name == name:
            return entry
    raise KeyError(f"No tool is called {name!r}.")


def plainly_wanted(user: User, text: str) -> Tool | None:
    """The tool that a person asks for in so many words, to be run at once; `None` for most of what people say."""
    return next(
        (entry for entry in tools if entry.said_plainly and entry.said_plainly(user, text)), None
    )


def slot(kind: str, *, essential: bool = False, question: str = "") -> dict[str, Any]:
    """A hint on an argument, for `Field(json_schema_extra=slot(…))`.

    It says what kind of thing fills the argument (goal, timeframe, minutes_per_day, difficulty,
    time_of_day, constraints, period, habit, task, chart_kind, data_source, moment, issue, text, or words for all
    that was said), whether a plan is poor without it, and what to ask when it is missing.
    """
    hint: dict[str, Any] = {"kind": kind}
    if essential:
        hint["essential"] = True
    if question:
        hint["question"] = question
    return {"x-slot": hint}
