"""What the coach can tell of momentum: where it is, why, and what moved it."""

import re
from datetime import date, timedelta
from typing import Any

from pydantic import BaseModel, Field

from accounts.day import local_day
from accounts.models import User
from coaching.language import mended
from coaching.toolkit import Card, Effect, ToolContext, card_view, slot, tool
from momentum.course import ABOUT
from momentum.day_said import day_said
from momentum.explaining import Explanation, explain
from momentum.standing import Standing, standing_of

SIGNALS_TOLD = 3
LITTLE_COVERAGE = 0.5
MEANING = (
    "Momentum is one figure from 0 to 100 for how much is moving your way, made of four pillars: Mind, Action, "
    "Connection and Body. It moves a little every day, so one bad day does not undo a good month, and what "
    "nobody told is not counted as zero."
)
_ASKS_MEANING = re.compile(
    r"\bwhat (?:exactly )?(?:is|does|are)(?: a| the)? (?:momentum|pillars?)(?: score)?(?: mean| stand for| about)?\W*$|"
    r"\bmomentum\b.*\b(?:mean|work|calculated|worked out|computed)|\bhow does (?:the |my )?(?:momentum|score)\b.*\bwork"
)
_ASKS_WHAT_HELPS = re.compile(
    r"\b(?:raise|improve|increase|lift|boost|higher|grow|better|get (?:it |my .*)?up)\b"
)
# Less than this rounds to nothing (points).
NOTEWORTHY = 0.05
_IT = r"(?:momentum|score|pillars?)"


class ExplainArgs(BaseModel):
    """Which day."""

    day: str = Field(
        default="today",
        max_length=2000,
        description="The day to explain: today, yesterday, a weekday or a date like 2026-11-03",
        json_schema_extra=slot("words"),
    )


@tool(
    "momentum.explain_momentum",
    description="Tell the person their momentum score and explain what it is made of and what moved it on a day",
    args=ExplainArgs,
    effect=Effect.READ,
    label="Looking at your momentum",
    cues=(
        rf"\bwhy (?:is|was|are|did|has|does|do|am|have)\b(?!.*\bhabits? (?:score|strength)).*\b{_IT}\b.*",
        r"^\W*momentum\W*$|\bwhat (?:is|does) (?:a |the )?momentum\b.*",
        rf"\bhow (?:do|can|could|should|would) (?:i|we)\b.*\b(?:raise|improve|increase|lift|boost|grow|build)\b.*\bmy (?:\w+ )?{_IT}\b.*",
        rf"\bhow (?:is|does|are)\b.*\b{_IT}\b.*\b(?:work|works|worked out|calculated|computed)\b.*",
        rf"\bwhat (?:is|was|are|were)\b(?!.*\bmomentum mean).*\b(?:my|today's|yesterday's) (?:\w+ )?{_IT}\b.*",
        rf"\bwhat (?:moved|moves|changed|changes|drove|drives|raised|lowered|pushed|pulled|affected|affects|hurt|helped|makes? up|made)\b.*\b{_IT}\b",
        rf"\b(?:explain|break ?down|understand|describe|tell me about|show(?: me)?|check|look at|see|walk me through)\b.*\b(?:my|the|today's|yesterday's) (?:\w+ )?{_IT}\b(?!.*\b(?:chart|graph|plot|heat ?map|over time|days|weeks|months|course)\b).*",
        rf"\bhow (?:is|was|did|does|are|were)\b.*\b(?:my|today's|yesterday's|the) (?:\w+ )?(?:{_IT})\b.*",
        rf"\b{_IT}\b.*\b(?:drop\w*|fall\w*|fell|low\w*|down|up|ris\w+|rose|climb\w*|chang\w+|mov\w+|high\w*|slip\w*|eas\w+)\b",
        r"\b(?:my|today's|yesterday's) momentum(?: score)?\b(?!.*\b(?:chart|graph|plot|heat ?map|over time|days|weeks|months|course)\b).*",
        r"\bwhere (?:do i|does my momentum|is my momentum) stand\b.*|\bhow much momentum\b.*",
    ),
)
def explain_momentum(context: ToolContext, args: ExplainArgs) -> Card:
    """The score of a day, its direction, and the signals that moved it most, in plain sentences."""
    today = local_day(context.user, context.now)
    standing = standing_of(context.user, context.now)
    said = mended(args.day)
    if _ASKS_MEANING.search(said):
        line = "" if standing.gap is not None else state_line(standing)
        return Card(
            kind="momentum.score",
            title="Momentum",
            summary=f"{MEANING} {line}".strip(),
            data={"day": None if standing.gap or not standing.day else standing.day.isoformat()},
            suggestions=["What moved my momentum?"],
        )
    if standing.gap is not None:
        return Card(
            kind="momentum.score",
            title="Your momentum",
            summary=f"{standing.gap_words} {standing.to_do}".strip(),
            data={"day": None},
            suggestions=["Help me make a plan"],
        )
    asked = day_said(args.day, today)
    day = standing.day if asked in (None, today) and standing.day else asked or today
    found = explain(context.user, day)
    if found is None:
        return Card(
            kind="momentum.score",
            title="Your momentum",
            summary=(
                f"There was no score {_named(day, today)}: nothing that counts was told by then. "
                f"{state_line(standing)}"
            ),
            data={"day": None},
            suggestions=["What's my momentum today?"],
        )
    sentences = [_score_line(found, day, today)]
    if day == standing.day:
        sentences += [standing.state_words, pillar_line(standing)]
    sentences.append(moved_by(found))
    if day == standing.day and standing.coverage < LITTLE_COVERAGE:
        sentences.append(standing.coverage_words)
    if _ASKS_WHAT_HELPS.search(said):
        sentences.append(most_room(standing))
    if found.status_words and (found.revised_at or day != standing.day):
        sentences.append(found.status_words)
    yesterday = today - timedelta(days=1)
    return Card(
        kind="momentum.score",
        title="Your momentum" if day == today else f"Your momentum {_named(day, today)}",
        summary=" ".join(_sentence(one) for one in sentences if one),
        data={"day": day.isoformat()},
        suggestions=[
            "Show my momentum for 90 days",
            "Explain my score for yesterday" if day != yesterday else "What's my momentum today?",
        ],
    )


@card_view("momentum.score", template="momentum/cards/score.html")
def score_card(user: User, card: Card) -> dict[str, Any]:
    """The explanation as it is now; nothing but the words when there is no score."""
    if not card.data.get("day"):
        return {"card": card, "explanation": None}
    found = explain(user, date.fromisoformat(card.data["day"]))
    return {"card": card, "explanation": found, "signals": strongest(found) if found else []}


def state_line(standing: Standing) -> str:
    """The present score in one sentence: "Your momentum is 63 of 100, rising."."""
    if standing.overall is None:
        return standing.state_words
    when = "" if standing.is_of_today else f" (as of {_day(standing.day)})" if standing.day else ""
    return f"Your momentum is {standing.overall:.0f} of 100{when}, {standing.state.lower()}."


def pillar_line(standing: Standing) -> str:
    """The pillars with their scores: "Mind 65, Action 90"."""
    scored = [pillar for pillar in standing.pillars if pillar.score is not None]
    return ", ".join(f"{pillar.title} {pillar.score:.0f}" for pillar in scored)


def most_room(standing: Standing) -> str:
    """Where there is most to gain: the pillar with the lowest score, and what it is made of."""
    scored = [pillar for pillar in standing.pillars if pillar.score is not None]
    if not scored:
        return ""
    lowest = min(scored, key=lambda pillar: pillar.score or 0.0)
    return f"Most room to grow is in {lowest.title}: {_lowered(ABOUT[lowest.name])}"


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def strongest(found: Explanation) -> list[tuple[str, float, str]]:
    """The signals of a day that moved the score, the strongest first: title, points, words."""
    told = [
        (part.title, part.shown_points, part.words)
        for pillar in found.pillars
        for part in pillar.kinds
        if abs(part.shown_points) >= NOTEWORTHY
    ]
    return sorted(told, key=lambda each: -abs(each[1]))


def moved_by(found: Explanation) -> str:
    """What moved the score of a day most, in one sentence."""
    told = strongest(found)[:SIGNALS_TOLD]
    if not told:
        return found.words
    listed = "; ".join(
        f"{title} {points:+.1f} ({words.rstrip('.')})" for title, points, words in told
    )
    return f"What moved it: {listed}."


def _score_line(found: Explanation, day: date, today: date) -> str:
    if found.after is None:
        return f"There was no overall score {_named(day, today)}."
    when = "Today your" if day == today else "Your"
    verb = "is" if day == today else f"{_named(day, today)} was"
    line = f"{when} momentum {verb} {found.after:.0f} of 100"
    change = found.shown_change
    if change is None:
        return f"{line}."
    if abs(change) < NOTEWORTHY:
        return f"{line}, the same as the day before."
    return f"{line}, {abs(change):.1f} {'up' if change > 0 else 'down'} on the day before."


def _named(day: date, today: date) -> str:
    if day == today:
        return "today"
    if day == today - timedelta(days=1):
        return "yesterday"
    year = "" if day.year == today.year else f" {day.year}"
    return f"on {_day(day)}{year}"


def _day(day: date) -> str:
    return f"{day:%A}, {day.day} {day:%B}"


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."
