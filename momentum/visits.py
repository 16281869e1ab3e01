"""Appointments with the coach and what became of them."""

from datetime import datetime
from uuid import UUID

from accounts.models import User
from momentum.models import VisitAdherenceLog, VisitKind


class VisitRefused(Exception):
    """The visit cannot be changed that way; the text is for people."""


def schedule(
    user: User,
    at: datetime,
    *,
    kind: VisitKind = VisitKind.COACH_VISIT,
    visit_id: UUID | None = None,
) -> VisitAdherenceLog:
    """Sets an appointment; the same `visit_id` again changes its time while it is open."""
    raise NotImplementedError


def cancel(visit_id: UUID, *, source: str, now: datetime) -> VisitAdherenceLog:
    """Takes an open appointment back; twice is once."""
    raise NotImplementedError


def attend(visit_id: UUID, at: datetime, *, source: str) -> VisitAdherenceLog:
    """Notes that the visit began at `at`: attended, or late from ten minutes on."""
    raise NotImplementedError


def mark_missed(visit_id: UUID, *, source: str, now: datetime) -> VisitAdherenceLog:
    """Notes that nobody came."""
    raise NotImplementedError


def next_visit(user: User, now: datetime) -> VisitAdherenceLog | None:
    """The next open appointment, also one that should have begun within the last hour."""
    raise NotImplementedError
