"""What Garmin pushes: its summaries of days, nights and weighings, and what they are in our units.

The fields are those of Garmin's Health API. A summary names its day itself (`calendarDate`); where it does not,
the day is that of its local time.
"""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from momentum.biometrics.days import DayValue
from momentum.models import Metric

Summary = Mapping[str, Any]


class SummaryUnreadable(Exception):
    """The summary lacks what says when it was measured."""


def _number(summary: Summary, name: str) -> float | None:
    """A number that means something: Garmin writes negative ones for "not measured"."""
    value = summary.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _moment(seconds: float) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        raise SummaryUnreadable("Its time is none.") from None


def _measured_until(summary: Summary) -> datetime:
    start = _number(summary, "startTimeInSeconds")
    if start is None:
        raise SummaryUnreadable("It does not say when it begins.")
    return _moment(start + (_number(summary, "durationInSeconds") or 0))


def _day(summary: Summary, at: datetime, offset_name: str) -> date:
    text = summary.get("calendarDate")
    if isinstance(text, str):
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise SummaryUnreadable("Its day is none.") from None
    offset = summary.get(offset_name)
    seconds = offset if isinstance(offset, int | float) and abs(offset) <= 86_400 else 0
    try:
        return (at + timedelta(seconds=seconds)).date()
    except OverflowError:
        raise SummaryUnreadable("Its day is none.") from None


def _values(
    day: date, until: datetime, told: Mapping[Metric, float | None], *, zero_counts: bool = True
) -> list[DayValue]:
    return [
        DayValue(metric, day, value, until)
        for metric, value in told.items()
        if value is not None and (value > 0 or zero_counts)
    ]


def _dailies(summary: Summary) -> list[DayValue]:
    until = _measured_until(summary)
    start = _moment(_number(summary, "startTimeInSeconds") or 0)
    day = _day(summary, start, "startTimeOffsetInSeconds")
    moderate = _number(summary, "moderateIntensityDurationInSeconds")
    vigorous = _number(summary, "vigorousIntensityDurationInSeconds")
    active = None if moderate is None and vigorous is None else (moderate or 0) + (vigorous or 0)
    meters = _number(summary, "distanceInMeters")
    told = {
        Metric.STEPS: _number(summary, "steps"),
        Metric.ACTIVE_ENERGY_KCAL: _number(summary, "activeKilocalories"),
        Metric.ACTIVE_MINUTES: None if active is None else active / 60,
        Metric.DISTANCE_KM: None if meters is None else meters / 1000,
    }
    resting = {Metric.RESTING_HEART_RATE: _number(summary, "restingHeartRateInBeatsPerMinute")}
    return _values(day, until, told) + _values(day, until, resting, zero_counts=False)


_STAGES = ("deepSleepDurationInSeconds", "lightSleepDurationInSeconds", "remSleepInSeconds")


def _sleeps(summary: Summary) -> list[DayValue]:
    until = _measured_until(summary)
    day = _day(summary, until, "startTimeOffsetInSeconds")
    # The stages leave out the time awake; not every device tells them.
    stages = sum(_number(summary, name) or 0 for name in _STAGES)
    seconds = stages or _number(summary, "durationInSeconds")
    told = {Metric.SLEEP_MINUTES: None if seconds is None else seconds / 60}
    return _values(day, until, told, zero_counts=False)


def _body_comps(summary: Summary) -> list[DayValue]:
    seconds = _number(summary, "measurementTimeInSeconds")
    if seconds is None:
        raise SummaryUnreadable("It does not say when it was measured.")
    at = _moment(seconds)
    grams = _number(summary, "weightInGrams")
    told = {Metric.WEIGHT_KG: None if grams is None else grams / 1000}
    return _values(_day(summary, at, "measurementTimeOffsetInSeconds"), at, told, zero_counts=False)


def _hrv(summary: Summary) -> list[DayValue]:
    until = _measured_until(summary)
    told = {Metric.HRV: _number(summary, "lastNightAvg")}
    return _values(_day(summary, until, "startTimeOffsetInSeconds"), until, told, zero_counts=False)


_READERS: dict[str, Callable[[Summary], list[DayValue]]] = {
    "dailies": _dailies,
    "sleeps": _sleeps,
    "bodyComps": _body_comps,
    "hrv": _hrv,
}
KINDS = frozenset(_READERS)
DEREGISTRATIONS = "deregistrations"


def days_of(kind: str, summary: Summary) -> list[DayValue]:
    """The values of days that a summary of `kind` tells; raises `SummaryUnreadable`."""
    return _READERS[kind](summary)
