"""What really moves the simulated people, and how far a policy stays behind the best one knows of.

The need of everybody is to do one thing a day. At every decision point the true odds that it is done within
its window are known, with and without a message, so that what a policy earns can be added up exactly.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from operator import add
from uuid import UUID

from accounts.models import User
from coaching.toolkit import Need, NeedSource, Span

from .people import Person

NEED = "rehearsal.practice"
WINDOW = timedelta(minutes=140)
# What is left of tiredness at the next decision point.
TIREDNESS_KEPT = 0.95
MARGINS = (-1.0, 0.0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.13, 0.16, 0.2, 1.0)
DRAWS = 20


def need_source(people: Mapping[UUID, Person]) -> NeedSource:
    """The need of everybody who has not done it today, growing from seven in the morning until nine at night."""

    def find(users: Sequence[User], now: datetime) -> list[Need]:
        known = [people[user.pk] for user in users if user.pk in people]
        return [need for person in known if (need := _need(person, now)) is not None]

    def were_done(spans: Sequence[Span]) -> list[bool]:
        return [_was_done(people[span.user_id], span) for span in spans]

    return NeedSource(NEED, "Practice", find, were_done)


def _need(person: Person, now: datetime) -> Need | None:
    if person.life.local_day(now) in person.done_on:
        return None
    return Need(
        user_id=person.user.pk,
        subject_type="rehearsal.practice",
        subject_id=person.subject,
        gap=gap_at(person, now),
        action="/",
        action_text="practise for ten minutes",
        window_ends_at=now + WINDOW,
        facts={"name": person.user.first_name, "action": "practise", "habit": "practice"},
    )


def gap_at(person: Person, now: datetime) -> float:
    clock = person.local(now)
    return min(1.0, max(0.0, (clock.hour + clock.minute / 60 - 7) / 14))


def _was_done(person: Person, span: Span) -> bool:
    return any(span.since <= at <= span.until for at in person.done_on.values())


@dataclass
class Point:
    """One decision point as it was lived.

    `lot` in [0, 1) decides whether the action is done before `until`: below `without`, the true odds without
    a message, or below what `effect` (of somebody's tiredness) adds to them once the message came.
    `price` is what a message costs; `spoke` whether it really came.
    """

    person: UUID
    available: bool
    lot: float
    until: datetime
    without: float
    effect: Callable[[float], float]
    tiredness: float
    price: float = 0.0
    spoke: bool = False

    @property
    def odds(self) -> float:
        """The true odds as things are."""
        return self.without + (self.effect(self.tiredness) if self.spoke else 0.0)

    def earned(self, *, spoke: bool, tiredness: float) -> float:
        """The expected reward of speaking or not."""
        if not spoke:
            return self.without
        return min(1.0, max(0.0, self.without + self.effect(tiredness))) - self.price


@dataclass(frozen=True)
class Earnings:
    """Expected reward under each policy, summed over the `points` with a choice that were lived.

    `policy`: what was really done. `best`: per person the best rule of the form "speak when the true gain is
    above a margin". `best_within_bounds`: the same, held to odds between 0.2 and 0.8 as the policy is.
    """

    points: int = 0
    policy: float = 0.0
    best: float = 0.0
    best_within_bounds: float = 0.0
    always: float = 0.0
    quarter: float = 0.0
    never: float = 0.0

    def __add__(self, other: "Earnings") -> "Earnings":
        return Earnings(*map(add, astuple(self), astuple(other)))

    def per_point(self, total: float) -> float:
        return total / self.points if self.points else 0.0


Rule = Callable[[Point, float], float]


def earnings(points: Iterable[Point], rng: random.Random) -> Earnings:
    """Adds up what the lived points were worth under each policy.

    Other policies make people more or less tired, and that is followed; what they would change about who
    is available, or about what caps allow, is not.
    """
    by_person: dict[UUID, list[Point]] = defaultdict(list)
    for point in points:
        by_person[point.person].append(point)
    lives = list(by_person.values())
    count = sum(point.available for life in lives for point in life)
    lived = sum(
        point.earned(spoke=point.spoke, tiredness=point.tiredness)
        for life in lives
        for point in life
        if point.available
    )

    def best_of(rules: Sequence[Rule]) -> float:
        return sum(max(_followed(life, rule, rng) for rule in rules) for life in lives)

    greedy = [_when_gain_exceeds(margin) for margin in MARGINS]
    return Earnings(
        points=count,
        policy=lived,
        best=best_of(greedy),
        best_within_bounds=best_of([_within_bounds(rule) for rule in greedy]),
        always=best_of([lambda point, tiredness: 1.0]),
        quarter=best_of([lambda point, tiredness: 0.25]),
        never=best_of([lambda point, tiredness: 0.0]),
    )


def _when_gain_exceeds(margin: float) -> Rule:
    def odds(point: Point, tiredness: float) -> float:
        gain = point.earned(spoke=True, tiredness=tiredness) - point.without
        return 1.0 if gain > margin else 0.0

    return odds


def _within_bounds(rule: Rule) -> Rule:
    return lambda point, tiredness: 0.8 if rule(point, tiredness) else 0.2


def _followed(life: Sequence[Point], rule: Rule, rng: random.Random) -> float:
    """What one person's points earn under `rule`, averaged over draws where it leaves things to chance."""
    total = 0.0
    draws = 0
    by_chance = True
    while by_chance and draws < DRAWS:
        by_chance = False
        tiredness = 0.0
        for point in life:
            odds = rule(point, tiredness) if point.available else 0.0
            by_chance |= 0 < odds < 1
            spoke = rng.random() < odds
            if point.available:
                silent = point.without
                total += silent + odds * (point.earned(spoke=True, tiredness=tiredness) - silent)
            tiredness = TIREDNESS_KEPT * tiredness + spoke
        draws += 1
    return total / draws
