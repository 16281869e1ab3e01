"""Finds memories: an exact scan over everything a person has, one statement, one fused score.

There is no approximate index: a person's memories are few, and filtered searches in such an index miss rows.
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from math import log1p
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone
from psycopg import Cursor

from accounts.models import User
from coaching.llm.embeddings import EmbeddingUnavailable, active_model, embed_query
from coaching.models import TERM_SPACE, EmbeddingModel, EpisodicMemory, MemoryStatus

from .indexing import as_halfvec, own_names
from .ranking import LENGTHS, LIKENESS, WEIGHTS, Weights
from .subjects import COACH_NAMES, subjects_named, without_names
from .terms import terms_of

MAX_LIMIT = 100
PARTS = (
    "meaning",
    "window_meaning",
    "words",
    "window_words",
    "named",
    "question",
    "length",
    "strength",
)
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ranked:
    """A place in the ranking: the score, what each signal added to it, the cosine (none without a vector)."""

    memory_id: UUID
    score: float
    strength: float
    similarity: float | None
    parts: dict[str, float]


@dataclass(frozen=True)
class Recalled:
    """A memory that was found. `strength` is as of the moment asked about, `parts` add up to `score`."""

    memory: EpisodicMemory
    score: float
    strength: float
    similarity: float | None
    parts: dict[str, float]


def recall(
    user: User,
    query: str,
    limit: int = 10,
    as_of: datetime | None = None,
    now: datetime | None = None,
    *,
    statuses: Collection[str] = (MemoryStatus.KEPT,),
    names: Collection[str] = (),
) -> list[Recalled]:
    """The person's memories that answer a question best, best first.

    Only what is live: kept, neither expired nor closed nor put away; with `as_of`, what was so at that moment.
    `names` (in lower case) are further names that are not to be embedded. Without an answer of the embedding
    model the words alone decide.
    """
    ranked = rank(
        user.pk,
        query,
        limit,
        as_of=as_of,
        now=now or timezone.now(),
        statuses=statuses,
        own_names=own_names(user),
        names=names,
    )
    return _fetched(user, ranked)


def nearest_memories(
    user: User,
    text: str,
    limit: int = 10,
    *,
    now: datetime | None = None,
    statuses: Collection[str] = (MemoryStatus.KEPT, MemoryStatus.WAITING),
) -> list[Recalled]:
    """The live memories most like a text, for telling what is new from what is known or contradicted."""
    ranked = rank(
        user.pk,
        text,
        limit,
        now=now or timezone.now(),
        statuses=statuses,
        own_names=own_names(user),
        weights=LIKENESS,
    )
    return _fetched(user, ranked)


def _fetched(user: User, ranked: Sequence[Ranked]) -> list[Recalled]:
    memories = (
        EpisodicMemory.objects.filter(user=user)
        .select_related("state")
        .in_bulk([each.memory_id for each in ranked])
    )
    return [
        Recalled(memories[each.memory_id], each.score, each.strength, each.similarity, each.parts)
        for each in ranked
        if each.memory_id in memories  # one may be forgotten in between
    ]


def rank(
    user_id: UUID,
    query: str,
    limit: int,
    *,
    now: datetime,
    as_of: datetime | None = None,
    statuses: Collection[str] = (MemoryStatus.KEPT,),
    own_names: Collection[str] = (),
    names: Collection[str] = (),
    weights: Weights = WEIGHTS,
    model: EmbeddingModel | None = None,
) -> list[Ranked]:
    """The ranking alone, without the memories: one statement besides the vector of the question."""
    readable = query.replace("\x00", " ").strip()
    if not readable or limit < 1:
        return []
    chosen, vector = _vector_of(readable, {*own_names, *COACH_NAMES, *names}, user_id, model)
    details: dict[str, Any] = {
        "user": user_id,
        "model": chosen,
        "vector": vector,
        "terms": sorted(set(terms_of(readable))),
        "named": subjects_named(readable, own_names),
        "statuses": list(statuses),
        "moment": as_of or now,
        "limit": min(limit, MAX_LIMIT),
    }
    rows = _run(_statement(weights, vector is not None, as_of is not None), details)
    return [
        Ranked(key, score, strength, similarity, dict(zip(PARTS, parts, strict=True)))
        for key, score, strength, similarity, *parts in rows
    ]


def _run(statement: str, details: dict[str, Any]) -> list[Any]:
    """Runs the statement prepared: planning it would take as long as running it."""
    connection.ensure_connection()
    raw = connection.connection
    raw.prepare_threshold = 0  # counts for this cursor alone: Django's own never prepare
    with connection.wrap_database_errors, Cursor(raw) as cursor:
        return cursor.execute(statement, details, prepare=True).fetchall()


def _vector_of(
    query: str, names: Collection[str], user_id: UUID, model: EmbeddingModel | None
) -> tuple[int | None, str | None]:
    """The key of the model that is searched with and the question's vector, as far as they are to be had."""
    try:
        chosen = model or active_model()
    except EmbeddingUnavailable as error:
        logger.warning("Memories are not searched: %s", error)
        return None, None
    try:
        vector = embed_query(without_names(query, names), model=chosen, user_id=user_id)
    except EmbeddingUnavailable as error:
        logger.warning("Memories are found by their words alone: %s", error)
        return chosen.pk, None
    return chosen.pk, as_halfvec(vector)


@lru_cache(maxsize=16)
def _statement(weights: Weights, with_vector: bool, at_a_moment: bool) -> str:
    """The one statement. Signals are scaled over the person's live memories, then weighed and added.

    The full join, of which only whole pairs are kept, is there because it cannot be done by comparing every row
    with every other: of a person whom the statistics do not know yet the planner expects one row, and would.
    """

    def spread(signal: str) -> str:
        return f"coalesce((l.{signal} - b.{signal}_low) / nullif(b.{signal}_high - b.{signal}_low, 0), 0)"

    def against_best(signal: str) -> str:
        return f"coalesce(l.{signal} / nullif(b.{signal}_high, 0), 0)"

    scaled = {
        "meaning": spread("meaning"),
        "window_meaning": spread("window_meaning"),
        "words": against_best("words"),
        "window_words": against_best("window_words"),
        "named": spread("named"),
        "question": spread("question"),
        "length": "(l.length - b.length_low) / (b.length_high - b.length_low)",
        "strength": "l.strength",
    }
    parts = ",\n    ".join(
        f"({getattr(weights, name)} * {scaled[name]})::float8 AS {name}" for name in PARTS
    )
    bounds = ", ".join(
        f"min({name}) AS {name}_low, max({name}) AS {name}_high"
        for name in PARTS
        if name not in ("length", "strength")
    )
    shortest, longest = log1p(LENGTHS.short_words), log1p(LENGTHS.long_words)
    cosine = "-({column} <#> %(vector)s::halfvec)" if with_vector else "NULL::float8"
    moment = (
        "JOIN coaching_episodicmemory AS m ON m.id = v.memory_id AND m.original_timestamp <= %(moment)s"
        if at_a_moment
        else ""
    )
    put_away = "" if at_a_moment else "AND s.archived_at IS NULL"
    return f"""
WITH asked AS MATERIALIZED (
    SELECT ('{{' || coalesce(string_agg(
        (t.term + 1) || ':' || round(ln(1 + (greatest(n.memories - t.memories, 0) + 0.5) / (t.memories + 0.5)), 4),
        ',' ORDER BY t.term), '') || '}}/{TERM_SPACE}')::sparsevec AS terms
    FROM coaching_memoryterm AS t JOIN coaching_memorytotal AS n ON n.user_id = t.user_id
    WHERE t.user_id = %(user)s AND t.term = ANY(%(terms)s::int[])
), found AS MATERIALIZED (
    SELECT v.memory_id,
        {cosine.format(column="v.emb")} AS meaning,
        {cosine.format(column="v.window_emb")} AS window_meaning,
        -(v.terms <#> a.terms) AS words,
        -(v.window_terms <#> a.terms) AS window_words,
        (v.subject = ANY(%(named)s::text[]) OR split_part(v.subject, ' ', 1) = ANY(%(named)s::text[]))::int::float8
            AS named,
        v.is_question::int::float8 AS question,
        ln(1 + v.word_count)::float8 AS length
    FROM coaching_memoryvector AS v
    {moment}
    CROSS JOIN asked AS a
    WHERE v.user_id = %(user)s AND v.model_id = %(model)s
), alive AS MATERIALIZED (
    SELECT s.memory_id AS alive_id,
        s.strength * power(2::float8, greatest(-100, least(0,
            -extract(epoch FROM %(moment)s::timestamptz - s.last_reinforced_at)::float8 / 86400 / s.half_life_days)))
            AS strength
    FROM coaching_memorystate AS s
    WHERE s.user_id = %(user)s
        AND s.status = ANY(%(statuses)s::text[])
        {put_away}
        AND (s.expires_at IS NULL OR s.expires_at > %(moment)s)
        AND (s.valid_until IS NULL OR s.valid_until > %(moment)s)
), live AS MATERIALIZED (
    SELECT * FROM (
        SELECT * FROM found FULL JOIN alive ON alive.alive_id = found.memory_id OFFSET 0
    ) AS both_sides
    WHERE memory_id IS NOT NULL AND alive_id IS NOT NULL
), bounds AS MATERIALIZED (
    SELECT {bounds},
        least(min(length), {shortest}) AS length_low, greatest(max(length), {longest}) AS length_high
    FROM live
), parts AS (
    SELECT l.memory_id, l.strength AS strength_now, l.meaning AS similarity,
    {parts}
    FROM live AS l CROSS JOIN bounds AS b
)
SELECT memory_id, {" + ".join(PARTS)} AS score, strength_now, similarity, {", ".join(PARTS)}
FROM parts ORDER BY score DESC, memory_id LIMIT %(limit)s
"""  # noqa: S608 - made of the numbers and names of this module alone
