"""Work on plans that nobody waits for. Each task makes one call and may run twice."""

import logging
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from accounts.models import User
from coaching.learning import predictions
from coaching.outreach import clock
from habits import automaticity, guesses, phases, sequences
from habits.nutrition import similar
from habits.prediction import KIND

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


@shared_task(time_limit=120)
def guess_habits() -> None:
    """Has the coming day guessed for those whose day is about to begin, and the last one settled."""
    now = timezone.now()
    for first, last in clock.ranges(guesses.before_their_day(now=now)):
        guess_habits_between.delay(str(first), str(last))
    for first, last in clock.ranges(guesses.after_their_day(now=now)):
        settle_guesses_between.delay(str(first), str(last))


@shared_task(time_limit=280)
def guess_habits_between(first: str, last: str) -> int:
    """Writes down the chances of the coming day for one range of ids."""
    return guesses.guess(UUID(first), UUID(last), now=timezone.now())


@shared_task(time_limit=280)
def settle_guesses_between(first: str, last: str) -> int:
    """Settles the guesses of one range of ids about days that are over."""
    return guesses.settle(UUID(first), UUID(last), now=timezone.now())


@shared_task(time_limit=120)
def recalibrate_guesses() -> bool:
    """Learns from what became of all guesses how their odds are to be corrected."""
    return predictions.recalibrate(KIND, now=timezone.now()) is not None


@shared_task(time_limit=120)
def embed_food(entry_id: str) -> int:
    """Makes the vector of a meal that was logged or changed."""
    return similar.embed_entries([UUID(entry_id)])
