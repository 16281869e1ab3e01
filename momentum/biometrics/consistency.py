"""How regular a metric is: how many days have data, and how far they lie apart."""

from dataclasses import dataclass
from datetime import datetime, timedelta
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
    today = local_day(user, now)
    values = BiometricStream.objects.filter(
        user=user,
        metric=metric,
        is_preferred=True,
        date__gt=today - timedelta(days=CONSISTENCY_DAYS),
        date__lte=today,
    ).values_list("value", flat=True)
    return _of(metric, list(values))


def _of(metric: str, values: list[float]) -> Consistency:
    enough = len(values) >= FEWEST_DAYS
    return Consistency(
        metric,
        len(values),
        len(values) / CONSISTENCY_DAYS,
        fmean(values) if enough else None,
        pstdev(values) if enough else None,
    )
