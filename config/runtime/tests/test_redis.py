"""The embedded Redis: closed to strangers, and it forgets nothing."""

import os
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.runtime.processes import wait_until
from config.runtime.redis import EmbeddedRedis


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    with EmbeddedRedis(tmp_path / "redis") as server:
        yield server


def _client(server: EmbeddedRedis) -> redis.Redis:
    return redis.Redis.from_url(server.url())


def test_it_asks_for_the_password(server: EmbeddedRedis) -> None:
    with (
        redis.Redis(host="127.0.0.1", port=server.port, retry=Retry(NoBackoff(), 0)) as stranger,
        pytest.raises(redis.AuthenticationError),
    ):
        stranger.ping()
    assert stat.S_IMODE((server.directory / "password").stat().st_mode) == 0o600


def test_the_password_is_not_on_the_command_line(server: EmbeddedRedis) -> None:
    assert server.process is not None
    command = Path(f"/proc/{server.process.pid}/cmdline")
    if command.exists():
        assert (server.directory / "password").read_text() not in command.read_text()


def test_a_full_broker_refuses_new_work_and_keeps_the_old(server: EmbeddedRedis) -> None:
    with _client(server) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client.config_get("appendonly") == {"appendonly": "yes"}


def test_a_hard_kill_loses_nothing_that_was_written_out(server: EmbeddedRedis) -> None:
    with _client(server) as client:
        client.config_set("appendfsync", "always")
        client.rpush("queue", "a task")
    assert server.process is not None
    os.kill(server.process.pid, signal.SIGKILL)
    assert wait_until(lambda: not server.running(), seconds=5)

    server.preferred_port = server.port
    server.start()

    with _client(server) as client:
        assert client.lrange("queue", 0, -1) == [b"a task"]


def test_a_taken_port_is_left_to_its_owner(server: EmbeddedRedis, tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path / "other", port=server.port, durable=False) as other:
        assert other.port != server.port
        with _client(other) as client:
            assert client.ping()
