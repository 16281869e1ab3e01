"""One process that starts everything, watches it, restarts what dies, and takes all of it down again."""

import contextlib
import fcntl
import json
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO

from config.runtime.keys import new_vapid_key
from config.runtime.live import answers, listens
from config.runtime.postgres import EmbeddedPostgres
from config.runtime.processes import StartupError, port_is_free, spawn, stop, write_private
from config.runtime.redis import EmbeddedRedis
from config.runtime.services import Services

_TICK_SECONDS = 0.1
_HEALTH_SECONDS = 90.0
_FIRST_BACK_OFF_SECONDS = 1.0
_LONGEST_BACK_OFF_SECONDS = 30.0
_SETTLED_SECONDS = 60.0
_FALLS_WHILE_OPENING = 3
# Where a server that listens everywhere is found from this machine.
_REACHED_AT = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
_COLOURS = {"web": 36, "worker": 32, "batch": 33, "beat": 35, "prepare": 34, "grpc": 31}


class AlreadyRunningError(StartupError):
    """Another process holds the lock of this directory."""


@dataclass
class Child:
    """A program of the house: how to start it, how to stop it, and how often it fell over lately."""

    name: str
    command: list[str]
    patience: float = 10.0
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    back_off: float = _FIRST_BACK_OFF_SECONDS
    due_at: float | None = None
    falls: int = 0


class Supervisor:
    """`make run`: the stores, the web process, the workers and the clock, as children of this process.

    `directory` keeps all data. Ctrl-C, SIGTERM or SIGHUP end everything in order, a second one at once; when
    this process is killed the kernel tells the children.
    """

    def __init__(
        self,
        root: Path,
        directory: Path,
        *,
        host: str,
        port: int,
        demo: bool,
        environment: Mapping[str, str],
        grpc: bool = False,
    ) -> None:
        self.root = root
        self.directory = directory
        self.host = host
        self.port = port
        self.demo = demo
        self.environment = dict(environment)
        self.services = Services(self.directory, environment)
        self.children = _children(host, port)
        self.grpc_at: tuple[str, int] | None = None
        if grpc:
            # The gateway reads the same two settings.
            self.grpc_at = (
                self.environment.get("GRPC_HOST") or "127.0.0.1",
                int(self.environment.get("GRPC_PORT") or 50051),
            )
            self.children.append(_grpc())
        self.signals_seen = 0

    @property
    def address(self) -> str:
        """Where a browser on this machine finds the house."""
        return _address(self.host, self.port)

    def run(self) -> int:
        """Start, watch until asked to stop, stop. Returns the exit code; raises `StartupError` with a sentence."""
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signum, self._asked_to_stop)
        self.directory.mkdir(mode=0o711, parents=True, exist_ok=True)
        with hold_lock(self.directory / "run.lock", self.address):
            if not port_is_free(self.port, self.host):
                raise StartupError(
                    f"Port {self.port} is taken by another program. Choose another: make run PORT={self.port + 1}"
                )
            if self.grpc_at and not port_is_free(self.grpc_at[1], self.grpc_at[0]):
                raise StartupError(
                    f"Port {self.grpc_at[1]} for gRPC is taken by another program. Choose another: GRPC_PORT"
                )
            try:
                self._open()
                while not self.signals_seen:
                    self._watch()
                    time.sleep(_TICK_SECONDS)
            finally:
                self._close()
        return 0

    # -- opening ----------------------------------------------------------------------------------------------

    def _open(self) -> None:
        started = time.monotonic()
        say(
            "Starting the database and Redis"
            if self.services.postgres or self.services.redis
            else "Starting"
        )
        self.services.start()
        self._share_environment()
        # Kept until it is printed: an opening that was broken off must not lose the passwords.
        report = self.directory / "demo-report"
        if not self.signals_seen:
            self._prepare(report)
        for child in self.children:
            if not self.signals_seen:
                self._start(child)
        if self._wait_until_healthy():
            demo_people = report.read_text().strip() if report.exists() else ""
            report.unlink(missing_ok=True)
            print(self._banner(demo_people, time.monotonic() - started), flush=True)

    def _share_environment(self) -> None:
        """Complete the environment of the children, and keep it for commands run beside them."""
        self.environment |= self.services.urls()
        write_private(self.directory / "run.json", json.dumps(self.environment_of_the_run()))

    def environment_of_the_run(self) -> dict[str, str]:
        """Only what this run added or needs; the rest of the caller's environment is not ours to keep."""
        names = (
            "DATABASE_URL",
            "REDIS_URL",
            "SECRET_KEY",
            "VAPID_PRIVATE_KEY",
            "DEBUG",
            "HTTPS",
            "ALLOWED_HOSTS",
            "PUBLIC_BASE_URL",
        )
        return {name: self.environment[name] for name in names if name in self.environment}

    def _prepare(self, report: Path) -> None:
        say("Preparing the tables, the catalogue and the static files")
        command = [sys.executable, "-m", "config.runtime.prepare", "--demo-report", str(report)]
        child = Child("prepare", [*command, *([] if self.demo else ["--no-demo"])])
        os.close(os.open(report, os.O_CREAT | os.O_APPEND, 0o600))
        self._start(child)
        assert child.process is not None  # noqa: S101
        while child.process.poll() is None and not self.signals_seen:
            time.sleep(_TICK_SECONDS)
        code = child.process.poll()
        stop(child.process, signal.SIGTERM, patience=5)
        if code and not self.signals_seen:
            raise StartupError("The database could not be prepared; the lines above say why.")

    def _wait_until_healthy(self) -> bool:
        deadline = time.monotonic() + _HEALTH_SECONDS
        while not self.signals_seen:
            is_up = answers(_REACHED_AT.get(self.host, self.host), self.port)
            if is_up and (self.grpc_at is None or listens(*self.grpc_at)):
                return True
            if time.monotonic() > deadline:
                late = "gRPC gateway" if is_up else "web process"
                raise StartupError(
                    f"The {late} did not answer within {_HEALTH_SECONDS:.0f} seconds."
                )
            self._watch()
            time.sleep(_TICK_SECONDS)
        return False

    def _banner(self, demo_people: str, seconds: float) -> str:
        lines = ["", f"  Habyss is ready at {self.address}  ({seconds:.0f} s)"]
        if self.grpc_at:
            lines.append(f"  gRPC is served at {self.grpc_at[0]}:{self.grpc_at[1]}")
        lines.append("")
        if demo_people:
            lines += [*(f"  {line}" for line in demo_people.splitlines()), ""]
        lines += [f"  Ctrl-C stops it; your data stays in {self.directory}.", ""]
        return "\n".join(lines)

    # -- watching ---------------------------------------------------------------------------------------------

    def _watch(self) -> None:
        """Restart what died: a store at once, since all others wait for it; a child after its back-off."""
        before = self.services.urls() if self.services.postgres or self.services.redis else {}
        for name, store in (("database", self.services.postgres), ("redis", self.services.redis)):
            if store is not None and not store.running():
                self._restart_store(name, store)
        if before and before != self.services.urls():
            self._share_environment()
            for (
                child
            ) in self.children:  # a store had to move to another port: everybody must learn it
                self._stop(child)
                self._start(child)
        now = time.monotonic()
        for child in self.children:
            if child.process is not None and child.process.poll() is not None:
                self._plan_restart(child, child.process.returncode, now)
            elif child.due_at is not None and now >= child.due_at:
                self._start(child)

    def _restart_store(self, name: str, store: EmbeddedPostgres | EmbeddedRedis) -> None:
        assert store.process is not None  # noqa: S101
        say(f"{name} {_how_it_ended(store.process.returncode)}; starting it again")
        store.stop()
        store.preferred_port = store.port
        store.start()
        say(f"{name} is back")

    def _plan_restart(self, child: Child, code: int, now: float) -> None:
        if now - child.started_at > _SETTLED_SECONDS:
            child.back_off = _FIRST_BACK_OFF_SECONDS
        say(f"{child.name} {_how_it_ended(code)}; starting it again in {child.back_off:.0f} s")
        assert child.process is not None  # noqa: S101
        stop(child.process, signal.SIGTERM, patience=0)  # what it left in its process group
        child.process = None
        child.falls += 1
        child.due_at = now + child.back_off
        child.back_off = min(child.back_off * 2, _LONGEST_BACK_OFF_SECONDS)

    def _start(self, child: Child) -> None:
        child.process = spawn(
            child.command, env=self.environment, cwd=self.root, output=subprocess.PIPE
        )
        child.started_at = time.monotonic()
        child.due_at = None
        assert child.process.stdout is not None  # noqa: S101
        threading.Thread(
            target=_relay, args=(child.name, child.process.stdout), daemon=True
        ).start()

    # -- closing ----------------------------------------------------------------------------------------------

    def _asked_to_stop(self, signum: int, frame: FrameType | None) -> None:
        self.signals_seen += 1

    def _stop(self, child: Child) -> None:
        if child.process is not None:
            stop(child.process, signal.SIGTERM, patience=child.patience)
            child.process = None

    def _close(self) -> None:
        say("Stopping")
        living = [child for child in self.children if child.process is not None]
        for child in living:
            if child.process is not None and child.process.poll() is None:
                child.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + max((child.patience for child in living), default=0)
        signals_before = self.signals_seen
        while any(child.process and child.process.poll() is None for child in living):
            if time.monotonic() > deadline or self.signals_seen > signals_before:
                break
            time.sleep(_TICK_SECONDS)
        for child in living:
            if child.process is not None:
                stop(child.process, signal.SIGKILL, patience=5)
                child.process = None
        self.services.stop()
        (self.directory / "run.json").unlink(missing_ok=True)
        say("Stopped; your data is kept")


def _children(host: str, port: int) -> list[Child]:
    python = sys.executable
    # Beat apart from the workers: `celery worker -B` would orphan it. Batches apart from what a person waits for.
    worker = [python, "-m", "celery", "--quiet", "-A", "config", "worker", "--loglevel", "WARNING"]
    worker += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    beat = [python, "-m", "celery", "--quiet", "-A", "config", "beat", "--loglevel", "WARNING"]
    web = [python, "-m", "daphne", "--bind", host, "--port", str(port), "--verbosity", "0"]
    return [
        Child("web", [*web, "--no-server-name", "config.asgi:application"]),
        Child(
            "worker",
            [*worker, "-n", "worker@%h", "-Q", "interactive,delivery", "-c", "2"],
            patience=20,
        ),
        # Two, so that a long import does not hold everything else up.
        Child("batch", [*worker, "-n", "batch@%h", "-Q", "batch,imports", "-c", "2"], patience=20),
        Child("beat", [*beat, "--pidfile", ""]),
    ]


def _grpc() -> Child:
    """The gRPC gateway; it may take its grace to let calls end, and once more to save what runs."""
    return Child("grpc", [sys.executable, "manage.py", "run_grpc"], patience=20)


@contextlib.contextmanager
def hold_lock(path: Path, note: str) -> Iterator[None]:
    """One supervisor per directory. The lock is the kernel's, so a file left by a killed one means nothing."""
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "another process"
            raise AlreadyRunningError(
                f"Habyss already runs here: {holder}. Stop it there with Ctrl-C first."
            ) from None
        file.seek(0)
        file.truncate()
        file.write(f"{note} (process {os.getpid()})")
        file.flush()
        yield


def run_environment(
    directory: Path, given: Mapping[str, str], *, host: str, port: int
) -> dict[str, str]:
    """The caller's environment, completed with what a machine of one's own needs."""
    environment = dict(given)
    for name, make in (
        ("SECRET_KEY", lambda: secrets.token_urlsafe(50)),
        ("VAPID_PRIVATE_KEY", new_vapid_key),
    ):
        if not environment.get(name):
            key_file = directory / name.lower()
            if not key_file.exists():
                directory.mkdir(mode=0o711, parents=True, exist_ok=True)
                write_private(key_file, make())
            environment[name] = key_file.read_text().strip()
    names = {"localhost", "127.0.0.1", "[::1]", host}
    for name, value in {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEBUG": "0",
        "HTTPS": "0",  # no certificate on a machine of one's own
        "ALLOWED_HOSTS": "*" if host in {"0.0.0.0", "::"} else ",".join(sorted(names)),  # noqa: S104
        "PUBLIC_BASE_URL": _address(host, port),
        "STATIC_ROOT": str(directory / "static"),
        "MEDIA_ROOT": str(directory / "media"),
        "LOG_LEVEL": "WARNING",
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "ignore",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "OMP_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
    }.items():
        environment[name] = environment.get(name) or value  # an empty line in .env means "not set"
    return environment


def _address(host: str, port: int) -> str:
    reached_at = _REACHED_AT.get(host, host)
    return f"http://{f'[{reached_at}]' if ':' in reached_at else reached_at}:{port}"


def say(line: str) -> None:
    """A line of the supervisor's own."""
    print(f"• {line}", file=sys.stderr, flush=True)


def _relay(name: str, output: IO[bytes]) -> None:
    """Print a child's output line by line under its name."""
    label = f"{name:>7} |"
    if sys.stderr.isatty():
        label = f"\033[{_COLOURS.get(name, 37)}m{label}\033[0m"
    for line in iter(output.readline, b""):
        if not line.strip():
            continue
        with contextlib.suppress(OSError):
            print(label, line.decode(errors="replace").rstrip(), file=sys.stderr, flush=True)


def _how_it_ended(code: int) -> str:
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"stopped with exit code {code}"
