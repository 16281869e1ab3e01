"""Letting a habit rest, bringing it back, putting it away."""

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.day import local_day
from accounts.models import User
from coaching import ledger
from habits import standing
from habits.models import Habit, HabitPause, HabitSequence, HabitStatus


class PauseRefused(Exception):
    """This habit cannot rest or be brought back now; the text says why, in words for the person."""


def pause(
    user: User,
    habit: Habit,
    *,
    until: date | None = None,
    source: str,
    today: date | None = None,
    sequence: HabitSequence | None = None,
) -> Habit:
    """Lets `habit` rest from today to `until`, included; without an end until it is resumed.

    A rest keeps strength and streak as they are. Pausing what rests already moves the end. A rest that
    came with a whole plan carries its `sequence`, and ends with it; the person's own rest does not.
    """
    today = today or local_day(user)
    if until is not None and until < today:
        raise PauseRefused("A pause ends today at the earliest.")
    with transaction.atomic():
        habit = _locked(user, habit)
        if habit.status in (HabitStatus.ARCHIVED, HabitStatus.PLANNED):
            raise PauseRefused(f"“{habit.name}” is not running, so there is nothing to pause.")
        rest = _resting(habit, today)
        if rest is None:
            rest = HabitPause(habit=habit, starts_on=today)
        elif rest.ends_on == until and rest.sequence_id == (sequence and sequence.pk):
            return habit
        rest.ends_on = until
        rest.sequence = sequence
        rest.save()
        _become(habit, HabitStatus.PAUSED if until is None else HabitStatus.ACTIVE)
        standing.refresh(habit, today)
        _record(user, habit, "habit.paused", source)
    return habit


def resume(user: User, habit: Habit, *, source: str, today: date | None = None) -> Habit:
    """Ends the rest: today counts again. Resuming what does not rest changes nothing."""
    today = today or local_day(user)
    with transaction.atomic():
        habit = _locked(user, habit)
        rest = _resting(habit, today)
        if rest is None and habit.status != HabitStatus.PAUSED:
            return habit
        if rest is not None:
            if rest.starts_on >= today:
                rest.delete()
            else:
                rest.ends_on = today - timedelta(days=1)
                rest.save()
        _become(habit, HabitStatus.ACTIVE)
        standing.refresh(habit, today)
        _record(user, habit, "habit.resumed", source)
    return habit


def archive(user: User, habit: Habit, *, source: str) -> Habit:
    """Puts `habit` away: it asks for nothing any more and keeps its history."""
    with transaction.atomic():
        habit = _locked(user, habit)
        if habit.status != HabitStatus.ARCHIVED:
            _become(habit, HabitStatus.ARCHIVED)
            _record(user, habit, "habit.archived", source)
    return habit


def unarchive(user: User, habit: Habit, *, source: str, today: date | None = None) -> Habit:
    """Brings a habit back that was put away; the time between counts as a rest."""
    today = today or local_day(user)
    with transaction.atomic():
        habit = _locked(user, habit)
        if habit.status != HabitStatus.ARCHIVED:
            return habit
        put_away = max(habit.starts_on, local_day(user, habit.updated_at) + timedelta(days=1))
        if _resting(habit, today) is None and put_away < today:
            HabitPause.objects.create(
                habit=habit, starts_on=put_away, ends_on=today - timedelta(days=1)
            )
        _become(habit, HabitStatus.ACTIVE)
        standing.refresh(habit, today)
        _record(user, habit, "habit.unarchived", source)
    return habit


def delete(user: User, habit: Habit, *, source: str) -> None:
    """Takes `habit` out of sight; `restore` brings it back with all its days."""
    with transaction.atomic():
        habit = _locked(user, habit)
        habit.deleted_at = timezone.now()
        habit.save(update_fields=["deleted_at", "updated_at"])
        _record(user, habit, "habit.deleted", source)


def restore(user: User, habit: Habit, *, source: str) -> Habit:
    """Brings a deleted habit back. Raises `Habit.DoesNotExist` when it is not this person's."""
    with transaction.atomic():
        habit = Habit.objects.filter(user=user).select_for_update(no_key=True).get(pk=habit.pk)
        if habit.deleted_at is not None:
            habit.deleted_at = None
            habit.save(update_fields=["deleted_at", "updated_at"])
            _record(user, habit, "habit.restored", source)
    return habit


def _locked(user: User, habit: Habit) -> Habit:
    return Habit.objects.for_user(user).select_for_update(no_key=True).get(pk=habit.pk)


def _resting(habit: Habit, today: date) -> HabitPause | None:
    """The pause that covers `today`, or one that is still to come without an end."""
    for rest in habit.pauses.all():
        if rest.ends_on is None or rest.starts_on <= today <= rest.ends_on:
            return rest
    return None


def _become(habit: Habit, status: HabitStatus) -> None:
    habit.status = status
    habit.save(update_fields=["status", "updated_at"])


def _record(user: User, habit: Habit, what: str, source: str) -> None:
    ledger.record(
        user,
        what,
        raw_data={"habit": str(habit.pk)},
        source=source,
        idempotency_key=f"{what}:{habit.pk}:{habit.updated_at.isoformat()}",
    )
