"""An independent reader of what was really delivered, that counts every broken promise.

It knows nothing of the governor: it reads plain records of deliveries and of what people had said by
then, with its own few lines of arithmetic about clocks and weeks. So it finds a mistake that the
governor and its tests share.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

WEEK = timedelta(days=7)
SPACING = timedelta(minutes=60)
DAY_CAP = 3
WEEK_CAP = 10
WEEK_BURDEN = 15
CAPS_BY_FREQUENCY = {"minimal": (1, 3), "moderate": (2, 7), "active": (3, 10)}
QUIET = (time(8), time(21))  # open from … until
CARRIER = (time(8), time(21))
ORDERED = "reminder"
SILENT_AWAY = {"nudge", "hook", "check_in", "brief", "digest", "campaign", "coach"}


class Rule(StrEnum):
    """A promise that a delivery can break."""

    DAY_CAP = "more than 3 in a local day"
    WEEK_CAP = "more than 10 in 7 days"
    CHOSEN_DAY_CAP = "more in a day than the person chose"
    CHOSEN_WEEK_CAP = "more in 7 days than the person chose"
    SPACING = "less than 60 minutes after another"
    QUIET_HOURS = "in quiet hours"
    CARRIER_HOURS = "text or call outside 08:00-21:00"
    AWAY = "while away"
    CRISIS = "in a crisis pause"
    CONSENT = "without consent at that moment"
    TWICE = "one message delivered twice"
    EXPIRED = "after it had expired"
    TOO_EARLY = "before its moment"
    BURDEN = "over the weekly burden"
    TURNED_OFF = "of a kind that was turned off"
    MUTED = "about something muted"
    PAUSED = "while staff had paused it"
    CLOSED = "to a closed account"


class Since(NamedTuple):
    """From a moment on, something is so (consent given, account open) or not."""

    at: datetime
    so: bool


class Between(NamedTuple):
    """From one moment until another, the end outside; without an end for good."""

    since: datetime
    until: datetime | None = None

    def holds(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)


@dataclass
class Life:
    """What a person had said and what was known of them, with the moments from which it held."""

    zone: ZoneInfo
    day_start_hour: int = 3
    frequency: str = "moderate"
    window: tuple[time, time] | None = None
    consents: dict[str, list[Since]] = field(default_factory=dict)
    away: list[tuple[date, date]] = field(default_factory=list)
    crises: list[Between] = field(default_factory=list)
    paused: list[Between] = field(default_factory=list)
    closed: list[Between] = field(default_factory=list)
    causes_off: dict[str, list[Between]] = field(default_factory=dict)
    subjects_muted: dict[UUID, list[Between]] = field(default_factory=dict)

    def local_day(self, at: datetime) -> date:
        """The person's own day: half past midnight is still yesterday before it begins."""
        moment = at.astimezone(self.zone)
        early = moment.hour < self.day_start_hour
        return moment.date() - timedelta(days=1) if early else moment.date()

    def agreed(self, kind: str, at: datetime) -> bool:
        state = False
        for entry in self.consents.get(kind, []):
            if entry.at <= at:
                state = entry.so
        return state


@dataclass(frozen=True)
class Delivery:
    """One message that truly reached a person's channel, at the moment it did.

    `repeatable`: the channel makes one effect of two deliveries, so that a second one is not counted.
    """

    message: UUID
    person: UUID
    channel: str
    cause: str
    cause_key: str
    at: datetime
    not_before: datetime
    expires_at: datetime
    burden: int = 0
    consent: str | None = None
    carrier_hours: bool = False
    repeatable: bool = False
    by_staff: bool = False
    subject: UUID | None = None

    @property
    def was_ordered(self) -> bool:
        return self.cause == ORDERED


class Breach(NamedTuple):
    """A rule, and the delivery that broke it."""

    rule: Rule
    delivery: Delivery


def breaches(deliveries: Iterable[Delivery], lives: Mapping[UUID, Life]) -> list[Breach]:
    """Every rule that every delivery broke, in order of time."""
    by_person: dict[UUID, list[Delivery]] = defaultdict(list)
    for delivery in sorted(deliveries, key=lambda entry: entry.at):
        by_person[delivery.person].append(delivery)
    found: list[Breach] = []
    for person, entries in by_person.items():
        life = lives[person]
        seen: set[UUID] = set()
        counted: list[Delivery] = []
        for entry in entries:
            if entry.message in seen:
                if not entry.repeatable:
                    found.append(Breach(Rule.TWICE, entry))
                continue
            seen.add(entry.message)
            found += [Breach(rule, entry) for rule in _broken_alone(entry, life)]
            if not entry.was_ordered:
                found += [Breach(rule, entry) for rule in _broken_after(entry, counted, life)]
            counted.append(entry)
    return sorted(found, key=lambda breach: breach.delivery.at)


def _broken_alone(entry: Delivery, life: Life) -> Iterator[Rule]:
    """What the moment itself forbids."""
    clock = entry.at.astimezone(life.zone).time()
    if entry.at >= entry.expires_at:
        yield Rule.EXPIRED
    if entry.at < entry.not_before:
        yield Rule.TOO_EARLY
    if entry.consent is not None and not life.agreed(entry.consent, entry.at):
        yield Rule.CONSENT
    if entry.carrier_hours and not CARRIER[0] <= clock < CARRIER[1]:
        yield Rule.CARRIER_HOURS
    if not entry.was_ordered and not _open(clock, life.window or QUIET):
        yield Rule.QUIET_HOURS
    day = life.local_day(entry.at)
    if any(first <= day <= last for first, last in life.away) and (
        entry.cause in SILENT_AWAY or entry.channel != "in_app"
    ):
        yield Rule.AWAY
    by_hand = entry.cause == "coach" and entry.by_staff
    if not (by_hand or entry.was_ordered) and any(crisis.holds(entry.at) for crisis in life.crises):
        yield Rule.CRISIS
    if not by_hand and any(pause.holds(entry.at) for pause in life.paused):
        yield Rule.PAUSED
    if any(closing.holds(entry.at) for closing in life.closed):
        yield Rule.CLOSED
    if any(off.holds(entry.at) for off in life.causes_off.get(entry.cause, [])):
        yield Rule.TURNED_OFF
    if entry.subject and any(
        mute.holds(entry.at) for mute in life.subjects_muted.get(entry.subject, [])
    ):
        yield Rule.MUTED


def _open(clock: time, window: tuple[time, time]) -> bool:
    """Whether `clock` lies in the window; one that ends before it begins passes midnight."""
    begins, ends = window
    if begins <= ends:
        return begins <= clock < ends
    return clock >= begins or clock < ends


def _broken_after(entry: Delivery, earlier: Sequence[Delivery], life: Life) -> Iterator[Rule]:
    """What the messages before it forbid. The same thing said on two channels is one message."""
    others = [other for other in earlier if other.cause_key != entry.cause_key]
    day = life.local_day(entry.at)
    on_day = len({other.cause_key for other in others if life.local_day(other.at) == day}) + 1
    recent = [other for other in others if entry.at - other.at < WEEK]
    in_week = len({other.cause_key for other in recent}) + 1
    chosen_day, chosen_week = CAPS_BY_FREQUENCY[life.frequency]
    if on_day > DAY_CAP:
        yield Rule.DAY_CAP
    if on_day > chosen_day:
        yield Rule.CHOSEN_DAY_CAP
    if in_week > WEEK_CAP:
        yield Rule.WEEK_CAP
    if in_week > chosen_week:
        yield Rule.CHOSEN_WEEK_CAP
    if any(entry.at - other.at < SPACING for other in others):
        yield Rule.SPACING
    carried = sum(other.burden for other in earlier if entry.at - other.at < WEEK)
    if entry.burden and carried + entry.burden > WEEK_BURDEN:
        yield Rule.BURDEN
