"""How likely a habit is to be kept next time, and what that rests on.

Partial pooling (a Beta prior from habits of the same size and cadence) of the person's own record, moved by
what dominates in the literature: the time since it was last done, and how firm it is. Below five
observations there is no number, only words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp, log
from typing import cast

from django.core.cache import cache
from django.db.models import Count, Q
from django.utils import timezone

from accounts.models import User
from coaching.learning.calibration import Correction
from coaching.learning.predictions import UNCORRECTED, correction_of
from coaching.learning_permission import learners
from habits.cadence import cadence_of
from habits.evidence import Marks, marks_of
from habits.models import Habit, HabitSize, HabitStatus
from habits.progress import Tally, tally
from habits.standing import standing_given


@dataclass(frozen=True, slots=True)
class PredictionConstants:
    """The numbers of the model (all ours, until enough outcomes are stored to fit them).

    `prior_weight`: how many observations the prior is worth. `prior_shares`: its mean per size while there
    are fewer than `least_habits` habits of other people to take it from. `per_strength`: change in log-odds
    from strength 0 to 1, counted from the middle. `per_gap`: change per occasion that went by undone, up to
    `most_gaps`. `per_difficulty`: change from easy to hard, counted from the middle.
    """

    least_observations: int = 5
    window_days: int = 90
    prior_weight: float = 8.0
    least_habits: int = 20
    per_strength: float = 0.8
    per_gap: float = -0.35
    most_gaps: int = 4
    per_difficulty: float = -0.6
    offer_tiny_below: float = 0.5


CONSTANTS = PredictionConstants()
# What is predicted, and by which arithmetic, as they stand on record.
KIND = "habits.kept"
VERSION = "pooled-1"
PRIOR_SHARES = {HabitSize.TWO_MINUTE: 0.7, HabitSize.REGULAR: 0.55, HabitSize.STRETCH: 0.4}
PRIOR_SECONDS = 6 * 3600


@dataclass(frozen=True, slots=True)
class Contribution:
    """One reason, with the percentage points by which it moves the answer."""

    name: str
    points: int
    words: str


@dataclass(frozen=True, slots=True)
class Prediction:
    """The chance of keeping it next time, or `None` while it is too early to say.

    `raw` is the chance before it was corrected by what became of earlier guesses.
    """

    probability: float | None
    observations: int
    contributions: tuple[Contribution, ...] = ()
    raw: float | None = None

    @property
    def percent(self) -> int | None:
        """Rounded to five points: it is not more exact than that."""
        return None if self.probability is None else round(self.probability * 20) * 5

    @property
    def offers_tiny(self) -> bool:
        """Whether the two-minute version is the better offer."""
        return self.probability is not None and self.probability < CONSTANTS.offer_tiny_below


def predict(habit: Habit, today: date) -> Prediction:
    """The chance that `habit` is kept on its next occasion. At most five queries."""
    return predict_given(
        habit,
        marks_of([habit])[habit.pk],
        today,
        prior_share(habit),
        correction_of(KIND).correction,
    )


def predict_given(
    habit: Habit, marks: Marks, today: date, prior: float, correction: Correction = UNCORRECTED
) -> Prediction:
    """The same from the days of the habit, the mean of its prior, and how odds are to be corrected."""
    cadence = cadence_of(habit)
    first = max(cadence.starts_on, today - timedelta(days=CONSTANTS.window_days - 1))
    record = tally(cadence, marks, first, today, today)
    if record.asked < CONSTANTS.least_observations:
        return Prediction(None, record.asked)
    done = min(record.done, record.asked)
    pooled = (CONSTANTS.prior_weight * prior + done) / (CONSTANTS.prior_weight + record.asked)
    stand = standing_given(cadence, marks, today)
    gaps = _gaps(stand.last_date or cadence.starts_on, today, cadence.per_day)
    steps = [
        (
            "strength",
            CONSTANTS.per_strength * (stand.strength - 0.5),
            f"its strength is {stand.percent}%",
        ),
        ("gap", CONSTANTS.per_gap * gaps, _gap_words(stand.last_date, today)),
        (
            "difficulty",
            CONSTANTS.per_difficulty * (habit.difficulty - 0.5),
            "you find it easy" if habit.difficulty < 0.5 else "it is a hard one",
        ),
    ]
    reasons = [
        Contribution(
            "record", round((pooled - prior) * 100), f"you did {done} of the last {record.asked}"
        )
    ]
    chance = pooled
    for name, step, words in steps:
        after = _sigmoid(_logit(chance) + step)
        points = round((after - chance) * 100)
        if points:
            reasons.append(Contribution(name, points, words))
        chance = after
    corrected = correction.apply(chance)
    if points := round((corrected - chance) * 100):
        reasons.append(Contribution("correction", points, "how my earlier guesses turned out"))
    return Prediction(corrected, record.asked, tuple(reasons), raw=chance)


def record_of_size(user: User, size: str, today: date) -> Tally:
    """What the person did of what was asked, over their own habits of this size. Three queries."""
    habits: Sequence[Habit] = list(
        Habit.objects.for_user(user).current().filter(size=size).prefetch_related("pauses")
    )
    first = today - timedelta(days=CONSTANTS.window_days - 1)
    marks = marks_of(habits, since=first)
    total = Tally(0, 0)
    for habit in habits:
        total += tally(cadence_of(habit), marks[habit.pk], first, today, today)
    return total


def prior_share(habit: Habit) -> float:
    """The mean of the prior: what people do of habits of this size and cadence, once there are enough.

    Counted over everybody who agreed to be learned from, at most every six hours; no person's figures leave
    this number.
    """
    key = f"habits:prior:{habit.size}:{habit.cadence}"
    known = cache.get(key)
    if known is None:
        known = _shared_share(habit) or PRIOR_SHARES[HabitSize(habit.size)]
        cache.set(key, known, PRIOR_SECONDS)
    return cast(float, known)


def _shared_share(habit: Habit) -> float | None:
    since = timezone.now().date() - timedelta(days=CONSTANTS.window_days)
    alike = (
        Habit.objects.filter(
            size=habit.size,
            cadence=habit.cadence,
            status=HabitStatus.ACTIVE,
            deleted_at__isnull=True,
            starts_on__lte=since,
            user__in=learners(),
        )
        .annotate(
            done=Count(
                "completions",
                filter=Q(
                    completions__local_date__gte=since,
                    completions__status__in=("done", "partial"),
                ),
            )
        )
        .order_by()[:5000]
    )
    habits = list(alike)
    if len(habits) < CONSTANTS.least_habits:
        return None
    asked = sum(cadence_of(each, ()).per_day for each in habits) * CONSTANTS.window_days
    done = sum(each.done for each in habits)
    return max(0.1, min(0.95, done / asked))


def _gaps(last: date, today: date, per_day: float) -> float:
    """Occasions that went by since the last time, beyond the one that is asked for now."""
    return max(0.0, min(CONSTANTS.most_gaps, (today - last).days * per_day - 1))


def _gap_words(last: date | None, today: date) -> str:
    if last is None:
        return "it was not done yet"
    days = (today - last).days
    return {0: "you did it today", 1: "you did it yesterday"}.get(
        days, f"last done {days} days ago"
    )


def _logit(p: float) -> float:
    p = min(0.999, max(0.001, p))
    return log(p / (1 - p))


def _sigmoid(x: float) -> float:
    return 1 / (1 + exp(-x))
