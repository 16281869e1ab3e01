"""How tasks are called, for whoever explains what was done."""

from collections.abc import Collection, Mapping
from uuid import UUID

from accounts.models import User
from coaching.toolkit.naming import thing_names
from productivity.models import Task


@thing_names("productivity.tasks")
def names_of_tasks(user: User, ids: Collection[UUID]) -> Mapping[UUID, str]:
    """The titles of the person's tasks among `ids`, also of those that are done but not deleted."""
    return dict(Task.objects.for_user(user).filter(pk__in=ids).values_list("pk", "title"))
