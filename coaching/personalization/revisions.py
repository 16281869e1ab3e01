"""Versions of a personal prompt: one is live, none is ever overwritten, and each says what changed.

Whoever makes or changes a version holds the person's profile row, so two who do it at once do it one
after the other, and exactly one version is live.
"""

import logging
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from accounts.models import User
from coaching import context_cache
from coaching.models import (
    CoachingProfile,
    PromptRevision,
    PromptSentence,
    PromptStatus,
    RevisionReason,
    RevisionStatus,
    UserType,
)

from .sentences import PROFILE, EvidenceKind, Sentence, as_rows, from_row, profile_text, prompt_text

logger = logging.getLogger(__name__)
MOST_CHANGES_TOLD = 12
SHOWN_WORDS = 45


class NothingToChange(ValueError):
    """What was asked for is so already, or there is no version to do it with."""


def locked_profile(user_id: UUID) -> CoachingProfile:
    """The profile of a person, held until the transaction ends; made when there is none."""
    CoachingProfile.objects.get_or_create(user_id=user_id)
    return CoachingProfile.objects.select_for_update().get(user_id=user_id)


def live_revision(user: User) -> PromptRevision | None:
    """The version the coach speaks by."""
    return PromptRevision.objects.filter(user=user, status=RevisionStatus.LIVE).first()


def sentences_of(revision: PromptRevision) -> list[Sentence]:
    """What a version says, with its evidence."""
    return [from_row(row) for row in revision.sentences.all()]


@transaction.atomic
def add_version(
    user: User,
    sentences: Sequence[Sentence],
    *,
    reason: str,
    template: str,
    now: datetime,
    behavioral_data: dict[str, Any] | None = None,
    model: str = "",
    cost_microdollars: int = 0,
    by: User | None = None,
    note: str = "",
) -> PromptRevision:
    """Keeps `sentences` as the next version, a candidate; the profile row is held."""
    locked_profile(user.pk)
    live = live_revision(user)
    newest = PromptRevision.objects.filter(user=user).aggregate(Max("version"))["version__max"]
    revision = PromptRevision(
        user=user,
        version=(newest or 0) + 1,
        status=RevisionStatus.CANDIDATE,
        reason=reason,
        template=template,
        prompt=prompt_text(sentences),
        conversational_profile=profile_text(sentences),
        behavioral_data=behavioral_data or {},
        model=model,
        cost_microdollars=cost_microdollars,
        made_by=by,
        note=note[:300],
        created_at=now,
    )
    before = sentences_of(live) if live else None
    revision.what_changed = _changes(
        before, sentences, live.template if live else "", template, user
    )
    revision.save(force_insert=True)
    rows = as_rows(sentences)
    for row in rows:
        row.user, row.revision = user, revision
    PromptSentence.objects.bulk_create(rows)
    return revision


@transaction.atomic
def make_live(revision: PromptRevision, *, now: datetime) -> PromptRevision:
    """Lets the coach speak by `revision` from now on; a version that is live already stays so.

    The one before is kept as replaced. An edit leaves the time of the last writing and the state of a
    writing under way as they are.
    """
    profile = locked_profile(revision.user_id)
    revision = PromptRevision.objects.select_related("user").get(pk=revision.pk)
    if revision.status == RevisionStatus.LIVE:
        return revision
    PromptRevision.objects.filter(user=revision.user_id, status=RevisionStatus.LIVE).update(
        status=RevisionStatus.REPLACED
    )
    revision.status = RevisionStatus.LIVE
    revision.live_at = now
    revision.save(update_fields=["status", "live_at"])
    profile.coaching_system_prompt = revision.prompt
    profile.conversational_profile = revision.conversational_profile
    profile.system_prompt_version = revision.version
    profile.baseline_data = revision.behavioral_data
    if revision.template in UserType.values:
        profile.user_type = revision.template
    is_edit = revision.reason == RevisionReason.EDIT
    if not is_edit:
        profile.last_prompt_update = now
    if not (is_edit and profile.prompt_status == PromptStatus.GENERATING):
        profile.prompt_status = PromptStatus.READY
        profile.prompt_progress = ""
        profile.prompt_error = ""
        profile.prompt_attempts = 0
    profile.save(
        update_fields=[
            *("coaching_system_prompt", "conversational_profile", "system_prompt_version"),
            *("baseline_data", "user_type", "last_prompt_update", "prompt_status"),
            *("prompt_progress", "prompt_error", "prompt_attempts"),
        ]
    )
    context_cache.invalidate(revision.user_id)
    logger.info(
        "system_prompt_updated user_id=%s version=%d reason=%s",
        *(revision.user_id, revision.version, revision.reason),
    )
    return revision


@transaction.atomic
def reject(revision: PromptRevision, *, note: str = "") -> None:
    """Lets a candidate never go live; it stays in the history."""
    locked_profile(revision.user_id)
    PromptRevision.objects.filter(pk=revision.pk, status=RevisionStatus.CANDIDATE).update(
        status=RevisionStatus.REJECTED, note=note[:300]
    )


@transaction.atomic
def roll_back(
    revision: PromptRevision, *, by: User | None, now: datetime, note: str = ""
) -> PromptRevision:
    """Goes back to what `revision` says: a new version with its content, less what was called wrong since.

    `by` is the member of staff, or `None` when the house does it by itself. Raises `NothingToChange`
    when `revision` is live.
    """
    from .disputes import corrected  # disputes make versions, too

    locked_profile(revision.user_id)
    revision.refresh_from_db()
    user = revision.user
    live = live_revision(user)
    if live is not None and live.pk == revision.pk:
        raise NothingToChange("This version is the one the coach speaks by.")
    again = add_version(
        user,
        corrected(user, sentences_of(revision), template=revision.template),
        reason=RevisionReason.ROLLBACK,
        template=revision.template,
        behavioral_data=revision.behavioral_data,
        model=revision.model,
        by=by,
        note=note or f"Back to version {revision.version}.",
        now=now,
    )
    make_live(again, now=now)
    if live is not None:
        PromptRevision.objects.filter(pk=live.pk).update(status=RevisionStatus.ROLLED_BACK)
    again.refresh_from_db()
    return again


def difference(old: PromptRevision | None, new: PromptRevision) -> list[str]:
    """What `new` says otherwise than `old`, in plain sentences to the person."""
    return _changes(
        sentences_of(old) if old else None,
        sentences_of(new),
        old.template if old else "",
        new.template,
        new.user,
    )


_TREATED_AS = {
    UserType.BEGINNER: "somebody who is starting out",
    UserType.ADVANCED: "somebody with experience",
    UserType.ATHLETE: "an athlete",
}


def _changes(
    before: Sequence[Sentence] | None,
    after: Sequence[Sentence],
    old_template: str,
    new_template: str,
    user: User,
) -> list[str]:
    if before is None:
        return ["The first version."]
    told: list[str] = []
    if old_template != new_template and new_template in _TREATED_AS:
        told.append(f"I now coach you as {_TREATED_AS[UserType(new_template)]}.")
    old, new = _by_fact(before), _by_fact(after)
    for key, sentence in new.items():
        if key not in old:
            told.append(f"Now says: {_shown(sentence.text)}")
            continue
        if (figures := _figures(sentence)) != (earlier := _figures(old[key])) and figures:
            told.append(f"Measured anew: {_lower(figures)} (was {_rest(earlier, figures)}).")
        elif _figures(sentence) == "" and sentence.text != old[key].text:
            told.append(f"Says it differently now: {_shown(sentence.text)}")
    told += [
        f"No longer says: {_shown(sentence.text)}"
        for key, sentence in old.items()
        if key not in new
    ]
    if len(told) > MOST_CHANGES_TOLD:
        more = len(told) - MOST_CHANGES_TOLD
        told = [*told[:MOST_CHANGES_TOLD], f"And {more} smaller changes."]
    if not told and prompt_text(before) != prompt_text(after):
        told = ["What it knows of you is the same; how I work with you is put differently."]
    return told or ["Nothing changed."]


def _by_fact(sentences: Iterable[Sentence]) -> dict[str, Sentence]:
    """What is said of the person, by its main fact; the portrait says again what the prompt says."""
    found: dict[str, Sentence] = {}
    for sentence in sentences:
        if sentence.section == PROFILE or sentence.is_own_way or not sentence.fact_keys:
            continue
        found.setdefault(sentence.fact_keys[0], sentence)
    return found


def _figures(sentence: Sentence) -> str:
    metrics = [each.text for each in sentence.evidence if each.kind == EvidenceKind.METRIC]
    return "; ".join(metrics) if len(metrics) == len(sentence.evidence) else ""


def _rest(earlier: str, now: str) -> str:
    """What of `earlier` differs: the figures, when the words before them are the same."""
    shared = re.match(r"\D*", now)
    start = shared.group() if shared else ""
    return earlier.removeprefix(start) if start and earlier.startswith(start) else _lower(earlier)


def _shown(text: str) -> str:
    words = text.split()
    return text if len(words) <= SHOWN_WORDS else " ".join(words[:SHOWN_WORDS]) + " …"


def _lower(text: str) -> str:
    return f"{text[:1].lower()}{text[1:]}"
