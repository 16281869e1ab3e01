"""Work on momentum that nobody waits for. Each task makes one call and may run twice."""

from celery import shared_task
from django.utils import timezone

from momentum import outcomes, visits


# --- Outcomes and visits ------------------------------------------------------------------------
@shared_task(time_limit=120)
def mark_missed_visits() -> int:
    """Marks the visits nobody came to within the hour."""
    return visits.mark_those_missed(now=timezone.now())


@shared_task(time_limit=3600)
def compute_outcomes() -> int:
    """Computes what came of the weeks that are over by now."""
    return outcomes.compute_due(now=timezone.now())
