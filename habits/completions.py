"""Telling what happened with a habit on a day: done, partly done, skipped, and taking it back.

Every verb locks the habit, so two fast clicks, two devices or an offline replay leave one row, one ledger
entry and one streak. The row, the ledger and the standing change in one transaction.
"""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.day import day_bounds, local_day, local_moment
from accounts.models import User
from coaching import ledger
from habits import standing
from habits.cadence import Cadence, cadence_of
from habits.evidence import DayMark, Row, credit_of, fulfilment, marks_from
from habits.models import (
    CompletionSource,
    CompletionStatus,
    Habit,
    HabitCompletion,
    HabitStatus,
    MeasureKind,
    PhaseHabit,
)

MAX_ORDINAL = 20
NOON = time(12)
# What is offered with one tap; a person may write any other reason.
SKIP_REASONS = ("Rest day", "No time", "Unwell", "Travelling", "Did not feel like it")


class CompletionRefused(Exception):
    """This cannot be told of that day; the text says why, in words for the person."""


def complete(
    user: User,
    habit: Habit,
    day: date,
    *,
    status: str = CompletionStatus.DONE,
    value: Decimal | None = None,
    reason: str = "",
    note: str = "",
    source: str,
    ordinal: int = 1,
    idempotency_key: str | None = None,
    at: datetime | None = None,
) -> HabitCompletion:
    """Tells what happened with `habit` on the person's `day`; telling the same again changes nothing.

    Args:
        status: done, partial, skipped or missed. With a `value` for a habit that is measured, the status
            follows from the value and the target.
        value: the amount, in the habit's unit.
        reason: why it was skipped, in a word or two.
        ordinal: 1 for the first time that day, 2 for the second, and so on.
        idempotency_key: the name of this act in the ledger, for callers whose own call may come twice;
            by default made from the row and how often it was told anew.
        at: the moment it was done (aware). Default: now when `day` is today, else unknown.

    Raises:
        CompletionRefused: a day to come, a day before the habit began, or a habit that is put away.
        Habit.DoesNotExist: not this person's habit.
    """
    today = local_day(user)
    with transaction.atomic():
        habit, cadence = _locked(user, habit)
        _refuse_unless_tellable(habit, day, today, ordinal)
        if status == CompletionStatus.SKIPPED:
            value = None
        elif value is not None:
            status = _status_of(habit, value)
        moment = at or (timezone.now() if day == today else None)
        told = _told(habit, user, day, status, value, reason, note, source, ordinal, moment)
        completion, rows, has_changed = told
        if not has_changed:
            return completion
        _settle(user, habit, cadence, rows, today)
        ledger.record(
            user,
            f"habit.{_VERBS[status]}",
            raw_data={
                **_facts(habit, completion),
                ledger.TIME_KNOWN: _lies_in(user, day, moment),
            },
            source=source,
            idempotency_key=idempotency_key or f"completion:{completion.pk}:{completion.revision}",
            occurred_at=_occurred_at(user, habit, day, moment),
        )
        _open_phases_on_commit(user, habit, today)
    return completion


def skip(
    user: User, habit: Habit, day: date, *, reason: str = "", source: str, ordinal: int = 1
) -> HabitCompletion:
    """Skips `day` on purpose: it neither strengthens nor weakens the habit, and breaks no streak."""
    return complete(
        user,
        habit,
        day,
        status=CompletionStatus.SKIPPED,
        reason=reason,
        source=source,
        ordinal=ordinal,
    )


def undo(
    user: User,
    habit: Habit,
    day: date,
    ordinal: int = 1,
    *,
    source: str = CompletionSource.WEB,
) -> bool:
    """Takes back what was told of `day`; returns whether there was anything to take back.

    Raises `Habit.DoesNotExist` when it is not this person's habit.
    """
    today = local_day(user)
    with transaction.atomic():
        habit, cadence = _locked(user, habit)
        completion = HabitCompletion.objects.filter(
            habit=habit, local_date=day, ordinal=ordinal
        ).first()
        if completion is None:
            return False
        row_id = completion.pk
        completion.delete()
        rows = _rows(habit)
        _settle(user, habit, cadence, [row[:3] for row in rows], today)
        ledger.record(
            user,
            "habit.undone",
            raw_data={
                **_facts(habit, completion),
                "completion": str(row_id),
                ledger.TIME_KNOWN: False,
            },
            source=source,
            idempotency_key=f"completion:{row_id}:undone",
            occurred_at=_occurred_at(user, habit, day, None),
        )
    return True


_VERBS = {
    CompletionStatus.DONE.value: "completed",
    CompletionStatus.PARTIAL.value: "partial",
    CompletionStatus.SKIPPED.value: "skipped",
    CompletionStatus.MISSED.value: "missed",
}
FullRow = tuple[date, str, Decimal | None, int]


def _locked(user: User, habit: Habit) -> tuple[Habit, Cadence]:
    """The habit as it is now, held until the transaction ends, with its cadence; one query."""
    row = (
        Habit.objects.for_user(user)
        .select_for_update(no_key=True, of=("self",))
        .with_rests()
        .annotate(is_in_plan=Exists(PhaseHabit.objects.filter(habit=OuterRef("pk"))))
        .get(pk=habit.pk)
    )
    return row, cadence_of(row)


def _refuse_unless_tellable(habit: Habit, day: date, today: date, ordinal: int) -> None:
    if day > today:
        raise CompletionRefused("That day has not come yet.")
    if day < habit.starts_on:
        raise CompletionRefused(
            f"“{habit.name}” began on {habit.starts_on.day} {habit.starts_on:%B}."
        )
    if habit.status == HabitStatus.ARCHIVED:
        raise CompletionRefused(f"“{habit.name}” is put away. Bring it back first.")
    if habit.status == HabitStatus.PLANNED:
        raise CompletionRefused(f"“{habit.name}” has not started yet.")
    if not 1 <= ordinal <= MAX_ORDINAL:
        raise CompletionRefused(f"A day has room for 1 to {MAX_ORDINAL} times.")


def _status_of(habit: Habit, value: Decimal) -> str:
    """What an amount means: all of the target, some of it, or nothing of it."""
    if habit.measure == MeasureKind.YES_NO or habit.target_value is None:
        return CompletionStatus.DONE if value > 0 else CompletionStatus.MISSED
    credit = fulfilment(habit.measure, float(value), float(habit.target_value))
    if credit >= 1:
        return CompletionStatus.DONE
    return CompletionStatus.PARTIAL if credit > 0 else CompletionStatus.MISSED


def _rows(habit: Habit) -> list[FullRow]:
    return list(
        HabitCompletion.objects.filter(habit=habit)
        .order_by()
        .values_list("local_date", "status", "value", "ordinal")
    )


def _told(
    habit: Habit,
    user: User,
    day: date,
    status: str,
    value: Decimal | None,
    reason: str,
    note: str,
    source: str,
    ordinal: int,
    moment: datetime | None,
) -> tuple[HabitCompletion, list[Row], bool]:
    """The row of the day and ordinal as told, all rows of the habit, and whether anything changed."""
    rows = _rows(habit)
    others: list[Row] = [row[:3] for row in rows if (row[0], row[3]) != (day, ordinal)]
    new: Row = (day, status, value)
    fields: dict[str, Any] = {"status": status, "value": value, "reason": reason, "note": note}
    if len(others) == len(rows):
        completion = HabitCompletion(
            habit=habit,
            user=user,
            local_date=day,
            ordinal=ordinal,
            source=source,
            completed_at=moment,
            **fields,
        )
        completion.save(force_insert=True)
        return completion, [*others, new], True
    completion = HabitCompletion.objects.get(habit=habit, local_date=day, ordinal=ordinal)
    completion.habit = habit
    if not note:
        fields["note"] = completion.note
    if all(getattr(completion, name) == wanted for name, wanted in fields.items()):
        return completion, [*others, new], False
    for name, wanted in fields.items():
        setattr(completion, name, wanted)
    completion.source = source
    completion.completed_at = moment or completion.completed_at
    completion.revision += 1
    completion.save()
    return completion, [*others, new], True


def _settle(user: User, habit: Habit, cadence: Cadence, rows: list[Row], today: date) -> None:
    marks: dict[date, DayMark] = marks_from(habit.measure, habit.target_value, rows)
    standing.refresh(habit, today, cadence=cadence, marks=marks)


def _facts(habit: Habit, completion: HabitCompletion) -> dict[str, Any]:
    """What a later projection needs to know."""
    return {
        "habit": str(habit.pk),
        "category": habit.category,
        "size": habit.size,
        "local_date": completion.local_date.isoformat(),
        "ordinal": completion.ordinal,
        "status": completion.status,
        "value": None if completion.value is None else float(completion.value),
        "target": None if habit.target_value is None else float(habit.target_value),
        "credit": credit_of(habit.measure, habit.target_value, completion.status, completion.value),
        "reason": completion.reason,
    }


def _occurred_at(user: User, habit: Habit, day: date, moment: datetime | None) -> datetime:
    """A moment inside the person's `day`: the known one, else the habit's usual time, else noon."""
    if moment is not None and _lies_in(user, day, moment):
        return moment
    return local_moment(user, day, habit.scheduled_time or NOON)


def _lies_in(user: User, day: date, moment: datetime | None) -> bool:
    """Whether the moment it was done is known and lies in the person's `day`."""
    starts, ends = day_bounds(user, day)
    return moment is not None and starts <= moment < ends


def _open_phases_on_commit(user: User, habit: Habit, today: date) -> None:
    """A tick may be what the next phase of a plan was waiting for."""
    if not getattr(habit, "is_in_plan", False):
        return

    def open_phases() -> None:
        from habits.phases import open_due_phases

        open_due_phases(user, today)

    transaction.on_commit(open_phases, robust=True)
