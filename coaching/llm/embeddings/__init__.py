"""Text as vectors: a small model that runs here, or a hosted one, and which of them is searched with.

`embed` turns texts into vectors of unit length; `store_embeddings` and `nearest` do so for rows that carry
their vector (`Embedded`). A model is changed without a pause: the new one is filled beside the old.
"""

from . import changing
from .errors import EmbeddingUnavailable, UnsuitableEmbeddingModel
from .registry import active_model, filling_model, models_to_write
from .rows import embed_missing, embeds, nearest, store_embeddings
from .vectors import embed, embed_query

__all__ = [
    "EmbeddingUnavailable",
    "UnsuitableEmbeddingModel",
    "active_model",
    "changing",
    "embed",
    "embed_missing",
    "embed_query",
    "embeds",
    "filling_model",
    "models_to_write",
    "nearest",
    "store_embeddings",
]
