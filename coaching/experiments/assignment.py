"""Which variant a person gets: drawn from a hash, stored once, kept for good."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from math import inf
from typing import Any
from uuid import UUID

from accounts.models import User
from coaching.models import Experiment, ExperimentAssignment


@dataclass(frozen=True, slots=True)
class Variant:
    """One arm of an experiment: an option of its variation point, and its weight in the draw."""

    key: str
    weight: float


def variants_of(experiment: Experiment) -> list[Variant]:
    """The arms as they are written in the row, the control first.

    Raises `ValueError` when the row holds something else than a list of keys with positive weights.
    """
    rows: Any = experiment.variants
    if not isinstance(rows, list):
        raise ValueError("Variants are a list.")
    found = []
    for row in rows:
        key = row.get("key") if isinstance(row, dict) else None
        weight = number_in(row, "weight")
        if not isinstance(key, str) or not weight:
            raise ValueError("Each variant has a key and a weight above 0.")
        found.append(Variant(key, weight))
    return found


def number_in(row: object, name: str) -> float | None:
    """The number under `name`, when `row` is an object with one that is finite and not negative."""
    value = row.get(name) if isinstance(row, dict) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value < inf else None


def fraction_of(experiment_id: UUID, user_id: UUID) -> float:
    """A number in [0, 1) that belongs to this person in this experiment, the same on every machine.

    The experiment is part of it, so that people who shared a variant once are mixed anew the next time.
    """
    digest = sha256(f"{experiment_id}:{user_id}".encode()).digest()
    return (int.from_bytes(digest[:8], "big") >> 11) / 2**53


def draw(experiment: Experiment, user_id: UUID) -> str:
    """The key of the variant the hash gives this person under the present weights."""
    variants = variants_of(experiment)
    left = fraction_of(experiment.pk, user_id) * sum(variant.weight for variant in variants)
    for variant in variants:
        left -= variant.weight
        if left < 0:
            return variant.key
    return variants[-1].key


def enrol(experiment: Experiment, user: User, *, now: datetime, is_exposed: bool = False) -> str:
    """Stores the variant of a person who has none yet, and returns it.

    Of two requests at once the first one's row stands. Both drew the same: the weights of a running
    experiment do not change.
    """
    drawn = ExperimentAssignment(
        experiment=experiment,
        user=user,
        variant=draw(experiment, user.pk),
        assigned_at=now,
        exposed_at=now if is_exposed else None,
    )
    ExperimentAssignment.objects.bulk_create([drawn], ignore_conflicts=True)
    return drawn.variant
