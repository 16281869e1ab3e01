"""People who do not exist, whose traits are known: what measures and odds are held against.

Everything follows from a seed. A person has a trait of procrastination in (0, 1), a style, an impulsiveness
(how much a far due date costs, per day, as in temporal motivation theory), a readiness to snooze, and odds of
getting something done per weekday, hour and category. Their tasks and every change of them follow from these.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

CATEGORIES = ("work", "home", "family", "errands")
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "UTC")
STARTS_ON = datetime(2025, 1, 6, tzinfo=UTC)
WEEK = timedelta(days=7)
# Ours: how often things happen to these people; nothing outside of tests and evaluations rests on it.
TASKS_A_WEEK = 9.0
SHARE_WITHOUT_DUE = 0.2
LONGEST_DAYS = 60.0
AWAKE_FROM, AWAKE_UNTIL = 7, 23


class Style(StrEnum):
    """The true group of a person, besides how far they put things off."""

    PLANS = "plans"
    BURSTS = "bursts"
    LATE = "late"
    MOVES = "moves"


class Happening(NamedTuple):
    """A change of a task: kind as in `TaskEventType`, and the fields before and after."""

    at: datetime
    kind: str
    before: dict[str, object]
    after: dict[str, object]


@dataclass(frozen=True, slots=True)
class MadeTask:
    """A task and everything that happened to it, the oldest first."""

    id: UUID
    category: str
    priority: int
    minutes: int | None
    created_at: datetime
    due_at: datetime | None
    completed_at: datetime | None
    snoozes: int
    edits: int
    happenings: tuple[Happening, ...]


@dataclass(frozen=True)
class Made:
    """One person: `trait` in (0, 1), `impulsiveness` per day, `snoozing` in (0, 1)."""

    id: UUID
    zone: str
    style: Style
    trait: float
    impulsiveness: float
    snoozing: float
    seed: int
    weeks: int
    _odds: NDArray[np.float64] = field(repr=False)

    def odds(self, weekday: int, hour: int, category: str) -> float:
        """The true odds (0-1) of getting a task of `category` done in a slot at this hour; Monday is 0."""
        return float(self._odds[weekday, hour, _number_of(category)])

    def outcome(self, weekday: int, hour: int, category: str, chance: np.random.Generator) -> bool:
        """What comes of one slot: drawn from the true odds."""
        return bool(chance.random() < self.odds(weekday, hour, category))

    @cached_property
    def tasks(self) -> tuple[MadeTask, ...]:
        """Their tasks over all weeks, the oldest first."""
        return tuple(_tasks_of(self))


@dataclass(frozen=True)
class Population:
    """People with known traits; their histories run from `starts_at` to `ends_at`."""

    people: tuple[Made, ...]
    seed: int
    weeks: int

    @property
    def starts_at(self) -> datetime:
        return STARTS_ON

    @property
    def ends_at(self) -> datetime:
        return STARTS_ON + self.weeks * WEEK


def generate(n: int, seed: int, weeks: int) -> Population:
    """`n` people over `weeks` weeks; the same arguments give the same people, and a person does not hang on `n`."""
    return Population(tuple(_person(at, seed, weeks) for at in range(n)), seed, weeks)


def _number_of(category: str) -> int:
    return CATEGORIES.index(category) if category in CATEGORIES else 0


def _person(at: int, seed: int, weeks: int) -> Made:
    chance = np.random.default_rng((seed, at))
    trait = float(np.clip(chance.beta(2.0, 2.5), 0.02, 0.98))
    # Whoever puts off more is more often one who starts late or moves things, but not always.
    leaning = np.array([1.6 - 1.5 * trait, 0.8, 0.1 + 1.5 * trait, 0.3 + 0.7 * trait])
    style = list(Style)[int(chance.choice(4, p=leaning / leaning.sum()))]
    pull = {Style.PLANS: -0.5, Style.BURSTS: 0.0, Style.LATE: 1.0, Style.MOVES: 0.1}[style]
    impulsiveness = float(np.exp(np.log(0.25) + 2.2 * (trait - 0.4) + pull + chance.normal(0, 0.3)))
    often = {Style.MOVES: 2.0}.get(style, -0.8)
    snoozing = float(_share(-2.2 + 2.2 * trait + often + chance.normal(0, 0.3)))
    return Made(
        id=UUID(bytes=chance.bytes(16), version=4),
        zone=ZONES[int(chance.integers(len(ZONES)))],
        style=style,
        trait=trait,
        impulsiveness=impulsiveness,
        snoozing=snoozing,
        seed=int(chance.integers(2**62)),
        weeks=weeks,
        _odds=_odds_of(trait, chance),
    )


def _odds_of(trait: float, chance: np.random.Generator) -> NDArray[np.float64]:
    """Odds per weekday (7), hour (24) and category: one or two good times of the day, shifted per category."""
    hours = np.arange(24)
    peak, second = chance.normal(10.5, 2.0), chance.normal(18.0, 2.5)
    level = 0.9 - 2.4 * trait + chance.normal(0, 0.25)
    strength = chance.uniform(0.8, 2.2)
    of_day = chance.normal(0, 0.35, 7) + np.where(np.arange(7) >= 5, -0.3, 0.15)
    shifts = np.array([0.0, 3.0, 5.0, 1.0]) + chance.normal(0, 1.0, len(CATEGORIES))
    of_category = chance.normal(0, 0.4, len(CATEGORIES))
    logits = np.empty((7, 24, len(CATEGORIES)))
    for number, shift in enumerate(shifts):
        near = _bump(hours, peak + shift) + 0.6 * _bump(hours, second + shift)
        logits[:, :, number] = level + of_category[number] + of_day[:, None]
        logits[:, :, number] += strength * (near[None, :] - 0.6)
    asleep = (hours < AWAKE_FROM) | (hours >= AWAKE_UNTIL)
    logits[:, asleep, :] -= 2.5
    return _share(logits)


def _bump(hours: NDArray[np.int_], center: float) -> NDArray[np.float64]:
    away = np.abs((hours - center + 12) % 24 - 12)
    result: NDArray[np.float64] = np.exp(-((away / 3.0) ** 2))
    return result


def _share(logit: NDArray[np.float64] | float) -> NDArray[np.float64]:
    return np.asarray(1.0 / (1.0 + np.exp(-np.asarray(logit))))


def _tasks_of(who: Made) -> Iterator[MadeTask]:
    """Each task is done when a hazard that grows as `1 / (1 + I * D)` towards its due moment says so."""
    chance = np.random.default_rng(who.seed)
    end_day = who.weeks * 7.0
    made = np.sort(chance.uniform(0, end_day, chance.poisson(TASKS_A_WEEK * who.weeks)))
    sessions = _sessions(who, chance, end_day)
    for opened in made:
        category = int(chance.integers(len(CATEGORIES)))
        priority = int(chance.choice(4, p=[0.4, 0.2, 0.25, 0.15]))
        minutes = int(chance.choice([10, 15, 30, 60, 120])) if chance.random() < 0.6 else None
        created = _at_good_hour(who, chance, float(opened), category, None)
        has_due = chance.random() > SHARE_WITHOUT_DUE
        span = float(np.exp(chance.normal(1.5, 0.7)))
        due_after = float(np.clip(span, 0.3, 30.0)) if has_due else None
        yield _task(who, chance, created, due_after, category, priority, minutes, sessions, end_day)


def _task(
    who: Made,
    chance: np.random.Generator,
    created: float,
    due_after: float | None,
    category: int,
    priority: int,
    minutes: int | None,
    sessions: NDArray[np.float64],
    end_day: float,
) -> MadeTask:
    due = created + due_after if due_after is not None else None
    done = _done_after(who, chance, due_after if due_after is not None else 10.0, priority)
    events: list[tuple[float, str, dict[str, object], dict[str, object]]] = []
    snoozes = edits = 0
    at = created
    # What is not done yet may be put off: each time it takes a bit longer, and a due date may move ahead of time.
    while done > 0.2 and chance.random() < who.snoozing and snoozes < 6:
        at += min(done, float(chance.uniform(0.1, 1.5)))
        later = float(chance.exponential(0.6))
        done = max(done, at - created + later)
        if due is not None and chance.random() < 0.3 and at < due:
            moved = due + float(chance.uniform(0.5, 3.0))
            events.append((at, "modify", {"due_at": _say(due)}, {"due_at": _say(moved)}))
            due, edits = moved, edits + 1
        else:
            until = _say(at + max(0.04, later))
            events.append((at, "snooze", {"status": "pending"}, _snoozed(until)))
            snoozes += 1
    if chance.random() < 0.08 + (0.12 if who.style is Style.MOVES else 0.0):
        events.append((created + done * 0.3, "modify", {"priority": 0}, {"priority": priority}))
        edits += 1
    wanted = created + done
    if who.style is Style.BURSTS:
        later_sessions = sessions[np.searchsorted(sessions, wanted) :]
        wanted = float(later_sessions[0]) if len(later_sessions) else end_day + 1.0
        finished = wanted + float(chance.uniform(0, 0.08))
    else:
        finished = _at_good_hour(who, chance, wanted, category, created)
    is_done = finished < end_day and done < LONGEST_DAYS
    first_due = created + due_after if due_after is not None else None
    first: dict[str, object] = {
        "status": "pending",
        "due_at": _say(first_due),
        "category": CATEGORIES[category],
        "priority": priority,
    }
    told = [Happening(_moment(created), "create", {}, first)]
    horizon = finished if is_done else end_day
    told += [
        Happening(_moment(when), kind, before, after)
        for when, kind, before, after in sorted(events, key=lambda event: event[0])
        if created < when < horizon
    ]
    if is_done:
        moment = _moment(finished)
        after_done: dict[str, object] = {
            "status": "completed",
            "completed_at": moment.isoformat(),
        }
        told.append(Happening(moment, "complete", {"status": "pending"}, after_done))
    dues = [event.after["due_at"] for event in told if "due_at" in event.after]
    last_due = dues[-1]
    return MadeTask(
        id=UUID(bytes=chance.bytes(16), version=4),
        category=CATEGORIES[category],
        priority=priority,
        minutes=minutes,
        created_at=told[0].at,
        due_at=datetime.fromisoformat(last_due) if isinstance(last_due, str) else None,
        completed_at=told[-1].at if is_done else None,
        snoozes=sum(event.kind == "snooze" for event in told),
        edits=sum(event.kind == "modify" for event in told),
        happenings=tuple(told),
    )


def _done_after(who: Made, chance: np.random.Generator, days: float, priority: int) -> float:
    """Days from making to doing. The hazard is `pace * value / (1 + I * D)` before the due moment, then `pace`."""
    pace = 1.9 * float(np.exp(-2.3 * who.trait)) * (0.8 + 0.2 * priority)
    if who.style is Style.PLANS:
        pace *= 1.5
    spent = float(chance.exponential())
    cost = who.impulsiveness
    until_due = pace / cost * float(np.log1p(cost * days))
    if spent < until_due:
        left = ((1 + cost * days) * float(np.exp(-spent * cost / pace)) - 1) / cost
        return max(0.01, days - left)
    return days + (spent - until_due) / pace


def _sessions(who: Made, chance: np.random.Generator, end_day: float) -> NDArray[np.float64]:
    """When somebody who works in bursts sits down: about every four days, for an evening."""
    starts = np.cumsum(chance.gamma(4.0, 1.0, int(end_day / 2) + 4))
    category = int(chance.integers(len(CATEGORIES)))
    return np.array([_at_good_hour(who, chance, float(start), category, None) for start in starts])


def _at_good_hour(
    who: Made, chance: np.random.Generator, wanted: float, category: int, not_before: float | None
) -> float:
    """The day of `wanted` (days since the start, UTC), at an hour of theirs drawn from their rhythm."""
    behind = ZoneInfo(who.zone).utcoffset((STARTS_ON + timedelta(days=wanted)).replace(tzinfo=None))
    offset = behind.total_seconds() / 86400 if behind else 0.0
    day = int(wanted + offset)
    ladder = np.cumsum(who._odds[day % 7, :, category])
    hour = int(np.searchsorted(ladder, chance.random() * ladder[-1]))
    found = day + (min(hour, 23) + float(chance.random())) / 24 - offset
    if not_before is not None and found <= not_before:
        return max(wanted, not_before + 0.01)
    return max(found, 0.0)


def _moment(day: float) -> datetime:
    return STARTS_ON + timedelta(seconds=round(day * 86400))


def _say(day: float | None) -> str | None:
    return None if day is None else _moment(day).isoformat()


def _snoozed(until: str | None) -> dict[str, object]:
    return {"status": "snoozed", "snoozed_until": until}
