"""What plans give the coach: proposing one, showing it as it stands, taking an acceptance back."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from django.db.models import QuerySet
from pydantic import BaseModel, Field, field_validator

from accounts.day import local_day
from accounts.models import User
from coaching import language
from coaching.toolkit import (
    Card,
    Effect,
    ToolContext,
    ToolRefused,
    Undo,
    card_view,
    context_block,
    segment,
    slot,
    tool,
    undo,
)
from habits import phases, sequences
from habits.models import HabitSequence, SequenceStatus
from habits.naming import words_of
from habits.plan_view import plan_view
from habits.planning import CONFIG, PlanDraft, PlanRefused, plan

CHAT = "chat"


class PlanArgs(BaseModel):
    """What the person wants, by when, and what fits into their days."""

    goal: str = Field(
        min_length=2,
        max_length=300,
        description="The goal in the person's own words, for example 'Run a 5K'",
        json_schema_extra=slot("goal", essential=True, question="What would you like to reach?"),
    )
    timeline: str = Field(
        default="",
        max_length=80,
        description="Until when, in words: '12 weeks', 'by summer', 'this year'",
        json_schema_extra=slot("timeframe", question="Is there a date you have in mind?"),
    )
    difficulty: Literal["", "easy", "moderate", "challenging"] = Field(
        default="",
        description="How demanding the plan should be",
        json_schema_extra=slot("difficulty", question="Gentle, moderate or challenging?"),
    )
    time_available: int | None = Field(
        default=None,
        ge=CONFIG.minutes_low,
        le=CONFIG.minutes_high,
        description="Minutes a day the person can give",
        json_schema_extra=slot(
            "minutes_per_day",
            essential=True,
            question="How many minutes a day can you give it, on an ordinary day?",
        ),
    )
    preferred_time: Literal["", "morning", "midday", "evening", "any"] = Field(
        default="",
        description="The time of day that suits the person",
        json_schema_extra=slot("time_of_day", question="Which time of day suits you best?"),
    )
    constraints: str = Field(
        default="",
        max_length=300,
        description="What the plan must respect, in words: 'bad knee, no gym'",
        json_schema_extra=slot(
            "constraints", question="Is there anything the plan should respect, like a sore knee?"
        ),
    )

    leave_out: list[str] = Field(
        default_factory=list,
        max_length=20,
        description="Parts of the plan the person does not want, in their words: 'strength'",
        json_schema_extra=slot("part"),
    )

    @field_validator("leave_out", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value

    @field_validator("constraints", mode="before")
    @classmethod
    def _joined(cls, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    @field_validator("time_available", mode="before")
    @classmethod
    def _minutes(cls, value: Any) -> Any:
        if isinstance(value, str):
            return language.parse_minutes_per_day(value) or (
                int(found[0]) if (found := re.search(r"\d+", value)) else None
            )
        if isinstance(value, int | float):
            return max(CONFIG.minutes_low, min(CONFIG.minutes_high, round(value)))
        return value


@tool(
    "habits.create_habit_sequence",
    description=(
        "Propose a phased habit plan for a goal. Makes a draft that the person accepts, edits or "
        "declines; nothing starts before that"
    ),
    args=PlanArgs,
    effect=Effect.WRITE,
    label="Making your plan",
    cues=(
        r"\bi(?: would|'d)? (?:want|like|wish|need|plan|hope) to\b",
        r"\bmy goal is\b",
        r"\b(?:help me|teach me to|how (?:do|can) i) (?:to )?(?:run|learn|save|sleep|lose|quit|read|write|build|start|stop|get|become|speak|play|pay|study|eat|drink|meditate|focus)\b",
        r"\b(?:make|create|build|design|give me|set up|draft|need) (?:me )?(?:a |an |my )?(?:\w+ ){0,3}(?:plan|program(?:me)?|routine|habit sequence|sequence|schedule)\b",
        r"\b(?:train|training) for\b",
    ),
)
def create_habit_sequence(context: ToolContext, args: PlanArgs) -> Card:
    """Keeps a proposal and shows it; the same call gives the same proposal."""
    user = context.user
    known = HabitSequence.objects.for_user(user).filter(call_id=context.call_id).first()
    if known is None:
        try:
            draft = _draft(user, context.now, args)
            if args.leave_out:
                draft = _draft(user, context.now, args, leave_out=_keys_of(args.leave_out, draft))
        except (PlanRefused, ValueError) as refusal:
            raise ToolRefused(str(refusal)) from None
        known = sequences.save_draft(
            user, draft, conversation_id=context.conversation_id, call_id=context.call_id
        )
    draft = sequences.draft_of(known)
    return Card(
        kind="habits.plan",
        title=draft.name,
        summary=summary_of(draft),
        subject=known.pk,
        is_proposal=True,
        data={
            "weeks": draft.weeks,
            "starts_on": draft.starts_on.isoformat(),
            "ends_on": draft.ends_on.isoformat(),
            "feasibility": draft.feasibility,
            "phases": [
                {
                    "name": phase.name,
                    "weeks": phase.duration_weeks,
                    "habits": [
                        f"{habit.name}, {habit.days_in_words}, {habit.minutes} min"
                        for habit in phase.habits
                    ],
                }
                for phase in draft.phases
            ],
            "notes": [note.text for note in draft.notes],
        },
        suggestions=[
            "Make it easier",
            "Less time per day",
            "Why this order?",
            "Remind me tomorrow",
        ],
    )


def _draft(
    user: User, now: datetime, args: PlanArgs, *, leave_out: Iterable[str] = ()
) -> PlanDraft:
    return plan(
        args.goal,
        user=user,
        today=local_day(user, now),
        timeline=args.timeline,
        difficulty=args.difficulty,
        minutes_per_day=args.time_available,
        preferred_time=args.preferred_time,
        constraints=args.constraints,
        leave_out=list(leave_out),
    )


def _keys_of(parts: Iterable[str], draft: PlanDraft) -> list[str]:
    """The habits of a draft that words name; raises `ToolRefused` with what there is when none is."""
    habits = {habit.key: habit for phase in draft.phases for habit in phase.habits}
    found: list[str] = []
    for part in parts:
        wanted = words_of(part)
        named = [
            key
            for key, habit in habits.items()
            if wanted & (words_of(habit.name) | words_of(key.replace("-", " ")))
        ]
        if not named:
            names = ", ".join(habit.name for habit in habits.values())
            raise ToolRefused(f"This plan has no “{part[:60]}”. It is made of: {names}.")
        found += named
    return list(dict.fromkeys(found))


def summary_of(draft: PlanDraft) -> str:
    """The plan in a few sentences, for the answer, for messages and for reading aloud."""
    steps = "; ".join(f"{phase.name} ({phase.duration_weeks} weeks)" for phase in draft.phases)
    first = draft.phases[0]
    habits = " and ".join(
        f"{habit.name[:1].lower()}{habit.name[1:]} ({habit.days_in_words}, {habit.minutes} min)"
        for habit in first.habits
        if habit.introduction_day == 1
    )
    honest = next(
        (n.text for n in draft.notes if n.kind == "deadline" and draft.feasibility != "ok"), ""
    )
    caution = next((n.text for n in draft.notes if n.kind == "safety"), "")
    parts = [
        f"{draft.name}: {len(draft.phases)} phase{'' if len(draft.phases) == 1 else 's'} over {draft.weeks} weeks, at most {draft.inputs.minutes_per_day} minutes a day: {steps}.",
        f"You begin on {draft.next_date_words} with {habits}." if habits else "",
        "Each next phase opens when the habits before it are steady, not on a date."
        if len(draft.phases) > 1
        else "",
        honest,
        caution,
        "It is a proposal: accept it, change it or decline it.",
    ]
    return " ".join(part for part in parts if part)


@card_view("habits.plan", template="habits/cards/plan.html")
def plan_card(user: User, card: Card) -> dict[str, Any]:
    """The card from the plan's present state; a plan that is gone says so."""
    sequence = HabitSequence.objects.for_user(user).filter(pk=card.subject or UUID(int=0)).first()
    return {"plan": plan_view(user, sequence) if sequence else None, "in_card": True}


@undo("habits.unaccept_plan")
def unaccept_plan(user: User, args: dict[str, Any]) -> Card:
    """Takes an acceptance back."""
    sequence = HabitSequence.objects.for_user(user).filter(pk=UUID(str(args["sequence"]))).first()
    if sequence is None:
        raise ToolRefused("That plan is no longer there.")
    try:
        sequence = sequences.take_back(user, sequence, source=CHAT)
    except sequences.SequenceRefused as refusal:
        raise ToolRefused(str(refusal)) from None
    return Card(
        kind="habits.plan",
        title=sequence.name,
        summary=f"Taken back: “{sequence.name}” is a proposal again.",
        subject=sequence.pk,
        is_proposal=True,
    )


class AcceptArgs(BaseModel):
    """Which plan; without a name the newest proposal."""

    plan: str = Field(default="", max_length=255, description="The plan's name, if several wait")


@tool(
    "habits.accept_plan",
    description="Accept the newest open plan proposal, when the person clearly says yes to it",
    args=AcceptArgs,
    effect=Effect.WRITE,
    label="Starting your plan",
    cues=(
        r"\b(?:accept|start|use|take|go with|i(?:'ll| will) (?:take|do)) (?:this|that|the|my) plan\b",
        r"\b(?:yes|ok(?:ay)?|sure),? (?:let'?s|i) (?:do it|accept|start)\b",
    ),
)
def accept_plan(context: ToolContext, args: AcceptArgs) -> Card:
    """Accepts it and offers to take that back."""
    user = context.user
    waiting = HabitSequence.objects.for_user(user).filter(status=SequenceStatus.DRAFT)
    if args.plan:
        waiting = waiting.filter(name__icontains=args.plan)
    sequence = waiting.order_by("-created_at").first()
    if sequence is None:
        raise ToolRefused("There is no proposal waiting. Tell me a goal, and I make one.")
    try:
        sequence = sequences.accept(user, sequence, source=CHAT, today=local_day(user, context.now))
    except sequences.SequenceRefused as refusal:
        raise ToolRefused(str(refusal)) from None
    draft = sequences.draft_of(sequence)
    return Card(
        kind="habits.plan",
        title=sequence.name,
        summary=f"Your plan “{sequence.name}” is set. It begins on {draft.next_date_words}.",
        subject=sequence.pk,
        undo=Undo(
            verb="habits.unaccept_plan",
            args={"sequence": str(sequence.pk)},
            expires_at=context.now + timedelta(minutes=CONFIG.undo_minutes),
        ),
    )


@context_block("habits.plans", title="Plans", priority=30, tokens=150)
def plan_lines(user: User, now: datetime) -> Iterable[str]:
    """Running plans with the gate of their phase, and proposals that wait for an answer."""
    today = local_day(user, now)
    rows = HabitSequence.objects.for_user(user).filter(
        status__in=(SequenceStatus.ACTIVE, SequenceStatus.DRAFT, SequenceStatus.PAUSED)
    )
    for sequence in rows.order_by("-created_at")[:4]:
        state = sequences.state_of(sequence)
        if state == "draft":
            yield f"Proposal waiting for an answer: {sequence.name}."
        elif state == "paused":
            yield f"Paused plan: {sequence.name}."
        elif state == "active" and (phase := phases.current_phase(sequence)):
            gate = phases.gate_of(phase, today)
            yield (
                f"Plan: {sequence.name}, phase {phase.phase_number} of {sequence.total_phases} "
                f"({phase.name}, planned until {phase.end_date.isoformat()}). {gate.in_words()}"
            )


@segment("habits.with_plan")
def people_with_a_plan() -> QuerySet[User]:
    """People whose plan is running."""
    return User.objects.filter(
        pk__in=HabitSequence.objects.filter(status=SequenceStatus.ACTIVE).values("user")
    )


@segment("habits.proposal_waiting")
def people_with_a_proposal() -> QuerySet[User]:
    """People who have a proposal and no answer to it yet."""
    return User.objects.filter(
        pk__in=HabitSequence.objects.filter(status=SequenceStatus.DRAFT).values("user")
    )
