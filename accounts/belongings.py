"""Everything that belongs to a person, found by walking the models and not by a hand-kept list.

A row belongs to a person when deleting the person deletes it: a chain of foreign keys that cascade
leads from it to them. A new table of any app is found the day it exists.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import models
from django.db.models import Q, QuerySet

from accounts.models import User

MAX_CHAIN = 6


@dataclass(frozen=True)
class Belonging:
    """A table with rows of people, and the lookups that lead from a row to its person."""

    model: type[models.Model]
    paths: tuple[str, ...]

    @property
    def label(self) -> str:
        return self.model._meta.label_lower

    def rows(self, user: User) -> QuerySet[models.Model]:
        """The rows of `user`, oldest key first."""
        mine = Q(pk__in=[])
        for path in self.paths:
            mine |= Q(**{path: user.pk})
        return self.model._base_manager.filter(mine).order_by("pk")

    def file_fields(self) -> list[models.FileField]:
        return [
            field
            for field in self.model._meta.concrete_fields
            if isinstance(field, models.FileField)
        ]


def belongings() -> list[Belonging]:
    """The person's own row first, then every table that cascades from it, by distance."""
    found: dict[type[models.Model], list[str]] = {User: ["pk"]}
    frontier: list[type[models.Model]] = [User]
    for _ in range(MAX_CHAIN):
        reached: dict[type[models.Model], list[str]] = {}
        for owner in frontier:
            for child, name in _children(owner):
                if child in found:
                    continue
                # All ways to the owner are taken along: a row may be reached by the second of them.
                steps = [name] if owner is User else [f"{name}__{path}" for path in found[owner]]
                reached.setdefault(child, []).extend(steps)
        if not reached:
            break
        found |= reached
        frontier = list(reached)
    return [Belonging(model, tuple(paths)) for model, paths in found.items()]


def files_of(user: User) -> list[tuple[models.FileField, str]]:
    """Every stored file of `user`: the field (which knows the storage) and the name in it."""
    return [
        (field, name)
        for belonging in belongings()
        for field in belonging.file_fields()
        for name in belonging.rows(user).values_list(field.name, flat=True)
        if name
    ]


def _children(owner: type[models.Model]) -> Iterator[tuple[type[models.Model], str]]:
    """Tables whose rows go when a row of `owner` goes, with the name of the foreign key."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.proxy or not model._meta.managed or model is owner:
            continue
        for field in model._meta.concrete_fields:
            remote = field.remote_field
            if (
                isinstance(field, models.ForeignKey)
                and remote is not None
                and field.related_model is owner
                and remote.on_delete is models.CASCADE
            ):
                yield model, field.name
