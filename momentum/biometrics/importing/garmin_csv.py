"""Tables of Garmin Connect: its reports by day (steps, sleep, resting heart rate, weight), and the activities.

Headings as they stand in exports of the English site. An activity is a span of its own: the same day may come in
several files, so it is not a day's value.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from momentum.biometrics.metrics import METRICS, in_unit
from momentum.models import Metric

from .files import Part, Progress
from .gathering import Activity, Gathered
from .tables import Table, minutes, name_of, read_table, unit_behind, unit_of

UNREADABLE_ROW = "rows without a readable date"
NOT_WORN = "days without a step"
NO_UNIT = "distances without a unit"
NO_VALUE = "cells without a readable value"
MAX_ACTIVITY_MINUTES = 1440

BY_NAME: Mapping[str, Metric] = {
    "steps": Metric.STEPS,
    "total steps": Metric.STEPS,
    "actual": Metric.STEPS,
    "resting heart rate": Metric.RESTING_HEART_RATE,
    "resting hr": Metric.RESTING_HEART_RATE,
    "avg resting heart rate": Metric.RESTING_HEART_RATE,
    "rhr": Metric.RESTING_HEART_RATE,
    "duration": Metric.SLEEP_MINUTES,
    "sleep duration": Metric.SLEEP_MINUTES,
    "avg sleep duration": Metric.SLEEP_MINUTES,
    "sleep time": Metric.SLEEP_MINUTES,
    "total sleep": Metric.SLEEP_MINUTES,
    "weight": Metric.WEIGHT_KG,
    "overnight hrv": Metric.HRV,
    "avg overnight hrv": Metric.HRV,
    "hrv": Metric.HRV,
    "active calories": Metric.ACTIVE_ENERGY_KCAL,
    "intensity minutes": Metric.ACTIVE_MINUTES,
    "total distance": Metric.DISTANCE_KM,
}
# Columns that, beside nothing else, do not make a table one of Garmin's.
WEAK = frozenset({"actual", "duration", "hrv", "weight"})
COMPANIONS = {
    "actual": {"goal"},
    "duration": {"score", "quality", "bedtime", "wake time"},
    "hrv": {"score", "baseline"},
    "weight": {"bmi", "change", "body fat", "body water", "bone mass", "skeletal muscle mass"},
}


def looks_like(rows: Sequence[Sequence[str]]) -> bool:
    """Whether a table that begins with these rows is one of Garmin Connect's."""
    return any(_is_header([name_of(cell) for cell in row]) for row in rows[:5])


def read(part: Part, gathered: Gathered, progress: Progress) -> None:
    """Reads one table into `gathered`; raises `StoppedShort` where it breaks."""
    clock = gathered.clock
    table = read_table(part, progress, clock.now.astimezone(clock.tz).date())
    headings: list[str] = []
    for row in table.rows:
        names = [name_of(cell) for cell in row]
        if _is_header(names):
            headings = row
            break
    names = [name_of(cell) for cell in headings]
    if "activity type" in names:
        _activities(table, names, headings, gathered)
    else:
        _days(table, names, headings, gathered)


def _is_header(names: Sequence[str]) -> bool:
    if "activity type" in names and "date" in names:
        return True
    known = [name for name in names if name in BY_NAME]
    has_day = bool({"", "date", "day", "time", "time period"} & set(names[:1])) or (
        names[:1] and names[0].startswith(("sleep score", "steps", "heart rate", "resting"))
    )
    return bool(has_day) and any(
        name not in WEAK or COMPANIONS[name] & set(names) for name in known
    )


def _days(table: Table, names: Sequence[str], headings: Sequence[str], gathered: Gathered) -> None:
    columns = [(index, BY_NAME[name]) for index, name in enumerate(names) if name in BY_NAME]
    by_clock = names[:1] == ["time"]
    day: date | None = None
    last: dict[str, date] = {}
    for row in table.rows:
        if not any(row):
            continue
        told = table.dates.read(row[0])
        if told is not None:
            day = told
        elif not by_clock:
            day = None
        if day is None:
            gathered.passed_over[UNREADABLE_ROW] += 1
            continue
        for index, metric in columns:
            cell = row[index] if index < len(row) and (index or not told) else ""
            if not cell or cell in ("--", "-", "n/a"):
                continue
            value = _value(table, metric, cell, unit_of(headings[index]))
            if value is None:
                no_unit = metric is Metric.DISTANCE_KM
                gathered.passed_over[NO_UNIT if no_unit else NO_VALUE] += 1
            elif value == 0:
                gathered.passed_over[NOT_WORN if metric is Metric.STEPS else NO_VALUE] += 1
            else:
                gathered.day(metric, day, value)
                last[metric] = max(day, last.get(metric, day))
    for name, on in last.items():
        gathered.may_be_partial(name, on)


def _value(table: Table, metric: Metric, cell: str, unit: str) -> float | None:
    """The cell in the metric's own unit."""
    if metric in (Metric.SLEEP_MINUTES, Metric.ACTIVE_MINUTES):
        return minutes(cell)
    info = METRICS[metric]
    value = table.number(cell, whole=info.digits == 0, most=info.day_high)
    unit = unit_behind(cell) or unit
    if metric is Metric.DISTANCE_KM and not unit:
        return None
    return None if value is None else in_unit(metric, value, unit)


def _activities(
    table: Table, names: Sequence[str], headings: Sequence[str], gathered: Gathered
) -> None:
    places = {name: index for index, name in enumerate(names)}
    time = places.get("moving time", places.get("time", places.get("elapsed time")))

    def cell(row: Sequence[str], index: int | None) -> str:
        return row[index] if index is not None and index < len(row) else ""

    for row in table.rows:
        if not any(row):
            continue
        at = table.dates.moment(cell(row, places["date"]), gathered.clock.tz)
        lasted = minutes(cell(row, places.get("time", time)), clock="mm:ss")
        if at is None or lasted is None or not 0 < lasted <= MAX_ACTIVITY_MINUTES:
            gathered.passed_over[UNREADABLE_ROW] += 1
            continue
        distance = None
        if "distance" in places:
            unit = unit_of(headings[places["distance"]]) or unit_behind(
                cell(row, places["distance"])
            )
            amount = table.number(
                cell(row, places["distance"]), most=METRICS[Metric.DISTANCE_KM].day_high
            )
            if unit and amount is not None:
                distance = in_unit(Metric.DISTANCE_KM, amount, unit)
            elif amount:
                gathered.passed_over[NO_UNIT] += 1
        calories = table.number(cell(row, places.get("calories")), whole=True)
        gathered.activity(Activity(at, lasted, distance, calories or None))
