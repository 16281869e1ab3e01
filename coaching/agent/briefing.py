"""What a model is told about a person besides the rules and the talk, part by part within a budget.

Every part is data: lines under a heading, each memory and passage JSON-encoded so that no text in it can
pass for a heading or a rule. What did not fit is known.
"""

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import InterfaceError, OperationalError

from accounts.models import User
from coaching.knowledge.citing import passages_for, section
from coaching.knowledge.search import Passage
from coaching.language import Intent, intent_of
from coaching.memory import Recalled, recall
from coaching.memory.summaries import summaries_for_context, title_of
from coaching.models import Message
from coaching.personalization.context_store import get_user_ai_context, tokens_in

ABOUT = "About the person: "
PICTURE = "What is known of them"
REMEMBERED = "What they told you before"
EARLIER = "Earlier conversations"
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BriefingConstants:
    """How the room is shared out (ours): each part gets at most its share of COACH_CONTEXT_TOKENS.

    What a part leaves over goes to the last turns, which get at least what the shares leave.

    Attributes:
        request: the message that is answered, with its files.
        prompt, blocks, picture, memories, knowledge, summaries: the parts, in the order in which they get room.
        memory_limit: memories that are looked for.
        similar: a memory is told when its cosine reaches this, or when it shares words or a name with the message.
        sad_below: a memory this sad is not brought up when the person only says hello.
        sure_of_hello: from this confidence on a message counts as small talk in which nothing is asked.
        line_tokens: no line is longer than this.
    """

    request: float = 0.35
    prompt: float = 0.22
    blocks: float = 0.12
    picture: float = 0.08
    memories: float = 0.08
    knowledge: float = 0.2
    summaries: float = 0.06
    memory_limit: int = 8
    similar: float = 0.3
    sad_below: float = -0.4
    sure_of_hello: float = 0.8
    line_tokens: int = 150


CONSTANTS = BriefingConstants()
_WEIGHS = ("Stress level:", "Sleep quality:", "Struggle patterns:")
_OPENINGS = {Intent.GREETING, Intent.SMALL_TALK, Intent.THANKS}


@dataclass(frozen=True, slots=True)
class Source:
    """A memory, passage or summary that the model was given."""

    kind: str
    id: str
    text: str
    number: int | None = None
    title: str = ""
    slug: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "id": self.id,
            "number": self.number,
            "title": self.title,
            "text": self.text,
            "slug": self.slug,
        }


@dataclass(frozen=True)
class Line:
    """A line of a part, and what it comes from if it comes from one thing."""

    text: str
    source: Source | None = None


@dataclass
class Briefing:
    """The parts that fit: text under headings, their sources, and how many lines did not fit, by heading."""

    parts: list[str] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)

    def add(self, heading: str, lines: Sequence[Line], room: int) -> int:
        """Adds as many lines as fit into `room` estimated tokens; returns what they cost."""
        room -= tokens_in(heading) + 2
        kept: list[str] = []
        cost = 0
        for line in lines:
            # On one line, whatever somebody called something: it cannot pass for a heading.
            text = f"- {' '.join(line.text.split()).removeprefix('- ')}"
            tokens = tokens_in(text) + 1
            if tokens > min(room - cost, CONSTANTS.line_tokens):
                continue
            kept.append(text)
            cost += tokens
            if line.source is not None:
                self.sources.append(line.source)
        if len(kept) < len(lines):
            self.left_out[heading] = len(lines) - len(kept)
        if not kept:
            return 0
        self.parts.append("\n".join([heading, *kept]))
        return cost + tokens_in(heading) + 2

    @property
    def text(self) -> str:
        return "\n\n".join(self.parts)


def picture_lines(user: User, request: Message, now: datetime) -> list[Line]:
    """The picture of the person, the most worthwhile fields first.

    What weighs on them is left out when they only say hello.
    """
    lines = get_user_ai_context(user, now=now).lines
    if is_opening(request):
        lines = tuple(line for line in lines if not line.startswith(_WEIGHS))
    return [Line(line) for line in lines]


def is_opening(request: Message) -> bool:
    """Whether nothing was asked, so that whatever the coach brings up is brought up by itself."""
    guess = intent_of(request.content)
    return guess.intent in _OPENINGS and guess.confidence >= CONSTANTS.sure_of_hello


def memories_for(user: User, request: Message, now: datetime) -> list[Recalled]:
    """The memories that may help with `request`, best first; none in a temporary chat or a crisis.

    Sad ones are not brought up when the person only says hello.
    """
    text = request.content.strip()
    if not text or request.is_crisis or request.conversation.is_temporary:
        return []
    try:
        found = recall(user, text, limit=CONSTANTS.memory_limit, now=now)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        # Without what they said before the person still gets an answer.
        logger.exception("recall_failed")
        return []
    if is_opening(request):
        found = [each for each in found if each.memory.emotional_valence >= CONSTANTS.sad_below]
    return [each for each in found if _is_about_it(each)]


def _is_about_it(each: Recalled) -> bool:
    """Whether a memory has to do with the message: the best of what is there may still be nothing of it."""
    if each.parts.get("words", 0) > 0 or each.parts.get("named", 0) > 0:
        return True
    return each.similarity is not None and each.similarity >= CONSTANTS.similar


def memory_lines(user: User, recalled: Sequence[Recalled]) -> Iterator[Line]:
    """Each memory with its date, encoded: "On 3 May 2026: "I hate cooking on Mondays."" """
    for each in recalled:
        memory = each.memory
        words = memory.memory_description
        at = memory.original_timestamp.astimezone(user.tz)
        date = f"{at.day} {at:%B %Y}"
        yield Line(
            f"On {date}: {encoded(words)}",
            Source("memory", str(memory.pk), words, title=date),
        )


def summary_lines(user: User, now: datetime) -> Iterator[Line]:
    """The last days, weeks and months that were talked about."""
    for summary in summaries_for_context(user, now=now):
        title = title_of(summary)
        yield Line(
            f"{title}: {encoded(summary.ai_summary)}",
            Source("summary", str(summary.pk), summary.ai_summary, title=title),
        )


def passages_within(request: Message, room: int) -> tuple[tuple[Passage, ...], str]:
    """The passages of the library that help with `request` and fit, and the part that tells them."""
    if not request.content.strip() or request.is_crisis:
        return (), ""
    try:
        found = passages_for(request.content)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("passages_failed")
        return (), ""
    for count in range(len(found), 0, -1):
        told = section(found[:count])
        if tokens_in(told) <= room:
            return tuple(found[:count]), told
    return (), ""


def sources_of(passages: Sequence[Passage]) -> list[Source]:
    """The passages as sources, under the numbers by which an answer cites them."""
    return [
        Source(
            "knowledge",
            str(passage.chunk_id),
            passage.text,
            number,
            passage.title,
            passage.slug,
        )
        for number, passage in enumerate(passages, start=1)
    ]


def encoded(text: str) -> str:
    """`text` as a JSON string on one line: it cannot pass for a heading, an order or another line."""
    return json.dumps(" ".join(text.split()), ensure_ascii=False)
