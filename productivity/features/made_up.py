"""Made-up people in tables of their own, which stand before the real ones for one transaction and vanish with it.

So the measures of people with known traits go through the very statements that real people's do, and no row of
theirs is ever among real rows.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from .measuring import Asked, Counts, count
from .population import Made, MadeTask

TABLES = ("productivity_task", "productivity_taskevent")


@contextmanager
def in_tables(
    people: Iterable[Made], chosen: Callable[[MadeTask], bool] = lambda task: True
) -> Iterator[None]:
    """Within, the tables of tasks and their events hold these people's `chosen` tasks and nobody else's."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(
                f"CREATE TEMPORARY TABLE {table} (LIKE public.{table} INCLUDING INDEXES) ON COMMIT DROP"
            )
        _fill(cursor, people, chosen)
        for table in TABLES:
            cursor.execute(f"ANALYZE {table}")
        try:
            yield
        finally:
            # Within a larger transaction the real tables are to be back at once.
            cursor.execute(f"DROP TABLE {', '.join(f'pg_temp.{table}' for table in TABLES)}")


def asked_of(people: Iterable[Made], until: datetime) -> list[Asked]:
    """Everything of theirs up to `until`."""
    return [Asked(who.id, who.zone, until) for who in people]


def counts_of(people: Sequence[Made], until: datetime, batch: int = 500) -> Iterator[Counts]:
    """The counts of everybody as of `until`, some hundred at a time; within `in_tables`."""
    for start in range(0, len(people), batch):
        yield from count(asked_of(people[start : start + batch], until))


def _fill(cursor: Any, people: Iterable[Made], chosen: Callable[[MadeTask], bool]) -> None:
    """By COPY, the fastest way in. The keys of events are made so that they sort as they happened."""
    columns = (
        "id, user_id, title, description, status, due_at, category, priority, estimated_minutes, position,"
        " completed_at, snooze_count, edit_count, origin, origin_id, created_at, updated_at"
    )
    made = [(who, [task for task in who.tasks if chosen(task)]) for who in people]
    with cursor.copy(f"COPY productivity_task ({columns}) FROM STDIN") as copy:
        for who, tasks in made:
            for task in tasks:
                copy.write_row(_task_row(who, task))
    columns = "id, task_id, user_id, event_type, event_payload, source, created_at"
    with cursor.copy(f"COPY productivity_taskevent ({columns}) FROM STDIN") as copy:
        for who, tasks in made:
            for task in tasks:
                for at, each in enumerate(task.happenings):
                    key = UUID(int=(task.id.int & ~0xFFFF) | at)
                    payload = json.dumps({"before": each.before, "after": each.after})
                    copy.write_row((key, task.id, who.id, each.kind, payload, "web", each.at))


def _task_row(who: Made, task: MadeTask) -> tuple[Any, ...]:
    return (
        task.id,
        who.id,
        "Something to do",
        "",
        "completed" if task.completed_at else "pending",
        task.due_at,
        task.category,
        task.priority,
        task.minutes,
        0,
        task.completed_at,
        task.snoozes,
        task.edits,
        "",
        "",
        task.created_at,
        task.happenings[-1].at,
    )
