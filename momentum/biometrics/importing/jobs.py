"""Imports as jobs: taking the file in, reading it in the background, and what became of it.

One worker reads a file at a time, from its beginning: what a file says is the same each time and days that are
told again change nothing, so an import whose worker died is simply begun anew by the next one. The number of the
attempt is what a worker holds: who was taken for dead finds its number gone and stops. The file is deleted as
soon as it was read; the row stays.
"""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import PurePath
from typing import IO, Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core.files import File
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from momentum.biometrics.days import DayValue, record_days
from momentum.biometrics.ingesting import MOST_ITEMS, ingest
from momentum.models import HealthImport, ImportStatus, Metric

from .files import MEGABYTE, Progress, Unreadable, silent
from .gathering import Clock, Gathered
from .reading import SOURCES, Read, read

MOST_ATTEMPTS = 3
SAVED_EVERY = timedelta(seconds=1)
# Reading is nearly all of the work; what is left is for writing the days.
READING_SHARE = 0.95
MOST_REASONS = 40
OPEN = (ImportStatus.RECEIVING, ImportStatus.WAITING, ImportStatus.RUNNING)
GAVE_UP = "I tried this file three times and could not read it to its end."
GONE = "The file is gone. Please send it again."
logger = logging.getLogger(__name__)


class ImportRefused(Exception):
    """The file is not taken; the text says why, `code` and `status` are for programs."""

    def __init__(self, status: int, code: str, words: str) -> None:
        super().__init__(words)
        self.status = status
        self.code = code


class _Lost(Exception):
    """Another worker has the import, or its person deleted it."""


def check_size(size: int) -> None:
    """Raises `ImportRefused` for a file of this many bytes that is empty or too large."""
    if size <= 0:
        raise ImportRefused(400, "empty", "This file is empty.")
    if size > settings.HEALTH_IMPORT_MAX_MB * MEGABYTE:
        limit = settings.HEALTH_IMPORT_MAX_MB
        raise ImportRefused(413, "too_large", f"A file has at most {limit:,} MB.")


def check_whole(size: int) -> None:
    """Raises `ImportRefused` for a file of this many bytes that is too large to come in one request."""
    limit = settings.HEALTH_IMPORT_WHOLE_MB
    if size > limit * MEGABYTE:
        raise ImportRefused(
            413, "send_in_pieces", f"In one go a file has at most {limit:,} MB. Send it in pieces."
        )


def check_free(user: User) -> None:
    """Raises `ImportRefused` while another import of the person is open."""
    if HealthImport.objects.filter(user=user, status__in=OPEN).exists():
        raise _one_at_a_time()


def take_in(user: User, upload: "File[bytes]", name: str) -> HealthImport:
    """Keeps an uploaded file for a worker to read. Raises `ImportRefused`.

    A large upload lies on disk already and is moved, not copied.
    """
    check_size(upload.size)
    check_free(user)
    row = HealthImport(
        user=user, filename=plain_name(name), size=upload.size, bytes_received=upload.size
    )
    row.file.save(uuid4().hex, upload, save=False)
    save_new(row)
    return row


def plain_name(name: str) -> str:
    """What a client calls the file, without the folders around it."""
    return PurePath((name or "file").replace("\\", "/")).name.replace("\0", "")[:200] or "file"


def save_new(row: HealthImport) -> None:
    """Stores a new import whose file is there; without one left over. Raises `ImportRefused`."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        row.file.delete(save=False)
        raise _one_at_a_time() from None


def remove(row: HealthImport) -> None:
    """Deletes the import and its file; a worker that reads it stops. What it told of days stays."""
    storage, name = row.file.storage, row.file.name
    row.delete()
    if name:
        transaction.on_commit(lambda: storage.delete(str(name)))


def run(pk: UUID | str) -> bool:
    """Reads one import; returns False when another worker has it, it is done, or it is gone.

    What the file cannot help raises and leaves the import to the sweep.
    """
    now = timezone.now()
    claimed = HealthImport.objects.filter(_claimable(now), pk=pk).update(
        status=ImportStatus.RUNNING, heartbeat_at=now, attempts=F("attempts") + 1
    )
    if not claimed:
        return False
    row = HealthImport.objects.select_related("user").filter(pk=pk).first()
    if row is None:
        return False
    mine = HealthImport.objects.filter(pk=pk, status=ImportStatus.RUNNING, attempts=row.attempts)
    try:
        _run(row, mine)
    except _Lost:
        return False
    return True


def unfinished(now: datetime | None = None) -> list[UUID]:
    """Imports whose task never came or whose worker died."""
    now = now or timezone.now()
    # One that came in pieces waits since the last of them.
    waited = Q(status=ImportStatus.WAITING, created_at__lt=now - _stale()) & (
        Q(heartbeat_at=None) | Q(heartbeat_at__lt=now - _stale())
    )
    left = Q(status=ImportStatus.RUNNING, heartbeat_at__lt=now - _stale())
    return list(HealthImport.objects.filter(waited | left).values_list("pk", flat=True))


def clock_of(user: User, now: datetime) -> Clock:
    """Whose days a file is about."""
    return Clock(user.tz, user.day_start_hour, now)


def store(
    user: User, told: Read, *, now: datetime, beat: Progress = silent
) -> tuple[int, dict[str, int]]:
    """Hands what a file says to the person's days; returns how many changed and what was refused, by why."""
    gathered, source = told.gathered, SOURCES[told.kind]
    days = _counted(gathered.days(), gathered, beat)
    result = record_days(user, days, source, via="import", now=now)
    refused = {"values that cannot be": len(result.refused)} if result.refused else {}
    changed = result.changed
    items = list(_items(gathered, source))
    for start in range(0, len(items), MOST_ITEMS):
        beat(1.0, gathered.records)
        taken = ingest(user, items[start : start + MOST_ITEMS], via="import", now=now)
        changed += taken.days_changed
        for failure in taken.failed:
            refused[failure.words] = refused.get(failure.words, 0) + 1
    return changed, refused


def found_in(told: Read) -> dict[str, dict[str, Any]]:
    """By metric: how many days the file tells of, the first and the last of them."""
    found: dict[str, dict[str, Any]] = {}

    def add(metric: str, day: str) -> None:
        known = found.setdefault(metric, {"days": 0, "first": day, "last": day})
        known["days"] += 1
        known["first"], known["last"] = min(known["first"], day), max(known["last"], day)

    for value in told.gathered.days():
        add(str(value.metric), value.date.isoformat())
    active = {
        at.astimezone(told.gathered.clock.tz).date().isoformat() for at in told.gathered.activities
    }
    for day in active:
        add(Metric.ACTIVE_MINUTES.value, day)
    return found


def _run(row: HealthImport, mine: Any) -> None:
    began = row.created_at
    if row.attempts > MOST_ATTEMPTS:
        _finish(row, mine, status=ImportStatus.FAILED, error=GAVE_UP)
        return
    heartbeat = _Heartbeat(row, mine)
    try:
        with row.file.open("rb") as file:
            told = read(_plain(file), clock_of(row.user, began), progress=heartbeat.reading)
    except FileNotFoundError:
        _finish(row, mine, status=ImportStatus.FAILED, error=GONE)
        return
    except Unreadable as problem:
        _finish(row, mine, status=ImportStatus.FAILED, error=str(problem)[:300])
        return
    heartbeat.storing(1.0, told.records)
    changed, refused = store(row.user, told, now=timezone.now(), beat=heartbeat.storing)
    passed_over = told.gathered.passed_over
    passed_over.update(refused)
    _finish(
        row,
        mine,
        status=ImportStatus.DONE,
        kind=told.kind,
        bytes_read=row.size,
        records_read=told.records,
        # An earlier attempt that died half way through the writing had changed days too.
        days_changed=row.days_changed + changed,
        found=found_in(told),
        skipped=_reasons(passed_over),
        stopped=told.stopped[:300],
    )


def _finish(row: HealthImport, mine: Any, **result: Any) -> None:
    name = row.file.name
    if (
        mine.update(file="", finished_at=timezone.now(), heartbeat_at=timezone.now(), **result)
        and name
    ):
        row.file.storage.delete(name)


def _reasons(passed_over: Any) -> dict[str, int]:
    """The most frequent reasons; the rest together."""
    common = dict(passed_over.most_common(MOST_REASONS))
    rest = sum(passed_over.values()) - sum(common.values())
    return common | ({"Everything else": rest} if rest else {})


class _Heartbeat:
    """Saves the progress, every second at most; raises `_Lost` when the import is not ours any more."""

    def __init__(self, row: HealthImport, mine: Any) -> None:
        self._row = row
        self._mine = mine
        self._saved = datetime.min.replace(tzinfo=UTC)

    def reading(self, share: float, records: int, /) -> None:
        self._save(share * READING_SHARE, records)

    def storing(self, share: float, records: int, /) -> None:
        self._save(READING_SHARE + share * (1 - READING_SHARE), records)

    def _save(self, share: float, records: int) -> None:
        now = timezone.now()
        if now - self._saved < SAVED_EVERY:
            return
        self._saved = now
        alive = self._mine.update(
            bytes_read=min(self._row.size, int(self._row.size * share)),
            records_read=records,
            heartbeat_at=now,
        )
        if not alive:
            raise _Lost


def _counted(days: Iterator[DayValue], gathered: Gathered, beat: Progress) -> Iterator[DayValue]:
    """The days, with a sign of life now and then."""
    for count, day in enumerate(days):
        if count % 1000 == 0:
            beat(0.0, gathered.records)
        yield day


def _items(gathered: Gathered, source: str) -> Iterator[dict[str, Any]]:
    """Workouts as samples: a day may have several, told in several files."""
    for workout in sorted(gathered.activities.values(), key=lambda each: each.at):
        end = workout.at + timedelta(seconds=round(workout.minutes * 60))
        span = {"source": source, "start": workout.at.isoformat(), "end": end.isoformat()}
        for metric, value in (
            (Metric.ACTIVE_MINUTES, workout.minutes),
            (Metric.DISTANCE_KM, workout.distance_km),
            (Metric.ACTIVE_ENERGY_KCAL, workout.energy_kcal),
        ):
            if value:
                yield {**span, "metric": metric.value, "value": round(value, 3)}


def _plain(file: Any) -> IO[bytes]:
    """The stream below Django's wrapper."""
    return file.file if hasattr(file, "file") else file


def _stale() -> timedelta:
    return timedelta(seconds=settings.HEALTH_IMPORT_STALE_SECONDS)


def _claimable(now: datetime) -> Q:
    return Q(status=ImportStatus.WAITING) | Q(
        status=ImportStatus.RUNNING, heartbeat_at__lt=now - _stale()
    )


def _one_at_a_time() -> ImportRefused:
    return ImportRefused(
        409,
        "one_at_a_time",
        "One file is on its way or being read already. Please wait until it is done, or forget it.",
    )
