"""All that a page about one person's habits shows, in a handful of queries.

`overview` reads habits with their stacks, pauses and stored standings, the completions of the days shown, and
the goals; everything else is arithmetic in memory.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from django.db.models import Prefetch

from accounts.day import local_day
from accounts.models import User
from habits import standing
from habits.cadence import (
    Cadence,
    WeekProgress,
    cadence_of,
    due_given,
    in_words,
    week_of,
    week_progress,
)
from habits.evidence import DayMark, Marks, marks_from
from habits.models import (
    CadenceKind,
    CompletionStatus,
    Goal,
    Habit,
    HabitCompletion,
    HabitStack,
    HabitStatus,
)
from habits.standing import Standing
from habits.streaks import last_days

STRIP_DAYS = 7
DAYS_BACK = 7  # how far back the pages let a day be told


class DayState(StrEnum):
    DONE = "done"
    PARTIAL = "partial"
    SKIPPED = "skipped"
    MISSED = "missed"
    PAUSED = "paused"
    OPEN = "open"
    FREE = "free"


STATE_WORDS = {
    DayState.DONE: "done",
    DayState.PARTIAL: "partly done",
    DayState.SKIPPED: "skipped",
    DayState.MISSED: "not done",
    DayState.PAUSED: "resting",
    DayState.OPEN: "open",
    DayState.FREE: "nothing asked",
}


@dataclass(frozen=True, slots=True)
class DayCell:
    """One day of one habit."""

    day: date
    state: DayState
    credit: float = 0.0

    @property
    def label(self) -> str:
        """ "14 Oct: done"."""
        return f"{self.day.day} {self.day:%b}: {STATE_WORDS[self.state]}"


@dataclass(frozen=True, slots=True)
class HeatCell:
    """One day over all habits: how many were kept of those asked for; `None` asked says no habit yet."""

    day: date
    done: int
    asked: int

    @property
    def share(self) -> float | None:
        return self.done / self.asked if self.asked else None

    @property
    def level(self) -> int:
        """0 (nothing) to 4 (all), for the shade of a cell."""
        share = self.share
        return 0 if not share else max(1, min(4, round(share * 4)))

    @property
    def label(self) -> str:
        """ "14 Oct: 2 of 3"."""
        words = f"{self.done} of {self.asked}" if self.asked else "nothing asked"
        return f"{self.day.day} {self.day:%b}: {words}"


@dataclass(frozen=True, slots=True)
class Told:
    """What was told of a habit on the day shown."""

    status: str
    value: Decimal | None
    reason: str
    note: str


@dataclass(slots=True)
class HabitView:
    """One habit as a page shows it."""

    habit: Habit
    cadence: Cadence
    is_due: bool
    told: Told | None
    standing: Standing
    strip: list[DayCell]
    week: WeekProgress | None
    stacks: list[HabitStack] = field(default_factory=list)
    heat: list[DayCell] = field(default_factory=list)

    @property
    def cadence_words(self) -> str:
        return in_words(self.habit)

    @property
    def is_done(self) -> bool:
        return self.told is not None and self.told.status in (
            CompletionStatus.DONE,
            CompletionStatus.PARTIAL,
        )

    @property
    def is_skipped(self) -> bool:
        return self.told is not None and self.told.status == CompletionStatus.SKIPPED

    @property
    def is_resting(self) -> bool:
        return self.habit.status == HabitStatus.PAUSED

    @property
    def cue(self) -> str:
        """The sentence of its first stack, "After my coffee, I will walk", or nothing."""
        return self.stacks[0].sentence if self.stacks else ""


@dataclass(slots=True)
class Overview:
    """The habits of a person on one of their days.

    `due` are asked for that day, done ones included; `others` run but are not asked for; `resting` are
    paused; `planned` wait for their phase or their first day. `heat` is over all habits, oldest first, beginning on a Monday.
    """

    day: date
    today: date
    due: list[HabitView]
    others: list[HabitView]
    resting: list[HabitView]
    planned: list[HabitView]
    goals: list[Goal]
    heat: list[HeatCell]

    @property
    def done(self) -> int:
        return sum(1 for view in self.due if view.is_done)

    @property
    def asked(self) -> int:
        """What was asked that day, without what was skipped on purpose."""
        return sum(1 for view in self.due if not view.is_skipped)

    @property
    def is_today(self) -> bool:
        return self.day == self.today

    @property
    def views(self) -> list[HabitView]:
        return [*self.due, *self.others, *self.resting, *self.planned]

    @property
    def days_to_tell(self) -> list[date]:
        """The days a page lets be told, newest first."""
        return [self.today - timedelta(days=back) for back in range(DAYS_BACK + 1)]


def overview(
    user: User,
    day: date | None = None,
    *,
    weeks: int = 0,
    habit_heat: bool = False,
    with_goals: bool = True,
) -> Overview:
    """What a page about `user` on `day` (default: today) shows; four queries, a few more on the first
    read of a day.

    Args:
        weeks: how many weeks of heatmap, 0 for none.
        habit_heat: also the weeks of each single habit.
    """
    today = local_day(user)
    day = day or today
    habits = list(
        Habit.objects.for_user(user)
        .exclude(status=HabitStatus.ARCHIVED)
        .select_related("streak")
        .with_rests()
        .prefetch_related(Prefetch("stacks", to_attr="cues"))
        .in_order()
    )
    heat_from = week_of(today).starts_on - timedelta(weeks=weeks - 1) if weeks else today
    cadences = {habit.pk: cadence_of(habit) for habit in habits}
    since = min(
        [
            heat_from,
            week_of(day).starts_on,
            day - timedelta(days=STRIP_DAYS - 1),
            *(
                cadence.occasion_of(day).starts_on
                for cadence in cadences.values()
                if cadence.kind == CadenceKind.INTERVAL
            ),
        ]
    )
    marks, told = _days(habits, since, day)
    standings = standing.joined(habits, today)
    result = Overview(day, today, [], [], [], [], _goals(user) if with_goals else [], [])
    for habit in habits:
        view = _view(habit, cadences[habit.pk], marks[habit.pk], told, standings[habit.pk], day)
        if weeks and habit_heat:
            view.heat = cells(view.cadence, marks[habit.pk], heat_from, today, today)
        _place(result, view).append(view)
    if weeks:
        result.heat = heat(
            [(cadences[habit.pk], marks[habit.pk]) for habit in habits if _counts(habit)],
            heat_from,
            today,
        )
    return result


def heatmap_of(habit: Habit, weeks: int, today: date) -> list[DayCell]:
    """The last `weeks` weeks of one habit, beginning on a Monday, to `today`. Two queries."""
    first = week_of(today).starts_on - timedelta(weeks=weeks - 1)
    cadence = cadence_of(habit)
    marks, _ = _days([habit], min(first, cadence.occasion_of(first).starts_on), today)
    return cells(cadence, marks[habit.pk], first, today, today)


def cells(cadence: Cadence, marks: Marks, first: date, last: date, today: date) -> list[DayCell]:
    """Each day from `first` to `last` with its state."""
    kept = [day for day, mark in marks.items() if mark.is_kept]
    days = ((last - first).days + 1) if last >= first else 0
    return [
        _cell(cadence, marks, kept, first + timedelta(days=offset), today) for offset in range(days)
    ]


def heat(habits: Iterable[tuple[Cadence, Marks]], first: date, last: date) -> list[HeatCell]:
    """Per day, how many habits were kept of those it asked for.

    A habit that is free to be done on any day of its week or stretch counts on the days it was done: on
    the others it was not missed.
    """
    length = (last - first).days + 1
    done = [0] * max(0, length)
    asked = [0] * max(0, length)
    for cadence, marks in habits:
        fixed = cadence.kind in (CadenceKind.DAILY, CadenceKind.WEEKDAYS)
        for offset in range(length):
            day = first + timedelta(days=offset)
            mark = marks.get(day)
            if mark is not None and mark.is_kept:
                done[offset] += 1
                asked[offset] += 1
            elif fixed and not (mark is not None and mark.is_skipped) and cadence.asks_on(day):
                asked[offset] += 1
    return [
        HeatCell(first + timedelta(days=offset), done[offset], asked[offset])
        for offset in range(length)
    ]


def _days(
    habits: Sequence[Habit], since: date, day: date
) -> tuple[dict[UUID, dict[date, DayMark]], dict[UUID, Told]]:
    """The marks of each habit from `since` on, and what was told of `day`; one query."""
    rows: dict[UUID, list[tuple[date, str, Decimal | None]]] = {habit.pk: [] for habit in habits}
    told: dict[UUID, Told] = {}
    asked = HabitCompletion.objects.filter(habit__in=list(rows), local_date__gte=since)
    for pk, local_date, status, value, reason, note in asked.order_by("ordinal").values_list(
        "habit_id", "local_date", "status", "value", "reason", "note"
    ):
        rows[pk].append((local_date, status, value))
        if local_date == day:
            told.setdefault(pk, Told(status, value, reason, note))
    marks = {
        habit.pk: marks_from(habit.measure, habit.target_value, rows[habit.pk]) for habit in habits
    }
    return marks, told


def _view(
    habit: Habit,
    cadence: Cadence,
    marks: Marks,
    told: Mapping[UUID, Told],
    stand: Standing,
    day: date,
) -> HabitView:
    kept = [marked for marked, mark in marks.items() if mark.is_kept]
    return HabitView(
        habit=habit,
        cadence=cadence,
        is_due=habit.status == HabitStatus.ACTIVE and due_given(cadence, day, kept),
        told=told.get(habit.pk),
        standing=stand,
        strip=[_cell(cadence, marks, kept, shown, day) for shown in last_days(day, STRIP_DAYS)],
        week=week_progress(cadence, day, kept),
        stacks=getattr(habit, "cues", []),
    )


def _cell(cadence: Cadence, marks: Marks, kept: Sequence[date], day: date, today: date) -> DayCell:
    mark = marks.get(day)
    if mark is not None:
        if mark.is_skipped:
            return DayCell(day, DayState.SKIPPED)
        if mark.is_kept:
            state = DayState.DONE if mark.credit >= 1 else DayState.PARTIAL
            return DayCell(day, state, mark.credit)
        return DayCell(day, DayState.MISSED)
    if not cadence.in_range(day):
        return DayCell(day, DayState.FREE)
    if cadence.is_paused(day):
        return DayCell(day, DayState.PAUSED)
    if day >= today:
        due = due_given(cadence, day, kept)
        return DayCell(day, DayState.OPEN if due else DayState.FREE)
    fixed = cadence.kind in (CadenceKind.DAILY, CadenceKind.WEEKDAYS)
    missed = fixed and cadence.asks_on(day)
    return DayCell(day, DayState.MISSED if missed else DayState.FREE)


def _place(result: Overview, view: HabitView) -> list[HabitView]:
    if view.habit.status == HabitStatus.PLANNED or view.habit.starts_on > result.day:
        return result.planned
    if view.is_due:
        return result.due
    if view.is_resting or view.cadence.is_paused(result.day):
        return result.resting
    return result.others


def _counts(habit: Habit) -> bool:
    return habit.status in (HabitStatus.ACTIVE, HabitStatus.PAUSED)


def _goals(user: User) -> list[Goal]:
    return list(Goal.objects.for_user(user).active().order_by("deadline", "id"))
