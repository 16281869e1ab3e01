"""The one record of what people do.

Every domain change calls `record` inside its own transaction, so that the row is committed with the
change or not at all; `record_many` does the same for happenings that are told together, and nothing else writes
here. Scores, patterns and predictions are derived from these rows and can be rebuilt.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import Jsonb
from django.utils import timezone

from accounts.consent import has_consent
from accounts.models import ConsentKind, User
from coaching import context_cache
from coaching.models.ledger import RawBehavioralLog
from coaching.toolkit import Happening, many_projections, projections

# A key of `raw_data`: false says that `occurred_at` only stands in for a moment nobody knows, so that
# a person's usual hours are not learned from it.
TIME_KNOWN = "time_known"


def record(
    user: User,
    interaction_type: str,
    *,
    raw_data: dict[str, Any] | None = None,
    source: str,
    idempotency_key: str,
    occurred_at: datetime | None = None,
    message_id: UUID | None = None,
) -> RawBehavioralLog | None:
    """Adds one row to the ledger of `user`; the same `idempotency_key` adds nothing again.

    Args:
        interaction_type: `<domain>.<what happened>`, for example `habit.completed`.
        raw_data: whatever a later projection needs; JSON. `TIME_KNOWN` says false when the moment is a guess.
        source: where it came from: web, api, chat, sms, call, import, system.
        idempotency_key: unique per person and happening.
        occurred_at: when it happened (aware; default: now). When it became known is stored too.

    Returns the row, or `None` when the person has not agreed to behavioural tracking: then the domain
    change stands and nothing about it is kept here.
    """
    context_cache.invalidate(user.pk)
    if not has_consent(user, ConsentKind.BEHAVIORAL_TRACKING):
        return None
    row = RawBehavioralLog(
        user=user,
        idempotency_key=idempotency_key,
        interaction_type=interaction_type,
        raw_data=raw_data or {},
        source=source,
        occurred_at=occurred_at or timezone.now(),
        message_id=message_id,
    )
    # No savepoint: the insert cannot fail, and what a projection raises undoes the change itself.
    with transaction.atomic(savepoint=False):
        if _added(row):
            _project(row)
            return row
    return RawBehavioralLog.objects.get(user=user, idempotency_key=idempotency_key)


@dataclass(frozen=True, slots=True)
class NewRow:
    """A happening of `record_many`; the times are aware."""

    interaction_type: str
    idempotency_key: str
    occurred_at: datetime
    received_at: datetime
    raw_data: dict[str, Any] = field(default_factory=dict)


_LEDGER = RawBehavioralLog._meta.db_table
# One lock for all rows instead of one a key, as `coaching_ledger_key_free` takes it: thousands would not fit.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('ledger of ' || %s::text, 0))"
_INSERT_MANY = f"""
INSERT INTO {_LEDGER} (id, user_id, interaction_type, raw_data, source, occurred_at, received_at,
    idempotency_key)
SELECT uuidv7(), %(user)s, type, data, %(source)s, occurred_at, received_at, key
FROM unnest(%(types)s::text[], %(data)s::jsonb[], %(occurred)s::timestamptz[],
            %(received)s::timestamptz[], %(keys)s::text[]) AS t(type, data, occurred_at, received_at, key)
WHERE key NOT IN (
    SELECT idempotency_key FROM {_LEDGER}
    WHERE user_id = %(user)s AND idempotency_key = ANY(%(keys)s::text[])
)
ON CONFLICT DO NOTHING
RETURNING id, idempotency_key
"""  # noqa: S608 - a table of ours


def record_many(user: User, rows: Iterable[NewRow], *, source: str) -> list[UUID]:
    """Adds many rows to the ledger of `user` in one statement; returns the ids of those that are new.

    As `record`: nothing without consent, nothing for keys that are known, and every projection is told of every
    new row, in its form for many if it has one. Two calls for one person go one after the other. The keys are to
    be of this caller's own making: one that `record` writes at the same moment is found only if it happened
    at the same time, too.
    """
    first_of: dict[str, NewRow] = {}
    for row in rows:
        first_of.setdefault(row.idempotency_key, row)
    unique = list(first_of.values())
    context_cache.invalidate(user.pk)
    if not unique or not has_consent(user, ConsentKind.BEHAVIORAL_TRACKING):
        return []
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(_LOCK, [user.pk])
        cursor.execute(
            _INSERT_MANY,
            {
                "user": user.pk,
                "source": source,
                "types": [row.interaction_type for row in unique],
                "data": [Jsonb(row.raw_data) for row in unique],
                "occurred": [row.occurred_at for row in unique],
                "received": [row.received_at for row in unique],
                "keys": [row.idempotency_key for row in unique],
            },
        )
        added = {key: log_id for log_id, key in cursor.fetchall()}
        if added:
            _project_many(
                user, [row for row in unique if row.idempotency_key in added], added, source
            )
    return list(added.values())


def _project_many(
    user: User, rows: Iterable[NewRow], log_ids: dict[str, UUID], source: str
) -> None:
    """Tells every projection of the new rows: at once where it has a form for many, else one by one."""
    happenings = [
        Happening(
            log_ids[row.idempotency_key],
            user,
            row.interaction_type,
            row.raw_data,
            source,
            row.occurred_at,
            row.received_at,
            None,
        )
        for row in rows
    ]
    keys = projections.keys()
    for key in keys:
        if key in many_projections:
            many_projections.get(key)(list(log_ids.values()))
        else:
            for happening in happenings:
                projections.get(key)(happening)


def _project(row: RawBehavioralLog) -> None:
    """Lets the domains derive from the new row what must stand or fall with it."""
    happening = Happening(
        row.pk,
        row.user,
        row.interaction_type,
        row.raw_data,
        row.source,
        row.occurred_at,
        row.received_at,
        row.message_id,
    )
    for project in projections:
        project(happening)


def _added(row: RawBehavioralLog) -> bool:
    """Whether the key was free. One statement that cannot fail, so it needs no savepoint of its own.

    The months do not know of each other's keys, hence the question; see the model.
    """
    fields = row._meta.concrete_fields
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
    marks = ", ".join(["%s"] * len(fields))
    table = connection.ops.quote_name(row._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {marks}"
            " WHERE coaching_ledger_key_free(%s, %s) ON CONFLICT DO NOTHING",
            [*values, row.user_id, row.idempotency_key],
        )
        return bool(cursor.rowcount)
