"""The channel a person chose, else what was learned, else push, else the app."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from accounts.tests.factories import UserFactory
from coaching.models import InteractionPattern, MessageCause, MessageChannel, Preferences
from coaching.outreach.routing import LEARNED_HOLDS_FOR, channel_of_choice
from coaching.toolkit import Channel, channels

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
CONSENTS = {"email": ConsentKind.EMAIL, "push": ConsentKind.PUSH, "call": ConsentKind.CALLS}
pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return UserFactory.create()


@pytest.fixture
def reached() -> Iterator[set[str]]:
    """The channels that reach everybody: e-mail, push and calls until the test takes one out. No SMS."""
    reaching = set(CONSENTS)

    def reach(value: str, user: User) -> bool:
        return value in reaching

    declared = {
        f"test__{value}": Channel(
            f"test.{value}", 1, lambda message: "", partial(reach, value), consent
        )
        for value, consent in CONSENTS.items()
    }
    with channels.instead(coaching__in_app=channels.get("coaching.in_app"), **declared):
        yield reaching


def agree(user: User, *values: str) -> None:
    for value in values:
        set_consent(user, CONSENTS[value], True, ConsentSource.WEB)


def choose(user: User, value: str) -> None:
    Preferences.objects.create(user=user, preferred_channel=value)


def learn(user: User, value: str, *, at: datetime = NOW) -> None:
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    InteractionPattern.objects.create(
        user=user, preferred_communication_channel=value, last_analyzed_at=at
    )


def choice(user: User, cause: MessageCause = MessageCause.NUDGE) -> MessageChannel:
    return channel_of_choice(user, cause, now=NOW)


def test_without_any_consent_it_is_the_app(user: User, reached: set[str]) -> None:
    assert choice(user) == MessageChannel.IN_APP


def test_push_comes_next_to_the_app(user: User, reached: set[str]) -> None:
    agree(user, "push")
    assert choice(user) == MessageChannel.PUSH
    reached.remove("push")
    assert choice(user) == MessageChannel.IN_APP


def test_what_the_person_chose_comes_first(user: User, reached: set[str]) -> None:
    agree(user, "push", "email")
    learn(user, "push")
    choose(user, "email")
    assert choice(user) == MessageChannel.EMAIL
    reached.remove("email")
    assert choice(user) == MessageChannel.PUSH


def test_the_app_can_be_chosen(user: User, reached: set[str]) -> None:
    agree(user, "push")
    choose(user, "in_app")
    assert choice(user) == MessageChannel.IN_APP


def test_a_channel_that_nobody_brought_is_passed_over(user: User, reached: set[str]) -> None:
    agree(user, "push")
    set_consent(user, ConsentKind.SMS, True, ConsentSource.WEB)
    choose(user, "sms")
    assert choice(user) == MessageChannel.PUSH


def test_what_was_learned_counts_while_it_is_fresh_and_agreed_to(
    user: User, reached: set[str]
) -> None:
    agree(user, "push", "email")
    learn(user, "email")
    assert choice(user) == MessageChannel.EMAIL
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, False, ConsentSource.WEB)
    assert choice(user) == MessageChannel.PUSH
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    InteractionPattern.objects.update(last_analyzed_at=NOW - LEARNED_HOLDS_FOR - timedelta(days=1))
    assert choice(user) == MessageChannel.PUSH


def test_nobody_is_called_for_a_nudge_unless_they_chose_it(user: User, reached: set[str]) -> None:
    agree(user, "push", "call")
    learn(user, "call")
    assert choice(user) == MessageChannel.PUSH
    assert choice(user, MessageCause.COACH) == MessageChannel.CALL
    choose(user, "call")
    assert choice(user) == MessageChannel.CALL


def test_no_consent_beats_every_wish(user: User, reached: set[str]) -> None:
    choose(user, "email")
    learn(user, "push")
    assert choice(user) == MessageChannel.IN_APP
