"""Finds the passages that help with a question: by meaning and by words at once, in one statement.

Full-text search that wants every word finds next to nothing, because a question holds words its answer does
not: so the words are joined by "or", and what share of the question they cover, rare words counting more,
tells whether it is about the library at all. Scores are scaled between the worst and the best candidate and
added up; ranks are not.
"""

import logging
import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from coaching.llm.embeddings import EmbeddingUnavailable, active_model, embed_query
from coaching.models import EmbeddingModel, KnowledgeCategory, KnowledgeChunk, KnowledgeSource

logger = logging.getLogger(__name__)
LONGEST_QUERY = 600  # characters of a question that are looked at
MOST_LEXEMES = 24


@dataclass(frozen=True)
class SearchNumbers:
    """How candidates are scored and which are good enough (ours, chosen on the questions of the tests).

    `meaning`, `words` and `coverage` weigh the scaled cosine, the scaled `ts_rank_cd` and the share of the
    question's words that stand in the passage (0 to 1, by rarity). A passage is only used when its cosine reaches
    `similar`, or `fairly_similar` with `covered_too` of the question's words in it, or, where there are no vectors,
    two words and `covered`; words count when they are `telling` together (a word of one article in a hundred weighs
    4.2, one of every second 1.1). `near_best` is how far below the best score one may be. `candidates` is how
    many are scaled.
    """

    meaning: float = 4.0
    words: float = 1.0
    coverage: float = 2.0
    similar: float = 0.39
    fairly_similar: float = 0.3
    covered_too: float = 0.45
    covered: float = 0.55
    telling: float = 2.0
    near_best: float = 3.0
    candidates: int = 40


NUMBERS = SearchNumbers()


@dataclass(frozen=True)
class Scores:
    """How a passage was scored; `similarity` is the cosine, or `None` where there is no vector."""

    similarity: float | None
    rank: float
    coverage: float
    matched: int
    total: float
    is_relevant: bool


@dataclass(frozen=True)
class Passage:
    """A passage that was found, with its source."""

    source_id: UUID
    chunk_id: UUID
    slug: str
    title: str
    category: str
    citation: str
    heading: str
    text: str
    score: float
    scores: Scores
    is_verified: bool = True


@dataclass(frozen=True)
class KnowledgeMatch:
    """A source that fits a question, by its best passage."""

    source_id: UUID
    slug: str
    title: str
    category: str
    passage: str
    score: float


# Titles weigh most, then headings; ts_rank_cd is divided by 1 + log of the passage's length.
_FIND = """
WITH query AS (
  SELECT unnest(tsvector_to_array(to_tsvector('english', %(text)s))) AS lexeme LIMIT %(most)s
), passage AS MATERIALIZED (
  SELECT chunk.id, chunk.search, source.is_verified,
    CASE WHEN chunk.embedding_model_id = %(model)s THEN chunk.embedding
         WHEN chunk.next_embedding_model_id = %(model)s THEN chunk.next_embedding END AS vector
  FROM coaching_knowledgechunk chunk JOIN coaching_knowledgesource source ON source.id = chunk.source_id
  WHERE (source.is_verified OR %(unverified)s)
    AND (%(category)s::text IS NULL OR source.category = %(category)s)
), hit AS (
  SELECT passage.id, query.lexeme
  FROM query JOIN passage ON passage.search @@ quote_literal(query.lexeme)::tsquery
), weight AS (
  SELECT query.lexeme, ln(1 + (SELECT count(*) FROM passage) / (0.5 + count(hit.id))) AS idf
  FROM query LEFT JOIN hit USING (lexeme) GROUP BY query.lexeme
), covered AS (
  SELECT hit.id, sum(weight.idf) AS idf, count(*) AS matched
  FROM hit JOIN weight USING (lexeme) GROUP BY hit.id
), asked AS (
  SELECT string_agg(quote_literal(lexeme), ' | ')::tsquery AS words FROM query
), scored AS (
  SELECT passage.id, passage.is_verified,
    -(passage.vector <#> %(vector)s::halfvec) AS similarity,
    CASE WHEN covered.id IS NULL THEN 0
         ELSE ts_rank_cd('{0.1, 0.4, 0.7, 1.0}', passage.search, asked.words, 1) END AS rank,
    coalesce(covered.idf / (SELECT sum(idf) FROM weight), 0)::float8 AS coverage,
    coalesce(covered.idf, 0)::float8 AS weight,
    coalesce(covered.matched, 0) AS matched
  FROM passage CROSS JOIN asked LEFT JOIN covered ON covered.id = passage.id
), placed AS (
  SELECT *, row_number() OVER (ORDER BY similarity DESC NULLS LAST, id) AS by_meaning,
    row_number() OVER (ORDER BY coverage DESC, rank DESC, id) AS by_words
  FROM scored
)
SELECT id, is_verified, similarity, rank, coverage, weight, matched FROM placed
WHERE by_meaning <= %(candidates)s OR (by_words <= %(candidates)s AND matched > 0)
"""
# What is said to a coach and says nothing about a subject.
_FILLER = re.compile(
    r"\b(?:please|coach|habyss|tell|explain|help|helps|want|know|think|really|just|like|get|thing|things|"
    r"people|someone|good|best|work|works|thank|thanks|hello|hey|hi|okay|ok|yes|sure|today|tomorrow)\b",
    re.I,
)


def search(
    query: str,
    *,
    limit: int = 4,
    category: str | None = None,
    numbers: SearchNumbers = NUMBERS,
) -> list[Passage]:
    """At most `limit` passages of verified sources that help with `query`, best first; often none.

    `category` is a `KnowledgeCategory`. At most two passages of one source are given. Without an embedding
    model the words alone decide.
    """
    found: list[Passage] = []
    of_source: dict[UUID, int] = {}
    candidates = tried(query, category=category, limit=4 * limit, numbers=numbers)
    for passage in candidates:
        is_near = passage.score >= candidates[0].score - numbers.near_best
        if not (passage.scores.is_relevant and is_near) or of_source.get(passage.source_id, 0) >= 2:
            continue
        of_source[passage.source_id] = of_source.get(passage.source_id, 0) + 1
        found.append(passage)
        if len(found) == limit:
            break
    return found


def match_knowledge_sources(
    query: str, *, match_count: int = 5, category: str | None = None
) -> list[KnowledgeMatch]:
    """The verified sources that fit `query` best, each once, with the passage that fits."""
    best: dict[UUID, KnowledgeMatch] = {}
    for passage in tried(query, category=category):
        if passage.scores.is_relevant and passage.source_id not in best:
            best[passage.source_id] = KnowledgeMatch(
                passage.source_id,
                passage.slug,
                passage.title,
                passage.category,
                passage.text,
                passage.score,
            )
    return list(best.values())[:match_count]


def tried(
    query: str,
    *,
    category: str | None = None,
    with_unverified: bool = False,
    limit: int = 40,
    numbers: SearchNumbers = NUMBERS,
) -> list[Passage]:
    """The best candidates for a question with their scores, relevant or not: what staff look at."""
    if category is not None and category not in KnowledgeCategory.values:
        raise ValueError(f"There is no category {category!r}.")
    asked = " ".join(query[:LONGEST_QUERY].replace("\0", " ").split())
    if not re.search(r"\w", asked):
        return []
    model, vector = _vector(asked)
    rows = _candidates(asked, model, vector, category, with_unverified, numbers)
    scored = _fused(rows, numbers)
    best = sorted(scored, key=lambda pk: (-scored[pk][0].total, str(pk)))[:limit]
    unread = ("embedding", "next_embedding", "search", "source__body")
    chunks = KnowledgeChunk.objects.select_related("source").defer(*unread).in_bulk(best)
    return [_passage(chunks[pk], *scored[pk]) for pk in best if pk in chunks]


def _vector(asked: str) -> tuple[EmbeddingModel | None, str | None]:
    try:
        model = active_model()
        return model, str(embed_query(asked, model=model))
    except EmbeddingUnavailable as error:
        logger.warning("knowledge_searched_by_words_only reason=%s", error)
        return None, None


def _candidates(
    asked: str,
    model: EmbeddingModel | None,
    vector: str | None,
    category: str | None,
    with_unverified: bool,
    numbers: SearchNumbers,
) -> list[tuple[Any, ...]]:
    values: dict[str, str | int | bool | None] = {
        "text": _FILLER.sub(" ", asked),
        "most": MOST_LEXEMES,
        "model": model.pk if model else None,
        "vector": vector,
        "category": category,
        "unverified": with_unverified,
        "candidates": numbers.candidates,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FIND, values)
        return list(cursor.fetchall())


def _fused(rows: list[tuple[Any, ...]], numbers: SearchNumbers) -> dict[UUID, tuple[Scores, bool]]:
    """The scores of each candidate, scaled between the worst and the best."""
    cosines = [row[2] for row in rows if row[2] is not None]
    low, high = (min(cosines), max(cosines)) if cosines else (0.0, 0.0)
    top = max((row[3] for row in rows), default=0.0)
    found: dict[UUID, tuple[Scores, bool]] = {}
    for pk, is_verified, similarity, rank, coverage, weight, matched in rows:
        meaning = (
            (similarity - low) / (high - low) if similarity is not None and high > low else 0.0
        )
        words = rank / top if top else 0.0
        total = numbers.meaning * meaning + numbers.words * words + numbers.coverage * coverage
        is_relevant = _is_relevant(
            similarity, coverage if weight >= numbers.telling else 0.0, matched, numbers
        )
        scores = Scores(similarity, rank, coverage, matched, total, is_relevant)
        found[pk] = scores, is_verified
    return found


def _is_relevant(
    similarity: float | None, coverage: float, matched: int, numbers: SearchNumbers
) -> bool:
    if similarity is None:
        return coverage >= numbers.covered and matched >= 2
    if similarity >= numbers.similar:
        return True
    return similarity >= numbers.fairly_similar and coverage >= numbers.covered_too


def _passage(chunk: KnowledgeChunk, scores: Scores, is_verified: bool) -> Passage:
    source: KnowledgeSource = chunk.source
    return Passage(
        source_id=source.pk,
        chunk_id=chunk.pk,
        slug=source.slug,
        title=source.title,
        category=source.category,
        citation=source.citation,
        heading=chunk.heading,
        text=chunk.text,
        score=round(scores.total, 4),
        scores=scores,
        is_verified=is_verified,
    )
