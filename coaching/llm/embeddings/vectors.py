"""Texts in, vectors out, by whichever model is asked for."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from uuid import UUID

from coaching.models import EmbeddingModel

from . import hosted, local
from .registry import active_model, is_local

MAX_CHARACTERS = 8000  # of one text; a hosted model refuses more than some 8,000 tokens
REMEMBERED_QUERIES = (
    256  # a question is often asked of memories, knowledge and summaries in one breath
)


def embed(
    texts: Sequence[str], *, model: EmbeddingModel | None = None, user_id: UUID | None = None
) -> list[list[float]]:
    """A vector of unit length for each text, in order, by the active model or by `model`.

    `user_id` is whom a hosted model's price is put down to. Raises `EmbeddingUnavailable`, of a hosted
    model also within a transaction.
    """
    if not texts:
        return []
    chosen = model or active_model()
    # An empty text has no meaning to find; a full stop keeps the order of vectors simple.
    readable = [text[:MAX_CHARACTERS].strip() or "." for text in texts]
    if is_local(chosen.name):
        return local.encode(readable)
    return hosted.encode(chosen.name, chosen.dimensions, readable, user_id=user_id)


class _Queries:
    """The last few questions with their vectors."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, int, str], list[float]] = OrderedDict()

    def get(self, key: tuple[str, int, str]) -> list[float] | None:
        with self._lock:
            vector = self._known.get(key)
            if vector is not None:
                self._known.move_to_end(key)
            return vector

    def put(self, key: tuple[str, int, str], vector: list[float]) -> None:
        with self._lock:
            self._known[key] = vector
            while len(self._known) > REMEMBERED_QUERIES:
                self._known.popitem(last=False)


_queries = _Queries()


def embed_query(
    text: str, *, model: EmbeddingModel | None = None, user_id: UUID | None = None
) -> list[float]:
    """The vector of a question; the same question again costs nothing. Raises `EmbeddingUnavailable`."""
    chosen = model or active_model()
    key = (chosen.name, chosen.dimensions, text)
    vector = _queries.get(key)
    if vector is None:
        [vector] = embed([text], model=chosen, user_id=user_id)
        _queries.put(key, vector)
    return vector
