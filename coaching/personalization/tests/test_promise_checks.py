"""A promise is asked about once, by the way its person likes, and never against the rules of contact."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.memory import commitments
from coaching.memory.extraction.found import FoundPromise
from coaching.memory.tests.talks import learner
from coaching.models import (
    CoachMessage,
    Commitment,
    CommitmentStatus,
    ContactDecision,
    DeliveryState,
    EpisodicMemory,
    MessageCause,
    Preferences,
    RawBehavioralLog,
    Reason,
    Verdict,
)
from coaching.outreach import muting
from coaching.personalization.promise_checks import SUBJECT, ask_due

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 10, 8, 0, tzinfo=UTC)
DUE = datetime(2026, 6, 10, 10, 0, tzinfo=UTC)
LATER = DUE + timedelta(hours=1)


def promised(user: User, *, due: datetime = DUE, ref: str = "message:1#p=0") -> Commitment:
    found = FoundPromise("walk", "I'll walk at 12", 0, due, True)
    return commitments.note_promise(user, found, source_ref=ref, now=NOW)[0]


@pytest.fixture
def person() -> User:
    return learner(timezone="Europe/Berlin")


def test_it_is_asked_once_after_its_hour(person: User) -> None:
    row = promised(person)
    assert ask_due(now=LATER - timedelta(minutes=1)) == 0
    assert ask_due(now=LATER) == 1
    assert ask_due(now=LATER + timedelta(hours=1)) == 0
    message = CoachMessage.objects.get()
    row.refresh_from_db()
    assert row.check_message == message
    assert row.check_channel == message.channel == "in_app"
    assert message.cause == MessageCause.CHECK_IN
    assert message.body.startswith("You meant to walk today at 12:00. Did you?")
    assert message.cta_action == f"/knows/promises/#promise-{row.pk}"


def test_nobody_asks_long_afterwards_or_about_what_is_settled(person: User) -> None:
    promised(person)
    assert ask_due(now=LATER + timedelta(hours=24)) == 0
    commitments.settle(person, Commitment.objects.get().pk, kept=True, now=LATER)
    assert ask_due(now=LATER) == 0


def test_the_rules_of_contact_hold(person: User) -> None:
    row = promised(person)
    muting.mute_subject(person, SUBJECT, row.pk, now=NOW)
    ask_due(now=LATER)
    assert CoachMessage.objects.get().state == DeliveryState.SUPPRESSED
    assert ContactDecision.objects.get().verdict == Verdict.DROP


def test_quiet_hours_hold_it(person: User) -> None:
    night = datetime(2026, 6, 10, 20, 0, tzinfo=UTC)
    promised(person, due=night)
    ask_due(now=night + timedelta(hours=1))
    message = CoachMessage.objects.get()
    assert message.state == DeliveryState.QUEUED
    assert message.not_before.astimezone(person.tz).hour == 8


def test_an_answer_takes_a_waiting_check_back(person: User) -> None:
    night = datetime(2026, 6, 10, 20, 0, tzinfo=UTC)
    row = promised(person, due=night)
    ask_due(now=night + timedelta(hours=1))
    commitments.settle(person, row.pk, kept=True, now=night + timedelta(hours=2))
    ask_due(now=night + timedelta(hours=2))
    message = CoachMessage.objects.get()
    assert (message.state, message.reason) == (
        DeliveryState.SUPPRESSED,
        Reason.NO_LONGER_NEEDED,
    )


def test_a_moved_promise_is_asked_about_anew(person: User) -> None:
    row = promised(person)
    ask_due(now=LATER)
    tomorrow = DUE + timedelta(days=1)
    commitments.move(person, row.pk, tomorrow, now=LATER)
    commitments.move(person, row.pk, tomorrow, now=LATER)
    assert ask_due(now=LATER) == 0
    assert ask_due(now=tomorrow + timedelta(hours=1)) == 1
    assert CoachMessage.objects.count() == 2
    with pytest.raises(commitments.PromiseRefused):
        commitments.move(person, row.pk, DUE, now=LATER)


def test_the_outcome_goes_into_ledger_memory_and_opening_line(person: User) -> None:
    row = promised(person)
    for _ in range(2):
        commitments.settle(person, row.pk, kept=True, now=LATER)
    assert list(RawBehavioralLog.objects.values_list("interaction_type", flat=True)) == [
        "commitment.kept"
    ]
    memory = EpisodicMemory.objects.get()
    assert memory.memory_description == "I kept my promise to walk on 10 June 2026."
    assert commitments.opening_line(person, now=LATER).startswith(
        "You said you would walk, and you did."
    )
    commitments.settle(person, row.pk, kept=False, now=LATER)
    assert EpisodicMemory.objects.get().memory_type == "struggle"
    assert "That happens" in commitments.opening_line(person, now=LATER)
    assert "walk" not in commitments.opening_line(person, now=LATER + timedelta(days=3))


def test_without_consent_the_outcome_is_the_promise_alone() -> None:
    user = UserFactory.create()
    row = promised(user)
    commitments.settle(user, row.pk, kept=True, now=LATER)
    assert Commitment.objects.get().status == CommitmentStatus.KEPT
    assert not RawBehavioralLog.objects.exists()
    assert not EpisodicMemory.objects.exists()


def test_a_promise_is_for_its_person_alone(person: User) -> None:
    row = promised(person)
    other = UserFactory.create()
    for act in (
        lambda: commitments.settle(other, row.pk, kept=True, now=LATER),
        lambda: commitments.move(other, row.pk, DUE + timedelta(days=1), now=LATER),
        lambda: commitments.withdraw(other, row.pk, now=LATER),
        lambda: commitments.reopen(other, row.pk, now=LATER),
    ):
        with pytest.raises(Commitment.DoesNotExist):
            act()


def test_the_chosen_way_is_taken(person: User) -> None:
    Preferences.objects.update_or_create(user=person, defaults={"preferred_channel": "in_app"})
    promised(person)
    ask_due(now=LATER)
    assert Commitment.objects.get().check_channel == "in_app"


@pytest.mark.django_db(transaction=True)
def test_two_workers_ask_once() -> None:
    promised(learner(timezone="Europe/Berlin"))
    asked: list[int] = []

    def work() -> None:
        try:
            asked.append(ask_due(now=LATER))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(asked) == 1
    assert CoachMessage.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_promise_twice_at_once_is_one() -> None:
    user = learner()

    def work(number: int) -> None:
        try:
            promised(user, ref=f"message:{number}#p=0")
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Commitment.objects.count() == 1
