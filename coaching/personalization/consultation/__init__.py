"""The consultation: a natural talk from which a person's coach is made."""

from .refusals import Refused
from .session import abandon, active_of, complete, find, pause, remove_item, say, start

__all__ = [
    "Refused",
    "abandon",
    "active_of",
    "complete",
    "find",
    "pause",
    "remove_item",
    "say",
    "start",
]
