"""Training: from the newest snapshots of people to versioned models, each compared with the one before.

A model is used only once somebody has activated it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Max
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

from coaching.learning_permission import agreed_people
from productivity.models import BehaviorModel, FeatureSnapshot, ModelKind

from . import delay, finding, formulas, groups
from .formulas import Spread
from .numbers import GROUPS


class NotActivatable(Exception):
    """A model that must not speak of people; the words say why."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A model that is not kept yet."""

    kind: ModelKind
    parameters: dict[str, Any]
    trained_on: int
    labels: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    drift: dict[str, Any] = field(default_factory=dict)


def people_now() -> list[FeatureSnapshot]:
    """The newest snapshot of everybody who agrees to tracking."""
    newest = (
        FeatureSnapshot.objects.filter(user__in=agreed_people())
        .order_by("user_id", "-date")
        .distinct("user_id")
    )
    return list(newest)


def train(
    people: Sequence[groups.Measured], earlier: dict[str, BehaviorModel | None] | None = None
) -> list[Trained]:
    """The models that can be trained on `people`; none when they are too few."""
    before = earlier if earlier is not None else {kind: predecessor(kind) for kind in ModelKind}
    found = []
    known = [each for each in people if groups.is_known_enough(each)]
    table = groups.table_of(known)
    clusters = finding.find(table, before.get(ModelKind.CLUSTERS))
    if clusters is not None:
        found.append(
            Trained(
                ModelKind.CLUSTERS,
                clusters.parameters,
                len(known),
                clusters.labels,
                clusters.metrics,
                drift_of(table, clusters.parameters, before.get(ModelKind.CLUSTERS)),
            )
        )
    delays = delay.fit(each.score_parts for each in people)
    if delays is not None:
        old = before.get(ModelKind.DELAY)
        drift = {}
        if old is not None:
            drift = {"log_mean": round(delays["log_mean"] - old.parameters["log_mean"], 6)}
        found.append(Trained(ModelKind.DELAY, delays, delays["people"], drift=drift))
    return found


def predecessor(kind: str) -> BehaviorModel | None:
    """What a new model is compared with: the active one, else the newest that was trained on people."""
    real = BehaviorModel.objects.filter(kind=kind).exclude(metrics__has_key="generated")
    return real.order_by("-is_active", "-version").first()


def drift_of(
    table: NDArray[np.float64], parameters: dict[str, Any], earlier: BehaviorModel | None
) -> dict[str, Any]:
    """How far people have moved since the model before, and how many of them change their group.

    `psi` per measure; `changed` is the share of people with another number, `agreement` the adjusted Rand index
    of the two ways of grouping (1: the same, 0: by chance).
    """
    if earlier is None or earlier.parameters.get("measures") != list(groups.MEASURES):
        return {}
    moved = {}
    for at, name in enumerate(groups.MEASURES):
        told = earlier.parameters["spreads"].get(name)
        known = table[:, at][np.isfinite(table[:, at])]
        if told is None or not len(known):
            continue
        before = Spread(tuple(told["edges"]), tuple(told["shares"]), told["people"])
        after = formulas.spread_of(known.tolist(), before.edges)
        moved[name] = formulas.population_stability(before, after, GROUPS.psi_fewest)
    old, new = groups.assign(table, earlier.parameters), groups.assign(table, parameters)
    return {
        "against": earlier.version,
        "psi": {name: None if psi is None else round(psi, 4) for name, psi in moved.items()},
        "changed": round(float(np.mean(np.array(old) != np.array(new))), 4),
        "agreement": round(float(adjusted_rand_score(old, new)), 4),
    }


def keep(trained: Trained, *, is_generated: bool = False) -> BehaviorModel:
    """Keeps a model as the next version of its kind; nothing uses it yet."""
    with transaction.atomic():
        # Two trainings at once get two numbers: the second waits for the first.
        list(BehaviorModel.objects.select_for_update().filter(kind=trained.kind).values_list("pk"))
        newest = BehaviorModel.objects.filter(kind=trained.kind).aggregate(at=Max("version"))["at"]
        metrics = {**trained.metrics, "generated": True} if is_generated else trained.metrics
        return BehaviorModel.objects.create(
            kind=trained.kind,
            version=(newest or 0) + 1,
            parameters=trained.parameters,
            labels=trained.labels,
            metrics=metrics,
            drift=trained.drift,
            trained_on=trained.trained_on,
        )


def activate(model: BehaviorModel) -> bool:
    """Has `model` used from now on; tells whether it was not already. Snapshots follow when they are next taken.

    Raises `NotActivatable` for a model of people who do not exist.
    """
    if model.metrics.get("generated"):
        raise NotActivatable(
            "It was trained on people who do not exist, so it must not speak of real ones."
        )
    with transaction.atomic():
        rows = list(
            BehaviorModel.objects.select_for_update().filter(kind=model.kind).order_by("pk")
        )
        if any(row.pk == model.pk and row.is_active for row in rows):
            return False
        BehaviorModel.objects.filter(kind=model.kind, is_active=True).update(is_active=False)
        BehaviorModel.objects.filter(pk=model.pk).update(is_active=True)
    model.is_active = True
    return True


def deactivate(model: BehaviorModel) -> bool:
    """Has nobody placed by `model` any more; tells whether anybody was."""
    done = BehaviorModel.objects.filter(pk=model.pk, is_active=True).update(is_active=False)
    model.is_active = False
    return bool(done)
