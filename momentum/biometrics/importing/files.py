"""Opening what somebody uploaded: plain or in a zip file, with bounds on everything the file may claim.

Nothing is ever unpacked to disk and no name in an archive is used as a path.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Protocol

from django.conf import settings

MEGABYTE = 1024 * 1024
MAX_MEMBERS = 100_000
MAX_DIRECTORY = 64 * MEGABYTE
MAX_TABLES = 5_000
# Exports of Apple Health shrink to a thirtieth; a bomb to a thousandth (ours).
MAX_RATIO = 300
FREE_UNPACKED = 64 * MEGABYTE
HEAD = 64 * 1024


class Unreadable(Exception):
    """The file as a whole cannot be read; the text says why, in words for the person."""


class StoppedShort(Exception):
    """The file breaks off or breaks in the middle; what came before it was read. Says where and why."""


class Progress(Protocol):
    """Is told how much of the whole was read, from 0 to 1, and how many records."""

    def __call__(self, share: float, records: int, /) -> None: ...


def silent(share: float, records: int, /) -> None:
    """Progress that nobody looks at."""


@dataclass
class Counting:
    """A stream of bytes that counts what was read and ends with an error at `limit`."""

    stream: IO[bytes]
    limit: int
    count: int = field(default=0)

    def read(self, size: int = -1) -> bytes:
        data = self.stream.read(MEGABYTE if size < 0 else size)
        self.count += len(data)
        if self.count > self.limit:
            raise StoppedShort("it unpacks to far more than it holds, as no export does")
        return data


@dataclass(frozen=True, slots=True)
class Part:
    """One thing to read: the file itself, or a member of the archive."""

    name: str
    size: int
    open: Callable[[], IO[bytes]]
    limit: int

    def head(self, size: int = HEAD) -> bytes:
        """The first bytes."""
        with self.open() as stream:
            return stream.read(size)


@contextmanager
def parts_of(file: IO[bytes]) -> Iterator[list[Part]]:
    """What is in the file: itself, or the members of a zip file. Raises `Unreadable`."""
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size == 0:
        raise Unreadable("This file is empty.")
    start = file.read(4)
    file.seek(0)
    if start[:2] != b"PK":
        yield [Part("", size, lambda: _again(file), size + 1)]
        return
    _check_directory(file, size)
    try:
        with zipfile.ZipFile(file) as archive:
            yield [_member(archive, info, size) for info in archive.infolist() if _counts(info)]
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, struct.error):
        raise _cut_off() from None
    except (ValueError, UnicodeDecodeError, OverflowError):
        raise Unreadable("This zip file is damaged.") from None


def broken_archive(error: Exception) -> StoppedShort | None:
    """What an error inside a packed member means; `None` when it is none of those."""
    if isinstance(error, (zipfile.BadZipFile, zlib.error, EOFError)):
        return StoppedShort("the zip file is damaged from there on")
    return None


class _Kept(io.BufferedIOBase):
    """The uploaded file for one reading: closing it leaves the file itself open."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        return self._file.read(-1 if size is None else size)

    read1 = read


def _again(file: IO[bytes]) -> IO[bytes]:
    file.seek(0)
    return _Kept(file)  # type: ignore[return-value]


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, size: int) -> Part:
    most = settings.HEALTH_IMPORT_MAX_UNPACKED_MB * MEGABYTE
    limit = min(most, max(FREE_UNPACKED, MAX_RATIO * min(info.compress_size, size)))

    def open_member() -> IO[bytes]:
        if info.flag_bits & 0x1:
            raise Unreadable("This zip file asks for a password. Please bring one without.")
        return archive.open(info)

    return Part(info.filename, max(1, info.file_size), open_member, limit)


def _counts(info: zipfile.ZipInfo) -> bool:
    name = info.filename.rsplit("/", 1)[-1]
    return not info.is_dir() and not name.startswith(".") and "__MACOSX/" not in info.filename


def _check_directory(file: IO[bytes], size: int) -> None:
    """Looks at what the archive says of its directory before a library reads all of it into memory."""
    tail_size = min(size, 66_000)
    file.seek(size - tail_size)
    tail = file.read(tail_size)
    file.seek(0)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        raise _cut_off()
    count, length = struct.unpack_from("<HI", tail, at + 10)
    if count == 0xFFFF or length == 0xFFFFFFFF:
        large = tail.rfind(b"PK\x06\x06", 0, at)
        if large < 0 or len(tail) < large + 48:
            raise _cut_off()
        count, length = struct.unpack_from("<QQ", tail, large + 32)
    if count > MAX_MEMBERS or length > MAX_DIRECTORY:
        raise Unreadable("This zip file holds more files than any export does.")


def _cut_off() -> Unreadable:
    return Unreadable(
        "This zip file is damaged or was cut off on its way. Please export and send it again."
    )
