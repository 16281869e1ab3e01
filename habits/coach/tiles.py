"""The tile of the habits that are due today."""

from datetime import datetime, timedelta
from typing import Any

from accounts.day import local_day
from accounts.models import User
from coaching.toolkit import today_tile
from habits.completions import SKIP_REASONS
from habits.overview import overview


@today_tile("habits.due", template="habits/due_tile.html", order=20)
def due_habits(user: User, now: datetime) -> dict[str, Any] | None:
    """What today asks for, to be ticked; nothing for somebody without habits."""
    shown = overview(user, local_day(user, now))
    if not shown.views:
        return None
    return {
        "overview": shown,
        "yesterday": shown.today - timedelta(days=1),
        "skip_reasons": SKIP_REASONS,
    }
