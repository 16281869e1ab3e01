"""Measured days as people see them: a line per metric, the latest values, where they come from."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Max

from accounts.models import User
from coaching.toolkit import Series, SeriesPoint
from momentum.biometrics.metrics import METRICS, MetricInfo
from momentum.models import BiometricSource, BiometricStream


@dataclass(frozen=True, slots=True)
class Told:
    """A source, when it last told something, and of how many days."""

    source: str
    label: str
    received_at: datetime
    last_day: date
    days: int


def sources_of(user: User) -> list[Told]:
    """Where the person's data come from, the most recent first."""
    rows = (
        BiometricStream.objects.filter(user=user)
        .values("source")
        .annotate(at=Max("received_at"), day=Max("date"), days=Count("date", distinct=True))
        .order_by("-at")
    )
    return [
        Told(
            row["source"], BiometricSource(row["source"]).label, row["at"], row["day"], row["days"]
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Latest:
    """The last value of a metric that counts."""

    info: MetricInfo
    row: BiometricStream

    @property
    def words(self) -> str:
        return self.info.in_words(self.row.value)

    @property
    def source(self) -> str:
        return BiometricSource(self.row.source).label


def latest_of(user: User) -> list[Latest]:
    """The last value of each metric there is, in the order of the metrics."""
    rows = (
        BiometricStream.objects.filter(user=user, is_preferred=True)
        .order_by("metric", "-date")
        .distinct("metric")
    )
    by_metric = {row.metric: row for row in rows}
    return [Latest(info, by_metric[name]) for name, info in METRICS.items() if name in by_metric]


def day_series(user: User, metric: str, first: date, last: date) -> Series:
    """The value of each of the person's days from `first` to `last`; a day without data is a gap."""
    info = METRICS[metric]
    values: dict[date, float] = dict(
        BiometricStream.objects.filter(
            user=user, metric=metric, is_preferred=True, date__range=(first, last)
        ).values_list("date", "value")
    )
    points = []
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        value = values.get(day)
        # Minutes are drawn as hours where a day is long: 7.5 says more than 450.
        shown = value / 60 if value is not None and info.is_sleep else value
        label = "" if value is None else info.in_words(value)
        points.append(SeriesPoint(day, shown, label))
    there = [point.value for point in points if point.value is not None]
    unit = "h" if info.is_sleep else info.unit
    return Series(info.metric.label, points, *_bounds(info, there), unit)


def _bounds(info: MetricInfo, values: list[float]) -> tuple[float, float]:
    """Where the axis begins and ends: at nothing for what adds up, near the values for readings."""
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    if info.is_additive:
        return 0.0, max(high * 1.1, 1.0)
    room = max((high - low) * 0.2, 1.0)
    return max(0.0, low - room), high + room
