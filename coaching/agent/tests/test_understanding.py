"""What is read from a message after the answer: with consent only, never in a crisis, and once."""

import pytest

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from accounts.tests.factories import UserFactory
from coaching.agent.understanding import SETTLED, understand, understand_missed
from coaching.models import Conversation, Message, MessageRole, RawBehavioralLog

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    return UserFactory.create()


def agree(person: User, granted: bool = True) -> None:
    set_consent(person, ConsentKind.BEHAVIORAL_TRACKING, granted, ConsentSource.WEB)


def said(person: User, text: str) -> Message:
    conversation = Conversation.objects.create(user=person)
    return Message.objects.create(
        conversation=conversation, user=person, role=MessageRole.USER, content=text
    )


def test_tone_and_intent_are_kept_once(person: User) -> None:
    agree(person)
    message = said(person, "I am so frustrated, how am I doing?")
    assert understand(message.pk)
    assert understand(message.pk)
    message.refresh_from_db()
    assert message.intent
    assert message.sentiment_score is not None
    assert RawBehavioralLog.objects.filter(user=person).count() == 1


def test_without_consent_nothing_is_read_out_of_a_message(person: User) -> None:
    message = said(person, "I am so frustrated, how am I doing?")
    assert not understand(message.pk)
    message.refresh_from_db()
    assert (message.sentiment_score, message.intent, message.entities) == (None, "", {})
    assert not RawBehavioralLog.objects.exists()


def test_a_crisis_feeds_nothing_even_when_its_answer_was_lost(person: User) -> None:
    agree(person)
    message = said(person, "I want to die")
    assert not understand(message.pk)
    message.refresh_from_db()
    assert message.is_crisis
    assert message.sentiment_score is None
    assert not RawBehavioralLog.objects.exists()


def test_the_sweep_reads_what_was_missed_of_those_who_agreed(person: User) -> None:
    agreed, withdrawn = UserFactory.create(), UserFactory.create()
    agree(agreed)
    agree(withdrawn)
    agree(withdrawn, granted=False)
    for somebody in (person, withdrawn, agreed):
        message = said(somebody, "How am I doing?")
        Message.objects.filter(pk=message.pk).update(created_at=message.created_at - SETTLED * 2)
    assert understand_missed() == 1
    assert list(RawBehavioralLog.objects.values_list("user", flat=True)) == [agreed.pk]
    assert understand_missed() == 0
