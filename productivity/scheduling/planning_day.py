"""A day that can be done: what is most pressing, with room to spare, the hardest where it goes best."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from accounts.day import day_bounds
from accounts.models import User, time_ordered_id
from productivity import changing
from productivity.history import hold
from productivity.models import Task
from productivity.task_fields import TaskRefused

from .capacity import without_parents
from .constants import FITTING, WEIGHTS
from .finding import Refusals, Search
from .free_time import Calendar, Taken, calendar_of
from .rhythm import known_of
from .scoring import Slot, urgency_of_deadline
from .spans import Stretch, total_minutes
from .wording import minutes_words, reasons_for

# So many of the most pressing tasks are looked at for one day.
LOOKED_AT = 60


@dataclass(frozen=True)
class PlanItem:
    """A task in its slot. `is_kept` marks one that was planned before and is left where it is."""

    task: Task
    starts_at: datetime
    ends_at: datetime
    odds: float
    confidence: float
    reasons: tuple[str, ...]
    is_kept: bool = False


@dataclass(frozen=True)
class LeftOver:
    """A task that is not in the plan, and why."""

    task: Task
    words: str


@dataclass(frozen=True)
class DayPlan:
    """A proposal for one of the person's days; nothing is changed before `accept_plan`."""

    day: date
    items: tuple[PlanItem, ...]
    left_over: tuple[LeftOver, ...]
    free_minutes: int
    planned_minutes: int
    words: str


def plan_day(user: User, day: date, *, now: datetime) -> DayPlan:
    """A realistic plan for the person's `day`. Raises `TaskRefused` for a day that is over."""
    starts, ends = day_bounds(user, day)
    if ends <= now:
        raise TaskRefused("That day is over.")
    since = max(starts, now.astimezone(UTC))
    calendar = calendar_of(user, now=now, until=ends)
    today = tuple(one for one in calendar.taken if one.span.ends > since)
    known = known_of(user, now=now)
    tasks = _candidates(user, calendar, ends, now)
    kept = [
        _kept(task, task.planned_start, task.planned_end)
        for task in tasks
        if task.planned_start
        and task.planned_end
        and since < task.planned_end
        and task.planned_start < ends
    ]
    loose = [task for task in tasks if task.pk not in {item.task.pk for item in kept}]
    free = total_minutes(calendar.free(since, ends))
    kept_minutes = round(
        sum(Stretch(max(one.starts_at, since), one.ends_at).minutes for one in kept)
    )
    # What is planned already was cut out of the free time; it counts towards what the day holds.
    full = min(int(FITTING.most_of_day * (free + kept_minutes)), FITTING.most_minutes)
    budget = full - kept_minutes
    chosen, left = _that_fit(loose, calendar, budget, since)
    buffer = max(calendar.hours.buffer, timedelta(minutes=FITTING.break_minutes))
    calendar = replace(calendar, taken=today, hours=replace(calendar.hours, buffer=buffer))
    items: list[PlanItem] = []
    for task in sorted(chosen, key=lambda one: (-_hardness(one, calendar), one.pk)):
        search = Search(task, calendar, known, Refusals(not_before=since))
        slot = max(
            search.slots(),
            key=lambda one: (_day_score(one), -one.span.starts.timestamp()),
            default=None,
        )
        if slot is None:
            long = minutes_words(search.minutes)
            left.append(LeftOver(task, f"No free stretch of {long} is left that day."))
            continue
        items.append(_item(task, slot, tuple(reasons_for(slot, task, calendar, known))))
        taken = Taken(slot.span, f"“{task.title}”", task.pk, task.category)
        calendar = replace(calendar, taken=(*calendar.taken, taken))
    every = sorted([*kept, *items], key=lambda item: (item.starts_at, item.task.pk))
    planned = round(sum(Stretch(item.starts_at, item.ends_at).minutes for item in items))
    return DayPlan(
        day,
        tuple(every),
        tuple(sorted(left, key=lambda one: -_pressing(one.task, since))),
        free,
        planned,
        _words(items, left, free, planned),
    )


def _candidates(user: User, calendar: Calendar, ends: datetime, now: datetime) -> list[Task]:
    """Open tasks that could be done that day, the most pressing first."""
    tasks = without_parents(Task.objects.for_user(user).open()).exclude(
        status="snoozed", snoozed_until__gte=ends
    )
    later = tasks.exclude(planned_start__gte=ends).exclude(started_at__isnull=False)
    found = list(later.by_due()[: LOOKED_AT * 2])
    # By due date the undated come last: what matters most of them is looked at as well.
    known = {task.pk for task in found}
    found += [
        task for task in later.order_by("-priority", "id")[:LOOKED_AT] if task.pk not in known
    ]
    for task in found:
        task.user = user
    return sorted(found, key=lambda task: (-_pressing(task, now), task.pk))


def _pressing(task: Task, now: datetime) -> float:
    """How much a task presses: the deadline and priority terms with their weights."""
    deadline = WEIGHTS.deadline * urgency_of_deadline(task.due_at, now)
    return deadline + WEIGHTS.priority * task.priority / 3


def _hardness(task: Task, calendar: Calendar) -> float:
    """What asks most of a person: long tasks that matter (ours: minutes, times one to two by priority)."""
    return calendar.lengths.of(task).minutes * (1 + task.priority / 3)


def _day_score(slot: Slot) -> float:
    """Within one day only what speaks for the hour counts, not how soon it is."""
    terms = slot.terms
    return (
        WEIGHTS.rhythm * terms.rhythm
        + WEIGHTS.preference * terms.preference
        + WEIGHTS.hours * terms.hours
        + WEIGHTS.proximity * terms.proximity
    )


def _that_fit(
    tasks: Sequence[Task], calendar: Calendar, budget: int, since: datetime
) -> tuple[list[Task], list[LeftOver]]:
    """The most pressing tasks that fit into the budget, and those that do not."""
    chosen: list[Task] = []
    left: list[LeftOver] = []
    for task in tasks:
        minutes = calendar.lengths.of(task).minutes
        if minutes <= budget and len(chosen) < LOOKED_AT:
            chosen.append(task)
            budget -= minutes
        else:
            long = minutes_words(minutes)
            left.append(LeftOver(task, f"It takes {long}; that day holds enough already."))
    return chosen, left[:LOOKED_AT]


def _kept(task: Task, starts: datetime, ends: datetime) -> PlanItem:
    reasons = ("Planned already; it stays where it is.",)
    return PlanItem(task, starts, ends, 0.0, 0.0, reasons, is_kept=True)


def _item(task: Task, slot: Slot, reasons: tuple[str, ...]) -> PlanItem:
    odds = slot.odds
    return PlanItem(task, slot.span.starts, slot.span.ends, odds.mean, odds.confidence, reasons)


def _words(items: Sequence[PlanItem], left: Sequence[LeftOver], free: int, planned: int) -> str:
    if not items:
        return (
            "Nothing more fits into that day." if left else "Nothing waits to be planned that day."
        )
    things = "1 task" if len(items) == 1 else f"{len(items)} tasks"
    words = f"{things}, {minutes_words(planned)} of {minutes_words(free)} free."
    if left:
        words += f" {len(left)} left for another day."
    return words


def accept_plan(
    user: User,
    items: Iterable[tuple[UUID, datetime, datetime]],
    *,
    source: str,
    now: datetime,
    batch: UUID | None = None,
) -> tuple[UUID, list[Task]]:
    """Puts all tasks into their slots as one batch, undone at once: all of them or none. Twice is once.

    Raises `Task.DoesNotExist` for what is not this person's, `TaskRefused` when a slot has passed, overlaps
    another or was taken meanwhile.
    """
    wanted = [
        (pk, Stretch(starts.astimezone(UTC), ends.astimezone(UTC))) for pk, starts, ends in items
    ]
    batch = batch or time_ordered_id()
    with transaction.atomic():
        hold(user)
        known = {
            task.pk: task
            for task in Task.objects.for_user(user).filter(pk__in=[pk for pk, _ in wanted])
        }
        if len(known) < len({pk for pk, _ in wanted}):
            raise Task.DoesNotExist
        if len(known) < len(wanted):
            raise TaskRefused("A task can lie in one slot only.")
        new = [
            (pk, span)
            for pk, span in wanted
            if (known[pk].planned_start, known[pk].planned_end) != (span.starts, span.ends)
        ]
        if new:
            _refuse_clashes(user, wanted, new, known, now)
        for pk, span in new:
            known[pk] = changing.plan(
                user, pk, span.starts, span.ends, source=source, now=now, batch=batch
            )
    return batch, [known[pk] for pk, _ in wanted]


def _refuse_clashes(
    user: User,
    wanted: Sequence[tuple[UUID, Stretch]],
    new: Sequence[tuple[UUID, Stretch]],
    known: dict[UUID, Task],
    now: datetime,
) -> None:
    until = max(span.ends for _, span in wanted)
    calendar = calendar_of(user, now=now, until=max(until, now))
    moved = {pk for pk, _ in wanted}
    others = [one for one in calendar.taken if one.task_id not in moved]
    for pk, span in new:
        title = known[pk].title
        if span.starts >= span.ends:
            raise TaskRefused(f"The slot of “{title}” ends before it begins.")
        if span.starts < now:
            raise TaskRefused(f"The slot of “{title}” has already begun.")
        clash = next((one for one in others if one.span.overlaps(span)), None)
        if clash is not None:
            raise TaskRefused(f"{clash.words} has taken the time of “{title}” meanwhile.")
        twin = next((other for other, slot in wanted if other != pk and slot.overlaps(span)), None)
        if twin is not None:
            raise TaskRefused(f"“{title}” and “{known[twin].title}” would be at the same time.")
