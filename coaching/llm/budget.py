"""What a person's models may cost in one of their days."""

import logging
from uuid import UUID

from channels.db import database_sync_to_async
from django.conf import settings
from django.db import DatabaseError
from django.db.models import Sum

from accounts.day import day_bounds, local_day
from accounts.models import User
from coaching.models import ModelCall

logger = logging.getLogger(__name__)


@database_sync_to_async
def _spent_today(user_id: UUID) -> int:
    user = User.objects.filter(pk=user_id).first()
    return spent_today(user) if user else 0


def spent_today(user: User) -> int:
    """Microdollars that models cost for the person since their day began."""
    begin, _ = day_bounds(user, local_day(user))
    calls = ModelCall.objects.filter(user=user, created_at__gte=begin)
    return calls.aggregate(spent=Sum("cost_microdollars"))["spent"] or 0


async def is_spent(user_id: UUID | None) -> bool:
    """Whether the person's budget of the day is used up.

    Calls that run at this moment are not counted yet, so two at once may go over by the price of one. While the
    database is away nobody is refused.
    """
    if user_id is None:
        return False
    try:
        spent = await _spent_today(user_id)
    except DatabaseError as error:
        logger.warning("The budget could not be asked: %s", error)
        return False
    return spent >= settings.COACH_DAILY_BUDGET_MICRODOLLARS
