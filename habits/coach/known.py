"""What habits know of a person: facts for the coach's picture of them, each with what it rests on."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import sqrt
from uuid import UUID

from django.db.models import Case, F, Q, When

from accounts.day import local_day
from accounts.models import User
from coaching.toolkit import Known, known_field, read_once
from habits.cadence import WEEKDAY_NAMES, Cadence, cadence_of
from habits.evidence import Marks, marks_from
from habits.models import CadenceKind, Category, Habit, HabitCompletion, HabitSize, HabitStatus
from habits.progress import CONSTANTS as PROGRESS
from habits.progress import Tally, tally, usual_hours
from habits.recap import Weekday
from habits.standing import Standing, standing_given
from habits.streaks import Outcome, occasions_of


@dataclass(frozen=True, slots=True)
class KnownConstants:
    """From when on something is known (all ours).

    Attributes:
        window_days: days that "lately" means.
        look_back_days: how far back anything is read; a little more than a year, for the seasons.
        weekday_weeks: weeks on which a hard weekday rests.
        hours_days: days from which usual hours are read.
        shown: at most so many habits are named in one fact.
        reason_times: a reason for skipping is a pattern from so many times on.
        half_sure: pieces of evidence that make somebody half sure: confidence is n / (n + half_sure).
        season_days: days between the first and the last evidence before seasons are compared.
        season_asked: occasions a season needs before it is compared.
        season_gap, season_z: how far a season must stand out from the others, and how surely.
        told_days_high, told_days_some: shares of days with something told, for high and middling commitment.
        commitment_days: days after the first habit began before commitment is spoken of.
        sizes_from: running habits before the appetite for challenge is read from their sizes.
    """

    window_days: int = 30
    look_back_days: int = 400
    weekday_weeks: int = 10
    hours_days: int = 60
    shown: int = 3
    reason_times: int = 3
    half_sure: float = 10.0
    season_days: int = 270
    season_asked: int = 20
    season_gap: float = 0.15
    season_z: float = 2.5
    told_days_high: float = 0.7
    told_days_some: float = 0.35
    commitment_days: int = 14
    sizes_from: int = 2


CONSTANTS = KnownConstants()
SEASONS = {
    "winter": (12, 1, 2),
    "spring": (3, 4, 5),
    "summer": (6, 7, 8),
    "autumn": (9, 10, 11),
}
_SIZE_WORDS = {
    HabitSize.TWO_MINUTE: "two-minute",
    HabitSize.REGULAR: "regular",
    HabitSize.STRETCH: "stretching",
}
SOUTHERN = {
    "AU",
    "NZ",
    "ZA",
    "AR",
    "CL",
    "UY",
    "PY",
    "BO",
    "PE",
    "NA",
    "BW",
    "ZW",
    "MZ",
    "MG",
    "FJ",
}


@dataclass(frozen=True)
class _Row:
    habit: Habit
    cadence: Cadence
    marks: Marks
    standing: Standing


@dataclass(frozen=True)
class _Record:
    """A person's habits with their days, and the known moments and reasons of the last weeks."""

    today: date
    rows: tuple[_Row, ...]
    moments: tuple[datetime, ...]
    skips: tuple[str, ...]

    def lately(self, row: _Row) -> Tally:
        first = self.today - timedelta(days=CONSTANTS.window_days - 1)
        return tally(row.cadence, row.marks, first, self.today, self.today)


@read_once
def _record(user: User, now: datetime) -> _Record:
    """Two queries, once for all fields of a picture."""
    today = local_day(user, now)
    since = today - timedelta(days=CONSTANTS.look_back_days)
    hours_since = today - timedelta(days=CONSTANTS.hours_days)
    habits = list(
        Habit.objects.for_user(user).current().select_related("streak").with_rests().in_order()
    )
    told: dict[UUID, list[tuple[date, str, Decimal | None]]] = {habit.pk: [] for habit in habits}
    moments, skips = [], []
    completions = HabitCompletion.objects.filter(
        user=user, habit__in=list(told), local_date__gte=since, local_date__lte=today
    )
    # Moments and reasons of the last weeks only: a year of them is dear to read.
    recent = Q(local_date__gte=hours_since)
    rows_told = completions.order_by().values_list(
        "habit_id",
        "local_date",
        "status",
        "value",
        Case(When(recent, then=F("completed_at"))),
        Case(When(recent, then=F("reason"))),
    )
    for pk, day, status, value, at, reason in rows_told:
        told[pk].append((day, status, value))
        if at is not None and status in ("done", "partial"):
            moments.append(at)
        if reason:
            skips.append(reason.strip().lower())
    rows = []
    for habit in habits:
        cadence = cadence_of(habit)
        marks = marks_from(habit.measure, habit.target_value, told[habit.pk])
        rows.append(_Row(habit, cadence, marks, _standing(habit, cadence, marks, today)))
    return _Record(today, tuple(rows), tuple(moments), tuple(skips))


def _standing(habit: Habit, cadence: Cadence, marks: Marks, today: date) -> Standing:
    """The stored copy when it is of today, else from the days at hand."""
    copy = getattr(habit, "streak", None)
    if copy is None or copy.as_of != today:
        return standing_given(cadence, marks, today)
    return Standing(
        strength=copy.strength,
        current=copy.current,
        longest=copy.longest,
        freezes_left=copy.freezes_left,
        unit=cadence.unit,
        total_done=copy.total_done,
        last_date=copy.last_date,
    )


def _sure(evidence: float) -> float:
    return round(evidence / (evidence + CONSTANTS.half_sure), 2)


def _rated(record: _Record) -> list[tuple[_Row, Tally]]:
    """The running habits that were asked for often enough lately to be spoken of."""
    rated = [(row, record.lately(row)) for row in record.rows]
    return [
        (row, lately)
        for row, lately in rated
        if lately.asked >= PROGRESS.enough_occasions and row.habit.status == HabitStatus.ACTIVE
    ]


def _of(lately: Tally) -> str:
    return f"{lately.done} of {lately.asked}"


@known_field("habits.completion_rates", title="How much gets done")
def completion_rates(user: User, now: datetime) -> Known | None:
    """Done of what was asked for in the last 30 days, over all and per habit."""
    record = _record(user, now)
    lately = {row.habit.name: record.lately(row) for row in record.rows}
    total = sum(lately.values(), Tally(0, 0))
    if total.asked < PROGRESS.enough_occasions or total.share is None:
        return None
    per_habit = {name: each for name, each in lately.items() if each.asked}
    return Known(
        {
            "days": CONSTANTS.window_days,
            "done": total.done,
            "asked": total.asked,
            "share": round(total.share, 3),
            "habits": {name: [each.done, each.asked] for name, each in per_habit.items()},
        },
        f"Did {_of(total)} ({total.percent}%) in {CONSTANTS.window_days} days.",
        tuple(f"{name}: {_of(each)}" for name, each in per_habit.items()),
        _sure(total.asked),
    )


@known_field("habits.best_performing_habits", title="What goes best")
def best_performing_habits(user: User, now: datetime) -> Known | None:
    """The habits that were mostly kept lately, the firmest first."""
    good = [
        (row, lately)
        for row, lately in _rated(_record(user, now))
        if (lately.share or 0) >= PROGRESS.going_well_from
    ]
    good.sort(key=lambda pair: (-(pair[1].share or 0), -pair[0].standing.strength))
    shown = good[: CONSTANTS.shown]
    if not shown:
        return None
    return Known(
        [row.habit.name for row, _ in shown],
        "; ".join(f"{row.habit.name}, {_of(lately)}" for row, lately in shown) + ".",
        tuple(
            f"{row.habit.name}: {_of(lately)} in {CONSTANTS.window_days} days, "
            f"strength {row.standing.percent}%"
            for row, lately in shown
        ),
        _sure(min(lately.asked for _, lately in shown)),
    )


@known_field("habits.struggle_patterns", title="What is hard")
def struggle_patterns(user: User, now: datetime) -> Known | None:
    """Habits kept less than half the time, weekdays that are surely harder, reasons that come again."""
    record = _record(user, now)
    hard = [
        (row, lately)
        for row, lately in _rated(record)
        if (lately.share or 0) < PROGRESS.struggling_below
    ]
    hard.sort(key=lambda pair: pair[1].share or 0)
    weekdays = _hard_weekdays(record)
    reasons = [
        (reason, times)
        for reason, times in Counter(record.skips).most_common(CONSTANTS.shown)
        if times >= CONSTANTS.reason_times
    ]
    evidence = [f"{row.habit.name}: {_of(lately)}" for row, lately in hard[: CONSTANTS.shown]]
    evidence += [
        f"{name}s: {_of(each.that_day)}, other days {_of(each.others)}" for name, each in weekdays
    ]
    evidence += [f"Skipped because “{reason}”: {times} times" for reason, times in reasons]
    if not evidence:
        return None
    return Known(
        {
            "habits": [row.habit.name for row, _ in hard[: CONSTANTS.shown]],
            "weekdays": [name for name, _ in weekdays],
            "reasons": [reason for reason, _ in reasons],
        },
        "; ".join(evidence) + ".",
        tuple(evidence),
        _sure(
            max(
                [
                    *(lately.asked for _, lately in hard),
                    *(each.that_day.asked for _, each in weekdays),
                    *(times for _, times in reasons),
                ]
            )
        ),
    )


def _hard_weekdays(record: _Record) -> list[tuple[str, Weekday]]:
    first = record.today - timedelta(weeks=CONSTANTS.weekday_weeks)
    per_weekday = [Tally(0, 0)] * 7
    for row in record.rows:
        if row.cadence.kind not in (CadenceKind.DAILY, CadenceKind.WEEKDAYS):
            continue
        for occasion in occasions_of(row.cadence, row.marks, first, record.today):
            if occasion.outcome in (Outcome.KEPT, Outcome.MISSED):
                weekday = occasion.days.starts_on.weekday()
                per_weekday[weekday] += Tally(occasion.done, occasion.asked)
    total = sum(per_weekday, Tally(0, 0))
    compared = [
        (
            WEEKDAY_NAMES[weekday],
            Weekday(here, Tally(total.done - here.done, total.asked - here.asked)),
        )
        for weekday, here in enumerate(per_weekday)
    ]
    return [(name, each) for name, each in compared if each.is_hard]


@known_field("habits.peak_productivity_times", title="When things get done")
def peak_productivity_times(user: User, now: datetime) -> Known | None:
    """The circular mean of the clock times of what was done; "varied" when they do not agree."""
    record = _record(user, now)
    hours = usual_hours(record.moments, user.tz)
    if not hours.is_known:
        return None
    busiest = Counter(moment.astimezone(user.tz).hour for moment in record.moments)
    words = hours.in_words()
    return Known(
        {
            "usual": words,
            "agreement": round(hours.agreement, 2),
            "busiest_hours": sorted(hour for hour, _ in busiest.most_common(CONSTANTS.shown)),
        },
        "At varied times." if hours.is_varied else f"Usually {words}.",
        (
            f"{len(record.moments)} known times on {hours.days} days, agreement {hours.agreement:.2f} of 1",
        ),
        _sure(hours.days),
    )


@known_field("habits.streak_data", title="Runs")
def streak_data(user: User, now: datetime) -> Known | None:
    """Where each habit's run stands, its longest one, and all that was ever done."""
    rows = [row for row in _record(user, now).rows if row.standing.total_done]
    if not rows:
        return None
    rows.sort(key=lambda row: (-row.standing.strength, row.habit.name))
    lines = [
        f"{row.habit.name}: {row.standing.streak_in_words() or 'no run now'}, "
        f"longest {row.standing.longest}, {row.standing.total_done} in all"
        for row in rows
    ]
    return Known(
        {
            row.habit.name: {
                "current": row.standing.current,
                "longest": row.standing.longest,
                "unit": row.standing.unit,
                "total_done": row.standing.total_done,
            }
            for row in rows
        },
        "; ".join(lines[: CONSTANTS.shown]) + ".",
        tuple(lines),
        1.0,  # a count, not an estimate
    )


@known_field("habits.commitment_level", title="Commitment")
def commitment_level(user: User, now: datetime) -> Known | None:
    """On how many days something was told at all: done, skipped or missed on purpose."""
    record = _record(user, now)
    begun = min((row.habit.starts_on for row in record.rows), default=record.today)
    first = max(begun, record.today - timedelta(days=CONSTANTS.window_days))
    days = (record.today - first).days
    if days < CONSTANTS.commitment_days:
        return None
    told = {day for row in record.rows for day in row.marks if first <= day < record.today}
    share = len(told) / days
    level = (
        "high"
        if share >= CONSTANTS.told_days_high
        else "middling"
        if share >= CONSTANTS.told_days_some
        else "low at the moment"
    )
    return Known(
        {"level": level, "days_told": len(told), "days": days},
        f"{level.capitalize()}: told something on {len(told)} of {days} days.",
        (f"Something told on {len(told)} of the last {days} days",),
        _sure(days),
    )


@known_field("habits.seasonal_patterns", title="Seasons")
def seasonal_patterns(user: User, now: datetime) -> Known | None:
    """Seasons that surely go better or worse than the others; needs most of a year."""
    record = _record(user, now)
    days = [day for row in record.rows for day in row.marks]
    if not days or (max(days) - min(days)).days < CONSTANTS.season_days:
        return None
    by_month = [Tally(0, 0)] * 13
    first = record.today - timedelta(days=CONSTANTS.look_back_days)
    for row in record.rows:
        for occasion in occasions_of(row.cadence, row.marks, first, record.today):
            if occasion.outcome in (Outcome.KEPT, Outcome.MISSED):
                by_month[occasion.days.starts_on.month] += Tally(occasion.done, occasion.asked)
    total = sum(by_month, Tally(0, 0))
    shift = 6 if user.country in SOUTHERN else 0
    shares, notable = {}, []
    for season, months in SEASONS.items():
        here = sum((by_month[(month - 1 + shift) % 12 + 1] for month in months), Tally(0, 0))
        there = Tally(total.done - here.done, total.asked - here.asked)
        if here.asked < CONSTANTS.season_asked or not there.asked:
            continue
        shares[season] = round(here.share or 0.0, 2)
        gap = (here.share or 0.0) - (there.share or 0.0)
        pooled = (total.share or 0.0) * (1 - (total.share or 0.0))
        spread = sqrt(pooled * (1 / here.asked + 1 / there.asked)) or 1.0
        if abs(gap) >= CONSTANTS.season_gap and abs(gap) / spread >= CONSTANTS.season_z:
            notable.append(f"{season} goes {'better' if gap > 0 else 'harder'} ({_of(here)})")
    if len(shares) < 2:
        return None
    words = "; ".join(notable) if notable else "no season stands out"
    return Known(
        shares,
        f"{words[:1].upper()}{words[1:]}.",
        tuple(f"{season}: {round(share * 100)}%" for season, share in shares.items()),
        _sure(total.asked / 4),
    )


def _of_category(user: User, now: datetime, category: str, what: str) -> Known | None:
    """How a person's habits of one area went lately."""
    record = _record(user, now)
    lately = [
        (row.habit.name, record.lately(row))
        for row in record.rows
        if row.habit.category == category
    ]
    total = sum((each for _, each in lately), Tally(0, 0))
    if total.asked < PROGRESS.enough_occasions:
        return None
    return Known(
        {"done": total.done, "asked": total.asked, "habits": [name for name, _ in lately]},
        f"{what}: {_of(total)} in {CONSTANTS.window_days} days.",
        tuple(f"{name}: {_of(each)}" for name, each in lately),
        _sure(total.asked),
    )


@known_field("habits.fitness_level", title="Fitness")
def fitness_level(user: User, now: datetime) -> Known | None:
    """What was done of the fitness habits: a figure of what is done, no measure of the body."""
    return _of_category(user, now, Category.FITNESS, "Fitness habits")


@known_field("habits.financial_habits", title="Money habits")
def financial_habits(user: User, now: datetime) -> Known | None:
    """What was done of the money habits."""
    return _of_category(user, now, Category.FINANCIAL, "Money habits")


@known_field("habits.learning_pace", title="Pace of learning")
def learning_pace(user: User, now: datetime) -> Known | None:
    """What was done of the learning habits."""
    return _of_category(user, now, Category.LEARNING, "Learning habits")


@known_field("habits.challenge_appetite", title="Appetite for challenge", is_said=True)
def challenge_appetite(user: User, now: datetime) -> Known | None:
    """Which sizes of habits the person runs: accepted or made by themselves."""
    sizes = Counter(
        row.habit.size for row in _record(user, now).rows if row.habit.status == HabitStatus.ACTIVE
    )
    count = sizes.total()
    if count < CONSTANTS.sizes_from:
        return None
    if sizes[HabitSize.STRETCH] * 2 >= count:
        level, words = "bold", "Takes on stretching habits"
    elif sizes[HabitSize.TWO_MINUTE] * 2 >= count:
        level, words = "gentle", "Keeps habits small"
    else:
        level, words = "moderate", "Habits of ordinary size"
    listed = ", ".join(
        f"{times} {_SIZE_WORDS[HabitSize(size)]}" for size, times in sizes.most_common()
    )
    return Known(
        {"level": level, "sizes": dict(sizes)},
        f"{words} ({listed}).",
        (f"Running habits by size: {listed}",),
        _sure(count * 2),
    )
