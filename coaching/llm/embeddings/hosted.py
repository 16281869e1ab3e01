"""Embedding models behind LiteLLM: any name it knows, or any server that speaks OpenAI's protocol."""

import math
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from coaching.llm.engine import engine
from coaching.llm.errors import failure_of
from coaching.llm.pricing import cost_microdollars, estimated_tokens
from coaching.models import CallOutcome, ModelCall

from .errors import EmbeddingUnavailable

PURPOSE = "embedding"
BATCH = 64  # texts in one request


def encode(
    name: str, dimensions: int | None, texts: Sequence[str], *, user_id: UUID | None = None
) -> list[list[float]]:
    """Vectors of unit length from the model `name`, with a `ModelCall` row per request.

    `dimensions` is asked for where a model lets one choose. Raises `EmbeddingUnavailable`, also within a
    transaction: no lock is held while another machine thinks, and the vector is made a little later.
    """
    if _in_transaction():
        raise EmbeddingUnavailable("A hosted model is not asked within a transaction.")
    vectors: list[list[float]] = []
    for start in range(0, len(texts), BATCH):
        vectors += _ask(name, dimensions, list(texts[start : start + BATCH]), user_id)
    return vectors


def _in_transaction() -> bool:
    if not connection.in_atomic_block:
        return False
    try:
        with transaction.atomic(durable=True):
            return False  # the one that a test runs in
    except RuntimeError:
        return True


def _ask(
    name: str, dimensions: int | None, texts: list[str], user_id: UUID | None
) -> list[list[float]]:
    call = ModelCall(user_id=user_id, purpose=PURPOSE, model=name[:100], outcome=CallOutcome.OK)
    began = time.monotonic()
    try:
        answer = engine().embedding(
            model=name,
            input=texts,
            dimensions=dimensions,
            encoding_format="float",
            timeout=settings.EMBEDDING_TIMEOUT_SECONDS,
            max_retries=0,
            api_base=settings.EMBEDDING_API_BASE or None,
            api_key=settings.EMBEDDING_API_KEY or None,
        )
        vectors = _read(answer, len(texts), dimensions)
        _count(call, answer, texts)
    except EmbeddingUnavailable as error:
        call.outcome, call.error = CallOutcome.ERROR, str(error)[:300]
        raise
    except Exception as error:  # LiteLLM raises whatever its providers' clients raise
        failure = failure_of(error, started=False)
        timed_out = failure.reason == "timeout"
        call.outcome = CallOutcome.TIMEOUT if timed_out else CallOutcome.ERROR
        call.error = failure.detail
        raise EmbeddingUnavailable(failure.detail) from error
    finally:
        call.total_ms = round((time.monotonic() - began) * 1000)
        _record(call)
    return vectors


def _read(answer: Any, count: int, dimensions: int | None) -> list[list[float]]:
    try:
        rows = sorted(answer.data, key=lambda row: row["index"])
        vectors = [_unit([float(number) for number in row["embedding"]]) for row in rows]
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise EmbeddingUnavailable(f"The answer holds no vectors: {error!r}") from error
    if len(vectors) != count:
        raise EmbeddingUnavailable(f"{count} texts were sent, {len(vectors)} vectors came back.")
    for vector in vectors:
        if dimensions is not None and len(vector) != dimensions:
            raise EmbeddingUnavailable(
                f"Vectors of {dimensions} numbers were expected, {len(vector)} came."
            )
    return vectors


def _unit(vector: list[float]) -> list[float]:
    length = math.hypot(*vector)
    if not math.isfinite(length) or length == 0:
        raise ValueError("a vector without a length")
    return [number / length for number in vector]


def _count(call: ModelCall, answer: Any, texts: list[str]) -> None:
    usage = getattr(answer, "usage", None)
    counted = getattr(usage, "prompt_tokens", 0) or estimated_tokens(sum(map(len, texts)))
    call.input_tokens = counted
    call.cost_microdollars = cost_microdollars(call.model, counted, 0)


def _record(call: ModelCall) -> None:
    """Keeps the row unless its person is gone; the vectors are worth more than their bill."""
    try:
        with transaction.atomic():
            call.save(force_insert=True)
    except DatabaseError:
        return
