"""What real people's measures of a week ago would have told of the week since."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from coaching.learning_permission import agreed_people
from productivity.models import Task

from . import delay
from .deriving import Measures, derive
from .evaluation import OpenTask
from .measuring import Asked, count

WEEK = timedelta(days=7)
BATCH = 500


def last_week(now: datetime | None = None) -> tuple[list[OpenTask], dict[UUID, Measures]]:
    """The tasks of people who agree that were open a week ago and due since, and their measures as of then.

    Tasks whose due moment was moved since are judged by where it stands now.
    """
    moment = now or timezone.now()
    cut = moment - WEEK
    people = dict(agreed_people().values_list("pk", "timezone"))
    still_open = Q(completed_at__isnull=True) | Q(completed_at__gt=cut)
    rows = Task.objects.filter(
        still_open,
        user__in=people,
        created_at__lte=cut,
        due_at__gt=cut,
        due_at__lte=moment,
        deleted_at__isnull=True,
    )
    tasks = [
        OpenTask(
            task.user_id,
            task.category,
            task.estimated_minutes,
            task.priority,
            (task.due_at - cut).total_seconds() / 86400,
            task.completed_at is None or task.completed_at > task.due_at,
        )
        for task in rows
        if task.due_at is not None
    ]
    asked = [Asked(user, people[user], cut) for user in sorted({task.user_id for task in tasks})]
    prior = delay.current_prior()
    found = {}
    for start in range(0, len(asked), BATCH):
        for counts in count(asked[start : start + BATCH]):
            found[counts.user_id] = derive(counts, prior)
    return tasks, found
