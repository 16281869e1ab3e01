"""Changing a habit that is a struggle: a concrete proposal, its card, and taking the proposal up."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from accounts.models import User
from coaching.toolkit import Card, Effect, ToolContext, ToolRefused, card_view, slot, tool
from habits import modification
from habits.cadence import in_words
from habits.models import ChangeStatus, CompletionSource, HabitChange, Issue

from .progress import habit_named

CHAT = CompletionSource.CHAT.value


class ModificationArgs(BaseModel):
    """Which habit is a struggle, and why."""

    habit: str = Field(
        min_length=1,
        max_length=120,
        description="The habit, by name or id",
        json_schema_extra=slot(
            "habit", essential=True, question="Which habit is giving you trouble?"
        ),
    )
    issue: Literal["too_hard", "no_time", "forgot", "unmotivated"] = Field(
        description="What is in the way",
        json_schema_extra=slot(
            "issue",
            essential=True,
            question="What gets in the way: is it too hard, is there no time, do you forget, or don't you feel like it?",
        ),
    )


@tool(
    "habits.suggest_habit_modification",
    description="Propose a concrete change to a habit the person struggles with",
    args=ModificationArgs,
    effect=Effect.WRITE,
    label="Looking for an easier way",
    cues=(
        r"\b(?:struggl\w+|having trouble|have trouble|trouble|difficulty|hard time|problems?) (?:with|to|doing|keeping|sticking)\b",
        r"\b(?:can not|cannot|can't|could not|couldn't|do not|don't) (?:seem to )?(?:keep up|stick|manage|get myself|find (?:the )?time|have (?:the )?time|feel like)\b",
        r"\b(?:keep|always|kept) (?:forgetting|missing|skipping|failing)\b",
        r"\b(?:make|making) .*\b(?:easier|smaller|simpler|shorter)\b",
        r"\b(?:is|are|feels?|seems?|became|getting) (?:way |just |a bit |really |far )*too (?:hard|difficult|much|long|exhausting)\b",
        r"\b(?:i )?(?:forgot|forget) (?:to|my|about|again)\b",
        r"\b(?:adjust|change|modify|adapt|improve|fix) (?:my |the |this )?(?:\w+ )?(?:habit|habits)\b",
        r"\bsuggest improvements\b",
    ),
)
def suggest_habit_modification(context: ToolContext, args: ModificationArgs) -> Card:
    """One concrete proposal; nothing changes before the person accepts it."""
    habit = habit_named(context.user, args.habit)
    change = modification.propose(context.user, habit, args.issue, call_id=context.call_id)
    return Card(
        kind="habits.change",
        title=f"A change for {habit.name}",
        summary=f"{change.words} {change.reason} Shall I change it?",
        subject=change.pk,
        data={"habit": str(habit.pk), "issue": args.issue},
        suggestions=["How am I doing?"],
        is_proposal=True,
    )


@card_view("habits.change", template="habits/cards/change.html")
def change_card(user: User, card: Card) -> dict[str, Any]:
    """The proposal as it stands: open, accepted, declined or too old."""
    mine = HabitChange.objects.filter(user=user).select_related("habit")
    change = mine.filter(pk=card.subject).first() if card.subject else None
    return {
        "card": card,
        "change": change,
        "cadence": in_words(change.habit) if change else "",
        "issue": Issue(change.issue).label if change else "",
    }


class AcceptChangeArgs(BaseModel):
    """The newest open proposal needs no name."""


@tool(
    "habits.accept_change",
    description="Accept the newest open change of a habit, when the person clearly says yes to it",
    args=AcceptChangeArgs,
    effect=Effect.WRITE,
    label="Changing the habit",
    cues=(r"\b(?:accept|make|take) (?:this|that|the) change\b",),
)
def accept_change(context: ToolContext, args: AcceptChangeArgs) -> Card:
    """Applies the proposal that was made last, if it still waits."""
    change = (
        HabitChange.objects.filter(user=context.user, status=ChangeStatus.OPEN)
        .order_by("-created_at")
        .first()
    )
    if change is None:
        raise ToolRefused("There is no change waiting for an answer.")
    try:
        change = modification.accept(context.user, change, source=CHAT)
    except modification.ChangeRefused as refusal:
        raise ToolRefused(str(refusal)) from None
    habit = change.habit
    return Card(
        kind="habits.change",
        title=f"A change for {habit.name}",
        summary=f"{habit.name} is changed. You can edit it back on its page whenever you like.",
        subject=change.pk,
        data={"habit": str(habit.pk), "issue": change.issue},
    )
