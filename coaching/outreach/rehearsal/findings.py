"""What a played month left behind, as counts that can be added up over groups of people."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count

from coaching.models import (
    CoachMessage,
    ContactDecision,
    DeliveryState,
    NudgeDecision,
    Verdict,
)

from .breaches import ORDERED, Breach, Delivery, breaches
from .month import Played
from .stage import DAY
from .truth import Earnings, earnings

WEEK = 7 * DAY
EVERYBODY = "all"


@dataclass
class Findings:
    """Everything a report is made of. `promises` counts breaches of what single apps promise, `of_apps` what came of theirs.

    Messages are those that really came, without reminders unless said so.

    Keys of kinds of people are `people.Kind`, and `EVERYBODY`.
    """

    people: int = 0
    per_person_day: dict[str, list[float]] = field(default_factory=dict)
    reminders: int = 0
    by_channel: Counter[str] = field(default_factory=Counter)
    by_cause: Counter[str] = field(default_factory=Counter)
    breaches: Counter[str] = field(default_factory=Counter)
    promises: Counter[str] = field(default_factory=Counter)
    of_apps: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)
    held: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    merged: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    attempts: Counter[str] = field(default_factory=Counter)
    minutes_waited: list[float] = field(default_factory=list)
    decisions: int = 0
    available: int = 0
    spoken: int = 0
    unavailable: Counter[str] = field(default_factory=Counter)
    earned: Earnings = field(default_factory=Earnings)
    came: Counter[str] = field(default_factory=Counter)
    read: Counter[str] = field(default_factory=Counter)
    followed: Counter[str] = field(default_factory=Counter)
    lapsed: int = 0
    came_back: int = 0
    weeks_before: float = 0.0
    weeks_after: float = 0.0
    before: Counter[str] = field(default_factory=Counter)
    after: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    seconds: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: "Findings") -> "Findings":
        def both(mine: Any, theirs: Any) -> Any:
            if isinstance(mine, Counter):
                sums = mine.copy()
                sums.update(theirs)  # unlike +, this keeps what was counted and found to be none
                return sums
            if isinstance(mine, dict):
                return {key: mine.get(key, []) + theirs.get(key, []) for key in {**mine, **theirs}}
            return mine + theirs

        names = [each.name for each in fields(self)]
        return Findings(*(both(getattr(self, name), getattr(other, name)) for name in names))


def findings_of(played: Played) -> Findings:
    """Reads what the month left in the tables and in the records of the simulated people."""
    stage = played.stage
    delivered = _first_deliveries(stage.carriers.delivered)
    unasked = [entry for entry in delivered if entry.cause != ORDERED]
    broken = breaches(stage.carriers.delivered, played.lives)
    decisions = NudgeDecision.objects.all()
    found = Findings(
        people=len(stage.people),
        per_person_day=_per_person_day(played, unasked),
        reminders=len(delivered) - len(unasked),
        by_channel=Counter(entry.channel for entry in delivered),
        by_cause=Counter(entry.cause for entry in delivered),
        breaches=Counter(breach.rule.value for breach in broken),
        promises=_summed(part.broken() for part in played.parts),
        of_apps=_summed(part.came() for part in played.parts),
        examples=[_in_words(breach, played) for breach in broken[:10]],
        held=_by_reason(Verdict.HOLD),
        dropped=_final_reasons(DeliveryState.SUPPRESSED),
        merged=_final_reasons(DeliveryState.MERGED),
        states=_counts(CoachMessage.objects.values_list("state")),
        attempts=_attempts(played),
        minutes_waited=[(entry.at - entry.not_before) / timedelta(minutes=1) for entry in unasked],
        decisions=decisions.count(),
        available=decisions.filter(is_available=True).count(),
        spoken=decisions.filter(sent=True).count(),
        unavailable=_counts(decisions.filter(is_available=False).values_list("unavailable_reason")),
        earned=earnings(stage.points, random.Random(played.seed + 3)),
        came=_by_kind(played, unasked, {entry.message for entry in unasked}),
        read=_by_kind(played, unasked, stage.read),
        followed=_by_kind(played, unasked, stage.followed),
        warnings=played.warnings,
        seconds=Counter(played.jobs),
    )
    _add_backing_off(found, played, unasked)
    return found


def _summed(counts: Iterable[Counter[str]]) -> Counter[str]:
    """The counts of all apps in one, also those of what never happened."""
    found: Counter[str] = Counter()
    for each in counts:
        found.update(each)
    return found


def _first_deliveries(delivered: Iterable[Delivery]) -> list[Delivery]:
    return list({entry.message: entry for entry in reversed(list(delivered))}.values())[::-1]


def _in_words(breach: Breach, played: Played) -> str:
    entry = breach.delivery
    local = entry.at.astimezone(played.lives[entry.person].zone)
    return f"{breach.rule}: {entry.cause} by {entry.channel} at {local} ({entry.cause_key})"


def _per_person_day(played: Played, unasked: Iterable[Delivery]) -> dict[str, list[float]]:
    """How many things were said on each own day of each person: of all, and by how their month went.

    The same thing on two channels is one.
    """
    stage = played.stage
    came: dict[tuple[UUID, date], set[str]] = defaultdict(set)
    for entry in unasked:
        came[entry.person, played.lives[entry.person].local_day(entry.at)].add(entry.cause_key)
    found: dict[str, list[float]] = defaultdict(list)
    for pk, person in stage.people.items():
        for number in range(stage.days):
            day = person.life.local_day(stage.start + number * DAY + DAY / 2)
            found[EVERYBODY].append(len(came[pk, day]))
            found[person.kind].append(len(came[pk, day]))
    return dict(found)


def _by_reason(verdict: Verdict) -> Counter[str]:
    """Messages per reason of the governor's; one may have several."""
    rows = ContactDecision.objects.filter(verdict=verdict).values_list("message_id", "reasons")
    pairs = {(message, reason) for message, reasons in rows for reason in reasons}
    return Counter(reason for _, reason in pairs)


def _final_reasons(state: DeliveryState) -> Counter[str]:
    return _counts(CoachMessage.objects.filter(state=state).values_list("reason"))


def _counts(rows: Any) -> Counter[str]:
    return Counter(dict(rows.order_by().annotate(count=Count("pk"))))


def _attempts(played: Played) -> Counter[str]:
    """What became of the attempts, beside what really happened."""
    carriers = played.stage.carriers
    unknown = CoachMessage.objects.filter(state=DeliveryState.UNKNOWN)
    arrived = sum(pk in carriers.carried for pk in unknown.values_list("pk", flat=True))
    told = CoachMessage.objects.filter(state__in=[DeliveryState.SENT, DeliveryState.DELIVERED])
    return Counter(
        {
            "handed over": carriers.handed_over,
            "refused for now": carriers.refused_for_now,
            "refused for good": carriers.refused_for_good,
            "answers lost": carriers.answers_lost,
            "processes died": carriers.deaths,
            "providers asked": carriers.looked_up,
            "left unknown that came": arrived,
            "left unknown that did not come": unknown.count() - arrived,
            "told as sent that did not come": len(
                set(told.values_list("pk", flat=True)) - carriers.carried
            ),
        }
    )


def _by_kind(played: Played, unasked: Iterable[Delivery], which: set[UUID]) -> Counter[str]:
    """How many of the messages are among `which`: of all, and by how the person's month went."""
    found: Counter[str] = Counter()
    for entry in unasked:
        if entry.message in which:
            found[EVERYBODY] += 1
            if person := played.stage.people.get(entry.person):
                found[person.kind] += 1
    return found


def _add_backing_off(found: Findings, played: Played, unasked: Sequence[Delivery]) -> None:
    """What those who stopped coming got before and after, until they came back."""
    stage = played.stage
    since: dict[UUID, datetime] = {}
    until: dict[UUID, datetime] = {}
    for pk, person in stage.people.items():
        if person.lapses_on is not None and person.lapses_on < stage.days:
            since[pk] = stage.start + person.lapses_on * DAY
            back = person.revived_on
            until[pk] = stage.end if back is None else stage.start + back * DAY
            found.came_back += back is not None
            found.weeks_before += (since[pk] - stage.start) / WEEK
            found.weeks_after += (until[pk] - since[pk]) / WEEK
    found.lapsed = len(since)
    for entry in unasked:
        if entry.person in since and entry.at < until[entry.person]:
            side = found.before if entry.at < since[entry.person] else found.after
            side[entry.cause] += 1
