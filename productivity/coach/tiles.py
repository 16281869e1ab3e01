"""The tile of what is overdue and due today, with a line to add to it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from accounts.models import User
from coaching.toolkit import today_tile
from productivity.models import Task
from productivity.overview import Wanted, board, span_words
from productivity.scheduling.capacity import capacity

ROWS_SHOWN = 6


@dataclass(frozen=True)
class NextSlot:
    """The slot that comes next, by the person's clock."""

    task: Task
    words: str


@today_tile("productivity.tasks", template="productivity/tile.html", order=25)
def tasks_of_today(user: User, now: datetime) -> dict[str, Any] | None:
    """What is overdue and due today, to be ticked; with the next slot, and a word when the week does not fit."""
    shown = board(user, Wanted(), now)
    due = {group.key: group for group in shown.groups}
    near = [due[key] for key in ("overdue", "today") if key in due]
    rows = [row for group in near for row in group.rows][:ROWS_SHOWN]
    total = sum(group.total for group in near)
    week = capacity(user, now=now) if shown.total else None
    said = f"{total} task{'s' if total != 1 else ''} due" if total else "No tasks due"
    return {
        "rows": rows,
        "more": max(0, shown.total - len(rows)),
        "has_any": shown.has_any,
        "next_slot": _next_slot(user, now),
        "week_words": week.words if week and not week.fits else "",
        "announcement": said,
        "client_id": uuid4().hex,
    }


def _next_slot(user: User, now: datetime) -> NextSlot | None:
    rows = Task.objects.for_user(user).open().filter(planned_end__gt=now)
    task = rows.order_by("planned_start").first()
    if task is None:
        return None
    return NextSlot(task, span_words(user, task.planned_start, task.planned_end, now))
