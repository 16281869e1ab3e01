"""What no longer holds leaves a prompt: observations past their date, and measures without permission.

Neither costs a model call: the version goes on without those sentences, at its full length, as an edit does.
"""

import logging
from collections.abc import Callable, Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from coaching import learning_permission
from coaching.models import (
    CoachingProfile,
    PromptReview,
    PromptRevision,
    PromptSentence,
    RevisionReason,
    RevisionStatus,
)

from . import checks, revisions
from .disputes import corrected
from .sentences import EvidenceKind, Sentence

logger = logging.getLogger(__name__)


def drop_expired(user_ids: Collection[UUID], *, now: datetime) -> int:
    """Takes what expired by `now` out of the live prompts of these people; returns of how many."""
    stale = (
        PromptSentence.objects.filter(
            user__in=user_ids, revision__status=RevisionStatus.LIVE, expires_at__lte=now
        )
        .order_by()
        .values_list("revision_id", flat=True)
        .distinct()
    )

    def holds(sentence: Sentence) -> bool:
        return sentence.expires_at is None or sentence.expires_at > now

    return sum(
        _without(pk, holds, note="What had run out is left out.", now=now) for pk in list(stale)
    )


def forget_those_who_withdrew(*, now: datetime) -> int:
    """Deletes the measures of people who took back their consent, in figures and in prompts; returns of how many."""
    people = learning_permission.who_withdrew().values("pk")
    with_figures = PromptRevision.objects.filter(user__in=people).exclude(behavioral_data={})
    with_figures.update(behavioral_data={})
    PromptReview.objects.filter(user__in=people).exclude(metrics={}).update(metrics={}, reasons=[])
    profiles = CoachingProfile.objects.filter(user__in=people).exclude(
        behavioral_data={}, baseline_data={}
    )
    forgotten = profiles.update(behavioral_data={}, baseline_data={})
    measured = (
        PromptSentence.objects.filter(
            user__in=people,
            revision__status=RevisionStatus.LIVE,
            evidence__contains=[{"kind": EvidenceKind.METRIC.value}],
        )
        .order_by()
        .values_list("revision_id", flat=True)
        .distinct()
    )
    for pk in list(measured):
        note = "What was measured is left out: behavioural tracking was switched off."
        _without(pk, _is_not_measured, note=note, now=now)
    PromptSentence.objects.filter(
        user__in=people, evidence__contains=[{"kind": EvidenceKind.METRIC.value}]
    ).exclude(revision__status=RevisionStatus.LIVE).delete()
    return forgotten


def _is_not_measured(sentence: Sentence) -> bool:
    return all(each.kind != EvidenceKind.METRIC for each in sentence.evidence)


def _without(
    revision_id: UUID, holds: Callable[[Sentence], bool], *, note: str, now: datetime
) -> bool:
    """Makes the next version of the sentences that hold, if the version is still live."""
    with transaction.atomic():
        user_id = PromptRevision.objects.values_list("user_id", flat=True).get(pk=revision_id)
        revisions.locked_profile(user_id)
        live = PromptRevision.objects.select_related("user").get(pk=revision_id)
        if live.status != RevisionStatus.LIVE:
            return False
        said = [each for each in revisions.sentences_of(live) if holds(each)]
        kept = corrected(live.user, said, template=live.template)
        if found := checks.length_findings(kept):
            logger.warning("prompt_not_pruned user_id=%s findings=%s", user_id, " ".join(found))
            return False
        shorter = revisions.add_version(
            live.user,
            kept,
            reason=RevisionReason.EDIT,
            template=live.template,
            behavioral_data=live.behavioral_data,
            model=live.model,
            note=note,
            now=now,
        )
        revisions.make_live(shorter, now=now)
    return True
