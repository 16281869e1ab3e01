"""How good a slot is for a task: a weighted mean of terms, each in [0, 1].

Deadline and priority say how much it matters that a slot comes soon: both fade with the days until the slot
begins, at the rate at which the deadline term itself fades. So a task without a due date and of no priority
goes where it goes best, and one that is due tomorrow goes first.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from math import cos, exp, tau

from .constants import SLOTS, WEIGHTS, SlotWeights
from .odds import Odds
from .spans import Stretch

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a slot's score is made of; each in [0, 1]."""

    deadline: float
    priority: float
    rhythm: float
    preference: float
    hours: float
    proximity: float

    def score(self, weights: SlotWeights = WEIGHTS) -> float:
        """The weighted mean of the terms."""
        worth, terms = asdict(weights), asdict(self)
        return sum(worth[name] * terms[name] for name in worth) / sum(worth.values())


@dataclass(frozen=True, slots=True)
class Slot:
    """A stretch for a task, with what speaks for it."""

    span: Stretch
    terms: Terms
    odds: Odds

    @property
    def score(self) -> float:
        return self.terms.score()


def urgency_of_deadline(due_at: datetime | None, now: datetime) -> float:
    """min(0.99, exp(-d / 3)) with d the days until the due moment; 0 without one, most when it is over."""
    if due_at is None:
        return 0.0
    days = max(0.0, (due_at - now) / DAY)
    return min(SLOTS.deadline_most, exp(-days / SLOTS.deadline_days))


def soon(starts: datetime, now: datetime) -> float:
    """1 for a slot that begins now, fading with the days until it begins."""
    return exp(-max(0.0, (starts - now) / DAY) / SLOTS.deadline_days)


def deadline_term(due_at: datetime | None, starts: datetime, now: datetime) -> float:
    return urgency_of_deadline(due_at, now) * soon(starts, now)


def priority_term(priority: int, starts: datetime, now: datetime) -> float:
    """`priority` from 0 (none) to 3 (high)."""
    return priority / 3 * soon(starts, now)


def hours_term(span: Stretch, open_hours: Sequence[Stretch]) -> float:
    """How far inside its hours a slot lies: 0.5 at their edge, 1 from an hour inside. 0 outside of them."""
    for hours in open_hours:
        if hours.holds(span):
            inside = min(span.starts - hours.starts, hours.ends - span.ends).total_seconds() / 60
            return 0.5 + 0.5 * min(1.0, inside / SLOTS.edge_minutes)
    return 0.0


def proximity_term(span: Stretch, alike: Sequence[Stretch]) -> float:
    """How near the next planned task of the same category lies: exp(-minutes / 60), 0 without one."""
    gaps = [
        max(
            0.0,
            (other.starts - span.ends).total_seconds(),
            (span.starts - other.ends).total_seconds(),
        )
        for other in alike
    ]
    return exp(-min(gaps) / 60 / SLOTS.nearness_minutes) if gaps else 0.0


def preferred_hours(done: Sequence[float]) -> list[float]:
    """From how much was done in each of the 24 hours: how usual each hour is, 1 for the most usual.

    Smoothed around the clock with a von Mises kernel. 0.5 everywhere while too little is known.
    """
    if sum(done) < SLOTS.preference_least:
        return [0.5] * 24
    kernel = [exp(SLOTS.preference_sharpness * (cos(tau * away / 24) - 1)) for away in range(24)]
    smooth = [
        sum(done[other] * kernel[(other - hour) % 24] for other in range(24)) for hour in range(24)
    ]
    return [value / max(smooth) for value in smooth]


def that_differ(slots: Sequence[Slot], count: int, taken: Sequence[Stretch] = ()) -> list[Slot]:
    """The best slots that lie apart from each other and from `taken`; closer ones only when there is no room."""
    ranked = sorted(slots, key=lambda slot: (-slot.score, slot.span.starts))
    chosen: list[Slot] = []
    for apart in (SLOTS.apart_minutes, SLOTS.close_minutes):
        for slot in ranked:
            if len(chosen) >= count:
                return chosen
            others = [*taken, *(one.span for one in chosen)]
            if all(_is_apart(slot.span, other, timedelta(minutes=apart)) for other in others):
                chosen.append(slot)
    return chosen


def _is_apart(slot: Stretch, other: Stretch, by: timedelta) -> bool:
    return abs(slot.starts - other.starts) >= by and not slot.overlaps(other)
