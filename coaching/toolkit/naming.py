"""What a domain calls the things that its rows in the ledger are about."""

from collections.abc import Callable, Collection, Mapping
from uuid import UUID

from accounts.models import User

from .registry import Registry

# The names of those of a person's things that have one of the ids; others are left out. One query.
NamesFunction = Callable[[User, Collection[UUID]], Mapping[UUID, str]]
names_of_things: Registry[NamesFunction] = Registry("names of things")


def thing_names(key: str) -> Callable[[NamesFunction], NamesFunction]:
    """Declares a function that knows how things are called, for example habits."""

    def declare(function: NamesFunction) -> NamesFunction:
        names_of_things.register(key, function)
        return function

    return declare


def names_by_id(user: User, ids: Collection[UUID]) -> dict[UUID, str]:
    """What any domain calls those things of `user`; what nobody knows (any more) is left out."""
    found: dict[UUID, str] = {}
    for names in names_of_things if ids else ():
        found.update(names(user, ids))
    return found
