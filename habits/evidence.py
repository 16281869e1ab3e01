"""What the completions of a habit say about each of its days.

The one place where rows become days: a day has a credit in [0, 1], may be skipped, or says nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from habits.models import CompletionStatus, Habit, HabitCompletion, MeasureKind

# What "partly done" is worth when no amount is known (ours).
PARTIAL_CREDIT = 0.5

Row = tuple[date, str, Decimal | None]


@dataclass(frozen=True, slots=True)
class DayMark:
    """One day of a habit: its fulfilment, whether it counts as kept, whether it was skipped on purpose."""

    credit: float
    is_kept: bool
    is_skipped: bool = False


Marks = Mapping[date, DayMark]
_KEPT = DayMark(1.0, True)
_PARTIAL = DayMark(PARTIAL_CREDIT, True)
_MISSED = DayMark(0.0, False)
_SKIPPED = DayMark(0.0, False, True)
_PLAIN = {
    CompletionStatus.DONE.value: _KEPT,
    CompletionStatus.PARTIAL.value: _PARTIAL,
    CompletionStatus.SKIPPED.value: _SKIPPED,
    CompletionStatus.MISSED.value: _MISSED,
}


def fulfilment(measure: str, amount: float, target: float) -> float:
    """How far `amount` fulfils `target`, in [0, 1]: Loop Habit Tracker's two numeric kinds.

    At least: amount / target, capped. At most: 1 up to the target, falling to 0 at twice the target.
    """
    if measure == MeasureKind.AT_LEAST:
        return 1.0 if target <= 0 else max(0.0, min(1.0, amount / target))
    if target <= 0:
        return 1.0 if amount <= 0 else 0.0
    return max(0.0, min(1.0, 1 - (amount - target) / target))


def credit_of(measure: str, target: Decimal | None, status: str, value: Decimal | None) -> float:
    """What one row alone is worth, in [0, 1]: by its amount where that is measured, else by its status."""
    is_measured = measure != MeasureKind.YES_NO and target is not None
    if is_measured and value is not None and status != CompletionStatus.SKIPPED:
        return fulfilment(measure, float(value), float(target or 0))
    return _PLAIN[status].credit


def marks_from(measure: str, target: Decimal | None, rows: Iterable[Row]) -> dict[date, DayMark]:
    """Days from the rows (local date, status, value) of one habit, in any order.

    The amounts of a day's rows add up. A row without an amount counts by its status. A skip counts only
    when nothing else was told of the day.
    """
    marks: dict[date, DayMark] = {}
    amounts: dict[date, Decimal] = {}
    numeric = measure != MeasureKind.YES_NO and target is not None
    for day, status, value in rows:
        if numeric and value is not None and status != CompletionStatus.SKIPPED:
            amounts[day] = amounts.get(day, Decimal(0)) + value
            continue
        mark = _PLAIN[status]
        known = marks.get(day)
        if known is None or known.is_skipped or (mark.credit > known.credit):
            marks[day] = known if known is not None and mark.is_skipped else mark
    for day, amount in amounts.items():
        assert target is not None  # noqa: S101 - amounts are collected for numeric habits only
        credit = fulfilment(measure, float(amount), float(target))
        known = marks.get(day)
        if known is None or known.is_skipped or credit > known.credit:
            marks[day] = DayMark(credit, credit > 0)
    return marks


def marks_of(habits: Iterable[Habit], since: date | None = None) -> dict[UUID, dict[date, DayMark]]:
    """The days of each habit, by its id, in one query; `since` leaves out earlier ones."""
    by_id = {habit.pk: habit for habit in habits}
    rows: dict[UUID, list[Row]] = {pk: [] for pk in by_id}
    told = HabitCompletion.objects.filter(habit__in=list(by_id))
    if since is not None:
        told = told.filter(local_date__gte=since)
    for pk, day, status, value in told.order_by().values_list(
        "habit_id", "local_date", "status", "value"
    ):
        rows[pk].append((day, status, value))
    return {
        pk: marks_from(habit.measure, habit.target_value, rows[pk]) for pk, habit in by_id.items()
    }
