"""Questions about tasks, starting from the person."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Greatest, Least

from accounts.models import User

if TYPE_CHECKING:
    from productivity.models import Task

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


class _Days(models.Func):
    """How many days a span of time is."""

    template = "(EXTRACT(EPOCH FROM (%(expressions)s))::float8 / 86400.0)"
    output_field = models.FloatField()


def _days_since(field: str, now: datetime) -> Combinable:
    moment = Value(now, output_field=models.DateTimeField())
    span = models.ExpressionWrapper(moment - F(field), output_field=models.DurationField())
    return _Days(span)


def urgency_order(now: datetime) -> Combinable:
    """The urgency of a task at `now` as a column; the same number as `productivity.urgency.urgency`."""
    weights = URGENCY
    late = _days_since("due_at", now)
    rise = (1 - weights.least_due) / (weights.days_ahead + weights.days_late)
    # A value without its type would be taken for text.
    due = Least(
        _number(1.0),
        Greatest(
            _number(weights.least_due),
            (late + _number(weights.days_ahead)) * _number(rise) + _number(weights.least_due),
        ),
    )
    age = Least(
        _number(1.0),
        Greatest(_number(0.0), _days_since("created_at", now) / _number(weights.days_of_age)),
    )
    steps = OuterRef("pk")
    open_steps = Exists(_tasks().filter(parent=steps, status__in=OPEN))
    return (
        Case(When(due_at__isnull=False, then=due * _number(weights.due)), default=_number(0.0))
        + Case(
            *(When(priority=level, then=_number(weights.priority[level])) for level in (1, 2, 3)),
            default=_number(0.0),
        )
        + age * _number(weights.age)
        + _when(Q(parent__isnull=False), weights.blocking)
        + _when(Q(status="snoozed", snoozed_until__gt=now), weights.waiting)
        + _when(open_steps, weights.blocked)
    )


def _tasks() -> models.QuerySet["Task"]:
    from productivity.models import Task

    return Task.objects.all()


def _number(value: float) -> Combinable:
    return Cast(Value(value), models.FloatField())


def _when(condition: Q | Exists, weight: float) -> Combinable:
    return Case(When(condition, then=_number(weight)), default=_number(0.0))


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
