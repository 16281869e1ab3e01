"""What a domain derives from the record at once: rows that must stand or fall with the ledger's own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.models import User

from .registry import Registry


@dataclass(frozen=True, slots=True)
class Happening:
    """A row that was just added to the ledger. `occurred_at` and `received_at` are aware."""

    log_id: UUID
    user: User
    interaction_type: str
    raw_data: dict[str, Any]
    source: str
    occurred_at: datetime
    received_at: datetime
    message_id: UUID | None


ProjectFunction = Callable[[Happening], None]
projections: Registry[ProjectFunction] = Registry("projection")
# By the key of the projection it stands for: the same for rows that were added together, given their ids.
ProjectManyFunction = Callable[[Sequence[UUID]], object]
many_projections: Registry[ProjectManyFunction] = Registry("projection of many")


def projection(
    key: str, *, many: ProjectManyFunction | None = None
) -> Callable[[ProjectFunction], ProjectFunction]:
    """Declares a function that is called for every new row, inside the transaction of the change it tells of.

    It is on everybody's way: a statement or two, no calls to the outside. What it raises undoes the change.
    Rows that are added together are handed to `many` by their ids, at once; without it, one by one.
    """

    def declare(function: ProjectFunction) -> ProjectFunction:
        projections.register(key, function)
        if many is not None:
            many_projections.register(key, many)
        return function

    return declare
