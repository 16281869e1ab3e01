"""A reminder on its way through a real worker: it is there once, and open pages hear of it."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.utils import timezone

from accounts.models import User
from coaching import tasks
from coaching.models import CoachMessage, DeliveryState, Reminder
from coaching.outreach.live import group_of
from config.runtime.live import LiveWorker

pytestmark = pytest.mark.slow


def test_a_reminder_comes_once_and_live(celery_worker_process: LiveWorker) -> None:
    user = User.objects.create_user("ada@example.org", name="Ada")
    Reminder.objects.create(
        user=user,
        text="stretch",
        remind_at=timezone.now() - timedelta(seconds=5),
        idempotency_key="k",
    )

    async def what_a_page_hears() -> dict[str, Any]:
        layer = get_channel_layer()
        page = await layer.new_channel()
        await layer.group_add(group_of(user.pk), page)
        for _ in range(2):  # a round may come twice
            tasks.deliver_reminders.delay()
        heard: dict[str, Any] = await asyncio.wait_for(layer.receive(page), timeout=60)
        return heard

    assert async_to_sync(what_a_page_hears)() == {
        "type": "badge",
        "user": str(user.pk),
        "unread": 1,
    }
    message = CoachMessage.objects.get()
    assert message.state == DeliveryState.DELIVERED
    assert message.notifications.count() == 1
