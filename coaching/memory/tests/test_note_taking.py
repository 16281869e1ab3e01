"""What is kept of whole messages, measured against what a good note-taker keeps of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from coaching.language import tidy
from coaching.memory.extraction.by_rules import read_by_rules
from coaching.memory.extraction.found import Turn

from .note_taking import Message, messages

SAID_AT = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)  # a Wednesday
PRECISION, RECALL, LATER_RECALL = 0.97, 0.9, 0.8
NO_FEWER = 60


@dataclass
class Score:
    """What was found rightly, what was found besides, and what was not found, in words."""

    right: int = 0
    junk: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + len(self.junk))

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + len(self.missed))


def score(table: list[Message]) -> dict[str, Score]:
    """Memories, promises and preferences of every message against what is expected of it."""
    scores = {"memories": Score(), "promises": Score(), "preferences": Score()}
    for message in table:
        found = read_by_rules(Turn(message.text, SAID_AT))
        kept = [(str(m.memory_type), m.subject, m.text) for m in found.memories]
        _count(scores["memories"], kept, message.memories, message.allowed, message.text)
        made = [(p.what, p.due_at.isoformat()) for p in found.promises]
        _count(scores["promises"], made, message.promises, [], message.text)
        liked = [
            (p.category, str(p.value), f"{p.key} {p.quote}".lower()) for p in found.preferences
        ]
        # Every liking that is remembered may be a preference, too: only those named are asked for.
        allowed = [(category, value, key) for category, value, key in liked if key]
        allowed = [row for row in allowed if any(text in row[2] for text in _liked(message))]
        _count(scores["preferences"], liked, message.preferences, allowed, message.text)
    return scores


def _liked(message: Message) -> list[str]:
    rows = [*message.memories, *message.allowed]
    return [row[2].lower().strip(".") for row in rows if row[0] == "preference"]


def _count(
    score: Score,
    found: Sequence[tuple[str, ...]],
    expected: Sequence[tuple[str, ...]],
    allowed: Sequence[tuple[str, ...]],
    text: str,
) -> None:
    left = list(expected)
    for each in found:
        hit = next((row for row in left if _fits(each, row)), None)
        if hit is not None:
            left.remove(hit)
            score.right += 1
        elif not any(_fits(each, row) for row in allowed):
            score.junk.append(f"{each} of: {text}")
    score.missed += [f"{row} of: {text}" for row in left]


def _fits(found: tuple[str, ...], row: tuple[str, ...]) -> bool:
    """All but the last part are the same; the last stands in what was found."""
    *same, words = row
    return list(found[: len(same)]) == same and _plain(words) in _plain(found[-1])


def _plain(text: str) -> str:
    return tidy(text).lower().replace("cannot", "can not")


def test_there_are_enough_messages() -> None:
    assert len(messages()) >= NO_FEWER


@pytest.mark.parametrize("kind", ["memories", "promises", "preferences"])
def test_it_keeps_what_a_good_note_taker_keeps(kind: str) -> None:
    reached = score(messages())[kind]
    assert reached.precision >= PRECISION, reached.junk
    assert reached.recall >= RECALL, reached.missed


def test_messages_written_later_are_read_as_well() -> None:
    reached = score(messages("fresh_messages.txt"))
    for kind in reached:
        assert reached[kind].precision >= PRECISION, reached[kind].junk
        assert reached[kind].recall >= LATER_RECALL, reached[kind].missed


def test_each_sentence_is_read_by_itself() -> None:
    """What is found in a message of several sentences is what is found in each of them alone."""
    for first, second in zip(messages()[::2], messages()[1::2], strict=False):
        apart = [*_texts(first.text), *_texts(second.text)]
        assert _texts(f"{first.text}\n{second.text}") == apart


def _texts(text: str) -> list[str]:
    found = read_by_rules(Turn(text, SAID_AT))
    return [*(m.text for m in found.memories)]
