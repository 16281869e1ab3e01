"""Saying less to those who do not answer, and noticing early when somebody drifts away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from statistics import median

DAY = timedelta(days=1)


@dataclass(frozen=True)
class BackOffNumbers:
    """When to keep still. Days everywhere; those of the steps and the churn signs are given, the rest ours.

    steps: days since the last activity (from, up to but without), and how long a nudge is waited for then.
    ignored_limit: so many ignored messages in a row, and only the weekly digest is left ...
    ignored_rest: ... until one is answered, or for so long.
    gap_ratio: silence in units of the person's own median gap that is a warning.
    rate_ratio: the last 7 days' rate over that of the 14 before that is a warning.
    least_active_days: with fewer active days in those 14 a falling rate says nothing.
    least_gaps: with fewer gaps there is no own rhythm to compare with.
    churn_factor: how much longer nudges rest while somebody drifts away.
    check_in_every: the least time between two check-ins.
    """

    steps: tuple[tuple[float, float, float], ...] = (
        (0, 2, 3),
        (2, 10, 2),
        (10, 30, 6),
        (30, float("inf"), 15),
    )
    ignored_limit: int = 3
    ignored_rest: float = 28
    gap_ratio: float = 3.0
    rate_ratio: float = 0.4
    least_active_days: int = 4
    least_gaps: int = 3
    churn_factor: float = 2.0
    check_in_every: float = 30


NUMBERS = BackOffNumbers()


@dataclass(frozen=True)
class Activity:
    """What a person did of late, and what became of the messages they got unasked.

    `today` is their own day, `active_days` the own days with activity within the weeks looked back at,
    in order. `last_active_at` is the newest activity, or when they joined if there was none.
    `hours` counts active hours per hour of the day. A nudge is ignored when it was neither followed nor
    rated and its action was not done in its window.
    """

    today: date
    last_active_at: datetime
    active_days: tuple[date, ...] = ()
    hours: tuple[float, ...] = (0.0,) * 24
    last_nudge_at: datetime | None = None
    ignored_in_a_row: int = 0
    last_ignored_at: datetime | None = None
    last_check_in_at: datetime | None = None

    def days_active_between(self, first: int, last: int) -> int:
        """On how many of the days from `last` to `first` days ago there was activity; today is 0."""
        since, until = self.today - last * DAY, self.today - first * DAY
        return sum(1 for day in self.active_days if since <= day <= until)


class ChurnSign(StrEnum):
    """What suggests that somebody drifts away."""

    LONG_GAP = "long_gap"
    FALLING_RATE = "falling_rate"
    IGNORED = "ignored"


@dataclass(frozen=True)
class ChurnWarning:
    """The signs, and the two ratios they rest on where they are known."""

    signs: tuple[ChurnSign, ...]
    gap_ratio: float | None
    rate_ratio: float | None


@dataclass(frozen=True)
class BackOff:
    """How long nudges rest: `until`, or altogether while only the digest is left."""

    wait_days: float
    until: datetime | None
    digest_only: bool
    churn: ChurnWarning | None
    check_in_is_due: bool

    def rests(self, now: datetime) -> bool:
        """Whether it is too early for the next nudge."""
        return self.until is not None and now < self.until


def churn_warning(
    activity: Activity, *, now: datetime, numbers: BackOffNumbers = NUMBERS
) -> ChurnWarning | None:
    """The signs that a person drifts away, or `None`.

    The silence is at least three of their own median gaps; or the last 7 days' rate of active days is at
    most 40 % of that of the 14 days before; or they ignored three messages in a row.
    """
    signs = []
    usual = _median_gap(activity.active_days, numbers)
    gap_ratio = None
    if usual is not None:
        gap_ratio = (activity.today - activity.active_days[-1]).days / usual
        if gap_ratio >= numbers.gap_ratio:
            signs.append(ChurnSign.LONG_GAP)
    # Today is not over and counts in neither.
    before = activity.days_active_between(8, 21)
    rate_ratio = None
    if before >= numbers.least_active_days:
        rate_ratio = (activity.days_active_between(1, 7) / 7) / (before / 14)
        if rate_ratio <= numbers.rate_ratio:
            signs.append(ChurnSign.FALLING_RATE)
    if _is_ignoring(activity, now, numbers):
        signs.append(ChurnSign.IGNORED)
    return ChurnWarning(tuple(signs), gap_ratio, rate_ratio) if signs else None


def backoff(activity: Activity, *, now: datetime, numbers: BackOffNumbers = NUMBERS) -> BackOff:
    """How long nudges rest after the last one.

    By days since the last activity: under 2 wait 3, to 9 wait 2, to 29 wait 6, from 30 wait 15; longer
    while the person drifts away. Whoever ignored three in a row gets the weekly digest only.
    """
    silence = max(0.0, (now - activity.last_active_at) / DAY)
    wait = next(days for since, until, days in numbers.steps if since <= silence < until)
    churn = churn_warning(activity, now=now, numbers=numbers)
    if churn is not None:
        wait *= numbers.churn_factor
    last = activity.last_nudge_at
    checked_in = activity.last_check_in_at
    return BackOff(
        wait_days=wait,
        until=None if last is None else last + wait * DAY,
        digest_only=_is_ignoring(activity, now, numbers),
        churn=churn,
        check_in_is_due=churn is not None
        and (checked_in is None or now - checked_in >= numbers.check_in_every * DAY),
    )


def _median_gap(days: Sequence[date], numbers: BackOffNumbers) -> float | None:
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    return float(median(gaps)) if len(gaps) >= numbers.least_gaps else None


def _is_ignoring(activity: Activity, now: datetime, numbers: BackOffNumbers) -> bool:
    if activity.ignored_in_a_row < numbers.ignored_limit or activity.last_ignored_at is None:
        return False
    return now - activity.last_ignored_at < numbers.ignored_rest * DAY
