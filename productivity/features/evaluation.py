"""How good the measures are: against people whose traits are known, and at telling what becomes overdue next week.

Half of the people teach, the other half is asked: no figure rests on people it was fitted to.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import adjusted_rand_score, brier_score_loss, roc_auc_score

from productivity.models import Priority

from . import delay, finding, formulas, groups, made_up
from .deriving import Measures, derive
from .motivation import expectancy
from .numbers import MOTIVATION
from .population import Made, MadeTask, Population

WEEK = timedelta(days=7)
REPEATS = 6
LONG_RUN_PEOPLE = 60
BINS = 5
DRAWS = 400


@dataclass(frozen=True, slots=True)
class Rated:
    """A figure with its 90 % interval over people drawn again (bootstrap)."""

    value: float
    low: float
    high: float
    people: int

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f}, {self.people} people)"


@dataclass(frozen=True, slots=True)
class Guess:
    """How well one way of guessing told what would be overdue: ranking, and squared error."""

    name: str
    auc: Rated
    brier: float
    calibration_error: float


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task that was open at the cut and due in the week after it; `was_late` is what came of it."""

    user_id: UUID
    category: str
    minutes: int | None
    priority: int
    days_left: float
    was_late: bool


def measures_of(
    people: Sequence[Made], until: datetime, chosen: Callable[[MadeTask], bool] = lambda task: True
) -> dict[UUID, Measures]:
    """The measures of made-up people, by the statement that measures everybody."""
    prior = delay.prior_of({})
    with made_up.in_tables(people, chosen):
        return {
            counts.user_id: derive(counts, prior) for counts in made_up.counts_of(people, until)
        }


def rank_agreement(first: Sequence[float], second: Sequence[float]) -> Rated:
    """Spearman's correlation with its interval."""
    pairs = np.array([first, second], float)
    chance = np.random.default_rng(0)
    many = pairs.shape[1]
    drawn = [float(spearmanr(*pairs[:, chance.integers(0, many, many)])[0]) for _ in range(DRAWS)]
    low, high = np.nanquantile(drawn, [0.05, 0.95])
    return Rated(float(spearmanr(*pairs)[0]), float(low), float(high), many)


def trait_agreement(population: Population, found: dict[UUID, Measures]) -> Rated:
    """Of the score with the true trait."""
    pairs = [
        (score, who.trait)
        for who in population.people
        if (one := found.get(who.id)) and (score := one.procrastination_score) is not None
    ]
    return rank_agreement(*zip(*pairs, strict=True))


def impulsiveness_agreement(population: Population, found: dict[UUID, Measures]) -> Rated:
    """Of the fitted impulsiveness with the true one."""
    pairs = [
        (found[who.id].score_parts["impulsiveness"], who.impulsiveness)
        for who in population.people
        if who.id in found
    ]
    return rank_agreement(*zip(*pairs, strict=True))


def stability(population: Population) -> Rated:
    """Test and retest: scores from the tasks of odd weeks with those of even weeks."""
    halves = []
    for wanted in (0, 1):

        def of_half(task: MadeTask, wanted: int = wanted) -> bool:
            return ((task.created_at - population.starts_at) // WEEK) % 2 == wanted

        halves.append(measures_of(population.people, population.ends_at, of_half))
    pairs = [
        (one.procrastination_score, other.procrastination_score)
        for key, one in halves[0].items()
        if (other := halves[1].get(key))
        and one.procrastination_score is not None
        and other.procrastination_score is not None
    ]
    return rank_agreement(*zip(*pairs, strict=True))


def coverage(population: Population) -> float:
    """How often the interval holds the score that the same person has in the long run (wanted: 0.9).

    The long run is the mean over lives that go by the same traits with other chances.
    """
    held: list[bool] = []
    lives: list[dict[int, Measures]] = []
    people = population.people[:LONG_RUN_PEOPLE]
    for life in range(REPEATS):
        again = [
            replace(who, id=UUID(int=(who.id.int ^ (life + 1))), seed=who.seed + 7919 * (life + 1))
            for who in people
        ]
        found = measures_of(again, population.ends_at)
        lives.append({at: found[who.id] for at, who in enumerate(again) if who.id in found})
    for at in range(len(people)):
        mine = [life[at] for life in lives if at in life]
        scores = [one.procrastination_score for one in mine]
        known = [score for score in scores if score is not None]
        if len(known) < REPEATS:
            continue
        for one in mine:
            others = (sum(known) - (one.procrastination_score or 0)) / (len(known) - 1)
            held.append((one.score_low or 0) <= others <= (one.score_high or 0))
    return float(np.mean(held)) if held else float("nan")


def group_recovery(population: Population, found: dict[UUID, Measures]) -> dict[str, Any]:
    """How well the groups found match the true styles: adjusted Rand index (1 all, 0 by chance), and the names."""
    known = [
        who
        for who in population.people
        if who.id in found and groups.is_known_enough(found[who.id])
    ]
    table = groups.table_of([found[who.id] for who in known])
    made = finding.find(table)
    if made is None:
        return {"groups": 0, "adjusted_rand": float("nan"), "labels": []}
    assigned = groups.assign(table, made.parameters)
    return {
        "groups": len(made.labels),
        "adjusted_rand": float(adjusted_rand_score([who.style for who in known], assigned)),
        "labels": sorted(made.labels.values()),
        "silhouette": made.metrics["silhouette"],
    }


# --- Next week ----------------------------------------------------------------------------------
def open_tasks(population: Population, cut: datetime) -> list[OpenTask]:
    """What was open at the cut and due within the week after, as it was known at the cut."""
    found = []
    for who in population.people:
        for task in who.tasks:
            dues = [
                event.after["due_at"]
                for event in task.happenings
                if event.at <= cut and "due_at" in event.after
            ]
            if not dues or not isinstance(dues[-1], str):
                continue
            if task.completed_at is not None and task.completed_at <= cut:
                continue
            due = datetime.fromisoformat(dues[-1])
            if cut < due <= cut + WEEK:
                found.append(
                    OpenTask(
                        who.id,
                        task.category,
                        task.minutes,
                        task.priority,
                        (due - cut).total_seconds() / 86400,
                        task.completed_at is None or task.completed_at > due,
                    )
                )
    return found


def guesses(tasks: Sequence[OpenTask], found: dict[UUID, Measures]) -> list[Guess]:
    """Ways of telling what becomes overdue, each fitted on half of the people and asked of the other half.

    `motivation until due` is temporal motivation gathered over the time that is left, `E V ln(1 + I D) / I`.
    """
    known = [task for task in tasks if task.user_id in found]
    late = np.array([task.was_late for task in known], float)
    ways: dict[str, NDArray[np.float64]] = {
        "everybody alike": np.zeros((len(known), 1)),
        "days left": np.array([[np.log(task.days_left)] for task in known]),
        "own share of overdue": np.array(
            [[found[task.user_id].overdue_rate or 0.1] for task in known]
        ),
        "motivation now": np.array([[np.log(_motivation(task, found)[0])] for task in known]),
        "motivation until due": np.array([[np.log(_motivation(task, found)[1])] for task in known]),
        "motivation until due, own share": np.array(
            [
                [np.log(_motivation(task, found)[1]), found[task.user_id].overdue_rate or 0.1]
                for task in known
            ]
        ),
    }
    teaching = np.array([task.user_id.int >> 8 & 1 for task in known], bool)
    if min(_classes(late[teaching]), _classes(late[~teaching])) < 2:
        return []
    asked = [task.user_id for task, is_taught in zip(known, teaching, strict=True) if not is_taught]
    return [_guess(name, table, late, teaching, asked) for name, table in ways.items()]


def _classes(late: NDArray[np.float64]) -> int:
    return len(set(late.tolist()))


def _motivation(task: OpenTask, found: dict[UUID, Measures]) -> tuple[float, float]:
    """Temporal motivation now, and gathered until the due moment."""
    own = found[task.user_id]
    chance = expectancy(own, task.category, task.minutes)
    value = MOTIVATION.value[Priority(task.priority)]
    cost = float(own.score_parts["impulsiveness"])
    now = formulas.motivation(chance, value, cost, task.days_left)
    return now, chance * value * float(np.log1p(cost * task.days_left)) / cost


def _guess(
    name: str,
    table: NDArray[np.float64],
    late: NDArray[np.float64],
    teaching: NDArray[np.bool_],
    asked: Sequence[UUID],
) -> Guess:
    model = LogisticRegression().fit(table[teaching], late[teaching])
    told = model.predict_proba(table[~teaching])[:, 1]
    truth = late[~teaching]
    return Guess(
        name,
        ranking(truth, told, asked),
        float(brier_score_loss(truth, told)),
        calibration_error(truth, told),
    )


def ranking(truth: NDArray[np.float64], told: NDArray[np.float64], of: Sequence[UUID]) -> Rated:
    """The area under the curve; tasks of a person are drawn together, for they are alike."""
    rows: dict[UUID, list[int]] = {}
    for at, person in enumerate(of):
        rows.setdefault(person, []).append(at)
    theirs = [np.array(mine) for mine in rows.values()]
    chance = np.random.default_rng(0)
    drawn = []
    for _ in range(DRAWS):
        some = np.concatenate([theirs[at] for at in chance.integers(0, len(theirs), len(theirs))])
        if _classes(truth[some]) > 1:
            drawn.append(float(roc_auc_score(truth[some], told[some])))
    low, high = np.quantile(drawn, [0.05, 0.95]) if drawn else (float("nan"), float("nan"))
    return Rated(float(roc_auc_score(truth, told)), float(low), float(high), len(theirs))


def calibration_error(truth: NDArray[np.float64], told: NDArray[np.float64]) -> float:
    """The mean distance of what was told from what came, over fifths by what was told, as many guesses weigh."""
    order = np.argsort(told, kind="stable")
    edges = np.linspace(0, len(told), BINS + 1).astype(int)
    gaps = [
        abs(truth[order[start:end]].mean() - told[order[start:end]].mean()) * (end - start)
        for start, end in pairwise(edges)
        if end > start
    ]
    return float(sum(gaps) / len(told))
