"""How regular a metric is: how many days have data, and how far they lie apart."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import fmean, pstdev

from accounts.day import local_day
from accounts.models import User
from momentum.biometrics.metrics import METRICS
from momentum.models import BiometricStream

CONSISTENCY_DAYS = 14
FEWEST_DAYS = 3  # below this a spread says nothing (ours)


@dataclass(frozen=True, slots=True)
class Consistency:
    """Of the last 14 of a person's days, today included.

    `share` of days with data (0-1); `mean` and population standard deviation `deviation` in the metric's
    unit, `None` below three days.
    """

    metric: str
    days: int
    share: float
    mean: float | None
    deviation: float | None

    @property
    def words(self) -> str:
        """For people, without a verdict."""
        told = f"{self.days} of {CONSISTENCY_DAYS} days have data."
        if self.deviation is None:
            return told
        spread = METRICS[self.metric].in_words(self.deviation)
        return f"{told} Most lie within {spread} of their average."


def consistency(user: User, metric: str, now: datetime) -> Consistency:
    """How regular `metric` was in the last 14 days of `user`."""
    return consistencies(user, [metric], now)[metric]


def consistencies(user: User, metrics: list[str], now: datetime) -> dict[str, Consistency]:
    """The same for several metrics in one query."""
    today = local_day(user, now)
    values: dict[str, list[float]] = {metric: [] for metric in metrics}
    for metric, value in _values(user, metrics, today):
        values[metric].append(value)
    return {metric: _of(metric, told) for metric, told in values.items()}


def _values(user: User, metrics: list[str], today: date) -> list[tuple[str, float]]:
    return list(
        BiometricStream.objects.filter(
            user=user,
            metric__in=metrics,
            is_preferred=True,
            date__gt=today - timedelta(days=CONSISTENCY_DAYS),
            date__lte=today,
        ).values_list("metric", "value")
    )


def _of(metric: str, values: list[float]) -> Consistency:
    enough = len(values) >= FEWEST_DAYS
    return Consistency(
        metric,
        len(values),
        len(values) / CONSISTENCY_DAYS,
        fmean(values) if enough else None,
        pstdev(values) if enough else None,
    )
