"""Taking in what devices measured: samples and values of days, in bulk, in any order, as often as they come."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from momentum.biometrics import streams
from momentum.biometrics.days import DaysResult, DayValue, Refused, record_days, take_days
from momentum.biometrics.reading import Batch, Sample, read_items
from momentum.biometrics.streams import Day
from momentum.biometrics.telling import Change, tell_changes

__all__ = ["MOST_ITEMS", "DayValue", "DaysResult", "IngestResult", "ingest", "record_days"]

MOST_ITEMS = 10_000

_STAGE = """
CREATE TEMPORARY TABLE IF NOT EXISTS biometric_staging (
    metric text, source text, device text, started_at timestamptz, ended_at timestamptz,
    local_date date, value float8
) ON COMMIT DELETE ROWS
"""
# A sample told again with a smaller value changes nothing: the order of arrival must not matter.
_TAKE = f"""
WITH taken AS (
    INSERT INTO {streams.SAMPLES} AS old
        (id, user_id, metric, source, device, started_at, ended_at, local_date, value, received_at)
    SELECT uuidv7(), %s, metric, source, device, started_at, ended_at, local_date, value, %s
    FROM biometric_staging
    ON CONFLICT (user_id, metric, started_at, ended_at, source, device) DO UPDATE SET
        value = EXCLUDED.value, received_at = EXCLUDED.received_at
    WHERE EXCLUDED.value > old.value
    RETURNING metric, local_date
)
SELECT metric, local_date, count(*) FROM taken GROUP BY metric, local_date
"""  # noqa: S608 - names of our own tables and metrics


@dataclass(frozen=True, slots=True)
class IngestResult:
    """What became of one call. `days_changed` counts (metric, day)s whose value of any source is another."""

    accepted: int
    unchanged: int
    failed: list[Refused] = field(default_factory=list)
    days_changed: int = 0


def ingest(
    user: User, samples: Iterable[object], *, via: str = "api", now: datetime | None = None
) -> IngestResult:
    """Takes samples and days as a client sends them; the same again changes nothing.

    What is wrong with an item is told under its place and the others count. `via` is where it came from,
    for the ledger.
    """
    now = now or timezone.now()
    batch = read_items(user, samples, now=now)
    if not batch.read:
        return IngestResult(0, 0, batch.refused)
    with transaction.atomic():
        streams.lock(user.pk)
        taken, changed = _take_samples(user, batch, now, via)
        for source, days in sorted(batch.days.items()):
            result = take_days(user, days, source, via=via, now=now)
            taken += result.taken
            changed |= result.changed
    return IngestResult(taken, batch.read - taken, batch.refused, len(changed))


def _take_samples(user: User, batch: Batch, now: datetime, via: str) -> tuple[int, set[Day]]:
    """How many samples were new, and the days that are other for it."""
    if not batch.samples:
        return 0, set()
    touched = _store(user.pk, batch.samples.values(), now)
    days = list(touched)
    if not days:
        return 0, set()
    change = Change.of(user, days)
    streams.count_days(user.pk, days, now=now)
    return sum(touched.values()), tell_changes(change, via=via, now=now)


def _store(user_id: UUID, samples: Iterable[Sample], now: datetime) -> dict[Day, int]:
    """Adds samples; returns the days that got new ones, and how many."""
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        cursor.execute("TRUNCATE biometric_staging")
        with cursor.copy("COPY biometric_staging FROM STDIN") as copy:
            copy.write("".join(map(_line, samples)))
        cursor.execute(_TAKE, [user_id, now])
        return {(metric, day): count for metric, day, count in cursor.fetchall()}


def _line(sample: Sample) -> str:
    """One row in the text format of COPY."""
    device = sample.device.replace("\\", "\\\\") if "\\" in sample.device else sample.device
    return (
        f"{sample.metric}\t{sample.source}\t{device}\t{sample.start}\t{sample.end}"
        f"\t{sample.local_date}\t{sample.value!r}\n"
    )
