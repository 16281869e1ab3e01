"""When a habit may come by itself: the asymptotic curve of Lally et al. (2010), fitted per habit.

`y = a - b*exp(-c*t)`: quick gains first, then a plateau. In that study 95 % of the plateau was reached after
18 to 254 days (median 66), and one missed occasion made no difference. What is fitted here is how reliably
the habit is done, as far as completions tell; how automatic it *feels* only the person knows.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from math import exp, log
from typing import Any
from uuid import UUID

from accounts.day import local_day
from habits.cadence import cadence_of
from habits.evidence import Marks, marks_of
from habits.models import Habit, HabitStatus
from habits.streaks import Outcome, occasions_of

USUALLY = "usually two to eight months"


@dataclass(frozen=True, slots=True)
class FitConstants:
    """Occasions before a curve is fitted (ours); days to 95 % of the plateau that are tried, from the
    published range widened; and the rise in squared error that still counts as a fit (95 %, one parameter).
    """

    least_occasions: int = 21
    shortest_days: int = 10
    longest_days: int = 365
    steps: int = 72
    interval_chi2: float = 3.84
    flat_below: float = 0.1


CONSTANTS = FitConstants()
TO_PLATEAU = log(20)  # exp(-c*t) = 0.05


@dataclass(frozen=True, slots=True)
class Curve:
    """A fitted curve: `days` to 95 % of the plateau with an interval, and the curve's parameters.

    `state` is early (too few occasions), flat (no rise to fit: steady from the start, or no gain yet) or
    fitted.
    """

    state: str
    occasions: int
    days: int | None = None
    low: int | None = None
    high: int | None = None
    plateau: float | None = None
    start: float | None = None

    def in_words(self) -> str:
        """One honest sentence."""
        if self.state == "early":
            return f"Too early to say. Habits come by themselves after {USUALLY}."
        if self.state == "flat" or self.days is None:
            return f"No curve to see yet. Habits come by themselves after {USUALLY}."
        if self.high is None or self.high >= CONSTANTS.longest_days:
            return f"Still settling. Habits come by themselves after {USUALLY}."
        return (
            f"It seems to settle between {self.low} and {self.high} days after the start; "
            f"{USUALLY} is the range to expect."
        )

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def fit(points: Sequence[tuple[int, float]], constants: FitConstants = CONSTANTS) -> Curve:
    """Fits the curve to `points` of (day since the start, fulfilment 0–1) by least squares.

    For each candidate rate the best `a` and `b` follow in closed form, so the search is over one number and
    always gives the same answer. The interval holds the rates whose error is not clearly worse.
    """
    count = len(points)
    if count < constants.least_occasions:
        return Curve("early", count)
    mean_y = sum(y for _, y in points) / count
    tried: list[tuple[float, int, float, float]] = []
    ratio = (constants.longest_days / constants.shortest_days) ** (1 / (constants.steps - 1))
    for step in range(constants.steps):
        days = constants.shortest_days * ratio**step
        rate = TO_PLATEAU / days
        decays = [exp(-rate * t) for t, _ in points]
        mean_d = sum(decays) / count
        spread = sum((d - mean_d) ** 2 for d in decays)
        if spread < 1e-12:
            continue
        slope = (
            sum((d - mean_d) * (y - mean_y) for d, (_, y) in zip(decays, points, strict=True))
            / spread
        )
        b = min(1.0, max(0.0, -slope))
        a = min(1.0, max(0.0, mean_y + b * mean_d))
        error = sum((a - b * d - y) ** 2 for d, (_, y) in zip(decays, points, strict=True))
        tried.append((error, round(days), a, b))
    error, days_best, a, b = min(tried)
    if b < constants.flat_below:
        return Curve("flat", count, plateau=round(a, 3), start=round(a - b, 3))
    bound = error * (1 + constants.interval_chi2 / max(1, count - 3)) + 1e-9
    fitting = [days for tried_error, days, _, tried_b in tried if tried_error <= bound]
    return Curve(
        "fitted",
        count,
        days=days_best,
        low=min(fitting),
        high=max(fitting),
        plateau=round(a, 3),
        start=round(max(0.0, a - b), 3),
    )


def fit_given(habit: Habit, marks: Marks, today: date) -> Curve:
    """The curve of `habit` from its days; skipped and paused occasions are left out."""
    cadence = cadence_of(habit)
    points = []
    for occasion in occasions_of(cadence, marks, cadence.starts_on, today):
        if occasion.outcome in (Outcome.KEPT, Outcome.MISSED) and occasion.asked:
            days = max(0, (occasion.days.starts_on - cadence.starts_on).days)
            points.append((days, min(1.0, occasion.done / occasion.asked)))
    return fit(points)


def fit_of(habit: Habit, today: date) -> Curve:
    """The curve of `habit`. Two queries, one when its pauses were prefetched."""
    return fit_given(habit, marks_of([habit])[habit.pk], today)


def refit(after: UUID | None, batch: int) -> UUID | None:
    """Stores the curves of the next `batch` running habits behind the id `after`.

    Returns the id to go on from, or `None` when there are no more. Safe to run again.
    """
    rows = Habit.objects.filter(status=HabitStatus.ACTIVE, deleted_at__isnull=True)
    if after is not None:
        rows = rows.filter(pk__gt=after)
    habits = list(rows.select_related("user").with_rests().order_by("pk")[:batch])
    marks = marks_of(habits)
    for habit in habits:
        curve = fit_given(habit, marks[habit.pk], local_day(habit.user))
        habit.automaticity = curve.as_json()
    # Not an edit of the person's: `updated_at` stays, so that nobody has to sync it.
    Habit.objects.bulk_update(habits, ["automaticity"], batch_size=500)
    return habits[-1].pk if len(habits) == batch else None
