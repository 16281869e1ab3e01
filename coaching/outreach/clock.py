"""For whom it is a given moment of their own day now.

Batch work runs every few minutes and asks here which time zones have just come to its hour. Nothing is
computed per person: people are found by their zone, in one query.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import QuerySet

from accounts.models import User

BATCH = 500


def local_clocks(*, now: datetime) -> dict[str, datetime]:
    """What the clock shows at `now` (aware) in every zone in which somebody lives."""
    return clocks_in(User.objects.order_by().values_list("timezone", flat=True).distinct(), now=now)


def clocks_in(zones: Iterable[str], *, now: datetime) -> dict[str, datetime]:
    """What the clock shows at `now` (aware) in those of the `zones` that this machine knows."""
    clocks = {}
    for zone in zones:
        try:
            clocks[zone] = now.astimezone(ZoneInfo(zone))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue  # a name this machine does not know: nobody can say what time it is there
    return clocks


def has_just_come(local: datetime, at: time, minutes: int) -> bool:
    """Whether the clock time `at` came within the last `minutes` minutes of `local`, on the same date."""
    passed = (local.hour * 60 + local.minute) - (at.hour * 60 + at.minute)
    return 0 <= passed < minutes


def ranges(people: QuerySet[User], size: int = BATCH) -> Iterator[tuple[UUID, UUID]]:
    """First and last id of each run of `size` people, in the order of their ids.

    People who come in between fall into the range around them: each is met once.
    """
    first: UUID | None = None
    last: UUID | None = None
    count = 0
    for pk in people.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=10_000):
        first, last, count = first or pk, pk, count + 1
        if count == size:
            yield first, last
            first, count = None, 0
    if first is not None and last is not None:
        yield first, last
