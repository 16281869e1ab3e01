"""Two texts beside each other, sentence by sentence: what stayed, what went, what came, what was reworded."""

import re
from dataclasses import dataclass, field
from difflib import SequenceMatcher

_SENTENCES = re.compile(r"(?<=[.!?”])\s+(?=[A-Z“])")
AROUND = 1  # sentences shown on either side of a change
REWORDED = 0.5  # share of common words from which two sentences are one, reworded


@dataclass(frozen=True)
class Piece:
    """Words of a sentence; `mark` is "same", "gone" or "new"."""

    mark: str
    text: str


@dataclass(frozen=True)
class Row:
    """A sentence on the left, one on the right, or both; `mark` is "same", "gone", "new" or "changed".

    A row marked "skipped" stands for `count` sentences that are the same.
    """

    mark: str
    left: list[Piece] = field(default_factory=list)
    right: list[Piece] = field(default_factory=list)
    count: int = 1


def side_by_side(old: str, new: str) -> list[Row]:
    """`old` on the left and `new` on the right, in the order in which they are read."""
    left, right = _sentences(old), _sentences(new)
    rows: list[Row] = []
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            rows += _same(left[a:b])
        else:
            rows += _changed(left[a:b], right[c:d])
    return rows


def _same(sentences: list[str]) -> list[Row]:
    """One sentence on either side of what changed, and how many lie between."""
    rows = [Row("same", [Piece("same", each)], [Piece("same", each)]) for each in sentences]
    skipped = len(rows) - 2 * AROUND
    if skipped < AROUND + 1:
        return rows
    return [*rows[:AROUND], Row("skipped", count=skipped), *rows[-AROUND:]]


def _changed(gone: list[str], come: list[str]) -> list[Row]:
    rows, waiting = [], list(come)
    for each in gone:
        twin = next((other for other in waiting if _alike(each, other)), None)
        if twin is None:
            rows.append(Row("gone", left=[Piece("gone", each)]))
            continue
        waiting.remove(twin)
        rows.append(_reworded(each, twin))
    return rows + [Row("new", right=[Piece("new", each)]) for each in waiting]


def _alike(one: str, other: str) -> bool:
    return SequenceMatcher(None, one.split(), other.split(), autojunk=False).ratio() >= REWORDED


def _reworded(old: str, new: str) -> Row:
    before, after = old.split(), new.split()
    left: list[Piece] = []
    right: list[Piece] = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        is_same = kind == "equal"
        if before[a:b]:
            left.append(Piece("same" if is_same else "gone", " ".join(before[a:b])))
        if after[c:d]:
            right.append(Piece("same" if is_same else "new", " ".join(after[c:d])))
    return Row("changed", left, right)


def _sentences(text: str) -> list[str]:
    return [each for part in text.split("\n\n") for each in _SENTENCES.split(part.strip()) if each]
