"""How much a task asks to be done next, term by term, so that the order of a list can be explained.

The terms and their coefficients are Taskwarrior's: due, blocking, priority, age, waiting and blocked. A step blocks
the task it belongs to, which is blocked by its open steps; what is snoozed waits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from productivity.models import Task, TaskStatus
from productivity.querysets import URGENCY

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Urgency:
    """The sum, and the terms that are not nothing."""

    total: float
    terms: Mapping[str, float]


def due_share(due_at: datetime, now: datetime) -> float:
    """0.2 two weeks ahead or more, 1 a week late or more, and a straight line between."""
    late = (now - due_at) / DAY
    rise = (1 - URGENCY.least_due) / (URGENCY.days_ahead + URGENCY.days_late)
    share = (late + URGENCY.days_ahead) * rise + URGENCY.least_due
    return min(1.0, max(URGENCY.least_due, share))


def urgency(task: Task, now: datetime, *, has_open_steps: bool, is_step: bool) -> Urgency:
    """The urgency of `task` at `now`; `TaskQuerySet.with_urgency` is the same in SQL."""
    waits = (
        task.status == TaskStatus.SNOOZED
        and task.snoozed_until is not None
        and task.snoozed_until > now
    )
    age = min(1.0, max(0.0, (now - task.created_at) / DAY / URGENCY.days_of_age))
    terms = {
        "due": URGENCY.due * due_share(task.due_at, now) if task.due_at else 0.0,
        "blocking": URGENCY.blocking if is_step else 0.0,
        "priority": URGENCY.priority[task.priority],
        "age": URGENCY.age * age,
        "waiting": URGENCY.waiting if waits else 0.0,
        "blocked": URGENCY.blocked if has_open_steps else 0.0,
    }
    return Urgency(sum(terms.values()), {name: term for name, term in terms.items() if term})
