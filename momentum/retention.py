"""How long momentum keeps what scores are made of. Scores and the values of days stay."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection

from coaching import retention
from coaching.partitioning import month_after
from coaching.retention import Gone
from momentum.models import BiometricSample

EVENTS = "momentum_momentumevent"
BATCH = 10_000


def apply_retention(*, now: datetime, dry_run: bool = False) -> list[Gone]:
    """Lets go of what the policies of the ledger, the events and the samples no longer keep.

    `dry_run` tells what would go. Running twice is once. Returns what went, table by table.
    """
    today = now.date()
    return [
        *retention.ledger(today=today, dry_run=dry_run),
        *retention.let_go(
            EVENTS, keep_months=settings.EVENTS_KEEP_MONTHS, today=today, dry_run=dry_run
        ),
        *_samples(now, dry_run),
    ]


def events_kept_from(today: date) -> date:
    """The first day whose events the policy keeps: what was scored of days before can not be scored again."""
    months = settings.EVENTS_KEEP_MONTHS
    return month_after(today, -months) if months > 0 else date.min


def _samples(now: datetime, dry_run: bool) -> list[Gone]:
    """Samples that came longer ago than the policy keeps; their sums stay in the values of the days.

    Old files imported lately are counted from their arrival, so that what comes late meets what it adds to.
    """
    days = settings.BIOMETRIC_SAMPLE_KEEP_DAYS
    if days <= 0:
        return []
    until = now - timedelta(days=days)
    # Keys are ordered by time of arrival: no index of times is needed to find the oldest.
    old = BiometricSample.objects.filter(pk__lt=_first_key(until), received_at__lt=until)
    if dry_run:
        rows = old.count()
    else:
        rows = 0
        while gone := _delete_some(_first_key(until), until):
            rows += gone
    return [Gone(BiometricSample._meta.db_table, rows)] if rows else []


def _delete_some(below: UUID, until: datetime) -> int:
    table = connection.ops.quote_name(BiometricSample._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table}"  # noqa: S608 - a table of ours
            " WHERE id < %s AND received_at < %s ORDER BY id LIMIT %s)",
            [below, until, BATCH],
        )
        return int(cursor.rowcount)


def _first_key(at: datetime) -> UUID:
    """The smallest UUIDv7 of the millisecond of `at`."""
    return UUID(int=int(at.timestamp() * 1000) << 80)
