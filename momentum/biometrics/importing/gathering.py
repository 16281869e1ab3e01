"""What a file says, gathered into values of days while it is read, in bounded memory.

Everything is kept in whole thousandths, so the order in which records come cannot change a sum. Additive
metrics are kept by hour and device; of an hour in which two devices counted the same steps the device that
counted most is believed, hour by hour. Sleep is kept as spans and merged at the end.
"""

import math
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from momentum.biometrics.days import DayValue
from momentum.biometrics.metrics import METRICS, Aggregation, day_of, is_plausible_day
from momentum.models import Metric

SCALE = 1000
FIRST_DAY = date(2000, 1, 1)
_EPOCH_DAY = date(1970, 1, 1)
_FIRST_HOUR = (FIRST_DAY - _EPOCH_DAY).days * 24
_CHUNK = 4096
MAX_DEVICES = 24
MAX_SLEEPS = 1_000_000
MAX_ACTIVITIES = 50_000
MAX_SPAN = 36 * 3600
_SLEEP_BITS = 18  # a span of sleep is shorter than 2 ** 18 seconds

DEVICES = "more than 24 devices"
TOO_OLD = "before the year 2000"
TO_COME = "in the future"
IMPOSSIBLE = "values that cannot be"
TOO_LONG = "spans longer than a day and a half"
BACKWARDS = "spans that end before they begin"
TOO_MANY_ACTIVITIES = "more workouts than there is room for"
TOO_MUCH_SLEEP = "more spans of sleep than there is room for"


@dataclass(frozen=True, slots=True)
class Clock:
    """Whose days these are: their zone, the hour at which their day begins, and the moment of the import."""

    tz: ZoneInfo
    day_start_hour: int
    now: datetime


@dataclass(frozen=True, slots=True)
class Activity:
    """One workout: when it began, how long it was (minutes), how far (km) and what it burned (kcal)."""

    at: datetime
    minutes: float
    distance_km: float | None = None
    energy_kcal: float | None = None


class Gathered:
    """Takes records in any order and gives the values of days."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.passed_over: Counter[str] = Counter()
        self.records = 0
        self._latest = int(clock.now.timestamp()) + 86_400
        self._devices: dict[str, int] = {}
        self._hours: dict[tuple[str, int], dict[int, array[int]]] = {}
        self._until: dict[str, dict[int, int]] = {}
        self._readings: dict[str, dict[int, list[int]]] = {}
        self._sleeps: array[int] = array("q")
        self._days: dict[tuple[str, date], int] = {}
        self._untils: dict[tuple[str, date], datetime] = {}
        self.activities: dict[datetime, Activity] = {}
        self._partial: set[tuple[str, date]] = set()
        self._offsets: dict[int, int] = {}

    def span(self, metric: str, device: str, start: int, end: int, value: float) -> None:
        """An amount of an additive metric between two moments (seconds since 1970)."""
        if not self._holds(start, end, value):
            return
        number = self._devices.get(device)
        if number is None:
            if len(self._devices) >= MAX_DEVICES:
                self.passed_over[DEVICES] += 1
                return
            number = self._devices[device] = len(self._devices)
        chunks = self._hours.get((metric, number))
        if chunks is None:
            chunks = self._hours[metric, number] = {}
        local = start + self._offset(start)
        first = local // 3600
        last = max(first, (end - 1 + self._offset(end)) // 3600)
        amount = round(value * SCALE)
        if first == last:
            self._add(chunks, first, amount)
        else:
            # Spread over the hours of the clock by time; what rounding leaves goes to the first.
            length, left = max(1, end - start), amount
            for hour in range(first + 1, last + 1):
                seconds = min((hour + 1) * 3600, local + length) - hour * 3600
                part = max(0, amount * seconds // length)
                self._add(chunks, hour, part)
                left -= part
            self._add(chunks, first, left)
        self.records += 1
        until = self._until.setdefault(metric, {})
        for hour in {first, last}:
            day = (hour - self.clock.day_start_hour) // 24
            if end > until.get(day, 0):
                until[day] = end

    def reading(self, metric: str, at: int, value: float) -> None:
        """One measurement of a metric that does not add up, at a moment (seconds since 1970)."""
        if not self._holds(at, at, value):
            return
        if not METRICS[metric].sample_low <= value <= METRICS[metric].sample_high:
            self.passed_over[IMPOSSIBLE] += 1
            return
        day = ((at + self._offset(at)) // 3600 - self.clock.day_start_hour) // 24
        amount = round(value * SCALE)
        days = self._readings.setdefault(metric, {})
        known = days.get(day)
        if known is None:
            days[day] = [amount, 1, at, amount]
        else:
            known[0] += amount
            known[1] += 1
            if (at, amount) > (known[2], known[3]):
                known[2], known[3] = at, amount
        self.records += 1

    def sleep(self, start: int, end: int) -> None:
        """A span in which the person slept."""
        if not self._holds(start, end, 0.0):
            return
        if len(self._sleeps) >= MAX_SLEEPS:
            self.passed_over[TOO_MUCH_SLEEP] += 1
            return
        self._sleeps.append((start << _SLEEP_BITS) | (end - start))
        self.records += 1

    def activity(self, workout: Activity) -> None:
        """A workout; told twice it counts once."""
        start = int(workout.at.timestamp())
        seconds = round(workout.minutes * 60) if math.isfinite(workout.minutes) else -1
        if seconds <= 0:
            self.passed_over[IMPOSSIBLE] += 1
        elif self._holds(start, start + seconds, 0.0):
            if len(self.activities) >= MAX_ACTIVITIES and workout.at not in self.activities:
                self.passed_over[TOO_MANY_ACTIVITIES] += 1
                return
            self.activities[workout.at] = workout
            self.records += 1

    def day(self, metric: str, on: date, value: float, until: datetime | None = None) -> None:
        """The value of a whole day, or of one up to `until`. Of several for one day the largest counts."""
        if on < FIRST_DAY:
            self.passed_over[TOO_OLD] += 1
        elif on > self.clock.now.astimezone(self.clock.tz).date():
            self.passed_over[TO_COME] += 1
        elif not is_plausible_day(metric, value):
            self.passed_over[IMPOSSIBLE] += 1
        else:
            amount = round(value * SCALE)
            self._days[metric, on] = max(amount, self._days.get((metric, on), 0))
            if until is not None:
                self._untils[metric, on] = max(until, self._untils.get((metric, on), until))
            self.records += 1

    def may_be_partial(self, metric: str, on: date) -> None:
        """The last day of a table may have been exported before it was over: a fuller telling wins."""
        self._partial.add((metric, on))

    def days(self) -> Iterator[DayValue]:
        """The values of days, by metric and date."""
        yield from self._sums()
        yield from self._of_readings()
        yield from self._slept()
        for (metric, on), amount in sorted(self._days.items()):
            if (metric, on) in self._untils:
                until = self._untils[metric, on]
            elif (metric, on) in self._partial:
                until = _moment(on, self.clock, hours=1)
            else:
                until = _moment(on + timedelta(days=1), self.clock)
            yield DayValue(metric, on, amount / SCALE, until)

    def _sums(self) -> Iterator[DayValue]:
        for metric in sorted({metric for metric, _ in self._hours}):
            devices = [chunks for (name, _), chunks in self._hours.items() if name == metric]
            totals: dict[int, int] = {}
            for number in sorted({number for chunks in devices for number in chunks}):
                together = [chunks[number] for chunks in devices if number in chunks]
                for index, most in enumerate(map(max, zip(*together, strict=True))):
                    if most:
                        hour = _FIRST_HOUR + number * _CHUNK + index
                        day = (hour - self.clock.day_start_hour) // 24
                        totals[day] = totals.get(day, 0) + most
            untils = self._until[metric]
            for day, total in sorted(totals.items()):
                # A span over midnight measured this day to its end.
                over = int(_moment(_date(day + 1), self.clock).timestamp())
                until = min(untils.get(day, over), over)
                yield from self._plausible(metric, day, total, until)

    def _of_readings(self) -> Iterator[DayValue]:
        for metric, days in sorted(self._readings.items()):
            is_mean = METRICS[metric].aggregation is Aggregation.MEAN
            for day, (total, count, last, amount) in sorted(days.items()):
                value = (2 * total + count) // (2 * count) if is_mean else amount
                yield from self._plausible(metric, day, value, last)

    def _slept(self) -> Iterator[DayValue]:
        nights: dict[date, list[int]] = {}
        for start, end in _merged(self._sleeps):
            on = day_of(
                Metric.SLEEP_MINUTES,
                datetime.fromtimestamp(start, UTC),
                datetime.fromtimestamp(end, UTC),
                self.clock.tz,
                self.clock.day_start_hour,
            )
            night = nights.setdefault(on, [0, 0])
            night[0] += end - start
            night[1] = max(night[1], end)
        for on, (seconds, until) in sorted(nights.items()):
            day = (on - _EPOCH_DAY).days
            amount = seconds * SCALE // 60
            yield from self._plausible(Metric.SLEEP_MINUTES, day, amount, until)

    def _plausible(self, metric: str, day: int, amount: int, until: int) -> Iterator[DayValue]:
        value = amount / SCALE
        if is_plausible_day(metric, value):
            yield DayValue(metric, _date(day), value, datetime.fromtimestamp(until, UTC))
        else:
            self.passed_over[IMPOSSIBLE] += 1

    def _holds(self, start: int, end: int, value: float) -> bool:
        if end < start:
            self.passed_over[BACKWARDS] += 1
        elif start < _FIRST_HOUR * 3600 + 86_400:
            self.passed_over[TOO_OLD] += 1
        elif end > self._latest:
            self.passed_over[TO_COME] += 1
        elif end - start > MAX_SPAN:
            self.passed_over[TOO_LONG] += 1
        elif not (math.isfinite(value) and 0 <= value <= 1e6):
            self.passed_over[IMPOSSIBLE] += 1
        else:
            return True
        return False

    def _offset(self, at: int) -> int:
        """Seconds that the person's clock is ahead of UTC at a moment; changes come on quarters of an hour."""
        quarter = at // 900
        offset = self._offsets.get(quarter)
        if offset is None:
            if len(self._offsets) > 50_000:
                self._offsets.clear()
            moment = datetime.fromtimestamp(quarter * 900, self.clock.tz)
            ahead = moment.utcoffset()
            offset = self._offsets[quarter] = int(ahead.total_seconds()) if ahead else 0
        return offset

    @staticmethod
    def _add(chunks: "dict[int, array[int]]", hour: int, amount: int) -> None:
        number, index = divmod(hour - _FIRST_HOUR, _CHUNK)
        chunk = chunks.get(number)
        if chunk is None:
            chunk = chunks[number] = array("q", bytes(8 * _CHUNK))
        chunk[index] += amount


def _merged(spans: "array[int]") -> Iterator[tuple[int, int]]:
    """The spans without overlaps, in order."""
    first = last = -1
    for packed in sorted(spans):
        start = packed >> _SLEEP_BITS
        end = start + (packed & ((1 << _SLEEP_BITS) - 1))
        if start > last:
            if last > first:
                yield first, last
            first, last = start, end
        else:
            last = max(last, end)
    if last > first:
        yield first, last


def _date(day: int) -> date:
    return _EPOCH_DAY + timedelta(days=day)


def _moment(on: date, clock: Clock, hours: int = 0) -> datetime:
    starts = datetime(on.year, on.month, on.day, clock.day_start_hour, tzinfo=clock.tz)
    return starts.astimezone(UTC) + timedelta(hours=hours)
