"""Values of whole days, as a source tells them: from files, from a maker of devices, or by hand."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import islice

from django.db import transaction
from django.utils import timezone

from accounts.day import day_bounds, local_day
from accounts.models import User
from momentum.biometrics import streams
from momentum.biometrics.metrics import METRICS, is_plausible_day
from momentum.biometrics.telling import Change, tell_changes
from momentum.models import BiometricSource, Metric

# A file of ten years has some 30,000 days; they are written in pieces of this size.
PIECE = 5_000
EARLIEST_DAY = date(2000, 1, 1)


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
    """What became of the values of days. `changed` counts the (metric, day)s of the source that are now other."""

    changed: int = 0
    unchanged: int = 0
    refused: list[Refused] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Taken:
    """How many values made a difference, and the days that are other for it."""

    taken: int
    changed: set[streams.Day]


def record_days(
    user: User,
    days: Iterable[DayValue],
    source: BiometricSource | str,
    *,
    via: str = "import",
    now: datetime | None = None,
) -> DaysResult:
    """Takes over the values of days from one source; the same again changes nothing.

    Any number of values, read in pieces, each piece a transaction of its own (or part of the caller's).
    What is implausible is refused one by one, the others count. `via` is where it came from, for the ledger.
    """
    now = now or timezone.now()
    changed = unchanged = 0
    refused: list[Refused] = []
    for piece in _pieces(_sensible(user, days, refused, now)):
        with transaction.atomic():
            streams.lock(user.pk)
            result = take_days(user, piece, source, via=via, now=now)
        changed += result.taken
        unchanged += len(piece) - result.taken
    return DaysResult(changed, unchanged, refused)


def take_days(
    user: User, days: list[DayValue], source: BiometricSource | str, *, via: str, now: datetime
) -> Taken:
    """Writes plausible values of one source. In a transaction that holds the person's lock."""
    told = [(str(day.metric), day.date, float(day.value), _until(user, day, now)) for day in days]
    touched = list({(metric, day): None for metric, day, _, _ in told})
    change = Change.of(user, touched)
    streams.tell_days(user.pk, told, str(source), now=now)
    changed = tell_changes(change, via=via, now=now)
    return Taken(len(changed), changed)


def _until(user: User, day: DayValue, now: datetime) -> datetime:
    if day.measured_until is not None:
        return min(day.measured_until.astimezone(UTC), now)
    return min(day_bounds(user, day.date)[1], now)


def _sensible(
    user: User, days: Iterable[DayValue], refused: list[Refused], now: datetime
) -> Iterator[DayValue]:
    """The values that can be believed; why the others cannot goes to `refused`."""
    today = local_day(user, now)
    for index, day in enumerate(days):
        if day.metric not in METRICS:
            refused.append(Refused(index, "metric_unknown", f"{day.metric} is no metric."))
        elif not is_plausible_day(day.metric, day.value):
            info = METRICS[day.metric]
            words = f"{info.metric.value} lies between {info.day_low:g} and {info.day_high:g} {info.unit}."
            refused.append(Refused(index, "value_out_of_bounds", words))
        elif day.date > today:
            refused.append(Refused(index, "time_future", "That day has not begun."))
        elif day.date < EARLIEST_DAY:
            refused.append(Refused(index, "time_too_old", "It lies before 2000."))
        else:
            yield day


def _pieces(days: Iterator[DayValue]) -> Iterator[list[DayValue]]:
    while piece := list(islice(days, PIECE)):
        yield piece
