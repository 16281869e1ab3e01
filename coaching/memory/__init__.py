"""What the coach remembers of a person: keep it, find it, let it go.

`remember` and `recall` are usable without any model configured; `forget` leaves nothing behind.
"""

from .forgetting import forget, forget_everything
from .recalling import Recalled, nearest_memories, recall
from .remembering import NewMemory, UnstorableMemory, remember, remember_many, rewrite

__all__ = [
    "NewMemory",
    "Recalled",
    "UnstorableMemory",
    "forget",
    "forget_everything",
    "nearest_memories",
    "recall",
    "remember",
    "remember_many",
    "rewrite",
]
