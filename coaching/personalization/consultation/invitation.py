"""The invitation on Today: for whom the gate is open and no coach was made yet, and for whom one is half done."""

from datetime import datetime
from typing import Any

from accounts.models import User
from coaching.models import CoachingProfile, PromptStatus
from coaching.toolkit import today_tile

from .session import active_of, standing_of


@today_tile("coaching.consultation", template="coaching/consultation/tile.html", order=15)
def invitation(user: User, now: datetime) -> dict[str, Any] | None:
    """Invites to the consultation, to go on with it, or to look at the coach being made."""
    profile = CoachingProfile.objects.filter(user=user).first()
    if profile is None:
        return None
    running = active_of(user)
    if running is not None:
        return {"running": running, "progress": standing_of(running).progress}
    if profile.prompt_status == PromptStatus.GENERATING:
        return {"is_generating": True}
    if profile.consultation_enabled and profile.prompt_status == PromptStatus.NONE:
        return {"is_new": True}
    return None
