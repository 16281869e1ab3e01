"""What habits tell the coach: how it goes, ticking, changing, predicting, finding a time, series to draw."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, field_validator

from accounts.day import local_day
from accounts.models import User
from coaching.toolkit import (
    Card,
    Effect,
    ToolContext,
    ToolRefused,
    Undo,
    card_view,
    slot,
    tool,
    undo,
)
from habits import completions, optimal_time, prediction, progress
from habits.models import (
    CompletionSource,
    Habit,
    HabitSize,
    TimeOfDay,
)
from habits.naming import meant_by
from habits.overview import overview

CHAT = CompletionSource.CHAT.value
UNDO_FOR = timedelta(days=7)
EVERYTHING = {"all", "everything", "all habits", "all my habits", "my habits", "habits"}


def habit_named(user: User, text: str, *, among: Sequence[Habit] | None = None) -> Habit:
    """The person's habit that `text` means; raises `ToolRefused` with the names to choose from."""
    if among is None:
        among = list(Habit.objects.for_user(user).current().in_order())
    habit = meant_by(text, among)
    if habit is None:
        raise ToolRefused(_which(among, text))
    return habit


def _which(habits: Sequence[Habit], text: str) -> str:
    if not habits:
        return "There are no habits running yet. Tell me a goal, and we can make a plan."
    names = ", ".join(habit.name for habit in habits[:8])
    return f"I am not sure which habit “{text.strip()[:60]}” means. Running are: {names}."


# --- How it goes --------------------------------------------------------------------------------
class ProgressArgs(BaseModel):
    """Which habits, and over how long."""

    habit_ids: list[str] = Field(
        default_factory=list,
        max_length=20,
        description="Ids or names of habits; empty for all of them",
        json_schema_extra=slot("habit"),
    )
    time_period: Literal["7d", "30d", "90d", "all"] = Field(
        default="30d",
        description="The last 7, 30 or 90 days, or all",
        json_schema_extra=slot("period"),
    )

    @field_validator("habit_ids", mode="before")
    @classmethod
    def _one_is_a_list(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value

    @field_validator("time_period", mode="before")
    @classmethod
    def _nearest_period(cls, value: object) -> object:
        """ "14d" means the nearest period there is that holds it."""
        if isinstance(value, str) and (days := re.fullmatch(r"(\d{1,5})d", value.strip())):
            asked = int(days[1])
            return next((f"{known}d" for known in (7, 30, 90) if asked <= known), "all")
        return value


@tool(
    "habits.analyze_progress",
    description="Analyze the person's progress on their habits over a period",
    args=ProgressArgs,
    effect=Effect.READ,
    label="Looking at your habits",
    cues=(
        r"\bhow (?:am|are|is|was|were|did|do|have|has) (?:i|it|things|we|my|this|that)\b.*\b(?:do|doing|done|go|going|gone|look|looking|progress\w*)\b",
        r"\b(?:my|analy[sz]e|review|check|see|show|about) (?:\w+ )?(?:progress|habits|stats|statistics|numbers|streaks?)\b",
        r"\bprogress (?:report|review|update|so far)\b",
        r"\bhow many (?:times|days)\b",
        r"\b(?:am i|are we) (?:on track|improving|getting better|making progress)\b",
        r"\bwhat is (?:working|going well)\b",
    ),
)
def analyze_progress(context: ToolContext, args: ProgressArgs) -> Card:
    """Done of asked, the trend, what goes best and what is hard, in plain sentences."""
    habits = None
    named = [text for text in args.habit_ids if text.strip().lower() not in EVERYTHING]
    if named:
        running = list(Habit.objects.for_user(context.user).current().in_order())
        habits = list(
            {h.pk: h for h in (habit_named(context.user, t, among=running) for t in named)}.values()
        )
    found = progress.analyze(context.user, args.time_period, habits=habits)
    suggestions = []
    if found.struggling is not None:
        suggestions.append(f"Make {found.struggling.habit.name} easier")
    if found.habits:
        suggestions += ["Show me a chart", "When is a good time for my habits?"]
    else:
        suggestions.append("Help me make a plan")
    return Card(
        kind="habits.progress",
        title="Your progress",
        summary=found.summary,
        data={
            "period": args.time_period,
            "habits": [str(row.habit.pk) for row in found.habits] if named else [],
            "done": found.total.done,
            "asked": found.total.asked,
        },
        suggestions=suggestions,
    )


@card_view("habits.progress", template="habits/cards/progress.html")
def progress_card(user: User, card: Card) -> dict[str, Any]:
    """The figures as they are now."""
    ids = [UUID(text) for text in card.data.get("habits", [])]
    habits = list(Habit.objects.for_user(user).filter(pk__in=ids).in_order()) if ids else None
    period = card.data.get("period", "30d")
    return {"card": card, "progress": progress.analyze(user, period, habits=habits)}


# --- Ticking ------------------------------------------------------------------------------------
class CompleteArgs(BaseModel):
    """What was done, and when."""

    habit: str = Field(
        min_length=1,
        max_length=120,
        description="The habit that was done, by name or id",
        json_schema_extra=slot("habit", essential=True, question="Which habit is it about?"),
    )
    day: Literal["today", "yesterday"] = Field(default="today", description="The day it was done")
    outcome: Literal["done", "partial", "skipped"] = Field(
        default="done", description="Whether it was done, partly done, or skipped on purpose"
    )
    reason: str = Field(
        default="",
        max_length=60,
        description="Why it was skipped, if it was",
        json_schema_extra=slot("reason"),
    )


@tool(
    "habits.complete_habit",
    description="Mark a habit of the person as done, partly done or skipped",
    args=CompleteArgs,
    effect=Effect.WRITE,
    label="Ticking it off",
    cues=(
        r"\b(?:tick|check|mark|log|cross)\b.*\b(?:off|done|complete|completed|finished|habit)\b",
        r"\b(?:i|i have|i just|just) (?:just |half |partly |almost )?(?:did|done|finished|completed)\b(?! (?:with|not|nothing))",
        r"\b(?:log|tick|record) (?:my|the|today)\b",
        r"\bskipp?(?:ed|ing)?\b.*\b(?:because|since|ill|sick|unwell|injured|travell?ing|rest day|on purpose)\b",
    ),
)
def complete_habit(context: ToolContext, args: CompleteArgs) -> Card:
    """Ticks the habit and offers to take it back."""
    habit = habit_named(context.user, args.habit)
    today = local_day(context.user, context.now)
    day = today if args.day == "today" else today - timedelta(days=1)
    try:
        row = completions.complete(
            context.user,
            habit,
            day,
            status=args.outcome,
            reason=args.reason,
            source=CHAT,
            at=context.now if day == today else None,
        )
    except completions.CompletionRefused as refusal:
        raise ToolRefused(str(refusal)) from None
    words = {"done": "done", "partial": "partly done, which counts", "skipped": "skipped"}
    shown = overview(context.user, day)
    left = [view.habit.name for view in shown.due if not view.is_done and not view.is_skipped]
    summary = f"{habit.name}: {words[row.status]} {args.day}."
    view = next((each for each in shown.views if each.habit.pk == habit.pk), None)
    if view is not None and args.outcome != "skipped":
        if view.week is not None:
            summary += f" That is {view.week.in_words()}."
        elif view.standing.current > 1:
            summary += f" That is {view.standing.streak_in_words()}."
    if day == today:
        summary += f" Left today: {', '.join(left)}." if left else " That was all for today."
    return Card(
        kind="habits.tick",
        title=habit.name,
        summary=summary,
        subject=habit.pk,
        data={"day": day.isoformat(), "status": row.status},
        suggestions=["How am I doing?"],
        undo=Undo(
            verb="habits.untick",
            args={"habit": str(habit.pk), "day": day.isoformat(), "ordinal": 1},
            expires_at=context.now + UNDO_FOR,
        ),
    )


@undo("habits.untick")
def untick(user: User, args: dict[str, Any]) -> Card:
    """Takes a tick back; a second time there is nothing to take back."""
    habit = Habit.objects.for_user(user).get(pk=args["habit"])
    day = date.fromisoformat(args["day"])
    completions.undo(user, habit, day, int(args.get("ordinal", 1)), source=CHAT)
    return Card(
        kind="habits.tick",
        title=habit.name,
        summary=f"{habit.name}: taken back.",
        subject=habit.pk,
        data={"day": day.isoformat()},
    )


@card_view("habits.tick", template="habits/cards/tick.html")
def tick_card(user: User, card: Card) -> dict[str, Any]:
    """The habit and its day as they are now."""
    mine = Habit.objects.for_user(user)
    habit = mine.filter(pk=card.subject).first() if card.subject else None
    day = date.fromisoformat(card.data["day"])
    row = habit.completions.filter(local_date=day).first() if habit else None
    return {"card": card, "habit": habit, "day": day, "completion": row}


# --- Predicting ---------------------------------------------------------------------------------
class PredictArgs(BaseModel):
    """A habit of the person, or one they think about."""

    habit: str = Field(
        min_length=1,
        max_length=200,
        description="The habit, by name or id, or in a few words one that is not there yet",
        json_schema_extra=slot("habit", essential=True, question="Which habit do you mean?"),
    )


@tool(
    "habits.predict_success",
    description="Predict how likely the person is to keep a habit, with the reasons",
    args=PredictArgs,
    effect=Effect.READ,
    label="Looking at your chances",
    cues=(
        r"\b(?:predict|forecast|estimate)\b",
        r"\b(?:what are (?:my|the) (?:chances|odds)|how likely|(?:my )?chances? of|probability)\b",
        r"\bwill i (?:succeed|manage|keep|stick|make it|be able)\b",
        r"\bcan i (?:really )?(?:keep|stick|manage|do) (?:it|this|that|to|up)\b",
    ),
)
def predict_success(context: ToolContext, args: PredictArgs) -> Card:
    """A number with its reasons, or plain words why there is none yet."""
    running = list(
        Habit.objects.for_user(context.user).current().prefetch_related("pauses").in_order()
    )
    habit = meant_by(args.habit, running)
    today = local_day(context.user, context.now)
    if habit is None:
        return _unknown_habit(context.user, args.habit, today)
    found = prediction.predict(habit, today)
    if found.percent is None:
        summary = (
            f"It is too early to put a number on {habit.name}: there are {found.observations} "
            f"occasions so far, and I need {prediction.CONSTANTS.least_observations}. "
            "What helps most now is a fixed cue and a version that is easy on a bad day."
        )
    else:
        reasons = sorted(found.contributions, key=lambda reason: -abs(reason.points))[:3]
        because = "; ".join(f"{r.words} ({r.points:+d} points)" for r in reasons if r.points)
        summary = f"I would say about {found.percent}% that you keep {habit.name} next time"
        summary += f": {because}." if because else "."
        if found.offers_tiny:
            tiny = habit.tiny_version or "the two-minute version"
            summary += f" Try it smaller: {tiny}."
    return Card(
        kind="habits.prediction",
        title=f"Chances of {habit.name}",
        summary=summary,
        subject=habit.pk,
        data={
            "percent": found.percent,
            "observations": found.observations,
            "reasons": [
                {"words": reason.words, "points": reason.points} for reason in found.contributions
            ],
        },
        suggestions=[f"Make {habit.name} easier"] if found.offers_tiny else [],
    )


def _unknown_habit(user: User, text: str, today: date) -> Card:
    """Nothing is known of a habit that is not there: say so, and give the person's own record instead."""
    small = prediction.record_of_size(user, HabitSize.TWO_MINUTE, today)
    regular = prediction.record_of_size(user, HabitSize.REGULAR, today)
    enough = prediction.CONSTANTS.least_observations
    said = [
        f"It is too early to say for “{text.strip()[:80]}”: a number needs "
        f"{enough} occasions, and it is not among your habits yet."
    ]
    for record, words in ((small, "two-minute habits"), (regular, "regular-sized habits")):
        if record.asked >= enough:
            said.append(f"Of your {words} you do {record.percent}%.")
    said.append("Starting with two minutes, after something you do anyway, helps most.")
    return Card(
        kind="habits.prediction",
        title="Too early to say",
        summary=" ".join(said),
        data={"percent": None, "observations": 0, "reasons": []},
        suggestions=["Help me make a plan"],
    )


@card_view("habits.prediction", template="habits/cards/prediction.html")
def prediction_card(user: User, card: Card) -> dict[str, Any]:
    """What was said: a prediction is of its moment and is not made anew on reload."""
    return {"card": card, "reasons": card.data.get("reasons", [])}


# --- Finding a time -----------------------------------------------------------------------------
class OptimalTimeArgs(BaseModel):
    """For what, for how long, and how much may move."""

    habit_type: str = Field(
        default="",
        max_length=120,
        description="A habit of the person by name, or what kind it is",
        json_schema_extra=slot("habit"),
    )
    duration: int = Field(
        default=15,
        ge=1,
        le=240,
        description="Minutes it takes",
        json_schema_extra=slot("minutes_per_day"),
    )
    flexibility: Literal["low", "medium", "high"] = Field(
        default="medium", description="low: near the usual hours only; high: working hours too"
    )
    time_of_day: Literal["morning", "midday", "evening", "any"] = Field(
        default="any",
        description="A part of the day the person prefers",
        json_schema_extra=slot("time_of_day"),
    )


@tool(
    "habits.find_optimal_time",
    description="Find a good time of day for a habit, from the person's own hours and plans",
    args=OptimalTimeArgs,
    effect=Effect.READ,
    label="Looking for a good time",
    cues=(
        r"\b(?:best|good|better|optimal|right|ideal|perfect) (?:time|moment|hour|slot)\b",
        r"\bwhen (?:should|shall|could|can|would|do) i\b",
        r"\bwhat time (?:should|shall|could|is best|of day)\b",
        r"\bfind (?:me )?(?:a |some )?(?:\w+ )?(?:time|slot)\b",
    ),
)
def find_optimal_time(context: ToolContext, args: OptimalTimeArgs) -> Card:
    """A few times with their reasons, and honesty about what is not known."""
    running = list(Habit.objects.for_user(context.user).current().in_order())
    habit = meant_by(args.habit_type, running)
    minutes = args.duration
    if habit is not None and habit.duration_minutes and "duration" not in args.model_fields_set:
        minutes = habit.duration_minutes
    found = optimal_time.find(
        context.user,
        minutes=minutes,
        habit=habit,
        time_of_day=TimeOfDay(args.time_of_day),
        flexibility=args.flexibility,
    )
    name = habit.name if habit else (args.habit_type.strip() or "it")
    if not found.slots:
        raise ToolRefused("The day looks full. With working hours open too I could look again.")
    first, *others = found.slots
    if found.is_known:
        summary = f"For {name}, {first.in_words()} looks best: {first.reasons[0]}."
        if others:
            summary += f" Else {' or '.join(slot.in_words() for slot in others)}."
    else:
        why = (
            "your hours vary a lot"
            if found.hours.is_known
            else "I don't know your usual hours yet: that takes two weeks of ticks"
        )
        summary = f"Honestly, {why}."
        if found.anchor is not None:
            summary += f" A good start is right after {found.anchor.name}, your steadiest habit."
        else:
            summary += " A good start is right after something you do every day, such as your first coffee."
        if args.time_of_day != "any" or (habit and habit.time_of_day != TimeOfDay.ANY):
            summary += f" {first.in_words()} is free and fits the time of day you prefer."
    return Card(
        kind="habits.times",
        title=f"A time for {name}",
        summary=summary,
        subject=habit.pk if habit else None,
        data={
            "known": found.is_known,
            "usual": found.hours.in_words(),
            "slots": [
                {"at": slot.in_words(), "reasons": list(slot.reasons)} for slot in found.slots
            ]
            if found.is_known or args.time_of_day != "any"
            else [],
        },
        suggestions=[f"Remind me to do {name} at {first.in_words()}"] if habit else [],
    )


@card_view("habits.times", template="habits/cards/times.html")
def times_card(user: User, card: Card) -> dict[str, Any]:
    """The times as they were found."""
    return {"card": card, "slots": card.data.get("slots", [])}
