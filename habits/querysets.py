"""Questions about goals, habits and plans, starting from the person."""

from typing import TYPE_CHECKING

from django.db import models

from accounts.models import User

if TYPE_CHECKING:
    pass


class GoalQuerySet(models.QuerySet["Goal"]):
    def for_user(self, user: User) -> "GoalQuerySet":
        return self.filter(user=user, deleted_at__isnull=True)


class HabitQuerySet(models.QuerySet["Habit"]):
    def for_user(self, user: User) -> "HabitQuerySet":
        return self.filter(user=user, deleted_at__isnull=True)


class SequenceQuerySet(models.QuerySet["HabitSequence"]):
    def for_user(self, user: User) -> "SequenceQuerySet":
        return self.filter(user=user)
