"""The same day under two scoring versions, side by side, and what the difference comes from."""

from dataclasses import dataclass
from datetime import date

from accounts.models import User
from momentum.explaining import Explanation, KindPart
from momentum.models import ScoringVersion


@dataclass(frozen=True, slots=True)
class SignalBeside:
    """A kind of signal under both versions; `None` where it has no events."""

    kind: str
    title: str
    first: KindPart | None
    second: KindPart | None


@dataclass(frozen=True, slots=True)
class Difference:
    """`change` is second minus first overall score; `because` says which parameters differ, in words."""

    day: date
    first: Explanation | None
    second: Explanation | None
    change: float | None
    signals: tuple[SignalBeside, ...]
    because: tuple[str, ...]


def difference(user: User, day: date, a: ScoringVersion, b: ScoringVersion) -> Difference:
    """The day under `a` and under `b`."""
    raise NotImplementedError
