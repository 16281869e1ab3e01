"""Snapshots: taken of many people at the end of their day, or of one after each change, always the same way."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.day import day_bounds
from accounts.models import User
from coaching.learning_permission import agreed_people
from productivity.models import FeatureSnapshot

from . import delay, groups
from .deriving import FEATURE_VERSION, Measures, derive, snapshot_fields
from .measuring import Asked, count

# The last moment of a day still belongs to it, its end does not.
TICK = timedelta(microseconds=1)
BATCH = 500


@dataclass(frozen=True, slots=True)
class Due:
    """A snapshot to be taken: of whom, for which of their days, as of which moment."""

    user_id: UUID
    zone: str
    day: date
    until: datetime
    is_final: bool


def of_day(user: User, day: date) -> Due:
    """The final snapshot of a day of `user` that is over."""
    return Due(user.pk, user.timezone, day, day_bounds(user, day)[1] - TICK, True)


def take(due: Sequence[Due]) -> int:
    """Takes the snapshots (at most one per person) of those who agree to tracking; returns how many.

    Taking one again gives the same row. A final row is never replaced by a provisional one.
    """
    if not due:
        return 0
    with transaction.atomic():
        # Whoever takes back their consent at this moment either comes first, or finds the row and deletes it.
        people = [each.user_id for each in due]
        list(
            User.objects.select_for_update(no_key=True)
            .filter(pk__in=people)
            .order_by("pk")
            .values_list("pk")
        )
        agreed = set(agreed_people().filter(pk__in=people).values_list("pk", flat=True))
        return _write([each for each in due if each.user_id in agreed])


def measure(due: Iterable[Due]) -> list[Measures]:
    """The measures without keeping them."""
    prior = delay.current_prior()
    asked = [Asked(each.user_id, each.zone, each.until) for each in due]
    return [derive(counts, prior) for counts in count(asked)]


def _write(due: Sequence[Due]) -> int:
    found = {measures.user_id: measures for measures in measure(due)}
    placed = groups.place(found.values())
    rows = []
    for each in due:
        measures = found.get(each.user_id)
        if measures is None:
            continue
        place = placed.get(each.user_id)
        rows.append(
            FeatureSnapshot(
                user_id=each.user_id,
                date=each.day,
                is_provisional=not each.is_final,
                feature_version=FEATURE_VERSION,
                mode_cluster=place.number if place else None,
                cluster_label=place.label if place else "",
                model_id=place.model_id if place else None,
                updated_at=timezone.now(),
                **measures.fields(),
            )
        )
    final = _final_already(rows)
    rows = [row for row in rows if not row.is_provisional or (row.user_id, row.date) not in final]
    FeatureSnapshot.objects.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["user", "date"],
        update_fields=[
            *snapshot_fields(),
            "mode_cluster",
            "cluster_label",
            "model",
            "feature_version",
            "is_provisional",
            "updated_at",
        ],
    )
    return len(rows)


def _final_already(rows: Sequence[FeatureSnapshot]) -> set[tuple[UUID, date]]:
    if not any(row.is_provisional for row in rows):
        return set()
    days = {row.date for row in rows}
    stands = FeatureSnapshot.objects.filter(
        user__in=[row.user_id for row in rows], date__in=days, is_provisional=False
    )
    return set(stands.values_list("user_id", "date"))
