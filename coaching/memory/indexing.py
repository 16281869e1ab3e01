"""Keeps what memories are found by in step with what they say: vectors, terms, surroundings, counts.

Who writes memories of a person holds that person's `MemoryTotal` row until the end of the transaction, so that
two writers come one after the other. Vectors are made before, because a model may take its time.
"""

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.models import User
from coaching.llm.embeddings import EmbeddingUnavailable, embed, models_to_write
from coaching.models import EmbeddingModel, MemoryTotal

from .ranking import WINDOW
from .subjects import names_in, subject_key
from .terms import as_sparse, term_part, terms_in
from .windows import Turn, text_of, windows

Vectors = dict[tuple[int, str], list[float]]  # by the model's key and the text
SMALL = 32767  # the longest word count a row holds
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plan:
    """What has to be written: whole rows of `changed`, and new surroundings of `beside`."""

    changed: list[Turn]
    beside: list[Turn]
    windows: dict[UUID, tuple[Turn, ...]]

    def texts(self) -> set[str]:
        """Everything of which a vector is needed."""
        surroundings = {text_of(self.windows[turn.id]) for turn in [*self.changed, *self.beside]}
        return surroundings | {turn.text for turn in self.changed}


def plan_for(changed: Collection[Turn], stored: Iterable[Turn]) -> Plan:
    """What to write when `changed` are new or say something else; `stored` is what lies around them."""
    known = {turn.id: turn for turn in [*stored, *changed]}
    surroundings = windows(known.values())
    new = {turn.id for turn in changed}
    beside = [
        known[key]
        for key, window in surroundings.items()
        if key not in new and any(turn.id in new for turn in window)
    ]
    return Plan(sorted(changed, key=lambda turn: turn.place), beside, surroundings)


def plan_without(gone: Collection[UUID], stored: Collection[Turn]) -> Plan:
    """What to write when the turns with the ids `gone` are no more."""
    before = windows(stored)
    left = [turn for turn in stored if turn.id not in gone]
    beside = [turn for turn in left if any(other.id in gone for other in before[turn.id])]
    return Plan([], beside, windows(left))


def make_vectors(
    texts: Collection[str], models: Sequence[EmbeddingModel], known: Vectors, user_id: UUID
) -> None:
    """Adds the missing vectors to `known`. Where a model does not answer they stay out, to be made later."""
    for model in models:
        missing = [text for text in texts if (model.pk, text) not in known]
        try:
            made = embed(missing, model=model, user_id=user_id)
        except EmbeddingUnavailable as error:
            logger.warning("Memories are kept without vectors of %s for now: %s", model, error)
            continue
        known.update({(model.pk, text): vector for text, vector in zip(missing, made, strict=True)})


def models_now() -> list[EmbeddingModel]:
    """The models to write; none while a hosted one does not even say how long its vectors are."""
    try:
        return models_to_write()
    except EmbeddingUnavailable as error:
        logger.warning("Memories are kept without vectors for now: %s", error)
        return []


def lacks_vectors(plan: Plan, models: Sequence[EmbeddingModel], known: Vectors) -> bool:
    """Whether the plan needs a vector that was not made."""
    texts = plan.texts()
    return any((model.pk, text) not in known for model in models for text in texts)


def hold(user_id: UUID) -> MemoryTotal:
    """Locks the person's memories against other writers until the transaction ends."""
    MemoryTotal.objects.bulk_create([MemoryTotal(user_id=user_id)], ignore_conflicts=True)
    return MemoryTotal.objects.select_for_update().get(user_id=user_id)


def own_names(user: User) -> set[str]:
    """The person's name and its parts, in lower case."""
    return names_in(user.name)


def write(
    user: User,
    plan: Plan,
    models: Sequence[EmbeddingModel],
    vectors: Vectors,
    total: MemoryTotal,
) -> None:
    """Writes the vectors and terms of a plan; rows that are there are overwritten."""
    average = total.words / max(total.memories, 1)
    names = own_names(user)
    parts = {
        turn.id: as_sparse(term_part(turn.terms, turn.word_count, average)) for turn in plan.changed
    }
    surroundings = {turn.id: plan.windows[turn.id] for turn in [*plan.changed, *plan.beside]}
    around = {
        key: as_sparse(
            term_part(
                [term for turn in window for term in turn.terms],
                sum(turn.word_count for turn in window),
                average * (2 * WINDOW.turns + 1),
            )
        )
        for key, window in surroundings.items()
    }
    with connection.cursor() as cursor:
        for model in models:
            if plan.changed:
                cursor.execute(
                    _WRITE,
                    {
                        "user": user.pk,
                        "model": model.pk,
                        "ids": [turn.id for turn in plan.changed],
                        "emb": [_halfvec(vectors, model, turn.text) for turn in plan.changed],
                        "window_emb": [
                            _halfvec(vectors, model, text_of(surroundings[turn.id]))
                            for turn in plan.changed
                        ],
                        "terms": [parts[turn.id] for turn in plan.changed],
                        "window_terms": [around[turn.id] for turn in plan.changed],
                        "subjects": [
                            subject_key(turn.subject, turn.speaker, names) for turn in plan.changed
                        ],
                        "counts": [min(turn.word_count, SMALL) for turn in plan.changed],
                        "questions": [turn.is_question for turn in plan.changed],
                    },
                )
            if plan.beside:
                cursor.execute(
                    _WRITE_WINDOWS,
                    {
                        "user": user.pk,
                        "model": model.pk,
                        "ids": [turn.id for turn in plan.beside],
                        "window_emb": [
                            _halfvec(vectors, model, text_of(surroundings[turn.id]))
                            for turn in plan.beside
                        ],
                        "window_terms": [around[turn.id] for turn in plan.beside],
                    },
                )


def count_in(total: MemoryTotal, turns: Collection[Turn]) -> None:
    """Counts new turns; to be called before they are written, for their part of BM25 knows the average."""
    total.memories += len(turns)
    total.words += sum(turn.word_count for turn in turns)
    total.save(update_fields=["memories", "words"])
    frequencies = Counter(term for turn in turns for term in set(turn.terms))
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT_IN,
            [total.user_id, list(frequencies.keys()), list(frequencies.values())],
        )


def count_out(total: MemoryTotal, memory_ids: Collection[UUID]) -> None:
    """Takes memories out of the counts, by what stands in their rows; to be called before these are deleted."""
    with connection.cursor() as cursor:
        cursor.execute(_WRITTEN, [total.user_id, list(memory_ids)])
        rows = cursor.fetchall()
        frequencies = Counter(term for terms, _ in rows for term in terms_in(terms))
        total.memories = max(0, total.memories - len(rows))
        total.words = max(0, total.words - sum(words for _, words in rows))
        total.save(update_fields=["memories", "words"])
        listed: list[Any] = [total.user_id, list(frequencies.keys()), list(frequencies.values())]
        cursor.execute(_DROP, listed)
        cursor.execute(_COUNT_OUT, listed)


def _halfvec(vectors: Vectors, model: EmbeddingModel, text: str) -> str | None:
    vector = vectors.get((model.pk, text))
    return None if vector is None else as_halfvec(vector)


def as_halfvec(vector: Sequence[float]) -> str:
    """A vector as PostgreSQL reads it, in the precision that it keeps."""
    return "[" + ",".join([f"{number:.5g}" for number in vector]) + "]"


_WRITE = """
INSERT INTO coaching_memoryvector
    (user_id, model_id, memory_id, emb, window_emb, terms, window_terms, subject, word_count, is_question)
SELECT %(user)s, %(model)s, id, emb::halfvec, window_emb::halfvec, terms::sparsevec, window_terms::sparsevec,
       subject, words, question
FROM unnest(%(ids)s::uuid[], %(emb)s::text[], %(window_emb)s::text[], %(terms)s::text[],
            %(window_terms)s::text[], %(subjects)s::text[], %(counts)s::int[], %(questions)s::bool[])
     AS new (id, emb, window_emb, terms, window_terms, subject, words, question)
ON CONFLICT (user_id, model_id, memory_id) DO UPDATE SET
    emb = excluded.emb, window_emb = excluded.window_emb, terms = excluded.terms,
    window_terms = excluded.window_terms, subject = excluded.subject, word_count = excluded.word_count,
    is_question = excluded.is_question
"""
_WRITE_WINDOWS = """
UPDATE coaching_memoryvector AS v
SET window_emb = new.window_emb::halfvec, window_terms = new.window_terms::sparsevec
FROM unnest(%(ids)s::uuid[], %(window_emb)s::text[], %(window_terms)s::text[])
     AS new (id, window_emb, window_terms)
WHERE v.user_id = %(user)s AND v.model_id = %(model)s AND v.memory_id = new.id
"""
# Ordered, so that two transactions that should ever write side by side never wait for each other in a circle.
_COUNT_IN = """
INSERT INTO coaching_memoryterm (user_id, term, memories)
SELECT %s, term, memories FROM unnest(%s::int[], %s::int[]) AS new (term, memories) ORDER BY term
ON CONFLICT (user_id, term) DO UPDATE SET memories = coaching_memoryterm.memories + excluded.memories
"""
_WRITTEN = """
SELECT DISTINCT ON (memory_id) terms::text, word_count FROM coaching_memoryvector
WHERE user_id = %s AND memory_id = ANY(%s::uuid[])
"""
_DROP = """
WITH gone AS (SELECT %s::uuid AS user_id, g.term, g.memories FROM unnest(%s::int[], %s::int[]) AS g (term, memories))
DELETE FROM coaching_memoryterm AS t USING gone
WHERE t.user_id = gone.user_id AND t.term = gone.term AND t.memories <= gone.memories
"""
_COUNT_OUT = """
WITH gone AS (SELECT %s::uuid AS user_id, g.term, g.memories FROM unnest(%s::int[], %s::int[]) AS g (term, memories))
UPDATE coaching_memoryterm AS t SET memories = t.memories - gone.memories FROM gone
WHERE t.user_id = gone.user_id AND t.term = gone.term
"""
