"""Meals like one in words, among the person's own: by meaning, and by words where there is no vector yet."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from coaching.language.wording import words_in
from coaching.llm.embeddings import EmbeddingUnavailable, embeds, nearest, store_embeddings
from habits.models import FoodEntry

# Meals looked at by their words alone: the newest ones (ours).
LOOKED_AT = 500
# How many near rows are read to find so many different meals (ours).
READ_PER_MATCH = 6
_SMALL = {"a", "an", "the", "with", "and", "of", "some", "my", "for", "in", "on", "to", "bit"}


@dataclass(frozen=True, slots=True)
class SimilarFood:
    """A meal the person had before, and how alike it is, from 0 to 1."""

    entry: FoodEntry
    similarity: float


def eaten() -> QuerySet[FoodEntry]:
    """Every meal that stands."""
    return FoodEntry.objects.filter(deleted_at__isnull=True)


def text_of(entry: FoodEntry) -> str:
    """What of a meal is embedded."""
    return entry.text


embeds(FoodEntry, text_of, eaten)


def embed_entries(ids: list[UUID]) -> int:
    """Makes the vectors of meals that have none yet; returns how many."""
    return store_embeddings(list(eaten().filter(pk__in=ids, embedding__isnull=True)), text_of)


def match_similar_foods(
    user: User,
    text: str,
    *,
    match_count: int = 5,
    match_threshold: float = 0.5,
    by_meaning: bool = True,
) -> list[SimilarFood]:
    """At most `match_count` different meals of `user` that are like `text`, the most alike first.

    Args:
        match_threshold: the least similarity, from 0 to 1.
        by_meaning: false looks at the words alone and asks no model.
    """
    mine = eaten().filter(user=user)
    found: dict[UUID, SimilarFood] = {}
    if by_meaning:
        try:
            limit = match_count * READ_PER_MATCH
            for row in nearest(mine, text, limit, min_similarity=match_threshold):
                similarity = min(1.0, float(getattr(row, "similarity", 0.0)))
                found[row.pk] = SimilarFood(row, similarity)
        except EmbeddingUnavailable:
            pass  # the words are left to go by
    wanted = _words(text)
    for row in mine.order_by("-eaten_at")[:LOOKED_AT]:
        alike = _overlap(wanted, _words(row.text))
        known = found.get(row.pk)
        if alike >= match_threshold and (known is None or known.similarity < alike):
            found[row.pk] = SimilarFood(row, alike)
    ranked = sorted(
        found.values(), key=lambda each: (-each.similarity, -each.entry.eaten_at.timestamp())
    )
    return _different(ranked, match_count)


def usual_foods(user: User, *, count: int = 6) -> list[FoodEntry]:
    """What was eaten most often lately, each meal once, with its newest figures."""
    often: dict[str, list[FoodEntry]] = {}
    for row in eaten().filter(user=user).order_by("-eaten_at")[:200]:
        often.setdefault(row.text.casefold(), []).append(row)
    ranked = sorted(often.values(), key=lambda rows: (-len(rows), -rows[0].eaten_at.timestamp()))
    return [rows[0] for rows in ranked[:count]]


def _different(ranked: list[SimilarFood], count: int) -> list[SimilarFood]:
    """The first of each meal: the same words at another time are the same meal."""
    kept: dict[str, SimilarFood] = {}
    for each in ranked:
        kept.setdefault(each.entry.text.casefold(), each)
    return list(kept.values())[:count]


def _words(text: str) -> set[str]:
    return {_singular(word) for word in words_in(text) if word not in _SMALL}


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _overlap(wanted: set[str], words: set[str]) -> float:
    """How much of the shorter one's words the other has too, a little less for what else it has."""
    if not wanted or not words:
        return 0.0
    shared = len(wanted & words)
    return shared / min(len(wanted), len(words)) * (0.8 + 0.2 * shared / len(wanted | words))
