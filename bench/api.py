# ruff: noqa: E402 - Django must be set up before its models are imported
"""Goals and habits over REST under load, beside bare Django REST framework endpoints of the same shape.

One gunicorn process (threads, WSGI) serves both. Requests of ours and of the bare twin alternate in short
slices at the same rate, so that both see the same machine; processor time is the server's own. Printed per
operation: p50 and p95 in milliseconds, processor time per request, and the ratios to the bare twin. The goal
is 1.5 for both.

    make bench, or: python -m config.runtime exec .venv/bin/python bench/api.py [--rate 40] [--seconds 8]
"""

import argparse
import http.client
import json
import os
import secrets
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.conf import settings
from django.core.management import call_command
from django.test import Client

from accounts.consent import set_consent
from accounts.day import local_day
from accounts.models import ConsentKind, ConsentSource, User
from config.runtime.live import answers, descendants_of
from config.runtime.processes import free_port
from habits.models import Category, Goal, Habit, HabitCompletion

HABITS, GOALS, DAYS = 20, 10, 60
CONNECTIONS = 8
SLICES = 8
GOAL = 1.5
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass
class Asked:
    """One kind of request; `body` and `path` are made anew for each."""

    method: str
    path: Callable[[], str]
    body: Callable[[], object] | None = None
    seconds: list[float] = field(default_factory=list)
    cpu: float = 0.0

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.seconds, n=20)[-1] * 1000

    @property
    def p50(self) -> float:
        return statistics.median(self.seconds) * 1000

    @property
    def cpu_each(self) -> float:
        return self.cpu * 1000 / len(self.seconds)


@dataclass
class Site:
    """The server process and the sign-in of the person on whose behalf is asked."""

    port: int
    process: "subprocess.Popen[bytes]"
    headers: dict[str, str]

    def cpu(self) -> float:
        """Seconds of processor time the server has used."""
        total = 0
        for pid in {self.process.pid, *descendants_of(self.process.pid)}:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICKS_PER_SECOND

    def run(self, asked: Asked, rate: float, seconds: float) -> None:
        """Sends `rate` requests a second for `seconds`, from a few connections that stay open."""
        total = max(1, int(rate * seconds))
        turns = iter(range(total))
        lock = threading.Lock()
        began = time.perf_counter() + 0.05
        problems: list[str] = []

        def work() -> None:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            while not problems:
                with lock:
                    turn = next(turns, None)
                if turn is None:
                    break
                due = began + turn / rate
                time.sleep(max(0.0, due - time.perf_counter()))
                body = None if asked.body is None else json.dumps(asked.body())
                connection.request(asked.method, asked.path(), body, self.headers)
                answer = connection.getresponse()
                text = answer.read()
                # From the moment it was due: waiting for a free connection counts.
                spent = time.perf_counter() - due
                if answer.status >= 400:
                    problems.append(
                        f"{asked.method} {asked.path()}: {answer.status} {text[:300]!r}"
                    )
                with lock:
                    asked.seconds.append(spent)
            connection.close()

        before = self.cpu()
        threads = [threading.Thread(target=work) for _ in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        asked.cpu += self.cpu() - before
        if problems:
            raise SystemExit(problems[0])


def person() -> tuple[User, list[Habit]]:
    """Somebody with habits, goals and two months of days, who agreed to be tracked."""
    user = User.objects.create_user(
        f"bench-{secrets.token_hex(6)}@example.org", name="Bench", timezone="Europe/Berlin"
    )
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.API)
    today = local_day(user)
    habits = Habit.objects.bulk_create(
        Habit(
            user=user,
            name=f"Habit {number}",
            category=Category.FITNESS,
            starts_on=today - timedelta(days=DAYS),
        )
        for number in range(HABITS)
    )
    Goal.objects.bulk_create(
        Goal(user=user, text=f"Goal {n}", category=Category.FITNESS, primary_objective=f"Goal {n}")
        for n in range(GOALS)
    )
    HabitCompletion.objects.bulk_create(
        HabitCompletion(
            habit=habit,
            user=user,
            local_date=today - timedelta(days=back),
            status="done",
            source="web",
        )
        for habit in habits
        for back in range(1, DAYS)
        if back % 4
    )
    return user, habits


def signed_in(user: User) -> dict[str, str]:
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    token = secrets.token_hex(16)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    return {
        "Cookie": f"{settings.SESSION_COOKIE_NAME}={session}; csrftoken={token}",
        "X-CSRFToken": token,
        "Content-Type": "application/json",
        "Host": "127.0.0.1",
    }


def serve(port: int) -> "subprocess.Popen[bytes]":
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "bench.bare.settings",
        "DEBUG": "0",
        "HTTPS": "0",
        "LOG_LEVEL": "ERROR",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--threads", str(CONNECTIONS), "--keep-alive", "30", "--log-level", "error"]
    server = subprocess.Popen(command, env=environment, cwd=ROOT)  # noqa: S603
    deadline = time.monotonic() + 60
    while not answers("127.0.0.1", port):
        if server.poll() is not None or time.monotonic() > deadline:
            raise SystemExit("The server did not start.")
        time.sleep(0.1)
    return server


def operations(user: User, habits: list[Habit]) -> Iterator[tuple[str, Asked, Asked]]:
    """Name, ours, bare: the same rows read, the same rows written."""
    today = local_day(user)
    api, numbers = "/api/v1/habits/", count()
    goal = {"text": "Run 5 km", "category": "fitness", "primary_objective": "Run 5 km"}
    one = habits[0]

    def name() -> dict[str, str]:
        return {"name": f"Habit {next(numbers)}"}

    yield "list habits", Asked("GET", lambda: api), Asked("GET", lambda: "/bare/habits/")
    yield (
        "list goals",
        Asked("GET", lambda: f"{api}goals/?page_size=10"),
        Asked("GET", lambda: "/bare/goals/?page_size=10"),
    )
    yield (
        "read a habit",
        Asked("GET", lambda: f"{api}{one.pk}/"),
        Asked("GET", lambda: f"/bare/habits/{one.pk}/"),
    )
    yield (
        "today's habits",
        Asked("GET", lambda: f"{api}today/"),
        Asked("GET", lambda: "/bare/habits/"),
    )
    yield (
        "make a goal",
        Asked("POST", lambda: f"{api}goals/", lambda: goal),
        Asked("POST", lambda: "/bare/goals/", lambda: goal),
    )
    yield (
        "rename a habit",
        Asked("PATCH", lambda: f"{api}{habits[1].pk}/", name),
        Asked("PATCH", lambda: f"/bare/habits/{habits[2].pk}/", name),
    )
    ours, bare = count(), count()

    def tick() -> str:
        # A fresh row each time: days times ordinals, over all habits but the ones of the bare twin.
        number = next(ours)
        habit = habits[3 + number % 8]
        back = number // 8 % DAYS
        return f"{api}{habit.pk}/completions/{today - timedelta(days=back)}/"

    def bare_tick() -> dict[str, object]:
        number = next(bare)
        return {
            "habit": str(habits[11 + number % 8].pk),
            "local_date": (today - timedelta(days=number // 8 % DAYS)).isoformat(),
            "ordinal": 21 + number // (8 * DAYS),
            "status": "done",
            "source": "api",
        }

    notes = count()
    yield (
        "tick a habit",
        Asked("PUT", tick, lambda: {"ordinal": 2, "note": f"again {next(notes)}"}),
        Asked("POST", lambda: "/bare/completions/", bare_tick),
    )


def compare(
    site: Site, operations: Iterable[tuple[str, Asked, Asked]], rate: float, seconds: float
) -> None:
    """Asks both sides of each operation in turns and prints what it took."""
    print(
        f"{'':16}{'ours p50':>9}{'p95':>7}{'CPU':>7}{'bare p50':>10}{'p95':>7}{'CPU':>7}"
        f"{'p95 x':>8}{'CPU x':>7}"
    )
    for name, ours, bare in operations:
        for asked in (ours, bare):
            site.run(asked, rate, 0.5)
            asked.seconds.clear()
            asked.cpu = 0.0
        for _ in range(SLICES):
            for asked in (ours, bare):
                site.run(asked, rate, seconds / SLICES)
        times, cpu = ours.p95 / bare.p95, ours.cpu_each / bare.cpu_each
        verdict = "" if max(times, cpu) <= GOAL else f"   over {GOAL}"
        print(
            f"{name:16}{ours.p50:9.1f}{ours.p95:7.1f}{ours.cpu_each:7.2f}"
            f"{bare.p50:10.1f}{bare.p95:7.1f}{bare.cpu_each:7.2f}"
            f"{times:8.2f}{cpu:7.2f}{verdict}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=40.0, help="requests a second")
    parser.add_argument("--seconds", type=float, default=8.0, help="per operation and side")
    options = parser.parse_args()
    call_command("migrate", verbosity=0)
    user, habits = person()
    port = free_port()
    server = serve(port)
    try:
        site = Site(port, server, signed_in(user))
        print(
            f"{HABITS} habits, {DAYS} days each; {options.rate:g} requests/s, one gunicorn process"
        )
        compare(site, operations(user, habits), options.rate, options.seconds)
    finally:
        server.terminate()
        server.wait(timeout=20)
        user.delete()


if __name__ == "__main__":
    main()
