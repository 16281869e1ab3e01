"""Tasks for tests."""

from datetime import date

import factory

from accounts.tests.factories import UserFactory
from productivity.models import Task, TaskSeries


class TaskFactory(factory.django.DjangoModelFactory[Task]):
    """Something to be done, without a date. It has no events; `changing.create` makes tasks as people do."""

    class Meta:
        model = Task

    user = factory.SubFactory(UserFactory)
    title = factory.Sequence(lambda n: f"Write the report {n}")


class TaskSeriesFactory(factory.django.DjangoModelFactory[TaskSeries]):
    """Every Monday, on the whole day."""

    class Meta:
        model = TaskSeries

    user = factory.SubFactory(UserFactory)
    rule = "FREQ=WEEKLY;BYDAY=MO"
    starts_on = date(2026, 1, 5)


__all__ = ["TaskFactory", "TaskSeriesFactory", "UserFactory"]
