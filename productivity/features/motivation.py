"""Temporal motivation of one task: its parts, so that they can be told; the number itself only sorts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from accounts.models import User
from productivity.models import FeatureSnapshot, Task

from . import formulas
from .current import snapshot_of
from .numbers import MOTIVATION, MotivationNumbers

DAY_SECONDS = 86400


class History(Protocol):
    """What tells how often things get done: a snapshot, or measures that are not kept."""

    @property
    def score_parts(self) -> Any: ...
    @property
    def category_clusters(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class MotivationParts:
    """Steel and König 2006: `motivation = expectancy * value / (1 + impulsiveness * delay_days)`.

    `expectancy` (0-1): how often such things get done; `value` (0-1) by priority; `impulsiveness` per day;
    `delay_days` until due, 0 once due.
    """

    expectancy: float
    value: float
    impulsiveness: float
    delay_days: float
    motivation: float


def parts_of(user: User, task: Task, now: datetime) -> MotivationParts:
    """The parts for a task of `user`; without consent or history those of everybody."""
    return parts_from(snapshot_of(user), task, now)


def parts_from(
    snapshot: FeatureSnapshot | None,
    task: Task,
    now: datetime,
    numbers: MotivationNumbers = MOTIVATION,
) -> MotivationParts:
    """The same from a snapshot that was read already: for a list of tasks."""
    chance = expectancy(snapshot, task.category, task.estimated_minutes, numbers)
    value = numbers.value[task.priority]
    cost = impulsiveness_of(snapshot, numbers)
    days = numbers.undated_days
    if task.due_at is not None:
        days = max(0.0, (task.due_at - now).total_seconds() / DAY_SECONDS)
    return MotivationParts(
        chance, value, cost, days, formulas.motivation(chance, value, cost, days)
    )


def expectancy(
    snapshot: History | None,
    category: str,
    minutes: int | None,
    numbers: MotivationNumbers = MOTIVATION,
) -> float:
    """The share of such tasks that get done: of this size in this category, drawn towards the category, that
    towards all tasks of the person, that towards the prior."""
    parts: dict[str, Any] = snapshot.score_parts if snapshot else {}
    chance = formulas.smoothed_good(parts.get("done", 0), parts.get("ripe", 0))
    found = (snapshot.category_clusters if snapshot else {}).get(category)
    if found is None:
        return chance
    chance = formulas.shrunk(found["done"], found["ripe"], chance, numbers.shrinkage)
    done, ripe = found["sizes"].get(formulas.size_of(minutes, numbers), (0, 0))
    return formulas.shrunk(done, ripe, chance, numbers.shrinkage)


def impulsiveness_of(
    snapshot: FeatureSnapshot | None, numbers: MotivationNumbers = MOTIVATION
) -> float:
    """The person's own, drawn towards everybody's; what the prior says without history."""
    known = snapshot.score_parts.get("impulsiveness") if snapshot else None
    if known is not None:
        return float(known)
    prior = formulas.prior_on_grid(numbers.prior_log_mean, numbers.prior_log_sd, numbers)
    none = [0.0] * (len(numbers.day_edges) - 1)
    return formulas.impulsiveness(none, none, prior, numbers)
