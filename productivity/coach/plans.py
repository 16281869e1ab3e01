"""What the coach can do about days, weeks and tasks that do not move: proposals that the person accepts."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid5

from pydantic import BaseModel, Field

from accounts.day import local_day
from accounts.models import User
from coaching.models import Message
from coaching.toolkit import Card, Effect, ToolContext, ToolRefused, slot, tool
from productivity import quick_add, stuck
from productivity.changing import TaskGone, TaskRefused
from productivity.models import Breakdown, Strategy, StuckReason, Task
from productivity.scheduling import negotiating, planning_day
from productivity.scheduling.capacity import capacity
from productivity.scheduling.explaining import why_not
from productivity.scheduling.proposed_days import KIND, LEFT
from productivity.scheduling.recommending import recommend
from productivity.scheduling.wording import clock_words, day_words, minutes_words, moment_words

from .named import task_named
from .tools import CHAT, TaskArgs, moment_said, refused_in_words, undo_of

# A proposed day is looked for in so many of the newest answers.
LOOKED_BACK = 20


# --- A day ------------------------------------------------------------------------------------
class PlanDayArgs(BaseModel):
    """Which day; today without a word."""

    day: str = Field(
        default="",
        max_length=2000,
        description="The day in words or ISO: 'today', 'tomorrow', 'friday'; empty for today",
        json_schema_extra=slot("words"),
    )


@tool(
    "productivity.plan_my_day",
    description=(
        "Propose a realistic plan of a day: which tasks in which free slots. A draft; nothing changes before the person accepts"
    ),
    args=PlanDayArgs,
    effect=Effect.WRITE,
    label="Looking at your day",
    cues=(
        r"\b(?:help me (?:to )?)?plan (?:out )?(?:my |the )?(?:day|today|tomorrow|morning|afternoon)\b",
        r"\bplan for (?:today|tomorrow|the day|my day)\b",
        r"\b(?:organi[sz]e|structure|schedule) (?:my|the) (?:day|tasks|to-?dos)\b",
        r"\bwhat should i (?:work on|tackle|do) (?:next|first|now)\b",
    ),
)
def plan_my_day(context: ToolContext, args: PlanDayArgs) -> Card:
    """A draft of the day, with what does not fit and why."""
    user, now = context.user, context.now
    day = quick_add.read_for(user, f"x {args.day}", now=now)
    wanted = day.due_on or (local_day(user, day.due_at) if day.due_at else local_day(user, now))
    try:
        plan = planning_day.plan_day(user, wanted, now=now)
    except TaskRefused as refusal:
        raise refused_in_words(refusal) from None
    when = day_words(wanted, local_day(user, now))
    items = [
        f"{clock_words(item.starts_at, user.tz)} {item.task.title} "
        f"({minutes_words((item.ends_at - item.starts_at).total_seconds() / 60)})"
        for item in plan.items
    ]
    summary = f"Your plan {'for ' if not when.startswith('on ') else ''}{when}: {plan.words}"
    is_new = any(not item.is_kept for item in plan.items)
    if items:
        asked = (
            "It is a proposal: accept it or leave it."
            if is_new
            else "All of it is planned already."
        )
        summary += f" {'; '.join(items)}. {asked}"
    return Card(
        kind=KIND,
        title=f"A plan {'for ' if not when.startswith('on ') else ''}{when}",
        summary=summary,
        is_proposal=is_new,
        data={
            "plan": str(uuid5(user.pk, f"day {context.call_id}")),
            "day": wanted.isoformat(),
            "words": plan.words,
            "items": [
                {
                    "task": str(item.task.pk),
                    "title": item.task.title,
                    "starts_at": item.starts_at.isoformat(),
                    "ends_at": item.ends_at.isoformat(),
                    "why": item.reasons[0] if item.reasons else "",
                }
                for item in plan.items
            ],
            "left_over": [{"title": left.task.title, "why": left.words} for left in plan.left_over],
        },
        suggestions=["Does my week fit?", "What's on my list?"],
    )


class AcceptDayArgs(BaseModel):
    """The newest proposed day needs no name."""


@tool(
    "productivity.accept_day",
    description="Accept the day plan that was proposed last, when the person clearly says yes to it",
    args=AcceptDayArgs,
    effect=Effect.WRITE,
    label="Putting it into your day",
    cues=(r"\b(?:accept|take|use) (?:this|that|the) day(?: plan)?\b",),
)
def accept_day(context: ToolContext, args: AcceptDayArgs) -> Card:
    """Puts the tasks into their slots, all at once; the same again changes nothing."""
    user, now = context.user, context.now
    card = _newest_day(user, context.conversation_id)
    if card is None:
        raise ToolRefused("There is no plan of a day waiting. Ask me to plan your day.")
    items = card["data"]["items"]
    try:
        batch, tasks = planning_day.accept_plan(
            user,
            [
                (
                    UUID(item["task"]),
                    datetime.fromisoformat(item["starts_at"]),
                    datetime.fromisoformat(item["ends_at"]),
                )
                for item in items
            ],
            source=CHAT,
            now=now,
            batch=uuid5(user.pk, f"{card['data']['day']} {context.call_id}"),
        )
    except Task.DoesNotExist:
        raise ToolRefused("One of these tasks is gone. Let me plan the day anew.") from None
    except (TaskRefused, TaskGone) as refusal:
        raise refused_in_words(refusal) from None
    things = "1 task is" if len(tasks) == 1 else f"{len(tasks)} tasks are"
    return Card(
        kind=KIND,
        title=card["title"],
        summary=f"{things} in your day now.",
        data=card["data"],
        undo=undo_of(batch, now),
    )


def _newest_day(user: User, conversation_id: UUID | None) -> dict[str, Any] | None:
    """The card of the day that was proposed last, in this conversation."""
    if conversation_id is None:
        return None
    answers = Message.objects.filter(user=user, conversation_id=conversation_id)
    calls = answers.exclude(function_calls=[]).order_by("-id")
    for made in calls.values_list("function_calls", flat=True)[:LOOKED_BACK]:
        for call in reversed(made):
            card = call.get("card") or {}
            if card.get("kind") != KIND:
                continue
            if card["data"].get("answer") == LEFT:
                return None  # a yes after this is not about an older plan
            if card.get("is_proposal"):
                return dict(card)
    return None


# --- Steps ------------------------------------------------------------------------------------
@tool(
    "productivity.break_down",
    description="Propose steps for a task of the person. A draft that they edit, accept or decline",
    args=TaskArgs,
    effect=Effect.WRITE,
    label="Looking for steps",
    cues=(
        r"\bbreak\b.{0,200}\b(?:down|into)\b",
        r"\b(?:split|divide|chop)\b.{1,200}\b(?:into|up|in)\b",
        r"\b(?:smaller |small |first )steps? (?:for|of)\b",
    ),
)
def break_down(context: ToolContext, args: TaskArgs) -> Card:
    """The open draft of the task, or a new one; the same call gives the same draft."""
    task = task_named(context.user, args.task)
    try:
        draft = stuck.draft_breakdown(
            context.user, task.pk, now=context.now, call_id=context.call_id
        )
    except (TaskRefused, TaskGone) as refusal:
        raise refused_in_words(refusal) from None
    return _steps_card(task, draft)


def _steps_card(task: Task, draft: Breakdown, words: str = "") -> Card:
    steps = "; ".join(f"{step['title']} ({step['minutes']} min)" for step in draft.steps)
    opening = f"{words} " if words else ""
    return Card(
        kind="productivity.breakdown",
        title=f"Steps of {task.title}",
        summary=f"{opening}Steps for “{task.title}”: {steps}. It is a draft: accept it, change it or decline it.",
        subject=draft.pk,
        data={"task": str(task.pk), "steps": draft.steps},
        is_proposal=True,
    )


class AcceptBreakdownArgs(BaseModel):
    """The newest open draft needs no name."""


@tool(
    "productivity.accept_breakdown",
    description="Accept the newest draft of steps, when the person clearly says yes to it",
    args=AcceptBreakdownArgs,
    effect=Effect.WRITE,
    label="Making the steps",
    cues=(r"\b(?:accept|take|use|keep) (?:these|those|the) steps\b",),
)
def accept_breakdown(context: ToolContext, args: AcceptBreakdownArgs) -> Card:
    """Makes the steps of the draft that waits."""
    user, now = context.user, context.now
    mine = Breakdown.objects.filter(user=user, status__in=("writing", "draft"))
    draft = mine.select_related("task").order_by("-created_at").first()
    if draft is None:
        raise ToolRefused("There is no draft of steps waiting.")
    try:
        made = stuck.accept(user, draft.pk, source=CHAT, now=now)
    except (TaskRefused, TaskGone) as refusal:
        raise refused_in_words(refusal) from None
    return Card(
        kind="productivity.breakdown",
        title=f"Steps of {draft.task.title}",
        summary=f"“{draft.task.title}” has {len(made)} steps now. The first: {made[0].title}.",
        subject=draft.pk,
        data={"task": str(draft.task_id)},
        undo=undo_of(draft.pk, now),
    )


# --- Stuck ------------------------------------------------------------------------------------
class StuckArgs(TaskArgs):
    """Which task does not move, and why."""

    reason: Literal[
        "", "overwhelming", "unclear", "boring", "feared", "no_time", "perfectionism"
    ] = Field(default="", description="Why it does not move, if the person said so")
    said: str = Field(
        default="",
        max_length=2000,
        description="What the person said about it",
        json_schema_extra=slot("words"),
    )


_REASONS = {
    StuckReason.OVERWHELMING: r"too (?:big|much|large|long)|overwhelm\w*|huge|enormous|so much",
    StuckReason.UNCLEAR: r"(?:where|how) to (?:begin|start)|unclear|not clear|(?:no idea|not know|do ?n[o']t know) (?:where|how|what)|confus\w*|vague",
    StuckReason.BORING: r"bor(?:ing|ed)|dull|tedious|monotonous|mind-numbing",
    StuckReason.FEARED: r"dread\w*|afraid|scared?|fear\w*|anxious|nervous|embarrass\w*|awkward|uncomfortable",
    StuckReason.NO_TIME: r"no time|not enough time|too busy|not have (?:the )?time|do ?n[o']t have (?:the )?time|time is short",
    StuckReason.PERFECTIONISM: r"perfect\w*|good enough|not good|flawless",
}
_CHIPS = ("it is too big", "I don't know where to begin", "it is boring", "I dread it")


def reason_said(words: str) -> StuckReason | None:
    """Why a task does not move, in what a person says of it."""
    text = words.lower().replace("’", "'")
    for reason, pattern in _REASONS.items():
        if re.search(rf"\b(?:{pattern})\b", text):
            return reason
    return None


@tool(
    "productivity.why_stuck",
    description=(
        "When a task does not move: take the reason and answer with the strategy that fits it, in words for this task"
    ),
    args=StuckArgs,
    effect=Effect.WRITE,
    label="Looking at what is in the way",
    cues=(
        r"\bstuck (?:on|with|at|in)\b",
        r"\b(?:keep|keeps|been|am) (?:putting off|avoiding|procrastinating|postponing)\b",
        r"\bprocrastinat\w+ (?:on|about|with)\b",
        r"\b(?:can not|can't|cannot) (?:get (?:myself to )?(?:start|started|going)|start|begin|bring myself to)\b",
        r"\bwhy (?:is|am|do|does|can)\b.{1,200}\b(?:stuck|not moving|putting|avoid\w*|not start)\b",
    ),
)
def why_stuck(context: ToolContext, args: StuckArgs) -> Card:
    """With a reason the strategy, without one the question."""
    user, now = context.user, context.now
    task = task_named(user, args.task)
    said = args.said.replace(task.title, "")
    reason = StuckReason(args.reason) if args.reason else reason_said(said)
    if reason is None:
        return Card(
            kind="productivity.stuck",
            title=f"What is in the way of {task.title}?",
            summary=(
                f"What is in the way of “{task.title}”: is it too big, unclear where to begin, dull, something you dread, "
                "is there no time, or does it have to be perfect?"
            ),
            subject=None,
            data={"task": str(task.pk)},
            suggestions=[f"Stuck on {task.title[:60]}: {chip}" for chip in _CHIPS],
        )
    try:
        told = stuck.report(user, task.pk, reason, source=CHAT, now=now)
    except (TaskRefused, TaskGone) as refusal:
        raise refused_in_words(refusal) from None
    strategy = Strategy(told.strategy)
    advice = stuck.advice_for(task, strategy)
    if strategy in (Strategy.SPLIT, Strategy.FIRST_STEP, Strategy.BAD_DRAFT):
        taken = stuck.take_up(user, told.pk, source=CHAT, now=now)
        if taken.breakdown is not None:
            return _steps_card(task, taken.breakdown, words=advice.words)
    summary = advice.words
    if strategy is Strategy.RENEGOTIATE:
        taken = stuck.take_up(user, told.pk, source=CHAT, now=now)
        summary = " ".join([taken.words, *(each.words for each in taken.proposals[:3])])
    return Card(
        kind="productivity.stuck",
        title=advice.title,
        summary=summary,
        subject=told.pk,
        data={"task": str(task.pk)},
        suggestions=["Does my week fit?"] if strategy is Strategy.RENEGOTIATE else [],
    )


# --- When -------------------------------------------------------------------------------------
class TimeForTaskArgs(TaskArgs):
    """Which task, and a moment the person asks about."""

    moment: str = Field(
        default="",
        max_length=2000,
        description="A moment the person asks about ('why not tomorrow at 9?'), else empty",
        json_schema_extra=slot("words"),
    )


@tool(
    "productivity.time_for_task",
    description=(
        "Find the best times for a task in the person's free slots with reasons, or say why a certain moment does not fit"
    ),
    args=TimeForTaskArgs,
    effect=Effect.WRITE,
    label="Looking for a good time",
    cues=(
        r"\bwhen (?:should|shall|can|could|do|would) i\b",
        r"\b(?:find|suggest|best|good) (?:me )?(?:a |the )?(?:good |best )?(?:time|slot|moment)\b",
        r"\bwhy not\b.{1,200}\bfor\b",
    ),
)
def time_for_task(context: ToolContext, args: TimeForTaskArgs) -> Card:
    """Up to three slots as suggestions to accept."""
    user, now = context.user, context.now
    task = task_named(user, args.task)
    try:
        if re.search(r"\bwhy not\b", args.moment, re.I):
            at = moment_said(user, args.moment.replace(task.title, " "), now)
            if at is not None:
                told = why_not(user, task, at, now=now)
                return Card(
                    kind="productivity.task",
                    title=task.title,
                    summary=told.words,
                    subject=task.pk,
                    data={"title": task.title},
                )
        found = recommend(user, task, now=now)
    except (TaskRefused, TaskGone) as refusal:
        raise refused_in_words(refusal) from None
    if not found:
        summary = found.words or f"I found no free slot for “{task.title}”."
    else:
        times = "; ".join(
            moment_words(user, each.recommended_due, now)
            + (f" ({each.reasons[0].rstrip('.')})" if each.reasons else "")
            for each in found
        )
        summary = f"Times for “{task.title}”: {times}. {found.words}".strip()
    return Card(
        kind="productivity.slots",
        title=f"Times for {task.title}",
        summary=summary,
        subject=task.pk,
        data={"slots": [str(each.pk) for each in found]},
    )


class WeekArgs(BaseModel):
    """The question needs no words."""


@tool(
    "productivity.does_my_week_fit",
    description="Say whether the tasks of the coming seven days fit into the free time, and what could give way",
    args=WeekArgs,
    effect=Effect.READ,
    label="Adding up your week",
    cues=(
        r"\b(?:does|will|would|can) (?:my |the |this )?week (?:fit|work(?: out)?)\b",
        r"\b(?:is|are) my week (?:too )?(?:full|packed|busy)\b",
        r"\b(?:too (?:full|much|many tasks)|overbooked|overloaded|overcommitted)\b.{0,60}\b(?:week|list|plate)\b",
        r"\bam i (?:overbooked|overloaded|overcommitted)\b",
        r"\b(?:fit|squeeze|get) (?:it all|everything|all (?:of )?(?:it|this|that|my tasks)) (?:in|into|done)\b",
        r"\bis my week too (?:full|much)\b",
        r"\bdo i have (?:enough time|too much)\b.{0,60}\bweek\b",
    ),
)
def does_my_week_fit(context: ToolContext, args: WeekArgs) -> Card:
    """The sums of the week, and proposals where they do not work out."""
    user, now = context.user, context.now
    told = capacity(user, now=now)
    proposals: Sequence[negotiating.Proposal] = (
        [] if told.fits else negotiating.renegotiate(user, now=now)[:4]
    )
    summary = " ".join([told.words, *(each.words for each in proposals)])
    return Card(
        kind="productivity.week",
        title="Your week",
        summary=summary,
        data={
            "free_minutes": told.free_minutes,
            "asked_minutes": told.asked_minutes,
            "fits": told.fits,
            "proposals": [each.words for each in proposals],
        },
        suggestions=["Plan my day", "What's on my list?"],
    )
