"""Files that come in pieces: opened with their size, sent one piece after another, resumed after a lost line.

The row says how much of the file is here. A piece is written at exactly that place, under the row's lock, and counts
once the row says so: one that came half, or twice, or beside its twin, leaves the file as it should be.
"""

import os
from datetime import datetime, timedelta
from typing import IO
from uuid import UUID, uuid4

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from momentum.models import HealthImport, ImportStatus

from .files import MEGABYTE
from .jobs import GONE, ImportRefused, check_free, check_size, plain_name, remove, save_new

# A web server that holds a request in memory has no trouble with this much.
MOST_PER_PIECE = 8 * MEGABYTE


class Gap(ImportRefused):
    """The piece begins behind what is here; `offset` is where the next one has to begin."""

    def __init__(self, offset: int) -> None:
        super().__init__(409, "gap", f"Something before it is missing. Go on at {offset}.")
        self.offset = offset


def open_upload(user: User, name: str, size: int) -> HealthImport:
    """An import whose file of `size` bytes will come in pieces. Raises `ImportRefused`."""
    check_size(size)
    check_free(user)
    row = HealthImport(
        user=user,
        filename=plain_name(name),
        size=size,
        status=ImportStatus.RECEIVING,
        heartbeat_at=timezone.now(),
    )
    row.file.save(uuid4().hex, ContentFile(b""), save=False)
    save_new(row)
    return row


@transaction.atomic
def add_piece(user: User, pk: UUID, offset: int, piece: bytes) -> tuple[HealthImport, bool]:
    """Appends a piece that begins at byte `offset`; returns the import, and whether the file is whole by it.

    A piece that begins before the present end was here already and changes nothing. Raises `Gap`, `ImportRefused`
    for a piece that is empty, too large or runs beyond the announced size, and `HealthImport.DoesNotExist`.
    """
    row = HealthImport.objects.select_for_update().get(user=user, pk=pk)
    if not piece:
        raise ImportRefused(400, "empty", "This piece is empty.")
    if len(piece) > MOST_PER_PIECE:
        raise too_large()
    if offset + len(piece) > row.size:
        raise ImportRefused(
            413, "too_long", f"This goes beyond the {row.size:,} bytes that were announced."
        )
    if offset > row.bytes_received:
        raise Gap(row.bytes_received)
    if row.status != ImportStatus.RECEIVING or offset < row.bytes_received:
        return row, False
    row.heartbeat_at = timezone.now()
    try:
        with row.file.storage.open(str(row.file.name), "r+b") as file:
            _write(file, offset, piece)
    except FileNotFoundError:
        row.status, row.error, row.file = ImportStatus.FAILED, GONE, ""
        row.finished_at = row.heartbeat_at
        row.save()
        return row, False
    row.bytes_received = offset + len(piece)
    is_whole = row.bytes_received == row.size
    if is_whole:
        row.status = ImportStatus.WAITING
    row.save(update_fields=["bytes_received", "status", "heartbeat_at"])
    return row, is_whole


def too_large() -> ImportRefused:
    """The refusal of a piece that is larger than one may be."""
    limit = MOST_PER_PIECE // MEGABYTE
    return ImportRefused(413, "too_large", f"A piece has at most {limit} MB.")


def drop_abandoned(now: datetime | None = None) -> int:
    """Deletes uploads whose last piece came long ago, and what there is of their files; returns how many."""
    before = (now or timezone.now()) - timedelta(hours=settings.HEALTH_IMPORT_ABANDONED_HOURS)
    abandoned = Q(status=ImportStatus.RECEIVING, heartbeat_at__lt=before)
    count = 0
    while True:
        with transaction.atomic():
            # One at a time, passing over those to which a piece is just being added.
            row = HealthImport.objects.select_for_update(skip_locked=True).filter(abandoned).first()
            if row is None:
                return count
            remove(row)
            count += 1


def _write(file: IO[bytes], offset: int, piece: bytes) -> None:
    """Raises `FileNotFoundError` when less is on disk than the row says."""
    if file.seek(0, os.SEEK_END) < offset:
        raise FileNotFoundError
    file.seek(offset)
    file.write(piece)
    file.flush()
    # On disk before the row says so.
    os.fsync(file.fileno())
