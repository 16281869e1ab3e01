"""The base of every table: a time-ordered key made by the application."""

from uuid import UUID

from django.db import models
from uuid_utils.compat import uuid7


def time_ordered_id() -> UUID:
    """A UUIDv7: later rows get larger keys, so inserts stay together in the index."""
    return uuid7()


class TimeOrderedModel(models.Model):
    """A row with a UUIDv7 primary key."""

    id = models.UUIDField(primary_key=True, default=time_ordered_id, editable=False)

    class Meta:
        abstract = True


def one_of(field: str, choices: type[models.TextChoices], name: str) -> models.CheckConstraint:
    """A database check that `field` holds one of `choices` (Django checks them in forms only)."""
    return models.CheckConstraint(condition=models.Q(**{f"{field}__in": choices.values}), name=name)


def between(field: str, low: float, high: float, name: str) -> models.CheckConstraint:
    """A database check that `field` is null or lies in [low, high]."""
    return models.CheckConstraint(
        condition=models.Q(**{f"{field}__gte": low, f"{field}__lte": high})
        | models.Q(**{f"{field}__isnull": True}),
        name=name,
    )
