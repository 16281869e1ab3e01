"""What clients send, read in one pass: good samples and days on one side, what is wrong with the rest on the other."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from accounts.day import local_day
from accounts.models import User
from momentum.biometrics.days import DayValue, Refused
from momentum.biometrics.metrics import METRICS, MetricInfo, day_of, in_unit
from momentum.models import BiometricSource

# Ours: longer spans than two days are no measurement; clocks of devices run ahead by minutes, not more.
LONGEST_SPAN = timedelta(hours=48)
CLOCK_AHEAD = timedelta(minutes=5)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LONGEST_DEVICE = 80
# Zones differ from UTC by whole quarters of an hour since long before `EARLIEST`, and a day begins on a
# full hour: all moments of a quarter belong to one day.
_QUARTER = 900

SampleKey = tuple[str, float, float, str, str]


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement of a span in the metric's own unit; `local_date` is the person's day it counts for."""

    metric: str
    source: str
    device: str
    start: datetime
    end: datetime
    local_date: date
    value: float


@dataclass(slots=True)
class Batch:
    """What was read of one call. Of samples told twice the larger value is kept, whichever came first."""

    samples: dict[SampleKey, Sample] = field(default_factory=dict)
    days: dict[str, list[DayValue]] = field(default_factory=dict)
    read: int = 0
    refused: list[Refused] = field(default_factory=list)


class _Wrong(Exception):
    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code
        self.words = words


def read_items(user: User, items: Iterable[object], *, now: datetime) -> Batch:
    """Reads samples `{metric, start, end, value, unit?, source, device?}` and days `{metric, date, value, …}`.

    Nothing is raised for an item: what is wrong with it stands in `refused` under its place.
    """
    batch = Batch()
    read_one = _reader(user, now, batch)
    for index, item in enumerate(items):
        try:
            read_one(item)
        except _Wrong as wrong:
            batch.refused.append(Refused(index, wrong.code, wrong.words))
        else:
            batch.read += 1
    return batch


def _reader(user: User, now: datetime, batch: Batch) -> Callable[[object], None]:
    """The reading of one item, with what all items share worked out once."""
    tz, day_start = user.tz, user.day_start_hour
    latest, today = now + CLOCK_AHEAD, local_day(user, now)
    quarters: dict[tuple[float, float | None], date] = {}
    samples, days = batch.samples, batch.days
    sources = set(BiometricSource.values)

    def read(item: object) -> None:
        if not isinstance(item, Mapping):
            raise _Wrong("not_an_object", "Each item is an object.")
        info = _metric(item.get("metric"))
        source = item.get("source")
        if not isinstance(source, str) or source not in sources:
            known = ", ".join(BiometricSource.values)
            raise _Wrong("source_unknown", f"The source is none of {known}.")
        value = _value(info, item)
        if "date" in item:
            _no_span(item)
            day = _day(item["date"], today)
            _within(info, value, info.day_low, info.day_high)
            days.setdefault(source, []).append(DayValue(info.metric, day, value))
            return
        start, end = _moment(item, "start"), _moment(item, "end")
        device = _device(item.get("device", ""))
        _check_span(info, start, end, value, latest)
        begun, ended = start.timestamp(), end.timestamp()
        quarter = (begun // _QUARTER, ended // _QUARTER if info.is_sleep else None)
        local_date = quarters.get(quarter)
        if local_date is None:
            local_date = quarters[quarter] = day_of(info.metric, start, end, tz, day_start)
        key = (info.metric.value, begun, ended, source, device)
        known_sample = samples.get(key)
        if known_sample is None or value > known_sample.value:
            samples[key] = Sample(info.metric.value, source, device, start, end, local_date, value)

    return read


def _metric(name: Any) -> MetricInfo:
    info = METRICS.get(name) if isinstance(name, str) else None
    if info is None:
        shown = _quoted(name) if isinstance(name, str) else "That"
        raise _Wrong("metric_unknown", f"{shown} is no metric. Known are {', '.join(METRICS)}.")
    return info


def _value(info: MetricInfo, item: Mapping[str, Any]) -> float:
    value = item.get("value")
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _Wrong("value_invalid", "The value is a number.")
    unit = item.get("unit") or ""
    if not isinstance(unit, str):
        raise _Wrong("unit_unknown", "The unit is a text.")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if unit and unit != info.unit:
        converted = in_unit(info.metric, number, unit)
        if converted is None:
            raise _Wrong(
                "unit_unknown",
                f"{info.metric.value} is told in {info.unit}; {_quoted(unit)} cannot be turned into that.",
            )
        number = converted
    if not math.isfinite(number):
        raise _Wrong("value_invalid", "The value is a finite number.")
    return number


def _quoted(text: str) -> str:
    """What was sent, to be said back: an answer that is kept for a repeat can hold no zero bytes."""
    return "“" + "".join(mark for mark in text[:40] if mark.isprintable()) + "”"


def _within(info: MetricInfo, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise _Wrong(
            "value_out_of_bounds",
            f"{info.metric.value} lies between {low:g} and {high:g} {info.unit}.",
        )


def _moment(item: Mapping[str, Any], name: str) -> datetime:
    text = item.get(name)
    if not isinstance(text, str):
        raise _Wrong("time_invalid", f"“{name}” is a time like 2026-03-01T08:00:00+01:00.")
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise _Wrong("time_naive", f"“{name}” does not say its zone.")
        # Zones of whole seconds are legal in the text but not everywhere in the world of databases.
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _Wrong(
            "time_invalid", f"“{name}” is a time like 2026-03-01T08:00:00+01:00."
        ) from None


def _check_span(
    info: MetricInfo, start: datetime, end: datetime, value: float, latest: datetime
) -> None:
    """Raises `_Wrong` for a span that nobody can have measured, or a value too large for it."""
    if end < start:
        raise _Wrong("time_order", "It ends before it begins.")
    if end > latest:
        raise _Wrong("time_future", "It lies in the future.")
    if start < EARLIEST:
        raise _Wrong("time_too_old", f"It lies before {EARLIEST:%Y}.")
    if end - start > LONGEST_SPAN:
        raise _Wrong("span_too_long", "It is longer than 48 hours.")
    _within(info, value, info.sample_low, info.sample_high)
    if info.is_sleep and value > (end - start).total_seconds() / 60 + 1:
        raise _Wrong("value_out_of_bounds", "Nobody sleeps longer than the span itself.")


def _device(device: Any) -> str:
    if device is None:
        return ""
    if not isinstance(device, str) or len(device) > LONGEST_DEVICE or not device.isprintable():
        raise _Wrong("device_invalid", f"A device has a name of up to {LONGEST_DEVICE} characters.")
    return device


def _no_span(item: Mapping[str, Any]) -> None:
    if "start" in item or "end" in item:
        raise _Wrong("time_invalid", "An item has a date, or a start and an end, but not both.")


def _day(text: Any, today: date) -> date:
    try:
        if not isinstance(text, str) or len(text) != 10:
            raise ValueError
        day = date.fromisoformat(text)
    except ValueError:
        raise _Wrong("date_invalid", "A date is written like 2026-03-01.") from None
    if day > today:
        raise _Wrong("time_future", "That day has not begun.")
    if day < EARLIEST.date():
        raise _Wrong("time_too_old", f"It lies before {EARLIEST:%Y}.")
    return day
