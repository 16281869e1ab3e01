"""What of a change of measured days the rest of the house learns: a row of the ledger per day that is other.

Sleep and steps count towards momentum; the other metrics stay where they are. Nothing is told of people who do
not agree to tracking.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from celery import current_app
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import Jsonb

from accounts.consent import has_consent
from accounts.models import ConsentKind, User
from coaching import context_cache
from coaching.ledger import TIME_KNOWN
from coaching.models.ledger import RawBehavioralLog
from coaching.toolkit import signals
from momentum.biometrics import streams
from momentum.biometrics.metrics import METRICS
from momentum.biometrics.streams import Day, State
from momentum.models import MomentumEvent
from momentum.projecting import project_many

REMOVED = "_removed"
_LEDGER = RawBehavioralLog._meta.db_table
_EVENTS = MomentumEvent._meta.db_table
# The keys hold the moment of telling, which the person's lock makes unique per day: a plain insert.
# A call may have waited for that lock while a later one told the same day: what is told now has seen both, so it
# is never told as earlier than what it corrects.
_INSERT = f"""
INSERT INTO {_LEDGER} (id, user_id, interaction_type, raw_data, source, occurred_at, received_at,
    idempotency_key)
SELECT uuidv7(), %(user)s, t.type, t.data, %(via)s, t.occurred_at,
    GREATEST(%(now)s, known.received_at), t.key
FROM unnest(%(types)s::text[], %(data)s::jsonb[], %(days)s::date[], %(subjects)s::text[],
            %(occurred)s::timestamptz[], %(keys)s::text[])
    AS t(type, data, day, subject, occurred_at, key)
LEFT JOIN {_EVENTS} known
    ON known.user_id = %(user)s AND known.local_date = t.day AND known.subject = t.subject
RETURNING id
"""  # noqa: S608 - names of our own tables and metrics


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
    if happenings and has_consent(change.user, ConsentKind.BEHAVIORAL_TRACKING):
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
    """Adds the rows to the ledger in one statement, and derives from them what stands or falls with them."""
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            {
                "user": user.pk,
                "via": via,
                "now": now,
                "types": [row.interaction_type for row in rows],
                "data": [Jsonb(row.data) for row in rows],
                "days": [row.day for row in rows],
                "subjects": [row.subject for row in rows],
                "occurred": [row.occurred_at for row in rows],
                "keys": [row.key for row in rows],
            },
        )
        added = [log_id for (log_id,) in cursor.fetchall()]
    if project_many(added):
        # Robust: without a queue the sweep scores what is pending.
        transaction.on_commit(lambda: _score_soon(user.pk), robust=True)


def _score_soon(user_id: UUID) -> None:
    current_app.send_task(
        "momentum.tasks.score_person", [str(user_id)], queue="interactive", retry=False
    )
