"""Days of habits for the measures of behaviour: what was told, and how much of what was asked was done."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from coaching.toolkit.knowing import BehaviorDay, Measure, behavior_days
from habits.adherence import shares_between, told_between


@behavior_days("habits.logged", measure=Measure.LOGGED)
def logged_days(first_id: UUID, last_id: UUID, since: date, until: date) -> Iterator[BehaviorDay]:
    """How many things were told of habits on each day; a skip or a miss that is told was logged."""
    for user_id, day, count in told_between(first_id, last_id, since, until):
        yield BehaviorDay(user_id, day, float(count), 0.0)


@behavior_days("habits.adherence", measure=Measure.IN_TARGET)
def adherence_days(
    first_id: UUID, last_id: UUID, since: date, until: date
) -> Iterator[BehaviorDay]:
    """What each habit got of each day that asked for it."""
    for user_id, share in shares_between(first_id, last_id, since, until):
        yield BehaviorDay(user_id, share.day, share.fulfilled, 1.0)
