"""How long momentum keeps what scores are made of. Scores and the values of days stay."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from coaching import retention
from coaching.partitioning import month_after
from coaching.retention import Gone
from momentum.models import BiometricSample, ProviderPush, PushStatus

EVENTS = "momentum_momentumevent"
BATCH = 10_000


def apply_retention(*, now: datetime, dry_run: bool = False) -> list[Gone]:
    """Lets go of what the policies of the ledger, the events and of devices no longer keep.

    `dry_run` tells what would go. Running twice is once. Returns what went, table by table.
    """
    today = now.date()
    return [
        *retention.ledger(today=today, dry_run=dry_run),
        *retention.let_go(
            EVENTS, keep_months=settings.EVENTS_KEEP_MONTHS, today=today, dry_run=dry_run
        ),
        *_sent_by_devices(now, dry_run),
    ]


def events_kept_from(today: date) -> date:
    """The first day whose events the policy keeps: what was scored of days before can not be scored again."""
    months = settings.EVENTS_KEEP_MONTHS
    return month_after(today, -months) if months > 0 else date.min


def _sent_by_devices(now: datetime, dry_run: bool) -> list[Gone]:
    """Samples and what makers of devices sent that came longer ago than the policy keeps.

    Their sums stay in the values of the days. Old files imported lately are counted from their arrival, so that
    what comes late meets what it adds to. What a maker sent and nobody processed yet stays until it is.
    """
    days = settings.BIOMETRIC_SAMPLE_KEEP_DAYS
    if days <= 0:
        return []
    until = now - timedelta(days=days)
    done = [PushStatus.PROCESSED, PushStatus.FAILED]
    return [
        *_let_go(BiometricSample.objects.all(), until, dry_run),
        *_let_go(ProviderPush.objects.filter(status__in=done), until, dry_run),
    ]


def _let_go(rows: QuerySet[Any], until: datetime, dry_run: bool) -> list[Gone]:
    # Keys are ordered by time of arrival: no index of times is needed to find the oldest.
    old = rows.filter(pk__lt=_first_key(until), received_at__lt=until).order_by("pk")
    if dry_run:
        gone = old.count()
    else:
        gone = 0
        # Nothing hangs on them: one statement each time, and no row is fetched.
        while some := rows.filter(pk__in=old.values("pk")[:BATCH]).delete()[0]:
            gone += some
    return [Gone(rows.model._meta.db_table, gone)] if gone else []


def _first_key(at: datetime) -> UUID:
    """The smallest UUIDv7 of the millisecond of `at`."""
    return UUID(int=int(at.timestamp() * 1000) << 80)
