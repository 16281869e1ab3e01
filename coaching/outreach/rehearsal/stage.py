"""What everything in a rehearsal shares: the clock, the people, and what is about to happen."""

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from accounts.models import User
from coaching.models import RawBehavioralLog

from .carriers import Carriers, Clock
from .people import Person
from .truth import Point

DAY = timedelta(days=1)
STEP = timedelta(minutes=5)
Happening = Callable[[], None]


@dataclass(frozen=True)
class Chances:
    """How often things happen, per person and day unless said otherwise."""

    campaign_every_days: int = 7
    campaign_reaches: float = 0.3  # of everybody
    coach_writes: float = 0.06
    coach_calls: float = 0.06
    hook: float = 0.06
    has_reminder: float = 0.4  # of everybody
    paused_by_staff: float = 0.04  # of everybody
    closes_account: float = 0.02  # of everybody
    mutes_something: float = 0.05  # of everybody
    reads: float = 0.75  # of a message that came
    follows: float = 0.35  # of a message that was read
    comes_back: float = 0.3  # after a check-in, of those who had stopped
    outage_day: int = 8  # when nothing runs for a while
    outage_hours: float = 3.5


@dataclass
class Stage:
    """The state of a rehearsal while it is played."""

    start: datetime
    days: int
    rng: random.Random
    clock: Clock
    staff: User
    people: dict[UUID, Person]
    carriers: Carriers
    chances: Chances = field(default_factory=Chances)
    ledger: list[RawBehavioralLog] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    # Decisions to speak, by the message that has not come yet.
    hoping: dict[UUID, Point] = field(default_factory=dict)
    read: set[UUID] = field(default_factory=set)
    followed: set[UUID] = field(default_factory=set)
    _coming: list[tuple[datetime, int, Happening]] = field(default_factory=list)
    _order: "count[int]" = field(default_factory=count)

    @property
    def now(self) -> datetime:
        return self.clock.now

    @property
    def end(self) -> datetime:
        return self.start + self.days * DAY

    def day(self) -> int:
        """The number of the day of the rehearsal, from 0."""
        return (self.now - self.start).days

    def at(self, moment: datetime, happening: Happening) -> None:
        """Lets something happen at `moment`, rounded up to the next step of the clock."""
        late = (moment - self.start) % STEP
        moment += (STEP - late) if late else timedelta(0)
        heapq.heappush(self._coming, (moment, next(self._order), happening))

    def next_happening(self) -> datetime:
        return self._coming[0][0] if self._coming else self.end

    def let_happen(self) -> bool:
        """Everything whose moment has come, in order; whether there was anything."""
        count = 0
        while self._coming and self._coming[0][0] <= self.now:
            heapq.heappop(self._coming)[2]()
            count += 1
        return count > 0

    def record(self, person: Person, interaction_type: str, at: datetime, **raw: Any) -> None:
        """A row of the ledger; nothing is kept of those who did not agree to it."""
        if not person.tracked:
            return
        self.ledger.append(
            RawBehavioralLog(
                user=person.user,
                interaction_type=interaction_type,
                raw_data=raw,
                source="web",
                occurred_at=at,
                received_at=at,
                idempotency_key=f"{interaction_type}:{at.isoformat()}:{len(self.ledger)}",
            )
        )

    def write_ledger(self) -> None:
        RawBehavioralLog.objects.bulk_create(self.ledger, ignore_conflicts=True)
        self.ledger.clear()
