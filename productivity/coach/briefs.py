"""What tasks have to say in the morning and at the end of a week: facts in plain words, and no blame."""

from datetime import datetime, timedelta

from django.db.models import Q

from accounts.day import day_bounds, local_day
from accounts.models import User
from coaching.outreach.briefs import week_told
from coaching.toolkit import BriefLines, Occasion, brief_part
from productivity.models import Task, TaskEvent, TaskEventType
from productivity.querysets import OPEN
from productivity.scheduling.capacity import capacity
from productivity.scheduling.wording import clock_words, minutes_words
from productivity.stuck import first_step

MOST_NAMES = 4
MOST_READ = 200
# From so many overdue tasks on it helps to agree on them anew.
MANY_OVERDUE = 3


@brief_part("productivity.day", occasion=Occasion.MORNING, title="Tasks of today", order=25)
def tasks_of_today(user: User, now: datetime) -> BriefLines | None:
    """What is due or planned today, and one realistic suggestion."""
    ends = day_bounds(user, local_day(user, now))[1]
    mine = Task.objects.for_user(user).awake(now).filter(parent__isnull=True)
    planned_today = Q(planned_start__gte=now, planned_start__lt=ends)
    asked = list(mine.filter(Q(due_at__lte=ends) | planned_today).by_due()[:MOST_READ])
    overdue = [task for task in asked if task.due_at is not None and task.due_at < now]
    due = [task for task in asked if task not in overdue]
    if not due and not overdue:
        return None
    lines = []
    if due:
        names = ", ".join(_with_time(user, task, now) for task in due[:MOST_NAMES])
        more = f" and {len(due) - MOST_NAMES} more" if len(due) > MOST_NAMES else ""
        lines.append(f"Today: {names}{more}.")
    if overdue:
        things = "1 task is" if len(overdue) == 1 else f"{len(overdue)} tasks are"
        lines.append(f"{things} past the date.")
    lines.append(_suggestion(due, overdue))
    return BriefLines(lines, 0.35 if due else 0.2)


def _with_time(user: User, task: Task, now: datetime) -> str:
    if task.planned_start is not None and task.planned_start >= now:
        return f"{task.title} at {clock_words(task.planned_start, user.tz)}"
    if task.due_on is None and task.due_at is not None:
        return f"{task.title} by {clock_words(task.due_at, user.tz)}"
    return task.title


def _suggestion(due: list[Task], overdue: list[Task]) -> str:
    if len(overdue) >= MANY_OVERDUE:
        return "One thing: give the oldest of them a new date or let it go. A shorter list is done sooner."
    task = max([*due, *overdue], key=lambda each: each.priority)
    step = first_step(task)
    return f"One thing: {step.minutes} minutes for “{task.title}” first. {step.title}."


@brief_part("productivity.week", occasion=Occasion.WEEKLY, title="Tasks this week", order=25)
def tasks_of_week(user: User, now: datetime) -> BriefLines | None:
    """What was done, what slipped, and one thing for the next week."""
    monday = week_told(local_day(user, now))
    since = day_bounds(user, monday)[0]
    until = min(now, day_bounds(user, monday + timedelta(days=6))[1])
    mine = Task.objects.for_user(user).filter(parent__isnull=True)
    was_done = Q(completed_at__gte=since, completed_at__lt=until)
    was_due = Q(status__in=OPEN, due_at__gte=since, due_at__lt=until)
    told = list(mine.filter(was_done | was_due).order_by("-priority", "-id")[:MOST_READ])
    done = [task for task in told if task.completed_at is not None]
    slipped = [task for task in told if task.completed_at is None]
    snoozed = TaskEvent.objects.filter(
        user=user, event_type=TaskEventType.SNOOZE, created_at__gte=since, created_at__lt=until
    )
    if not done and not slipped:
        return None
    lines = []
    if done:
        names = ", ".join(task.title for task in done[:MOST_NAMES])
        things = "1 task" if len(done) == 1 else f"{len(done)} tasks"
        lines.append(f"{things} done, among them {names}." if len(done) > 1 else f"Done: {names}.")
    if slipped:
        names = ", ".join(task.title for task in slipped[:MOST_NAMES])
        lines.append(f"Not done by its date: {names}. It can get a new one.")
    often = snoozed.values_list("task__title", flat=True)
    counts: dict[str, int] = {}
    for title in often:
        counts[title] = counts.get(title, 0) + 1
    again = max(counts, key=lambda title: counts[title], default="")
    week = capacity(user, now=now)
    if again and counts[again] >= MANY_OVERDUE:
        lines.append(f"One thing: “{again}” was put off {counts[again]} times. What is in its way?")
    elif not week.fits:
        over = minutes_words(week.asked_minutes - week.free_minutes)
        lines.append(f"One thing: the next seven days ask for {over} more than is free.")
    return BriefLines(lines, 0.3)
