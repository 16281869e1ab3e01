"""Work on momentum that nobody waits for. Each task makes one call and may run twice."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from celery import shared_task
from django.core.files import File
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from momentum import outcomes, retention, visits, withdrawal
from momentum.biometrics import changes, pushes
from momentum.biometrics.importing import jobs, receiving
from momentum.models import Backfill, BackfillStatus, HealthImport, ReadingSource, ScoringVersion
from momentum.motivation import keeping, scores
from momentum.scoring import backfill, daily, live, locks


# --- Outcomes and visits ------------------------------------------------------------------------
@shared_task(time_limit=120)
def mark_missed_visits() -> int:
    """Marks the visits nobody came to within the hour."""
    return visits.mark_those_missed(now=timezone.now())


@shared_task(time_limit=3600)
def compute_outcomes() -> int:
    """Computes what came of the weeks that are over by now."""
    return outcomes.compute_due(now=timezone.now())


# --- Keeping ----------------------------------------------------------------------------------------
@shared_task(time_limit=3600)
def apply_retention() -> int:
    """Lets go of what is older than the policies keep; returns how many rows."""
    return sum(gone.rows for gone in retention.apply_retention(now=timezone.now()))


# --- Imports ----------------------------------------------------------------------------------------
@shared_task(time_limit=2 * 3600)
def read_health_import(pk: str) -> bool:
    """Reads one file of health data. A second task for it finds nothing to do while the first is at work.

    It may outlast the broker's patience: then the broker sends it again, and that one ends at once.
    """
    return jobs.run(pk)


def start_import(user: User, upload: "File[bytes]", name: str) -> HealthImport:
    """Takes a file in and sends it on its way to a worker. Raises `jobs.ImportRefused`."""
    row = jobs.take_in(user, upload, name)
    _send_on_its_way(row)
    return row


def add_to_import(user: User, pk: UUID, offset: int, piece: bytes) -> HealthImport:
    """Adds a piece to a file that comes in pieces; the last one sends it on its way to a worker.

    Raises `receiving.Gap`, `jobs.ImportRefused` and `HealthImport.DoesNotExist`.
    """
    row, is_whole = receiving.add_piece(user, pk, offset, piece)
    if is_whole:
        _send_on_its_way(row)
    return row


def _send_on_its_way(row: HealthImport) -> None:
    def enqueue() -> None:
        # Without a broker nobody is kept waiting: the sweep finds the import later.
        read_health_import.apply_async((str(row.pk),), retry=False)

    transaction.on_commit(enqueue, robust=True)


@shared_task(time_limit=60)
def sweep_health_imports() -> int:
    """Sends imports on their way anew whose task was lost or whose worker died; drops abandoned uploads."""
    receiving.drop_abandoned()
    left = jobs.unfinished()
    for pk in left:
        read_health_import.delay(str(pk))
    return len(left)


# --- Motivation ---------------------------------------------------------------------------------
@shared_task(time_limit=240)
def read_motivation(source: str, source_id: str) -> bool:
    """Reads one text for what it tells of motivation."""
    reading = keeping.read(ReadingSource(source), UUID(source_id), now=timezone.now())
    return reading is not None


@shared_task(time_limit=120)
def score_motivation(user_id: str, day: str) -> int:
    """Scores the motivation of one of a person's days."""
    return scores.score_day(UUID(user_id), date.fromisoformat(day), now=timezone.now())


@shared_task(time_limit=290)
def read_missed_motivation() -> int:
    """Reads what the queue lost."""
    return keeping.read_missed(now=timezone.now())


# --- Biometrics -------------------------------------------------------------------------------------
@shared_task(time_limit=600)
def process_provider_pushes(user_id: str) -> int:
    """Takes over what a maker of devices sent for a person."""
    return pushes.process(UUID(user_id), now=timezone.now())


@shared_task(time_limit=60)
def sweep_provider_pushes() -> int:
    """Has pushes processed that got lost on their way to the queue."""
    left = pushes.left_behind(now=timezone.now())
    for user_id in left:
        process_provider_pushes.delay(str(user_id))
    return len(left)


@shared_task(time_limit=3600)
def find_biometric_changes() -> int:
    """Asks people about notable changes of whole weeks; daily, so that a missed day loses nothing."""
    return changes.find_changes(now=timezone.now())


@shared_task(time_limit=600)
def expire_biometric_changes() -> int:
    """Puts away questions nobody answered."""
    return changes.expire(now=timezone.now())


# --- Scoring ------------------------------------------------------------------------------------
@shared_task(time_limit=120)
def score_person(user_id: str) -> bool:
    """Scores what is pending of one person; a long past is left to the queue of the many."""
    person = UUID(user_id)
    if live.is_long(person, now=timezone.now()):
        score_people.delay([user_id])
        return False
    return live.score_person(person) is not None


@shared_task(time_limit=120)
def sweep_pending_scores() -> int:
    """Has people scored whose task never came, or of whom was told in bulk."""
    groups = live.hand_out(now=timezone.now())
    for group in groups:
        score_people.delay([str(person) for person in group])
    return len(groups)


@shared_task(time_limit=280)
def score_people(people: list[str]) -> int:
    """Scores what is pending of a group of people."""
    return live.score_pending([UUID(person) for person in people], now=timezone.now())


@shared_task(time_limit=120)
def begin_days() -> int:
    """Has the day begun for everybody whose own day just did; returns of how many groups."""
    people = daily.people_whose_day_began(now=timezone.now()).order_by("pk")
    ids = [str(person) for person in people.values_list("pk", flat=True)]
    groups = [ids[start : start + locks.FEW] for start in range(0, len(ids), locks.FEW)]
    for group in groups:
        begin_days_of.delay(group)
    return len(groups)


@shared_task(time_limit=280)
def begin_days_of(people: list[str]) -> int:
    """Sums up yesterday, scores it and today, and makes old days final, for a group of people."""
    now = timezone.now()
    left = daily.still_to_begin([UUID(person) for person in people], now=now)
    return daily.begin_days(left, now=now).rows


@shared_task(time_limit=280)
def continue_backfill(run_id: str) -> bool:
    """Goes on with a backfill for a few minutes, then hands it on to the next task."""
    run = Backfill.objects.get(pk=run_id)
    if run.status != BackfillStatus.RUNNING:
        return False
    is_done = backfill.carry_on(run, seconds=120)
    if not is_done:
        continue_backfill.delay(run_id)
    return is_done


@shared_task(time_limit=60)
def sweep_backfills() -> int:
    """Takes up backfills whose worker died."""
    left = backfill.left_behind(now=timezone.now())
    for run in left:
        continue_backfill.delay(str(run.pk))
    return len(left)


def start_backfill(
    first: date, last: date, version: ScoringVersion, users: Sequence[UUID] = ()
) -> Backfill:
    """Starts a backfill in the background. Raises `backfill.Busy` while the same one is running."""
    run = backfill.start(first, last, version, users)
    transaction.on_commit(lambda: continue_backfill.delay(str(run.pk)))
    return run


# --- Withdrawal ---------------------------------------------------------------------------------
@shared_task(time_limit=240)
def forget_derived(user_id: str) -> int:
    """Deletes what was derived of a person who just took back their consent."""
    return withdrawal.forget(UUID(user_id))


@shared_task(time_limit=290)
def forget_those_who_withdrew() -> int:
    """Deletes what was derived of people who took back their consent, wherever anything is left."""
    return withdrawal.forget_those_who_withdrew()
