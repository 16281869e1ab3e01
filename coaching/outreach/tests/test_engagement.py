"""Following a message or rating it is told to the ledger: once, however often and on however many channels."""

import pytest
from django.utils import timezone

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from accounts.tests.factories import UserFactory
from coaching.models import CoachMessage, MessageCause, MessageChannel, RawBehavioralLog
from coaching.outreach import inbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    user = UserFactory()
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    return user


def message_to(user: User, key: str = "k" * 200, **fields: str) -> CoachMessage:
    return CoachMessage.objects.create(
        user=user,
        cause=MessageCause.NUDGE,
        cause_key=key,
        body="Hello",
        sent_at=timezone.now(),
        **fields,
    )


def told(user: User) -> list[str]:
    rows = RawBehavioralLog.objects.filter(user=user, interaction_type="coach.message_engaged")
    return [row.raw_data["how"] for row in rows]


def test_reading_is_not_told(person: User) -> None:
    inbox.mark_read(person, message_to(person), now=timezone.now())
    assert told(person) == []


def test_following_is_told_once_for_all_twins(person: User) -> None:
    message = message_to(person)
    twin = message_to(person, channel=MessageChannel.EMAIL)
    for one in (message, message, twin):
        inbox.mark_read(person, one, now=timezone.now(), engaged=True)
    inbox.rate(person, message, 5)
    assert told(person) == ["followed"]


def test_another_message_is_told_of_anew(person: User) -> None:
    inbox.mark_read(person, message_to(person, "a"), now=timezone.now(), engaged=True)
    inbox.rate(person, message_to(person, "b"), 1)
    assert sorted(told(person)) == ["followed", "rated"]


def test_without_consent_the_message_is_followed_and_nothing_is_told() -> None:
    user = UserFactory()
    message = message_to(user)
    inbox.mark_read(user, message, now=timezone.now(), engaged=True)
    message.refresh_from_db()
    assert message.engaged_at is not None
    assert told(user) == []


def test_nobody_engages_with_the_message_of_somebody_else(person: User) -> None:
    inbox.rate(person, message_to(UserFactory()), 5)
    inbox.mark_read(person, message_to(UserFactory(), "b"), now=timezone.now(), engaged=True)
    assert told(person) == []
