"""What a maker of devices sends us: kept as it came, answered at once, and processed once each."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from coaching.queueing import after_commit
from momentum.biometrics import garmin
from momentum.biometrics.days import DayValue, record_days
from momentum.models import BiometricSource, DeviceConnection, ProviderPush, PushStatus

PROVIDER = BiometricSource.GARMIN
# How far the sender's clock may be from ours; what is older is a replay.
WINDOW = timedelta(minutes=5)
# What nobody took up for this long was lost on its way to the queue.
LEFT_AFTER = timedelta(minutes=2)
MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Received:
    """What became of one push: summaries stored, told before, and of people who are not connected."""

    stored: int = 0
    repeated: int = 0
    dropped: int = 0


def is_authentic(
    secret: str, timestamp: str, signature: str, body: bytes, *, now: datetime
) -> bool:
    """Whether `signature` (hex, with or without "sha256=") is that of the timestamp and the raw body.

    HMAC-SHA256 over "<timestamp>.<body>", compared in constant time; the timestamp (Unix seconds) is part of
    it, so that a caught push cannot be sent again later.
    """
    told = signature.removeprefix("sha256=").strip().lower()
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    expected = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    is_right = hmac.compare_digest(expected.hexdigest().encode(), told.encode())
    return is_right and abs(int(timestamp) - now.timestamp()) <= WINDOW.total_seconds()


def receive(kind: str, summaries: Sequence[Any], *, now: datetime) -> Received:
    """Stores what came, one row per summary, and has it processed. The same again is one effect.

    A summary of somebody who is not connected is dropped. A deregistration removes the connection.
    """
    found = [
        (each, str(each["userId"]))
        for each in summaries
        if isinstance(each, dict) and isinstance(each.get("userId"), str | int)
    ]
    people = dict(
        DeviceConnection.objects.filter(
            provider=PROVIDER,
            provider_user_id__in={name for _, name in found},
            user__is_active=True,
            user__deleted_at=None,
        ).values_list("provider_user_id", "user_id")
    )
    known = [(each, people[name]) for each, name in found if name in people]
    dropped = len(summaries) - len(known)
    if kind == garmin.DEREGISTRATIONS:
        gone = {str(each["userId"]) for each, _ in known}
        DeviceConnection.objects.filter(provider=PROVIDER, provider_user_id__in=gone).delete()
        return Received(len(known), 0, dropped)
    rows = {
        (user_id, _digest(kind, each)): ProviderPush(
            user_id=user_id,
            provider=PROVIDER,
            kind=kind,
            digest=_digest(kind, each),
            body=each,
            received_at=now,
        )
        for each, user_id in known
    }
    digests = {digest for _, digest in rows}
    with transaction.atomic():
        there = set(
            ProviderPush.objects.filter(
                provider=PROVIDER, user__in=set(people.values()), digest__in=digests
            ).values_list("user_id", "digest")
        )
        new = [row for key, row in rows.items() if key not in there]
        ProviderPush.objects.bulk_create(new, ignore_conflicts=True)
        for user_id in sorted({row.user_id for row in new}):
            after_commit("momentum.tasks.process_provider_pushes", str(user_id))
    return Received(len(new), len(known) - len(new), dropped)


def _digest(kind: str, summary: dict[str, Any]) -> str:
    text = json.dumps([kind, summary], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def process(user_id: UUID, *, now: datetime) -> int:
    """Takes over what was sent for a person and is not processed yet; returns how many pushes.

    Two at once share the work: each takes rows the other has not.
    """
    done = 0
    while count := _process_some(user_id, now):
        done += count
    return done


def _process_some(user_id: UUID, now: datetime) -> int:
    with transaction.atomic():
        rows = list(
            ProviderPush.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("user")
            .filter(user_id=user_id, provider=PROVIDER, status=PushStatus.RECEIVED)
            .order_by("received_at", "id")[:MOST_AT_ONCE]
        )
        if not rows:
            return 0
        days: list[DayValue] = []
        for row in rows:
            row.status, row.processed_at, row.error = PushStatus.PROCESSED, now, ""
            try:
                days += garmin.days_of(row.kind, row.body)
            except garmin.SummaryUnreadable as unreadable:
                row.status, row.error = PushStatus.FAILED, str(unreadable)[:300]
        result = record_days(rows[0].user, days, PROVIDER, via="import", now=now)
        for refused in result.refused:
            day = days[refused.index]
            culprit = next(row for row in rows if _tells(row, day))
            culprit.status, culprit.error = PushStatus.FAILED, refused.words[:300]
        ProviderPush.objects.bulk_update(rows, ["status", "processed_at", "error"])
        DeviceConnection.objects.filter(user_id=user_id, provider=PROVIDER).update(last_data_at=now)
    return len(rows)


def _tells(row: ProviderPush, day: DayValue) -> bool:
    try:
        return day in garmin.days_of(row.kind, row.body)
    except garmin.SummaryUnreadable:
        return False


def left_behind(*, now: datetime) -> list[UUID]:
    """People for whom something was sent a while ago that nobody processed."""
    waiting = ProviderPush.objects.filter(
        status=PushStatus.RECEIVED, received_at__lt=now - LEFT_AFTER
    )
    return list(waiting.order_by("user_id").values_list("user_id", flat=True).distinct()[:1000])
