"""The change from one embedding model to another in the tables whose rows carry their vectors."""

from collections.abc import Iterator
from itertools import chain

from django.db import transaction
from django.db.models import F, Q

from coaching.models import EmbeddingModel

from . import registry, rows
from .registry import begin_filling, give_up_filling

__all__ = [
    "begin_filling",
    "count_lacking",
    "fill_lacking",
    "give_up_filling",
    "remove_vectors",
    "switch",
]


def count_lacking(model: EmbeddingModel) -> int:
    """How many rows have no vector of `model`."""
    return sum(rows.lacking(table, model).count() for table in rows.tables())


def fill_lacking(
    model: EmbeddingModel, *, active: EmbeddingModel, batch_size: int = rows.BATCH
) -> Iterator[int]:
    """Makes the missing vectors of `model` in every declared table; yields how many after each batch."""
    return chain.from_iterable(
        rows.fill_lacking(table, model, active=active, batch_size=batch_size)
        for table in rows.tables()
    )


def switch(to: EmbeddingModel) -> EmbeddingModel:
    """Has `to` searched with from now on and returns the model before, whose vectors stay in the other place."""
    with transaction.atomic():
        before = registry.switch(to)
        for table in rows.tables():
            table.model._default_manager.filter(next_embedding_model=to).update(
                embedding=F("next_embedding"),
                embedding_model=F("next_embedding_model"),
                next_embedding=F("embedding"),
                next_embedding_model=F("embedding_model"),
            )
    return before


def remove_vectors(model: EmbeddingModel) -> int:
    """Empties the places that hold vectors of a model; returns how many rows had one."""
    removed = 0
    for table in rows.tables():
        everyone = table.model._default_manager
        removed += everyone.filter(next_embedding_model=model).update(
            next_embedding=None, next_embedding_model=None
        )
        removed += everyone.filter(Q(embedding_model=model)).update(
            embedding=None, embedding_model=None
        )
    return removed
