"""What a played month showed, as plain numbers and as text."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from statistics import fmean
from typing import Any

from django.db.models import Count

from coaching.models import (
    CoachMessage,
    ContactDecision,
    DeliveryState,
    MessageCause,
    NudgeDecision,
    Reason,
    Verdict,
)

from .breaches import ORDERED, Delivery, Rule, breaches
from .month import Played
from .people import Kind
from .stage import DAY
from .truth import Earnings, earnings

WEEK = 7 * DAY


@dataclass(frozen=True)
class Spread:
    """A few numbers that describe many."""

    mean: float
    p50: float
    p95: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        if not values:
            return cls(0, 0, 0, 0)
        ordered = sorted(values)

        def share(part: float) -> float:
            return ordered[min(len(ordered) - 1, int(part * len(ordered)))]

        return cls(fmean(ordered), share(0.5), share(0.95), ordered[-1])


@dataclass(frozen=True)
class BackingOff:
    """What those who stopped coming still got, per person and week; and what came of it."""

    people: int
    unasked_before: float
    unasked_after: float
    nudges_before: float
    nudges_after: float
    check_ins: int
    came_back: int


@dataclass(frozen=True)
class Report:
    """A month in numbers. Messages are those that really came, without reminders unless said so."""

    people: int
    days: int
    seed: int
    start: str
    seconds: float
    per_person_day: dict[str, Spread]
    reminders: int
    by_channel: dict[str, int]
    by_cause: dict[str, int]
    breaches: dict[str, int]
    examples: list[str]
    held: dict[str, int]
    dropped: dict[str, int]
    merged: dict[str, int]
    states: dict[str, int]
    attempts: dict[str, int]
    minutes_waited: Spread
    decisions: int
    available: int
    spoken: int
    unavailable: dict[str, int]
    earned: Earnings
    read: dict[str, float]
    followed: dict[str, float]
    backing_off: BackingOff
    warnings: dict[str, int]
    jobs: dict[str, float]

    @property
    def is_clean(self) -> bool:
        return not any(self.breaches.values())

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def report_on(played: Played, seed: int) -> Report:
    """Reads what the month left in the tables and in the records of the simulated people."""
    stage = played.stage
    delivered = _first_deliveries(stage.carriers.delivered)
    unasked = [entry for entry in delivered if entry.cause != ORDERED]
    found = breaches(stage.carriers.delivered, played.lives)
    broken = Counter(breach.rule for breach in found)
    decisions = NudgeDecision.objects.all()
    return Report(
        people=len(stage.people),
        days=stage.days,
        seed=seed,
        start=stage.start.date().isoformat(),
        seconds=played.seconds,
        per_person_day=_per_person_day(played, unasked),
        reminders=len(delivered) - len(unasked),
        by_channel=dict(Counter(entry.channel for entry in delivered).most_common()),
        by_cause=dict(Counter(entry.cause for entry in delivered).most_common()),
        breaches={rule.value: broken[rule] for rule in Rule},
        examples=[
            f"{breach.rule}: {breach.delivery.cause} by {breach.delivery.channel} at"
            f" {breach.delivery.at.astimezone(played.lives[breach.delivery.person].zone)}"
            f" ({breach.delivery.cause_key})"
            for breach in found[:10]
        ],
        held=_by_reason(Verdict.HOLD),
        dropped=_final_reasons(DeliveryState.SUPPRESSED),
        merged=_final_reasons(DeliveryState.MERGED),
        states=_counts("state"),
        attempts=_attempts(played),
        minutes_waited=Spread.of(
            [(entry.at - entry.not_before) / timedelta(minutes=1) for entry in unasked]
        ),
        decisions=decisions.count(),
        available=decisions.filter(is_available=True).count(),
        spoken=decisions.filter(sent=True).count(),
        unavailable=dict(
            decisions.filter(is_available=False)
            .values_list("unavailable_reason")
            .annotate(count=Count("pk"))
            .order_by("-count", "unavailable_reason")
        ),
        earned=earnings(stage.points, random.Random(seed + 3)),
        read=_shares(played, unasked, stage.read),
        followed=_shares(played, unasked, stage.followed),
        backing_off=_backing_off(played, unasked),
        warnings=dict(sorted(played.warnings.items())),
        jobs=dict(sorted(played.jobs.items(), key=lambda item: -item[1])),
    )


def _first_deliveries(delivered: Iterable[Delivery]) -> list[Delivery]:
    return list({entry.message: entry for entry in reversed(list(delivered))}.values())[::-1]


def _per_person_day(played: Played, unasked: Iterable[Delivery]) -> dict[str, Spread]:
    """How many messages came on each own day of each person: of all, and by how their month went."""
    stage = played.stage
    came: Counter[tuple[object, object]] = Counter()
    for entry in unasked:
        came[entry.person, played.lives[entry.person].local_day(entry.at)] += 1
    by_kind: dict[str, list[float]] = defaultdict(list)
    for pk, person in stage.people.items():
        for number in range(stage.days):
            day = person.life.local_day(stage.start + number * DAY + DAY / 2)
            by_kind[person.kind].append(came[pk, day])
    everybody = [count for counts in by_kind.values() for count in counts]
    kinds = {kind.value: Spread.of(by_kind[kind]) for kind in Kind if kind in by_kind}
    return {"all": Spread.of(everybody), **kinds}


def _by_reason(verdict: Verdict) -> dict[str, int]:
    """Messages per reason of the governor's; one may have several."""
    rows = ContactDecision.objects.filter(verdict=verdict).values_list("message_id", "reasons")
    pairs = {(message, reason) for message, reasons in rows for reason in reasons}
    return dict(Counter(reason for _, reason in sorted(pairs)).most_common())


def _final_reasons(state: DeliveryState) -> dict[str, int]:
    rows = CoachMessage.objects.filter(state=state).values_list("reason")
    return dict(rows.annotate(count=Count("pk")).order_by("-count", "reason"))


def _counts(field: str) -> dict[str, int]:
    rows = CoachMessage.objects.values_list(field)
    return dict(rows.annotate(count=Count("pk")).order_by("-count", field))


def _attempts(played: Played) -> dict[str, int]:
    """What became of the attempts, beside what really happened."""
    carriers = played.stage.carriers
    unknown = CoachMessage.objects.filter(state=DeliveryState.UNKNOWN)
    arrived = sum(pk in carriers.carried for pk in unknown.values_list("pk", flat=True))
    sent = CoachMessage.objects.filter(state__in=[DeliveryState.SENT, DeliveryState.DELIVERED])
    claimed = set(sent.values_list("pk", flat=True))
    return {
        "handed over": carriers.handed_over,
        "refused for now": carriers.refused_for_now,
        "refused for good": carriers.refused_for_good,
        "answers lost": carriers.answers_lost,
        "processes died": carriers.deaths,
        "asked again": carriers.looked_up,
        "left unknown, came": arrived,
        "left unknown, did not come": unknown.count() - arrived,
        "told as sent, did not come": len(claimed - carriers.carried),
    }


def _shares(played: Played, unasked: Iterable[Delivery], did: set[Any]) -> dict[str, float]:
    """The share of the messages that came with which people did something, by how their month went."""
    total: Counter[str] = Counter()
    some: Counter[str] = Counter()
    for entry in unasked:
        person = played.stage.people.get(entry.person)
        for group in ["all"] + ([person.kind.value] if person else []):
            total[group] += 1
            some[group] += entry.message in did
    return {group: some[group] / total[group] for group in sorted(total)}


def _backing_off(played: Played, unasked: Sequence[Delivery]) -> BackingOff:
    stage = played.stage
    before, after = Counter[str](), Counter[str]()
    weeks_before = weeks_after = 0.0
    lapsed = {
        pk: stage.start + person.lapses_on * DAY
        for pk, person in stage.people.items()
        if person.lapses_on is not None and person.lapses_on < stage.days
    }
    for pk, at in lapsed.items():
        weeks_before += (at - stage.start) / WEEK
        weeks_after += (_until(played, pk) - at) / WEEK
    for entry in unasked:
        if entry.person in lapsed and entry.at < _until(played, entry.person):
            (before if entry.at < lapsed[entry.person] else after)[entry.cause] += 1

    def per_week(counts: Counter[str], weeks: float, cause: str | None = None) -> float:
        total = counts.total() if cause is None else counts[cause]
        return total / weeks if weeks else 0.0

    return BackingOff(
        people=len(lapsed),
        unasked_before=per_week(before, weeks_before),
        unasked_after=per_week(after, weeks_after),
        nudges_before=per_week(before, weeks_before, MessageCause.NUDGE),
        nudges_after=per_week(after, weeks_after, MessageCause.NUDGE),
        check_ins=after[MessageCause.CHECK_IN],
        came_back=sum(stage.people[pk].revived_on is not None for pk in lapsed),
    )


def _until(played: Played, pk: Any) -> datetime:
    """Until when somebody who stopped stayed away."""
    stage = played.stage
    revived = stage.people[pk].revived_on
    return stage.end if revived is None else stage.start + revived * DAY


# --- Words ----------------------------------------------------------------------------------------


def in_words(report: Report) -> str:
    """The report as a page of plain text."""
    lines = [
        f"{report.people} people, {report.days} days from {report.start}, seed {report.seed}:"
        f" played in {report.seconds:.0f} s",
        "",
        "Messages nobody asked for, per person and own day      mean   p50   p95   max",
    ]
    for group, spread in report.per_person_day.items():
        lines.append(
            f"  {group:50} {spread.mean:6.2f} {spread.p50:5.0f} {spread.p95:5.0f} {spread.most:5.0f}"
        )
    lines += [
        f"  by cause, with {report.reminders} reminders: {_listed(report.by_cause)}",
        f"  by channel: {_listed(report.by_channel)}",
        "",
        f"Breaches: {sum(report.breaches.values())}",
        *(f"  {count:5}  {rule}" for rule, count in report.breaches.items()),
        *(f"  for example {example}" for example in report.examples),
        "",
        "What the governor did (messages)",
        f"  held for {_reasons(report.held)}",
        f"  dropped: {_reasons(report.dropped)}",
        f"  merged: {_reasons(report.merged)}",
        "",
        "Deliveries",
        f"  messages: {_listed(report.states)}",
        f"  attempts: {_listed(report.attempts)}",
        "  minutes from the moment a message might go until it came: mean"
        f" {report.minutes_waited.mean:.1f}, p50 {report.minutes_waited.p50:.0f},"
        f" p95 {report.minutes_waited.p95:.0f}, max {report.minutes_waited.most:.0f}",
        "",
        "The nudge policy",
        f"  {report.decisions} decisions, {report.available} with a choice,"
        f" {report.spoken} drew a message; no choice: {_listed(report.unavailable)}",
        *_policy_in_words(report.earned),
        "",
        "Answers, as shares of the messages that came: read, followed",
    ]
    lines += [
        f"  {group:20} {share:5.0%} {report.followed[group]:5.0%}"
        for group, share in report.read.items()
    ]
    off = report.backing_off
    lines += [
        "",
        f"{off.people} people stopped coming. Per person and week, before and after:"
        f" {off.unasked_before:.1f} and {off.unasked_after:.1f} messages, of which nudges"
        f" {off.nudges_before:.1f} and {off.nudges_after:.1f};"
        f" {off.check_ins} check-ins, {off.came_back} came back",
        "",
        f"Logged: {_listed(report.warnings) or 'nothing'}",
        f"Seconds: {', '.join(f'{name} {took:.1f}' for name, took in report.jobs.items())}",
    ]
    return "\n".join(lines)


def _policy_in_words(earned: Earnings) -> list[str]:
    rows = (
        ("what it did", earned.policy),
        ("the best rule, had it known everybody", earned.best),
        ("the best rule within odds of 20 to 80 %", earned.best_within_bounds),
        ("always a message", earned.always),
        ("a message in one of four cases", earned.quarter),
        ("never a message", earned.never),
    )
    return [
        f"  true reward per choice ({earned.points} lived), and regret against the best:",
        *(f"    {name:42} {value:7.4f}  {earned.best - value:8.4f}" for name, value in rows),
        "    (tiredness from messages is followed for each; caps and who could be reached are as lived)",
    ]


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def _reasons(counts: dict[str, int]) -> str:
    known = dict(Reason.choices)
    return ", ".join(f"{name} {count}" for name, count in counts.items() if name in known)
