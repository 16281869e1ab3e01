"""What tasks tell the coach about a person right now, and what can be drawn of them."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db.models import Count

from accounts.day import day_bounds, local_day
from accounts.models import User
from coaching.toolkit import Series, SeriesPoint, context_block, data_source
from productivity.models import Task
from productivity.scheduling.capacity import capacity

from .tools import facts_of

MOST_TASKS = 7
MOST_TITLES = 15
LONGEST_TITLE = 60


@context_block("productivity.tasks", title="Tasks", priority=25, tokens=260)
def tasks_now(user: User, now: datetime) -> Iterable[str]:
    """What is overdue, due today and next, whether the week fits; at most twelve lines."""
    mine = Task.objects.for_user(user).awake(now).filter(parent__isnull=True)
    shown = list(mine.by_due().select_related("series")[: MOST_TASKS + MOST_TITLES])
    if not shown:
        return
    ends = day_bounds(user, local_day(user, now))[1]
    overdue = mine.overdue(now).count()
    today = mine.filter(due_at__gte=now, due_at__lte=ends).count()
    yield f"{overdue} overdue, {today} due today."
    for task in shown[:MOST_TASKS]:
        late = "overdue" if task.due_at is not None and task.due_at < now else ""
        facts = [late, facts_of(user, task, now)]
        yield f"“{_short(task)}” ({', '.join(fact for fact in facts if fact) or 'no date'})"
    if also := shown[MOST_TASKS:]:
        yield "Also open: " + "; ".join(_short(task) for task in also)
    yield capacity(user, now=now).words


def _short(task: Task) -> str:
    """A title on one line, without what would end its place."""
    words = " ".join(task.title.replace("“", "'").replace("”", "'").replace(";", ",").split())
    return words if len(words) <= LONGEST_TITLE else f"{words[: LONGEST_TITLE - 1]}…"


@data_source(
    "productivity.done",
    title="Tasks done",
    cues=("tasks", "tasks done", "to-dos", "done tasks", "productivity"),
)
def done_series(user: User, first: date, last: date) -> list[Series]:
    """Per day of the person, how many tasks were done; steps count with their task."""
    since, until = day_bounds(user, first)[0], day_bounds(user, last)[1]
    done = Task.objects.for_user(user).filter(
        completed_at__gte=since, completed_at__lt=until, parent__isnull=True
    )
    counts: dict[date, int] = {}
    rows = done.values("completed_at").annotate(number=Count("pk"))
    for row in rows:
        day = local_day(user, row["completed_at"])
        counts[day] = counts.get(day, 0) + row["number"]
    today = local_day(user)
    points = []
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        number = counts.get(day, 0)
        told = None if day > today else float(number)
        points.append(SeriesPoint(day, told, f"{number} done" if told is not None else ""))
    return [Series("Tasks done", points, high=float(max([1, *counts.values()])), unit="tasks")]
