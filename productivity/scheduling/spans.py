"""Arithmetic on stretches of time. All moments are aware and in UTC, so that lengths are real minutes."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple


class Stretch(NamedTuple):
    """From `starts` until `ends`, the end outside."""

    starts: datetime
    ends: datetime

    @property
    def minutes(self) -> float:
        return (self.ends - self.starts).total_seconds() / 60

    def overlaps(self, other: "Stretch") -> bool:
        return self.starts < other.ends and other.starts < self.ends

    def holds(self, other: "Stretch") -> bool:
        return self.starts <= other.starts and other.ends <= self.ends

    def widened(self, by: timedelta) -> "Stretch":
        return Stretch(self.starts - by, self.ends + by)


def merged(stretches: Iterable[Stretch]) -> list[Stretch]:
    """The same time without overlaps, in order; what touches becomes one."""
    joined: list[Stretch] = []
    for stretch in sorted(one for one in stretches if one.starts < one.ends):
        if joined and stretch.starts <= joined[-1].ends:
            joined[-1] = Stretch(joined[-1].starts, max(joined[-1].ends, stretch.ends))
        else:
            joined.append(stretch)
    return joined


def without(stretches: Iterable[Stretch], taken: Iterable[Stretch]) -> list[Stretch]:
    """What of `stretches` is left when `taken` is cut out; merged, in order."""
    left: list[Stretch] = []
    gaps = merged(taken)
    at = 0
    for stretch in merged(stretches):
        starts = stretch.starts
        while at < len(gaps) and gaps[at].ends <= starts:
            at += 1
        following = at
        while following < len(gaps) and gaps[following].starts < stretch.ends:
            gap = gaps[following]
            if starts < gap.starts:
                left.append(Stretch(starts, gap.starts))
            starts = max(starts, gap.ends)
            following += 1
        if starts < stretch.ends:
            left.append(Stretch(starts, stretch.ends))
    return left


def cut(stretches: Iterable[Stretch], since: datetime, until: datetime) -> list[Stretch]:
    """The parts of `stretches` between the two moments."""
    parts = (Stretch(max(one.starts, since), min(one.ends, until)) for one in stretches)
    return [part for part in parts if part.starts < part.ends]


def total_minutes(stretches: Iterable[Stretch]) -> int:
    """Whole minutes in stretches that do not overlap."""
    return int(sum(stretch.minutes for stretch in stretches))


def starts_in(free: Sequence[Stretch], minutes: int, step_minutes: int) -> list[datetime]:
    """The moments on the grid of the clock at which something of `minutes` fits into `free`."""
    length, step = timedelta(minutes=minutes), step_minutes * 60
    found = []
    for stretch in free:
        first = -(-int(stretch.starts.timestamp()) // step) * step
        at = datetime.fromtimestamp(first, UTC)
        if at < stretch.starts:  # a fraction of a second was cut off
            at += timedelta(seconds=step)
        while at + length <= stretch.ends:
            found.append(at)
            at += timedelta(seconds=step)
    return found
