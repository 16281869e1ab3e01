"""Checking in: how much energy, how motivated, in what mood; once each, however often it is sent.

The row and its ledger entry are written in one transaction; the ledger keeps figures, not words. A note in
crisis is answered with fixed words; the check-in is kept and feeds nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.day import local_day
from accounts.models import User
from coaching import ledger
from coaching.safety import CrisisAnswer, CrisisHit, answer, raise_alert, screen
from momentum.models import CheckIn, ReadingSource

from . import queueing

ENERGY = (1, 5)
MOTIVATION = (1, 10)
LONGEST_NOTE = 500
LONGEST_MOOD = 24
# Offered as one tap; any other word may be said as well.
MOODS = ("calm", "happy", "hopeful", "tired", "tense", "low")
EDITABLE = ("energy", "motivation", "mood", "note", "at")
# A clock of a phone may run a little ahead.
AHEAD = timedelta(minutes=10)
LOOK_BACK = timedelta(days=366)
ENERGY_WORDS = ("", "Empty", "Low", "Middling", "Good", "Full")


class CheckInRefused(Exception):
    """This cannot be kept; the text says why, in words for the person."""


@dataclass(frozen=True)
class CheckedIn:
    """What was kept, and the answer to words of a crisis, if there were any."""

    row: CheckIn
    answer: CrisisAnswer | None = None


def check_in(
    user: User,
    *,
    energy: int | None = None,
    motivation: int | None = None,
    mood: str = "",
    note: str = "",
    at: datetime | None = None,
    client_id: str | None = None,
    source: str,
    now: datetime,
) -> CheckedIn:
    """Keeps how `user` is; the same `client_id` gives the same row and adds nothing.

    Args:
        energy: perceived, 1 to 5. motivation: 1 to 10. At least one of the four things is said.
        at: aware; default `now`.

    Raises:
        CheckInRefused: nothing was said, a figure out of its scale, a time to come or more than a year ago.
    """
    at = at or now
    mood, note = _tidy(mood, LONGEST_MOOD).lower(), _tidy(note, LONGEST_NOTE)
    _refuse_unless_plausible(energy, motivation, mood, note, at, now)
    client_id = client_id or None  # a name that says nothing names nothing
    if client_id is not None:
        known = CheckIn.objects.filter(user=user, client_id=client_id).first()
        if known is not None:
            return CheckedIn(known, answer_to(known))
    row = CheckIn(
        user=user,
        energy=energy,
        motivation=motivation,
        mood=mood,
        note=note,
        at=at,
        local_date=local_day(user, at),
        source=source,
        client_id=client_id,
    )
    row.is_crisis = _hit(row) is not None
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            _record(row, "check_in.told", source, f"check_in:{row.pk}")
            _look_after(row)
    except IntegrityError:
        # The twin of this request was first.
        row = CheckIn.objects.get(user=user, client_id=client_id)
    return CheckedIn(row, answer_to(row))


def edit(row: CheckIn, changes: Mapping[str, Any], *, source: str, now: datetime) -> CheckedIn:
    """Changes a check-in; nothing different changes nothing. Raises `CheckInRefused`."""
    with transaction.atomic():
        fresh = (
            CheckIn.objects.select_for_update(of=("self",)).select_related("user").get(pk=row.pk)
        )
        before = fresh.local_date
        wanted = {
            name: value
            for name, value in changes.items()
            if name in EDITABLE and getattr(fresh, name) != value
        }
        if not wanted:
            return CheckedIn(fresh, answer_to(fresh))
        for name, value in wanted.items():
            setattr(fresh, name, value)
        fresh.mood = _tidy(fresh.mood, LONGEST_MOOD).lower()
        fresh.note = _tidy(fresh.note, LONGEST_NOTE)
        _refuse_unless_plausible(
            fresh.energy, fresh.motivation, fresh.mood, fresh.note, fresh.at, now
        )
        fresh.local_date = local_day(fresh.user, fresh.at)
        fresh.is_crisis = _hit(fresh) is not None
        fresh.save()
        stamp = fresh.updated_at.isoformat()
        _record(fresh, "check_in.edited", source, f"check_in:{fresh.pk}:edited:{stamp}")
        _look_after(fresh, before)
    return CheckedIn(fresh, answer_to(fresh))


def remove(row: CheckIn, *, source: str, now: datetime) -> CheckIn:
    """Takes a check-in back; it can be restored. Twice is once."""
    return _set_deleted(row, now, "removed", source, now)


def restore(row: CheckIn, *, source: str, now: datetime) -> CheckIn:
    """Brings a check-in back. Twice is once."""
    return _set_deleted(row, None, "restored", source, now)


def standing_rows(user: User) -> QuerySet[CheckIn]:
    """The person's check-ins that were not taken back, newest first."""
    return CheckIn.objects.filter(user=user, deleted_at__isnull=True).order_by("-at", "-pk")


def in_words(row: CheckIn) -> str:
    """What was said, for example "Energy 3 of 5, motivation 7 of 10, calm"."""
    parts = []
    if row.energy is not None:
        parts.append(f"energy {row.energy} of {ENERGY[1]}")
    if row.motivation is not None:
        parts.append(f"motivation {row.motivation} of {MOTIVATION[1]}")
    if row.mood:
        parts.append(row.mood)
    if not parts:
        return "A note"
    words = ", ".join(parts)
    return words[0].upper() + words[1:]


def _set_deleted(
    row: CheckIn, deleted_at: datetime | None, what: str, source: str, now: datetime
) -> CheckIn:
    with transaction.atomic():
        fresh = (
            CheckIn.objects.select_for_update(of=("self",)).select_related("user").get(pk=row.pk)
        )
        if (fresh.deleted_at is None) != (deleted_at is None):
            fresh.deleted_at = deleted_at
            fresh.save(update_fields=["deleted_at", "updated_at"])
            key = f"check_in:{fresh.pk}:{what}:{now.isoformat()}"
            _record(fresh, f"check_in.{what}", source, key)
            _look_after(fresh)
    return fresh


def answer_to(row: CheckIn) -> CrisisAnswer | None:
    """The fixed answer to a check-in in crisis; `None` for all others."""
    hit = _hit(row) if row.is_crisis else None
    return answer(row.user, hit) if hit else None


def _hit(row: CheckIn) -> CrisisHit | None:
    words = f"{row.mood}. {row.note}"
    return screen(words, country=row.user.country, locale=row.user.locale)


def _look_after(row: CheckIn, *other_days: date) -> None:
    """Has what follows from the change seen to, once it is committed; a crisis at once."""
    hit = _hit(row) if row.is_crisis and row.deleted_at is None else None
    if hit:
        raise_alert(row.user, hit, row.pk)
    queueing.read_later(ReadingSource.CHECK_IN, row.pk)
    queueing.score_later(row.user_id, row.local_date, *other_days)


def _refuse_unless_plausible(
    energy: int | None, motivation: int | None, mood: str, note: str, at: datetime, now: datetime
) -> None:
    if energy is None and motivation is None and not mood and not note:
        raise CheckInRefused("Pick a number, or write a word: one is enough.")
    if energy is not None and not ENERGY[0] <= energy <= ENERGY[1]:
        raise CheckInRefused("Energy goes from 1 to 5.")
    if motivation is not None and not MOTIVATION[0] <= motivation <= MOTIVATION[1]:
        raise CheckInRefused("Motivation goes from 1 to 10.")
    if at > now + AHEAD:
        raise CheckInRefused("That time has not come yet.")
    if at < now - LOOK_BACK:
        raise CheckInRefused("That is more than a year ago.")


def _tidy(words: str, longest: int) -> str:
    return " ".join(words.replace("\0", "").split())[:longest].strip()


def _record(row: CheckIn, what: str, source: str, key: str) -> None:
    ledger.record(
        row.user,
        what,
        raw_data={
            "check_in": str(row.pk),
            "local_date": row.local_date.isoformat(),
            "energy": None if row.is_crisis else row.energy,
            "motivation": None if row.is_crisis else row.motivation,
        },
        source=source,
        idempotency_key=key,
        occurred_at=row.at,
    )
