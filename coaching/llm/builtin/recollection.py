"""What the person told before, as the prompt gives it, brought up where it fits what they say now."""

import json
import re
from dataclasses import dataclass

from coaching.language import mended

from .context import Context
from .phrases import recollections
from .variation import Variation

SECTION = "told you before"  # part of the heading under which memories stand
_LINE = re.compile(r'^On (?P<date>\d{1,2} \w+) (?P<year>\d{4}): (?P<text>".*")$')
_ASKS = re.compile(
    r"\bwhat (?:did|have) i (?:ever )?(?:say|said|tell|told|mention|mentioned)\b"
    r"|\bdid i (?:ever )?(?:say|tell you|mention)\b|\bdo you (?:still )?remember\b"
    r"|\bwhat do you (?:know|remember) about (?!me\b)"
)
_WORD = re.compile(r"[a-z]{5,}")
# Too common in talk of habits to show that two texts are about the same.
_COMMON = {
    *("about", "after", "again", "always", "because", "before", "could", "every", "going", "habit"),
    *("habits", "having", "never", "really", "should", "still", "their", "there", "these", "thing"),
    *("things", "think", "today", "want", "would", "where", "which", "while", "person", "moment"),
}
LONGEST = 160
MOST = 4


@dataclass(frozen=True)
class Recollection:
    """Something told before, and the date as people say it."""

    date: str
    text: str


def recollections_in(context: Context) -> list[Recollection]:
    """The memories in the prompt, best first; only lines in their own form count."""
    found = []
    for line in context.lines_about(SECTION):
        match = _LINE.match(line)
        if match is None:
            continue
        try:
            text = json.loads(match["text"])
        except ValueError:
            continue
        year = "" if match["year"] == str(context.now.year) else f" {match['year']}"
        found.append(Recollection(f"{match['date']}{year}", str(text)))
    return found


def asks_what_was_said(plain: str) -> bool:
    """Whether a message asks what its person said before."""
    return bool(_ASKS.search(plain))


def what_was_said(context: Context, variation: Variation) -> str:
    """The answer to that, from what is there."""
    known = recollections_in(context)[:MOST]
    if not known:
        return variation.of(recollections.NOTHING)
    lines = "\n".join(f"- {each.date}: “{_short(each.text)}”" for each in known)
    return variation.of(recollections.SAID).format(list=lines)


def brought_up(context: Context, text: str, variation: Variation) -> str:
    """A sentence that recalls what the person told about the very thing they speak of; else nothing."""
    said = _words(text)
    for each in recollections_in(context):
        if said & _words(each.text):
            return variation.of(recollections.BRING_UP).format(
                date=each.date, text=_short(each.text).rstrip(".!?")
            )
    return ""


def _words(text: str) -> set[str]:
    found = _WORD.findall(mended(text).lower())
    return {word[:5] for word in found if word not in _COMMON}


def _short(text: str) -> str:
    words = " ".join(text.split()).replace("“", "‘").replace("”", "’")
    return words if len(words) <= LONGEST else words[: LONGEST - 1].rsplit(" ", 1)[0] + "…"
