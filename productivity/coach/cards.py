"""How cards about tasks look: from the rows as they are now."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.models import User
from coaching.toolkit import Card, card_view
from productivity.models import Breakdown, ScheduleRecommendation, StuckReport, Task
from productivity.scheduling.proposed_days import LEFT
from productivity.stuck.breaking_down import KEPT

from .tools import facts_of


@card_view("productivity.task", template="productivity/cards/task.html")
def task_card_view(user: User, card: Card) -> dict[str, Any]:
    """The task as it is now; one that is gone says so."""
    mine = Task.objects.filter(user=user).select_related("series")
    task = mine.filter(pk=card.subject).first() if card.subject else None
    facts = facts_of(user, task, timezone.now()) if task else ""
    return {"card": card, "task": task, "facts": facts}


@card_view("productivity.list", template="productivity/cards/list.html")
def list_card(user: User, card: Card) -> dict[str, Any]:
    """The tasks that were listed, as they are now."""
    wanted = [str(pk) for pk in card.data.get("tasks", [])]
    found = {
        str(task.pk): task
        for task in Task.objects.filter(user=user, pk__in=wanted).select_related("series")
    }
    now = timezone.now()
    rows = [
        {"task": found[pk], "facts": facts_of(user, found[pk], now)} for pk in wanted if pk in found
    ]
    return {"card": card, "rows": rows, "more": max(0, card.data.get("total", 0) - len(wanted))}


@card_view("productivity.day", template="productivity/cards/day.html")
def day_card(user: User, card: Card) -> dict[str, Any]:
    """The proposed day; what lies in its slot already is marked."""
    items = card.data.get("items", [])
    tasks = {
        str(task.pk): task
        for task in Task.objects.filter(user=user, pk__in=[item["task"] for item in items])
    }
    rows, now = [], timezone.now()
    for item in items:
        starts = datetime.fromisoformat(item["starts_at"])
        ends = datetime.fromisoformat(item["ends_at"])
        task = tasks.get(item["task"])
        is_in = task is not None and (task.planned_start, task.planned_end) == (starts, ends)
        rows.append({**item, "starts": starts, "ends": ends, "row": task, "is_in": is_in})
    said = card.data.get("answer", "")
    waiting = [row for row in rows if row["row"] is not None and not row["is_in"]]
    return {
        "card": card,
        "rows": rows,
        "left_over": card.data.get("left_over", []),
        "plan": card.data.get("plan", ""),
        "was_left": said == LEFT,
        "is_open": bool(waiting) and not said,
        "is_over": any(row["starts"] <= now for row in waiting),
    }


@card_view("productivity.breakdown", template="productivity/cards/breakdown.html")
def breakdown_card(user: User, card: Card) -> dict[str, Any]:
    """The draft as it stands: open, accepted, declined or too old."""
    mine = Breakdown.objects.filter(user=user).select_related("task")
    draft = mine.filter(pk=card.subject).first() if card.subject else None
    is_old = draft is not None and draft.created_at <= timezone.now() - KEPT
    return {"card": card, "draft": draft, "is_old": is_old}


@card_view("productivity.stuck", template="productivity/cards/stuck.html")
def stuck_card(user: User, card: Card) -> dict[str, Any]:
    """The strategy, and the task it is for."""
    mine = StuckReport.objects.filter(user=user).select_related("task")
    told = mine.filter(pk=card.subject).first() if card.subject else None
    task = Task.objects.filter(user=user, pk=str(card.data["task"])).first()
    return {"card": card, "told": told, "task": task}


@card_view("productivity.slots", template="productivity/cards/slots.html")
def slots_card(user: User, card: Card) -> dict[str, Any]:
    """The suggested slots that still wait, with their reasons."""
    mine = ScheduleRecommendation.objects.filter(user=user, pk__in=card.data.get("slots", []))
    return {"card": card, "slots": mine.select_related("task").order_by("-score", "id")}


@card_view("productivity.week", template="productivity/cards/week.html")
def week_card(user: User, card: Card) -> dict[str, Any]:
    """The sums of the week as they were."""
    return {"card": card}
