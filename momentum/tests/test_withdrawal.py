"""Whoever takes back their consent is not profiled any more, from that moment on; what they entered stays."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from momentum import tasks, withdrawal
from momentum.models import (
    BiometricStream,
    CheckIn,
    GoalProgressLog,
    JournalEntry,
    MomentumEvent,
    MomentumPillar,
    MotivationReading,
    MotivationScore,
    OutcomeMetric,
    PendingScore,
)
from momentum.tests.factories import TrackedUserFactory, add_events, agree, an_event

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 9)
NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)


def everything_of(user: User) -> None:
    """A row of everything that is derived, and of everything that a person enters."""
    add_events([an_event(user, DAY)])
    MomentumPillar.objects.create(user=user, date=DAY)
    PendingScore.objects.create(user=user, since=DAY)
    OutcomeMetric.objects.create(user=user, week=DAY, was_active=True, active_days=1)
    GoalProgressLog.objects.create(
        user=user, goal_id=uuid4(), goal_text="Run", percent_complete=1, at=NOON, log_id=uuid4()
    )
    BiometricStream.objects.create(
        user=user,
        metric="steps",
        date=DAY,
        value=1,
        unit="steps",
        source="manual",
        measured_until=NOON,
    )
    CheckIn.objects.create(user=user, energy=3, local_date=DAY, source="web")
    JournalEntry.objects.create(user=user, text="Hello", local_date=DAY, source="web")


def derived(user: User) -> int:
    return sum(model._default_manager.filter(user=user).count() for model in withdrawal.DERIVED)


def entered(user: User) -> int:
    return sum(
        model._default_manager.filter(user=user).count()
        for model in (BiometricStream, CheckIn, JournalEntry)
    )


def test_what_was_derived_goes_and_what_was_entered_stays() -> None:
    person, other = TrackedUserFactory(), TrackedUserFactory()
    for user in (person, other):
        everything_of(user)
    agree(person, granted=False)
    assert tasks.forget_derived(str(person.pk)) == 5
    assert (derived(person), entered(person)) == (0, 3)
    assert (derived(other), entered(other)) == (5, 3)
    assert tasks.forget_derived(str(person.pk)) == 0


def test_the_sweep_finds_everybody_who_withdrew() -> None:
    gone, back, other = (TrackedUserFactory() for _ in range(3))
    for user in (gone, back, other):
        everything_of(user)
    agree(gone, granted=False)
    agree(back, granted=False)
    agree(back)
    assert tasks.forget_those_who_withdrew() == 5
    assert [derived(user) for user in (gone, back, other)] == [0, 5, 5]


def test_who_agreed_again_meanwhile_loses_nothing() -> None:
    person = TrackedUserFactory()
    everything_of(person)
    agree(person, granted=False)
    agree(person)
    assert tasks.forget_derived(str(person.pk)) == 0
    assert tasks.forget_derived(str(uuid4())) == 0
    assert derived(person) == 5


def test_saying_no_asks_for_it_at_once(django_capture_on_commit_callbacks: Any) -> None:
    person = TrackedUserFactory()
    with django_capture_on_commit_callbacks() as asked:
        agree(person, granted=False)
    assert [call for call in asked if "momentum.tasks.forget_derived" in repr(call)]
    with django_capture_on_commit_callbacks() as asked:
        agree(person)
    assert not [call for call in asked if "momentum.tasks.forget_derived" in repr(call)]


def test_all_events_of_somebody_who_withdrew_are_gone_even_years_of_them() -> None:
    person = TrackedUserFactory()
    add_events(an_event(person, date(year, 6, 1)) for year in range(2020, 2027))
    agree(person, granted=False)
    withdrawal.forget(person.pk)
    assert not MomentumEvent.objects.filter(user=person).exists()


@pytest.mark.parametrize(
    "address", ["outcomes/", "goal-progress/", "motivation/readings/", "motivation/scores/"]
)
def test_from_that_moment_on_nothing_derived_is_shown(address: str) -> None:
    person = TrackedUserFactory()
    everything_of(person)
    MotivationScore.objects.create(
        user=person, date=DAY, kind="motivation", score=70, evidence_count=1, version="v1"
    )
    MotivationReading.objects.create(
        user=person,
        source="journal",
        source_id=uuid4(),
        motivation_type="intrinsic",
        distribution={"intrinsic": 1.0},
        confidence=0.9,
        method="lexicon",
        at=NOON,
        local_date=DAY,
    )
    client = Client()
    client.force_login(person)
    assert len(client.get(f"/api/v1/momentum/{address}").json()["results"]) == 1
    agree(person, granted=False)
    assert client.get(f"/api/v1/momentum/{address}").json()["results"] == []


def test_what_was_read_off_the_journal_goes_at_once() -> None:
    person = TrackedUserFactory()
    entry = JournalEntry.objects.create(
        user=person,
        text="I love to run",
        local_date=DAY,
        source="web",
        motivation_type="intrinsic",
        internalization_score=90.0,
    )
    before = entry.updated_at
    agree(person, granted=False)
    tasks.forget_derived(str(person.pk))
    entry.refresh_from_db()
    assert (entry.motivation_type, entry.internalization_score) == ("", None)
    assert (entry.text, entry.updated_at) == ("I love to run", before)
