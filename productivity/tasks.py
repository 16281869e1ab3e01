"""Work of the queue: thin calls of the idea modules, each safe to run twice."""

import logging
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from accounts.models import User
from productivity import snoozing, stuck, syncing, withdrawal
from productivity.features import nightly, online
from productivity.nudging import proactive, settling
from productivity.scheduling import learning as slot_learning
from productivity.scheduling import recommending


@shared_task(time_limit=300)
def wake_snoozed() -> int:
    """Wakes the tasks whose snooze is over; returns how many."""
    return snoozing.wake_due(timezone.now())


# --- Nudges -----------------------------------------------------------------------------------------
@shared_task(time_limit=120)
def write_nudge_text(pk: str) -> bool:
    """Has a model write a nudge that still waits to be sent."""
    return proactive.write_text(UUID(pk), now=timezone.now())


@shared_task(time_limit=300)
def settle_nudges() -> int:
    """Writes down which nudges came, which helped and which misfired."""
    return settling.settle(now=timezone.now())


# --- Scheduling -----------------------------------------------------------------------------------
PEOPLE_A_BATCH = 500
logger = logging.getLogger(__name__)


@shared_task(time_limit=300)
def settle_slots(after: str | None = None) -> None:
    """Notes what came of slots that are over, `PEOPLE_A_BATCH` people a task.

    Somebody whose slots cannot be settled is logged and keeps nobody else waiting.
    """
    now = timezone.now()
    people = slot_learning.to_settle(
        now=now, after=UUID(after) if after else None, limit=PEOPLE_A_BATCH
    )
    for user in User.objects.filter(pk__in=people):
        try:
            slot_learning.settle(user, now=now)
        except Exception:
            logger.exception("slots_not_settled user=%s", user.pk)
    if len(people) == PEOPLE_A_BATCH:
        settle_slots.delay(str(people[-1]))


@shared_task(time_limit=300)
def rebuild_slot_odds(after: str | None = None) -> None:
    """Makes the odds of slots anew from their trials, `PEOPLE_A_BATCH` people a task."""
    people = slot_learning.people_to_rebuild(UUID(after) if after else None, PEOPLE_A_BATCH)
    slot_learning.rebuild(people, now=timezone.now())
    if len(people) == PEOPLE_A_BATCH:
        rebuild_slot_odds.delay(str(people[-1]))


@shared_task(time_limit=300)
def clear_slot_suggestions() -> int:
    """Lets go of suggestions that nobody answered, long after they expired."""
    return recommending.clear_old(now=timezone.now())


# --- Measures -------------------------------------------------------------------------------------
@shared_task(time_limit=120)
def update_features(user_id: str) -> bool:
    """Brings the measures of a person up to date after a change of their tasks."""
    return online.update(UUID(user_id), timezone.now())


@shared_task(time_limit=120)
def take_snapshots() -> int:
    """Has the measures taken of everybody who agrees, a range of people a task; returns of how many ranges."""
    found = list(nightly.ranges())
    for first, last in found:
        take_snapshots_of.delay(str(first), str(last))
    return len(found)


@shared_task(time_limit=300)
def take_snapshots_of(first: str, last: str) -> int:
    """Takes what snapshots are missing in a range of people, also those of nights that were missed."""
    return nightly.run(UUID(first), UUID(last), now=timezone.now())


@shared_task(time_limit=240)
def forget_derived(user_id: str) -> int:
    """Deletes what was derived of a person who just took back their consent."""
    return withdrawal.forget(UUID(user_id))


@shared_task(time_limit=290)
def forget_derived_of_those_who_withdrew() -> int:
    """Deletes what was derived of people who took back their consent, wherever anything is left."""
    return withdrawal.forget_those_who_withdrew()


# --- Steps ----------------------------------------------------------------------------------------
@shared_task(time_limit=120)
def write_breakdown(pk: str) -> bool:
    """Has a model write the steps of a draft that waits for them."""
    return stuck.write_breakdown(UUID(pk), now=timezone.now())


@shared_task(time_limit=120)
def tidy_breakdowns() -> int:
    """Drafts of steps wait for no model longer than some minutes, and for no answer longer than a week."""
    return stuck.tidy_breakdowns(now=timezone.now())


@shared_task(time_limit=300)
def forget_synced_changes() -> int:
    """Forgets what offline clients told long ago; returns how many changes."""
    return syncing.prune(timezone.now() - syncing.KEPT)
