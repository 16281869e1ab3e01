"""What the coach can do about its own tone: ease up, and take that back."""

from typing import Any

from django.utils import timezone
from pydantic import BaseModel

from accounts.models import User
from coaching.toolkit import Card, Effect, ToolContext, Undo, tool, undo
from productivity.nudging import easing


class EaseUpArgs(BaseModel):
    """Nothing is needed to ease up."""


def _asked(user: User, text: str) -> bool:
    return easing.wants_ease(user, text, now=timezone.now())


@tool(
    "productivity.ease_up",
    description=(
        "Stop teasing and roasting for two weeks, when the person says that it is too much, mean or not funny"
    ),
    args=EaseUpArgs,
    effect=Effect.WRITE,
    label="Easing up",
    cues=(
        r"\bease up on me\b",
        r"\b(?:stop|no more|less|quit) (?:the |your )?(?:teasing|roasting|roasts?)\b",
        r"\btone (?:it|the (?:jokes|teasing|roasts?)) down\b",
    ),
    said_plainly=_asked,
)
def ease_up(context: ToolContext, args: EaseUpArgs) -> Card:
    """No teasing for two weeks, with a way back."""
    was = easing.is_eased(context.user, now=context.now)
    until = easing.ease_up(context.user, now=context.now)
    local = until.astimezone(context.user.tz)
    return Card(
        title="No more teasing",
        summary=(
            f"Sorry, that was too much. I won't tease until {local.day} {local:%B}. "
            "You can turn it off for good under Settings → How your coach talks."
        ),
        undo=None if was else Undo(verb="productivity.tease_again", args={}),
    )


@undo("productivity.tease_again")
def tease_again(user: User, args: dict[str, Any]) -> Card:
    """Takes an "ease up" back."""
    easing.end_ease(user)
    return Card(
        title="Teasing is as before",
        summary="I took that back: teasing is as it was, as far as your settings allow it.",
    )
