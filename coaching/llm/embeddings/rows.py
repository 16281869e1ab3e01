"""Rows that carry their own vector: writing it, finding by it, making good what is missing."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Case, F, FloatField, Q, QuerySet, Value, When
from django.db.models.expressions import ExpressionWrapper
from pgvector.django import HalfVectorField, MaxInnerProduct

from coaching.models import EmbeddingModel
from coaching.models.embedding import Embedded

from .errors import EmbeddingUnavailable
from .registry import active_model, models_to_write
from .vectors import embed, embed_query

Row = TypeVar("Row", bound=Embedded)
BATCH = 64  # rows whose vectors are made and written at once
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class EmbeddedTable:
    """A table whose rows get vectors: what of a row is embedded, and which rows at all."""

    model: type[Embedded]
    text_of: Callable[[Any], str]
    rows: Callable[[], QuerySet[Any]]


_tables: dict[type[Embedded], EmbeddedTable] = {}


def embeds(
    model: type[Row],
    text_of: Callable[[Row], str],
    rows: Callable[[], QuerySet[Row]] | None = None,
) -> None:
    """Declares a table whose rows are embedded, so that missing vectors are made and a change of model finds it.

    `rows` narrows to those that may be embedded. Belongs into a module that every process imports (`coach.py`).
    """
    _tables[model] = EmbeddedTable(model, text_of, rows or model._default_manager.all)


def tables() -> list[EmbeddedTable]:
    """Every declared table, in a stable order."""
    return sorted(_tables.values(), key=lambda table: table.model._meta.label)


def store_embeddings(rows: Sequence[Row], text_of: Callable[[Row], str]) -> int:
    """Writes the vectors of saved rows, of every model that is written; returns for how many rows.

    When a model does not answer, its vector stays empty and is made later; nothing is raised.
    """
    if not rows:
        return 0
    kind = type(rows[0])
    try:
        models = models_to_write()
        for start in range(0, len(rows), BATCH):
            part = rows[start : start + BATCH]
            _fill(kind, part, [text_of(row) for row in part], models[0], models[1:])
    except EmbeddingUnavailable as error:
        logger.warning("Vectors of %s are still to be made: %s", kind._meta.label, error)
        return 0
    return len(rows)


def _fill(
    kind: type[Row],
    rows: Sequence[Row],
    texts: list[str],
    active: EmbeddingModel,
    following: list[EmbeddingModel],
) -> None:
    fields = ["embedding", "embedding_model"]
    for row, vector in zip(rows, embed(texts, model=active), strict=True):
        row.embedding, row.embedding_model = vector, active
    for model in following:
        fields += ["next_embedding", "next_embedding_model"]
        for row, vector in zip(rows, embed(texts, model=model), strict=True):
            row.next_embedding, row.next_embedding_model = vector, model
    kind._default_manager.bulk_update(rows, fields)


def nearest(
    rows: QuerySet[Row], text: str | Sequence[float], limit: int = 10, *, min_similarity: float = -1
) -> list[Row]:
    """The rows nearest in meaning, best first, each with its `similarity` (cosine, -1 to 1).

    Rows without a vector of the active model are not found. Raises `EmbeddingUnavailable`.
    """
    model = active_model()
    vector = embed_query(text, model=model) if isinstance(text, str) else list(text)
    # During a change of model the active one's vector may stand in either place.
    own = Case(
        When(embedding_model=model, then=F("embedding")),
        When(next_embedding_model=model, then=F("next_embedding")),
        output_field=HalfVectorField(),
    )
    similarity = ExpressionWrapper(
        MaxInnerProduct(own, vector) * Value(-1.0), output_field=FloatField()
    )
    found = (
        rows.filter(
            Q(embedding_model=model, embedding__isnull=False)
            | Q(next_embedding_model=model, next_embedding__isnull=False)
        )
        .annotate(similarity=similarity)
        .filter(similarity__gte=min_similarity)
        .order_by("-similarity", "pk")
    )
    return list(found[:limit])


def lacking(table: EmbeddedTable, model: EmbeddingModel) -> QuerySet[Any]:
    """The rows of a table that have no vector of `model` in either place."""
    return table.rows().exclude(
        Q(embedding_model=model, embedding__isnull=False)
        | Q(next_embedding_model=model, next_embedding__isnull=False)
    )


def fill_lacking(
    table: EmbeddedTable, model: EmbeddingModel, *, active: EmbeddingModel, batch_size: int = BATCH
) -> Iterator[int]:
    """Makes the missing vectors of `model`, newest rows first; yields how many after each batch.

    Stops when a batch brings nothing, so that a row that cannot be embedded holds up nobody for ever.
    """
    place = "embedding" if model.pk == active.pk else "next_embedding"
    done: set[Any] = set()
    while True:
        found = lacking(table, model).exclude(pk__in=done) if done else lacking(table, model)
        rows = list(found.order_by("-pk")[:batch_size])
        if not rows:
            return
        for row, vector in zip(
            rows, embed([table.text_of(row) for row in rows], model=model), strict=True
        ):
            setattr(row, place, vector)
            setattr(row, f"{place}_model", model)
        table.model._default_manager.bulk_update(rows, [place, f"{place}_model"])
        done = {row.pk for row in rows}
        yield len(rows)


def embed_missing(limit: int = 500) -> int:
    """Makes vectors that are missing in the declared tables, at most `limit`; returns how many were made.

    What could not be embedded when it was written, or is embedded in the background only, comes to it here.
    """
    made = 0
    try:
        models = models_to_write()
        for model in models:
            for table in tables():
                for count in fill_lacking(table, model, active=models[0]):
                    made += count
                    if made >= limit:
                        return made
    except EmbeddingUnavailable as error:
        logger.warning("Missing vectors have to wait: %s", error)
    return made
