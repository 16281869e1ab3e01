"""How well scores tell what comes: who stays, and how far their goals move, in the month after.

A score is taken on the last Sunday of a month, and held against the outcomes of the four weeks after
(`momentum.outcomes`), which know nothing of scores. Beside it stands what anybody could guess by: on how many
days of the last week somebody was active. A score that tells no more than that is not worth its trouble.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from coaching.charts import Chart, ChartKind
from coaching.charts.canvas import Canvas
from coaching.experiments.intervals import Interval
from coaching.learning.calibration import Pair, brier, fit
from coaching.learning_permission import agreed_people
from momentum import statistics
from momentum.models import MomentumPillar, OutcomeMetric, PillarName, ScoringVersion
from momentum.outcomes import NUMBERS as OUTCOMES
from momentum.outcomes import WEEK


@dataclass(frozen=True, slots=True)
class ValidationNumbers:
    """The numbers of validation (ours).

    least_people: with an outcome, below which nothing is concluded; least_each: of them with and without it.
    confidence: of the intervals. rounds: draws of an interval, `least_rounds` where there are so many values
    that it would take `most_drawn` in all. parts: groups of the calibration, by rank of the score.
    """

    least_people: int = 30
    least_each: int = 5
    confidence: float = 0.95
    rounds: int = 500
    least_rounds: int = 50
    most_drawn: int = 5_000_000
    parts: int = 10
    seed: int = 1


NUMBERS = ValidationNumbers()
BASELINE = "active_days"
TITLES = {
    "overall": "Overall",
    **{f"{name.value}": str(name.label) for name in PillarName},
    BASELINE: "Last week's active days",
}
# What each predictor's highest value is, for reading it as odds.
_FULL = {**dict.fromkeys(TITLES, 100.0), BASELINE: 7.0}


@dataclass(frozen=True, slots=True)
class Case:
    """A person at a month's end: what could be known, and what came."""

    person: UUID
    month: date
    known: Mapping[str, float]
    is_retained: bool
    gained: float | None


@dataclass(frozen=True, slots=True)
class Part:
    """A tenth of the cases by rank of the score: from `low` to `high`, and the share of them who stayed."""

    low: float
    high: float
    cases: int
    retained: float


@dataclass(frozen=True, slots=True)
class Validity:
    """How well one predictor tells what comes.

    `auc`: how often who stayed had the higher value than who left (0.5: a coin). `brier`: the mean squared
    error of odds fitted on the other half of the people; `brier_of_guess` of the other half's mean alone.
    `correlation`: Spearman's, with the percentage points that goals gained. `None`: too few people.
    """

    key: str
    title: str
    people: int
    cases: int
    auc: float | None
    auc_interval: Interval | None
    brier: float | None
    brier_of_guess: float | None
    parts: tuple[Part, ...]
    people_with_goals: int
    correlation: float | None
    correlation_interval: Interval | None


@dataclass(frozen=True, slots=True)
class Validation:
    """What the database tells of a version, in `sentences` too."""

    version: str
    months: tuple[date, ...]
    people: int
    cases: int
    retained: float | None
    validities: tuple[Validity, ...]
    sentences: tuple[str, ...]


def ends_of_months(now: datetime, months: int) -> list[date]:
    """The last Sundays of the newest `months` months whose four weeks after are over everywhere; oldest first."""
    over = (now - timedelta(days=1)).date() - WEEK * OUTCOMES.weeks_after
    found: list[date] = []
    first = over.replace(day=1)
    while len(found) < months:
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        sunday = last - timedelta(days=(last.weekday() + 1) % 7)
        if sunday < over:
            found.append(sunday)
        first = (first - timedelta(days=1)).replace(day=1)
    return found[::-1]


def validate(version: ScoringVersion, *, months: int, now: datetime) -> Validation:
    """How well `version` told what came after the ends of the newest `months` months."""
    ends = ends_of_months(now, months)
    cases = _cases(version, ends)
    validities = tuple(_validity(key, cases) for key in TITLES)
    return Validation(
        version=version.name,
        months=tuple(ends),
        people=len({case.person for case in cases}),
        cases=len(cases),
        retained=sum(case.is_retained for case in cases) / len(cases) if cases else None,
        validities=validities,
        sentences=tuple(_sentences(cases, validities)),
    )


def _cases(version: ScoringVersion, ends: Sequence[date]) -> list[Case]:
    people = agreed_people().values("pk")
    outcomes = {
        (user, week + timedelta(days=6)): (bool(retained), days)
        for user, week, retained, days in OutcomeMetric.objects.filter(
            week__in=[end - timedelta(days=6) for end in ends],
            is_retained__isnull=False,
            user__in=people,
        ).values_list("user_id", "week", "is_retained", "active_days")
    }
    gains = _gains(ends, people)
    columns = ["overall_score", *(f"{name.value}_score" for name in PillarName)]
    keys = ["overall", *(name.value for name in PillarName)]
    rows = MomentumPillar.objects.filter(
        version=version.name, date__in=ends, overall_score__isnull=False, user__in=people
    ).values_list("user_id", "date", *columns)
    cases = []
    for user, end, *scores in rows.order_by("date", "user_id"):
        if (user, end) not in outcomes:
            continue
        retained, days = outcomes[user, end]
        known = {key: value for key, value in zip(keys, scores, strict=True) if value is not None}
        known[BASELINE] = float(days)
        cases.append(Case(user, end, known, retained, gains.get((user, end))))
    return cases


def _gains(ends: Sequence[date], people: QuerySet[User, Any]) -> dict[tuple[UUID, date], float]:
    """What goals gained in the four weeks after each end, of who had any to speak of."""
    found: dict[tuple[UUID, date], float] = defaultdict(float)
    for end in ends:
        weeks = [end + timedelta(days=1) + WEEK * back for back in range(OUTCOMES.weeks_after)]
        rows = OutcomeMetric.objects.filter(
            week__in=weeks, goal_attainment__isnull=False, user__in=people
        )
        for user, gain in rows.values_list("user_id", "goal_attainment"):
            found[user, end] += gain or 0.0
    return found


def _validity(key: str, cases: Sequence[Case]) -> Validity:
    known = [case for case in cases if key in case.known]
    with_goals = [case for case in known if case.gained is not None]
    stayed, goals = _people(known), _people(with_goals)
    auc = auc_interval = score = guess = None
    parts: tuple[Part, ...] = ()
    if _is_enough(known):
        auc, auc_interval = _measured(known, lambda drawn: _auc(key, drawn))
        score, guess = _briers(key, known)
        parts = _parts(key, known)
    correlation = correlation_interval = None
    if len(goals) >= NUMBERS.least_people:
        correlation, correlation_interval = _measured(
            with_goals, lambda drawn: _correlation(key, drawn)
        )
    return Validity(
        key,
        TITLES[key],
        len(stayed),
        len(known),
        auc,
        auc_interval,
        score,
        guess,
        parts,
        len(goals),
        correlation,
        correlation_interval,
    )


def _people(cases: Iterable[Case]) -> dict[Hashable, list[Case]]:
    found: dict[Hashable, list[Case]] = defaultdict(list)
    for case in cases:
        found[case.person].append(case)
    return found


def _is_enough(cases: Sequence[Case]) -> bool:
    stayed = len({case.person for case in cases if case.is_retained})
    left = len({case.person for case in cases if not case.is_retained})
    is_enough = len(_people(cases)) >= NUMBERS.least_people
    return is_enough and min(stayed, left) >= NUMBERS.least_each


def _measured(
    cases: Sequence[Case], measure: Callable[[Sequence[Case]], float | None]
) -> tuple[float | None, Interval | None]:
    rounds = max(NUMBERS.least_rounds, min(NUMBERS.rounds, NUMBERS.most_drawn // len(cases)))
    interval = statistics.bootstrap(
        list(_people(cases).values()),
        measure,
        confidence=NUMBERS.confidence,
        rounds=rounds,
        seed=NUMBERS.seed,
    )
    return measure(cases), interval


def _auc(key: str, cases: Sequence[Case]) -> float | None:
    return statistics.area_under_curve(
        [case.known[key] for case in cases], [case.is_retained for case in cases]
    )


def _correlation(key: str, cases: Sequence[Case]) -> float | None:
    return statistics.rank_correlation(
        [case.known[key] for case in cases], [case.gained or 0.0 for case in cases]
    )


def _briers(key: str, cases: Sequence[Case]) -> tuple[float | None, float | None]:
    """The Brier scores of fitted odds and of the mean alone, each half of the people judged by the other."""
    halves: tuple[list[Pair], list[Pair]] = ([], [])
    for number, theirs in enumerate(_people(cases).values()):
        halves[number % 2].extend(
            (case.known[key] / _FULL[key], case.is_retained) for case in theirs
        )
    told: list[Pair] = []
    guessed: list[Pair] = []
    for half, other in (halves, halves[::-1]):
        correction = fit(other)
        mean = sum(came_true for _, came_true in other) / len(other)
        told += [(correction.apply(odds), came_true) for odds, came_true in half]
        guessed += [(mean, came_true) for _, came_true in half]
    return brier(told), brier(guessed)


def _parts(key: str, cases: Sequence[Case]) -> tuple[Part, ...]:
    ranked = sorted(cases, key=lambda case: case.known[key])
    found = []
    for number in range(NUMBERS.parts):
        start = len(ranked) * number // NUMBERS.parts
        part = ranked[start : len(ranked) * (number + 1) // NUMBERS.parts]
        if part:
            share = sum(case.is_retained for case in part) / len(part)
            found.append(Part(part[0].known[key], part[-1].known[key], len(part), share))
    return tuple(found)


def _sentences(cases: Sequence[Case], validities: Sequence[Validity]) -> Iterable[str]:
    by_key = {one.key: one for one in validities}
    overall, baseline = by_key["overall"], by_key[BASELINE]
    if overall.auc is None:
        stayed = len({case.person for case in cases if case.is_retained})
        left = len({case.person for case in cases if not case.is_retained})
        yield (
            f"Too few people to say whether scores tell who stays: {overall.people} with a score and an "
            f"outcome, {stayed} who stayed and {left} who left; it takes {NUMBERS.least_people}, with "
            f"{NUMBERS.least_each} of each."
        )
    else:
        interval = overall.auc_interval
        yield (
            f"Of one who stayed and one who left, the overall score of the one who stayed was higher in "
            f"{100 * overall.auc:.0f} % of pairs{_between(interval, 100)}; by last week's active days it "
            f"would be {100 * (baseline.auc or 0.5):.0f} %."
        )
        if interval is not None and interval.low <= 0.5 <= interval.high:
            yield "The interval includes 50 %: nothing shows that the score tells who stays."
        elif baseline.auc is not None and overall.auc <= baseline.auc:
            yield "The score tells no more than last week's active days do."
    if overall.correlation is None:
        yield (
            f"Too few people with goals to say whether scores tell how far goals move: "
            f"{overall.people_with_goals} of {NUMBERS.least_people}."
        )
    else:
        yield (
            f"The overall score and what goals gained go together with a rank correlation of "
            f"{overall.correlation:.2f}{_between(overall.correlation_interval, 1)}."
        )


def _between(interval: Interval | None, times: int) -> str:
    if interval is None:
        return ""
    digits = 0 if times == 100 else 2
    low, high = (f"{times * end:.{digits}f}" for end in (interval.low, interval.high))
    return f" (95 %: {low} to {high})"


WIDTH, HEIGHT = 360.0, 190.0
LEFT, RIGHT, TOP, BOTTOM = 38.0, 8.0, 10.0, 24.0


def picture_of(validation: Validation) -> Chart | None:
    """By tenths of the overall score the share of people who stayed; nothing when there are too few."""
    overall = next(one for one in validation.validities if one.key == "overall")
    if not overall.parts:
        return None
    title = f"Who stayed, by tenths of the score ({validation.version})"
    summary = " ".join(validation.sentences)
    canvas = Canvas(WIDTH, HEIGHT, title=title, description=summary, key="validation")
    tall, wide = HEIGHT - TOP - BOTTOM, (WIDTH - LEFT - RIGHT) / len(overall.parts)
    floor = HEIGHT - BOTTOM
    for share in (0.0, 0.5, 1.0):
        y = floor - tall * share
        canvas.mark("line", "chart__grid", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y)
        canvas.words(f"{share:.0%}", LEFT - 8, y + 4, anchor="end")
    rows = []
    for at, part in enumerate(overall.parts):
        x, high = LEFT + wide * at, tall * part.retained
        label = f"{part.low:.0f} to {part.high:.0f}: {part.retained:.0%} of {part.cases}"
        canvas.mark(
            "rect", "chart__bar", label, x=x + 2, y=floor - high, width=wide - 4, height=high
        )
        canvas.words(f"{part.high:.0f}", x + wide / 2, HEIGHT - 6, anchor="middle")
        rows.append([f"{part.low:.0f}–{part.high:.0f}", str(part.cases), f"{part.retained:.0%}"])
    columns = ["Score", "Cases", "Stayed"]
    return Chart(ChartKind.BAR, title, canvas.markup(), summary, columns, rows, [])
