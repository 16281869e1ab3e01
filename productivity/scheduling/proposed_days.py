"""A day the coach proposed in a talk: kept with its message, and answered by a tap as well as by a word."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from coaching.models import Message
from coaching.toolkit import Card
from productivity.models import Task
from productivity.task_fields import TaskRefused

from .planning_day import accept_plan

KIND = "productivity.day"
ACCEPTED, LEFT = "accepted", "left"


class DayNotFound(LookupError):
    """No talk of this person holds such a proposal (yet: an answer is kept when it is complete)."""


@dataclass(frozen=True)
class Answered:
    """The card as it is now; `undo` takes back what was planned, if anything was."""

    card: Card
    words: str
    undo: UUID | None = None


def accept_day(user: User, plan_id: UUID, *, source: str, now: datetime) -> Answered:
    """Puts the proposed tasks into their slots; twice is once.

    Raises `DayNotFound` for what is not this person's, `TaskRefused` when a slot has passed or is taken.
    """
    with transaction.atomic():
        message, card = _held(user, plan_id)
        if card["data"].get("answer") == LEFT:
            raise TaskRefused("You left this plan. Ask me to plan the day anew.")
        wanted = [
            (
                UUID(item["task"]),
                datetime.fromisoformat(item["starts_at"]),
                datetime.fromisoformat(item["ends_at"]),
            )
            for item in card["data"]["items"]
        ]
        try:
            batch, tasks = accept_plan(user, wanted, source=source, now=now)
        except Task.DoesNotExist:
            raise TaskRefused("One of these tasks is gone. Let me plan the day anew.") from None
        card["data"]["answer"] = ACCEPTED
        message.save(update_fields=["function_calls"])
    is_new = any(getattr(task, "change_id", None) for task in tasks)
    things = "1 task is" if len(tasks) == 1 else f"{len(tasks)} tasks are"
    return Answered(
        Card.model_validate(card), f"{things} in your day now.", batch if is_new else None
    )


def leave_day(user: User, plan_id: UUID) -> Answered:
    """The proposal is not wanted: a later yes is not about it any more. Raises `DayNotFound`, and `TaskRefused`
    for one that was accepted.
    """
    with transaction.atomic():
        message, card = _held(user, plan_id)
        if card["data"].get("answer") == ACCEPTED:
            raise TaskRefused("You accepted this plan. Undo it, or move its tasks.")
        card["data"]["answer"] = LEFT
        card["is_proposal"] = False
        message.save(update_fields=["function_calls"])
    return Answered(Card.model_validate(card), "Left as it was.")


def card_of(user: User, plan_id: UUID) -> Card:
    """The proposal as it stands. Raises `DayNotFound`."""
    with transaction.atomic():
        return Card.model_validate(_held(user, plan_id)[1])


def _held(user: User, plan_id: UUID) -> tuple[Message, dict[str, Any]]:
    """The message with the proposal, locked, and its card within it."""
    wanted = {"kind": KIND, "data": {"plan": str(plan_id)}}
    rows = Message.objects.select_for_update().filter(
        user=user, function_calls__contains=[{"card": wanted}]
    )
    message = rows.order_by("id").first()
    if message is None:
        raise DayNotFound
    for call in message.function_calls:
        card = call.get("card") or {}
        if card.get("kind") == KIND and card["data"].get("plan") == str(plan_id):
            return message, card
    raise DayNotFound
