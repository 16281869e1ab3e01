"""Logging what was eaten, changing it, taking it back: once each, however often it is sent.

The row and its ledger entry are written in one transaction; the ledger keeps figures and the meal's time, not
its words.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from accounts.day import local_day
from accounts.models import User
from coaching import ledger
from habits.models import FoodEntry

from .reading import LONGEST, MOST_CALORIES

EDITABLE = ("text", "calories", "protein_g", "carbs_g", "fat_g", "eaten_at")
# A clock of a phone may run a little ahead; a meal of tomorrow was not eaten.
AHEAD = timedelta(minutes=10)
LOOK_BACK = timedelta(days=366)


class MealRefused(Exception):
    """This cannot be logged; the text says why, in words for the person."""


def log_food(
    user: User,
    text: str,
    *,
    calories: int | None = None,
    protein_g: Decimal | None = None,
    carbs_g: Decimal | None = None,
    fat_g: Decimal | None = None,
    eaten_at: datetime | None = None,
    client_id: str | None = None,
    source: str,
    now: datetime,
) -> FoodEntry:
    """Logs one meal of `user`; the same `client_id` gives the same row and adds nothing.

    Args:
        calories: kilocalories as the person gave them; nothing is guessed. Macros in grams, likewise.
        eaten_at: aware; default `now`.

    Raises:
        MealRefused: no words, figures nobody eats, a time to come or more than a year ago.
    """
    text = " ".join(text.split())[:LONGEST]
    eaten_at = eaten_at or now
    _refuse_unless_plausible(text, calories, eaten_at, now)
    if client_id is not None:
        known = FoodEntry.objects.filter(user=user, client_id=client_id).first()
        if known is not None:
            return known
    entry = FoodEntry(
        user=user,
        text=text,
        calories=calories,
        protein_g=protein_g,
        carbs_g=carbs_g,
        fat_g=fat_g,
        eaten_at=eaten_at,
        local_date=local_day(user, eaten_at),
        client_id=client_id,
        source=source,
    )
    try:
        with transaction.atomic():
            entry.save(force_insert=True)
            _record(entry, "food.logged", source, f"food:{entry.pk}")
    except IntegrityError:
        # The twin of this request was first.
        return FoodEntry.objects.get(user=user, client_id=client_id)
    _embed_on_commit(entry)
    return entry


def edit(entry: FoodEntry, changes: Mapping[str, Any], *, source: str, now: datetime) -> FoodEntry:
    """Changes a meal; nothing different changes nothing. Raises `MealRefused`."""
    with transaction.atomic():
        row = FoodEntry.objects.select_for_update().select_related("user").get(pk=entry.pk)
        wanted = {
            name: value
            for name, value in changes.items()
            if name in EDITABLE and getattr(row, name) != value
        }
        if not wanted:
            return row
        for name, value in wanted.items():
            setattr(row, name, value)
        row.text = " ".join(row.text.split())[:LONGEST]
        _refuse_unless_plausible(row.text, row.calories, row.eaten_at, now)
        row.local_date = local_day(row.user, row.eaten_at)
        if "text" in wanted:
            row.embedding = row.next_embedding = None
            row.embedding_model = row.next_embedding_model = None
        row.save()
        _record(row, "food.edited", source, f"food:{row.pk}:edited:{row.updated_at.isoformat()}")
    if "text" in wanted:
        _embed_on_commit(row)
    return row


def remove(entry: FoodEntry, *, source: str, now: datetime) -> FoodEntry:
    """Takes a meal back; it can be restored. Twice is once."""
    with transaction.atomic():
        row = FoodEntry.objects.select_for_update().select_related("user").get(pk=entry.pk)
        if row.deleted_at is None:
            row.deleted_at = now
            row.save(update_fields=["deleted_at", "updated_at"])
            _record(row, "food.removed", source, f"food:{row.pk}:removed:{now.isoformat()}")
    return row


def restore(entry: FoodEntry, *, source: str, now: datetime) -> FoodEntry:
    """Brings a meal back that was taken back. Twice is once."""
    with transaction.atomic():
        row = FoodEntry.objects.select_for_update().select_related("user").get(pk=entry.pk)
        if row.deleted_at is not None:
            row.deleted_at = None
            row.save(update_fields=["deleted_at", "updated_at"])
            _record(row, "food.restored", source, f"food:{row.pk}:restored:{now.isoformat()}")
    return row


def again(
    entry: FoodEntry, *, client_id: str | None = None, source: str, now: datetime
) -> FoodEntry:
    """Logs the same meal once more, now, with the figures it had."""
    return log_food(
        entry.user,
        entry.text,
        calories=entry.calories,
        protein_g=entry.protein_g,
        carbs_g=entry.carbs_g,
        fat_g=entry.fat_g,
        client_id=client_id,
        source=source,
        now=now,
    )


def _refuse_unless_plausible(
    text: str, calories: int | None, eaten_at: datetime, now: datetime
) -> None:
    if not text:
        raise MealRefused("What was it? A word or two is enough.")
    if calories is not None and not 0 <= calories <= MOST_CALORIES:
        raise MealRefused(f"A meal has at most {MOST_CALORIES:,} kcal here.")
    if eaten_at > now + AHEAD:
        raise MealRefused("That time has not come yet.")
    if eaten_at < now - LOOK_BACK:
        raise MealRefused("That is more than a year ago.")


def _record(entry: FoodEntry, what: str, source: str, key: str) -> None:
    ledger.record(
        entry.user,
        what,
        raw_data={
            "entry": str(entry.pk),
            "local_date": entry.local_date.isoformat(),
            "calories": entry.calories,
        },
        source=source,
        idempotency_key=key,
        occurred_at=entry.eaten_at,
    )


def _embed_on_commit(entry: FoodEntry) -> None:
    """The vector is made by a worker: nobody waits for it, and it is made good when that fails."""
    from habits.tasks import embed_food

    transaction.on_commit(lambda: embed_food.delay(str(entry.pk)), robust=True)
