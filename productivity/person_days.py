"""What tasks say of people's own days, for many people at once."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.models import User
from productivity.models import Task, TaskEvent

_PEOPLE, _TASKS, _EVENTS = (model._meta.db_table for model in (User, Task, TaskEvent))


def _day(moment: str) -> str:
    """`accounts.day.local_day` in SQL: the clock on the wall, set back by the hour at which the day begins."""
    return (
        f"((({moment}) AT TIME ZONE person.timezone)"
        " - make_interval(hours => person.day_start_hour))::date"
    )


_TOLD = f"""
SELECT user_id, day, count(*)::float8, 0::float8 FROM (
    SELECT event.user_id, {_day("event.created_at")} AS day
    FROM {_EVENTS} AS event JOIN {_PEOPLE} AS person ON person.id = event.user_id
    WHERE event.user_id BETWEEN %(first)s AND %(last)s AND event.source <> 'system'
        AND event.created_at BETWEEN %(begin)s AND %(end)s
) AS told
WHERE day BETWEEN %(since)s AND %(until)s GROUP BY user_id, day
"""  # noqa: S608 - tables of ours
# The end of a whole day is the first moment of the next, so what is due on a day is told by `due_on`.
_DONE = f"""
SELECT user_id, day, sum(done)::float8, count(*)::float8 FROM (
    SELECT task.user_id, CASE
            WHEN task.due_at IS NULL THEN {_day("task.completed_at")}
            ELSE coalesce(task.due_on, {_day("task.due_at")})
        END AS day, CASE
            WHEN task.completed_at IS NULL THEN 0
            WHEN task.due_at IS NULL THEN 1
            ELSE ({_day("task.completed_at")} <= coalesce(task.due_on, {_day("task.due_at")}))::int
        END AS done
    FROM {_TASKS} AS task JOIN {_PEOPLE} AS person ON person.id = task.user_id
    WHERE task.user_id BETWEEN %(first)s AND %(last)s AND task.deleted_at IS NULL
        AND (task.due_at BETWEEN %(begin)s AND %(end)s
            OR (task.due_at IS NULL AND task.parent_id IS NULL
                AND task.completed_at BETWEEN %(begin)s AND %(end)s))
) AS asked
WHERE day BETWEEN %(since)s AND %(until)s GROUP BY user_id, day
"""  # noqa: S608 - tables of ours
Row = tuple[UUID, date, float, float]


def told_between(first_id: UUID, last_id: UUID, since: date, until: date) -> Iterator[Row]:
    """How many changes of tasks everybody with an id in the range told on each of their days. One query."""
    return _rows(_TOLD, first_id, last_id, since, until)


def done_between(first_id: UUID, last_id: UUID, since: date, until: date) -> Iterator[Row]:
    """Of what was due on each day, how much was done by its end; what had no date counts on the day it was done."""
    return _rows(_DONE, first_id, last_id, since, until)


def _rows(sql: str, first_id: UUID, last_id: UUID, since: date, until: date) -> Iterator[Row]:
    parameters: dict[str, Any] = {
        "first": first_id,
        "last": last_id,
        "since": since,
        "until": until,
        # No day of anybody begins or ends further away than this.
        "begin": datetime.combine(since - timedelta(days=1), time(), UTC),
        "end": datetime.combine(until + timedelta(days=3), time(), UTC),
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        yield from cursor.fetchall()
