"""A small world for tests of nudges: people at their decision point, and what they may need."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from accounts.tests.factories import UserFactory
from coaching.ledger import TIME_KNOWN
from coaching.models import MessageTemplate, NudgeDecision, RawBehavioralLog
from coaching.outreach.nudging import decide_round
from coaching.outreach.policy.config import NUMBERS
from coaching.outreach.policy.points import offset_minutes
from coaching.toolkit import Need, NeedSource, Span, need_sources

KEY = "trial.due"
SUBJECT = "trial.thing"
TODAY = datetime(2026, 6, 10, tzinfo=UTC)


class FixedNumbers(random.Random):
    """Draws the same number always: below the odds everybody is told, above nobody."""

    def __init__(self, number: float) -> None:
        super().__init__()
        self.number = number

    def random(self) -> float:
        return self.number


SPEAK, KEEP_STILL = FixedNumbers(0.1), FixedNumbers(0.95)


def a_person(*, agreed: bool = True, zone: str = "Europe/Berlin", **fields: object) -> User:
    """Somebody who joined long ago and, unless told otherwise, agreed to behavioural tracking."""
    person = UserFactory(timezone=zone, **fields)
    User.objects.filter(pk=person.pk).update(created_at=TODAY - timedelta(days=100))
    person.refresh_from_db()
    if agreed:
        set_consent(person, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    return person


def moment_of(person: User, point: str = "midday", *, days: int = 0) -> datetime:
    """The first minute of the person's decision point, `days` after the day of the tests."""
    at = NUMBERS.points[point]
    local = (TODAY + timedelta(days=days)).replace(tzinfo=person.tz, hour=at.hour, minute=at.minute)
    return local.astimezone(UTC) + timedelta(minutes=offset_minutes(person.pk, point) + 1)


def a_crowd(count: int) -> list[User]:
    """People in UTC whose midday points all lie within ten minutes of 12:30."""
    found: list[User] = []
    while len(found) < count:
        pk = uuid4()
        if abs(offset_minutes(pk, "midday")) < 10:
            found.append(a_person(zone="UTC", pk=pk))
    return found


WHEN_THE_CROWD_IS_READY = TODAY.replace(hour=12, minute=45)


def was_active(
    person: User, *moments: datetime, source: str = "web", time_known: bool = True
) -> None:
    """Something in the ledger at each of `moments`."""
    RawBehavioralLog.objects.bulk_create(
        RawBehavioralLog(
            user=person,
            interaction_type="habit.completed",
            raw_data={TIME_KNOWN: time_known},
            source=source,
            occurred_at=at,
            idempotency_key=str(uuid4()),
        )
        for at in moments
    )


def steadily_active(person: User, now: datetime, *, days: int = 35) -> None:
    """Every day at about this hour, the last time yesterday."""
    was_active(person, *(now - timedelta(days=back) for back in range(1, days)))


def a_template(
    key: str = "plain", text: str = "Time for {thing}?", **fields: object
) -> MessageTemplate:
    row: MessageTemplate = MessageTemplate.objects.create(
        key=key, text=text, **{"purpose": KEY, "kind": "plain", **fields}
    )
    return row


@dataclass
class Needs:
    """A need source whose answers a test sets."""

    gaps: dict[UUID, list[float]] = field(default_factory=dict)
    done: set[UUID] = field(default_factory=set)
    subjects: dict[UUID, list[UUID]] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=lambda: {"thing": "a walk"})
    before_answering: Callable[[], object] = lambda: None

    def of(self, person: User, *gaps: float) -> list[UUID]:
        """Gives `person` a need per gap; returns the ids of what they are about."""
        self.gaps[person.pk] = list(gaps)
        self.subjects[person.pk] = [uuid4() for _ in gaps]
        return self.subjects[person.pk]

    def find(self, people: Sequence[User], now: datetime) -> list[Need]:
        self.before_answering()
        return [
            Need(
                user_id=person.pk,
                subject_type=SUBJECT,
                subject_id=subject,
                gap=gap,
                action="/habits/",
                action_text="Open it",
                window_ends_at=now + timedelta(hours=4),
                facts=self.facts,
            )
            for person in people
            for gap, subject in zip(
                self.gaps.get(person.pk, []), self.subjects.get(person.pk, []), strict=True
            )
        ]

    def were_done(self, spans: Sequence[Span]) -> list[bool]:
        return [span.subject_id in self.done for span in spans]


@contextmanager
def needs_of_the_trial() -> Iterator[Needs]:
    """Adds the source for the length of a test."""
    needs = Needs()
    source = NeedSource(KEY, "Trial", needs.find, needs.were_done)
    with need_sources.temporarily(trial__due=source):
        yield needs


def long_known(person: User, now: datetime) -> None:
    """A first decision so long ago that the warm-up is over."""
    NudgeDecision.objects.create(
        user=person,
        at=now - timedelta(days=30),
        local_date=(now - timedelta(days=30)).date(),
        point="midday",
        policy_version="before",
        is_available=False,
        probability=0,
        random_number=0.5,
        sent=False,
        window_ends_at=now - timedelta(days=30),
        resolved_at=now - timedelta(days=30),
    )


def the_decision(person: User, now: datetime, rng: random.Random = SPEAK) -> NudgeDecision:
    """The only decision of a round at `now`, which is about `person`."""
    assert decide_round(now=now, rng=rng) == 1
    return NudgeDecision.objects.get(user=person, at=now)
