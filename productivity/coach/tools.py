"""What the coach can do with single tasks: add, list, finish, snooze, move and delete them, each taken back as easily."""

import re
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from accounts.day import day_bounds, local_day, local_moment
from accounts.models import User
from coaching.language import parse_moment
from coaching.toolkit import Card, Effect, ToolContext, ToolRefused, Undo, slot, tool, undo
from productivity import changing, history, quick_add
from productivity.changing import TaskGone, TaskRefused
from productivity.models import ChangeSource, Task, TaskEvent
from productivity.recurrence import in_words
from productivity.scheduling.offers import snooze_offers
from productivity.scheduling.wording import day_words, moment_words

from .named import task_named

CHAT = ChangeSource.CHAT.value
UNDO_FOR = timedelta(hours=24)
MOST_LISTED = 10
# When a snooze names only a day, the task comes back at this clock time of it (ours).
MORNING = time(8)


def task_card(
    task: Task, title: str, summary: str, *, now: datetime, undoes: UUID | None = None
) -> Card:
    """A card of one task that shows its present state, with its undo."""
    return Card(
        kind="productivity.task",
        title=title,
        summary=summary,
        subject=task.pk,
        data={"title": task.title},
        undo=undo_of(undoes, now),
    )


def undo_of(change: UUID | None, now: datetime) -> Undo | None:
    if change is None:
        return None
    return Undo(verb="productivity.undo", args={"change": str(change)}, expires_at=now + UNDO_FOR)


@undo("productivity.undo")
def take_back(user: User, args: dict[str, Any]) -> Card:
    """Takes back what a tool changed; a second time there is nothing to take back."""
    try:
        tasks = history.undo(user, UUID(str(args["change"])), source=CHAT)
    except TaskEvent.DoesNotExist:
        raise ToolRefused("There is nothing to take back.") from None
    except history.UndoRefused as refusal:
        raise ToolRefused(str(refusal)) from None
    first = tasks[0]
    words = f"“{first.title}”" if len(tasks) == 1 else f"{len(tasks)} tasks"
    return Card(
        kind="productivity.task",
        title=first.title,
        summary=f"Taken back: {words}.",
        subject=first.pk,
        data={"title": first.title},
    )


def due_in_words(user: User, task: Task, now: datetime) -> str:
    """ "due tomorrow at 18:00"; empty without a date."""
    if task.due_at is None:
        return ""
    if task.due_on is not None:
        return f"due {day_words(task.due_on, local_day(user, now))}"
    return f"due {moment_words(user, task.due_at, now)}"


def facts_of(user: User, task: Task, now: datetime) -> str:
    """What is known of a task besides its title, on one line."""
    facts = [due_in_words(user, task, now)]
    if task.planned_start is not None and task.planned_start >= now:
        facts.append(f"planned {moment_words(user, task.planned_start, now)}")
    if task.estimated_minutes:
        facts.append(f"{task.estimated_minutes} min")
    if task.priority:
        facts.append(f"{task.get_priority_display().lower()} priority")
    if task.category:
        facts.append(f"#{task.category}")
    if task.series_id and task.series is not None:
        facts.append(in_words(task.series.rule))
    return ", ".join(fact for fact in facts if fact)


def refused_in_words(refusal: Exception) -> ToolRefused:
    return ToolRefused(str(refusal))


# --- Adding -----------------------------------------------------------------------------------
class AddTaskArgs(BaseModel):
    """The task in the person's own words."""

    text: str = Field(
        min_length=1,
        max_length=2000,
        description=(
            "The task with everything said of it, in plain words: 'call mum tomorrow 6pm 15 min !high #family'"
        ),
        json_schema_extra=slot("words"),
    )


# A thing to be done once, with its day: "I need to buy milk tomorrow". What is practised ("run", "read") is no errand, and
# what is said to the coach ("call me", "tell me") is none either.
_ERRAND = (
    r"(?:buy|call|ring|phone|pay|send|mail|e-?mail|text|post|ship|pick up|drop off|collect|fetch|book|order|renew|cancel"
    r"|return|reply to|answer|write to|fix|repair|mow|wash|hand in|turn in|submit|file|print|sign|prepare|pack|bring|visit"
    r"|get (?:the|a|an|some)|take out|water|finish|review|schedule|update|invite|clean|tidy|vacuum|iron|bake|wrap)"
    r"(?! (?:me|you|us|it off|drinking|smoking)\b)"
)
_DUTY = (
    r"(?:i(?:'ve| have)? (?:(?:also|still|really|just) )?(?:need|have|got|ought|want|would like) to|i'd like to"
    r"|i (?:(?:also|still|really) )?(?:must|should|gotta))"
)
_ONCE = (
    r"(?:today|tonight|tomorrow|(?:this|next) (?:morning|afternoon|evening|week|weekend|month)|next (?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|(?:on|by|until|before|this|due) (?:the )?(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:on|by|until|before) (?:the )?\d{1,2}"
    r"|at \d{1,2}(?::\d\d)? ?(?:am|pm)?)\b"
)
_NOT_AGAIN = r"(?!.*\b(?:every|each|daily|weekly|minutes? a day|remind)\b)"
_ADDS = [
    re.compile(rf"^(?:(?:oh|ok|and|also|so|please),? )*{_DUTY}\s+(?={_ERRAND}\b)", re.I),
    re.compile(r"^(?:please\s+)?(?:can|could|would) you (?:please )?(?=add|put|create|make)", re.I),
    re.compile(
        r"^(?:please\s+)?(?:add|put|write|note)(?:\s+(?:down|a|the|this))?(?:\s+(?:new\s+)?(?:task|to-?do)s?\b\s*[:,-]?)?\s+(?:to\s+(?=[a-z]+ (?!do\b)))?",
        re.I,
    ),
    re.compile(
        r"^(?:please\s+)?(?:create|make|new|add)\s+(?:me\s+)?(?:an?\s+)?(?:new\s+)?(?:task|to-?do)s?\b\s*(?:[:,-]|to|for|called|named)?\s*",
        re.I,
    ),
    re.compile(r"^(?:new\s+)?(?:task|to-?do)s?\s*[:,-]\s*", re.I),
]
_ADDED_TO = re.compile(
    r"\s*,?\s*\b(?:to|on|onto|in)\s+(?:my|the)?\s*(?:tasks?(?:\s+list)?|to-?do(?:s|\s+list)?|list)\b(?:\s*,?\s*please)?\s*[.!?]*\s*$|\s*,?\s*please\s*[.!]*$",
    re.I,
)
_ADDED_TO_INSIDE = re.compile(
    r"\s+(?:to|on|onto)\s+(?:my|the)\s+(?:tasks?(?:\s+list)?|to-?do(?:s|\s+list)?|list)\b", re.I
)


def wanted_task(words: str) -> str:
    """The task in a sentence that asks to add it: "add call mum to my tasks" is about "call mum"."""
    text = words.strip()
    for pattern in _ADDS:
        text = pattern.sub("", text, count=1)
    text = _ADDED_TO.sub("", text)
    text = _ADDED_TO_INSIDE.sub("", text, count=1)
    return text.strip() or words.strip()


@tool(
    "productivity.add_task",
    description=(
        "Add one thing to do to the person's task list, from plain words with its date, length, priority and category"
    ),
    args=AddTaskArgs,
    effect=Effect.WRITE,
    label="Adding it to your list",
    cues=(
        r"\b(?:add|put|write|note)\b.{1,300}\b(?:to|on|onto|in) (?:my |the )?(?:tasks?(?: list)?|to-?dos?(?: list)?|list)\b",
        r"^(?:please )?(?:new |add (?:an? )?(?:new )?)?(?:task|to-?do)s?\s*[:,-]",
        r"^(?:please )?(?:can you |could you )?(?:create|make|add|new) (?:me )?(?:an? )?(?:new )?(?:task|to-?do)\b",
        rf"^{_NOT_AGAIN}(?:(?:oh|ok|and|also|so|please),? )*(?:{_DUTY} )?{_ERRAND}\b.{{1,200}}\b{_ONCE}",
    ),
)
def add_task(context: ToolContext, args: AddTaskArgs) -> Card:
    """Adds it and says what was understood; the same call adds it once."""
    user, now = context.user, context.now
    try:
        task = quick_add.add(
            user,
            wanted_task(args.text),
            source=CHAT,
            now=now,
            origin="chat",
            origin_id=context.call_id,
        )
    except TaskRefused as refusal:
        raise refused_in_words(refusal) from None
    facts = facts_of(user, task, now)
    return task_card(
        task,
        task.title,
        f"Added “{task.title}”{': ' + facts if facts else ''}.",
        now=now,
        undoes=task.change_id or _made_by(task),
    )


def _made_by(task: Task) -> UUID | None:
    return task.events.filter(event_type="create").values_list("pk", flat=True).first()


# --- Listing ----------------------------------------------------------------------------------
class ListTasksArgs(BaseModel):
    """Which of the tasks."""

    which: str = Field(
        default="",
        max_length=2000,
        description="'today', 'overdue', 'this week', a category such as '#work', or empty for what comes next",
        json_schema_extra=slot("words"),
    )


@tool(
    "productivity.list_tasks",
    description="Show the person's open tasks: what is overdue, due today or next, or of one category",
    args=ListTasksArgs,
    effect=Effect.READ,
    label="Looking at your list",
    cues=(
        r"\bwhat(?: is|'s|s)? (?:still )?(?:on|in) my (?:list|to-?do(?: list)?|task list|tasks|plate)\b",
        r"\b(?:show|list|see|read|tell)(?: me)? (?:all )?(?:my|the) (?:open |overdue )?(?:tasks?|to-?dos?|to-?do list|list)\b",
        r"\bwhat (?:tasks?|to-?dos?) (?:do i have|are (?:there|open|left|due|overdue))\b",
        r"\bwhat do i (?:still )?have to (?:do|get done|finish)\b",
        r"\bwhat(?: is|'s|s)? (?:over)?due\b",
        r"\bmy (?:open |overdue )(?:tasks|to-?dos)\b",
    ),
)
def list_tasks(context: ToolContext, args: ListTasksArgs) -> Card:
    """Up to ten open tasks in the order of their dates."""
    user, now = context.user, context.now
    words = args.which.lower()
    tasks = Task.objects.for_user(user).awake(now).filter(parent__isnull=True)
    title = "Your tasks"
    _, ends = day_bounds(user, local_day(user, now))
    if "overdue" in words or "over due" in words:
        tasks, title = tasks.overdue(now), "Overdue"
    elif re.search(r"\btoday\b|\btonight\b", words):
        tasks, title = tasks.filter(due_at__lte=ends), "Due today or before"
    elif re.search(r"\bthis week\b|\bnext (?:seven|7) days\b", words):
        week = ends + timedelta(days=6)
        tasks, title = tasks.filter(due_at__lte=week), "The next seven days"
    elif found := re.search(r"#([\w-]+)", words):
        tasks, title = tasks.filter(category=found[1]), f"#{found[1]}"
    total = tasks.count()
    shown = list(tasks.by_due().select_related("series")[:MOST_LISTED])
    lines = [_line(user, task, now) for task in shown]
    if not shown:
        summary = "Nothing is open there." if title != "Your tasks" else "Your list is empty."
    else:
        more = f" And {total - len(shown)} more." if total > len(shown) else ""
        things = "1 task" if total == 1 else f"{total} tasks"
        summary = f"{title}: {things}. {'; '.join(lines)}.{more}"
    return Card(
        kind="productivity.list",
        title=title,
        summary=summary,
        data={"tasks": [str(task.pk) for task in shown], "total": total},
        suggestions=["Plan my day", "Does my week fit?"] if shown else [],
    )


def _line(user: User, task: Task, now: datetime) -> str:
    facts = facts_of(user, task, now)
    late = "overdue, " if task.due_at is not None and task.due_at < now else ""
    return f"{task.title} ({late}{facts})" if facts else task.title


# --- Finishing --------------------------------------------------------------------------------
_WHICH = slot("task", essential=True, question="Which of your tasks do you mean?")


class TaskArgs(BaseModel):
    """Which task."""

    task: str = Field(
        min_length=1,
        max_length=2000,
        description="The task, by title or id",
        json_schema_extra=_WHICH,
    )


@tool(
    "productivity.complete_task",
    description="Mark one of the person's tasks as done",
    args=TaskArgs,
    effect=Effect.WRITE,
    label="Ticking it off",
    cues=(
        r"\b(?:tick|check|cross|mark)\b.{1,200}\b(?:off|done|complete|completed|finished)\b",
        r"\b(?:tick|check|cross) off\b",
        r"\b(?:done|finished|through) with\b",
        r"\b(?:i|i have|i've|just) (?:just )?(?:did|done|finished|completed|sent|submitted|handed in|paid|called|wrote|bought)\b",
        r"\b(?:is|are) (?:done|finished|complete|ready)\b",
        r"\b(?:complete|finish) (?:the |my )?(?:task|to-?do)\b",
    ),
)
def complete_task(context: ToolContext, args: TaskArgs) -> Card:
    """Marks it done, with its open steps; one that repeats comes again."""
    user, now = context.user, context.now
    task = task_named(user, args.task)
    try:
        done = changing.complete(user, task.pk, source=CHAT, now=now)
    except (TaskRefused, TaskGone) as refusal:
        raise refused_in_words(refusal) from None
    left = Task.objects.for_user(user).awake(now).filter(parent__isnull=True)
    _, ends = day_bounds(user, local_day(user, now))
    today = left.filter(due_at__lte=ends).count()
    summary = f"“{done.title}” is done."
    if done.series_id and (following := left.filter(series_id=done.series_id).first()):
        summary += f" It comes again, {due_in_words(user, following, now)}."
    summary += f" {today} left for today." if today else ""
    return task_card(done, done.title, summary, now=now, undoes=done.change_id)


# --- Snoozing ---------------------------------------------------------------------------------
class SnoozeArgs(TaskArgs):
    """Which task, and until when it may rest."""

    until: str = Field(
        default="",
        max_length=2000,
        description="Until when, in words or ISO: 'tomorrow morning', 'friday 3pm', '2026-12-01'",
        json_schema_extra=slot("words"),
    )


_UNTIL = re.compile(
    r"\b(?:until|till|to|for|by|back to|on)\s+(?P<when>(?!later\b)[^.!?]+?)(?:\s*,?\s*please)?\s*[.!?]*$",
    re.I,
)


def moment_said(user: User, words: str, now: datetime) -> datetime | None:
    """When words say, for something that is to come back then; a day alone means its morning."""
    found = list(_UNTIL.finditer(words))
    for said in [*(each["when"] for each in found), words]:
        read = quick_add.read_for(user, f"x {said}", now=now)
        if read.due_on is not None:
            at = local_moment(user, read.due_on, MORNING)
            return at if at > now else None
        if read.due_at is not None:
            return read.due_at
    moment = parse_moment(words, now.astimezone(user.tz))
    return moment.at if moment else None


@tool(
    "productivity.snooze_task",
    description="Put a task aside until a later moment; its due date stays",
    args=SnoozeArgs,
    effect=Effect.WRITE,
    label="Letting it rest",
    cues=(r"\bsnooze\b", r"\b(?:hide|put aside|park)\b.{1,200}\b(?:until|till)\b"),
)
def snooze_task(context: ToolContext, args: SnoozeArgs) -> Card:
    """Lets it rest; without a moment, times near free slots are offered."""
    user, now = context.user, context.now
    task = task_named(user, args.task)
    until = moment_said(user, args.until or args.task, now)
    if until is None:
        offers = snooze_offers(user, task, now=now)[:4]
        return Card(
            kind="productivity.task",
            title=task.title,
            summary=f"Until when should “{task.title}” rest? "
            + "; ".join(offer.words for offer in offers),
            subject=task.pk,
            data={"title": task.title},
            suggestions=[
                f"Snooze {task.title[:60]} until {offer.until.astimezone(user.tz):%Y-%m-%d %H:%M}"
                for offer in offers
            ],
        )
    try:
        rests = changing.snooze(user, task.pk, until, source=CHAT, now=now)
    except (TaskRefused, TaskGone) as refusal:
        raise refused_in_words(refusal) from None
    words = f"“{rests.title}” rests until {moment_words(user, until, now)}."
    return task_card(rests, rests.title, words, now=now, undoes=rests.change_id)


# --- Moving and changing ----------------------------------------------------------------------
class ChangeTaskArgs(TaskArgs):
    """Which task, and what is to be different."""

    changes: str = Field(
        default="",
        max_length=2000,
        description=(
            "What is different, in plain words: 'friday 3pm', '!high', '45 min', '#work', 'every monday'"
        ),
        json_schema_extra=slot("words"),
    )


_MOVED = re.compile(
    r"\b(?:push|move|postpone|defer|delay|bump|reschedule|shift|bring forward|change|make|set)\b(?P<rest>.*)$",
    re.I,
)
_TO = re.compile(r"\s+(?:back |out |forward )?(?:to|until|till|for|by|on)\s+", re.I)
_IS_DUE = re.compile(r"\b(?:is|are) (?:now )?due\b(?P<rest>.*)$", re.I)


@tool(
    "productivity.reschedule_task",
    description="Change a task: its due date, length, priority, category or how it repeats",
    args=ChangeTaskArgs,
    effect=Effect.WRITE,
    label="Changing it",
    cues=(
        r"\b(?:push|move|postpone|defer|delay|bump|reschedule|shift|bring forward)\b.{1,200}\b(?:to|until|till|by|for|on)\b",
        r"\b(?:make|set|change)\b.{1,200}\b(?:priority|urgent|due)\b",
        r"\b(?:is|are) (?:now )?due (?:on|by|at|in|next|tomorrow|today|\w+day)\b",
        r"\breschedule\b",
    ),
)
def reschedule_task(context: ToolContext, args: ChangeTaskArgs) -> Card:
    """Changes what the words say and nothing else."""
    user, now = context.user, context.now
    task = task_named(user, args.task)
    words = args.changes or args.task
    fields = _wanted_changes(user, task, words, now)
    if not fields:
        raise ToolRefused(
            "I did not understand what should be different. Say a date, a length or a priority."
        )
    try:
        changed = changing.edit(user, task.pk, fields, source=CHAT, now=now)
    except (TaskRefused, TaskGone) as refusal:
        raise refused_in_words(refusal) from None
    facts = facts_of(user, changed, now)
    summary = f"“{changed.title}” is now {facts}." if facts else f"“{changed.title}” is changed."
    return task_card(changed, changed.title, summary, now=now, undoes=changed.change_id)


def _wanted_changes(user: User, task: Task, words: str, now: datetime) -> dict[str, Any]:
    """The fields that words change: read as for a new task, without the title."""
    said = words
    if found := _MOVED.search(words):
        said = found["rest"]
    elif found := _IS_DUE.search(words):
        said = f"due {found['rest']}"
    said = re.sub(re.escape(task.title), " ", said, flags=re.I)
    parts = _TO.split(said)
    for candidate in (parts[-1] if len(parts) > 1 else said, said):
        read = quick_add.read_for(user, f"x {candidate}", now=now)
        fields: dict[str, Any] = {}
        if read.due_on is not None:
            fields["due_on"] = read.due_on
        elif read.due_at is not None:
            fields["due_at"] = read.due_at
        if read.estimated_minutes:
            fields["estimated_minutes"] = read.estimated_minutes
        if read.priority:
            fields["priority"] = read.priority
        elif found := re.search(r"\b(high|medium|low)\b", candidate, re.I):
            fields["priority"] = {"low": 1, "medium": 2, "high": 3}[found[1].lower()]
        if read.category:
            fields["category"] = read.category
        if read.repeat is not None:
            fields["repeat"] = read.repeat
        if fields:
            return fields
    return {}


# --- Deleting ---------------------------------------------------------------------------------
@tool(
    "productivity.delete_task",
    description="Delete one of the person's tasks; it can be brought back",
    args=TaskArgs,
    effect=Effect.WRITE,
    label="Deleting it",
    cues=(
        r"\b(?:delete|remove|cancel|drop|get rid of|take)\b.{1,200}\b(?:tasks?|to-?dos?)\b",
        r"\b(?:delete|remove|cancel|drop|take|cross)\b.{1,200}\b(?:off|from) (?:my |the )?(?:list|to-?do list|tasks)\b",
    ),
)
def delete_task(context: ToolContext, args: TaskArgs) -> Card:
    """Puts it among the deleted ones."""
    user, now = context.user, context.now
    task = task_named(user, args.task)
    try:
        gone = changing.delete(user, task.pk, source=CHAT, now=now)
    except TaskRefused as refusal:
        raise refused_in_words(refusal) from None
    words = f"“{gone.title}” is deleted. You can bring it back."
    return task_card(gone, gone.title, words, now=now, undoes=gone.change_id)
