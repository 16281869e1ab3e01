"""The words a person typed, and which of them have been understood so far."""

import re
from dataclasses import dataclass
from enum import StrEnum

# Stand in the working copy for what nobody may read as a date, and for what has been read already.
_CLOSED = "\ue000"
TAKEN = "\ue001"

_QUOTES = str.maketrans({"’": "'", "‘": "'", "`": "'", "–": "-", "—": "-", "−": "-", "\u00a0": " "})
_SHUT = re.compile(
    r"\"[^\"\n]*\"|“[^”\n]*”|«[^»\n]*»"
    r"|(?<!\S)[a-z][a-z0-9+.-]*://\S+|(?<!\S)www\.\S+|(?<!\S)[^\s@]+@[^\s@]+\.[^\s@]+"
)
# Words after which a sentence goes on about something else: what stands before them stands by itself.
_GO_ON = frozenset(
    [
        "about",
        "after",
        "and",
        "around",
        "as",
        "at",
        "because",
        "before",
        "but",
        "by",
        "due",
        "every",
        "for",
        "from",
        "if",
        "in",
        "like",
        "near",
        "of",
        "on",
        "or",
        "re",
        "sharp",
        "so",
        "that",
        "the",
        "then",
        "till",
        "to",
        "until",
        "via",
        "when",
        "where",
        "which",
        "while",
        "with",
        "without",
        "please",
        "pls",
    ]
)
_WORD = re.compile(r"\s*([^\W\d_]+)")
_JOINT = re.compile(r"[ \t]*[,;][ \t]*")
_OPENING = re.compile(r"[ \t]*(?:[,;:]|-(?=\s))[ \t]*")


class Kind(StrEnum):
    """What a stretch of the text was understood as."""

    DUE = "due"
    REPEAT = "repeat"
    ESTIMATE = "estimate"
    PRIORITY = "priority"
    CATEGORY = "category"
    DESCRIPTION = "description"


@dataclass(frozen=True)
class Claim:
    """A stretch of the text that was read; `kept` ones stay in the title as well."""

    start: int
    end: int
    kind: Kind
    kept: bool = False


def _folded(text: str) -> str:
    """In lower case with one kind of quote, letter by letter, so that places stay the same."""
    text = text.translate(_QUOTES)
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)


class Typed:
    """A line of text with a working copy in which read words are blanked out."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.claims: list[Claim] = []
        self.open = _SHUT.sub(lambda found: _CLOSED * len(found[0]), _folded(text))

    def claim(self, start: int, end: int, kind: Kind, *, kept: bool = False) -> None:
        """Take the words from `start` to `end` (without spaces at their ends) as read."""
        while start < end and self.text[start].isspace():
            start += 1
        while end > start and self.text[end - 1].isspace():
            end -= 1
        if start == end:
            return
        self.claims.append(Claim(start, end, kind, kept))
        self.open = self.open[:start] + TAKEN * (end - start) + self.open[end:]

    def next_word(self, end: int) -> str:
        """The plain word that follows, if it belongs to what stands before it ("6 houses"); else ""."""
        found = _WORD.match(self.open, end)
        return "" if found is None or found[1] in _GO_ON else found[1]

    def word_before(self, start: int) -> str:
        found = re.search(r"([^\W_]+)[^\w" + TAKEN + r"]*$", self.open[max(0, start - 60) : start])
        return found[1] if found else ""

    def is_last(self, end: int) -> bool:
        """Whether nothing but signs and read words stands behind `end`."""
        return not any(letter.isalnum() or letter == _CLOSED for letter in self.open[end:])

    def is_first(self, start: int) -> bool:
        return not any(letter.isalnum() or letter == _CLOSED for letter in self.open[:start])

    def title(self) -> str:
        """What was not understood, in its own words. Commas that held a read part only are read with it."""
        self._take_joints()
        pieces, at = [], 0
        for claim in sorted(self.claims, key=lambda each: each.start):
            if not claim.kept:
                pieces.append(self.text[at : claim.start])
                at = claim.end
        pieces.append(self.text[at:])
        return " ".join(" ".join(pieces).split())

    def _take_joints(self) -> None:
        for index, claim in enumerate(self.claims):
            if claim.kept:
                continue
            start, end = claim.start, claim.end
            if start and self.open[start - 1] == "(" and self.open[end : end + 1] == ")":
                start, end = start - 1, end + 1
            joint = _OPENING if self.is_first(start) else _JOINT
            if behind := joint.match(self.open, end):
                end = len(self.open[: behind.end()].rstrip())
            before = re.search(r"[,;][ \t]*$", self.open[:start])
            if before and self.is_last(end):
                start = before.start()
            self.open = self.open[:start] + TAKEN * (end - start) + self.open[end:]
            self.claims[index] = Claim(start, end, claim.kind)
