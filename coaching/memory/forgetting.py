"""Forgets: on request every row and count goes; what has faded is only put away."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from accounts.models import User
from coaching import context_cache
from coaching.models import EpisodicMemory, MemoryTerm, MemoryTotal

from . import indexing, summaries
from .closing import work_out
from .remembering import TRIES
from .strength import FADING
from .windows import stored_around, turn_of

_FACT = ("pk", "subject", "slot")


def forget(user: User, memory_ids: Collection[UUID]) -> int:
    """Deletes memories of the person with all that they are found by, also in what surrounds others.

    What they had closed holds again, unless another memory closes it. Returns how many there were; ids of
    nobody or of another person's memories are passed over.
    """
    models = indexing.models_now()
    vectors: indexing.Vectors = {}
    for left in reversed(range(TRIES)):
        plan = _plan(user, memory_ids)
        indexing.make_vectors(plan.texts(), models, vectors, user.pk)
        could_all = not indexing.lacks_vectors(plan, models, vectors)
        with transaction.atomic():
            total = indexing.hold(user.pk)
            plan = _plan(user, memory_ids)
            if could_all and left and indexing.lacks_vectors(plan, models, vectors):
                continue
            mine = EpisodicMemory.objects.filter(user=user, pk__in=memory_ids)
            facts = {pk: (subject, slot) for pk, subject, slot in mine.values_list(*_FACT)}
            indexing.count_out(total, list(facts))
            _forget_copies(user, mine)
            mine.delete()
            indexing.write(user, plan, models, vectors, total)
            for subject, slot in sorted(set(facts.values())):
                work_out(user, subject, slot)
            return len(facts)
    raise AssertionError("the last round always ends")


def _plan(user: User, memory_ids: Collection[UUID]) -> indexing.Plan:
    memories = EpisodicMemory.objects.filter(user=user, pk__in=memory_ids)
    gone = [turn_of(memory) for memory in memories]
    return indexing.plan_without({turn.id for turn in gone}, stored_around(user.pk, gone))


def forget_everything(user: User) -> int:
    """Deletes all memories of a person and every count."""
    with transaction.atomic():
        indexing.hold(user.pk)
        mine = EpisodicMemory.objects.filter(user=user)
        count = mine.count()
        _forget_copies(user, mine)
        mine.delete()
        MemoryTerm.objects.filter(user=user).delete()
        MemoryTotal.objects.filter(user=user).delete()
    return count


def _forget_copies(user: User, memories: QuerySet[EpisodicMemory]) -> None:
    """What is forgotten is also not kept among what an answer was made of, nor in a summary."""
    said = dict(memories.values_list("pk", "memory_description"))
    with connection.cursor() as cursor:
        cursor.execute(_FORGET_CONTEXTS, [user.pk, [str(pk) for pk in said]])
    summaries.forget_words(user.pk, said.values())
    context_cache.invalidate(user.pk)


_FORGET_CONTEXTS = """
DELETE FROM coaching_answercontext AS c
WHERE c.user_id = %s
  AND EXISTS (SELECT 1 FROM jsonb_array_elements(c.sources) AS s WHERE s->>'id' = ANY(%s))
"""


def archive_faded(*, now: datetime) -> int:
    """Puts away what has faded and was never used, a year after it happened; returns how many. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            _ARCHIVE,
            {
                "now": now,
                "before": now - timedelta(days=FADING.archive_after_days),
                "below": FADING.archive_below,
            },
        )
        return cursor.rowcount


_ARCHIVE = """
UPDATE coaching_memorystate AS s SET archived_at = %(now)s
FROM coaching_episodicmemory AS m
WHERE m.id = s.memory_id AND m.original_timestamp <= %(before)s AND m.created_at <= %(before)s
  AND s.archived_at IS NULL AND s.times_referenced = 0
  AND s.strength * power(2::float8, greatest(-100,
        -extract(epoch FROM %(now)s - s.last_reinforced_at)::float8 / 86400 / s.half_life_days)) < %(below)s
"""
