"""What an app brings to a rehearsal of outreach: people's lives with its things, and promises of its own to keep."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from accounts.models import User

from .registry import Registry


@dataclass(frozen=True)
class Scene:
    """A rehearsed month: its people, its clock, its own chance, and a way to have something happen at a moment."""

    users: Sequence[User]
    start: datetime
    days: int
    rng: random.Random
    clock: Callable[[], datetime]
    at: Callable[[datetime, Callable[[], None]], None]


class Lived(Protocol):
    """An app's part of a month while it is played."""

    def day(self) -> None:
        """Plans what the day that begins holds."""

    def broken(self) -> Counter[str]:
        """How often each of the app's promises was broken, also those that never were."""

    def came(self) -> Counter[str]:
        """What came of the app's own to people, counted by names of its own: what the promises were held against."""


@dataclass(frozen=True)
class RehearsedPart:
    """The needs that speak in a rehearsal besides its own, and who plays the lives behind them."""

    key: str
    needs: tuple[str, ...]
    play: Callable[[Scene], Lived]


rehearsed_parts: Registry[RehearsedPart] = Registry("rehearsed part")


def rehearsed(key: str, *, needs: Sequence[str]) -> Callable[[type], type]:
    """Declares a class, made from a `Scene`, as an app's part of every rehearsal."""

    def declare(part: type) -> type:
        rehearsed_parts.register(key, RehearsedPart(key, tuple(needs), part))
        return part

    return declare
