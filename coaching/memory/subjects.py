"""Whom a question is about, and the question without its names, which would lead a small model astray."""

import re
from collections.abc import Collection

from .terms import words_of

SELF = "self"
COACH_NAMES = frozenset({"habyss", "coach"})
_SELF_WORDS = frozenset({"i", "i'd", "i'll", "i'm", "i've", "me", "my", "mine", "myself"})
_YOU_WORDS = frozenset({"you", "you'd", "you'll", "you're", "you've", "your", "yours", "yourself"})
_PIECE = re.compile(r"\w+(?:['’]\w+)*|[^\w]+")
_LONGEST_NAME = 3  # words of a name


def subject_key(subject: str, speaker: str, own_names: Collection[str] = ()) -> str:
    """Whom a memory is about, as it is compared: in lower case; the speaker, unless somebody else is named."""
    about = subject if subject and subject != SELF else speaker or SELF
    key = " ".join(words_of(about))[:80]
    return SELF if not key or key in own_names else key


def names_in(name: str) -> set[str]:
    """A name and its parts, in lower case."""
    parts = words_of(name)
    return {" ".join(parts), *parts} - {""}


def subjects_named(query: str, own_names: Collection[str] = ()) -> list[str]:
    """Every run of up to three words of a question that could name a subject; `SELF` when the person is meant."""
    words = [_without_possessive(word) for word in words_of(query)]
    found = {
        " ".join(words[start : start + size])
        for size in range(1, _LONGEST_NAME + 1)
        for start in range(len(words) - size + 1)
    }
    if found & set(own_names) or not _SELF_WORDS.isdisjoint(words_of(query)):
        found.add(SELF)
    return sorted(found)


def without_names(query: str, names: Collection[str]) -> str:
    """The question without `names` (in lower case) and without "I", "you" and their forms; itself if nothing is left."""
    kept = [
        piece
        for piece in _PIECE.findall(query)
        if (word := piece.lower().replace("’", "'")) not in _SELF_WORDS
        and word not in _YOU_WORDS
        and _without_possessive(word) not in names
    ]
    stripped = re.sub(r"\s+", " ", "".join(kept)).strip()
    return stripped if re.search(r"\w", stripped) else query


def _without_possessive(word: str) -> str:
    return word[:-2] if word.endswith("'s") else word.rstrip("'")
