"""Work on plans that nobody waits for. Each task makes one call and may run twice."""

import logging
from uuid import UUID

from celery import shared_task

from accounts.models import User
from habits import automaticity, phases, sequences

BATCH = 500
logger = logging.getLogger(__name__)


@shared_task(time_limit=60)
def expire_plan_drafts() -> int:
    """Puts away proposals that nobody answered in time."""
    return sequences.expire_drafts()


@shared_task(time_limit=300)
def open_due_phases(after: str | None = None) -> None:
    """Brings everybody's running plans up to their own today, `BATCH` people a task.

    Somebody whose plan cannot be brought up is logged and keeps nobody else waiting.
    """
    people = phases.people_with_plans(UUID(after) if after else None, BATCH)
    for user in User.objects.filter(pk__in=people, deleted_at__isnull=True):
        try:
            phases.open_due_phases(user)
        except Exception:
            logger.exception("phases_not_opened user=%s", user.pk)
    if len(people) == BATCH:
        open_due_phases.delay(str(people[-1]))


@shared_task(time_limit=300)
def refit_automaticity(after: str | None = None) -> None:
    """Fits everybody's automaticity curves anew, `BATCH` habits a task."""
    last = automaticity.refit(UUID(after) if after else None, BATCH)
    if last is not None:
        refit_automaticity.delay(str(last))
