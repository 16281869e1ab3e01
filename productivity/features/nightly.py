"""When a person's day is over: its snapshot is made final. A night that was missed is made good later."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Exists, Max, OuterRef

from accounts.day import local_day
from accounts.models import User
from coaching.learning_permission import agreed_people
from coaching.outreach import clock
from productivity.models import FeatureSnapshot, Task, TaskEvent

from . import keeping
from .numbers import NUMBERS
from .online import update

DAY = timedelta(days=1)


def ranges() -> Iterator[tuple[UUID, UUID]]:
    """First and last id of ranges of people who agree to tracking, for a task each."""
    return clock.ranges(agreed_people(), keeping.BATCH)


def run(first: UUID, last: UUID, *, now: datetime) -> int:
    """Takes what snapshots are missing of people with ids in [first, last]; returns how many were taken.

    Safe at any hour and any number of times: what is there already is not taken again.
    """
    taken = 0
    for batch in _by_day(first, last, now).values():
        taken += keeping.take(batch)
    taken += _catch_up(first, last, now)
    oldest = now.date() - timedelta(days=NUMBERS.kept_days)
    FeatureSnapshot.objects.filter(user__gte=first, user__lte=last, date__lt=oldest).delete()
    return taken


def _by_day(first: UUID, last: UUID, now: datetime) -> dict[int, list[keeping.Due]]:
    """The final snapshots that are missing, those of one night together, the oldest first.

    Yesterday's of everybody whose tasks changed of late; older ones only of those who had snapshots before them, as these
    nights were missed.
    """
    since = now - timedelta(days=NUMBERS.window_days)
    has_tasks = Exists(Task.objects.filter(user=OuterRef("pk"), updated_at__gte=since))
    people = list(
        agreed_people()
        .filter(has_tasks, pk__gte=first, pk__lte=last)
        .only("pk", "timezone", "day_start_hour")
    )
    days = _final_days(people, now)
    begun = dict(
        FeatureSnapshot.objects.filter(user__gte=first, user__lte=last)
        .order_by()
        .values_list("user_id")
        .annotate(newest=Max("date"))
    )
    missing: dict[int, list[keeping.Due]] = {}
    for back in range(NUMBERS.repair_days, 0, -1):
        for user in people:
            day = local_day(user, now) - back * DAY
            known = days.get(user.pk, set())
            earlier = min(known, default=begun.get(user.pk))
            is_wanted = back == 1 or (earlier is not None and earlier <= day)
            if is_wanted and day not in known:
                missing.setdefault(-back, []).append(keeping.of_day(user, day))
    return missing


def _final_days(people: list[User], now: datetime) -> dict[UUID, set[date]]:
    since = now.date() - timedelta(days=NUMBERS.repair_days + 2)
    found: dict[UUID, set[date]] = {}
    rows = FeatureSnapshot.objects.filter(
        user__in=[user.pk for user in people], date__gte=since, is_provisional=False
    )
    for user_id, day in rows.values_list("user_id", "date"):
        found.setdefault(user_id, set()).add(day)
    return found


def _catch_up(first: UUID, last: UUID, now: datetime) -> int:
    """Brings the snapshots of today up to date whose task got lost on its way to the queue."""
    events = TaskEvent.objects.filter(
        user__in=agreed_people(),
        user__gte=first,
        user__lte=last,
        created_at__gt=now - DAY,
        created_at__lte=now,
    )
    changed = events.order_by().values_list("user").annotate(newest=Max("created_at"))
    today = FeatureSnapshot.objects.filter(
        user__gte=first, user__lte=last, date__gte=now.date() - 2 * DAY, is_provisional=True
    )
    taken = dict(today.order_by().values_list("user").annotate(newest=Max("updated_at")))
    left = [user for user, newest in changed if user not in taken or taken[user] < newest]
    return sum(update(user, now) for user in left)
