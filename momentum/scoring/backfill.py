"""Past days scored anew: in batches of people, watched, resumable, and beside whatever else goes on."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from accounts.models import User
from coaching.learning_permission import agreed_people
from momentum.models import (
    Backfill,
    BackfillStatus,
    MomentumPillar,
    ScoringVersion,
    VersionStatus,
)
from momentum.scoring import closing, daily, locks
from momentum.scoring.days import Scored, score_days

BATCH = 500
REASON = "Past days were scored anew"
DAY = timedelta(days=1)
# A run without a sign of life for so long is taken up by another.
DEAD_AFTER = timedelta(minutes=10)


class Busy(Exception):
    """The same backfill is running already."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a backfill is; `events_per_minute` of this run, `ends_at` an estimate (`None`: not known yet)."""

    people_done: int
    people_total: int
    events: int
    events_per_minute: float
    ends_at: datetime | None


OnProgress = Callable[[Progress], None]


def start(first: date, last: date, version: ScoringVersion, users: Sequence[UUID] = ()) -> Backfill:
    """A backfill to be carried on by `carry_on`; a draft becomes one that is being backfilled.

    Raises `Busy` when the same one is running. The days end with the last one in `last`.
    """
    with transaction.atomic():
        locked = ScoringVersion.objects.select_for_update().get(pk=version.pk)
        if _running(locked.name, first, last, users).exists():
            raise Busy(f"Version {locked.name} is being backfilled for these days.")
        if locked.status in (VersionStatus.DRAFT, VersionStatus.RETIRED):
            ScoringVersion.objects.filter(pk=locked.pk).update(status=VersionStatus.BACKFILLING)
        return Backfill.objects.create(
            version=locked.name,
            first_day=first,
            last_day=last,
            only=[str(person) for person in users],
            people_total=_people(users).count(),
        )


def unfinished(
    first: date, last: date, version: ScoringVersion, users: Sequence[UUID] = ()
) -> Backfill | None:
    """The newest backfill of these days that was broken off."""
    only = [str(person) for person in users]
    return (
        Backfill.objects.filter(version=version.name, first_day=first, last_day=last, only=only)
        .exclude(status=BackfillStatus.DONE)
        .order_by("-started_at")
        .first()
    )


def carry_on(
    run: Backfill,
    *,
    batch_size: int = BATCH,
    seconds: float | None = None,
    on_progress: OnProgress | None = None,
    now: Callable[[], datetime] = timezone.now,
) -> bool:
    """Goes on with a backfill for so many seconds (`None`: to its end); tells whether it is done.

    Each batch is one transaction with the mark how far it came, so that a kill costs a batch at most. A run
    that staff stopped ends here.
    """
    version = ScoringVersion.objects.get(name=run.version)
    only = [UUID(person) for person in run.only]
    began, events = time.monotonic(), 0
    while True:
        people = _people(only)
        if run.reached is not None:
            people = people.filter(pk__gt=run.reached)
        batch = list(people.order_by("pk").values_list("pk", flat=True)[:batch_size])
        if not batch:
            return _finish(run, version, now())
        try:
            done = _batch(run, version, batch, now())
        except Exception as error:
            Backfill.objects.filter(pk=run.pk).update(
                status=BackfillStatus.FAILED, error=str(error)[:2000], finished_at=now()
            )
            raise
        run.refresh_from_db()
        if run.status == BackfillStatus.STOPPED:
            return True
        events += done.events
        if on_progress is not None:
            on_progress(_progress(run, events, time.monotonic() - began, now()))
        if seconds is not None and time.monotonic() - began >= seconds:
            return False


def _batch(run: Backfill, version: ScoringVersion, batch: Sequence[UUID], now: datetime) -> Scored:
    with transaction.atomic():
        # Before anything is written: who scores live locks first, too, and then sums up the same days.
        locks.lock([version.name], batch)
        _close_open_days(run, batch, now)
        done = score_days(
            run.first_day,
            _last_day(run, batch),
            people=batch,
            version=version,
            reason=REASON,
            now=now,
        )
        daily.finalize(batch, now=now)
        Backfill.objects.filter(pk=run.pk).update(
            reached=batch[-1],
            people_done=run.people_done + len(batch),
            events_read=run.events_read + done.events,
            heartbeat_at=now,
        )
    return done


def _last_day(run: Backfill, batch: Sequence[UUID]) -> date:
    """Every later day that is scored already builds on the days of this run."""
    later = MomentumPillar.objects.filter(
        user__in=batch, version=run.version, date__gt=run.last_day
    ).aggregate(newest=Max("date"))["newest"]
    return later or run.last_day


def _close_open_days(run: Backfill, batch: Sequence[UUID], now: datetime) -> None:
    """Sums up the days with action steps that nobody summed up yet; others stay as they were summed up."""
    wanted = closing.open_days(batch, run.first_day, run.last_day)
    closing.close_days(wanted, now=now, only_open=True)


def _finish(run: Backfill, version: ScoringVersion, now: datetime) -> bool:
    """A version whose past is scored for everybody is ready; its last days follow what happens from now on."""
    with transaction.atomic():
        Backfill.objects.filter(pk=run.pk).update(
            status=BackfillStatus.DONE, finished_at=now, heartbeat_at=now, error=""
        )
        if not run.only:
            ScoringVersion.objects.filter(pk=version.pk, status=VersionStatus.BACKFILLING).update(
                status=VersionStatus.READY
            )
    run.refresh_from_db()
    return True


def stop(run: Backfill) -> None:
    """Has a running backfill end after its batch; it can be resumed."""
    Backfill.objects.filter(pk=run.pk, status=BackfillStatus.RUNNING).update(
        status=BackfillStatus.STOPPED, finished_at=timezone.now()
    )


def resume(run: Backfill) -> Backfill:
    """Takes up a backfill that was broken off; raises `Busy` while it gives signs of life."""
    now = timezone.now()
    with transaction.atomic():
        held = Backfill.objects.select_for_update().get(pk=run.pk)
        if held.status == BackfillStatus.RUNNING and held.heartbeat_at > now - DEAD_AFTER:
            raise Busy(f"It was at work at {held.heartbeat_at:%H:%M:%S} UTC.")
        held.status, held.heartbeat_at, held.finished_at = BackfillStatus.RUNNING, now, None
        held.error = ""
        held.save(update_fields=["status", "heartbeat_at", "finished_at", "error"])
    return held


def left_behind(*, now: datetime) -> list[Backfill]:
    """Running backfills that give no sign of life any more; each is handed out once a while."""
    dead = Backfill.objects.filter(status=BackfillStatus.RUNNING, heartbeat_at__lt=now - DEAD_AFTER)
    found = list(dead)
    return [run for run in found if dead.filter(pk=run.pk).update(heartbeat_at=now)]


def backfill(
    first: date,
    last: date,
    version: ScoringVersion,
    users: Sequence[UUID] = (),
    *,
    batch_size: int = BATCH,
    resuming: Backfill | None = None,
    on_progress: OnProgress | None = None,
) -> Backfill:
    """Scores the days from `first` to `last` of `users` (none named: everybody) anew under `version`."""
    run = resuming or start(first, last, version, users)
    carry_on(run, batch_size=batch_size, on_progress=on_progress)
    run.refresh_from_db()
    return run


def _people(users: Iterable[UUID]) -> QuerySet[User]:
    chosen = list(users)
    people = agreed_people()
    return people.filter(pk__in=chosen) if chosen else people


def _running(version: str, first: date, last: date, users: Sequence[UUID]) -> QuerySet[Backfill]:
    return Backfill.objects.filter(
        version=version,
        first_day=first,
        last_day=last,
        only=[str(person) for person in users],
        status=BackfillStatus.RUNNING,
        heartbeat_at__gt=timezone.now() - DEAD_AFTER,
    )


def _progress(run: Backfill, events: int, seconds: float, now: datetime) -> Progress:
    rate = run.people_done / seconds if seconds > 0 else 0.0
    left = max(0, run.people_total - run.people_done)
    ends_at = now + timedelta(seconds=left / rate) if rate else None
    per_minute = events / seconds * 60 if seconds > 0 else 0.0
    return Progress(run.people_done, run.people_total, events, per_minute, ends_at)
