"""The one record of what people do.

Every domain change calls `record` inside its own transaction, so that the row is committed with the
change or not at all. Scores, patterns and predictions are derived from these rows and can be rebuilt.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from accounts.consent import has_consent
from accounts.models import ConsentKind, User
from coaching import context_cache
from coaching.models.ledger import RawBehavioralLog
from coaching.toolkit import Happening, projections

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
