"""Every number of the ranking, in one place.

A memory's score is a weighted sum of signals, each scaled to 0..1 over the person's live memories (the word
scores by their maximum). The weights were learned on long real conversations whose evidence is known.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Weights:
    """What one unit of each scaled signal adds to a memory's score."""

    meaning: float = 4.3  # cosine of the question and the memory
    window_meaning: float = 2.9  # ... and what surrounds the memory
    words: float = 1.7  # BM25 of the memory
    window_words: float = 1.8  # ... and of what surrounds it
    named: float = 2.6  # its subject is named in the question
    question: float = -0.7  # it is a question itself: those rarely hold the answer
    length: float = 3.3  # logarithm of its words: longer ones hold more
    strength: float = 0.3  # how alive it is; more than a nudge would destroy recall


@dataclass(frozen=True)
class Bm25:
    """Robertson & Zaragoza 2009: how fast repetition saturates, and how much length counts."""

    k1: float = 1.2
    b: float = 0.75


@dataclass(frozen=True)
class Window:
    """What counts as the surroundings of a memory: turns before and after it in the same source."""

    turns: int = 1  # on either side
    hours: float = 6.0  # a longer silence ends the surroundings


@dataclass(frozen=True)
class Lengths:
    """The range over which the length signal is spread at least, in words.

    Chats have turns of three words and of eighty; of memories that are all of one short sentence the longest
    is no better than the others.
    """

    short_words: int = 4
    long_words: int = 80


WEIGHTS = Weights()
LIKENESS = Weights(
    meaning=4.3,
    window_meaning=0.0,
    words=1.7,
    window_words=0.0,
    named=0.0,
    question=0.0,
    length=0.0,
    strength=0.0,
)  # for the memories most like a text, wherever they stand
BM25 = Bm25()
WINDOW = Window()
LENGTHS = Lengths()
