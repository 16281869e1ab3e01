"""Streaks that are fair: counted in the habit's own occasions, with a small reserve of freezes.

An occasion is kept when its target is reached; skipped and paused days are neutral, and the one that is
still open never counts against anybody. Seven kept occasions earn a freeze, at most two are held, and a missed
occasion uses one by itself when it saves the run. They are not for sale.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from habits.cadence import DAY, Cadence, Span, cadence_of
from habits.evidence import Marks, marks_of
from habits.models import CadenceKind, Habit


@dataclass(frozen=True, slots=True)
class FreezeRules:
    """How the reserve works: kept occasions per freeze earned, and the most that are held (ours)."""

    earned_every: int = 7
    most: int = 2


RULES = FreezeRules()


class Outcome(StrEnum):
    KEPT = "kept"
    MISSED = "missed"
    FROZEN = "frozen"
    REST = "rest"
    OPEN = "open"


class Occasion(NamedTuple):
    """One occasion: its days, what came of it, and how many of the asked completions there were."""

    days: Span
    outcome: Outcome
    done: int
    asked: int


@dataclass(frozen=True, slots=True)
class Streak:
    """A run of kept occasions.

    `unit` names the occasions ("day", "week", "time"); `total_done` counts days with something done, over
    all time; `frozen` are the first days of the occasions that a freeze bridged.
    """

    current: int
    longest: int
    freezes_left: int
    unit: str
    last_date: date | None
    total_done: int
    frozen: tuple[date, ...] = ()

    def in_words(self) -> str:
        """ "12 days in a row", "4 weeks in a row"."""
        if self.current == 0:
            return "no run at the moment"
        unit = self.unit if self.current == 1 else f"{self.unit}s"
        return f"{self.current} {unit}" + (" in a row" if self.current > 1 else "")


def occasions_of(cadence: Cadence, marks: Marks, first: date, today: date) -> list[Occasion]:
    """What came of each occasion that touches the days from `first` to `today`; freezes not applied.

    A week that began before the habit, or was partly paused or skipped, asks for no more than the days
    that were left of it.
    """
    if cadence.kind in (CadenceKind.DAILY, CadenceKind.WEEKDAYS):
        return _single_days(cadence, marks, first, today)
    return [_stretch(cadence, marks, days, today) for days in cadence.occasions(first, today)]


def _single_days(cadence: Cadence, marks: Marks, first: date, today: date) -> list[Occasion]:
    """Occasions of one day each. Written for speed: most habits are daily, and histories are long."""
    found: list[Occasion] = []
    weekdays = cadence.weekdays if cadence.kind == CadenceKind.WEEKDAYS else None
    pauses = cadence.pauses
    day = max(first, cadence.starts_on)
    last = today if cadence.ends_on is None else min(today, cadence.ends_on)
    while day <= last:
        if weekdays is None or day.weekday() in weekdays:
            mark = marks.get(day)
            if mark is not None and mark.is_kept:
                outcome = Outcome.KEPT
            elif (mark is not None and mark.is_skipped) or (pauses and cadence.is_paused(day)):
                outcome = Outcome.REST
            elif day == today and mark is None:
                outcome = Outcome.OPEN
            else:
                outcome = Outcome.MISSED
            found.append(
                Occasion(
                    Span(day, day),
                    outcome,
                    1 if outcome is Outcome.KEPT else 0,
                    0 if outcome is Outcome.REST else 1,
                )
            )
        day += DAY
    return found


def _stretch(cadence: Cadence, marks: Marks, days: Span, today: date) -> Occasion:
    end = days.ends_on or days.starts_on
    done = 0
    countable = 0
    skipped = False
    day = days.starts_on
    while day <= end:
        mark = marks.get(day)
        if mark is not None and mark.is_kept:
            done += 1
            countable += 1
        elif mark is not None and mark.is_skipped:
            skipped = True
        elif cadence.in_range(day) and not cadence.is_paused(day):
            countable += 1
        day += DAY
    asked = min(cadence.target_of(days), countable)
    if cadence.kind == CadenceKind.INTERVAL and skipped and not done:
        asked = 0
    if asked == 0:
        outcome = Outcome.REST
    elif done >= asked:
        outcome = Outcome.KEPT
    elif end >= today:
        outcome = Outcome.OPEN
    else:
        outcome = Outcome.MISSED
    return Occasion(days, outcome, done, asked)


class Bridged(NamedTuple):
    """Occasions with freezes applied, how many freezes are left, and the longest run there ever was."""

    occasions: list[Occasion]
    freezes_left: int
    longest: int


class _Run(NamedTuple):
    """One way to have spent the freezes so far: the run it saved, what is left, and where they went."""

    length: int
    credit: int
    spent: "tuple[int, object] | None"


def with_freezes(occasions: list[Occasion], rules: FreezeRules = RULES) -> Bridged:
    """The occasions with missed ones bridged by freezes.

    Of all ways to spend them the one that leaves the longest run today is taken, so that doing more can
    never shorten a run, and a freeze that could not save its run is kept for the next one.
    """
    full = rules.earned_every * rules.most
    ways = [_Run(0, 0, None)]  # the longest run first
    longest = 0
    for index, occasion in enumerate(occasions):
        outcome = occasion.outcome
        if outcome is Outcome.KEPT:
            ways = [_Run(way.length + 1, min(full, way.credit + 1), way.spent) for way in ways]
            longest = max(longest, ways[0].length)
        elif outcome is Outcome.MISSED:
            saved = [
                _Run(way.length, way.credit - rules.earned_every, (index, way.spent))
                for way in ways
                if way.length and way.credit >= rules.earned_every
            ]
            ways = _worth_keeping([*saved, *(_Run(0, way.credit, way.spent) for way in ways)])
    best = max(ways, key=lambda way: (way.length, way.credit))
    bridged = list(occasions)
    link: Any = best.spent
    while link is not None:
        index, link = link
        missed = bridged[index]
        bridged[index] = Occasion(missed.days, Outcome.FROZEN, missed.done, missed.asked)
    return Bridged(bridged, best.credit // rules.earned_every, longest)


def _worth_keeping(ways: list[_Run]) -> list[_Run]:
    """Without those that another way beats in both the run and what is left."""
    kept: list[_Run] = []
    for way in sorted(ways, key=lambda way: (-way.length, -way.credit)):
        if not kept or way.credit > kept[-1].credit:
            kept.append(way)
    return kept


def streak_given(cadence: Cadence, marks: Marks, today: date, rules: FreezeRules = RULES) -> Streak:
    """The streak as it stands on `today`."""
    occasions, reserve, longest = with_freezes(
        occasions_of(cadence, marks, cadence.starts_on, today), rules
    )
    current = 0
    frozen = []
    for occasion in occasions:
        if occasion.outcome is Outcome.KEPT:
            current += 1
        elif occasion.outcome is Outcome.MISSED:
            current = 0
        elif occasion.outcome is Outcome.FROZEN:
            frozen.append(occasion.days.starts_on)
    kept_days = [day for day, mark in marks.items() if mark.is_kept and day <= today]
    return Streak(
        current=current,
        longest=longest,
        freezes_left=reserve,
        unit=cadence.unit,
        last_date=max(kept_days, default=None),
        total_done=len(kept_days),
        frozen=tuple(frozen),
    )


def streak_of(habit: Habit, today: date) -> Streak:
    """The streak of `habit` on the person's day `today`. Two queries."""
    return streak_given(cadence_of(habit), marks_of([habit])[habit.pk], today)


def last_days(today: date, count: int = 7) -> list[date]:
    """The `count` days up to `today`, oldest first."""
    return [today - timedelta(days=back) for back in range(count - 1, -1, -1)]
