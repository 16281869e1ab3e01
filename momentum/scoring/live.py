"""Scores that follow what happens: claimed, made and told to the open page, for one person or many.

`PendingScore` is the outbox. Its rows are deleted in the transaction that writes the scores, so what a worker
did not finish is there for the next one, and what changes meanwhile has a row of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.day import local_day
from accounts.models import User
from coaching.outreach.live import announce_tile
from momentum.models import MomentumPillar, PendingScore, ScoringVersion
from momentum.scoring import closing, locks, versions
from momentum.scoring.days import Scored, score_days

TILE = "momentum.score"
DAY = timedelta(days=1)
# A task comes within seconds. What is older was told in bulk, or its task was lost.
LEFT_AFTER = timedelta(seconds=60)
# What was handed out is in somebody's queue for as long: longer than a task of many people may take.
AGAIN_AFTER = timedelta(minutes=10)
# How far the rows are handed out, and since when: (moment, id of a row).
HANDED_OUT = "momentum:handed_out"
# A longer past takes seconds to score, and is not for the queue of those who wait.
LONG = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Claimed:
    """What is to be scored again of one person: which days changed, and why, in words for them."""

    days: frozenset[date]
    reason: str

    @property
    def since(self) -> date:
        return min(self.days)


def score_person(user_id: UUID, *, now: datetime | None = None) -> MomentumPillar | None:
    """Scores what is pending of a person under all versions, and tells their open pages.

    Returns today's row of the active version; `None` when nothing was pending or there is no score.
    """
    moment = now or timezone.now()
    if not PendingScore.objects.filter(user=user_id).exists():
        return None  # another task did it all
    if not score_pending([user_id], now=moment):
        return None
    user = User.objects.get(pk=user_id)
    return MomentumPillar.objects.filter(
        user=user, date=local_day(user, moment), version=versions.active().name
    ).first()


def score_pending(people: Sequence[UUID], *, now: datetime) -> int:
    """Scores what is pending of some people (at most `locks.FEW`) in one transaction; returns of how many."""
    kept = versions.scored_versions()
    with transaction.atomic():
        locks.lock([version.name for version in kept], people)
        claimed = _claim(people)
        if not claimed:
            return 0
        closing.close_days({person: each.days for person, each in claimed.items()}, now=now)
        score_since(
            {person: each.since for person, each in claimed.items()},
            kept,
            reasons={person: each.reason for person, each in claimed.items()},
            now=now,
        )
        told = list(claimed)
        transaction.on_commit(lambda: _tell(told), robust=True)
    return len(claimed)


def _tell(people: Iterable[UUID]) -> None:
    for person in people:
        announce_tile(person, TILE)


def score_since(
    since: Mapping[UUID, date],
    kept: Iterable[ScoringVersion],
    *,
    reasons: Mapping[UUID, str],
    now: datetime,
) -> Scored:
    """Scores each person from a day of their own up to their today: every day costs only those it concerns."""
    people = User.objects.filter(pk__in=list(since)).only("pk", "timezone", "day_start_hour")
    todays = {user.pk: local_day(user, now) for user in people}
    starts = {person: day for person, day in since.items() if day <= todays.get(person, date.min)}
    done = Scored()
    if not starts:
        return done
    steps = sorted(set(starts.values()))
    ends = [*(step - DAY for step in steps[1:]), max(todays.values())]
    for version in sorted(kept, key=lambda each: each.name):
        for step, end in zip(steps, ends, strict=True):
            concerned = [person for person, day in starts.items() if day <= step]
            done += score_days(
                step, end, people=concerned, version=version, reason=reasons, now=now
            )
    return done


def _claim(people: Sequence[UUID]) -> dict[UUID, Claimed]:
    """Takes the pending rows of `people`, but for those that another worker is just taking."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM momentum_pendingscore WHERE id IN (SELECT id FROM momentum_pendingscore"
            " WHERE user_id = ANY(%s) FOR UPDATE SKIP LOCKED) RETURNING user_id, since, reason",
            [list(people)],
        )
        rows: list[tuple[UUID, date, str]] = cursor.fetchall()
    days: dict[UUID, set[date]] = {}
    reasons: dict[UUID, list[str]] = {}
    for person, since, reason in sorted(rows, key=lambda row: (row[0], row[1])):
        days.setdefault(person, set()).add(since)
        words = reasons.setdefault(person, [])
        if reason and reason not in words:
            words.append(reason)
    return {person: Claimed(frozenset(days[person]), _in_words(reasons[person])) for person in days}


def _in_words(reasons: Sequence[str]) -> str:
    """The first reason, with how many more there are."""
    if not reasons:
        return ""
    more = len(reasons) - 1
    return f"{reasons[0][:180]} (and {more} more)" if more else reasons[0][:200]


def is_long(user_id: UUID, *, now: datetime) -> bool:
    """Whether so many days of a person are to be scored that others should not wait behind them."""
    long_ago = now.date() - LONG
    return PendingScore.objects.filter(user=user_id, since__lt=long_ago).exists()


def hand_out(*, now: datetime, size: int = locks.FEW, most: int = 200_000) -> list[list[UUID]]:
    """People whose pending rows nobody came for, in groups of ids that follow each other.

    Each row is handed out once in a while, at most `most` at a time: while the workers are behind, no copies
    pile up before them. What a worker lost is handed out again after `AGAIN_AFTER`.
    """
    began, reached = cache.get(HANDED_OUT) or (now, None)
    last, are_more = _last_waiting(now, reached, most)
    if not are_more and now - began >= AGAIN_AFTER:
        began, reached = now, None
        last, _ = _last_waiting(now, reached, most)
    cache.set(HANDED_OUT, (began, last or reached), timeout=2 * AGAIN_AFTER.total_seconds())
    if last is None:
        return []
    rows = _waiting(now, reached).filter(pk__lte=last)
    waiting = list(rows.order_by("user_id").values_list("user_id", flat=True).distinct())
    return [waiting[start : start + size] for start in range(0, len(waiting), size)]


def _last_waiting(now: datetime, reached: UUID | None, most: int) -> tuple[UUID | None, bool]:
    """The last of the next `most` waiting rows, and whether there may be more behind it."""
    ids = _waiting(now, reached).values_list("pk", flat=True)
    full = list(ids.order_by("pk")[most - 1 : most])
    return (full[0], True) if full else (ids.order_by("-pk").first(), False)


def _waiting(now: datetime, reached: UUID | None) -> QuerySet[PendingScore]:
    rows = PendingScore.objects.filter(created_at__lt=now - LEFT_AFTER)
    return rows if reached is None else rows.filter(pk__gt=reached)
