"""What the coach guessed about each habit's day before it began, and how that turned out.

In the last hours before a person's day begins, the chance of every habit it asks for is written down. When
the day is over it is settled by what was told of it; a day told later settles it anew.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.day import local_day
from accounts.models import User
from coaching.learning import predictions
from coaching.learning.predictions import RAW, Statement, TrackRecord, percent_of
from coaching.learning_permission import learners
from coaching.models import Prediction
from coaching.outreach.clock import local_clocks
from habits.cadence import Cadence, cadence_of
from habits.evidence import Marks, marks_of
from habits.models import CadenceKind, Habit, HabitStatus
from habits.prediction import CONSTANTS, KIND, VERSION, predict_given, prior_share

SUBJECT = "habits.habit"
# Guesses are written within so many hours before a day begins, days settled as long after one ended.
HOURS = 3
# How far back a day told late still settles its guess anew.
LOOK_BACK = timedelta(days=30)
# Weekly habits are free to be done on any day: of them no single day can be guessed.
FIXED = (CadenceKind.DAILY, CadenceKind.WEEKDAYS)
RECENT = 14
DAY = timedelta(days=1)


def before_their_day(*, now: datetime) -> QuerySet[User]:
    """Learners whose next day begins within the next `HOURS` hours."""
    return _by_hours(now, lambda hours: 0 < hours <= HOURS)


def after_their_day(*, now: datetime) -> QuerySet[User]:
    """Learners whose last day ended within the last `HOURS` hours."""
    return _by_hours(now, lambda hours: hours >= 24 - HOURS)


def _by_hours(now: datetime, fits: Callable[[float], bool]) -> QuerySet[User]:
    """Learners by how many hours of their clock it is until their day begins (above 0, at most 24)."""
    wanted = Q(pk__in=[])
    for zone, clock in local_clocks(now=now).items():
        passed = clock.hour + clock.minute / 60 + clock.second / 3600
        starts = [hour for hour in range(7) if fits((hour - passed) % 24 or 24.0)]
        if starts:
            wanted |= Q(timezone=zone, day_start_hour__in=starts)
    return learners().filter(wanted)


def guess(first: UUID, last: UUID, *, now: datetime) -> int:
    """Writes down the chances for the coming day of those in a range of ids whose day is about to begin.

    Five queries, one per person to write. Running it again writes the same rows. Returns how many.
    """
    people = {user.pk: user for user in before_their_day(now=now).filter(pk__range=(first, last))}
    habits = list(
        Habit.objects.filter(
            user__in=list(people),
            status=HabitStatus.ACTIVE,
            cadence__in=FIXED,
            deleted_at__isnull=True,
        )
        .with_rests()
        .order_by("user_id", "pk")
    )
    marks = marks_of(habits)
    corrected = predictions.correction_of(KIND)
    version = f"{VERSION}+c{corrected.version}" if corrected.version else VERSION
    stated: dict[UUID, list[Statement]] = {}
    for habit in habits:
        user = people[habit.user_id]
        day = local_day(user, now) + DAY
        if not cadence_of(habit).asks_on(day):
            continue
        prior = prior_share(habit)
        found = predict_given(habit, marks[habit.pk], day, prior, corrected.correction)
        if found.probability is None:
            continue
        weight = CONSTANTS.prior_weight
        stated.setdefault(user.pk, []).append(
            Statement(
                SUBJECT,
                habit.pk,
                day,
                found.probability,
                found.observations / (found.observations + weight),
                {
                    RAW: found.raw,
                    "prior": round(prior, 4),
                    "observations": found.observations,
                    "weekday": day.weekday(),
                    "points": {one.name: one.points for one in found.contributions},
                },
                [{"words": one.words, "points": one.points} for one in found.contributions],
            )
        )
    return sum(
        predictions.keep(people[pk], statements, kind=KIND, model_version=version, now=now)
        for pk, statements in stated.items()
    )


def settle(first: UUID, last: UUID, *, now: datetime) -> int:
    """Writes what became of the guesses of a range of people whose days are over; returns changes."""
    since = (now - LOOK_BACK).astimezone(UTC).date()
    open_rows = list(
        predictions.unsettled(KIND, since=since, first=first, last=last).select_related("user")
    )
    rows = [row for row in open_rows if row.for_date < local_day(row.user, now)]
    habits = list(
        Habit.objects.filter(
            pk__in={row.subject_id for row in rows}, deleted_at__isnull=True
        ).with_rests()
    )
    known = {
        habit.pk: cadence_of(habit) for habit in habits if habit.status != HabitStatus.ARCHIVED
    }
    marks = marks_of(habits, since)
    outcomes = (
        (row, outcome(known.get(row.subject_id), marks.get(row.subject_id, {}), row.for_date))
        for row in rows
    )
    return predictions.resolve(outcomes, now=now)


def outcome(cadence: Cadence | None, marks: Marks, day: date) -> bool | None:
    """Whether a habit was kept on a day that is over; `None` when the day did not count for it.

    No cadence: the habit is put away or deleted, and asks for nothing any more.
    """
    mark = marks.get(day)
    if mark is not None:
        return None if mark.is_skipped else mark.is_kept
    return False if cadence is not None and cadence.asks_on(day) else None


@dataclass(frozen=True, slots=True)
class Guess:
    """One guess as its person sees it."""

    day: date
    percent: int
    outcome: bool | None
    is_settled: bool

    @property
    def went(self) -> str:
        if not self.is_settled:
            return "still to come"
        return {True: "done", False: "not done", None: "did not count"}[self.outcome]


@dataclass(frozen=True, slots=True)
class Record:
    """How good the guesses about a habit were, with the last ones."""

    track: TrackRecord
    recent: tuple[Guess, ...]


def record_of(user: User, habit: Habit) -> Record:
    """The coach's record about one habit. Two queries."""
    rows: Iterable[Prediction] = Prediction.objects.filter(
        user=user, kind=KIND, subject_id=habit.pk
    ).order_by("-for_date")[:RECENT]
    recent = tuple(
        Guess(row.for_date, percent_of(row.probability), row.outcome, row.resolved_at is not None)
        for row in rows
    )
    return Record(predictions.track_record(user, KIND, habit.pk), recent)
