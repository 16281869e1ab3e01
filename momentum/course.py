"""The course of a person's momentum, made ready for the eye: charts of a period and weeks of days to choose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.models import User
from coaching.toolkit import Series, SeriesPoint
from momentum.models import MomentumPillar, PillarName
from momentum.standing import history

PERIODS = {7: "Week", 30: "Month", 90: "3 months", 365: "Year"}
# What each pillar is made of, for people.
ABOUT = {
    PillarName.COGNITIVE: "What you plan, write down and look into, and how motivated you are.",
    PillarName.BEHAVIORAL: "The habits you did, of those the day asked for.",
    PillarName.RELATIONAL: "Talking with your coach, and how you sound when you do.",
    PillarName.BIOMETRIC: "Sleep, steps and changes in your body that you confirmed.",
}
WEEKS = 5
STEPS = 4
NO_SCORE = "no score"


# Calendars begin and end somewhere; nobody was scored outside of these.
EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)


@dataclass(frozen=True)
class DayCell:
    """One day of a calendar: its score in words and as a step (0-4); none for a day without, or to come."""

    day: date
    score: float | None
    is_ahead: bool
    is_revised: bool

    @property
    def step(self) -> int | None:
        return None if self.score is None else min(STEPS, int(self.score / (100 / (STEPS + 1))))

    @property
    def words(self) -> str:
        if self.is_ahead:
            return "to come"
        return NO_SCORE if self.score is None else f"{self.score:.0f} of 100"


@dataclass(frozen=True)
class Calendar:
    """Whole weeks from Monday, the newest last; `earlier` and `later` lead to the weeks beside them."""

    weeks: list[list[DayCell]]
    earlier: date
    later: date | None


def calendar(user: User, today: date, last: date | None = None) -> Calendar:
    """Five weeks that end with the week of `last` (today when left out, or when it lies ahead)."""
    until = max(EARLIEST + timedelta(weeks=2 * WEEKS), min(last or today, today))
    sunday = until + timedelta(days=6 - until.weekday())
    monday = sunday - timedelta(days=7 * WEEKS - 1)
    rows = {row.date: row for row in history(user, monday, min(sunday, today))}
    days = [_cell(monday + timedelta(days=at), rows, today) for at in range(7 * WEEKS)]
    weeks = [days[at : at + 7] for at in range(0, len(days), 7)]
    later = sunday + timedelta(days=7 * WEEKS) if sunday < today else None
    return Calendar(weeks, monday - timedelta(days=1), min(later, today) if later else None)


def _cell(day: date, rows: Mapping[date, MomentumPillar], today: date) -> DayCell:
    row = rows.get(day)
    return DayCell(
        day,
        row.overall_score if row else None,
        is_ahead=day > today,
        is_revised=bool(row and row.revised_at),
    )


def overall_line(rows: Sequence[MomentumPillar], first: date, last: date) -> Series:
    """The overall score of each day in [first, last]; days without one are gaps."""
    return _line("Momentum", "overall_score", rows, first, last)


def pillar_lines(rows: Sequence[MomentumPillar], first: date, last: date) -> list[Series]:
    """The score of each pillar; one that never had a score in that time is left out."""
    lines = [
        _line(str(name.label), f"{name.value}_score", rows, first, last) for name in PillarName
    ]
    known = [line for line in lines if any(point.value is not None for point in line.points)]
    return known or lines[:1]


def _line(name: str, score: str, rows: Sequence[MomentumPillar], first: date, last: date) -> Series:
    by_day = {row.date: getattr(row, score) for row in rows}
    points = []
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        value = by_day.get(day)
        points.append(SeriesPoint(day, value, NO_SCORE if value is None else f"{value:.0f}"))
    return Series(name, points, 0.0, 100.0)
