"""How much one person and one line may ask of this process."""

from collections import OrderedDict
from time import monotonic
from uuid import UUID


class Bucket:
    """Lets `per_minute` units through a minute, and up to that many at once."""

    def __init__(self, per_minute: float) -> None:
        self._size = per_minute
        self._level = per_minute
        self._at = monotonic()

    def take(self, units: float = 1.0) -> bool:
        """Whether the units may pass; if so, they are counted."""
        now = monotonic()
        self._level = min(self._size, self._level + (now - self._at) * self._size / 60)
        self._at = now
        if units > self._level:
            return False
        self._level -= units
        return True


class PerPerson:
    """A bucket for each person, for the ones seen last."""

    def __init__(self, per_minute: float, *, people: int = 10_000) -> None:
        self._per_minute = per_minute
        self._people = people
        self._buckets: OrderedDict[UUID, Bucket] = OrderedDict()

    def take(self, user_id: UUID) -> bool:
        bucket = self._buckets.pop(user_id, None) or Bucket(self._per_minute)
        self._buckets[user_id] = bucket
        if len(self._buckets) > self._people:
            self._buckets.popitem(last=False)
        return bucket.take()
