"""How habits are called, for whoever explains what was done."""

from collections.abc import Collection, Mapping
from uuid import UUID

from accounts.models import User
from coaching.toolkit.naming import thing_names
from habits.models import Habit


@thing_names("habits.habits")
def names_of_habits(user: User, ids: Collection[UUID]) -> Mapping[UUID, str]:
    """The names of the person's habits among `ids`, also of those put away but not deleted."""
    return dict(Habit.objects.for_user(user).filter(pk__in=ids).values_list("pk", "name"))
