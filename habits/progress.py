"""How it is going: what was done of what was asked, against the time before, in plain sentences.

Says "too early" below five occasions, and never guesses.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import atan2, cos, hypot, pi, sin, tau
from zoneinfo import ZoneInfo

from django.db.models import prefetch_related_objects

from accounts.day import local_day
from accounts.models import User
from habits.cadence import WEEKDAY_NAMES, Cadence, cadence_of
from habits.evidence import Marks, marks_of
from habits.models import CadenceKind, Habit, HabitCompletion, HabitStatus
from habits.standing import Standing, standing_given
from habits.streaks import Outcome, occasions_of

PERIODS = {"7d": 7, "30d": 30, "90d": 90, "all": None}


@dataclass(frozen=True, slots=True)
class ProgressConstants:
    """Thresholds (ours): occasions before anything is said of a habit; a change in share that is worth a
    word; a share below which a habit struggles; occasions of a weekday before it is compared; days and
    agreement (resultant length) before usual hours are spoken of.
    """

    enough_occasions: int = 5
    notable_change: float = 0.1
    struggling_below: float = 0.5
    going_well_from: float = 0.7
    enough_per_weekday: int = 3
    enough_days_for_hours: int = 14
    varied_below: float = 0.3


CONSTANTS = ProgressConstants()


@dataclass(frozen=True, slots=True)
class Tally:
    """Completions done of those asked for in a period."""

    done: int
    asked: int

    @property
    def share(self) -> float | None:
        return min(1.0, self.done / self.asked) if self.asked else None

    @property
    def percent(self) -> int | None:
        return None if self.share is None else round(self.share * 100)

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.done + other.done, self.asked + other.asked)


@dataclass(frozen=True, slots=True)
class HabitProgress:
    """One habit over a period. `trend` is the change in share against the period before; `None` when
    either is too short to compare.
    """

    habit: Habit
    tally: Tally
    before: Tally
    standing: Standing
    trend: float | None

    @property
    def is_early(self) -> bool:
        return self.tally.asked < CONSTANTS.enough_occasions

    @property
    def is_struggling(self) -> bool:
        return not self.is_early and (self.tally.share or 0) < CONSTANTS.struggling_below


@dataclass(frozen=True, slots=True)
class UsualHours:
    """When somebody is usually active: the circular mean of clock times, and how much they agree (0–1)."""

    hour: float | None
    agreement: float
    days: int

    @property
    def is_known(self) -> bool:
        return self.days >= CONSTANTS.enough_days_for_hours

    @property
    def is_varied(self) -> bool:
        return self.agreement < CONSTANTS.varied_below

    def in_words(self) -> str:
        """ "around 07:30", "varied", or why nothing is known yet."""
        if not self.is_known:
            return "too early to say"
        if self.is_varied or self.hour is None:
            return "varied"
        minutes = round(self.hour * 60 / 15) * 15 % 1440
        return f"around {minutes // 60:02d}:{minutes % 60:02d}"


@dataclass(frozen=True, slots=True)
class Progress:
    """The whole picture over a period, and the sentences that say it."""

    period: str
    first: date
    today: date
    habits: list[HabitProgress]
    total: Tally
    before: Tally
    trend: float | None
    best_weekday: str | None
    usual_hours: UsualHours
    sentences: list[str]

    @property
    def is_early(self) -> bool:
        return self.total.asked < CONSTANTS.enough_occasions

    @property
    def best(self) -> HabitProgress | None:
        """The habit that goes best, when one goes well."""
        rated = [row for row in self.habits if not row.is_early]
        top = max(
            rated, key=lambda row: (row.tally.share or 0, row.standing.strength), default=None
        )
        return top if top and (top.tally.share or 0) >= CONSTANTS.going_well_from else None

    @property
    def struggling(self) -> HabitProgress | None:
        """The habit that finds it hardest, when one does."""
        return min(
            (row for row in self.habits if row.is_struggling),
            key=lambda row: row.tally.share or 0,
            default=None,
        )

    @property
    def summary(self) -> str:
        return " ".join(self.sentences)


def analyze(user: User, period: str = "30d", *, habits: Sequence[Habit] | None = None) -> Progress:
    """How `user` does over `period` (7d, 30d, 90d or all), over `habits` or all that run.

    Raises `KeyError` for an unknown period. Four queries.
    """
    today = local_day(user)
    if habits is None:
        habits = list(Habit.objects.for_user(user).current().in_order())
    habits = [habit for habit in habits if habit.status != HabitStatus.PLANNED]
    prefetch_related_objects(habits, "pauses")
    days = PERIODS[period]
    begun = min((habit.starts_on for habit in habits), default=today)
    first = begun if days is None else today - timedelta(days=days - 1)
    marks = marks_of(habits)
    rows = [_habit(habit, marks[habit.pk], first, today, days) for habit in habits]
    total = sum((row.tally for row in rows), Tally(0, 0))
    before = sum((row.before for row in rows), Tally(0, 0))
    hours = usual_hours(moments_of(user, habits, first if days else begun), user.tz)
    progress = Progress(
        period=period,
        first=first,
        today=today,
        habits=rows,
        total=total,
        before=before,
        trend=_trend(total, before),
        best_weekday=_best_weekday(
            [(cadence_of(habit), marks[habit.pk]) for habit in habits], first, today
        ),
        usual_hours=hours,
        sentences=[],
    )
    progress.sentences.extend(_sentences(progress))
    return progress


def tally(cadence: Cadence, marks: Marks, first: date, last: date, today: date) -> Tally:
    """Done of asked from `first` to `last`. What is still open today is not asked yet.

    Habits counted by the week are asked in proportion to the days of the period that counted, so that a
    period need not begin on a Monday.
    """
    if cadence.kind in (CadenceKind.TIMES_PER_WEEK, CadenceKind.INTERVAL):
        done = countable = 0
        day = max(first, cadence.starts_on)
        while day <= last:
            mark = marks.get(day)
            if mark is not None and mark.is_kept:
                done += 1
                countable += 1
            elif not (mark is not None and mark.is_skipped) and day < today:
                countable += cadence.in_range(day) and not cadence.is_paused(day)
            day += timedelta(days=1)
        return Tally(done, max(done, round(countable * cadence.per_day)))
    done = asked = 0
    # Only today can be open: a last day that has passed without a word was not done.
    until = min(last + timedelta(days=1), today)
    for occasion in occasions_of(cadence, marks, first, until):
        if occasion.outcome is Outcome.OPEN or occasion.days.starts_on > last:
            continue
        done += occasion.done
        asked += occasion.asked
    return Tally(done, asked)


def moments_of(user: User, habits: Sequence[Habit], since: date) -> list[datetime]:
    """The known moments at which `habits` were done since the day `since`."""
    found = HabitCompletion.objects.filter(
        user=user,
        habit__in=habits,
        local_date__gte=since,
        status__in=("done", "partial"),
        completed_at__isnull=False,
    ).values_list("completed_at", flat=True)
    return [moment for moment in found if moment is not None]


def usual_hours(moments: Sequence[datetime], zone: ZoneInfo) -> UsualHours:
    """The circular mean of the clock times of `moments` in `zone`, in hours, and their agreement.

    Times lie on a circle, so that 23:30 and 00:30 agree on midnight and not on noon.
    """
    local = [moment.astimezone(zone) for moment in moments]
    days = len({moment.date() for moment in local})
    if not local:
        return UsualHours(None, 0.0, 0)
    angles = [(moment.hour + moment.minute / 60) / 24 * tau for moment in local]
    x = sum(map(cos, angles)) / len(angles)
    y = sum(map(sin, angles)) / len(angles)
    length = min(1.0, hypot(x, y))
    hour = (atan2(y, x) % (2 * pi)) / tau * 24 if length > 1e-9 else None
    return UsualHours(hour, length, days)


def _habit(habit: Habit, marks: Marks, first: date, today: date, days: int | None) -> HabitProgress:
    cadence = cadence_of(habit)
    now = tally(cadence, marks, first, today, today)
    before = Tally(0, 0)
    if days is not None:
        before = tally(
            cadence, marks, first - timedelta(days=days), first - timedelta(days=1), today
        )
    return HabitProgress(
        habit, now, before, standing_given(cadence, marks, today), _trend(now, before)
    )


def _trend(now: Tally, before: Tally) -> float | None:
    enough = CONSTANTS.enough_occasions
    if now.share is None or before.share is None or min(now.asked, before.asked) < enough:
        return None
    return now.share - before.share


def _best_weekday(habits: list[tuple[Cadence, Marks]], first: date, today: date) -> str | None:
    """The weekday with the best share, when it stands out from the rest."""
    tallies = [Tally(0, 0)] * 7
    for cadence, marks in habits:
        if cadence.kind not in (CadenceKind.DAILY, CadenceKind.WEEKDAYS):
            continue
        for occasion in occasions_of(cadence, marks, first, today):
            if occasion.outcome in (Outcome.KEPT, Outcome.MISSED):
                weekday = occasion.days.starts_on.weekday()
                tallies[weekday] += Tally(occasion.done, occasion.asked)
    rated = [
        (each.share or 0.0, weekday)
        for weekday, each in enumerate(tallies)
        if each.asked >= CONSTANTS.enough_per_weekday
    ]
    if len(rated) < 3:
        return None
    best, weekday = max(rated)
    mean = sum(share for share, _ in rated) / len(rated)
    return WEEKDAY_NAMES[weekday] if best - mean >= CONSTANTS.notable_change else None


_PERIOD_WORDS = {
    "7d": "In the last 7 days",
    "30d": "In the last 30 days",
    "90d": "In the last 90 days",
    "all": "Since you began",
}
_BEFORE_WORDS = {
    "7d": "the week before",
    "30d": "the month before",
    "90d": "the three months before",
}


def _sentences(progress: Progress) -> list[str]:
    if not progress.habits:
        return [
            "You have no habits running yet. Tell me a goal, and we can begin with a small one."
        ]
    total = progress.total
    words = _PERIOD_WORDS[progress.period]
    if progress.is_early:
        done = f"{words} you did {total.done} of {total.asked}. " if total.asked else ""
        return [f"{done}It is too early to see a pattern: ask me again after a few more days."]
    said = [f"{words} you did {total.done} of {total.asked} ({total.percent}%)."]
    if progress.trend is not None and progress.period in _BEFORE_WORDS:
        before = _BEFORE_WORDS[progress.period]
        points = round(abs(progress.trend) * 100)
        if progress.trend >= CONSTANTS.notable_change:
            said.append(f"That is {points} points more than {before}.")
        elif progress.trend <= -CONSTANTS.notable_change:
            said.append(f"That is {points} points less than {before}.")
        else:
            said.append(f"That is about as much as {before}.")
    best, struggling = progress.best, progress.struggling
    if best is not None:
        run = best.standing.streak_in_words()
        said.append(
            f"{best.habit.name} goes best: {best.tally.done} of {best.tally.asked}"
            + (f", {run}." if run else ".")
        )
    if struggling is not None:
        said.append(
            f"{struggling.habit.name} finds it hardest: "
            f"{struggling.tally.done} of {struggling.tally.asked}."
        )
    if progress.best_weekday:
        said.append(f"{progress.best_weekday} is your best day.")
    if progress.usual_hours.is_known and not progress.usual_hours.is_varied:
        said.append(f"You are usually at it {progress.usual_hours.in_words()}.")
    return said
