"""Goals and habits for tests."""

from datetime import date

import factory

from accounts.tests.factories import UserFactory
from habits.models import Category, Goal, Habit


class GoalFactory(factory.django.DjangoModelFactory):
    """Something a person wants."""

    class Meta:
        model = Goal

    user = factory.SubFactory(UserFactory)
    text = "Run a 5K in 3 months"
    category = Category.FITNESS
    primary_objective = "Run 5 kilometres"


class HabitFactory(factory.django.DjangoModelFactory):
    """A plain daily habit that began long ago."""

    class Meta:
        model = Habit

    user = factory.SubFactory(UserFactory)
    name = factory.Sequence(lambda n: f"Morning walk {n}")
    category = Category.FITNESS
    starts_on = date(2026, 1, 5)
