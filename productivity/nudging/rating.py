"""What a person thinks of a nudge: -1 not useful, 0 so so, 1 useful. The latest opinion counts."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import User
from coaching.models import CoachMessage
from productivity.models import CoachingNudge, NudgeMode

from .easing import EASED_UP, ease_up
from .personas import relearn

NOT_USEFUL = "not_useful"
# The same opinion on the scale of messages.
OF_MESSAGES = {-1: 1, 0: 3, 1: 5}


def rate(user: User, nudge_id: UUID, rating: int, *, now: datetime) -> CoachingNudge:
    """Keeps the opinion and learns from it; a thumbs-down for a roast means "ease up".

    Raises `CoachingNudge.DoesNotExist` for one that is not the person's, `ValueError` for another number.
    """
    if rating not in OF_MESSAGES:
        raise ValueError("A rating is -1, 0 or 1.")
    with transaction.atomic():
        User.objects.select_for_update(no_key=True, of=("self",)).get(pk=user.pk)
        nudge = CoachingNudge.objects.select_for_update(of=("self",)).get(pk=nudge_id, user=user)
        if nudge.message_id is not None:
            CoachMessage.objects.filter(pk=nudge.message_id).update(
                helpfulness_rating=OF_MESSAGES[rating]
            )
        return _keep(nudge, rating, now)


def from_message(message: CoachMessage, rating: int, now: datetime) -> None:
    """The message of a nudge was rated, 1 to 5."""
    nudge = CoachingNudge.objects.select_for_update(of=("self",)).filter(message=message).first()
    if nudge is not None:
        _keep(nudge, (rating > 3) - (rating < 3), now)


def _keep(nudge: CoachingNudge, rating: int, now: datetime) -> CoachingNudge:
    if nudge.usefulness_rating == rating:
        return nudge
    nudge.usefulness_rating = rating
    nudge.rated_at = now
    if rating < 0 and not nudge.misfire:
        nudge.misfire = NOT_USEFUL
    elif rating >= 0 and nudge.misfire == NOT_USEFUL:
        nudge.misfire = ""
    nudge.save(update_fields=["usefulness_rating", "rated_at", "misfire"])
    relearn([nudge.user_id], now=now)
    if rating < 0 and nudge.mode == NudgeMode.ROAST:
        ease_up(nudge.user, now=now)
        if nudge.misfire == NOT_USEFUL:
            nudge.misfire = EASED_UP
            nudge.save(update_fields=["misfire"])
    return nudge
