"""Questions about tasks, starting from the person."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Value
from django.db.models.expressions import Combinable

from accounts.models import User

if TYPE_CHECKING:
    from productivity.models import Task  # noqa: F401 - names it in quotes

OPEN = ("pending", "snoozed")


@dataclass(frozen=True, slots=True)
class UrgencyWeights:
    """What makes a task urgent (the coefficients of Taskwarrior); `productivity.urgency` says how they are used."""

    due: float = 12.0
    blocking: float = 8.0
    priority: tuple[float, float, float, float] = (0.0, 1.8, 3.9, 6.0)
    age: float = 2.0
    waiting: float = -3.0
    blocked: float = -5.0
    # The share of `due` rises from the least, this many days ahead, to 1, this many days late.
    least_due: float = 0.2
    days_ahead: float = 14.0
    days_late: float = 7.0
    days_of_age: float = 365.0


URGENCY = UrgencyWeights()


# Whether a task has open steps: those of all people are few, and an index of their own finds them.
_HAS_OPEN_STEPS = """EXISTS (SELECT FROM productivity_task step WHERE step.parent_id = {pk}
    AND step.parent_id IS NOT NULL AND step.status IN ('pending', 'snoozed'))"""


class _Urgency(models.Func):
    """The urgency of a task at a moment. One text: built of expressions it takes longer to write than to answer."""

    output_field = models.FloatField()

    def __init__(self, now: datetime) -> None:
        columns = ("pk", "due_at", "created_at", "priority", "parent_id", "status", "snoozed_until")
        super().__init__(
            *(F(name) for name in columns), Value(now, output_field=models.DateTimeField())
        )

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **context: Any) -> Any:
        compiled = [compiler.compile(part)[0] for part in self.source_expressions[:-1]]
        now, moment = compiler.compile(self.source_expressions[-1])
        pk, due_at, created_at, priority, parent_id, status, snoozed_until = compiled
        weights = URGENCY
        rise = (1 - weights.least_due) / (weights.days_ahead + weights.days_late)
        levels = " ".join(
            f"WHEN {level} THEN {_number(weights.priority[level])}" for level in (1, 2, 3)
        )
        due = (
            f"LEAST(1, GREATEST({_number(weights.least_due)},"
            f" ({_days(now, due_at)} + {_number(weights.days_ahead)}) * {_number(rise)}"
            f" + {_number(weights.least_due)})) * {_number(weights.due)}"
        )
        age = (
            f"LEAST(1, GREATEST(0, {_days(now, created_at)} / {_number(weights.days_of_age)}))"
            f" * {_number(weights.age)}"
        )
        terms = (
            f"CASE WHEN {due_at} IS NULL THEN {_number(0)} ELSE {due} END",
            f"CASE {priority} {levels} ELSE {_number(0)} END",
            age,
            _when(f"{parent_id} IS NOT NULL", weights.blocking),
            _when(f"{status} = 'snoozed' AND {snoozed_until} > {now}", weights.waiting),
            _when(_HAS_OPEN_STEPS.format(pk=pk), weights.blocked),
        )
        return f"({' + '.join(terms)})", [*moment] * 3


def _days(now: str, moment: str) -> str:
    """How many days it is since the moment."""
    return f"(EXTRACT(EPOCH FROM ({now} - {moment}))::float8 / 86400)"


def _number(value: float) -> str:
    return f"'{float(value)!r}'::float8"


def _when(condition: str, weight: float) -> str:
    return f"CASE WHEN {condition} THEN {_number(weight)} ELSE {_number(0)} END"


def urgency_order(now: datetime) -> Combinable:
    """The urgency of a task at `now` as a column; the same number as `productivity.urgency.urgency`."""
    return _Urgency(now)


class TaskQuerySet(models.QuerySet["Task"]):
    """Tasks of people."""

    def for_user(self, user: User) -> "TaskQuerySet":
        return self.filter(user=user, deleted_at__isnull=True)

    def open(self) -> "TaskQuerySet":
        """To be done, now or after a snooze."""
        return self.filter(status__in=OPEN)

    def awake(self, now: datetime) -> "TaskQuerySet":
        """Open, and not snoozed beyond `now`."""
        return self.open().exclude(status="snoozed", snoozed_until__gt=now)

    def overdue(self, now: datetime) -> "TaskQuerySet":
        return self.open().filter(due_at__lt=now)

    def by_due(self) -> "TaskQuerySet":
        """What is due first stands first, then what matters more, then what was made first."""
        return self.order_by(F("due_at").asc(nulls_last=True), "-priority", "id")

    def with_urgency(self, now: datetime) -> "TaskQuerySet":
        """Each with its `urgency` at `now`."""
        return self.annotate(urgency=urgency_order(now))
