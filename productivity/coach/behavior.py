"""Days of tasks for the measures of behaviour: what was told, and how much of what was due was done."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from coaching.toolkit.knowing import BehaviorDay, Measure, behavior_days
from productivity.person_days import done_between, told_between


@behavior_days("productivity.logged", measure=Measure.LOGGED)
def logged_days(first_id: UUID, last_id: UUID, since: date, until: date) -> Iterator[BehaviorDay]:
    """How many changes of tasks were told on each day."""
    for row in told_between(first_id, last_id, since, until):
        yield BehaviorDay(*row)


@behavior_days("productivity.due", measure=Measure.IN_TARGET)
def due_days(first_id: UUID, last_id: UUID, since: date, until: date) -> Iterator[BehaviorDay]:
    """How many of the tasks due on each day were done by its end."""
    for row in done_between(first_id, last_id, since, until):
        yield BehaviorDay(*row)
