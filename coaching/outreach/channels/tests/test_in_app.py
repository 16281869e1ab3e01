"""A message in the app is its row; open pages hear of it, and nothing depends on their hearing."""

from datetime import UTC, datetime
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from channels.layers import get_channel_layer
from django.test import TestCase, override_settings

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.models import CoachMessage, ContactDecision, DeliveryState, MessageCause
from coaching.outreach.live import group_of
from coaching.toolkit import Channel, channel_for

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return UserFactory.create()


def in_app() -> Channel:
    declared = channel_for("in_app")
    assert declared is not None
    return declared


def a_message(user: User, **fields: Any) -> CoachMessage:
    values: dict[str, Any] = {
        "cause": MessageCause.COACH,
        "cause_key": "one",
        "body": "Hello",
        "sent_at": NOW,
    }
    return CoachMessage.objects.create(user=user, **{**values, **fields})


def test_it_reaches_everybody_costs_nothing_and_needs_no_consent(user: User) -> None:
    declared = in_app()
    assert declared.reaches(user)
    assert (declared.burden, declared.consent, declared.repeatable) == (0, None, True)


def test_open_pages_are_told_how_much_is_unread(user: User) -> None:
    message = a_message(user)

    def deliver() -> None:
        with TestCase.captureOnCommitCallbacks(execute=True):
            assert in_app().deliver(message) == str(message.pk)

    async def what_a_page_hears() -> dict[str, Any]:
        layer = get_channel_layer()
        page = await layer.new_channel()
        await layer.group_add(group_of(user.pk), page)
        await sync_to_async(deliver)()
        heard: dict[str, Any] = await layer.receive(page)
        return heard

    assert async_to_sync(what_a_page_hears)() == {
        "type": "badge",
        "user": str(user.pk),
        "unread": 1,
    }


def test_placing_it_twice_is_once(user: User) -> None:
    message = a_message(user, state=DeliveryState.SENDING)
    for _ in range(2):
        with TestCase.captureOnCommitCallbacks(execute=True):
            in_app().deliver(message)
    assert CoachMessage.objects.get() == message


def test_somebody_who_is_away_is_not_told(user: User) -> None:
    message = a_message(user, cause=MessageCause.REMINDER)
    ContactDecision.objects.create(
        message=message, at=NOW, stage="sending", verdict="send", reasons=["away"]
    )
    with TestCase.captureOnCommitCallbacks() as told:
        in_app().deliver(message)
    assert told == []


def test_it_is_placed_with_redis_down(user: User) -> None:
    nowhere = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": ["redis://127.0.0.1:1/0"]},
        }
    }
    message = a_message(user)
    with (
        override_settings(CHANNEL_LAYERS=nowhere),
        TestCase.captureOnCommitCallbacks(execute=True),
    ):
        assert in_app().deliver(message) == str(message.pk)
