"""Which habits it may be worth to be reminded of, and whether they were done afterwards."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import (
    Count,
    Exists,
    IntegerField,
    OuterRef,
    Prefetch,
    Subquery,
)
from django.db.models.functions import Coalesce
from django.urls import reverse

from accounts.day import day_bounds, local_day
from accounts.models import User
from coaching.toolkit import Need, Span, need_source
from habits.cadence import cadence_of, week_of
from habits.models import (
    CadenceKind,
    Habit,
    HabitCompletion,
    HabitStack,
    MeasureKind,
    TimeOfDay,
)

SUBJECT = "habits.habit"
DONE = ("done", "partial")


@dataclass(frozen=True)
class NeedNumbers:
    """When a habit of today counts as behind (ours).

    begins: from which clock time on a habit of that part of the day is waited for.
    evening: by when everything of a day is hoped to be done; the gap is 1 then.
    answer_within: for how long after a decision the habit counts as its answer.
    worth_telling: from so many times on the total is told.
    """

    begins: tuple[tuple[str, time], ...] = (
        (TimeOfDay.MORNING, time(7)),
        (TimeOfDay.MIDDAY, time(11)),
        (TimeOfDay.EVENING, time(16)),
        (TimeOfDay.ANY, time(8)),
    )
    evening: time = time(21, 30)
    answer_within: timedelta = timedelta(hours=4)
    worth_telling: int = 3


NUMBERS = NeedNumbers()


def were_done(spans: Sequence[Span]) -> list[bool]:
    """For each habit and span, whether it was ticked as done (or partly) within it. Two queries.

    A tick without a known moment, filled in later, counts for the day in which the span begins.
    """
    habits = Habit.objects.select_related("user").in_bulk({span.subject_id for span in spans})
    moments: dict[UUID, list[tuple[datetime | None, date]]] = defaultdict(list)
    if spans:
        first = min(span.since for span in spans).date() - timedelta(days=2)
        last = max(span.until for span in spans).date() + timedelta(days=2)
        rows = HabitCompletion.objects.filter(
            habit__in=list(habits), status__in=DONE, local_date__range=(first, last)
        ).values_list("habit_id", "completed_at", "local_date")
        for habit_id, completed_at, day in rows:
            moments[habit_id].append((completed_at, day))
    return [
        span.subject_id in habits
        and habits[span.subject_id].user_id == span.user_id
        and _was_done(span, habits[span.subject_id].user, moments[span.subject_id])
        for span in spans
    ]


def _was_done(span: Span, user: User, told: Iterable[tuple[datetime | None, date]]) -> bool:
    day = local_day(user, span.since)
    return any(
        local_date == day if at is None else span.since <= at <= span.until
        for at, local_date in told
    )


SAMPLES = {
    "habit": "Morning walk",
    "tiny": "put on your shoes and step outside",
    "cue": "After I pour my coffee, I go for a walk.",
    "goal": "Run 5 kilometres",
    "total": "12",
    "week": "1 of 3 this week",
}


@need_source("habits.due", title="Habits of today", were_done=were_done, samples=SAMPLES)
def habits_due(people: Sequence[User], now: datetime) -> list[Need]:
    """The habits that today asks for and of which nothing was told yet, with how far they are behind.

    At most three days are today somewhere, so that there are at most six queries for any number of people.
    """
    by_day: dict[date, dict[UUID, User]] = defaultdict(dict)
    for person in people:
        by_day[local_day(person, now)][person.pk] = person
    needs = []
    for day, theirs in sorted(by_day.items()):
        for habit in _open_habits(theirs, day):
            gap = gap_of(habit, theirs[habit.user_id], day, now)
            if gap > 0:
                needs.append(_need(habit, theirs[habit.user_id], day, now, gap))
    return needs


def _open_habits(people: Iterable[UUID], day: date) -> Iterable[Habit]:
    """What today asks for and is still untold.

    To keep below an amount is nothing to get to: "time for a coffee?" is not for somebody who wants less.
    """
    told_today = HabitCompletion.objects.filter(habit=OuterRef("pk"), local_date=day)
    week = week_of(day)
    done_this_week = (
        HabitCompletion.objects.filter(
            habit=OuterRef("pk"), status__in=DONE, local_date__range=(week.starts_on, day)
        )
        .order_by()
        .values("habit")
        .annotate(days=Count("local_date", distinct=True))
        .values("days")
    )
    stacks = HabitStack.objects.order_by("order", "id")
    return (
        Habit.objects.filter(user__in=list(people), deleted_at__isnull=True)
        .due_on(day)
        .filter(~Exists(told_today))
        .exclude(measure=MeasureKind.AT_MOST)
        .annotate(done_in_week=Coalesce(Subquery(done_this_week), 0, output_field=IntegerField()))
        .select_related("goal", "streak")
        .prefetch_related(Prefetch("stacks", queryset=stacks))
        .order_by("user_id", "order", "id")
    )


def gap_of(
    habit: Habit, user: User, day: date, now: datetime, numbers: NeedNumbers = NUMBERS
) -> float:
    """How far `habit` (with `done_in_week`) is behind at `now`, in [0, 1].

    Over its day the gap of a habit grows from 0, when its time has come, to 1 in the evening. One that is
    asked for some times a week or every few days is weighted by how much of its stretch has gone by
    beyond what was done: on Monday there is time, on the last possible day there is none.
    """
    begins = habit.scheduled_time or dict(numbers.begins)[TimeOfDay(habit.time_of_day)]
    local = now.astimezone(user.tz)
    clock = _minutes(local.time()) + (0 if local.date() == day else 24 * 60)
    # Half past midnight is the end of the day of somebody whose day begins at three.
    start = _minutes(begins) + (24 * 60 if begins.hour < user.day_start_hour else 0)
    end = max(_minutes(numbers.evening), start + 60)
    of_day = min(1.0, max(0.0, (clock - start) / (end - start)))
    return of_day * _pressure(habit, day)


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _pressure(habit: Habit, day: date) -> float:
    """How much today matters, in [0, 1]: 1 for what is asked for today and at no other time."""
    if habit.cadence not in (CadenceKind.TIMES_PER_WEEK, CadenceKind.INTERVAL):
        return 1.0
    cadence = cadence_of(habit, pauses=())
    occasion = cadence.occasion_of(day)
    last = occasion.ends_on or day
    days_left = (last - day).days + 1
    open_times = cadence.target_of(occasion)
    if habit.cadence == CadenceKind.TIMES_PER_WEEK:
        open_times -= getattr(habit, "done_in_week", 0)
    return min(1.0, max(0.0, open_times / days_left))


def _need(habit: Habit, user: User, day: date, now: datetime, gap: float) -> Need:
    return Need(
        user_id=user.pk,
        subject_type=SUBJECT,
        subject_id=habit.pk,
        gap=gap,
        action=reverse("habit", args=[habit.pk]),
        action_text="Open it",
        window_ends_at=min(day_bounds(user, day)[1], now + NUMBERS.answer_within),
        facts=facts_of(habit),
    )


def facts_of(habit: Habit) -> dict[str, str]:
    """What templates may tell of a habit; only what there is."""
    stack = next(iter(habit.stacks.all()), None)
    streak = getattr(habit, "streak", None)
    total = streak.total_done if streak else 0
    facts = {
        "habit": habit.name,
        "tiny": habit.tiny_version.strip().rstrip("."),
        "cue": _sentence(stack.sentence) if stack else "",
        "goal": habit.goal.text.strip().rstrip(".") if habit.goal else "",
        "total": str(total) if total >= NUMBERS.worth_telling else "",
    }
    done = getattr(habit, "done_in_week", 0)
    if habit.cadence == CadenceKind.TIMES_PER_WEEK and done:
        facts["week"] = f"{done} of {habit.times_per_week or 1} this week"
    return {name: fact for name, fact in facts.items() if fact}


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."
