# ruff: noqa: E402 - Django must be set up before its models are imported
"""Tasks over REST under load: 100 people with 1,000 tasks each, beside bare endpoints over the same rows.

As `bench/api.py`: one gunicorn process serves both, requests of ours and of the bare twin alternate in short slices at
the same rate. First alone, then with the nightly jobs (the measures of everybody's days, the odds of everybody's
slots) running beside it over and over. The goal is 1.5 for the p95 and for processor time per request.

    make bench, or: python -m config.runtime exec .venv/bin/python bench/tasks.py [--rate 40] [--seconds 8]
"""

import argparse
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from uuid import UUID

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.models import Consent, ConsentKind, ConsentSource, User
from bench.api import Asked, Site, serve, signed_in
from bench.api import compare as beside
from config.runtime.processes import free_port
from productivity.models import FeatureSnapshot, SlotOdds, SlotTrial, Task, TaskEvent

PEOPLE, TASKS = 100, 1000
API, BARE = "/api/v1/tasks/", "/bare/tasks/"
# Of the thousand tasks of a person: every third is done, the others are due over the weeks to come or never.
_TASKS = """
INSERT INTO productivity_task (id, user_id, title, description, status, due_at, category, priority,
    estimated_minutes, position, completed_at, snooze_count, edit_count, origin, origin_id, created_at, updated_at)
SELECT uuidv7(), person.id, 'Task ' || n || ' of the plan', 'What there is to know about it',
    CASE WHEN n %% 3 = 0 THEN 'completed' ELSE 'pending' END,
    CASE WHEN n %% 4 > 0 THEN now() + (n - 300) * interval '2 hours' END,
    (ARRAY['home', 'family', 'work', 'sport', ''])[n %% 5 + 1], n %% 4, 15, 0,
    CASE WHEN n %% 3 = 0 THEN now() - n * interval '1 hour' END, 0, 0, '', '',
    now() - n * interval '2 hours', now() - n * interval '1 hour'
FROM accounts_user person CROSS JOIN generate_series(1, %s) n WHERE person.id = ANY(%s)
"""
_EVENTS = """
INSERT INTO productivity_taskevent (id, task_id, user_id, event_type, event_payload, source, created_at)
SELECT uuidv7(), id, user_id, kind, '{"before": {}, "after": {}}', 'web', at
FROM (
    SELECT id, user_id, 'create' AS kind, created_at AS at FROM productivity_task WHERE user_id = ANY(%(people)s)
    UNION ALL
    SELECT id, user_id, 'complete', completed_at FROM productivity_task
    WHERE user_id = ANY(%(people)s) AND completed_at IS NOT NULL
    ORDER BY at
) happened
"""
_TRIALS = """
INSERT INTO productivity_slottrial (id, user_id, task_id, kind, starts_at, weekday, hour, category, weight, worked,
    created_at)
SELECT uuidv7(), user_id, id, 'plan', completed_at, extract(isodow FROM completed_at)::int - 1,
    extract(hour FROM completed_at)::int, category, 1, priority > 0, completed_at
FROM productivity_task WHERE user_id = ANY(%s) AND completed_at IS NOT NULL
"""


class Crowd(Site):
    """The server, asked on behalf of one person after the other."""

    def __init__(self, port: int, process: "subprocess.Popen[bytes]", people: list[User]) -> None:
        self._people = [signed_in(user) for user in people]
        self._asking = threading.local()
        self._turns = count()
        super().__init__(port, process, self._people[0])

    def turn(self) -> int:
        """Who asks now; what this thread sends next is sent in their name."""
        self._asking.number = next(self._turns) % len(self._people)
        return int(self._asking.number)

    # A property where a plain site has one value: each request has headers of its own.
    @property
    def headers(self) -> dict[str, str]:
        return self._people[getattr(self._asking, "number", 0)]

    @headers.setter
    def headers(self, value: dict[str, str]) -> None:
        """Those of the first person; each request has its own."""


def populate() -> list[User]:
    """People who agreed to be tracked, with their tasks and what happened to them."""
    name = secrets.token_hex(6)
    people = User.objects.bulk_create(
        User(email=f"bench-{name}-{n}@example.org", name="Bench", timezone="Europe/Berlin")
        for n in range(PEOPLE)
    )
    Consent.objects.bulk_create(
        Consent(
            user=user,
            kind=ConsentKind.BEHAVIORAL_TRACKING,
            granted=True,
            source=ConsentSource.API,
        )
        for user in people
    )
    ids = [user.pk for user in people]
    with connection.cursor() as cursor:
        cursor.execute(_TASKS, [TASKS, ids])
        cursor.execute(_EVENTS, {"people": ids})
        cursor.execute(_TRIALS, [ids])
        cursor.execute("VACUUM ANALYZE productivity_task")
        cursor.execute("VACUUM ANALYZE productivity_taskevent")
    return people


def forget(people: list[User]) -> None:
    """Takes everything of the people away, the many rows first."""
    ids = [user.pk for user in people]
    for model in (SlotTrial, SlotOdds, FeatureSnapshot, TaskEvent, Task):
        rows = model._default_manager.filter(user__in=ids)
        rows._raw_delete(rows.db)
    for user in people:
        user.delete()


def operations(site: Crowd, people: list[User]) -> Iterator[tuple[str, Asked, Asked]]:
    """Name, ours, bare: the same rows read, the same rows written."""
    tasks: list[list[UUID]] = [
        list(
            Task.objects.filter(user=user, status="pending")
            .order_by("-id")
            .values_list("pk", flat=True)[:200]
        )
        for user in people
    ]
    numbers = count()

    def one(base: str, step: str = "", *, fresh: bool = False) -> str:
        number = site.turn()
        # A task that nobody changed yet, where that matters: ours from the front, the bare ones from the end.
        task = tasks[number].pop(-1 if base == BARE else 0) if fresh else tasks[number][100]
        return f"{base}{task}/{step}"

    def all_of(base: str, query: str = "") -> str:
        site.turn()
        return f"{base}?{query}"

    def new() -> dict[str, object]:
        return {"title": f"Call mum {next(numbers)}", "category": "family", "priority": 2}

    done_at = (timezone.now() - timedelta(minutes=1)).isoformat()
    yield "list tasks", Asked("GET", lambda: all_of(API)), Asked("GET", lambda: all_of(BARE))
    yield (
        "most urgent",
        Asked("GET", lambda: all_of(API, "ordering=urgency&status=open")),
        Asked("GET", lambda: all_of(BARE)),
    )
    yield (
        "search",
        Asked("GET", lambda: all_of(API, "q=plan+77")),
        Asked("GET", lambda: all_of(BARE, "search=plan+77")),
    )
    yield "read a task", Asked("GET", lambda: one(API)), Asked("GET", lambda: one(BARE))
    yield (
        "make a task",
        Asked("POST", lambda: all_of(API), new),
        Asked("POST", lambda: all_of(BARE), new),
    )
    yield (
        "rename a task",
        Asked("PATCH", lambda: one(API), new),
        Asked("PATCH", lambda: one(BARE), new),
    )
    yield (
        "complete one",
        Asked("POST", lambda: one(API, "complete/", fresh=True), dict),
        Asked(
            "PATCH",
            lambda: one(BARE, fresh=True),
            lambda: {"status": "completed", "completed_at": done_at},
        ),
    )


def nightly() -> None:
    """The jobs of the night, over and over, until somebody ends this process."""
    from productivity.features import keeping, nightly
    from productivity.scheduling import learning

    while True:
        began = time.perf_counter()
        people = list(User.objects.filter(email__startswith="bench-").values_list("pk", flat=True))
        FeatureSnapshot.objects.filter(user__in=people).delete()
        for first, last in nightly.ranges():
            nightly.run(first, last, now=timezone.now())
        for start in range(0, len(people), keeping.BATCH):
            learning.rebuild(people[start : start + keeping.BATCH], now=timezone.now())
        print(f"  a night took {time.perf_counter() - began:.1f} s", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=40.0, help="requests a second")
    parser.add_argument("--seconds", type=float, default=8.0, help="per operation and side")
    parser.add_argument("--nightly", action="store_true", help="only the jobs of the night")
    options = parser.parse_args()
    if options.nightly:
        return nightly()
    call_command("migrate", verbosity=0)
    people = populate()
    port = free_port()
    server = serve(port)
    beside_it = None
    try:
        site = Crowd(port, server, people)
        print(
            f"{PEOPLE} people with {TASKS:,} tasks; {options.rate:g} requests/s, one gunicorn process, alone"
        )
        beside(site, operations(site, people), options.rate, options.seconds)
        print("with the nightly jobs beside it")
        command = [sys.executable, __file__, "--nightly"]
        beside_it = subprocess.Popen(command, cwd=ROOT)  # noqa: S603 - ourselves
        time.sleep(3)
        beside(site, operations(site, people), options.rate, options.seconds)
        if beside_it.poll() is not None:
            raise SystemExit("The nightly jobs ended early.")
    finally:
        for process in (beside_it, server):
            if process is not None:
                process.terminate()
                process.wait(timeout=20)
        forget(people)


if __name__ == "__main__":
    main()
