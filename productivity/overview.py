"""What the pages show of a person's tasks: rows in groups of nearness, each with its words; a handful of queries.

However many tasks there are, a page holds at most `ROWS_PER_GROUP` of each group and says how many there are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import IntEnum
from uuid import UUID

from django.db.models import Case, Count, F, IntegerField, Q, Value, When, Window
from django.db.models.expressions import OrderBy
from django.db.models.functions import RowNumber

from accounts.day import day_bounds, local_day
from accounts.models import User
from productivity.models import ScheduleRecommendation, Task, TaskStatus
from productivity.querysets import TaskQuerySet
from productivity.recurrence import in_words
from productivity.said_days import said_day
from productivity.searching import matching

ROWS_PER_GROUP = 15
ROWS_OF_ONE_GROUP = 50
DONE_SHOWN = 10
CATEGORIES_SHOWN = 30
DAYS_NEXT = 7


class Nearness(IntEnum):
    """The groups of the list, in their order."""

    OVERDUE = 0
    TODAY = 1
    NEXT = 2
    LATER = 3
    UNDATED = 4
    SNOOZED = 5

    @property
    def key(self) -> str:
        return self.name.lower()

    @property
    def title(self) -> str:
        return TITLES[self]


TITLES = {
    Nearness.OVERDUE: "Overdue",
    Nearness.TODAY: "Today",
    Nearness.NEXT: "Next 7 days",
    Nearness.LATER: "Later",
    Nearness.UNDATED: "No date",
    Nearness.SNOOZED: "Snoozed",
}
BY_KEY = {group.key: group for group in Nearness}


@dataclass(frozen=True)
class Wanted:
    """What a person asked the list for. `group` is empty for all of them; `page` counts from 1."""

    query: str = ""
    category: str = ""
    priority: int | None = None
    by_urgency: bool = False
    group: str = ""
    page: int = 1

    @property
    def is_narrowed(self) -> bool:
        return bool(self.query or self.category or self.priority is not None)


@dataclass
class TaskRow:
    """One task as a list shows it."""

    task: Task
    due: str
    is_late: bool
    planned: str = ""
    snoozed: str = ""
    repeats: str = ""
    steps_done: int = 0
    steps: int = 0
    slot: ScheduleRecommendation | None = None
    slot_words: str = ""

    @property
    def is_done(self) -> bool:
        return self.task.status == TaskStatus.COMPLETED


@dataclass
class TaskGroup:
    """Some rows of a group, and how many it has in all."""

    group: Nearness
    total: int
    rows: list[TaskRow] = field(default_factory=list)

    @property
    def key(self) -> str:
        return self.group.key

    @property
    def title(self) -> str:
        return self.group.title

    @property
    def more(self) -> int:
        return self.total - len(self.rows)


@dataclass(frozen=True)
class CategoryCount:
    name: str
    count: int


@dataclass
class Board:
    """The list of a person's tasks as asked for."""

    wanted: Wanted
    today: date
    groups: list[TaskGroup]
    categories: list[CategoryCount]
    done_today: list[TaskRow]
    has_any: bool

    @property
    def total(self) -> int:
        return sum(group.total for group in self.groups)

    @property
    def overdue(self) -> int:
        return next((g.total for g in self.groups if g.group is Nearness.OVERDUE), 0)

    @property
    def earlier_page(self) -> int:
        return self.wanted.page - 1

    @property
    def later_page(self) -> int:
        """The next page of one group, or 0."""
        seen = self.wanted.page * ROWS_OF_ONE_GROUP
        return self.wanted.page + 1 if self.wanted.group and seen < self.total else 0


def board(user: User, wanted: Wanted, now: datetime) -> Board:
    """The list of `user` at `now`; six queries, however long the list is."""
    today = local_day(user, now)
    rows = _narrowed(Task.objects.for_user(user).open().filter(parent=None), wanted)
    if wanted.by_urgency:
        rows = rows.with_urgency(now)
    order = _order(wanted)
    near = rows.annotate(nearness=_nearness(user, now, today))
    if wanted.group in BY_KEY:
        near = near.filter(nearness=BY_KEY[wanted.group].value)
    placed = near.annotate(
        place=Window(RowNumber(), partition_by=[F("nearness")], order_by=order),
        in_group=Window(Count("id"), partition_by=[F("nearness")]),
    )
    if wanted.group in BY_KEY:
        last = wanted.page * ROWS_OF_ONE_GROUP
        placed = placed.filter(place__gt=last - ROWS_OF_ONE_GROUP, place__lte=last)
    else:
        placed = placed.filter(place__lte=ROWS_PER_GROUP)
    found = list(placed.select_related("series").order_by("nearness", "place"))
    done = [] if wanted.group or wanted.is_narrowed else _done_today(user, today)
    shown = {row.task.pk: row for row in rows_of(user, [*found, *done], now)}
    groups: dict[int, TaskGroup] = {}
    for task in found:
        number = task.nearness
        group = groups.setdefault(number, TaskGroup(Nearness(number), task.in_group))
        group.rows.append(shown[task.pk])
    categories = _categories(user)
    return Board(
        wanted,
        today,
        list(groups.values()),
        categories,
        [shown[task.pk] for task in done],
        has_any=bool(found or done or categories) or Task.objects.for_user(user).exists(),
    )


def rows_of(user: User, tasks: Sequence[Task], now: datetime) -> list[TaskRow]:
    """The tasks as rows, with their steps and the slot that is suggested for each; two queries."""
    ids = [task.pk for task in tasks]
    steps = _steps(ids)
    slots = _slots(user, ids, now)
    return [_row(user, task, now, steps, slots) for task in tasks]


def _row(
    user: User,
    task: Task,
    now: datetime,
    steps: dict[UUID, tuple[int, int]],
    slots: dict[UUID, ScheduleRecommendation],
) -> TaskRow:
    done, total = steps.get(task.pk, (0, 0))
    slot = None if task.planned_start else slots.get(task.pk)
    until = task.snoozed_until if task.status == TaskStatus.SNOOZED else None
    planned = task.planned_start and task.planned_end and task.planned_end > now
    return TaskRow(
        task=task,
        due=due_words(user, task, now),
        is_late=bool(task.is_open and task.due_at and task.due_at < now),
        planned=span_words(user, task.planned_start, task.planned_end, now) if planned else "",
        snoozed=moment_words(user, until, now) if until else "",
        repeats=in_words(task.series.rule) if task.series else "",
        steps_done=done,
        steps=total,
        slot=slot,
        slot_words=span_words(user, slot.recommended_due, slot.recommended_end, now)
        if slot
        else "",
    )


def _narrowed(rows: TaskQuerySet, wanted: Wanted) -> TaskQuerySet:
    if wanted.query:
        rows = matching(rows, wanted.query)
    if wanted.category:
        rows = rows.filter(category=wanted.category)
    if wanted.priority is not None:
        rows = rows.filter(priority=wanted.priority)
    return rows


def _nearness(user: User, now: datetime, today: date) -> Case:
    """Which group a task belongs to: the day it is due, or planned for if that is today."""
    starts, ends = day_bounds(user, today)
    _, week_ends = day_bounds(user, today + timedelta(days=DAYS_NEXT))
    by_clock = Q(due_on=None)
    is_today = Q(due_on=today) | (by_clock & Q(due_at__lt=ends))
    planned_today = Q(planned_start__gte=starts, planned_start__lt=ends, planned_end__gt=now)
    is_next = Q(due_on__lte=today + timedelta(days=DAYS_NEXT)) | (
        by_clock & Q(due_at__lt=week_ends)
    )
    return Case(
        When(Q(status=TaskStatus.SNOOZED, snoozed_until__gt=now), then=Value(Nearness.SNOOZED)),
        When(Q(due_at__lt=now), then=Value(Nearness.OVERDUE)),
        When(is_today | planned_today, then=Value(Nearness.TODAY)),
        When(is_next, then=Value(Nearness.NEXT)),
        When(Q(due_at__isnull=False), then=Value(Nearness.LATER)),
        default=Value(Nearness.UNDATED),
        output_field=IntegerField(),
    )


def _order(wanted: Wanted) -> list[OrderBy]:
    by_due = [F("due_at").asc(nulls_last=True), F("priority").desc(), F("id").asc()]
    return [F("urgency").desc(), *by_due] if wanted.by_urgency else by_due


def _done_today(user: User, today: date) -> list[Task]:
    starts, ends = day_bounds(user, today)
    rows = Task.objects.for_user(user).filter(
        parent=None, status=TaskStatus.COMPLETED, completed_at__gte=starts, completed_at__lt=ends
    )
    return list(rows.select_related("series").order_by("-completed_at", "-id")[:DONE_SHOWN])


def _categories(user: User) -> list[CategoryCount]:
    rows = Task.objects.for_user(user).open().filter(parent=None).exclude(category="")
    counted = rows.values("category").annotate(count=Count("id")).order_by("-count", "category")
    return [CategoryCount(row["category"], row["count"]) for row in counted[:CATEGORIES_SHOWN]]


def categories_used(user: User) -> list[str]:
    """The categories a person has used, for a form to offer."""
    rows = Task.objects.for_user(user).exclude(category="").order_by("category")
    return list(rows.values_list("category", flat=True).distinct()[:CATEGORIES_SHOWN])


def _steps(ids: Iterable[UUID]) -> dict[UUID, tuple[int, int]]:
    rows = Task.objects.filter(parent__in=list(ids), deleted_at=None).values("parent_id")
    counted = rows.annotate(
        total=Count("id"), done=Count("id", filter=Q(status=TaskStatus.COMPLETED))
    )
    return {row["parent_id"]: (row["done"], row["total"]) for row in counted}


def _slots(user: User, ids: Sequence[UUID], now: datetime) -> dict[UUID, ScheduleRecommendation]:
    """The best slot of each task that still waits for an answer, lies ahead, and is not offered to a row above."""
    rows = ScheduleRecommendation.objects.filter(
        user=user,
        task__in=list(ids),
        accepted=False,
        rejected=False,
        expires_at__gt=now,
        recommended_due__gt=now,
    )
    waiting: dict[UUID, list[ScheduleRecommendation]] = {}
    for row in rows.order_by("-score", "recommended_due", "id"):
        waiting.setdefault(row.task_id, []).append(row)
    best: dict[UUID, ScheduleRecommendation] = {}
    for task in ids:
        free = (row for row in waiting.get(task, ()) if not _is_offered(row, best.values()))
        if (slot := next(free, None)) is not None:
            best[task] = slot
    return best


def _is_offered(row: ScheduleRecommendation, others: Iterable[ScheduleRecommendation]) -> bool:
    """Whether a slot overlaps one that is offered to another task: nobody can say yes to both."""
    return any(
        row.recommended_due < other.recommended_end and other.recommended_due < row.recommended_end
        for other in others
    )


def day_words(day: date, today: date) -> str:
    """A day as people say it from `today`: "Today", "Tomorrow", "Friday", "Fri 4 Dec", "4 Dec 2027"."""
    away = (day - today).days
    near = {-1: "Yesterday", 0: "Today", 1: "Tomorrow"}
    if away in near:
        return near[away]
    if 1 < away < DAYS_NEXT:
        return f"{day:%A}"
    if day.year == today.year or 0 < away < 180:
        return f"{day:%a} {day.day} {day:%b}"
    return f"{day.day} {day:%b %Y}"


def moment_words(user: User, at: datetime, now: datetime) -> str:
    """A moment by the person's clock: "Tomorrow 18:00"; what is left of today after midnight is "Tonight"."""
    day = said_day(user, at, now)
    words = day_words(day, local_day(user, now)) if day else "Tonight"
    return f"{words} {at.astimezone(user.tz):%H:%M}"


def span_words(user: User, starts: datetime | None, ends: datetime | None, now: datetime) -> str:
    """A slot by the person's clock: "Tomorrow 9:00–9:30"."""
    if starts is None or ends is None:
        return ""
    return f"{moment_words(user, starts, now)}–{ends.astimezone(user.tz):%H:%M}"


def due_words(user: User, task: Task, now: datetime) -> str:
    """When it is due: "Today", "Tomorrow 18:00", "Was due yesterday"; nothing without a due date."""
    if task.due_at is None:
        return ""
    if task.due_on is not None:
        words = day_words(task.due_on, local_day(user, now))
    else:
        words = moment_words(user, task.due_at, now)
    if not task.is_open or task.due_at >= now:
        return words
    return f"Was due {words[0].lower() + words[1:] if words.startswith(('Y', 'To')) else words}"
