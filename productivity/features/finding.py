"""Finding groups of people who go about tasks alike, and recognizing those of the training before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

from productivity.models import BehaviorModel

from . import formulas
from .groups import IN_BETWEEN, MEASURES, NAMES, standardized
from .numbers import GROUPS, GroupNumbers


@dataclass(frozen=True, slots=True)
class Found:
    """Groups that were found: what is needed to place people (`parameters`), names, and how good they are."""

    parameters: dict[str, Any]
    labels: dict[str, str]
    metrics: dict[str, Any]


def find(
    table: NDArray[np.float64],
    earlier: BehaviorModel | None = None,
    numbers: GroupNumbers = GROUPS,
) -> Found | None:
    """Groups in the measures of people; nothing when there are too few people or no groups to speak of.

    How many groups: the best silhouette among those whose groups are all large enough. A group that lies where
    one of `earlier` lay keeps its number and its name.
    """
    if len(table) < numbers.fewest_people:
        return None
    means = np.nan_to_num(np.nanmean(table, axis=0))
    deviations = np.nanstd(table, axis=0)
    deviations = np.where(np.isfinite(deviations) & (deviations > 1e-9), deviations, 1.0)
    scaled = standardized(table, means.tolist(), deviations.tolist(), numbers)
    tried: dict[int, float] = {}
    best: KMeans | None = None
    most = min(numbers.most_groups, len(np.unique(scaled, axis=0)))
    for many in range(numbers.fewest_groups, most + 1):
        model = KMeans(many, n_init=10, random_state=0).fit(scaled)
        smallest = np.bincount(model.labels_, minlength=many).min() / len(table)
        if smallest < numbers.smallest_share or len(set(model.labels_)) < many:
            continue
        sample = numbers.most_compared if len(table) > numbers.most_compared else None
        quality = silhouette_score(scaled, model.labels_, sample_size=sample, random_state=0)
        tried[many] = round(float(quality), 4)
        if best is None or quality > max(v for k, v in tried.items() if k != many):
            best = model
    if best is None or max(tried.values()) < numbers.least_silhouette:
        return None
    centers = np.asarray(best.cluster_centers_, float)
    kept, labels = _named(centers, means, deviations, earlier, numbers)
    shares = np.bincount(best.labels_, minlength=len(centers)) / len(table)
    parameters = {
        "measures": list(MEASURES),
        "means": [round(float(mean), 8) for mean in means],
        "deviations": [round(float(deviation), 8) for deviation in deviations],
        "groups": [
            {"number": number, "center": [round(float(value), 8) for value in center]}
            for number, center in zip(kept, centers, strict=True)
        ],
        "spreads": spreads(table),
    }
    metrics = {
        "silhouettes": {str(many): quality for many, quality in tried.items()},
        "silhouette": max(tried.values()),
        "shares": {
            str(number): round(float(share), 4) for number, share in zip(kept, shares, strict=True)
        },
    }
    return Found(parameters, labels, metrics)


def spreads(table: NDArray[np.float64], numbers: GroupNumbers = GROUPS) -> dict[str, Any]:
    """How each measure is spread over people: what later trainings are compared with."""
    found = {}
    for at, name in enumerate(MEASURES):
        known = table[:, at][np.isfinite(table[:, at])]
        if len(known):
            spread = formulas.spread_of(known.tolist(), bins=numbers.psi_bins)
            found[name] = {
                "edges": list(spread.edges),
                "shares": [round(share, 6) for share in spread.shares],
                "people": spread.people,
            }
    return found


def _named(
    centers: NDArray[np.float64],
    means: NDArray[np.float64],
    deviations: NDArray[np.float64],
    earlier: BehaviorModel | None,
    numbers: GroupNumbers,
) -> tuple[list[int], dict[str, str]]:
    """A number and a name for each center: those of the earlier group that lies there, else new ones."""
    kept: dict[int, int] = {}
    names: dict[int, str] = {}
    if earlier is not None and earlier.parameters.get("measures") == list(MEASURES):
        old = earlier.parameters
        old_centers = np.array([group["center"] for group in old["groups"]], float)
        here = (centers * deviations + means - np.asarray(old["means"])) / np.asarray(
            old["deviations"]
        )
        distances = np.sqrt(((here[:, None, :] - old_centers[None, :, :]) ** 2).mean(axis=2))
        for at, was in zip(*linear_sum_assignment(distances), strict=True):
            if distances[at, was] <= numbers.same_group:
                number = int(old["groups"][was]["number"])
                kept[int(at)] = number
                label = earlier.labels[str(number)]
                if label in IN_BETWEEN or _lean(centers[at], label) > 0:
                    names[int(at)] = label
    used = set(kept.values())
    if earlier is not None:
        used |= {int(number) for number in earlier.labels}
    for at in range(len(centers)):
        if at not in kept:
            kept[at] = max(used, default=-1) + 1
            used.add(kept[at])
    names |= _new_names(
        [at for at in range(len(centers)) if at not in names], centers, names, numbers
    )
    in_order = [kept[at] for at in range(len(centers))]
    return in_order, {str(kept[at]): names[at] for at in range(len(centers))}


def _new_names(
    nameless: Sequence[int],
    centers: NDArray[np.float64],
    taken: Mapping[int, str],
    numbers: GroupNumbers,
) -> dict[int, str]:
    """The names that fit best together; a center that leans nowhere is in between."""
    if not nameless:
        return {}
    free = [name.label for name in NAMES if name.label not in taken.values()]
    found: dict[int, str] = {}
    if free:
        leans = np.array([[_lean(centers[at], label) for label in free] for at in nameless])
        for row, column in zip(*linear_sum_assignment(-leans), strict=True):
            if leans[row, column] >= numbers.least_lean:
                found[nameless[int(row)]] = free[int(column)]
    spare = [label for label in IN_BETWEEN if label not in taken.values()]
    spare += [f"in their own way {at}" for at in range(2, GROUPS.most_groups + 2)]
    for at in nameless:
        if at not in found:
            found[at] = spare.pop(0)
    return found


def _lean(center: NDArray[np.float64], label: str) -> float:
    """How far a center leans towards what a name says, in standard deviations."""
    name = next((name for name in NAMES if name.label == label), None)
    if name is None:
        return 0.0
    leaning = np.array([name.leaning.get(measure, 0.0) for measure in MEASURES])
    return float(center @ leaning / np.linalg.norm(leaning))
