"""What a domain knows of people: facts for the coach's picture of a person, and days for its measures."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from accounts.models import User

from .registry import Registry


@dataclass(frozen=True)
class Known:
    """A fact about a person: as data (JSON), in words, and what it rests on.

    `confidence` is in [0, 1]. A fact without evidence is not known: its function returns `None`.
    """

    value: Any
    words: str
    evidence: tuple[str, ...]
    confidence: float


KnownFunction = Callable[[User, datetime], Known | None]


@dataclass(frozen=True)
class KnownField:
    """A field of the picture of a person; `name` is its name there, `title` how people read it.

    `is_said` marks facts that rest on what the person said or set; all others come from watching what they
    do, and are read only of people who agreed to that. Several fields may have one name: the surest counts.
    """

    key: str
    name: str
    title: str
    read: KnownFunction
    is_said: bool = False


known_fields: Registry[KnownField] = Registry("known field")


def known_field(
    key: str, *, title: str, is_said: bool = False
) -> Callable[[KnownFunction], KnownFunction]:
    """Declares a field of the picture of a person, named by the part of `key` after the dot."""

    def declare(function: KnownFunction) -> KnownFunction:
        name = key.split(".", 1)[1]
        known_fields.register(key, KnownField(key, name, title, function, is_said))
        return function

    return declare


class Measure(StrEnum):
    """What a behaviour day measures.

    LOGGED: how many things the person recorded that day. IN_TARGET: how much of what was asked for was
    done. INTAKE: kilocalories eaten, of the upper end of the range aimed at.
    """

    LOGGED = "logged"
    IN_TARGET = "in_target"
    INTAKE = "intake"


@dataclass(frozen=True, slots=True)
class BehaviorDay:
    """One of a person's own days: `fulfilled` of `asked` (0 when nothing was asked for)."""

    user_id: UUID
    day: date
    fulfilled: float
    asked: float


# For everybody with an id in [first, last], on their own days in [since, until]; one statement, not one a person.
BehaviorFunction = Callable[[UUID, UUID, date, date], Iterable[BehaviorDay]]


@dataclass(frozen=True)
class BehaviorSource:
    """Where the days of one measure come from."""

    key: str
    measure: Measure
    days: BehaviorFunction


behavior_sources: Registry[BehaviorSource] = Registry("behavior source")


def behavior_days(key: str, *, measure: Measure) -> Callable[[BehaviorFunction], BehaviorFunction]:
    """Declares days of a measure; several sources of one measure are added up."""

    def declare(function: BehaviorFunction) -> BehaviorFunction:
        behavior_sources.register(key, BehaviorSource(key, measure, function))
        return function

    return declare


# Of the people asked about, those who are to see no figures of food or weight, nor to be asked about them.
KeptOffFunction = Callable[[Sequence[UUID], datetime], set[UUID]]
figures_kept_off: Registry[KeptOffFunction] = Registry("reason to keep figures off")


def keeps_figures_off(key: str) -> Callable[[KeptOffFunction], KeptOffFunction]:
    """Declares who is left alone about food and weight; set-based, for a batch of people."""

    def declare(function: KeptOffFunction) -> KeptOffFunction:
        figures_kept_off.register(key, function)
        return function

    return declare


def who_is_left_alone(people: Sequence[UUID], now: datetime) -> set[UUID]:
    """Those of `people` for whom any domain keeps figures of food and weight off."""
    return (
        set().union(*(kept_off(people, now) for kept_off in figures_kept_off)) if people else set()
    )
