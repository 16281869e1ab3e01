# ruff: noqa: E402 - Django must be set up before its models are imported
"""What it costs to measure the behaviour of 10,000 people, and to look at their prompts.

Prints, from one run: reading the same rows with bare statements and doing nothing with them; measuring
everybody in ranges of ids, as the weekly work does; and telling who changed. Everything happens in
temporary tables that go away.

    make bench, or: python -m config.runtime exec .venv/bin/python bench/behavior.py
"""

import os
import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.db import connection

from accounts.models import Consent, ConsentKind, User
from coaching.models import RawBehavioralLog
from coaching.outreach.clock import ranges
from coaching.outreach.rehearsal.apart import empty_tables, refresh_statistics
from coaching.personalization.behavior import BehavioralMetrics, BehavioralTracker
from coaching.personalization.change import significant_changes
from coaching.personalization.config import coaching_config
from habits.models import Habit, HabitCompletion

PEOPLE = int(os.environ.get("BENCH_PEOPLE", "10000"))
DAYS = 60
NOW = datetime(2026, 10, 6, 9, 20, tzinfo=UTC)


def timed(work: Callable[[], int]) -> tuple[float, int]:
    began = time.perf_counter()
    count = work()
    return time.perf_counter() - began, count


def show(name: str, seconds: float, count: int, bare: float | None = None) -> None:
    ratio = "" if bare is None else f"  {seconds / bare:5.1f} times the bare statements"
    print(f"{name:46} {seconds:7.2f} s  {count:7}  {count / seconds:9.0f}/s{ratio}")


def populate() -> None:
    """Each person has two daily habits, and ticks them on most of `DAYS` days."""
    rng = random.Random(1)
    people = [
        User(email=f"bench{n}@example.org", timezone=("Europe/Berlin", "America/New_York")[n % 2])
        for n in range(PEOPLE)
    ]
    for person in people:
        person.created_at = NOW - timedelta(days=DAYS + 30)
    User.objects.bulk_create(people, batch_size=2000)
    Consent.objects.bulk_create(
        [
            Consent(user=person, kind=ConsentKind.BEHAVIORAL_TRACKING, granted=True, source="web")
            for person in people
        ],
        batch_size=2000,
    )
    today = NOW.date()
    habits = [
        Habit(user=person, name=name, category="fitness", starts_on=today - timedelta(days=DAYS))
        for person in people
        for name in ("Walk", "Read")
    ]
    Habit.objects.bulk_create(habits, batch_size=2000)
    for start in range(0, len(habits), 1000):
        _live(habits[start : start + 1000], today, rng)
    refresh_statistics()


def _live(habits: list[Habit], today: date, rng: random.Random) -> None:
    done = [(habit, back) for habit in habits for back in range(1, DAYS + 1) if rng.random() < 0.7]
    HabitCompletion.objects.bulk_create(
        [
            HabitCompletion(
                habit=habit,
                user_id=habit.user_id,
                local_date=today - timedelta(days=back),
                status="done",
                source="web",
            )
            for habit, back in done
        ],
        batch_size=5000,
    )
    RawBehavioralLog.objects.bulk_create(
        [
            RawBehavioralLog(
                user_id=habit.user_id,
                interaction_type="habit.completed",
                source="web",
                occurred_at=NOW - timedelta(days=back),
                idempotency_key=f"{habit.pk}:{back}",
            )
            for habit, back in done
        ],
        batch_size=5000,
    )


def bare() -> int:
    """The rows that any measurement must read, fetched and counted."""
    since = NOW - timedelta(days=122)
    rows = 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT user_id, (occurred_at AT TIME ZONE 'UTC')::date"
            " FROM coaching_rawbehaviorallog WHERE occurred_at >= %s",
            [since],
        )
        rows += len(cursor.fetchall())
        cursor.execute(
            "SELECT habit_id, local_date, status, value FROM habits_habitcompletion"
            " WHERE local_date >= %s",
            [since.date()],
        )
        rows += len(cursor.fetchall())
    return rows


def main() -> None:
    with empty_tables():
        populate()
        took, rows = timed(bare)
        show("bare statements: the rows read", took, rows)
        tracker = BehavioralTracker()
        found: dict[UUID, BehavioralMetrics] = {}

        def measure() -> int:
            for first, last in ranges(User.objects.all()):
                found.update(tracker.calculate_metrics(first, last, now=NOW))
            return len(found)

        took_measuring, people = timed(measure)
        show("measured, in ranges of 500 people", took_measuring, people, took)
        config = coaching_config()
        before = dict(found)

        def compare() -> int:
            for user_id, metrics in found.items():
                significant_changes(before[user_id], metrics, config=config)
            return len(found)

        took_comparing, people = timed(compare)
        show("told who changed", took_comparing, people)


if __name__ == "__main__":
    main()
