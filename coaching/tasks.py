"""Work of the coach that nobody waits for. Each task takes ids, makes one call and may run twice."""

from celery import shared_task

from coaching.outreach import reminders


@shared_task(time_limit=120)
def deliver_reminders() -> int:
    """Sends the reminders that are due; the rest of a long queue follows a minute later."""
    return reminders.deliver_due()
