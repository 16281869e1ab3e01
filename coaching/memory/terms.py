"""The words of a memory as BM25 counts them: stems, hashed to places of a sparse vector.

What BM25 knows when a memory is written (how often a stem occurs, how long the text is) is kept as a vector;
what changes with every other memory (how rare a stem is) comes with the question. Their inner product is BM25.
"""

import re
import threading
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from zlib import crc32

import snowballstemmer

from coaching.models import TERM_SPACE

from .ranking import BM25

_WORD = re.compile(r"\w+(?:['’]\w+)*")
# Words that occur everywhere and tell nothing; "not" and the like stay, for they tell much.
_EMPTY = frozenset(
    [
        "a",
        "about",
        "all",
        "also",
        "am",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "been",
        "being",
        "but",
        "by",
        "can",
        "could",
        "d",
        "did",
        "do",
        "does",
        "doing",
        "for",
        "from",
        "get",
        "got",
        "had",
        "has",
        "have",
        "having",
        "he",
        "her",
        "here",
        "hers",
        "him",
        "his",
        "how",
        "i",
        "i'd",
        "i'll",
        "i'm",
        "i've",
        "if",
        "in",
        "into",
        "is",
        "it",
        "it's",
        "its",
        "just",
        "ll",
        "m",
        "me",
        "my",
        "of",
        "on",
        "or",
        "our",
        "ours",
        "re",
        "s",
        "she",
        "should",
        "so",
        "some",
        "such",
        "t",
        "than",
        "that",
        "that's",
        "the",
        "their",
        "theirs",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "those",
        "to",
        "too",
        "up",
        "us",
        "ve",
        "was",
        "we",
        "were",
        "what",
        "what's",
        "when",
        "where",
        "which",
        "who",
        "whom",
        "whose",
        "why",
        "will",
        "with",
        "would",
        "you",
        "you'd",
        "you'll",
        "you're",
        "you've",
        "your",
        "yours",
    ]
)
_stemmers = threading.local()


def words_of(text: str) -> list[str]:
    """The words of a text, in lower case and in order."""
    return [word.replace("’", "'") for word in _WORD.findall(text.lower())]


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Porter's stem (Snowball English) of a word in lower case."""
    stemmer = getattr(_stemmers, "english", None)
    if stemmer is None:  # it keeps the word in itself, so each thread has its own
        stemmer = _stemmers.english = snowballstemmer.stemmer("english")
    return str(stemmer.stemWord(word))


@lru_cache(maxsize=50_000)
def term_of(word: str) -> int:
    """The place of a word's stem, 0 to `TERM_SPACE` - 1; the same on every machine and for ever."""
    return crc32(stem(word).encode()) % TERM_SPACE


def terms_of(text: str) -> list[int]:
    """The places of a text's telling words, in order and with repetitions."""
    return [term_of(word) for word in words_of(text) if word not in _EMPTY]


def findable_text(text: str, speaker: str, happened_at: datetime) -> str:
    """What a memory is found by in words: who said it and on which day belong to it."""
    day = f"{happened_at.day} {happened_at:%B %Y}"
    return f"{speaker} {day} {text}" if speaker else f"{day} {text}"


def term_part(terms: Iterable[int], length: int, average_length: float) -> dict[int, float]:
    """BM25's part of a memory at each of its terms; lengths are in words, the average is over the person's memories."""
    saturation = BM25.k1 * (1 - BM25.b + BM25.b * length / max(average_length, 1.0))
    return {
        term: count * (BM25.k1 + 1) / (count + saturation)
        for term, count in sorted(Counter(terms).items())
    }


def as_sparse(part: dict[int, float]) -> str:
    """The vector as PostgreSQL reads it, which counts from one."""
    inside = ",".join(f"{term + 1}:{value:.4f}" for term, value in sorted(part.items()))
    return f"{{{inside}}}/{TERM_SPACE}"


def terms_in(sparse: str) -> list[int]:
    """The terms of a vector as PostgreSQL writes it."""
    inside = sparse[1 : sparse.index("}")]
    return [int(pair.split(":", 1)[0]) - 1 for pair in inside.split(",")] if inside else []
