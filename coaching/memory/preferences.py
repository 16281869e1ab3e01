"""Learned preferences: what a person likes or wants, how sure that is, and on what it rests.

What they said in so many words is firm at once; what is concluded grows firmer with evidence and waits
for their yes. What they declined is never learned again.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from coaching import context_cache
from coaching.learning_permission import who_withdrew
from coaching.models import LearnedPreference

from .extraction.found import FoundPreference

CONVERSATION = "conversation"


@dataclass(frozen=True)
class Sureness:
    """How sure a preference is (ours), in [0, 1]."""

    said: float = 0.9  # said in so many words
    confirmed: float = 1.0  # the person said that it is right
    concluded: float = 0.4  # concluded once
    per_evidence: float = (
        0.3  # share of the remaining doubt that one more piece of evidence takes away
    )
    concluded_at_most: float = 0.85
    contrary: float = 0.5  # what a contrary conclusion leaves of it
    shown_from: float = 0.5  # less sure is not acted on
    evidence_kept: int = 10


SURENESS = Sureness()


def confidence_of(evidence_count: int, *, is_explicit: bool) -> float:
    """How sure a preference is after so many pieces of evidence."""
    if is_explicit:
        return SURENESS.said
    doubt = (1 - SURENESS.concluded) * (1 - SURENESS.per_evidence) ** (evidence_count - 1)
    return min(SURENESS.concluded_at_most, 1 - doubt)


def preferences_of(user: User) -> QuerySet[LearnedPreference]:
    """What is thought of the person's preferences, without what they declined."""
    rows = LearnedPreference.objects.filter(user=user, declined_at__isnull=True)
    return rows.order_by("preference_category", "preference_key")


def learn(
    user: User,
    found: FoundPreference,
    *,
    source_ref: str,
    now: datetime,
    learned_from: str = CONVERSATION,
) -> LearnedPreference | None:
    """Adds evidence for a preference; the same evidence again adds nothing, a declined one stays declined.

    Said in so many words replaces what was concluded; a contrary conclusion only weakens what was concluded,
    and takes its place once that is the weaker. Returns `None` for a declined preference.
    """
    piece = {"quote": found.quote[:300], "ref": source_ref, "at": now.isoformat()}
    with transaction.atomic():
        row, is_new = LearnedPreference.objects.select_for_update().get_or_create(
            user=user,
            preference_category=found.category,
            preference_key=found.key,
            defaults={
                "preference_value": found.value,
                "confidence": confidence_of(1, is_explicit=found.is_explicit),
                "evidence": [piece],
                "learned_from": [learned_from],
                "is_explicit": found.is_explicit,
                "created_at": now,
            },
        )
        if row.declined_at is not None:
            return None
        if not is_new and not _known(row, source_ref):
            _add(row, found, piece, learned_from)
            row.save()
    context_cache.invalidate(user.pk)
    return row


def _known(row: LearnedPreference, source_ref: str) -> bool:
    return any(piece.get("ref") == source_ref for piece in row.evidence)


def _add(
    row: LearnedPreference, found: FoundPreference, piece: dict[str, str], learned_from: str
) -> None:
    if row.preference_value != found.value:
        if found.is_explicit:
            row.preference_value, row.evidence, row.evidence_count = found.value, [piece], 1
            row.is_explicit, row.confidence = True, SURENESS.said
            row.last_confirmed_at = None
            row.learned_from = [learned_from]
        elif not row.is_explicit:
            row.confidence *= SURENESS.contrary
            if row.confidence < confidence_of(1, is_explicit=False):
                row.preference_value, row.evidence, row.evidence_count = found.value, [piece], 1
                row.confidence = confidence_of(1, is_explicit=False)
        return
    row.evidence = [*row.evidence, piece][-SURENESS.evidence_kept :]
    row.evidence_count += 1
    row.is_explicit = row.is_explicit or found.is_explicit
    grown = confidence_of(row.evidence_count, is_explicit=row.is_explicit)
    row.confidence = max(row.confidence, grown)
    if learned_from not in row.learned_from:
        row.learned_from = [*row.learned_from, learned_from]


def confirm(user: User, preference_id: UUID, *, now: datetime) -> LearnedPreference:
    """The person says that it is right. Raises `LearnedPreference.DoesNotExist`."""
    row = LearnedPreference.objects.get(pk=preference_id, user=user)
    row.confidence, row.last_confirmed_at, row.declined_at = SURENESS.confirmed, now, None
    row.save(update_fields=["confidence", "last_confirmed_at", "declined_at"])
    context_cache.invalidate(user.pk)
    return row


def decline(user: User, preference_id: UUID, *, now: datetime) -> LearnedPreference:
    """The person says that it is wrong: it is not acted on, and not learned again.

    Only the fact of it is kept. Raises `LearnedPreference.DoesNotExist`.
    """
    row = LearnedPreference.objects.get(pk=preference_id, user=user)
    row.declined_at = row.declined_at or now
    row.save(update_fields=["declined_at"])
    context_cache.invalidate(user.pk)
    return row


def set_value(user: User, preference_id: UUID, value: Any, *, now: datetime) -> LearnedPreference:
    """The person says what it really is. Raises `LearnedPreference.DoesNotExist`."""
    row = LearnedPreference.objects.get(pk=preference_id, user=user)
    row.preference_value, row.is_explicit = value, True
    row.confidence, row.last_confirmed_at, row.declined_at = SURENESS.confirmed, now, None
    row.save()
    context_cache.invalidate(user.pk)
    return row


def in_words(row: LearnedPreference) -> str:
    """A preference as people read it: "Likes: cooking", "Diet: vegan"."""
    value = row.preference_value
    said = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    key = row.preference_key.replace("_", " ")
    if said in ("likes", "dislikes"):
        return f"{said.capitalize()} {_subject(row)}"
    return f"{key[:1].upper()}{key[1:]}: {said}"


def _subject(row: LearnedPreference) -> str:
    """What is liked, in the person's words: keys are stems."""
    quote = next((piece.get("quote", "") for piece in reversed(row.evidence)), "")
    return f"{row.preference_key}" if not quote else f"this: “{quote}”"


def forget_those_who_withdrew() -> int:
    """Deletes what was concluded about people who took back their consent; what they said stays theirs."""
    concluded = LearnedPreference.objects.filter(
        is_explicit=False, last_confirmed_at__isnull=True, user__in=who_withdrew()
    )
    return concluded.delete()[0]
