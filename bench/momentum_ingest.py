# ruff: noqa: E402 - Django must be set up before its models are imported
"""What it costs to take in a million measurements, in calls of 10,000, beside the bare statements.

Prints, from one run over the same samples, call by call in turn: `ingest` (reading, checking, storing, days,
preferred source, ledger, events), a bare COPY into a staging table with an upsert from there, `bulk_create`, and
`create()` on a part of them. Then what a repeat of the same calls costs. People of its own, who go away.

    make bench, or: python -m config.runtime exec .venv/bin/python bench/momentum_ingest.py
"""

import os
import random
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.db import connection, transaction

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from momentum.biometrics.ingesting import ingest
from momentum.biometrics.metrics import day_of
from momentum.models import BiometricSample

CALLS = int(os.environ.get("BENCH_CALLS", "100"))
PER_CALL = int(os.environ.get("BENCH_SAMPLES", "10000"))
CREATED = 500
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)

_STAGE = """
CREATE TEMPORARY TABLE IF NOT EXISTS bench_staging (
    metric text, source text, device text, started_at timestamptz, ended_at timestamptz,
    local_date date, value float8
) ON COMMIT DELETE ROWS
"""
_UPSERT = """
INSERT INTO momentum_biometricsample
    (id, user_id, metric, source, device, started_at, ended_at, local_date, value, received_at)
SELECT uuidv7(), %s, metric, source, device, started_at, ended_at, local_date, value, %s
FROM bench_staging
ON CONFLICT (user_id, metric, started_at, ended_at, source, device)
    DO UPDATE SET value = EXCLUDED.value
"""


def a_call(number: int) -> list[dict[str, Any]]:
    """Some four weeks of one person: a watch and a phone that both count steps, nights in pieces, readings."""
    rng = random.Random(number)
    items: list[dict[str, Any]] = []
    day = datetime(2026, 10, 30, 4, tzinfo=UTC)

    def add(metric: str, start: datetime, seconds: int, value: float, device: str) -> None:
        end = start + timedelta(seconds=seconds)
        item = {"metric": metric, "start": start.isoformat(), "end": end.isoformat()}
        items.append(item | {"value": value, "source": "healthkit", "device": device})

    while len(items) < PER_CALL:
        for piece in range(18):
            add("sleep_minutes", day + timedelta(minutes=25 * piece - 420), 1500, 25, "Watch")
        for five in range(150):
            at = day + timedelta(minutes=5 * five + 180, seconds=rng.randrange(60))
            add("steps", at, 240, rng.randrange(5, 300), "Watch")
            add("steps", at + timedelta(seconds=9), 200, rng.randrange(5, 300), "iPhone")
            if five % 3 == 0:
                add("active_energy_kcal", at, 900, rng.random() * 40, "Watch")
        for hour in range(8):
            add("hrv", day + timedelta(hours=hour * 3), 60, 30 + rng.random() * 40, "Watch")
        add("weight_kg", day + timedelta(hours=4), 0, 80 + rng.random(), "Scale")
        add("resting_heart_rate", day + timedelta(hours=20), 0, 55, "Watch")
        day -= timedelta(days=1)
    return items[:PER_CALL]


def rows_of(user: User, items: list[dict[str, Any]]) -> list[BiometricSample]:
    rows = []
    for item in items:
        start = datetime.fromisoformat(item["start"])
        end = datetime.fromisoformat(item["end"])
        rows.append(
            BiometricSample(
                user=user,
                metric=item["metric"],
                source=item["source"],
                device=item["device"],
                started_at=start,
                ended_at=end,
                local_date=day_of(item["metric"], start, end, user.tz, user.day_start_hour),
                value=item["value"],
                received_at=NOW,
            )
        )
    return rows


def bare(rows: list[BiometricSample]) -> None:
    lines = "".join(
        f"{row.metric}\t{row.source}\t{row.device}\t{row.started_at}"
        f"\t{row.ended_at}\t{row.local_date}\t{row.value!r}\n"
        for row in rows
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_STAGE)
        with cursor.copy("COPY bench_staging FROM STDIN") as copy:
            copy.write(lines)
        cursor.execute(_UPSERT, [rows[0].user_id, NOW])


def a_person(number: int, name: str) -> User:
    user = User.objects.create(
        email=f"bench-{name}-{number}-{os.getpid()}@example.org", timezone="Europe/Berlin"
    )
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    return user


def main() -> None:
    times: dict[str, list[float]] = {name: [] for name in WAYS}
    people: list[User] = []
    try:
        for number in range(CALLS + 1):
            items = a_call(number)
            for name, work in WAYS.items():
                if name == REPEAT:
                    user = people[-list(WAYS).index(REPEAT)]
                else:
                    user = a_person(number, str(len(people)))
                    people.append(user)
                rows = rows_of(user, items)
                began = time.perf_counter()
                work(user, items, rows)
                if number:  # the first call warms up
                    times[name].append(time.perf_counter() - began)
    finally:
        User.objects.filter(pk__in=[user.pk for user in people]).delete()
    base = statistics.median(times[BARE])
    print(f"{CALLS} calls of {PER_CALL} samples: {CALLS * PER_CALL:,} samples each way")
    for name, taken in times.items():
        share = CREATED / PER_CALL if name == CREATE else 1
        rate = CALLS * PER_CALL * share / sum(taken)
        middle = statistics.median(taken) / share
        print(
            f"{name:42} {rate:9.0f} rows/s  {middle * 1000:8.0f} ms a call"
            f"  {middle / base:6.2f} times the bare statements"
        )


INGEST, BARE, BULK, CREATE = "ingest", "bare COPY and upsert", "bulk_create", "create()"
REPEAT = "ingest of the same again"
WAYS: dict[str, Any] = {
    INGEST: lambda user, items, rows: ingest(user, items, now=NOW),
    BARE: lambda user, items, rows: bare(rows),
    BULK: lambda user, items, rows: BiometricSample.objects.bulk_create(rows, batch_size=2000),
    CREATE: lambda user, items, rows: [row.save(force_insert=True) for row in rows[:CREATED]],
    REPEAT: lambda user, items, rows: ingest(user, items, now=NOW),
}

if __name__ == "__main__":
    main()
