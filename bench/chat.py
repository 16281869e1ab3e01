# ruff: noqa: E402 - Django must be set up before its models are imported
"""How fast the built-in coach answers: first streamed event and whole answer, alone and among hundreds.

    DATABASE_URL=… REDIS_URL=… python -m bench.chat [--chats 1,50,300] [--seconds 20]

Starts a web process of its own on those stores, signs people of its own in (and erases them at the end), and
talks to it over WebSockets. A chat is a person who writes, waits for the answer, reads for a while, and writes
again; their first messages are spread over one pause. `burst` is the same with every message at the same moment.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ["DEBUG"] = "0"  # with it on, every query is recorded
statics = tempfile.TemporaryDirectory()
os.environ["STATIC_ROOT"] = statics.name
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import django

django.setup()

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import connection, reset_queries
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from websockets.asyncio.client import connect

from accounts.models import User
from coaching import context_cache
from coaching.agent.context import about_the_person
from config.runtime.live import LiveSite

READING_SECONDS = 10.0
PATIENCE_SECONDS = 60.0
SENTENCES = [
    "Hello",
    "What can you do?",
    "I feel a bit tired today.",
    "I'm proud, I went for a run this morning!",
    "Thanks, that helps.",
]
GOALS_MS = {50: 60, 300: 250}


@dataclass
class Measured:
    """Times of one round, in milliseconds."""

    first: list[float] = field(default_factory=list)
    text: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    characters: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    failed: int = 0

    def line(self, name: str, goal: int | None) -> str:
        def points(values: list[float]) -> str:
            if len(values) < 2:
                return f"{values[0]:6.0f} ms" if values else "     - ms"
            p95 = statistics.quantiles(values, n=20)[-1]
            return f"p50 {statistics.median(values):5.0f}  p95 {p95:5.0f} ms"

        wanted = f"  (goal: first event p95 <= {goal} ms)" if goal else ""
        return (
            f"{name:<22} first event {points(self.first)} | first text {points(self.text)} | whole answer "
            f"{points(self.whole)} | {len(self.whole)} answers, {self.failed} failed, "
            f"{self.characters / 4 / max(self.seconds, 0.001):.0f} tokens/s, "
            f"{self.cpu_seconds * 1000 / max(1, len(self.whole)):.0f} ms CPU an answer{wanted}"
        )


def people(count: int) -> list[tuple[User, str]]:
    """People with a session each."""
    rows = [
        User(email=f"bench-{uuid4().hex}@example.org", name="Bench Person", stated_goal="Run 5 km")
        for _ in range(count)
    ]
    User.objects.bulk_create(rows)
    signed_in = []
    for user in rows:
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        signed_in.append((user, str(session.session_key)))
    return signed_in


def memory_kb(pid: int) -> int:
    """Resident memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1])
    return 0


def cpu_seconds(pid: int) -> float:
    """Processor time a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def one_answer(socket: Any, text: str, measured: Measured) -> None:
    """Sends a message and times its answer."""
    began = time.perf_counter()
    await socket.send(json.dumps({"type": "send", "client_id": uuid4().hex, "text": text}))
    has_first = has_text = False
    while True:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                message = json.loads(await socket.recv())
        except TimeoutError:
            measured.failed += 1
            return
        passed = (time.perf_counter() - began) * 1000
        kind = message["type"]
        if kind == "error":
            measured.failed += 1
            return
        if "seq" in message and not has_first:
            has_first = True
            measured.first.append(passed)
        if kind == "text":
            measured.characters += len(message["delta"])
            if not has_text:
                has_text = True
                measured.text.append(passed)
        if kind == "run.finished":
            measured.whole.append(passed)
            measured.failed += message["status"] != "completed"
            return


async def chat(
    site: LiveSite,
    cookie: str,
    seconds: float,
    measured: Measured,
    go: asyncio.Barrier,
    doors: asyncio.Semaphore,
) -> None:
    """One person who talks for `seconds`."""
    async with doors:
        socket = await connect(
            f"{site.websocket_url}/ws/coach/",
            additional_headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}"},
            origin=site.url,  # type: ignore[arg-type]
            compression=None,
        )
    async with socket:
        await go.wait()
        if seconds <= 0:
            await one_answer(socket, random.choice(SENTENCES), measured)
            return
        until = time.monotonic() + seconds
        await asyncio.sleep(random.uniform(0, READING_SECONDS))
        while time.monotonic() < until:
            await one_answer(socket, random.choice(SENTENCES), measured)
            await asyncio.sleep(random.uniform(0.5, 1.5) * READING_SECONDS)


async def round_of(
    site: LiveSite, cookies: list[str], seconds: float, *, burst: bool = False
) -> tuple[Measured, float]:
    """All these people at once; also gives the memory per open line in kB."""
    measured = Measured()
    start, doors = asyncio.Barrier(len(cookies) + 1), asyncio.Semaphore(10)
    if site.process is None:
        raise SystemExit("The web process is gone.")
    before = memory_kb(site.process.pid)
    tasks = [
        asyncio.create_task(chat(site, cookie, 0 if burst else seconds, measured, start, doors))
        for cookie in cookies
    ]
    while start.n_waiting < len(cookies):
        if any(task.done() for task in tasks):
            next(task for task in tasks if task.done()).result()
        await asyncio.sleep(0.05)
    per_line = (memory_kb(site.process.pid) - before) / len(cookies)
    began, cpu = time.perf_counter(), cpu_seconds(site.process.pid)
    await start.wait()
    await asyncio.gather(*tasks)
    measured.cpu_seconds = cpu_seconds(site.process.pid) - cpu
    measured.seconds = time.perf_counter() - began
    return measured, per_line


def web_process(environment: dict[str, str], directory: Path) -> LiveSite:
    """A web process as in production."""
    call_command(
        "collectstatic", interactive=False, verbosity=0
    )  # files are named by what is in them
    return LiveSite(environment, directory)


def context_lines(user: User) -> list[str]:
    """The context block, cold and from the cache."""

    def timed(times: int, *, is_cold: bool) -> list[float]:
        values = []
        for _ in range(times):
            if is_cold:
                context_cache.invalidate(user.pk)
            began = time.perf_counter()
            about_the_person(user, timezone.now())
            values.append((time.perf_counter() - began) * 1000)
        return values

    about_the_person(user, timezone.now())
    context_cache.invalidate(user.pk)
    reset_queries()
    with CaptureQueriesContext(connection) as queries:
        about_the_person(user, timezone.now())
    cold, warm = timed(40, is_cold=True), timed(400, is_cold=False)

    def p95(values: list[float]) -> float:
        return statistics.quantiles(values, n=20)[-1]

    return [
        f"context, cold          p50 {statistics.median(cold):.1f}  p95 {p95(cold):.1f} ms, "
        f"{len(queries)} queries  (goal: <= 60 ms, <= 12 queries)",
        f"context, from cache    p50 {statistics.median(warm):.2f}  p95 {p95(warm):.2f} ms  "
        f"(goal: p95 <= 3 ms)",
    ]


def main() -> None:
    """Runs the rounds and prints a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chats", default="1,50,300", help="numbers of chats at once")
    parser.add_argument("--seconds", type=float, default=20.0, help="length of each round")
    asked = parser.parse_args()
    call_command("migrate", verbosity=0)
    sizes = [int(size) for size in asked.chats.split(",")]
    crowd = people(max(sizes))
    ids = [user.pk for user, _ in crowd]
    environment = {
        **os.environ,
        "HTTPS": "0",
        "LOG_LEVEL": "WARNING",
        "COACH_MODEL": "builtin/coach",
        "COACH_SENDS_PER_MINUTE": "1000",
    }
    try:
        for line in context_lines(crowd[0][0]):
            print(line, flush=True)
        with (
            tempfile.TemporaryDirectory() as directory,
            web_process(environment, Path(directory)) as site,
        ):
            cookies = [cookie for _, cookie in crowd]
            asyncio.run(round_of(site, cookies[:5], 3))  # imports and caches warm up
            for size in sizes:
                measured, per_line = asyncio.run(round_of(site, cookies[:size], asked.seconds))
                print(measured.line(f"{size} chats", GOALS_MS.get(size)), flush=True)
                if size >= 50:
                    print(f"{'':<22} {per_line:.0f} kB a line", flush=True)
                    burst, _ = asyncio.run(round_of(site, cookies[:size], 0, burst=True))
                    print(burst.line(f"{size} chats, burst", None), flush=True)
    finally:
        for user in User.objects.filter(pk__in=ids):
            user.delete()


if __name__ == "__main__":
    main()
