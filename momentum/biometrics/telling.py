"""What of a change of measured days the rest of the house learns: a row of the ledger per day that is other.

Sleep and steps count towards momentum; the other metrics stay where they are. Nothing is told of people who do
not agree to tracking.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from accounts.models import User
from coaching import context_cache, ledger
from coaching.ledger import TIME_KNOWN
from coaching.queueing import after_commit
from coaching.toolkit import signals
from momentum.biometrics import streams
from momentum.biometrics.metrics import METRICS
from momentum.biometrics.streams import Day, State
from momentum.models import MomentumEvent

REMOVED = "_removed"


@dataclass(frozen=True, slots=True)
class Change:
    """Days of a person's that are about to change, as they were before."""

    user: User
    days: Sequence[Day]
    before: State

    @classmethod
    def of(cls, user: User, days: Sequence[Day]) -> "Change":
        """The state before; take it under the person's lock."""
        return cls(user, days, streams.state_of(user.pk, days))


def tell_changes(change: Change, *, via: str, now: datetime) -> set[Day]:
    """Compares with what is now, and tells of it; returns the days of which any source says something else."""
    after = streams.state_of(change.user.pk, change.days)
    before = change.before
    both = before.values.keys() | after.values.keys()
    changed = {
        (metric, day)
        for metric, day, source in both
        if before.values.get((metric, day, source)) != after.values.get((metric, day, source))
    }
    if not changed and before.preferred == after.preferred:
        return changed
    context_cache.invalidate(change.user.pk)
    happenings = [
        happening
        for metric, day in change.days
        if METRICS[metric].ledger_type
        and (happening := _happening(metric, day, before, after, now)) is not None
    ]
    if happenings:
        _record(change.user, happenings, via, now)
    return changed


@dataclass(frozen=True, slots=True)
class _Row:
    interaction_type: str
    day: date
    subject: str
    data: dict[str, Any]
    occurred_at: datetime
    key: str


def _happening(metric: str, day: date, before: State, after: State, now: datetime) -> _Row | None:
    """The row of one day, unless the value that counts is what it was."""
    was, is_now = before.preferred.get((metric, day)), after.preferred.get((metric, day))
    about: dict[str, Any] = {"local_date": day.isoformat(), "metric": metric, TIME_KNOWN: False}
    kind = METRICS[metric].ledger_type
    subject = f"{signals.get(kind).kind}:{metric}"
    if is_now is None:
        if was is None:
            return None
        key = f"{kind}:{day}:removed:{now.isoformat()}"
        return _Row(kind + REMOVED, day, subject, about, min(was.measured_until, now), key)
    if was is not None and was.value == is_now.value:
        return None
    about |= {"value": is_now.value, "source": is_now.source}
    # A value may come back (an entry is deleted, the device's counts again): it is told again, so the key
    # holds the moment, too.
    key = f"{kind}:{day}:{is_now.value:g}:{is_now.measured_until.isoformat()}:{now.isoformat()}"
    return _Row(kind, day, subject, about, min(is_now.measured_until, now), key)


def _record(user: User, rows: Sequence[_Row], via: str, now: datetime) -> None:
    """Adds the rows to the ledger together, and has the person scored.

    The keys hold the moment of telling, which the person's lock makes unique per day. A call may have waited for
    that lock while a later one told the same day: what is told now has seen both, so it is never told as
    earlier than what it corrects.
    """
    told_later = {
        (day, subject): received_at
        for day, subject, received_at in MomentumEvent.objects.filter(
            user=user,
            local_date__in={row.day for row in rows},
            subject__in={row.subject for row in rows},
            received_at__gt=now,
        ).values_list("local_date", "subject", "received_at")
    }
    new = [
        ledger.NewRow(
            row.interaction_type,
            row.key,
            row.occurred_at,
            told_later.get((row.day, row.subject), now),
            row.data,
        )
        for row in rows
    ]
    if ledger.record_many(user, new, source=via):
        after_commit("momentum.tasks.score_person", str(user.pk))
