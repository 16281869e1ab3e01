"""Appointments with the coach and what became of them.

Everything that changes a visit goes through these verbs, whoever asks: staff, the person, the job that notices
that nobody came, or the telephone. What came of a visit goes into the ledger and counts on the day it was set for.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.day import local_day
from accounts.models import User
from coaching import ledger
from momentum.models import VisitAdherenceLog, VisitKind, VisitStatus


@dataclass(frozen=True, slots=True)
class VisitNumbers:
    """The numbers of visits (ours).

    late_after: beginning more than this after the agreed time is late. missed_after: nobody came for so long:
    missed. batch: visits marked by one task.
    """

    late_after: timedelta = timedelta(minutes=10)
    missed_after: timedelta = timedelta(minutes=60)
    batch: int = 500


NUMBERS = VisitNumbers()


class VisitRefused(Exception):
    """The visit cannot be changed that way; the text is for people."""


def schedule(
    user: User,
    at: datetime,
    *,
    now: datetime,
    kind: VisitKind = VisitKind.COACH_VISIT,
    visit_id: UUID | None = None,
) -> VisitAdherenceLog:
    """Sets an appointment; the same `visit_id` again moves it while it is open.

    Raises `VisitRefused` for a moment that is over, and for an id that stands for something else already.
    """
    if at <= now:
        raise VisitRefused("That time is over: choose a later one.")
    visit_id = visit_id or uuid4()
    with transaction.atomic():
        VisitAdherenceLog.objects.bulk_create(
            [VisitAdherenceLog(visit_id=visit_id, user=user, kind=kind, scheduled_time=at)],
            ignore_conflicts=True,
        )
        visit = _locked(visit_id)
        if visit.user_id != user.pk or visit.kind != kind:
            raise VisitRefused("This visit belongs to something else.")
        if visit.scheduled_time != at:
            _must_be_open(visit)
            visit.scheduled_time = at
            visit.save(update_fields=["scheduled_time", "updated_at"])
    return visit


def cancel(visit_id: UUID, *, source: str, now: datetime) -> VisitAdherenceLog:
    """Takes an open appointment back; twice is once.

    Raises `VisitRefused` when the visit took place or was missed, or is so late that it is being missed.
    """
    with transaction.atomic():
        visit = _locked(visit_id)
        if visit.status == VisitStatus.CANCELLED:
            return visit
        _must_be_open(visit)
        if now >= visit.scheduled_time + NUMBERS.missed_after:
            raise VisitRefused("This visit is over.")
        visit.status = VisitStatus.CANCELLED
        visit.save(update_fields=["status", "updated_at"])
        _tell(visit, source, now)
    return visit


def attend(
    visit_id: UUID, at: datetime, *, source: str, now: datetime | None = None
) -> VisitAdherenceLog:
    """Notes that the visit began at `at`: attended, or late beyond ten minutes.

    A visit that was noted as missed is put right. The same again changes nothing; another moment for a visit
    that took place corrects it. Raises `VisitRefused` for a cancelled one, and for a moment to come (`now`:
    as the clock says unless told).
    """
    if at > (now or timezone.now()):
        raise VisitRefused("This visit has not begun yet.")
    with transaction.atomic():
        visit = _locked(visit_id)
        if visit.status == VisitStatus.CANCELLED:
            raise VisitRefused("This visit was cancelled.")
        if visit.actual_time == at:
            return visit
        is_late = at - visit.scheduled_time > NUMBERS.late_after
        visit.actual_time = at
        visit.status = VisitStatus.LATE if is_late else VisitStatus.ATTENDED
        visit.save(update_fields=["actual_time", "status", "updated_at"])
        minutes = max(0, int((at - visit.scheduled_time).total_seconds() // 60))
        _tell(visit, source, at, minutes_late=minutes)
    return visit


def mark_missed(visit_id: UUID, *, source: str, now: datetime) -> VisitAdherenceLog:
    """Notes that nobody came; twice is once.

    Raises `VisitRefused` before the agreed time, and when the visit took place or was cancelled.
    """
    with transaction.atomic():
        visit = _locked(visit_id)
        if visit.status == VisitStatus.MISSED:
            return visit
        _must_be_open(visit)
        if now < visit.scheduled_time:
            raise VisitRefused("This visit has not begun yet.")
        visit.status = VisitStatus.MISSED
        visit.save(update_fields=["status", "updated_at"])
        _tell(visit, source, now)
    return visit


def mark_those_missed(*, now: datetime) -> int:
    """Marks visits nobody came to within the hour; returns how many. What another does meanwhile stands."""
    late = VisitAdherenceLog.objects.filter(
        status=VisitStatus.SCHEDULED, scheduled_time__lte=now - NUMBERS.missed_after
    ).filter(user__is_active=True, user__deleted_at=None)
    marked = 0
    for visit_id in late.order_by("scheduled_time").values_list("visit_id", flat=True)[
        : NUMBERS.batch
    ]:
        try:
            mark_missed(visit_id, source="system", now=now)
        except VisitRefused:
            continue
        marked += 1
    return marked


def visits_of(user: User) -> QuerySet[VisitAdherenceLog]:
    """Every visit of `user`, the latest first."""
    return VisitAdherenceLog.objects.filter(user=user).order_by("-scheduled_time", "-id")


def next_visit(user: User, now: datetime) -> VisitAdherenceLog | None:
    """The next open appointment, also one that should have begun within the last hour."""
    return (
        visits_of(user)
        .filter(status=VisitStatus.SCHEDULED, scheduled_time__gt=now - NUMBERS.missed_after)
        .order_by("scheduled_time", "id")
        .first()
    )


def can_cancel(visit: VisitAdherenceLog, now: datetime) -> bool:
    """Whether the person can still take the appointment back."""
    is_open = visit.status == VisitStatus.SCHEDULED
    return is_open and now < visit.scheduled_time + NUMBERS.missed_after


def _locked(visit_id: UUID) -> VisitAdherenceLog:
    return (
        VisitAdherenceLog.objects.select_for_update(of=("self",))
        .select_related("user")
        .get(visit_id=visit_id)
    )


def _must_be_open(visit: VisitAdherenceLog) -> None:
    if visit.status != VisitStatus.SCHEDULED:
        raise VisitRefused(
            f"This visit is not open any more: {visit.get_status_display().lower()}."
        )


def _tell(visit: VisitAdherenceLog, source: str, at: datetime, **more: Any) -> None:
    """Puts what came of the visit into the ledger, on the person's day for which it was set."""
    ledger.record(
        visit.user,
        f"visit.{visit.status}",
        raw_data={
            "visit": str(visit.visit_id),
            "kind": visit.kind,
            "local_date": local_day(visit.user, visit.scheduled_time).isoformat(),
            **more,
        },
        source=source,
        # Called once for each real change, under a lock.
        idempotency_key=f"visit:{visit.visit_id}:{visit.updated_at.isoformat()}",
        occurred_at=at,
    )
