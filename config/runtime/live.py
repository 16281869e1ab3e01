"""Real processes of the house for tests and benchmarks: a web process and a worker that can be killed and restarted."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from config.runtime.processes import StartupError, free_port, spawn, stop, wait_until

ROOT = Path(__file__).resolve().parents[2]


class Program:
    """A child process with a log, that can be stopped, killed and started again."""

    name = "program"
    start_seconds = 180.0

    def __init__(self, environment: Mapping[str, str], directory: Path) -> None:
        self.environment = dict(environment)
        self.log = directory / f"{self.name}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def command(self) -> list[str]:
        """What to run."""
        raise NotImplementedError

    def ready(self) -> bool:
        """Whether the started process does its work."""
        raise NotImplementedError

    def running(self) -> bool:
        """Whether the process lives."""
        return self.process is not None and self.process.poll() is None

    def output(self) -> str:
        """Everything it said since the test began."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def start(self) -> None:
        """Start and wait until it is ready; `StartupError` with its output when it is not within its patience."""
        with self.log.open("ab") as log:
            self.process = spawn(
                self.command(),
                env=self.environment,
                cwd=ROOT,
                output=log,
                on_parent_death=signal.SIGKILL,
            )
        wait_until(
            lambda: not self.running() or self.ready(), seconds=self.start_seconds, every=0.05
        )
        if not self.running() or not self.ready():
            self.kill()
            raise StartupError(f"The {self.name} did not start:\n{self.output()[-4000:]}")

    def stop(self, *, patience: float = 10.0) -> None:
        """End it in order; harmless when it does not run."""
        if self.process is not None:
            stop(self.process, signal.SIGTERM, patience=patience)
            self.process = None

    def kill(self) -> None:
        """Kill it and all its children hard, as a power cut would."""
        if self.process is not None:
            if self.process.poll() is None:
                os.killpg(self.process.pid, signal.SIGKILL)
            stop(self.process, signal.SIGKILL, patience=10)
            self.process = None

    def restart(self) -> None:
        """Kill it and start it again at the same address."""
        self.kill()
        self.start()


class LiveSite(Program):
    """Daphne with pages, API and WebSocket on a free port of 127.0.0.1."""

    name = "web process"

    def __init__(
        self, environment: Mapping[str, str], directory: Path, *, port: int | None = None
    ) -> None:
        super().__init__(environment, directory)
        self.port = port or free_port()
        self.environment["PUBLIC_BASE_URL"] = self.url

    @property
    def url(self) -> str:
        """The base URL, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def websocket_url(self) -> str:
        """The base URL for WebSockets, without a slash at the end."""
        return f"ws://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        daphne = [sys.executable, "-m", "daphne", "--bind", "127.0.0.1", "--port", str(self.port)]
        return [*daphne, "--verbosity", "0", "config.asgi:application"]

    def ready(self) -> bool:
        return answers("127.0.0.1", self.port)


class LiveGateway(Program):
    """The gRPC gateway on a free port of 127.0.0.1."""

    name = "gRPC gateway"

    def __init__(
        self, environment: Mapping[str, str], directory: Path, *, port: int | None = None
    ) -> None:
        super().__init__(environment, directory)
        self.port = port or free_port()

    @property
    def address(self) -> str:
        """Host and port, as a channel takes them."""
        return f"127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        manage = [sys.executable, str(ROOT / "manage.py"), "run_grpc"]
        return [*manage, "--host", "127.0.0.1", "--port", str(self.port)]

    def ready(self) -> bool:
        return listens("127.0.0.1", self.port)


class LiveWorker(Program):
    """A Celery worker for all queues."""

    name = "worker"

    def __init__(
        self, environment: Mapping[str, str], directory: Path, *, concurrency: int = 1
    ) -> None:
        super().__init__({**environment, "LOG_LEVEL": "INFO"}, directory)
        self.concurrency = concurrency
        self._started_at = 0

    def command(self) -> list[str]:
        worker = [sys.executable, "-m", "celery", "-A", "config", "worker", "--loglevel", "INFO"]
        worker += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        return [*worker, "-Q", "interactive,delivery,batch,imports", "-c", str(self.concurrency)]

    def start(self) -> None:
        self._started_at = len(self.output())
        super().start()

    def ready(self) -> bool:
        return " ready." in self.output()[self._started_at :]


class LiveHouse(Program):
    """A whole `make run` with stores of its own under `directory`, any part of which may be killed."""

    name = "house"
    # Two stores, all migrations, the static files and five processes, perhaps beside other tests.
    start_seconds = 420.0

    def __init__(
        self, environment: Mapping[str, str], directory: Path, *, port: int | None = None
    ) -> None:
        own = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "VAPID_PRIVATE_KEY", "DEBUG", "HTTPS")
        super().__init__({k: v for k, v in environment.items() if k not in own}, directory)
        self.directory = directory / "var"
        self.port = port or free_port()
        self.arguments: list[str] = []
        self._started_at = 0

    @property
    def url(self) -> str:
        """The base URL, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        run = [sys.executable, "-m", "config.runtime", "run", "--no-demo"]
        own = ["--directory", str(self.directory), "--port", str(self.port)]
        return [*run, *own, *self.arguments]

    def start(self) -> None:
        self._started_at = len(self.output())
        super().start()

    def stop(self, *, patience: float = 60.0) -> None:
        super().stop(patience=patience)

    def ready(self) -> bool:
        return "Habyss is ready" in self.output()[self._started_at :]

    def serves(self) -> bool:
        """Whether the web process answers and reaches both stores."""
        return answers("127.0.0.1", self.port, "/readyz")

    def settings(self) -> dict[str, str]:
        """What the processes of the house were told: the URLs of its stores, its key."""
        shared: dict[str, str] = json.loads((self.directory / "run.json").read_text())
        return shared

    def part(self, pattern: str) -> int:
        """The pid of the one child whose command line matches: daphne, bin/postgres, valkey-server, worker@ …

        Raises `LookupError` when there is none, or more than one.
        """
        children = children_of(self.process.pid) if self.process else []
        found = [pid for pid in children if re.search(pattern, command_line(pid))]
        if len(found) != 1:
            raise LookupError(f"{len(found)} parts of the house match {pattern}")
        return found[0]

    def has(self, pattern: str) -> bool:
        """Whether exactly one child matches now."""
        try:
            return bool(self.part(pattern))
        except LookupError:
            return False

    def kill_part(self, pattern: str) -> None:
        """Kill one part hard; the supervisor will start it again."""
        os.kill(self.part(pattern), signal.SIGKILL)


def children_of(pid: int) -> list[int]:
    """The direct children of a process (Linux)."""
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []


def descendants_of(pid: int) -> set[int]:
    """The children of a process, their children, and so on (Linux)."""
    direct = children_of(pid)
    return set(direct).union(*(descendants_of(child) for child in direct))


def command_line(pid: int) -> str:
    """How a process was started (Linux); empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def is_alive(pid: int) -> bool:
    """Whether a process lives (Linux); a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def answers(host: str, port: int, path: str = "/healthz") -> bool:
    """Whether a house answers at this address, and with 200."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", path, headers={"Host": f"127.0.0.1:{port}"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def listens(host: str, port: int) -> bool:
    """Whether something takes connections at this address."""
    reached_at = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    try:
        with socket.create_connection((reached_at, port), timeout=5):
            return True
    except OSError:
        return False


def database_url(settings: Mapping[str, object]) -> str:
    """The URL of a configured Django database (`connection.settings_dict`), for a child process to use."""
    parts = {
        name: quote(str(settings.get(name) or ""), safe="")
        for name in ("USER", "PASSWORD", "HOST", "PORT")
    }
    address = f"{parts['USER']}:{parts['PASSWORD']}@{parts['HOST']}:{parts['PORT']}"
    return f"postgres://{address}/{quote(str(settings['NAME']), safe='')}"
