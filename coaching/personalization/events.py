"""What happened to people since their prompt was written that makes it worth writing anew, besides figures."""

import re
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet

from coaching.models import (
    EpisodicMemory,
    MemoryStatus,
    PromptRevision,
    RevisionReason,
    RevisionStatus,
)

from .change import Change, ChangeCode

# How memories are marked that tell of a turning point.
LIFE_EVENT_TAG = "life_event"
_TURNING_POINTS = (
    r"(new|lost|quit|left|start(s|ed|ing)?|chang(es|ed|ing)) (my |his |her |their |a |the )?(new )?job",
    r"(laid off|made redundant|fired|retired|retiring|promoted|promotion)",
    r"(moved|moving|move) (to|in|into|out|house|home|away)",
    r"(got|getting|is|am|were|was) (married|engaged|divorced|separated)|wedding|broke up|break-?up|divorce",
    r"pregnan(t|cy)|(had|having|expecting|new) (a |our |my )?(baby|child|son|daughter|twins)|was born|newborn",
    r"(passed away|died|death of|funeral|lost (my|his|her|their) (mother|father|mum|mom|dad|wife|husband|"
    r"partner|brother|sister|son|daughter|friend|dog|cat))",
    r"(surgery|operation|injur(y|ed)|broke (my|his|her|their) (ankle|arm|back|collarbone|elbow|finger|foot|hand|hip|knee|leg|nose|ribs?|shoulder|toe|wrist)|diagnos(ed|is)|hospital)",
    r"(graduated|graduating|finished (university|college|school)|started (university|college|school))",
)
# For PostgreSQL: \m and \M are its word boundaries.
LIFE_EVENT_SQL = r"\m(" + "|".join(_TURNING_POINTS) + r")\M"
_LIFE_EVENT = re.compile(r"\b(" + "|".join(_TURNING_POINTS) + r")\b", re.IGNORECASE)
LONGEST_WORDS = 160


def is_life_event(text: str) -> bool:
    """Whether a sentence tells of a turning point: work, home, family, loss, health, school."""
    return bool(_LIFE_EVENT.search(text))


def life_events() -> QuerySet[EpisodicMemory]:
    """Turning points that people told of themselves, and that came to be known after their prompt was written.

    What was concluded and not yet confirmed, or was declined or contradicted, does not count.
    """
    told = Q(tags__contains=[LIFE_EVENT_TAG]) | Q(memory_description__iregex=LIFE_EVENT_SQL)
    return EpisodicMemory.objects.filter(
        told,
        created_at__gt=F("user__coaching_profile__last_prompt_update"),
        subject="self",
        state__status=MemoryStatus.KEPT,
        state__valid_until__isnull=True,
    )


def events_of(user_ids: Collection[UUID], *, now: datetime) -> dict[UUID, list[Change]]:
    """What happened to each of these people since their prompt was written; two queries."""
    found: dict[UUID, list[Change]] = defaultdict(list)
    told = (
        life_events().filter(user__in=user_ids, created_at__lte=now).order_by("user", "-created_at")
    )
    for user_id, words in told.distinct("user").values_list("user_id", "memory_description"):
        found[user_id].append(Change(ChangeCode.LIFE_EVENT, f"Told of: {words[:LONGEST_WORDS]}"))
    for user_id in taken_back().filter(user__in=user_ids).values_list("user_id", flat=True):
        words = "The version before was rated badly and taken back."
        found[user_id].append(Change(ChangeCode.BAD_RATINGS, words))
    return dict(found)


def taken_back() -> QuerySet[PromptRevision]:
    """Live versions that came back by themselves, because their successor was rated badly."""
    return PromptRevision.objects.filter(
        status=RevisionStatus.LIVE, reason=RevisionReason.ROLLBACK, made_by__isnull=True
    )
