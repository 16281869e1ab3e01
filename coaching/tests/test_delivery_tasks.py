"""The tasks that deliver: any of them may run twice, and none keeps a person waiting for a batch."""

from datetime import timedelta
from uuid import uuid4

import pytest
from celery import current_app
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching import tasks
from coaching.models import CoachMessage, DeliveryState, MessageCause, Preferences, Reminder
from coaching.outreach import outbox

pytestmark = pytest.mark.django_db


def waiting(user: User) -> CoachMessage:
    """A message that may go out at any hour at which the test happens to run."""
    Preferences.objects.create(user=user, notification_window={"from": "00:00", "to": "00:00"})
    return outbox.compose(
        user,
        channel="in_app",
        cause=MessageCause.NUDGE,
        cause_key="k",
        body="Stretch?",
        now=timezone.now(),
    )


def test_a_message_is_delivered_by_its_id_once() -> None:
    message = waiting(UserFactory.create())
    assert tasks.deliver_message(str(message.pk)) == DeliveryState.DELIVERED
    assert tasks.deliver_message(str(message.pk)) == DeliveryState.DELIVERED
    assert message.notifications.count() == 1


def test_a_message_that_was_erased_is_no_error() -> None:
    assert tasks.deliver_message(str(uuid4())) == "erased"


def test_the_rest_of_a_long_queue_follows_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    again: list[int] = []
    monkeypatch.setattr(tasks.deliver_messages, "delay", again.append)
    for _ in range(3):
        waiting(UserFactory.create())
    assert tasks.deliver_messages(2) == 2
    assert tasks.deliver_messages(2) == 1
    assert again == [2]


def test_the_rest_of_many_reminders_follows_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    again: list[int] = []
    monkeypatch.setattr(tasks.deliver_reminders, "delay", again.append)
    user = UserFactory.create()
    for number in range(3):
        Reminder.objects.create(
            user=user, text="Stretch", remind_at=now, idempotency_key=str(number)
        )
    assert tasks.deliver_reminders(2) == 2
    assert tasks.deliver_reminders(2) == 1
    assert again == [2]


def test_what_nobody_finished_is_settled() -> None:
    message = waiting(UserFactory.create())
    CoachMessage.objects.filter(pk=message.pk).update(
        state=DeliveryState.SENDING,
        attempts=1,
        claimed_at=timezone.now() - timedelta(minutes=30),
    )
    assert tasks.deliver_reconcile() == 2
    assert tasks.deliver_messages() == 1
    message.refresh_from_db()
    assert message.state == DeliveryState.DELIVERED


@pytest.mark.parametrize(
    "name", ["deliver_message", "deliver_messages", "deliver_reminders", "deliver_reconcile"]
)
def test_deliveries_have_a_queue_of_their_own(name: str) -> None:
    route = current_app.amqp.router.route({}, f"coaching.tasks.{name}")
    assert route["queue"].name == "delivery"
