"""The hours of a day in which a person may be spoken to, on their own clock.

The clock on the wall decides: a daylight-saving night has one hour less or more, and an hour that the
clock shows twice is treated the same both times.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class OpenHours:
    """Open from `opens` until before `closes`, local clock times; over midnight when `closes` is earlier.

    Equal times mean: always open.
    """

    opens: time
    closes: time

    @classmethod
    def wished(cls, window: Any, otherwise: "OpenHours") -> "OpenHours":
        """What a person set as `{"from": "07:00", "to": "22:00"}`; `otherwise` when it is not readable."""
        if not isinstance(window, Mapping):
            return otherwise
        try:
            return cls(
                time.fromisoformat(window["from"]).replace(tzinfo=None),
                time.fromisoformat(window["to"]).replace(tzinfo=None),
            )
        except (KeyError, TypeError, ValueError):
            return otherwise

    def hold(self, at: datetime, zone: ZoneInfo) -> bool:
        """Whether the moment `at` (aware) lies within these hours in `zone`."""
        clock = at.astimezone(zone).time()
        if self.opens < self.closes:
            return self.opens <= clock < self.closes
        return clock >= self.opens or clock < self.closes

    def first_from(self, at: datetime, zone: ZoneInfo) -> datetime:
        """The first moment (UTC) at or after `at` that lies within these hours in `zone`.

        These are `at` itself, the moments when the clock shows `opens`, and the jumps of the clock.
        """
        if self.hold(at, zone):
            return at
        local = at.astimezone(zone)
        moments = list(_jumps(at, at + timedelta(days=2), zone))
        for ahead in range(3):
            naive = datetime.combine(local.date() + timedelta(days=ahead), self.opens)
            moments += [naive.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
        return min(moment for moment in moments if moment > at and self.hold(moment, zone))


def _jumps(since: datetime, until: datetime, zone: ZoneInfo) -> list[datetime]:
    """The moments (to the second, UTC) in (since, until] when the clock of `zone` jumps; one a day at most."""
    found = []
    start = since.astimezone(UTC).replace(microsecond=0)
    while start < until:
        end = start + timedelta(days=1)
        if start.astimezone(zone).utcoffset() != end.astimezone(zone).utcoffset():
            low, high = start, end
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
                if middle.astimezone(zone).utcoffset() == start.astimezone(zone).utcoffset():
                    low = middle
                else:
                    high = middle
            found.append(high)
        start = end
    return found
