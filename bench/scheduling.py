# ruff: noqa: E402 - Django must be set up before its models are imported
"""How good slots are, and how long they take to find.

Prints, from one run: calibration and ranking of the odds on generated people with known odds, beside the best
possible; then how long one person with 1,000 tasks waits for suggestions, a day's plan, the week's capacity and
offers to snooze, with queries and processor time, beside reading the same tasks with one bare query. Everything
happens in a transaction that is rolled back.

    make bench, or: python -m config.runtime exec .venv/bin/python bench/scheduling.py
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from productivity.models import ScheduleRecommendation, SlotOdds, Task
from productivity.scheduling.capacity import capacity
from productivity.scheduling.explaining import why_not
from productivity.scheduling.negotiating import renegotiate
from productivity.scheduling.offers import snooze_offers
from productivity.scheduling.planning_day import plan_day
from productivity.scheduling.recommending import recommend

TASKS = int(os.environ.get("BENCH_TASKS", "1000"))
TIMES = int(os.environ.get("BENCH_TIMES", "30"))
PEOPLE = int(os.environ.get("BENCH_PEOPLE", "200"))
WEEKS = int(os.environ.get("BENCH_WEEKS", "16"))
NOW = datetime(2026, 10, 6, 7, 20, tzinfo=UTC)
CATEGORIES = ("work", "home", "family", "errands")


def populate() -> User:
    """One person with open, planned and finished tasks, and odds of every hour."""
    user = User.objects.create(email="bench-slots@example.org", timezone="Europe/Berlin")
    user.work_hours = {day: ["09:00", "17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    user.save()
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    tasks = []
    for number in range(TASKS):
        task = Task(
            user=user,
            title=f"Task {number}",
            category=CATEGORIES[number % 4],
            priority=number % 4,
            estimated_minutes=(None, 15, 30, 60, 90)[number % 5],
            created_at=NOW - timedelta(days=number % 90),
            due_at=NOW + timedelta(hours=7 * number) if number % 3 else None,
        )
        if number % 2:
            task.status, task.completed_at = "completed", NOW - timedelta(hours=5 * number)
        elif number % 20 == 0:
            task.planned_start = NOW + timedelta(hours=number / 4)
            task.planned_end = task.planned_start + timedelta(minutes=45)
        tasks.append(task)
    Task.objects.bulk_create(tasks)
    SlotOdds.objects.bulk_create(
        SlotOdds(user=user, weekday=day, hour=hour, category=category, tried=4, worked=hour % 4)
        for day in range(7)
        for hour in range(7, 22)
        for category in CATEGORIES
    )
    return user


def measured(name: str, work: Callable[[], object]) -> None:
    """Prints the median, the 95th percentile and the processor time of `TIMES` calls, and the queries of one."""
    with CaptureQueriesContext(connection) as queries:
        work()
    walls, processor = [], time.process_time()
    for _ in range(TIMES):
        began = time.perf_counter()
        work()
        walls.append((time.perf_counter() - began) * 1000)
    spent = (time.process_time() - processor) * 1000 / TIMES
    p95 = statistics.quantiles(walls, n=20)[-1]
    median = statistics.median(walls)
    print(
        f"{name:34} {median:7.1f} ms  p95 {p95:7.1f} ms  cpu {spent:6.1f} ms  {len(queries):3} queries"
    )


def latency() -> None:
    """What one person with many tasks waits for."""
    with transaction.atomic():
        user = populate()
        task = Task.objects.filter(user=user, status="pending", planned_start=None).latest("id")
        today = NOW.astimezone(user.tz).date()
        print(f"\nOne person, {TASKS} tasks, {TIMES} calls each")
        measured("bare: read the open tasks", lambda: list(Task.objects.for_user(user).open()))

        def anew() -> None:
            ScheduleRecommendation.objects.filter(user=user).delete()
            recommend(user, task, now=NOW)

        measured("recommend, new suggestions", anew)
        measured("recommend, asked again", lambda: recommend(user, task, now=NOW))
        measured("why not then", lambda: why_not(user, task, NOW + timedelta(days=1), now=NOW))
        measured("snooze offers", lambda: snooze_offers(user, task, now=NOW))
        measured("capacity of the week", lambda: capacity(user, now=NOW))
        measured("renegotiation", lambda: renegotiate(user, now=NOW))
        measured("plan of a day", lambda: plan_day(user, today, now=NOW))
        transaction.set_rollback(True)


if __name__ == "__main__":
    call_command("evaluate_scheduling", people=PEOPLE, weeks=WEEKS)
    latency()
