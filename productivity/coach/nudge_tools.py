"""What the coach can do about its own tone: nudge when asked to, ease up, and take that back."""

import re
from typing import Any

from django.utils import timezone
from pydantic import BaseModel, Field

from accounts.models import User
from coaching.toolkit import Card, Effect, ToolContext, ToolRefused, Undo, slot, tool, undo
from productivity.models import NudgeMode
from productivity.nudging import easing
from productivity.nudging.giving import NudgeRefused, nudge_now
from productivity.nudging.humor import standing_of

from .named import task_named


class NudgeArgs(BaseModel):
    """Nothing is needed: without a task the most pressing one is meant."""

    task: str = Field(
        default="", max_length=500, description="The task it is about; empty for what comes first"
    )
    said: str = Field(
        default="",
        max_length=2000,
        description="The person's own words",
        json_schema_extra=slot("words"),
    )


_ABOUT = re.compile(r"\b(?:about|for|with|on)\s+(?P<task>.{2,200}?)(?:\s+please)?[.!?\s]*$", re.I)


@tool(
    "productivity.nudge_me",
    description=(
        "Give the nudge (or friendly roast) that the person asks for now, in the tone of their settings. Not for reminders at a time"
    ),
    args=NudgeArgs,
    # It keeps the nudge itself, outside of any transaction, because a model may be waited for.
    effect=Effect.READ,
    label="Finding the right words",
    cues=(
        r"^(?:please )?(?:(?:can|could|would) you )?(?:nudge|roast|tease) me(?: please| a (?:bit|little)| again| now| then)*[.!?\s]*$",
        r"^(?:please )?(?:(?:can|could|would) you )?(?:nudge|roast|tease) me (?:about|for|with|on) (?!(?:mon|tues|wednes|thurs|fri|satur|sun)day)",
        r"^(?:please )?(?:give me|i need|i want|i could use) (?:a |another )?(?:little |small |gentle |friendly |good )?(?:nudge|kick|roast|push)(?: please| now)?[.!?\s]*$",
    ),
)
def nudge_me(context: ToolContext, args: NudgeArgs) -> Card:
    """One nudge; the same call speaks once."""
    about = args.task
    if not about and (found := _ABOUT.search(args.said)):
        about = found["task"]
    task = task_named(context.user, about).pk if about else None
    try:
        given = nudge_now(
            context.user, task=task, request_key=f"chat:{context.call_id}", now=context.now
        )
    except NudgeRefused as refusal:
        raise ToolRefused(str(refusal)) from None
    words = given.generated_text
    wants_a_roast = re.search(r"\b(?:roast|tease)\b", args.said, re.I)
    if wants_a_roast and given.mode != NudgeMode.ROAST:
        is_off = standing_of(context.user, now=context.now).intensity == 0
        why = (
            "Teasing is off; you can turn it on under Settings → How your coach talks."
            if is_off
            else "Not a roast this time."
        )
        words = f"{why} Plainly, then: {words}"
    return Card(title="A nudge", summary=words)


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
