"""Groups of people who go about tasks alike: what they may be called, and who belongs to which."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from productivity.models import BehaviorModel, ModelKind

from .formulas import IDLE, PUT_OFF
from .numbers import GROUPS, GroupNumbers

# What people are compared by, in this order.
MEASURES = (
    "overdue_rate",
    "put_offs",
    "deadline_tension",
    "completion_latency_avg",
    "burstiness_index",
    "edit_rate",
    "idle",
)
TITLES = {
    "overdue_rate": "Done after the due moment",
    "put_offs": "Put off",
    "deadline_tension": "Done at the last moment",
    "completion_latency_avg": "From making to doing",
    "burstiness_index": "In bursts",
    "edit_rate": "Changed after making",
    "idle": "Quiet while something is open",
}


@dataclass(frozen=True, slots=True)
class Name:
    """What a group may be called: towards which measures it leans (per measure, in standard deviations), and
    what that means for the person."""

    label: str
    leaning: Mapping[str, float]
    meaning: str


NAMES = (
    Name(
        "plans ahead",
        {
            "overdue_rate": -1.0,
            "deadline_tension": -1.0,
            "put_offs": -0.5,
            "completion_latency_avg": -0.5,
        },
        "Most things are done with time to spare.",
    ),
    Name(
        "works in bursts",
        {"burstiness_index": 1.0, "idle": 0.6},
        "Much gets done in a few sittings, with quiet days between them.",
    ),
    Name(
        "starts late",
        {"deadline_tension": 1.0, "overdue_rate": 0.7, "completion_latency_avg": 0.4},
        "Things tend to begin when their due moment is near.",
    ),
    Name(
        "moves things around",
        {"put_offs": 1.0, "edit_rate": 0.7},
        "Plans are changed often: snoozed, moved, reworded.",
    ),
    Name(
        "keeps a steady pace",
        {"burstiness_index": -1.0, "idle": -0.6},
        "Something gets done most days, a little at a time.",
    ),
    Name(
        "lets things ripen",
        {"completion_latency_avg": 1.0, "deadline_tension": -0.4},
        "Things stay on the list for a while before they are done.",
    ),
)
IN_BETWEEN = ("a bit of everything", "in between", "in their own way")
MEANINGS = {name.label: name.meaning for name in NAMES}


class Measured(Protocol):
    """What can be placed: measures of one person."""

    @property
    def user_id(self) -> UUID: ...
    @property
    def tasks_seen(self) -> int: ...
    @property
    def score_parts(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Place:
    """The group of a person: its number, its name, and the model that says so."""

    number: int
    label: str
    model_id: UUID


def values_of(measured: Measured) -> list[float]:
    """The person's measures in the order of `MEASURES`; nan where too little is known."""
    shares = {part["key"]: part["share"] for part in measured.score_parts.get("parts", ())}
    found: dict[str, Any] = {
        **{name: getattr(measured, name, None) for name in MEASURES},
        "put_offs": shares.get(PUT_OFF),
        "idle": shares.get(IDLE),
    }
    return [float("nan") if found[name] is None else float(found[name]) for name in MEASURES]


def table_of(people: Sequence[Measured]) -> NDArray[np.float64]:
    """The measures of all `people`: people x measures."""
    return np.array([values_of(each) for each in people], float).reshape(-1, len(MEASURES))


def is_known_enough(measured: Measured, numbers: GroupNumbers = GROUPS) -> bool:
    return measured.tasks_seen >= numbers.fewest_tasks


# --- Placing ------------------------------------------------------------------------------------
def place(people: Iterable[Measured]) -> dict[UUID, Place]:
    """The groups of those of whom enough is known, by the active model; without one nobody has a group."""
    known = [each for each in people if is_known_enough(each)]
    model = BehaviorModel.objects.filter(kind=ModelKind.CLUSTERS, is_active=True).first()
    if model is None or not known:
        return {}
    numbers = assign(table_of(known), model.parameters)
    return {
        each.user_id: Place(number, model.labels[str(number)], model.pk)
        for each, number in zip(known, numbers, strict=True)
    }


def assign(table: NDArray[np.float64], parameters: Mapping[str, Any]) -> list[int]:
    """The number of the nearest group for each row."""
    scaled = standardized(table, parameters["means"], parameters["deviations"])
    centers = np.array([group["center"] for group in parameters["groups"]], float)
    nearest = np.linalg.norm(scaled[:, None, :] - centers[None, :, :], axis=2).argmin(axis=1)
    return [int(parameters["groups"][at]["number"]) for at in nearest]


def standardized(
    table: NDArray[np.float64],
    means: Sequence[float],
    deviations: Sequence[float],
    numbers: GroupNumbers = GROUPS,
) -> NDArray[np.float64]:
    """In standard deviations from the mean; what is not known counts as the mean, what is far out as far."""
    scaled = (table - np.asarray(means)) / np.asarray(deviations)
    result: NDArray[np.float64] = np.clip(
        np.nan_to_num(scaled, nan=0.0), -numbers.furthest, numbers.furthest
    )
    return result
