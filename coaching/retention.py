"""How long divided tables keep their months, and what is to go: whole months, which costs next to nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import connection

from . import partitioning

LEDGER = "coaching_rawbehaviorallog"


@dataclass(frozen=True, slots=True)
class Gone:
    """Some rows that go, or would go: where they are (a table or a part of one) and how many they are."""

    place: str
    rows: int


def ledger(*, today: date, dry_run: bool = False) -> list[Gone]:
    """Lets the months of the ledger go that are older than the policy; for ever by default."""
    return let_go(LEDGER, keep_months=settings.LEDGER_KEEP_MONTHS, today=today, dry_run=dry_run)


def let_go(table: str, *, keep_months: int, today: date, dry_run: bool = False) -> list[Gone]:
    """Drops the months of `table` before the last `keep_months` whole ones; 0 keeps all. Running twice is once.

    From the default part rows are deleted instead. A month that somebody holds is left to the next run.
    `dry_run` tells what would go. Returns what went, the oldest first.
    """
    if keep_months <= 0:
        return []
    return list(_going(table, partitioning.month_after(today, -keep_months), dry_run))


def _going(table: str, before: date, dry_run: bool) -> Iterator[Gone]:
    for part in partitioning.months_over(table, before=before):
        rows = _rows(part.name)
        if dry_run or partitioning.drop_part(table, part):
            yield Gone(part.name, rows)
    if dry_run:
        rows = partitioning.old_rows_in_default(table, before=before)
    else:
        rows = partitioning.delete_old_from_default(table, before=before)
    if rows:
        yield Gone(f"{table}_default", rows)


def _rows(name: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(name)}")  # noqa: S608 - a table of ours
        return int(cursor.fetchone()[0])
