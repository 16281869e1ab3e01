"""Small slips of the keyboard mended, for words this product listens for.

A word is only changed when it is unknown, begins with the same letter and is one slip away (two for long
words): a missing, extra, wrong or swapped letter. The mended text serves understanding; what a person
wrote is quoted as written.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

SHORTEST = 5
# Words near to ones we listen for that are meant as they stand.
EVERYDAY = frozenset(
    [
        "there",
        "their",
        "where",
        "which",
        "about",
        "would",
        "could",
        "should",
        "thing",
        "things",
        "think",
        "thank",
        "thanks",
        "please",
        "really",
        "people",
        "being",
        "other",
        "after",
        "before",
        "again",
        "every",
        "never",
        "always",
        "something",
        "someone",
        "maybe",
        "might",
        "still",
        "since",
        "until",
        "today",
        "later",
        "right",
        "wrong",
        "great",
        "small",
        "large",
        "start",
        "stops",
        "stopped",
        "doing",
        "going",
        "having",
        "making",
        "taking",
        "getting",
        "giving",
        "want",
        "wants",
        "wanted",
        "needs",
        "needed",
        "helps",
        "helped",
        "months",
        "month",
        "weeks",
        "years",
        "hours",
        "minutes",
        "morning",
        "evening",
        "night",
        "tonight",
        "tomorrow",
        "friday",
        "monday",
        "sunday",
        "tuesday",
        "thursday",
        "saturday",
        "wednesday",
        "easy",
        "hardly",
        "wishes",
        "house",
        "horse",
        "mouse",
        "point",
        "place",
        "space",
        "speed",
        "spent",
        "spelt",
        "break",
        "bread",
        "dream",
        "cream",
        "sheep",
        "sweep",
        "meals",
        "deals",
        "weird",
        "early",
        "daily",
        "dirty",
        "party",
        "class",
        "glass",
        "grass",
        "walls",
        "balls",
        "calls",
        "works",
        "worker",
        "working",
        "world",
        "words",
        "sword",
        "truth",
        "young",
        "group",
        "could",
        "mould",
        "light",
        "night",
        "might",
        "sight",
        "shall",
        "clear",
        "chance",
        "change",
        "chest",
        "cheap",
        "heart",
        "heard",
        "hearts",
        "trail",
        "brain",
        "drain",
        "grain",
        "stain",
        "thumb",
        "stick",
        "sticks",
        "stuck",
        "truck",
        "track",
        "tracks",
        "steps",
        "stops",
        "store",
        "story",
        "stone",
        "alone",
        "along",
        "among",
        "around",
        "found",
        "round",
        "mound",
        "cover",
        "never",
        "fever",
        "clever",
        "lover",
        "river",
        "driver",
        "given",
        "haven",
        "seven",
        "eleven",
        "level",
        "lever",
        "cure",
        "sure",
        "pure",
        "hopping",
        "shipping",
        "skipping",
        "slipping",
        "tripping",
        "coding",
        "riding",
        "hiding",
        "wiring",
        "hiring",
        "timer",
        "tired",
        "fired",
        "hired",
        "wired",
    ]
)
LONG = 9
_WORD = re.compile(r"[a-z]+")


def _one_letter_less(word: str) -> set[str]:
    return {word[:i] + word[i + 1 :] for i in range(len(word))}


def _reductions(word: str) -> set[str]:
    """The word with up to one letter (two in long words) taken out."""
    found = {word} | _one_letter_less(word)
    if len(word) >= LONG:
        for shorter in list(found):
            found |= _one_letter_less(shorter)
    return found


class Speller:
    """Mends words towards a vocabulary, by shared reductions (symmetric deletes; Garbe 2012)."""

    def __init__(self, vocabulary: Iterable[str], known: Iterable[str] = ()) -> None:
        self._known = frozenset(vocabulary) | frozenset(known) | EVERYDAY
        self._by_reduction: dict[str, list[str]] = {}
        for word in sorted(set(vocabulary)):
            if len(word) >= SHORTEST:
                for reduction in _reductions(word):
                    self._by_reduction.setdefault(reduction, []).append(word)
        self._mended = lru_cache(maxsize=8192)(self._mend_word)

    def _mend_word(self, word: str) -> str:
        if len(word) < SHORTEST or word in self._known or word.rstrip("s") in self._known:
            return word
        best: tuple[int, int, str] | None = None
        for reduction in _reductions(word):
            for candidate in self._by_reduction.get(reduction, ()):
                if candidate[0] != word[0] and candidate[:2] != word[1::-1]:
                    continue
                slips = distance(word, candidate)
                if slips <= (2 if len(candidate) >= LONG else 1):
                    best = min(best or (9, 0, ""), (slips, -len(candidate), candidate))
        return best[2] if best and best[2] else word

    def mend(self, text: str) -> str:
        """A lower-case text with its slips mended."""
        return _WORD.sub(lambda found: self._mended(found[0]), text)


def distance(left: str, right: str) -> int:
    """Edits between two words; two swapped neighbours count once (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]
