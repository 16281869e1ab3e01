"""How much a far due date costs people: the prior that a person's own history is drawn towards."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from productivity.models import BehaviorModel, ModelKind

from . import formulas
from .numbers import GROUPS, MOTIVATION

# A person tells something of impulsiveness only with this many tasks done before they were due (ours).
FEWEST_DONE = 5


def current_prior() -> NDArray[np.float64]:
    """The prior of the active model, or the one before any training; on the grid."""
    active = BehaviorModel.objects.filter(kind=ModelKind.DELAY, is_active=True).first()
    return prior_of(active.parameters if active else {})


def prior_of(parameters: Mapping[str, Any]) -> NDArray[np.float64]:
    return formulas.prior_on_grid(
        parameters.get("log_mean", MOTIVATION.prior_log_mean),
        parameters.get("log_sd", MOTIVATION.prior_log_sd),
    )


def fit(parts: Iterable[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The parameters, from the `score_parts` of snapshots; nothing when too few people tell of it."""
    told = [each for each in parts if sum(each.get("done_before_due", ())) >= FEWEST_DONE]
    if len(told) < GROUPS.fewest_people:
        return None
    done = np.array([each["done_before_due"] for each in told], float)
    days = np.array([each["waiting_days"] for each in told], float)
    mean, deviation = formulas.prior_from_people(done, days)
    return {"log_mean": round(mean, 6), "log_sd": round(deviation, 6), "people": len(told)}
