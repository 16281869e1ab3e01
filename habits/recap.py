"""What is worth telling of the last days and of the day ahead: facts for briefs, as of any day.

Everything is computed from the completions as they are. A day of which nothing was told is called that: it
counts as not done for strength, but nobody said that it was missed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from math import sqrt

from accounts.models import User
from coaching.toolkit import read_once
from habits.cadence import DAY, Cadence, Span, cadence_of, due_given
from habits.evidence import Marks, marks_of
from habits.models import (
    Habit,
    HabitStatus,
    MeasureKind,
    SequencePhase,
    SequenceStatus,
    TimeOfDay,
)
from habits.phases import Gate, gate_of
from habits.progress import Tally, tally
from habits.strength import strength_given


@dataclass(frozen=True, slots=True)
class RecapConstants:
    """When something is worth a word (all ours).

    Attributes:
        window_days: days over which a change of strength is told.
        notable_points: percentage points of strength that make a change.
        quiet_days: after so many days without a word of the person there is no news to tell.
        light_days: after so many days with nothing done a lighter day makes sense.
        light_asked: at least so many occasions must have gone by undone for that.
        weekday_weeks: weeks of own record on which a hard weekday rests.
        weekday_asked: occasions on that weekday before it is spoken of.
        weekday_z: how sure the difference to the other days must be (two-proportion z).
        weekday_gap: how large it must be, as a share.
        smaller_below, smaller_asked: a habit kept less than this share of at least so many occasions in two
            weeks is one to make smaller.
        soon_from: a phase opens soon from this percentage of its conditions on.
        evening_from, morning_until: clock times.
    """

    window_days: int = 7
    notable_points: int = 3
    quiet_days: int = 4
    light_days: int = 2
    light_asked: int = 2
    weekday_weeks: int = 10
    weekday_asked: int = 6
    weekday_z: float = 2.0
    weekday_gap: float = 0.2
    smaller_below: float = 0.5
    smaller_asked: int = 4
    soon_from: int = 80
    evening_from: time = time(17)
    morning_until: time = time(12)


CONSTANTS = RecapConstants()


@dataclass(frozen=True, slots=True)
class Record:
    """A running habit with its rule and all its days."""

    habit: Habit
    cadence: Cadence
    marks: Marks

    def is_due(self, day: date) -> bool:
        """Whether `day` asks for it, given what was done before."""
        kept = [told for told, mark in self.marks.items() if mark.is_kept]
        return self.habit.status == HabitStatus.ACTIVE and due_given(self.cadence, day, kept)

    def tally(self, first: date, last: date, today: date) -> Tally:
        return tally(self.cadence, self.marks, first, last, today)

    def untold(self, first: date, last: date) -> int:
        """Single days that asked for it and of which nothing was told."""
        if self.cadence.window[0] != 1 and not self.cadence.weekdays:
            return 0
        days = (last - first).days + 1
        asked = (first + timedelta(days=n) for n in range(days))
        return sum(1 for day in asked if day not in self.marks and self.cadence.asks_on(day))

    @property
    def is_to_be_done(self) -> bool:
        """Whether there is something to get to; what somebody keeps below an amount is not."""
        return self.habit.measure != MeasureKind.AT_MOST

    @property
    def is_of_evenings(self) -> bool:
        at = self.habit.scheduled_time
        if at is not None:
            return at >= CONSTANTS.evening_from
        return self.habit.time_of_day == TimeOfDay.EVENING

    @property
    def is_of_mornings(self) -> bool:
        at = self.habit.scheduled_time
        if at is not None:
            return at < CONSTANTS.morning_until
        return self.habit.time_of_day == TimeOfDay.MORNING


@read_once
def records_of(user: User) -> list[Record]:
    """The habits that run or rest, in the order of the day. Two queries, once for all parts of a brief."""
    habits = list(Habit.objects.for_user(user).current().with_rests().in_order())
    marks = marks_of(habits)
    return [Record(habit, cadence_of(habit), marks[habit.pk]) for habit in habits]


def is_quiet(records: Sequence[Record], today: date) -> bool:
    """Whether nothing was told for days by somebody who could have told something."""
    since = today - timedelta(days=CONSTANTS.quiet_days)
    could_tell = any(record.habit.starts_on < since for record in records)
    return could_tell and not any(day >= since for record in records for day in record.marks)


# --- Where things stand ---------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Change:
    """How the strength of a habit moved up to the end of yesterday, in percent, and what it rests on."""

    record: Record
    before: int
    now: int
    tally: Tally
    untold: int

    @property
    def points(self) -> int:
        return self.now - self.before

    @property
    def is_notable(self) -> bool:
        return abs(self.points) >= CONSTANTS.notable_points


def changes(
    records: Iterable[Record], today: date, days: int = CONSTANTS.window_days
) -> list[Change]:
    """How each habit moved in the `days` days before `today`, the largest gain first.

    Habits that are younger than that are left out: they have no "before".
    """
    yesterday = today - DAY
    first = today - timedelta(days=days)
    found = []
    for record in records:
        if record.habit.starts_on > first:
            continue
        before, now = (
            round(100 * strength_given(record.cadence, record.marks, day))
            for day in (first - DAY, yesterday)
        )
        done = record.tally(first, yesterday, today)
        found.append(Change(record, before, now, done, record.untold(first, yesterday)))
    return sorted(found, key=lambda change: -change.points)


def total(records: Iterable[Record], first: date, last: date, today: date) -> Tally:
    """Done of asked over all habits; what is still open today is not asked yet."""
    return sum((record.tally(first, last, today) for record in records), Tally(0, 0))


def is_told(records: Iterable[Record], day: date) -> bool:
    """Whether anything was told of `day`."""
    return any(day in record.marks for record in records)


# --- The day ahead --------------------------------------------------------------------------------
def open_on(records: Iterable[Record], day: date) -> list[Record]:
    """What `day` asks to be done and of which nothing was told yet."""
    return [
        record
        for record in records
        if record.is_to_be_done and day not in record.marks and record.is_due(day)
    ]


def calls_for_light_day(records: Sequence[Record], today: date) -> bool:
    """Whether the last days went by undone after better ones, so that less is more today."""
    first = today - timedelta(days=CONSTANTS.light_days)
    lately = total(records, first, today - DAY, today)
    before = any(
        mark.is_kept and day < first for record in records for day, mark in record.marks.items()
    )
    return before and lately.done == 0 and lately.asked >= CONSTANTS.light_asked


@dataclass(frozen=True, slots=True)
class Weekday:
    """One weekday of the own record against all the others."""

    that_day: Tally
    others: Tally

    @property
    def is_hard(self) -> bool:
        """Whether it is surely and clearly harder than the others."""
        here, there = self.that_day, self.others
        if here.asked < CONSTANTS.weekday_asked or not there.asked:
            return False
        p, q = here.share or 0.0, there.share or 0.0
        pooled = (here.done + there.done) / (here.asked + there.asked)
        spread = sqrt(pooled * (1 - pooled) * (1 / here.asked + 1 / there.asked))
        return q - p >= CONSTANTS.weekday_gap and (q - p) / (spread or 1) >= CONSTANTS.weekday_z


def weekday_record(records: Iterable[Record], today: date) -> Weekday:
    """How the weekday of `today` went in the last weeks; only habits of single days can say."""
    here, there = Tally(0, 0), Tally(0, 0)
    first = today - timedelta(weeks=CONSTANTS.weekday_weeks)
    for record in records:
        if record.cadence.window[0] != 1 and not record.cadence.weekdays:
            continue
        for back in range((today - first).days, 0, -1):
            day = today - timedelta(days=back)
            one = record.tally(day, day, today)
            if day.weekday() == today.weekday():
                here += one
            else:
                there += one
    return Weekday(here, there)


# --- The week -------------------------------------------------------------------------------------
def to_make_smaller(records: Iterable[Record], last: date, today: date) -> Change | None:
    """The running habit that was kept least in the two weeks up to `last`, when it was less than half."""
    first = last - timedelta(days=13)
    found = []
    for record in records:
        if record.habit.status != HabitStatus.ACTIVE or not record.is_to_be_done:
            continue
        done = record.tally(max(first, record.habit.starts_on), last, today)
        if done.asked >= CONSTANTS.smaller_asked and (done.share or 0) < CONSTANTS.smaller_below:
            found.append(Change(record, 0, 0, done, 0))
    return min(found, key=lambda change: change.tally.share or 0, default=None)


def phase_opening_soon(user: User, today: date) -> tuple[SequencePhase, Gate] | None:
    """The open phase of a running plan whose gate to the next one is nearly or wholly open. Four queries."""
    phase = (
        SequencePhase.objects.filter(
            sequence__user=user,
            sequence__status=SequenceStatus.ACTIVE,
            opened_at__isnull=False,
            completed_at__isnull=True,
        )
        .select_related("sequence")
        .order_by("sequence__started_at", "-phase_number")
        .first()
    )
    if phase is None or phase.phase_number >= phase.sequence.total_phases:
        return None
    gate = gate_of(phase, today)
    return (phase, gate) if gate.percent >= CONSTANTS.soon_from else None


def days_of(week: Span, today: date) -> tuple[date, date]:
    """The first and last day of `week` that have begun by `today`."""
    return week.starts_on, min(today, week.ends_on or today)
