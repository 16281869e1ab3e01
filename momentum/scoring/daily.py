"""When a person's day begins: yesterday is summed up and scored, today gets its first row, old days are final."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from accounts.day import local_day
from accounts.models import User
from coaching.learning_permission import agreed_people
from coaching.outreach.clock import local_clocks
from momentum.models import MomentumPillar
from momentum.scoring import closing, locks, versions
from momentum.scoring.days import Scored
from momentum.scoring.live import score_since
from momentum.scoring.parameters import CONSTANTS

# The job runs hourly and looks back so far, so that a late run misses nobody.
HOURS = 3
# Days that nobody summed up because the job was down are summed up within so many days.
LOOK_BACK = 7
DAY = timedelta(days=1)


def people_whose_day_began(*, now: datetime) -> QuerySet[User]:
    """Those who agreed to tracking and whose own day began within the last `HOURS` hours."""
    wanted = Q(pk__in=[])
    for zone, clock in local_clocks(now=now).items():
        starts = [hour for hour in range(24) if (clock.hour - hour) % 24 < HOURS]
        wanted |= Q(timezone=zone, day_start_hour__in=starts)
    return agreed_people().filter(wanted)


def still_to_begin(people: Sequence[UUID], *, now: datetime) -> list[UUID]:
    """Those of `people` for whom their new day has not brought yet all that it brings; a few statements.

    The others have a row of today under every version, no day left open, and no old day that is not final.
    """
    names = [version.name for version in versions.scored_versions()]
    left: list[UUID] = []
    for today, group in _by_today(people, now).items():
        rows = MomentumPillar.objects.filter(user__in=group, date=today, version__in=names)
        begun = (
            rows.order_by()
            .values_list("user_id")
            .annotate(count=Count("pk"))
            .filter(count=len(names))
            .values_list("user_id", flat=True)
        )
        done = set(begun) - set(_to_be_final(group, today).values_list("user_id", flat=True))
        done -= closing.open_days(group, today - LOOK_BACK * DAY, today - DAY).keys()
        left += [person for person in group if person not in done]
    return left


def begin_days(people: Sequence[UUID], *, now: datetime) -> Scored:
    """Does all that a new day brings for at most `locks.FEW` people, in one transaction.

    Running it again changes nothing, and beside live scoring nobody's day is written by both at once.
    """
    users = list(User.objects.filter(pk__in=people).only("pk", "timezone", "day_start_hour"))
    todays = {user.pk: local_day(user, now) for user in users}
    if not todays:
        return Scored()
    kept = versions.scored_versions()
    with transaction.atomic():
        locks.lock([version.name for version in kept], list(todays))
        changed = closing.close_days(
            {
                person: [today - back * DAY for back in range(2, LOOK_BACK + 1)]
                for person, today in todays.items()
            },
            now=now,
            only_open=True,
        )
        closing.close_days({person: [today - DAY] for person, today in todays.items()}, now=now)
        yesterdays = {person: today - DAY for person, today in todays.items()}
        done = score_since(
            {person: min(day, changed.get(person, day)) for person, day in yesterdays.items()},
            kept,
            reasons=dict.fromkeys(changed, "A day was summed up late"),
            now=now,
        )
        finalize(list(todays), now=now)
    return done


def finalize(people: Sequence[UUID], *, now: datetime) -> int:
    """Makes the days of `people` final that are old enough; returns how many."""
    return sum(
        _to_be_final(group, today).update(finalized_at=now)
        for today, group in _by_today(people, now).items()
    )


def _by_today(people: Sequence[UUID], now: datetime) -> dict[date, list[UUID]]:
    by_today: dict[date, list[UUID]] = {}
    for user in User.objects.filter(pk__in=people).only("pk", "timezone", "day_start_hour"):
        by_today.setdefault(local_day(user, now), []).append(user.pk)
    return by_today


def _to_be_final(people: Sequence[UUID], today: date) -> QuerySet[MomentumPillar]:
    # No day is open for longer: what is scored long after it is final at once.
    oldest = today - (CONSTANTS.final_after_days + CONSTANTS.carry_days) * DAY
    newest = today - CONSTANTS.final_after_days * DAY
    return MomentumPillar.objects.filter(
        user__in=people, date__range=(oldest, newest), finalized_at__isnull=True
    )
