"""Child processes that never outlive the process that started them."""

import contextlib
import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1
# Below what Linux (from 32768) and macOS (from 49152) give to outgoing connections.
_SERVER_PORTS = range(20_000, 32_000)
_PORT_TRIES = 200
# Loaded before any fork: a child between fork and exec must not load libraries.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class StartupError(Exception):
    """Something the person at the terminal can act on; its text is one plain sentence or two."""


def die_with_parent(signum: signal.Signals) -> Callable[[], None]:
    """A `preexec_fn` that asks the kernel to send `signum` to the child when its parent dies, however it dies.

    The kernel watches the *thread* that forked, so children must be started from a thread that lives as long as
    the process does. Elsewhere than on Linux this does nothing.
    """
    parent = os.getpid()

    def arrange() -> None:
        if _LIBC is None:
            return
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(signum), 0, 0, 0)
        if os.getppid() != parent:  # it died between fork and prctl: no signal will come any more
            os._exit(1)

    return arrange


def spawn(
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    uid: int | None = None,
    output: IO[bytes] | int | None = None,
    on_parent_death: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, as `uid` when given, with standard error joined to its output."""
    identity = {} if uid is None else {"user": uid, "group": uid, "extra_groups": []}
    return subprocess.Popen(  # type: ignore[call-overload]
        list(command),
        env=None if env is None else dict(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        start_new_session=True,
        preexec_fn=die_with_parent(on_parent_death),
        **identity,
    )


def stop(child: subprocess.Popen[bytes], signum: signal.Signals, *, patience: float) -> None:
    """Ask `child` to stop with `signum`, wait `patience` seconds, then kill whatever is left of its process group."""
    if child.poll() is None:
        child.send_signal(signum)
        try:
            child.wait(patience)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    # The group is usually empty by now (macOS answers EPERM for a group of zombies).
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


def free_port(host: str = "127.0.0.1") -> int:
    """A TCP port nobody listens on right now, and that no outgoing connection is given meanwhile.

    The kernel would choose one of those it also gives to connections, and any connection could have it before
    the server that is to listen there gets so far. Raises `StartupError` when none was found.
    """
    for _ in range(_PORT_TRIES):
        port = random.choice(_SERVER_PORTS)
        if port_is_free(port, host):
            return port
    raise StartupError("No free port was found on this machine.")


def port_is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen on `host:port` now (connections in TIME_WAIT do not count)."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def wait_until(condition: Callable[[], bool], *, seconds: float, every: float = 0.02) -> bool:
    """Poll `condition` until it holds; False when it did not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(every)
    return True


def write_private(path: Path, text: str) -> None:
    """Write `text` to `path`, readable by its owner only from the first byte, and whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def tail(path: Path, lines: int = 8) -> str:
    """The last lines of a log, for an error message."""
    try:
        text = path.read_bytes()[-8192:].decode(errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.splitlines()[-lines:])
