"""The next visit, on Today and in what the coach knows right now."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from coaching.toolkit import context_block, today_tile
from momentum import visits

SHOWN_AHEAD = timedelta(days=14)


@today_tile("momentum.visit", template="momentum/tiles/visit.html", order=15)
def visit_tile(user: User, now: datetime) -> dict[str, Any] | None:
    """The next visit within two weeks, when there is one."""
    visit = visits.next_visit(user, now)
    if visit is None or visit.scheduled_time > now + SHOWN_AHEAD:
        return None
    return {"visit": visit}


@context_block("momentum.visit", title="The next visit", priority=45, tokens=20)
def coming_visit(user: User, now: datetime) -> Iterable[str]:
    """When the next visit is, when there is one."""
    visit = visits.next_visit(user, now)
    if visit is not None:
        at = visit.scheduled_time.astimezone(user.tz)
        yield f"{visit.get_kind_display()} on {at:%A} {at.day} {at:%B}, {at:%H:%M}."
