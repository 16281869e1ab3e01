"""Work of the coach that nobody waits for. Each task takes ids, makes one call and may run twice."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from coaching.agent import sweeping, understanding
from coaching.chat import attachments
from coaching.outreach import outbox, reminders


@shared_task(time_limit=120)
def deliver_reminders() -> int:
    """Writes the messages of the reminders that are due; the rest of a long queue follows a minute later."""
    return reminders.deliver_due(now=timezone.now())


@shared_task(time_limit=120)
def deliver_message(message_id: str) -> str:
    """Delivers one message if it may go out now."""
    return outbox.deliver(UUID(message_id), now=timezone.now())


@shared_task(time_limit=240)
def deliver_messages(limit: int = 200) -> int:
    """Delivers the messages whose moment has come; the rest of a long queue follows at once."""
    dealt_with = outbox.deliver_due(now=timezone.now(), limit=limit)
    if dealt_with == limit:
        deliver_messages.delay(limit)
    return dealt_with


@shared_task(time_limit=240)
def deliver_reconcile() -> int:
    """Finds out what became of messages whose delivery nobody finished."""
    return outbox.reconcile(now=timezone.now())


@shared_task(time_limit=60)
def understand_message(message_id: str) -> bool:
    """Reads the tone and the intent of a person's message after it was answered."""
    return understanding.understand(UUID(message_id))


@shared_task(time_limit=120)
def sweep_runs() -> int:
    """Fails answers whose process died, and reads the messages whose task was lost."""
    return sweeping.sweep() + understanding.understand_missed()


@shared_task(time_limit=120)
def sweep_attachments() -> int:
    """Deletes files that were uploaded and never sent."""
    return attachments.sweep_unsent(now=timezone.now())
