"""Named sets of people that experiments and campaigns may be for."""

from datetime import timedelta

from django.db.models import Count, Max, QuerySet
from django.utils import timezone

from accounts.models import User
from coaching.models import RawBehavioralLog
from coaching.toolkit import segment

NEW_DAYS = 14
# At risk (ours): some life in the weeks before, and a week of silence now.
QUIET_DAYS = 7
LOOK_BACK_DAYS = 28
ENOUGH_EVENTS = 4


@segment("coaching.all")
def everybody() -> QuerySet[User]:
    """Everybody who uses the coach: not staff, and not about to leave."""
    return User.objects.filter(is_active=True, is_staff=False, deleted_at__isnull=True)


@segment("coaching.new_users")
def new_people() -> QuerySet[User]:
    """Who joined in the last two weeks."""
    return everybody().filter(created_at__gte=timezone.now() - timedelta(days=NEW_DAYS))


@segment("coaching.at_risk")
def people_at_risk() -> QuerySet[User]:
    """Who did things in the last four weeks, but nothing in the last seven days.

    Known of people who agreed to behavioural tracking only.
    """
    now = timezone.now()
    quiet = (
        RawBehavioralLog.objects.filter(occurred_at__gte=now - timedelta(days=LOOK_BACK_DAYS))
        .order_by()
        .values("user")
        .annotate(events=Count("id"), newest=Max("occurred_at"))
        .filter(events__gte=ENOUGH_EVENTS, newest__lt=now - timedelta(days=QUIET_DAYS))
    )
    return everybody().filter(pk__in=quiet.values("user"))
