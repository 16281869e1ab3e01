"""What is measured: the unit of each metric, what is believed, how a day is made of it, and whom to believe.

Everything is stored in one unit per metric. The bounds are wide (ours): they keep out slips of a decimal point
and broken devices, they do not judge a body.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from zoneinfo import ZoneInfo

from momentum.models import BiometricSource, Metric

# A span of sleep that begins this late on the clock belongs to the coming day: devices send a night in
# pieces, and the piece before midnight is of the same night as the others (ours).
SLEEP_EVENING_HOUR = 18


class Aggregation(StrEnum):
    """How the samples of a day become its value."""

    SUM = "sum"
    LAST = "last"
    MEAN = "mean"


@dataclass(frozen=True, slots=True)
class MetricInfo:
    """One metric. Bounds are inclusive and in `unit`.

    `factors` says how other units become `unit`: value * factor. `precedence` names the sources from the
    one that counts most to the one that counts least.
    """

    metric: Metric
    unit: str
    sample_low: float
    sample_high: float
    day_low: float
    day_high: float
    aggregation: Aggregation
    precedence: tuple[BiometricSource, ...]
    digits: int = 0
    factors: Mapping[str, float] = field(default_factory=dict)
    is_sleep: bool = False
    ledger_type: str = ""

    @property
    def is_additive(self) -> bool:
        """Whether a day can only grow while more of it is told."""
        return self.aggregation is Aggregation.SUM

    def in_words(self, value: float) -> str:
        """The value with its unit, as people say it."""
        if self.unit == "min":
            hours, minutes = divmod(round(value), 60)
            return f"{hours} h {minutes} min" if hours else f"{minutes} min"
        number = f"{value:,.{self.digits}f}"
        return number if self.unit == "steps" else f"{number} {self.unit}"


_S = BiometricSource
# What somebody enters counts before all devices. Of devices the one on the body counts before a phone's own
# gathering, and a single activity (a FIT file) before nothing.
_WORN = (_S.MANUAL, _S.GARMIN, _S.FITBIT, _S.HEALTHKIT, _S.HEALTH_CONNECT, _S.FIT_FILE)
# Scales mostly report to the phone.
_SCALE = (_S.MANUAL, _S.HEALTHKIT, _S.HEALTH_CONNECT, _S.GARMIN, _S.FITBIT, _S.FIT_FILE)

_MINUTES = {"min": 1.0, "minutes": 1.0, "minute": 1.0, "h": 60.0, "hr": 60.0, "hours": 60.0}
_MINUTES |= {"hour": 60.0, "s": 1 / 60, "sec": 1 / 60, "seconds": 1 / 60, "ms": 1 / 60_000}
_KILOGRAMS = {"kg": 1.0, "g": 0.001, "lb": 0.45359237, "lbs": 0.45359237, "st": 6.35029318}
_KILOMETERS = {"km": 1.0, "m": 0.001, "mi": 1.609344, "mile": 1.609344, "miles": 1.609344}
_KILOMETERS |= {"yd": 0.0009144, "ft": 0.0003048}
_KILOCALORIES = {"kcal": 1.0, "cal": 0.001, "kj": 1 / 4.184, "j": 1 / 4184}
_BEATS = {"bpm": 1.0, "count/min": 1.0, "hz": 60.0}
_MILLISECONDS = {"ms": 1.0, "s": 1000.0}
_COUNT = {"steps": 1.0, "count": 1.0, "step": 1.0}

_ALL = (
    MetricInfo(
        *(Metric.SLEEP_MINUTES, "min", 0, 1440, 0, 1440, Aggregation.SUM, _WORN),
        factors=_MINUTES,
        is_sleep=True,
        ledger_type="biometrics.sleep",
    ),
    MetricInfo(
        *(Metric.STEPS, "steps", 0, 100_000, 0, 200_000, Aggregation.SUM, _WORN),
        factors=_COUNT,
        ledger_type="biometrics.steps",
    ),
    MetricInfo(
        *(Metric.RESTING_HEART_RATE, "bpm", 20, 200, 20, 200, Aggregation.LAST, _WORN),
        factors=_BEATS,
    ),
    MetricInfo(
        *(Metric.HRV, "ms", 1, 500, 1, 500, Aggregation.MEAN, _WORN),
        factors=_MILLISECONDS,
    ),
    MetricInfo(
        *(Metric.WEIGHT_KG, "kg", 20, 500, 20, 500, Aggregation.LAST, _SCALE),
        digits=1,
        factors=_KILOGRAMS,
    ),
    MetricInfo(
        *(Metric.ACTIVE_MINUTES, "min", 0, 1440, 0, 1440, Aggregation.SUM, _WORN),
        factors=_MINUTES,
    ),
    MetricInfo(
        *(Metric.ACTIVE_ENERGY_KCAL, "kcal", 0, 10_000, 0, 20_000, Aggregation.SUM, _WORN),
        factors=_KILOCALORIES,
    ),
    MetricInfo(
        *(Metric.DISTANCE_KM, "km", 0, 500, 0, 1000, Aggregation.SUM, _WORN),
        digits=1,
        factors=_KILOMETERS,
    ),
)

METRICS: Mapping[str, MetricInfo] = MappingProxyType({each.metric.value: each for each in _ALL})


def in_unit(metric: str, value: float, unit: str) -> float | None:
    """`value`, told in `unit` (any case; empty: already right), in the metric's own; `None`: unknown unit."""
    info = METRICS[metric]
    if not unit:
        return value
    factor = info.factors.get(unit.strip().lower())
    return None if factor is None else value * factor


def is_plausible_day(metric: str, value: float) -> bool:
    """Whether a day's value is finite and within the metric's bounds."""
    info = METRICS[metric]
    return math.isfinite(value) and info.day_low <= value <= info.day_high


def day_of(metric: str, start: datetime, end: datetime, tz: ZoneInfo, day_start_hour: int) -> date:
    """The day of a person's (their zone, the hour at which their day begins) that a span counts for.

    The day on which it began; of sleep the day of waking. `start` and `end` are aware.
    """
    info = METRICS[metric]
    if not info.is_sleep:
        return _day(start.astimezone(tz), day_start_hour)
    began = start.astimezone(tz)
    night = began.date() + timedelta(days=1 if began.hour >= SLEEP_EVENING_HOUR else 0)
    return max(night, _day(end.astimezone(tz), day_start_hour))


def _day(clock: datetime, day_start_hour: int) -> date:
    return clock.date() - timedelta(days=1) if clock.hour < day_start_hour else clock.date()
