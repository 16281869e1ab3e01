"""Carrying out a tool call: the arguments are checked, the person comes from the session, trouble is a card."""

import json
import logging
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from pydantic import BaseModel, ValidationError

from accounts.models import User
from coaching.toolkit import Card, Effect, Tool, ToolContext, ToolRefused, tool_named

CRASHED = "That did not work on our side. Nothing was changed."
MAX_COMPLAINTS = 5
logger = logging.getLogger(__name__)


class ArgumentsInvalid(Exception):
    """The arguments are not what the tool asks for; the text tells the model what to mend."""


@dataclass
class Call:
    """One call within a run, in the shape in which the message keeps it."""

    id: str
    name: str
    label: str
    arguments: dict[str, Any] = field(default_factory=dict)
    status: str = "running"  # running, done, failed, invalid
    card: dict[str, Any] | None = None
    error: str = ""

    def stored(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "label": self.label,
            "arguments": self.arguments,
            "status": self.status,
            "card": self.card,
            "error": self.error,
            "undone_at": None,
        }


def checked(name: str, arguments_json: str) -> tuple[Tool, BaseModel]:
    """The tool and its arguments; raises `ArgumentsInvalid` with words for the model."""
    try:
        tool = tool_named(name)
    except KeyError:
        raise ArgumentsInvalid(f"There is no tool called {name!r}.") from None
    if "\\u0000" in arguments_json:
        raise ArgumentsInvalid("The arguments hold the character NUL. Leave it out and call again.")
    try:
        return tool, tool.args.model_validate_json(arguments_json or "{}")
    except ValidationError as error:
        complaints = [
            f"{'.'.join(map(str, item['loc'])) or 'arguments'}: {item['msg']}"
            for item in error.errors(include_url=False, include_input=False)[:MAX_COMPLAINTS]
        ]
        raise ArgumentsInvalid(
            "The arguments are not valid. "
            + "; ".join(complaints)
            + ". Correct them and call again."
        ) from None


def execute(
    tool: Tool,
    args: BaseModel,
    call: Call,
    user: User,
    conversation_id: UUID | None,
    message_id: UUID | None,
) -> None:
    """Runs the tool and writes the outcome into `call`; never raises."""
    context = ToolContext(
        user=user,
        now=timezone.now(),
        call_id=call.id,
        conversation_id=conversation_id,
        message_id=message_id,
    )
    # What only looks something up holds no transaction, so that it may ask a model for a vector.
    whole = nullcontext() if tool.effect is Effect.READ else transaction.atomic()
    try:
        with whole:
            card = tool.run(context, args)
        call.card = json.loads(Card.model_validate(card).model_dump_json())
        call.status = "done"
    except ToolRefused as refusal:
        call.status, call.error = "failed", str(refusal)
    except Exception:
        logger.exception("tool_crashed name=%s", tool.key)
        call.status, call.error = "failed", CRASHED
