"""`make run` as a person meets it: real children, killed on purpose."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from config.runtime.live import ROOT, answers
from config.runtime.processes import free_port, wait_until

pytestmark = pytest.mark.slow


class House:
    """A supervisor in a directory of its own, without the stores of this test run."""

    def __init__(self, directory: Path, static: Path) -> None:
        self.directory = directory
        self.port = free_port()
        self.log = directory.with_name("house.log")
        own = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DEBUG")
        self.environment = {k: v for k, v in os.environ.items() if k not in own}
        self.environment["STATIC_ROOT"] = str(static)
        self.process: subprocess.Popen[bytes] | None = None

    def command(self, *more: str) -> list[str]:
        run = [sys.executable, "-m", "config.runtime", "run", "--no-demo"]
        return [*run, "--directory", str(self.directory), "--port", str(self.port), *more]

    def open(self) -> None:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.command(), env=self.environment, cwd=ROOT, stdout=log, stderr=log
            )
        assert wait_until(lambda: "Habyss is ready" in self.said() or self.ended(), seconds=60)
        assert not self.ended(), self.said()

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def close(self, signum: signal.Signals = signal.SIGINT) -> int:
        assert self.process is not None
        self.process.send_signal(signum)
        return self.process.wait(40)

    def descendants(self) -> set[int]:
        assert self.process is not None
        return _descendants(self.process.pid)

    def child(self, pattern: str) -> int:
        """The pid of the one direct child whose command line matches."""
        assert self.process is not None
        found = [
            pid for pid in _children(self.process.pid) if re.search(pattern, _command_line(pid))
        ]
        assert len(found) == 1, (pattern, found)
        return found[0]

    def ready(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def second(self, *more: str) -> subprocess.CompletedProcess[str]:
        """What another `make run` in the same place says."""
        return subprocess.run(
            self.command(*more),
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []


def _descendants(pid: int) -> set[int]:
    direct = _children(pid)
    return set(direct).union(*(_descendants(child) for child in direct))


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _gone(pids: set[int]) -> Callable[[], bool]:
    return lambda: not any(_alive(pid) for pid in pids)


@pytest.fixture
def house(_collected_static: Path) -> Iterator[House]:
    import shutil
    import tempfile

    base = Path(tempfile.mkdtemp(prefix="habyss-house-"))
    base.chmod(0o711)
    house = House(base / "var", _collected_static)
    yield house
    if not house.ended():
        house.close()
    shutil.rmtree(base)


def test_what_dies_is_started_again_with_a_line_and_ctrl_c_ends_everything(house: House) -> None:
    house.open()
    assert house.ready()
    for pattern in ("daphne", r"bin/postgres ", "valkey-server", "celery .*worker@"):
        os.kill(house.child(pattern), signal.SIGKILL)

    said = ("web was killed by SIGKILL", "database was killed", "redis was killed", "worker was")
    assert wait_until(lambda: all(line in house.said() for line in said), seconds=20), house.said()
    assert wait_until(house.ready, seconds=30, every=0.1), house.said()
    house.child("celery .*worker@")  # one again, not two

    everybody = house.descendants()
    assert len(everybody) > 6
    assert house.close() == 0
    assert _gone(everybody)()
    assert "your data is kept" in house.said()
    assert "Traceback" not in house.said()


def test_a_killed_supervisor_leaves_nobody_behind_and_the_next_one_finds_the_data(
    house: House,
) -> None:
    house.open()
    shared = json.loads((house.directory / "run.json").read_text())
    with psycopg.connect(shared["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE kept (id int)")
    everybody = house.descendants()
    assert house.close(signal.SIGKILL) == -signal.SIGKILL
    assert wait_until(_gone(everybody), seconds=25, every=0.1), [
        _command_line(pid) for pid in everybody if _alive(pid)
    ]
    assert (house.directory / "run.lock").exists()

    house.open()
    shared_again = json.loads((house.directory / "run.json").read_text())
    assert shared_again["SECRET_KEY"] == shared["SECRET_KEY"]
    with psycopg.connect(shared_again["DATABASE_URL"]) as connection:
        connection.execute("SELECT * FROM kept")
    refused = house.second()

    assert refused.returncode == 1
    assert refused.stderr.startswith("Habyss already runs here: http://127.0.0.1:")
    assert refused.stderr.count("\n") == 1
    assert house.close(signal.SIGTERM) == 0


def test_a_taken_port_is_a_sentence(house: House) -> None:
    with socket.socket() as somebody_else:
        somebody_else.bind(("127.0.0.1", house.port))
        somebody_else.listen()
        refused = house.second()

    assert refused.returncode == 1
    assert refused.stderr.startswith(f"Port {house.port} is taken by another program.")
    assert "Traceback" not in refused.stderr
    assert not (house.directory / "postgres").exists()


def test_ctrl_c_while_opening_ends_everything_too(house: House) -> None:
    with house.log.open("wb") as log:
        house.process = subprocess.Popen(
            house.command(), env=house.environment, cwd=ROOT, stdout=log, stderr=log
        )
    assert wait_until(lambda: "Preparing" in house.said(), seconds=30)
    time.sleep(0.3)
    everybody = house.descendants()

    assert house.close() == 0
    assert _gone(everybody)()
    assert not answers("127.0.0.1", house.port)
    assert "Traceback" not in house.said()
