"""Snoozes that end: the tasks stand among the others again."""

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from coaching import context_cache
from coaching.outreach.live import announce_tile
from productivity.history import TILE
from productivity.models import Task, TaskEvent

MOST_AT_ONCE = 1000
_TASKS, _EVENTS = Task._meta.db_table, TaskEvent._meta.db_table
_WAKE = f"""
WITH over AS (
    SELECT id, snoozed_until FROM {_TASKS}
    WHERE status = 'snoozed' AND snoozed_until <= %(now)s
    ORDER BY snoozed_until LIMIT %(most)s
    FOR NO KEY UPDATE SKIP LOCKED
), woken AS (
    UPDATE {_TASKS} AS task
    SET status = 'pending', snoozed_until = NULL, updated_at = clock_timestamp()
    FROM over WHERE task.id = over.id
    RETURNING task.id, task.user_id, over.snoozed_until AS was
), told AS (
    INSERT INTO {_EVENTS} (id, task_id, user_id, event_type, event_payload, source, created_at)
    SELECT uuidv7(), id, user_id, 'modify', jsonb_build_object(
        'before', jsonb_build_object('status', 'snoozed', 'snoozed_until',
            to_char(was AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')),
        'after', jsonb_build_object('status', 'pending', 'snoozed_until', NULL)
    ), 'system', %(now)s
    FROM woken
)
SELECT user_id, count(*) FROM woken GROUP BY user_id
"""  # noqa: S608 - tables of ours


def wake_due(now: datetime) -> int:
    """Wakes the tasks of all people whose snooze is over, each with its event; returns how many.

    One statement for up to `MOST_AT_ONCE`, without waiting for tasks that are being changed: those come with the next
    sweep. Safe to run twice at once.
    """
    woken = 0
    while True:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(_WAKE, {"now": now, "most": MOST_AT_ONCE})
                found = cursor.fetchall()
            for user_id, _ in found:
                context_cache.invalidate(user_id)
                _announce(user_id)
        count = sum(number for _, number in found)
        woken += count
        if count < MOST_AT_ONCE:
            return woken


def _announce(user_id: UUID) -> None:
    transaction.on_commit(lambda: announce_tile(user_id, TILE), robust=True)
