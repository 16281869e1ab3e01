"""A version that is rated badly goes back to the one before, by itself, once.

Versions that differ by the person's own edits only are one family: ratings count for the whole family, and
the way back leads before it. What came back is never taken back by itself again, so nothing swings.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from coaching.models import PromptRevision, ResponseFeedback, RevisionReason, RevisionStatus

from . import revisions
from .config import PersonalizedCoachingConfig, coaching_config

logger = logging.getLogger(__name__)
NOTE = "Taken back by itself: its answers were rated badly."


@dataclass(frozen=True, slots=True)
class Family:
    """A written version with the edits that followed it; `numbers` are their versions."""

    newest: PromptRevision
    numbers: tuple[int, ...]


def is_bad_run(
    ratings: Sequence[int], before: Sequence[int], config: PersonalizedCoachingConfig
) -> bool:
    """Whether `ratings` of a version (newest first, each -1 or 1) are so bad, and worse than `before`.

    So many down in a row, or so many of the last few; and so many more than the version before had among
    as many of its own.
    """
    recent = ratings[: config.bad_ratings_window]
    run = 0
    for rating in ratings:
        if rating >= 0:
            break
        run += 1
    down = _down(recent)
    is_bad = run >= config.bad_ratings_in_a_row or down >= config.bad_ratings_most
    return is_bad and down - _down(before[: len(recent)]) >= config.bad_ratings_more


def _down(ratings: Iterable[int]) -> int:
    return sum(1 for rating in ratings if rating < 0)


def suspects(config: PersonalizedCoachingConfig) -> QuerySet[PromptRevision]:
    """Live versions whose family has thumbs down enough to be looked at: one statement for everybody."""
    least = min(config.bad_ratings_in_a_row, config.bad_ratings_most)
    rated_down = (
        ResponseFeedback.objects.filter(
            rating=-1,
            user__prompt_revisions__status=RevisionStatus.LIVE,
            message__system_prompt_version_used__isnull=False,
        )
        .order_by()
        .values("user")
        .annotate(down=Count("id", distinct=True))
        .filter(down__gte=least)
        .values("user")
    )
    written = (
        PromptRevision.objects.filter(user=OuterRef("user"), version__lte=OuterRef("version"))
        .exclude(reason=RevisionReason.EDIT)
        .exclude(status__in=(RevisionStatus.REJECTED, RevisionStatus.CANDIDATE))
        .order_by("-version")
    )
    # What was said against versions that are long gone tells nothing of this one.
    against_it = (
        ResponseFeedback.objects.filter(
            user=OuterRef("user"),
            rating=-1,
            message__system_prompt_version_used__gte=OuterRef("written"),
        )
        .order_by()
        .values("user")
        .annotate(down=Count("pk"))
        .filter(down__gte=least)
    )
    live = PromptRevision.objects.filter(status=RevisionStatus.LIVE, user__in=rated_down)
    return (
        live.exclude(reason=RevisionReason.ROLLBACK)
        .annotate(written=Coalesce(Subquery(written.values("version")[:1]), 0))
        .filter(Exists(against_it))
        .select_related("user")
    )


def watch(*, now: datetime, config: PersonalizedCoachingConfig | None = None) -> list[UUID]:
    """Takes back every live version with a run of bad ratings; returns whose. Safe to run twice."""
    config = config or coaching_config()
    taken = []
    for live in suspects(config):
        before = _taken_back(live, config, now=now)
        if before is not None:
            taken.append(live.user_id)
    return taken


def _taken_back(
    live: PromptRevision, config: PersonalizedCoachingConfig, *, now: datetime
) -> PromptRevision | None:
    family, earlier = families(live)
    if earlier is None or family.newest.reason == RevisionReason.ROLLBACK:
        return None
    ratings = ratings_of(live.user, family.numbers)
    if not is_bad_run(ratings, ratings_of(live.user, earlier.numbers), config):
        return None
    try:
        again = revisions.roll_back(earlier.newest, by=None, now=now, note=NOTE)
    except revisions.NothingToChange:
        return None
    logger.warning(
        "prompt_rolled_back user_id=%s version=%d to=%d ratings=%s",
        *(live.user_id, live.version, earlier.newest.version, ",".join(map(str, ratings[:6]))),
    )
    return again


def families(live: PromptRevision) -> tuple[Family, Family | None]:
    """The family of the live version, and the one before it that was live and was not taken back."""
    rows = PromptRevision.objects.filter(user=live.user_id, version__lte=live.version).exclude(
        status__in=(RevisionStatus.REJECTED, RevisionStatus.CANDIDATE)
    )
    groups: list[list[PromptRevision]] = []
    members: list[PromptRevision] = []
    for row in rows.order_by("-version"):
        members.append(row)
        if row.reason != RevisionReason.EDIT:
            groups.append(members)
            members = []
    if members:
        groups.append(members)
    found = [Family(_written(group), tuple(each.version for each in group)) for group in groups]
    earlier = [
        Family(group[0], family.numbers)
        for group, family in zip(groups[1:], found[1:], strict=True)
        if group[0].status != RevisionStatus.ROLLED_BACK
    ]
    return found[0], earlier[0] if earlier else None


def _written(group: Sequence[PromptRevision]) -> PromptRevision:
    """The version of a family that was written, rather than edited: its last."""
    return group[-1]


def ratings_of(user: User, versions: Iterable[int]) -> list[int]:
    """Up and down of answers given by these versions, the newest answer first."""
    rows = ResponseFeedback.objects.filter(
        user=user, message__system_prompt_version_used__in=list(versions)
    ).exclude(rating=0)
    return list(
        rows.order_by(F("message__created_at").desc(), "-message_id").values_list(
            "rating", flat=True
        )
    )
