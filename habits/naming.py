"""Which habit somebody means: an id, a name, or a few words of one."""

import re
from collections.abc import Sequence
from uuid import UUID

from habits.models import Habit

WORD = re.compile(r"[a-z0-9]+")
# Words that people put around a habit's name and that say nothing about which one is meant.
FILLER = frozenset(
    [
        "a",
        "an",
        "and",
        "as",
        "at",
        "did",
        "do",
        "doing",
        "done",
        "for",
        "habit",
        "habits",
        "i",
        "in",
        "is",
        "it",
        "just",
        "me",
        "mine",
        "my",
        "of",
        "on",
        "the",
        "this",
        "to",
        "today",
        "with",
    ]
)
ENOUGH_OVERLAP = 0.5


def _stem(word: str) -> str:
    """Enough of an English stemmer that "walking" and "ran a walk" meet "walk"."""
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "ls":
        word = word[:-1]
    return word[:-1] if len(word) > 4 and word.endswith(("e", "y")) else word


def words_of(text: str) -> set[str]:
    """The telling words of a text, without their endings."""
    return {_stem(word) for word in WORD.findall(text.lower()) if word not in FILLER}


def meant_by(text: str, habits: Sequence[Habit]) -> Habit | None:
    """The one of `habits` that `text` means, or `None` when none or more than one fits."""
    wanted = text.strip().lower()
    if not wanted:
        return None
    try:
        by_id = UUID(wanted)
    except ValueError:
        by_id = None
    for habit in habits:
        if habit.pk == by_id or habit.name.lower() == wanted:
            return habit
    said = words_of(text)
    rated = sorted(
        ((_overlap(said, words_of(habit.name)), index) for index, habit in enumerate(habits)),
        reverse=True,
    )
    if not rated or rated[0][0] < ENOUGH_OVERLAP:
        return None
    if len(rated) > 1 and rated[1][0] == rated[0][0]:
        return None
    return habits[rated[0][1]]


def _overlap(said: set[str], name: set[str]) -> float:
    """How much of the shorter of two texts is in the other; a longer meeting wins a tie."""
    common = len(said & name)
    if not common:
        return 0.0
    return common / min(len(said), len(name)) + common / 100
