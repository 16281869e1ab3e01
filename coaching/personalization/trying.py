"""Writing a version that must prove itself: a candidate is tried on what its person liked before it is live."""

import logging
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from coaching.models import PromptRevision, ReviewDecision, RevisionStatus

from . import generation, replay, revisions
from .writing import model_writer

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What came of it: regenerated, rejected or failed, or `None` when it has to be done again."""

    decision: ReviewDecision | None
    revision: PromptRevision | None = None
    why: str = ""


def write_and_try(user_id: UUID, *, reason: str, now: datetime) -> Outcome:
    """Writes the next version of a person's prompt and makes it live if it does no worse than the one before.

    Whatever fails, the version before stays: what a model wrote is not given up for the built-in composer's
    because the model is away. Not to be called in a transaction.
    """
    live = PromptRevision.objects.filter(user=user_id, status=RevisionStatus.LIVE).first()
    by_rules = live is None or live.model in ("", model_writer.BUILTIN)
    try:
        candidate = generation.generate(
            user_id, reason=reason, now=now, go_live=False, is_last_try=by_rules
        )
    except Exception as error:
        # Whatever it was, one person's failure is told to staff and stops nobody else's writing.
        logger.warning(
            "personalized_prompt_generation_failed user_id=%s error=%s",
            *(user_id, error),
            exc_info=not isinstance(error, generation.WritingFailed),
        )
        return Outcome(ReviewDecision.FAILED, why=str(error) or type(error).__name__)
    if candidate is None:
        return Outcome(ReviewDecision.FAILED, why="There is no consultation to write from.")
    return settle(candidate, now=now)


def settle(candidate: PromptRevision, *, now: datetime) -> Outcome:
    """Tries a candidate, and makes it live or rejects it. Not to be called in a transaction."""
    result = replay.passes(candidate)
    with transaction.atomic():
        revisions.locked_profile(candidate.user_id)
        PromptRevision.objects.filter(pk=candidate.pk).update(replay=result.to_json())
        newer = PromptRevision.objects.filter(user=candidate.user_id, version__gt=candidate.version)
        if newer.exists():
            # What the person edited meanwhile would be lost.
            revisions.reject(candidate, note="The prompt was changed while this version was tried.")
            return Outcome(None, candidate)
        if not result.passes:
            revisions.reject(candidate, note=result.in_words())
            return Outcome(ReviewDecision.REJECTED, candidate, result.in_words())
        live = revisions.make_live(candidate, now=now)
    logger.info("prompts_updated count=1 user_id=%s version=%d", live.user_id, live.version)
    return Outcome(ReviewDecision.REGENERATED, live)
