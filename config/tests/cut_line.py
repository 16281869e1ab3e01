"""A line to a server that can be cut and mended: what a store that goes away looks like to its clients."""

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self


class Line:
    """Carries bytes from a free port of 127.0.0.1 to `host:port`, until it is cut."""

    def __init__(self, host: str, port: int) -> None:
        self._far_end = host, port
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self._is_cut = False
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        threading.Thread(target=self._take_calls, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.cut()
        _hang_up(self._door)

    def cut(self) -> None:
        """Hangs up on everybody, and on whoever calls from now on."""
        with self._lock:
            self._is_cut = True
            for end in self._open:
                _hang_up(end)
            self._open.clear()

    def mend(self) -> None:
        """New calls come through again."""
        with self._lock:
            self._is_cut = False

    def _take_calls(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._door.accept()
                with self._lock:
                    if self._is_cut:
                        _hang_up(near)
                        continue
                    far = socket.create_connection(self._far_end)
                    self._open += [near, far]
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=_carry, args=ends, daemon=True).start()


def _carry(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65_536):
            target.sendall(piece)
    _hang_up(source)
    _hang_up(target)


def _hang_up(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
