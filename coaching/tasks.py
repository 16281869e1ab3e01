"""Work of the coach that nobody waits for. Each task takes ids, makes one call and may run twice."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from coaching.agent import sweeping, understanding
from coaching.chat import attachments
from coaching.outreach import reminders


@shared_task(time_limit=120)
def deliver_reminders() -> int:
    """Sends the reminders that are due; the rest of a long queue follows a minute later."""
    return reminders.deliver_due()


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
