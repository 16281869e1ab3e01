"""One person's snapshot of today, brought up to date after each change of a task."""

from datetime import datetime
from uuid import UUID

from accounts.day import local_day
from accounts.models import User

from .keeping import Due, take


def update(user_id: UUID, now: datetime) -> bool:
    """Brings today's snapshot up to date as of `now`; tells whether there is one.

    It is measured by the same statement as every night's, for one person, so that both say the same. Whoever does
    not agree to tracking, or is not there any more, has none.
    """
    user = User.objects.filter(pk=user_id).only("pk", "timezone", "day_start_hour").first()
    if user is None:
        return False
    return bool(take([Due(user.pk, user.timezone, local_day(user, now), now, is_final=False)]))
