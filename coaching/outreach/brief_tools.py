"""The briefs on demand, and what outreach itself has to say in them: the reminders of today."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from accounts.day import day_bounds, local_day
from accounts.models import User
from coaching.models import Reminder, ReminderStatus
from coaching.toolkit import (
    BriefLines,
    Card,
    Effect,
    Occasion,
    ToolContext,
    brief_part,
    card_view,
    tool,
)

from .briefs import brief_for, lines_of

MOST_REMINDERS = 5


@brief_part(
    "coaching.reminders", occasion=Occasion.MORNING, title="You asked to be reminded", order=30
)
def reminders_of_today(user: User, now: datetime) -> BriefLines | None:
    """What is left of today's reminders, with their times."""
    _, ends = day_bounds(user, local_day(user, now))
    waiting = Reminder.objects.filter(
        user=user, status=ReminderStatus.WAITING, remind_at__gte=now, remind_at__lt=ends
    ).order_by("remind_at")[:MOST_REMINDERS]
    lines = [f"{each.remind_at.astimezone(user.tz):%H:%M} {each.text}" for each in waiting]
    return BriefLines(lines, 0.1) if lines else None


class BriefArgs(BaseModel):
    """Nothing to say: it is about the person and now."""


@tool(
    "coaching.morning_brief",
    description="Tell why things stand where they do, what kind of day makes sense, and what to aim "
    "for tonight",
    args=BriefArgs,
    effect=Effect.READ,
    label="Looking at your day",
    cues=(
        r"\b(?:morning|daily|today's) brief(?:ing)?\b",
        r"\bbrief me\b",
        r"\bwhat (?:should|shall|can|could|do) i (?:need to )?(?:focus|concentrate) on\b(?! (?:this|next) (?:week|month|year))",
        r"\bwhat kind of (?:a )?day\b",
        r"\bwhat (?:should|shall) i aim for (?:today|tonight|this evening)\b",
        r"\bwhy (?:is|did|has|was) my (?:(?:\w+ )?strength|habits? score)\b",
    ),
)
def morning_brief(context: ToolContext, args: BriefArgs) -> Card:
    """The morning brief as of now, whatever it is worth."""
    return _card(
        context,
        Occasion.MORNING,
        "There is little to settle today: no habit is due, and nothing has moved.",
        ["How am I doing?"],
    )


@tool(
    "coaching.weekly_summary",
    description="Sum up the person's week: kept of asked, what moved most, one thing for the next week",
    args=BriefArgs,
    effect=Effect.READ,
    label="Looking at your week",
    cues=(
        r"\bweekly (?:summary|digest|recap|brief(?:ing)?)\b",
        r"\b(?:give|show|send|tell) me (?:my |the |a )?weekly review\b",
        r"\b(?:sum up|summar(?:y of|i[sz]e)|recap(?: of)?|review) (?:my|the|this|last) (?:last )?week\b",
        r"\bhow was my week\b",
    ),
)
def weekly_summary(context: ToolContext, args: BriefArgs) -> Card:
    """The weekly digest as of now, whatever it is worth."""
    return _card(
        context,
        Occasion.WEEKLY,
        "There is no week to sum up yet: it begins with the first habit you keep.",
        ["Show me a chart"],
    )


def _card(context: ToolContext, occasion: Occasion, nothing: str, suggestions: list[str]) -> Card:
    brief = brief_for(context.user, occasion, now=context.now)
    return Card(
        kind="coaching.brief",
        title=brief.title,
        summary=" ".join(_sentence(line) for line in lines_of(brief)) or nothing,
        data={"sections": [{"title": s.title, "lines": list(s.lines)} for s in brief.sections]},
        suggestions=suggestions,
    )


def _sentence(line: str) -> str:
    return line if line.endswith((".", "?", "!")) else f"{line}."


@card_view("coaching.brief", template="coaching/cards/brief.html")
def brief_card(user: User, card: Card) -> dict[str, Any]:
    """What was told: a brief is of its moment and is not made anew on reload."""
    return {"card": card, "sections": card.data.get("sections", [])}
