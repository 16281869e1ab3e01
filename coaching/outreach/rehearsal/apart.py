"""An empty copy of every table, for as long as a rehearsal lasts."""

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def empty_tables() -> Iterator[None]:
    """Puts an empty temporary table before each table of the product, and runs one transaction that is undone.

    Only this connection sees them, and it sees nothing else: real people are neither read nor locked, and
    nothing is left behind however the process ends. Nothing is committed, so that nothing waiting for a
    commit (tasks, live pages) ever starts.
    """
    # In a transaction of its own: a lock on the real tables must not outlive it and hold up a migration.
    with transaction.atomic(), connection.cursor() as cursor:
        names = [
            connection.ops.quote_name(table)
            for table in connection.introspection.django_table_names(only_existing=True)
        ]
        for name in names:
            cursor.execute(f"CREATE TEMPORARY TABLE {name} (LIKE {name} INCLUDING ALL)")
    try:
        with transaction.atomic():
            try:
                yield
            finally:
                transaction.set_rollback(True)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE {', '.join(f'pg_temp.{name}' for name in names)}")


def refresh_statistics() -> None:
    """Tells the planner how the temporary tables have grown; nobody else can."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r'"
        )
        tables = [connection.ops.quote_name(name) for (name,) in cursor.fetchall()]
        cursor.execute("ANALYZE " + ", ".join(tables))


def forget_what_waits_for_a_commit() -> None:
    """Lets go of effects that would follow a commit that never comes."""
    connection.run_on_commit.clear()


class _Counting(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.counts: Counter[str] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        cause = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
        event = str(record.msg).split(" ", 1)[0]
        self.counts[" ".join(filter(None, (record.levelname.lower(), event, cause)))] += 1


@contextmanager
def counted_log(name: str) -> Iterator[Counter[str]]:
    """Counts the warnings and errors of a logger by event and exception instead of writing them."""
    logger = logging.getLogger(name)
    handler = _Counting()
    propagate, logger.propagate = logger.propagate, False
    logger.addHandler(handler)
    try:
        yield handler.counts
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagate
