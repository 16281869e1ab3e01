"""Values of whole days, as a source tells them: from files, from a maker of devices, or by hand."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from accounts.models import User
from momentum.models import BiometricSource, Metric


@dataclass(frozen=True, slots=True)
class DayValue:
    """What a source says of one metric on one of a person's days, in the metric's own unit.

    `measured_until` (aware) says up to when it had measured: of two statements about a day the one measured
    longer counts, whichever arrives first. `None`: to the end of the day, or until now when that is earlier.
    """

    metric: Metric | str
    date: date
    value: float
    measured_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """An item that was not taken: its place in what was sent, a word for programs, words for people."""

    index: int
    code: str
    words: str


@dataclass(frozen=True, slots=True)
class DaysResult:
    """What became of the values of days. `changed` counts (metric, day)s of this source that are new or other."""

    changed: int = 0
    unchanged: int = 0
    refused: list[Refused] = field(default_factory=list)


def record_days(
    user: User,
    days: Iterable[DayValue],
    source: BiometricSource | str,
    *,
    now: datetime | None = None,
) -> DaysResult:
    """Takes over the values of days from one source; the same again changes nothing.

    Any number of values, read in pieces. What is implausible is refused one by one, the others count.
    """
    raise NotImplementedError
