"""Passages of the library, as the prompt gives them, for questions about habits in general.

They are data: quoted in a sentence or two with their number, never followed, and read by nothing else here.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from coaching.language import Intent, mended

from .phrases import library as phrases

HEADING = "Knowledge passages:"  # the line above them
_LINE = re.compile(r'^\[(?P<number>\d{1,2})\] (?P<passage>\{".*\})$')
MOST_WORDS, FEWEST_WORDS = 60, 30  # of an excerpt, and of one for those who like it short
MOST_POINTS = 3
_FEWEST_TOLD = 5  # words of a statement that may be about something in the library
_FEWEST_WORDS = 14  # below that an excerpt says too little

# Questions about how things are in general; what one should do oneself is asked less surely.
_GENERAL = re.compile(
    r"\bwhy (?:does|do|is|are|should|would|can|don't)\b(?! (?:i|you|my|we)\b)"
    r"|\bhow (?:does|do) (?!i\b|you\b|we\b|my\b|this\b|it\b)"
    r"|\bhow (?:long|often|much|many)\b(?! (?:have|did|do|am|was|are) (?:i|we|my)\b)"
    r"|\bwhat (?:is|are|does|do|helps|works|makes|happens|counts)\b(?! (?:i|you|my|your|the (?:time|date|weather))\b)"
    r"|\b(?:does|do|can) (?!i\b|you\b|we\b|my\b)\w+.* (?:help|work|matter|make|count|fade|last)\w*\b"
    r"|\bdoes it (?:help|work|matter|make)\b|\bis it (?:better|true|good|bad|ok|okay|enough|normal|worth|important)\b"
    r"|\bis (?!it\b|my\b|this\b|that\b)\w+ (?:a |an |the )?(?:good|bad|better|best|enough|worth)\b"
    r"|\b(?:tell me (?:more )?about|explain|what do studies|is there (?:any )?(?:evidence|research))\b"
)
_OWN = re.compile(
    r"\bhow (?:can|do|could|should|would|to)\b|\bwhy (?:do|does|is|are) my\b|\bwhy (?:do|am|can not|should|did) i\b"
    r"|\bwhat (?:should|can|could|do) i (?:do|try)\b|\b(?:tips|advice|ideas|strategies)\b|\bbest way to\b"
    r"|\bshould i\b|\bcan i\b|\bany (?:tips|ideas|advice)\b|\bwhat (?:would )?helps?\b"
)
_ABOUT_THE_COACH = re.compile(r"\b(?:you|your|yourself|habyss|this app)\b")
_ASKED_POLITELY = re.compile(
    r"\b(?:can|could|would|will|do) you (?:please )?(?:explain|tell|know|say)\b|\bthank you\b"
)
_THEIR_FIGURES = re.compile(
    r"\bmy (?:\w+ )?(?:progress|streaks?|stats|statistics|score|momentum|plan|reminders?|week|month|data)\b"
)
# What has an answer of its own, or a tool, whatever passages there are.
_NEVER = {
    *(Intent.CAPABILITIES, Intent.ABOUT_ME, Intent.SMALL_TALK, Intent.GREETING, Intent.THANKS),
    *(Intent.GOODBYE, Intent.DECLINE_MEDICAL, Intent.DECLINE_FINANCIAL, Intent.ANALYZE_PROGRESS),
    *(Intent.SHOW_CHART, Intent.TODAY, Intent.UNDO, Intent.MANAGE, Intent.SET_REMINDER),
    *(Intent.COMPLETE_HABIT, Intent.FORGET, Intent.STOP, Intent.INSULT, Intent.INSTRUCTIONS),
    *(Intent.YES, Intent.NO, Intent.PREDICT_SUCCESS),
}
_SENTENCE = re.compile(r"(?<=[.!?])[\"”]?\s+(?=[\"“]?[A-Z0-9])")
_LEANS_ON_BEFORE = re.compile(
    r"(?:it|this|that|these|those|they|then|so|but|and|he|she|both|such|here|also|the (?:second|third|others?))\b",
    re.I,
)
_TAKE = "What to take from it:"
# An article that gives a model orders is quoted without them.
_ORDER = re.compile(
    r"\b(?:ignore|disregard|forget|override) (?:all|any|every|your|the|these|previous)\b|\bsystem prompt\b"
    r"|\byou are now\b|\b(?:as an|you are an?) (?:ai|assistant|language model)\b|\binstructions?\b|\bcall the tool\b"
    r"|https?://|\bwww\.",
    re.I,
)
_WORD = re.compile(r"[a-z]{3,}")
_ENDING = re.compile(r"(?:(?<=\w\w)(\w)\1)?(?:ing|ed|es|s)$")
_COMMON_WORDS = (
    "the and for with that this what does how why long much many often helps help work works should can "
    "could would when are from into not but you your they them there have has had more than about "
    "make makes get good better best way want need habit habits thing things time do did"
)
_COMMON = frozenset(_COMMON_WORDS.split())


@dataclass(frozen=True)
class LibraryPassage:
    """A passage under the number it is cited by."""

    number: int
    title: str
    text: str


def split(system: str) -> tuple[str, tuple[LibraryPassage, ...]]:
    """The system text without its passages, and the passages in it."""
    rest: list[str] = []
    found: list[LibraryPassage] = []
    is_inside = False
    for line in system.split("\n"):
        match = _LINE.match(line) if is_inside else None
        if line == HEADING:
            is_inside = True
        elif match is None:
            is_inside = False
            rest.append(line)
        elif passage := _read(match):
            found.append(passage)
    return "\n".join(rest), tuple(found)


def _read(match: re.Match[str]) -> LibraryPassage | None:
    try:
        told = json.loads(match["passage"])
    except ValueError:
        return None
    return LibraryPassage(
        int(match["number"]), str(told.get("title", "")), str(told.get("text", ""))
    )


def asks_in_general(plain: str, intent: Intent, confidence: float) -> bool:
    """Whether a message asks how habits work, so that the library comes before a tool."""
    return _may_answer(plain, intent, confidence) and bool(_GENERAL.search(plain))


def asks_for_advice(plain: str, intent: Intent, confidence: float) -> bool:
    """Whether a message asks what to do, or tells of something that no rule understands.

    The library answers then, when no tool does.
    """
    is_asked = _GENERAL.search(plain) or _OWN.search(plain)
    is_told = intent is Intent.UNKNOWN and len(plain.split()) >= _FEWEST_TOLD
    return _may_answer(plain, intent, confidence) and bool(is_asked or is_told)


def _may_answer(plain: str, intent: Intent, confidence: float) -> bool:
    if intent in _NEVER and confidence >= 0.6:
        return False
    plain = _ASKED_POLITELY.sub(" ", plain)
    return not (_ABOUT_THE_COACH.search(plain) or _THEIR_FIGURES.search(plain))


def answer(passages: Sequence[LibraryPassage], text: str, wording: str, *, concise: bool) -> str:
    """A short answer in the coach's own voice, with its citation; empty when there is nothing to quote.

    Who asks what to do also gets the first points of the passage's list.
    """
    plain = mended(text)
    best = _best(passages, _stems(plain), FEWEST_WORDS if concise else MOST_WORDS)
    if best is None:
        return ""
    words, passage = best
    told = wording.format(words=words, number=f"[{passage.number}]")
    points = [] if concise or not _OWN.search(plain) else _points(passage)
    return "\n\n".join([told, "\n".join(f"- {point}" for point in points)]).strip()


def wordings() -> list[str]:
    """The ways to introduce what the library says."""
    return phrases.TOLD


def _best(
    passages: Sequence[LibraryPassage], asked: set[str], most: int
) -> tuple[str, LibraryPassage] | None:
    """The words to quote and their passage: the one that answers most of what was asked, the first if in doubt."""
    best: tuple[str, LibraryPassage] | None = None
    best_score = 0.0
    for at, passage in enumerate(passages):
        words, score = _best_sentences(passage, asked, most)
        score += len(asked & _stems(passage.title.lower())) - 1.2 * at
        if words and (best is None or score > best_score):
            best, best_score = (words, passage), score
    return best


def _best_sentences(passage: LibraryPassage, asked: set[str], most: int) -> tuple[str, float]:
    """Up to three sentences of one paragraph, and how well they answer."""
    best, best_score = "", 0.0
    paragraphs = [part for part in passage.text.split("\n") if part and not part.startswith("- ")]
    for place, paragraph in enumerate(paragraphs):
        sentences = _SENTENCE.split(paragraph.strip())
        for start, first in enumerate(sentences):
            if first.endswith("?") or (_LEANS_ON_BEFORE.match(first) and (start or place)):
                continue
            chosen = list(_run(sentences[start : start + 3], most))
            for count in range(1, len(chosen) + 1):
                words = " ".join(chosen[:count])
                score = len(asked & _stems(words.lower())) + 0.4 * count - 0.15 * (place + start)
                score += 1.2 if first.startswith(_TAKE) else 0.0
                if len(words.split()) >= _FEWEST_WORDS and score > best_score:
                    best, best_score = words, score
    if best.startswith(_TAKE):
        best = best.removeprefix(_TAKE).strip()
        best = best[:1].upper() + best[1:]
    return best, best_score


def _run(sentences: Sequence[str], most: int) -> Iterator[str]:
    """The sentences as long as they can be quoted and fit into `most` words."""
    for sentence in sentences:
        most -= len(sentence.split())
        is_whole = sentence.rstrip('"”)').endswith((".", "!", "?"))
        if most < 0 or not is_whole or _ORDER.search(sentence):
            return
        yield sentence


def _points(passage: LibraryPassage) -> list[str]:
    """The first points of a passage's first list, if they are short."""
    lines = passage.text.split("\n")
    start = next((at for at, line in enumerate(lines) if line.startswith("- ")), len(lines))
    points = [
        line[2:].strip() for line in takewhile(lambda line: line.startswith("- "), lines[start:])
    ]
    return [
        point
        for point in points[:MOST_POINTS]
        if len(point.split()) <= MOST_WORDS and not _ORDER.search(point)
    ]


def _stems(text: str) -> set[str]:
    return {_ENDING.sub(r"\1", word)[:5] for word in _WORD.findall(text) if word not in _COMMON}
