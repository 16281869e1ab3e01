"""Makes the vectors of memories that lack one: of a model that did not answer, or of one that is new."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from accounts.models import User
from coaching.llm.embeddings import EmbeddingUnavailable, models_to_write
from coaching.models import EmbeddingModel, EpisodicMemory, MemoryVector

from . import indexing
from .windows import stored_around, turn_of

BATCH = 64  # memories whose vectors are made and written at once
# How far back the frequent look goes for memories that were written while no model could even be named (ours).
RECENT = timedelta(days=2)


def count_lacking(model: EmbeddingModel) -> int:
    """How many memories have no whole vector of `model`."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {_LACKING}", {"model": model.pk})
        [(count,)] = cursor.fetchall()
    return int(count)


def fill_lacking(
    model: EmbeddingModel, *, batch_size: int = BATCH, since: datetime | None = None
) -> Iterator[int]:
    """Makes the missing vectors of `model`, person by person; yields how many after each batch.

    With `since`, memories without any row of the model are looked for among those written since then only, and
    nobody's other memories are read through. Only what is missing is made, so it may be stopped and started at
    any time. Raises `EmbeddingUnavailable`.
    """
    search = _NEXT_LACKING if since is None else _NEXT_WAITING
    oldest = None if since is None else UUID(int=int(since.timestamp() * 1000) << 80)
    beyond = UUID(int=0)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(search, {"model": model.pk, "beyond": beyond, "oldest": oldest})
            found = cursor.fetchone()
        if found is None:
            return
        beyond = found[0]
        user = User.objects.filter(pk=beyond).first()
        if user is not None:
            yield from _fill_person(user, model, batch_size)


def _fill_person(user: User, model: EmbeddingModel, batch_size: int) -> Iterator[int]:
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT m.id {_LACKING} AND m.user_id = %(user)s"
                " ORDER BY m.original_timestamp, m.id LIMIT %(limit)s",
                {"model": model.pk, "user": user.pk, "limit": batch_size},
            )
            keys = [key for (key,) in cursor.fetchall()]
        if not keys:
            return
        yield _fill(user, model, keys)


def _fill(user: User, model: EmbeddingModel, keys: list[UUID]) -> int:
    vectors: indexing.Vectors = {}
    plan = _plan(user, keys)
    indexing.make_vectors(plan.texts(), [model], vectors, user.pk)
    if indexing.lacks_vectors(plan, [model], vectors):
        raise EmbeddingUnavailable(f"{model} gives no vectors just now.")
    with transaction.atomic():
        total = indexing.hold(user.pk)
        plan = _plan(user, keys)
        # What was written beside us in this moment has its own vectors; what lacks one comes in the next batch.
        indexing.write(user, plan, [model], vectors, total)
    return len(keys)


def _plan(user: User, keys: list[UUID]) -> indexing.Plan:
    memories = EpisodicMemory.objects.filter(user=user, pk__in=keys)
    turns = [turn_of(memory) for memory in memories]
    plan = indexing.plan_for(turns, stored_around(user.pk, turns))
    # The surroundings of others say what they said before.
    return indexing.Plan(plan.changed, [], plan.windows)


def fill_missing(*, now: datetime, limit: int = 500) -> int:
    """Makes vectors of memories that are missing, at most about `limit`; returns how many were made.

    Of the model that is searched with only what waits or is new can lack them; of one that is being filled
    everything may.
    """
    made = 0
    try:
        for place, model in enumerate(models_to_write()):
            for count in fill_lacking(model, since=None if place else now - RECENT):
                made += count
                if made >= limit:
                    return made
    except EmbeddingUnavailable as error:
        indexing.logger.warning("Missing vectors have to wait: %s", error)
    return made


def remove_vectors(model: EmbeddingModel) -> int:
    """Deletes the vectors of a model that is not searched with any more; returns how many."""
    deleted, _ = MemoryVector.objects.filter(model=model).delete()
    return deleted


# A memory's key begins with the moment it was made, so those of late are found by it.
_NEXT_WAITING = """
SELECT user_id FROM (
    SELECT user_id FROM coaching_memoryvector
    WHERE model_id = %(model)s AND (emb IS NULL OR window_emb IS NULL)
    UNION
    SELECT m.user_id FROM coaching_episodicmemory AS m
    WHERE m.id >= %(oldest)s AND NOT EXISTS (
        SELECT FROM coaching_memoryvector AS v
        WHERE v.user_id = m.user_id AND v.memory_id = m.id AND v.model_id = %(model)s
    )
) AS waiting
WHERE user_id > %(beyond)s ORDER BY user_id LIMIT 1
"""
_LACKING = """
FROM coaching_episodicmemory AS m
LEFT JOIN coaching_memoryvector AS v
    ON v.user_id = m.user_id AND v.memory_id = m.id AND v.model_id = %(model)s
WHERE (v.emb IS NULL OR v.window_emb IS NULL)
"""
_NEXT_LACKING = f"SELECT m.user_id {_LACKING} AND m.user_id > %(beyond)s ORDER BY m.user_id LIMIT 1"
