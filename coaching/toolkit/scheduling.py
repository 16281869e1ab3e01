"""When a person is busy: each domain says which times are taken, so that nothing else is put there."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User

from .registry import Registry


@dataclass(frozen=True, slots=True)
class BusyTime:
    """A stretch of time (aware, the end outside) that is taken, and by what: "your walk"."""

    starts_at: datetime
    ends_at: datetime
    words: str


# What is taken of a person's time between two moments; what only touches the span is given whole.
BusyFunction = Callable[[User, datetime, datetime], Iterable[BusyTime]]
busy_sources: Registry[BusyFunction] = Registry("source of busy times")


def busy_times(key: str) -> Callable[[BusyFunction], BusyFunction]:
    """Declares times of a domain that are taken. A few queries for the whole span, never one a day."""

    def declare(function: BusyFunction) -> BusyFunction:
        busy_sources.register(key, function)
        return function

    return declare


def busy_between(user: User, since: datetime, until: datetime) -> list[BusyTime]:
    """Everything that is taken of the person's time between the two moments, in order."""
    found = [
        busy
        for read in busy_sources
        for busy in read(user, since, until)
        if busy.starts_at < until and since < busy.ends_at and busy.starts_at < busy.ends_at
    ]
    return sorted(found, key=lambda busy: (busy.starts_at, busy.ends_at, busy.words))
