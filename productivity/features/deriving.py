"""From counts to the measures of a snapshot."""

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from productivity.models import FeatureSnapshot

from . import formulas
from .formulas import IDLE, LAST_MOMENT, LATE, OVERDUE_TIME, PUT_OFF, Part, Score
from .measuring import Counts
from .numbers import NUMBERS

FEATURE_VERSION = 1
HOURS, WEEKDAYS = 24, 7


@dataclass(frozen=True, slots=True)
class Measures:
    """What a snapshot says of a person, by the names of its fields."""

    user_id: UUID
    procrastination_score: float | None
    score_low: float | None
    score_high: float | None
    score_parts: dict[str, Any]
    tasks_seen: int
    snooze_rate: float | None
    edit_rate: float | None
    overdue_rate: float | None
    completion_rate: float | None
    completion_latency_avg: float | None
    completion_vs_due_hours: float | None
    deadline_tension: float | None
    inactivity_days: float | None
    burstiness_index: float | None
    rhythm: list[list[int]]
    category_clusters: dict[str, Any]

    def fields(self) -> dict[str, Any]:
        """Everything but whose they are."""
        found = asdict(self)
        del found["user_id"]
        return found


def parts_of(counts: Counts) -> list[Part]:
    """The parts of the score, in the order in which they are told."""
    weeks = counts.observed_days / NUMBERS.idle_days_each
    idle = counts.idle_days / counts.observed_days * weeks if counts.observed_days > 0 else 0.0
    return [
        Part(LATE, counts.late, counts.decided, NUMBERS.weight_late),
        Part(PUT_OFF, counts.put_offs, counts.tasks, NUMBERS.weight_put_off),
        Part(OVERDUE_TIME, counts.late_depths, counts.decided, NUMBERS.weight_overdue_time),
        Part(LAST_MOMENT, counts.last_moment, counts.on_time, NUMBERS.weight_last_moment),
        Part(IDLE, idle, weeks, NUMBERS.weight_idle),
    ]


def derive(counts: Counts, impulsiveness_prior: NDArray[np.float64]) -> Measures:
    """All measures of a person; what too little is known of is null."""
    parts = parts_of(counts)
    score: Score | None = formulas.score_of(parts, counts.tasks, counts.decided)
    return Measures(
        user_id=counts.user_id,
        procrastination_score=_kept(score.value, 4) if score else None,
        score_low=_kept(score.low, 4) if score else None,
        score_high=_kept(score.high, 4) if score else None,
        score_parts={
            "parts": [
                {
                    "key": part.key,
                    "share": _kept(part.share()) if part.is_known else None,
                    "weight": part.weight,
                    "total": _kept(part.total, 4),
                    "of": _kept(part.of, 4),
                }
                for part in parts
            ],
            "due_decided": counts.decided,
            "observed_days": _kept(counts.observed_days, 3),
            "since": counts.since.isoformat() if counts.since else None,
            "active_hours": counts.active_hours,
            "done": counts.done,
            "ripe": counts.ripe,
            "impulsiveness": _kept(
                formulas.impulsiveness(
                    counts.done_before_due, counts.waiting_days, impulsiveness_prior
                )
            ),
            "waiting_days": [_kept(days, 4) for days in counts.waiting_days],
            "done_before_due": list(counts.done_before_due),
        },
        tasks_seen=counts.tasks,
        snooze_rate=_rate(counts.snoozed, counts.tasks),
        edit_rate=_rate(counts.edited, counts.tasks),
        overdue_rate=_rate(counts.late, counts.decided),
        completion_rate=(
            _kept(formulas.smoothed_good(counts.done, counts.ripe)) if counts.ripe else None
        ),
        completion_latency_avg=_kept(counts.latency),
        completion_vs_due_hours=_kept(counts.versus_due_hours, 4),
        deadline_tension=_rate(counts.last_moment, counts.on_time),
        inactivity_days=_kept(counts.longest_gap_days, 4),
        burstiness_index=_kept(
            formulas.burstiness(
                counts.active_hours - 1,
                counts.gap_mean or 0.0,
                counts.gap_deviation or 0.0,
                NUMBERS.fewest_active_hours,
            )
        ),
        rhythm=_rhythm(counts.rhythm or {}),
        category_clusters=_categories(counts.categories or {}),
    )


def snapshot_fields() -> tuple[str, ...]:
    """The fields of a snapshot that are derived."""
    named = {field.name for field in FeatureSnapshot._meta.get_fields()}
    return tuple(name for name in Measures.__dataclass_fields__ if name in named)


def _rate(hits: float, of: float) -> float | None:
    return _kept(formulas.smoothed(hits, of)) if of else None


def _kept(value: float | None, digits: int = 6) -> float | None:
    """Rounded, so that the order in which numbers were added up does not show."""
    return None if value is None else round(float(value), digits)


def _rhythm(cells: dict[str, int]) -> list[list[int]]:
    table = [[0] * HOURS for _ in range(WEEKDAYS)]
    for cell, many in cells.items():
        weekday, hour = cell.split("-")
        table[int(weekday)][int(hour)] = many
    return table


def _categories(found: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """How each category goes; those with most tasks, when there are very many."""
    by_many = sorted(found.items(), key=lambda pair: (-pair[1]["tasks"], pair[0]))
    return dict(by_many[: NUMBERS.most_categories])
