"""What is found in a person's words before anything is stored."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from coaching.models import MemorySource, MemoryType

SELF = "self"


class Lasting(StrEnum):
    """How long such a thing stays true: a mood for days, most things for weeks, goals and values for long."""

    MOOD = "mood"
    USUAL = "usual"
    LONG = "long"


@dataclass(frozen=True)
class Turn:
    """Something the person said: its words, when (aware, in their zone), and where it is to be found.

    `source_ref` is the place; what is found in it gets the position of its quote appended. `echoes` is what
    the person had been shown before it: what only repeats that is not theirs.
    """

    text: str
    at: datetime
    source_ref: str = ""
    source_type: MemorySource = MemorySource.CONVERSATION
    source_id: UUID | None = None
    ordinal: int = 0
    echoes: tuple[str, ...] = ()


@dataclass(frozen=True)
class FoundMemory:
    """One self-contained sentence, as the person would say it, with the words it rests on.

    `start` is where `quote` begins in the turn. `value` is what the slot is said to be, where a rule read it.
    """

    text: str
    quote: str
    start: int
    memory_type: MemoryType
    subject: str = SELF
    slot: str = ""
    value: str = ""
    valence: float = 0.0
    tags: tuple[str, ...] = ()
    lasting: Lasting = Lasting.USUAL
    expires_at: datetime | None = None
    is_inferred: bool = False


@dataclass(frozen=True)
class FoundPreference:
    """Something the person likes or wants, for the coach to act on."""

    category: str
    key: str
    value: Any
    quote: str
    is_explicit: bool = True


@dataclass(frozen=True)
class FoundPromise:
    """A promise with a day: what, when, and "When X, I will Y" where they said so."""

    what: str
    quote: str
    start: int
    due_at: datetime
    is_time_known: bool
    if_then: str = ""


@dataclass(frozen=True)
class Findings:
    """All that one turn gave."""

    turn: Turn
    memories: tuple[FoundMemory, ...] = ()
    preferences: tuple[FoundPreference, ...] = ()
    promises: tuple[FoundPromise, ...] = ()
