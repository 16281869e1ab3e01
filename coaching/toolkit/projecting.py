"""What a domain derives from the record at once: rows that must stand or fall with the ledger's own."""

from collections.abc import Callable
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


def projection(key: str) -> Callable[[ProjectFunction], ProjectFunction]:
    """Declares a function that is called for every new row, inside the transaction of the change it tells of.

    It is on everybody's way: a statement or two, no calls to the outside. What it raises undoes the change.
    """

    def declare(function: ProjectFunction) -> ProjectFunction:
        projections.register(key, function)
        return function

    return declare
