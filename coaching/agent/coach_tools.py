"""What the conversation itself hands the coach: who the person is, and an honest answer to "what do you know?"."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from accounts.models import User
from coaching.learning.adaptation import voice_of
from coaching.memory.memory_tools import memory_sections
from coaching.toolkit import Card, Effect, ToolContext, card_view, context_block, tool

from .context import sections

EMOJI = {
    "never": "Uses no emoji",
    "rarely": "Uses emoji rarely",
    "sometimes": "Likes an emoji now and then",
    "often": "Likes emoji",
}


class NothingToSay(BaseModel):
    """This tool needs no arguments."""


@tool(
    "coaching.what_do_you_know",
    description="Show everything the coach knows about the person right now",
    args=NothingToSay,
    effect=Effect.READ,
    label="Looking at what I know",
    cues=(
        r"\bwhat (?:do|can) you (?:know|see|remember) (?:about|of) me\b",
        r"\bwhat (?:information|data) do you have\b",
        r"\bwho am i\b",
    ),
)
def what_do_you_know(context: ToolContext, args: NothingToSay) -> Card:
    """Every line of context, by section, as the model is given it."""
    known = [
        {"title": title, "lines": lines} for title, lines in sections(context.user, context.now)
    ]
    known += memory_sections(context.user, context.now)
    count = sum(len(section["lines"]) for section in known)
    return Card(
        kind="coaching.text",
        title="What I know about you",
        summary=f"Here is all of it: {count} {'line' if count == 1 else 'lines'}, the same that I work with. "
        "You can correct it, or have it forgotten, under What the coach knows.",
        data={"sections": known},
        suggestions=["How am I doing?", "Make me a plan"],
    )


@context_block("coaching.person", title="Who they are", priority=1, tokens=120)
def who_they_are(user: User, now: datetime) -> Iterator[str]:
    """Name, stated goal, and how they like to be talked to."""
    yield f"Name: {user.first_name}"
    if user.stated_goal:
        yield f"Goal in their own words: {user.stated_goal}"
    voice = voice_of(user)
    yield f"Likes answers {voice.style}, in {voice.detail} detail"
    yield EMOJI[voice.emoji]
    for reason in voice.because:
        yield f"How to talk follows from: {reason}"


@card_view("coaching.text", template="coaching/cards/text.html")
def text_card(user: User, card: Card) -> dict[str, Any]:
    """A card of words: its summary, and sections of lines if it has any."""
    return {"card": card, "sections": card.data.get("sections", [])}
