"""The journal: written, changed, taken back; once each, however often it is sent.

Words of a crisis are answered before anything else: the entry is kept for the person and feeds nothing. The
ledger learns that there is an entry and how long it is, not its words.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.day import local_day
from accounts.models import User
from coaching import ledger
from coaching.safety import CrisisAnswer, CrisisHit, answer, raise_alert, screen
from momentum.models import JournalEntry, ReadingSource

from . import queueing

LONGEST = 8000
AHEAD = timedelta(minutes=10)
LOOK_BACK = timedelta(days=366 * 5)


class EntryRefused(Exception):
    """This cannot be kept; the text says why, in words for the person."""


@dataclass(frozen=True)
class Written:
    """The entry, and the answer to words of a crisis, if there were any."""

    row: JournalEntry
    answer: CrisisAnswer | None = None


def write(
    user: User,
    text: str,
    *,
    at: datetime | None = None,
    client_id: str | None = None,
    source: str,
    now: datetime,
) -> Written:
    """Keeps an entry; the same `client_id` gives the same entry and adds nothing. Raises `EntryRefused`."""
    at = at or now
    text = _tidy(text)
    _refuse_unless_plausible(text, at, now)
    client_id = client_id or None  # a name that says nothing names nothing
    if client_id is not None:
        known = JournalEntry.objects.filter(user=user, client_id=client_id).first()
        if known is not None:
            return Written(known, answer_to(known))
    row = JournalEntry(
        user=user,
        text=text,
        at=at,
        local_date=local_day(user, at),
        source=source,
        client_id=client_id,
    )
    row.is_crisis = _hit(row) is not None
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            _record(row, "journal.written", source, f"journal:{row.pk}")
            _look_after(row)
    except IntegrityError:
        # The twin of this request was first.
        row = JournalEntry.objects.get(user=user, client_id=client_id)
    return Written(row, answer_to(row))


def edit(
    entry: JournalEntry,
    *,
    text: str | None = None,
    at: datetime | None = None,
    source: str,
    now: datetime,
) -> Written:
    """Changes an entry; changed words are read anew. Raises `EntryRefused`."""
    with transaction.atomic():
        row = _locked(entry)
        words = row.text if text is None else _tidy(text)
        moment = at or row.at
        if words == row.text and moment == row.at:
            return Written(row, answer_to(row))
        _refuse_unless_plausible(words, moment, now)
        before = row.local_date
        if words != row.text:
            row.text = words
            row.is_crisis = _hit(row) is not None
            row.motivation_type, row.internalization_score = "", None
        row.at = moment
        row.local_date = local_day(row.user, moment)
        row.save()
        stamp = row.updated_at.isoformat()
        _record(row, "journal.edited", source, f"journal:{row.pk}:edited:{stamp}")
        _look_after(row, before)
    return Written(row, answer_to(row))


def remove(entry: JournalEntry, *, source: str, now: datetime) -> JournalEntry:
    """Takes an entry back; it can be restored. Twice is once."""
    return _set_deleted(entry, now, "removed", source, now)


def restore(entry: JournalEntry, *, source: str, now: datetime) -> JournalEntry:
    """Brings an entry back. Twice is once."""
    return _set_deleted(entry, None, "restored", source, now)


def standing_entries(user: User) -> QuerySet[JournalEntry]:
    """The person's entries that were not taken back, newest first."""
    return JournalEntry.objects.filter(user=user, deleted_at__isnull=True).order_by("-at", "-pk")


def _locked(entry: JournalEntry) -> JournalEntry:
    rows = JournalEntry.objects.select_for_update(of=("self",)).select_related("user")
    return rows.get(pk=entry.pk)


def _set_deleted(
    entry: JournalEntry, deleted_at: datetime | None, what: str, source: str, now: datetime
) -> JournalEntry:
    with transaction.atomic():
        row = _locked(entry)
        if (row.deleted_at is None) != (deleted_at is None):
            row.deleted_at = deleted_at
            row.save(update_fields=["deleted_at", "updated_at"])
            _record(row, f"journal.{what}", source, f"journal:{row.pk}:{what}:{now.isoformat()}")
            _look_after(row)
    return row


def answer_to(row: JournalEntry) -> CrisisAnswer | None:
    """The fixed answer to an entry in crisis; `None` for all others."""
    hit = _hit(row) if row.is_crisis else None
    return answer(row.user, hit) if hit else None


def _hit(row: JournalEntry) -> CrisisHit | None:
    return screen(row.text, country=row.user.country, locale=row.user.locale)


def _look_after(row: JournalEntry, *other_days: date) -> None:
    """Has what follows from the change seen to, once it is committed; a crisis at once."""
    hit = _hit(row) if row.is_crisis and row.deleted_at is None else None
    if hit:
        raise_alert(row.user, hit, row.pk)
    queueing.read_later(ReadingSource.JOURNAL, row.pk)
    queueing.score_later(row.user_id, row.local_date, *other_days)


def _refuse_unless_plausible(text: str, at: datetime, now: datetime) -> None:
    if not text:
        raise EntryRefused("Write a few words first.")
    if at > now + AHEAD:
        raise EntryRefused("That time has not come yet.")
    if at < now - LOOK_BACK:
        raise EntryRefused("That is more than five years ago.")


def _tidy(text: str) -> str:
    return text.replace("\0", "").replace("\r\n", "\n").strip()[:LONGEST].strip()


def _record(row: JournalEntry, what: str, source: str, key: str) -> None:
    ledger.record(
        row.user,
        what,
        raw_data={
            "entry": str(row.pk),
            "local_date": row.local_date.isoformat(),
            "words": 0 if row.is_crisis else len(row.text.split()),
        },
        source=source,
        idempotency_key=key,
        occurred_at=row.at,
    )
