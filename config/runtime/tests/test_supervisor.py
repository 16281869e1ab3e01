"""`make run` as a person meets it: real children, killed on purpose."""

import signal
import socket
import subprocess
import time
from collections.abc import Callable

import psycopg
import pytest

from config.runtime.live import (
    ROOT,
    LiveHouse,
    answers,
    command_line,
    descendants_of,
    is_alive,
)
from config.runtime.processes import spawn, wait_until

pytestmark = pytest.mark.slow


def _gone(pids: set[int]) -> Callable[[], bool]:
    return lambda: not any(is_alive(pid) for pid in pids)


def _alive(pids: set[int]) -> list[str]:
    return [command_line(pid) for pid in pids if is_alive(pid)]


def _everybody(house: LiveHouse) -> set[int]:
    assert house.process is not None
    return descendants_of(house.process.pid)


def _end(house: LiveHouse, signum: signal.Signals) -> int:
    assert house.process is not None
    house.process.send_signal(signum)
    return house.process.wait(60)


def _own_words(house: LiveHouse) -> str:
    """What the supervisor itself said; a child that lost its database may say more."""
    return "\n".join(line for line in house.output().splitlines() if " | " not in line)


def _second(house: LiveHouse) -> subprocess.CompletedProcess[str]:
    """What another `make run` in the same place says."""
    return subprocess.run(
        house.command(),
        env=house.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_what_dies_is_started_again_with_a_line_and_ctrl_c_ends_everything(
    house: LiveHouse,
) -> None:
    house.start()
    assert house.serves()
    for pattern in ("daphne", r"bin/postgres ", "valkey-server", "celery .*worker@"):
        house.kill_part(pattern)

    said = ("web was killed by SIGKILL", "database was killed", "redis was killed", "worker was")
    assert wait_until(lambda: all(line in house.output() for line in said), seconds=60), (
        house.output()
    )
    assert wait_until(house.serves, seconds=60, every=0.1), house.output()
    assert wait_until(lambda: house.has("celery .*worker@"), seconds=60, every=0.1), house.output()

    everybody = _everybody(house)
    assert len(everybody) > 6
    assert _end(house, signal.SIGINT) == 0
    assert wait_until(_gone(everybody), seconds=5), _alive(everybody)
    assert "your data is kept" in house.output()
    assert "Traceback" not in _own_words(house)


def test_a_killed_supervisor_leaves_nobody_behind_and_the_next_one_finds_the_data(
    house: LiveHouse,
) -> None:
    house.start()
    shared = house.settings()
    with psycopg.connect(shared["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE kept (id int)")
    everybody = _everybody(house)
    assert _end(house, signal.SIGKILL) == -signal.SIGKILL
    assert wait_until(_gone(everybody), seconds=60, every=0.1), _alive(everybody)
    assert (house.directory / "run.lock").exists()

    house.start()
    shared_again = house.settings()
    for key in ("SECRET_KEY", "VAPID_PRIVATE_KEY"):
        assert shared_again[key] == shared[key]
    with psycopg.connect(shared_again["DATABASE_URL"]) as connection:
        connection.execute("SELECT * FROM kept")
    refused = _second(house)

    assert refused.returncode == 1
    assert refused.stderr.startswith("Habyss already runs here: http://127.0.0.1:")
    assert refused.stderr.count("\n") == 1
    assert _end(house, signal.SIGTERM) == 0


def test_a_taken_port_is_a_sentence(house: LiveHouse) -> None:
    with socket.socket() as somebody_else:
        somebody_else.bind(("127.0.0.1", house.port))
        somebody_else.listen()
        refused = _second(house)

    assert refused.returncode == 1
    assert refused.stderr.startswith(f"Port {house.port} is taken by another program.")
    assert "Traceback" not in refused.stderr
    assert not (house.directory / "postgres").exists()


def test_ctrl_c_while_opening_ends_everything_too(house: LiveHouse) -> None:
    with house.log.open("wb") as log:
        house.process = spawn(house.command(), env=house.environment, cwd=ROOT, output=log)
    assert wait_until(lambda: "Preparing" in house.output(), seconds=30)
    time.sleep(0.3)
    everybody = _everybody(house)

    assert _end(house, signal.SIGINT) == 0
    assert wait_until(_gone(everybody), seconds=5), _alive(everybody)
    assert not answers("127.0.0.1", house.port)
    assert "Traceback" not in _own_words(house)
