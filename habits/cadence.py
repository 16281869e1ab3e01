"""When a habit asks for something, and how it says so.

Four cadences, each a run of *occasions*, the stretches of days in which something is asked for:

- daily: every day is an occasion;
- weekdays: every chosen weekday is one;
- some times a week: every ISO week (Monday to Sunday) is one, done when the week's target is reached;
- interval: every stretch of n days is one, counted from `starts_on`, done by one completion in it. Being
  late moves nothing: the next stretch begins where it would have begun.

Paused days are taken out. Everything here is arithmetic on dates; the SQL twin is
`HabitQuerySet.due_on`.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple, Protocol

from accounts.models import User
from habits.models import CadenceKind, Habit, HabitStatus

DAY = timedelta(days=1)
WEEKDAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SHORT_WEEKDAYS = tuple(name[:3] for name in WEEKDAY_NAMES)


class CadenceFields(Protocol):
    """What a cadence is made of: a `Habit`, or a draft of one."""

    @property
    def cadence(self) -> str: ...
    @property
    def times_per_week(self) -> int | None: ...
    @property
    def weekdays(self) -> Sequence[int]: ...
    @property
    def interval_days(self) -> int | None: ...


class Span(NamedTuple):
    """Days from `starts_on` to `ends_on`, both included; an open span has no end."""

    starts_on: date
    ends_on: date | None = None

    def __contains__(self, day: object) -> bool:
        return (
            isinstance(day, date)
            and self.starts_on <= day
            and (self.ends_on is None or day <= self.ends_on)
        )


@dataclass(frozen=True, slots=True)
class Cadence:
    """The rule of a habit, free of the database.

    `target` completions are asked for in every occasion; `per_day` is f of the strength formula: the
    repetitions asked for per day.
    """

    kind: str
    starts_on: date
    ends_on: date | None = None
    times_per_week: int = 1
    weekdays: frozenset[int] = frozenset()
    interval_days: int = 1
    pauses: tuple[Span, ...] = field(default=())

    @property
    def per_day(self) -> float:
        if self.kind == CadenceKind.TIMES_PER_WEEK:
            return self.times_per_week / 7
        if self.kind == CadenceKind.WEEKDAYS:
            return len(self.weekdays) / 7
        if self.kind == CadenceKind.INTERVAL:
            return 1 / self.interval_days
        return 1.0

    @property
    def window(self) -> tuple[int, int]:
        """Days of the rolling window over which fulfilment is counted, and its target count."""
        if self.kind == CadenceKind.TIMES_PER_WEEK:
            return 7, self.times_per_week
        if self.kind == CadenceKind.WEEKDAYS:
            return 7, len(self.weekdays)
        if self.kind == CadenceKind.INTERVAL:
            return self.interval_days, 1
        return 1, 1

    @property
    def unit(self) -> str:
        """What an occasion is called in a count of them."""
        if self.kind == CadenceKind.TIMES_PER_WEEK:
            return "week"
        return "day" if self.kind == CadenceKind.DAILY else "time"

    def is_paused(self, day: date) -> bool:
        return any(day in span for span in self.pauses)

    def in_range(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)

    def asks_on(self, day: date) -> bool:
        """Whether `day` is one on which doing it counts: in range, not paused, a day of the cadence.

        For weekly and interval habits that is every day: whether it is still *due* depends on what was
        done before in the occasion (`is_due`).
        """
        if not self.in_range(day) or self.is_paused(day):
            return False
        return self.kind != CadenceKind.WEEKDAYS or day.weekday() in self.weekdays

    def occasion_of(self, day: date) -> Span:
        """The stretch of days, cut to nothing, that `day` belongs to."""
        if self.kind == CadenceKind.TIMES_PER_WEEK:
            return week_of(day)
        if self.kind == CadenceKind.INTERVAL:
            start = day - timedelta(days=(day - self.starts_on).days % self.interval_days)
            return Span(start, start + timedelta(days=self.interval_days - 1))
        return Span(day, day)

    def target_of(self, occasion: Span) -> int:
        """How many completions the whole occasion asks for."""
        return self.times_per_week if self.kind == CadenceKind.TIMES_PER_WEEK else 1

    def occasions(self, first: date, last: date) -> Iterator[Span]:
        """The occasions that touch the days from `first` to `last`, in order; pauses are not cut out."""
        day = max(first, self.starts_on)
        end = last if self.ends_on is None else min(last, self.ends_on)
        while day <= end:
            if self.kind == CadenceKind.WEEKDAYS and day.weekday() not in self.weekdays:
                day += DAY
                continue
            occasion = self.occasion_of(day)
            yield occasion
            assert occasion.ends_on is not None  # noqa: S101 - occasions are closed
            day = occasion.ends_on + DAY


@dataclass(frozen=True, slots=True)
class WeekProgress:
    """How far an occasion is: "2 of 3 this week"."""

    done: int
    target: int

    def in_words(self) -> str:
        return f"{self.done} of {self.target} this week"


def week_of(day: date) -> Span:
    """The ISO week of `day`: Monday to Sunday."""
    monday = day - timedelta(days=day.weekday())
    return Span(monday, monday + timedelta(days=6))


def cadence_of(habit: Habit, pauses: Iterable[Span] | None = None) -> Cadence:
    """The rule of `habit`.

    Its pauses are those given, or what `with_rests` read along with it, or the (prefetched) relation.
    """
    if pauses is None:
        pauses = _pauses_of(habit)
    return Cadence(
        kind=habit.cadence,
        starts_on=habit.starts_on,
        ends_on=habit.ends_on,
        times_per_week=habit.times_per_week or 1,
        weekdays=frozenset(habit.weekdays or ()),
        interval_days=habit.interval_days or 1,
        pauses=tuple(pauses),
    )


def _pauses_of(habit: Habit) -> list[Span]:
    rests = getattr(habit, "rests", None)
    if rests is None:
        return [Span(pause.starts_on, pause.ends_on) for pause in habit.pauses.all()]
    return [
        Span(
            date.fromisoformat(rest["first"]),
            date.fromisoformat(rest["last"]) if rest["last"] else None,
        )
        for rest in rests
    ]


def due_given(cadence: Cadence, day: date, done_on: Collection[date]) -> bool:
    """Whether `day` asks for the habit, given the days on which it was done."""
    if not cadence.asks_on(day):
        return False
    if cadence.kind in (CadenceKind.DAILY, CadenceKind.WEEKDAYS):
        return True
    occasion = cadence.occasion_of(day)
    before = sum(1 for done in done_on if occasion.starts_on <= done < day)
    return before < cadence.target_of(occasion)


def is_due(habit: Habit, day: date) -> bool:
    """Whether `habit` is asked for on the person's `day`.

    A day on which it was done stays due: it is shown as done. A weekly habit is due until the target of
    its week was reached on earlier days. At most two queries.
    """
    if habit.deleted_at is not None or habit.status != HabitStatus.ACTIVE:
        return False
    cadence = cadence_of(habit)
    occasion = cadence.occasion_of(day)
    done_on: set[date] = set()
    if cadence.kind in (CadenceKind.TIMES_PER_WEEK, CadenceKind.INTERVAL):
        done_on = set(
            habit.completions.filter(
                status__in=("done", "partial"),
                local_date__gte=occasion.starts_on,
                local_date__lt=day,
            ).values_list("local_date", flat=True)
        )
    return due_given(cadence, day, done_on)


def due_on(user: User, day: date) -> list[Habit]:
    """The habits of `user` that their `day` asks for, in their order."""
    return list(Habit.objects.for_user(user).due_on(day).in_order())


def week_progress(cadence: Cadence, day: date, done_on: Collection[date]) -> WeekProgress | None:
    """How often it was done in the week of `day`, for habits counted by the week; else `None`."""
    if cadence.kind != CadenceKind.TIMES_PER_WEEK:
        return None
    week = week_of(day)
    return WeekProgress(sum(1 for done in done_on if done in week), cadence.times_per_week)


def in_words(habit: CadenceFields) -> str:
    """The cadence for people: "every day", "3 times a week", "Mon, Wed, Sat", "every 3 days"."""
    if habit.cadence == CadenceKind.TIMES_PER_WEEK:
        times = habit.times_per_week or 1
        if times == 7:
            return "every day"
        return {1: "once a week", 2: "twice a week"}.get(times, f"{times} times a week")
    if habit.cadence == CadenceKind.WEEKDAYS:
        days = sorted(set(habit.weekdays or ()))
        named = {
            (0, 1, 2, 3, 4): "on weekdays",
            (5, 6): "at weekends",
            tuple(range(7)): "every day",
        }
        if len(days) == 1:
            return f"every {WEEKDAY_NAMES[days[0]]}"
        return named.get(tuple(days)) or ", ".join(SHORT_WEEKDAYS[day] for day in days)
    if habit.cadence == CadenceKind.INTERVAL:
        days_between = habit.interval_days or 1
        return "every other day" if days_between == 2 else f"every {days_between} days"
    return "every day"
