"""Simulated people: who they are, what they allow, how they live, and what a message truly does to them."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.models import Consent, ConsentKind, ConsentSource, Device, DevicePlatform, User
from coaching.models import MessageChannel, Mute, NotificationFrequency, Preferences

from .breaches import Between, Life, Since

ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Europe/London",
    "Pacific/Kiritimati",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "America/Los_Angeles",
    "Asia/Kathmandu",
    "Pacific/Pago_Pago",
    "Europe/Lisbon",
    "Australia/Adelaide",
    "America/Sao_Paulo",
    "Asia/Tokyo",
    "Pacific/Chatham",
)
WINDOWS = (
    (time(7), time(22, 30)),
    (time(10), time(18)),
    (time(6, 30), time(23)),
    (time(17), time(21)),
)
SUGGESTIONS = ("nudge", "hook", "check_in")
AGREES = {
    ConsentKind.PUSH: 0.7,
    ConsentKind.EMAIL: 0.6,
    ConsentKind.SMS: 0.4,
    ConsentKind.CALLS: 0.2,
}


class Kind(StrEnum):
    """How a person's month goes."""

    STEADY = "steady"
    DRIFTING = "drifting"
    LAPSING = "lapsing"
    CRISIS = "in crisis"
    VACATION = "on vacation"
    SPARING = "wants few"
    KEEN = "wants many"
    STOPPER = "says stop"
    UNTRACKED = "not tracked"


# Twelve in a row, so that even a small rehearsal has everybody in it.
MIX = (
    Kind.STEADY,
    Kind.DRIFTING,
    Kind.LAPSING,
    Kind.CRISIS,
    Kind.VACATION,
    Kind.SPARING,
    Kind.STOPPER,
    Kind.UNTRACKED,
    Kind.KEEN,
    Kind.STEADY,
    Kind.LAPSING,
    Kind.DRIFTING,
)
DAILY_RATE = {
    Kind.STEADY: 0.85,
    Kind.DRIFTING: 0.85,
    Kind.LAPSING: 0.8,
    Kind.CRISIS: 0.7,
    Kind.VACATION: 0.8,
    Kind.SPARING: 0.7,
    Kind.KEEN: 0.9,
    Kind.STOPPER: 0.75,
    Kind.UNTRACKED: 0.8,
}
# What the best-placed message adds to the odds that the person does it, at most.
LARGEST_EFFECT = {
    Kind.STEADY: 0.10,
    Kind.DRIFTING: 0.35,
    Kind.LAPSING: 0.30,
    Kind.CRISIS: 0.20,
    Kind.VACATION: 0.20,
    Kind.SPARING: 0.15,
    Kind.KEEN: 0.30,
    Kind.STOPPER: 0.10,
    Kind.UNTRACKED: 0.20,
}
# Each message of late takes so much of the effect away; beyond about a dozen it turns against itself.
TIRES_BY = 0.08
# A message at a moment that does not suit costs a little of what would have happened anyway.
DISTURBS_BY = 0.02


@dataclass
class Person:
    """Somebody simulated. `life` is the checker's record of what they said."""

    user: User
    kind: Kind
    life: Life
    usual_hour: float
    subject: UUID
    reached_by: frozenset[str]
    lapses_on: int | None = None
    revived_on: int | None = None
    tiredness: float = 0.0
    done_on: dict[date, datetime] = field(default_factory=dict)
    nudged_by: str | None = None

    @property
    def tracked(self) -> bool:
        return self.kind != Kind.UNTRACKED

    def local(self, at: datetime) -> datetime:
        return at.astimezone(self.life.zone)

    def has_lapsed(self, day: int) -> bool:
        gone = self.lapses_on is not None and day >= self.lapses_on
        return gone and (self.revived_on is None or day < self.revived_on)

    def daily_rate(self, at: datetime, day: int, days: int) -> float:
        """The chance that the person does what they wanted on day `day` of `days`."""
        rate = DAILY_RATE[self.kind]
        own_day = self.life.local_day(at)
        if self.has_lapsed(day):
            return 0.0
        if self.kind == Kind.DRIFTING:
            rate -= 0.65 * min(1.0, max(0, day) / days)
        if any(first <= own_day <= last for first, last in self.life.away):
            rate *= 0.15
        if any(crisis.holds(at) for crisis in self.life.crises):
            rate *= 0.4
        return rate if self.revived_on is None else rate * 0.6

    def suits(self, at: datetime) -> float:
        """How well a moment suits the person, in [0, 1]: best at their usual hour."""
        clock = self.local(at)
        hour = clock.hour + clock.minute / 60
        apart = min(abs(hour - self.usual_hour), 24 - abs(hour - self.usual_hour))
        return math.exp(-((apart / 3.0) ** 2))

    def odds_without(self, at: datetime, day: int, days: int) -> float:
        """The true chance of the linked action in the four hours or so after `at`, without a message."""
        return self.daily_rate(at, day, days) * (0.1 + 0.35 * self.suits(at))

    def effect(self, at: datetime, gap: float, lapsed: bool, tiredness: float) -> float:
        """What a message at `at` truly adds to those odds; negative where it does harm."""
        if lapsed:
            return 0.01
        fresh = 1 - TIRES_BY * tiredness
        best = LARGEST_EFFECT[self.kind] * (0.4 + 0.6 * gap) * self.suits(at) * fresh
        return best - DISTURBS_BY


def make_people(count: int, start: datetime, days: int, rng: random.Random) -> list[Person]:
    """Adds `count` people to the (empty) tables, with everything they said before the month."""
    people = [_person(number, start, days, rng) for number in range(count)]
    User.objects.bulk_create([person.user for person in people])
    Preferences.objects.bulk_create([_preferences(person, rng) for person in people])
    long_ago = start - timedelta(days=40)
    agreed = [
        Consent(user=person.user, kind=kind, granted=True, at=long_ago, source=ConsentSource.WEB)
        for person in people
        for kind in person.life.consents
    ]
    Consent.objects.bulk_create(agreed)
    Device.objects.bulk_create(
        Device(
            user=person.user,
            platform=DevicePlatform.WEB,
            token=f"https://push.example/{person.user.pk}",
            created_at=long_ago,
            last_seen_at=start,
        )
        for person in people
        if MessageChannel.PUSH in person.reached_by
    )
    Mute.objects.bulk_create(
        Mute(user=person.user, cause=cause, created_at=long_ago)
        for person in people
        for cause in person.life.causes_off
        if cause not in SUGGESTIONS
    )
    return people


def made_up_id(rng: random.Random) -> UUID:
    """The same id for the same seed, so that whatever is spread by id is spread alike again."""
    return UUID(int=rng.getrandbits(128), version=4)


def _person(number: int, start: datetime, days: int, rng: random.Random) -> Person:
    kind = MIX[number % len(MIX)]
    zone = ZONES[(number * 7 + number // len(MIX)) % len(ZONES)]
    long_ago = start - timedelta(days=40)
    reached_by = {MessageChannel.IN_APP, MessageChannel.EMAIL}
    if rng.random() < 0.75:
        reached_by.add(MessageChannel.PUSH)
    if rng.random() < 0.6:
        reached_by |= {MessageChannel.SMS, MessageChannel.CALL}
    consents = {
        str(agrees): [Since(long_ago, True)]
        for agrees, share in AGREES.items()
        if rng.random() < share or (kind == Kind.STOPPER and agrees == ConsentKind.SMS)
    }
    if kind != Kind.UNTRACKED:
        consents[str(ConsentKind.BEHAVIORAL_TRACKING)] = [Since(long_ago, True)]
    if kind == Kind.STOPPER:
        reached_by.add(MessageChannel.SMS)
    usual = {Kind.SPARING: NotificationFrequency.MINIMAL, Kind.KEEN: NotificationFrequency.ACTIVE}
    frequency = usual.get(kind) or rng.choice(
        [NotificationFrequency.MODERATE] * 2 + [NotificationFrequency.ACTIVE]
    )
    user = User(
        id=made_up_id(rng),
        email=f"person{number}@rehearsal.invalid",
        name=f"Person {number}",
        timezone=zone,
        day_start_hour=rng.randint(0, 4),
        phone=f"+999{number:08}" if MessageChannel.SMS in reached_by else "",
        phone_verified_at=long_ago if MessageChannel.SMS in reached_by else None,
        birth_year=1985,
        country="DE",
        password="!",  # noqa: S106 - nobody can sign in with it
        created_at=long_ago,
        onboarded_at=long_ago,
    )
    life = Life(
        ZoneInfo(zone),
        day_start_hour=user.day_start_hour,
        frequency=str(frequency),
        window=rng.choice(WINDOWS) if rng.random() < 0.25 else None,
        consents=consents,
    )
    person = Person(
        user=user,
        kind=kind,
        life=life,
        usual_hour=rng.choice([7.5, 9.0, 12.5, 17.0, 19.0, 20.0]) + rng.uniform(-0.5, 0.5),
        subject=made_up_id(rng),
        reached_by=frozenset(str(channel) for channel in reached_by),
    )
    if rng.random() < 0.04:
        life.causes_off |= {cause: [Between(long_ago)] for cause in SUGGESTIONS}
    if rng.random() < 0.06:
        life.causes_off["campaign"] = [Between(long_ago)]
    first = start.date()
    if kind == Kind.VACATION:
        leaves = first + timedelta(days=rng.randint(1, max(1, days // 2)))
        life.away.append((leaves, leaves + timedelta(days=rng.randint(1, max(2, days // 3)))))
    if kind == Kind.LAPSING:
        person.lapses_on = rng.randint(max(1, days // 6), max(1, days // 3))
    return person


def _preferences(person: Person, rng: random.Random) -> Preferences:
    window = person.life.window
    away = person.life.away[0] if person.life.away else (None, None)
    return Preferences(
        user=person.user,
        notification_frequency=person.life.frequency,
        notification_window=(
            {"from": f"{window[0]:%H:%M}", "to": f"{window[1]:%H:%M}"} if window else {}
        ),
        preferred_channel=(
            rng.choice(sorted(person.reached_by - {"call"})) if rng.random() < 0.25 else ""
        ),
        away_from=away[0],
        away_until=away[1],
        nudges_enabled="nudge" not in person.life.causes_off,
    )


def by_id(people: Sequence[Person]) -> dict[UUID, Person]:
    return {person.user.pk: person for person in people}
