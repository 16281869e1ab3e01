"""Tables kept in one part a month: dividing one, making months ahead, and letting old ones go.

A row whose month has no part of its own lands in the table's default part, so that nothing is ever refused;
`ensure_partitions` moves it out when it makes that month. Months are those of UTC, or of the date column.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.utils import OperationalError

# How long a change of the parts may make others wait before it gives up and leaves it to the next run.
LOCK_TIMEOUT = "2s"
# Months longer ago than this get no part of their own by themselves: a clock gone wrong makes no thousand tables.
OLDEST_MONTHS = 120


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a divided table: `month` is its first day, or `None` for the default part."""

    name: str
    month: date | None


# --- Months -----------------------------------------------------------------------------------------
def month_of(day: date) -> date:
    """The first day of the month of `day` (for a datetime: as it stands, which must be UTC)."""
    return date(day.year, day.month, 1)


def month_after(month: date, months: int = 1) -> date:
    """The first day of the month so many months after that of `month`; before it when negative."""
    count = month.year * 12 + month.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def months_between(first: date, last: date) -> Iterator[date]:
    """The months from that of `first` to that of `last`, both included."""
    month = month_of(first)
    while month <= last:
        yield month
        month = month_after(month)


# --- What there is ----------------------------------------------------------------------------------
def partition_key(table: str) -> str | None:
    """The column by which `table` is divided, or `None` when it is not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.attname FROM pg_partitioned_table p JOIN pg_attribute a"
            " ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]"
            " WHERE p.partrelid = to_regclass(%s)",
            [table],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def divided_tables() -> list[str]:
    """The names of all tables that are divided by month."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_partitioned_table JOIN pg_class c ON c.oid = partrelid"
            " WHERE relnamespace = current_schema()::regnamespace ORDER BY relname"
        )
        return [name for (name,) in cursor.fetchall()]


def parts_of(table: str) -> list[Part]:
    """All parts of `table`, the oldest month first and the default part last."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = to_regclass(%s)",
            [table],
        )
        names = [name for (name,) in cursor.fetchall()]
    parts = [Part(name, _month_in(name, table)) for name in names]
    return sorted(parts, key=lambda part: part.month or date.max)


def part_name(table: str, month: date) -> str:
    """The name of the part of `table` for the month of `month`."""
    return f"{table}_{month:%Y_%m}"


def _month_in(name: str, table: str) -> date | None:
    year, _, month = name.removeprefix(f"{table}_").partition("_")
    return date(int(year), int(month), 1) if year.isdigit() and month.isdigit() else None


def months_in_default(table: str) -> list[date]:
    """The months of which `table` holds rows in its default part."""
    key = _key(table)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT {_month(key)} FROM {_quoted(_default(table))} ORDER BY 1")  # noqa: S608 - names of our own tables
        return [month for (month,) in cursor.fetchall()]


# --- Making months ----------------------------------------------------------------------------------
def ensure_partitions(table: str, months: Iterable[date]) -> list[str]:
    """Makes the parts of `table` for `months` that are not there yet; returns the names of those made.

    Each month is a transaction of its own, in which rows of that month move out of the default part. Writers of
    the table wait meanwhile, readers for the last instant only: next to nothing when there are no such rows.
    Safe to run twice at once; not within a transaction.

    Raises `OperationalError` when somebody else holds the table for longer than `LOCK_TIMEOUT`; what was
    made until then stays.
    """
    there = {part.month for part in parts_of(table)}
    wanted = sorted({month_of(month) for month in months} - there)
    return [part_name(table, month) for month in wanted if _make(table, month)]


def keep_ahead(table: str, *, today: date, months: int) -> list[str]:
    """The daily work: makes the parts of this month, of `months` ahead, and of what fell into the default part.

    Rows of months more than `OLDEST_MONTHS` ago or not yet due stay where they are. A month that somebody
    holds is left to the next run. Returns the names of the parts made.
    """
    last = month_after(today, months)
    earliest = month_after(today, -OLDEST_MONTHS)
    fallen = [month for month in months_in_default(table) if earliest <= month <= last]
    made = []
    for month in sorted({*fallen, *months_between(today, last)}):
        try:
            made += ensure_partitions(table, [month])
        except OperationalError:
            continue
    return made


def keep_all_ahead(*, today: date) -> list[str]:
    """`keep_ahead` for every divided table, PARTITIONS_AHEAD_MONTHS ahead, and fresh statistics of the whole.

    PostgreSQL gathers those of the parts by itself, but never those of the table they are parts of.
    """
    made = []
    for table in divided_tables():
        made += keep_ahead(table, today=today, months=settings.PARTITIONS_AHEAD_MONTHS)
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {_quoted(table)}")
    return made


def tables_without(month: date) -> list[str]:
    """The divided tables that have no part for `month`."""
    return [
        table
        for table in divided_tables()
        if month_of(month) not in {part.month for part in parts_of(table)}
    ]


def _make(table: str, month: date) -> bool:
    """Makes the part of one month; false when it was there. The new part is filled first and attached last."""
    name, default, key = part_name(table, month), _default(table), _key(table)
    low, high = _bounds(table, key, month)
    inside = f"{key} >= {low} AND {key} < {high}"
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        _alone(cursor, table)
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [name])
        if cursor.fetchone()[0]:
            return False
        # With the parent's indexes and checks, and one of the month, attaching has nothing to build or to scan.
        cursor.execute(
            f"CREATE TABLE {_quoted(name)} (LIKE {_quoted(table)} INCLUDING ALL,"
            f" CONSTRAINT within_month CHECK ({key} IS NOT NULL AND {inside}))"
        )
        # Writers wait from here on, before they choose a part: whoever had chosen the default one would be refused
        # there once the month is attached.
        cursor.execute(f"LOCK TABLE ONLY {_quoted(table)} IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(
            f"WITH moved AS (DELETE FROM {_quoted(default)} WHERE {inside} RETURNING *)"  # noqa: S608 - names and bounds of our own
            f" INSERT INTO {_quoted(name)} SELECT * FROM moved"
        )
        cursor.execute(
            f"ALTER TABLE {_quoted(table)} ATTACH PARTITION {_quoted(name)}"
            f" FOR VALUES FROM ({low}) TO ({high})"
        )
        cursor.execute(f"ALTER TABLE {_quoted(name)} DROP CONSTRAINT within_month")
    return True


# --- Letting months go ------------------------------------------------------------------------------
def months_over(table: str, *, before: date) -> list[Part]:
    """The parts of `table` of which every row is older than the first of the month of `before`."""
    return [
        part for part in parts_of(table) if part.month is not None and part.month < month_of(before)
    ]


def drop_part(table: str, part: Part) -> bool:
    """Drops one month of `table` with all rows in it; false when it was gone, or somebody held it for too long."""
    if part.month is None:
        raise ValueError("The default part of a table is not dropped.")
    try:
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            _alone(cursor, table)
            cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [part.name])
            if not cursor.fetchone()[0]:
                return False
            cursor.execute(f"DROP TABLE {_quoted(part.name)}")
    except OperationalError:
        return False
    return True


def old_rows_in_default(table: str, *, before: date) -> int:
    """How many rows of the default part are older than the first of the month of `before`."""
    key = _key(table)
    low, _ = _bounds(table, key, month_of(before))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {_quoted(_default(table))} WHERE {key} < {low}")  # noqa: S608 - names and bounds of our own
        return int(cursor.fetchone()[0])


def delete_old_from_default(table: str, *, before: date, batch: int = 10_000) -> int:
    """Deletes what is older than the first of the month of `before` from the default part; `batch` rows at a time."""
    key, default = _key(table), _quoted(_default(table))
    low, _ = _bounds(table, key, month_of(before))
    statement = (
        f"DELETE FROM {default} WHERE ctid = ANY(ARRAY("  # noqa: S608 - names and bounds of our own
        f"SELECT ctid FROM {default} WHERE {key} < {low} LIMIT %s))"
    )
    gone = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(statement, [batch])
            if not cursor.rowcount:
                return gone
            gone += cursor.rowcount


# --- Dividing a table that is there, and the way back ------------------------------------------------
def divide(cursor: CursorWrapper, table: str, key: str, *, months: Iterable[date] = ()) -> None:
    """Turns `table` into one that is divided by month of `key`, with all its rows, indexes and constraints.

    Makes a part for every month of which there are rows, for `months`, and the default part. PostgreSQL wants
    the key in whatever is unique, so it joins the primary key and the unique constraints. For migrations.
    """
    cursor.execute(f"LOCK TABLE {_quoted(table)} IN ACCESS EXCLUSIVE MODE")
    cursor.execute(f"SELECT DISTINCT {_month(key)} FROM {_quoted(table)}")  # noqa: S608 - names of our own tables
    present = {month for (month,) in cursor.fetchall()}

    def parts() -> None:
        default = f"{table}_default"
        cursor.execute(f"CREATE TABLE {_quoted(default)} PARTITION OF {_quoted(table)} DEFAULT")
        for month in sorted(present | {month_of(month) for month in months}):
            low, high = _bounds(table, key, month)
            cursor.execute(
                f"CREATE TABLE {_quoted(part_name(table, month))} PARTITION OF {_quoted(table)}"
                f" FOR VALUES FROM ({low}) TO ({high})"
            )

    def with_key(name: str, columns: list[str]) -> list[str]:
        return columns if key in columns else [*columns, key]

    _rebuild(cursor, table, f"PARTITION BY RANGE ({key})", with_key, parts)


def undivide(
    cursor: CursorWrapper, table: str, key: str, *, unique: Mapping[str, Sequence[str]]
) -> None:
    """The way back: one table with all rows. `unique` names the columns of unique constraints as they were."""

    def without_key(name: str, columns: list[str]) -> list[str]:
        return list(unique.get(name) or [column for column in columns if column != key])

    _rebuild(cursor, table, "", without_key, lambda: None)


def _rebuild(
    cursor: CursorWrapper,
    table: str,
    clause: str,
    columns_of: Callable[[str, list[str]], list[str]],
    make_parts: Callable[[], None],
) -> None:
    """Builds `table` anew beside itself and fills it; indexes come after the rows, which is quicker."""
    old = f"{table}_before"
    cursor.execute(
        "SELECT conname, contype::text, pg_get_constraintdef(oid), ARRAY("
        " SELECT attname::text FROM unnest(conkey) WITH ORDINALITY AS k(number, place)"
        " JOIN pg_attribute ON attrelid = conrelid AND attnum = k.number ORDER BY place)"
        " FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('p', 'u', 'f') ORDER BY contype DESC",
        [table],
    )
    constraints = cursor.fetchall()
    cursor.execute(
        "SELECT replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ') FROM pg_index"
        " WHERE indrelid = %s::regclass"
        " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)",
        [table],
    )
    indexes = [definition for (definition,) in cursor.fetchall()]
    cursor.execute(f"ALTER TABLE {_quoted(table)} RENAME TO {_quoted(old)}")
    like = "INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING COMMENTS"
    cursor.execute(f"CREATE TABLE {_quoted(table)} (LIKE {_quoted(old)} {like}) {clause}")
    make_parts()
    cursor.execute(f"INSERT INTO {_quoted(table)} SELECT * FROM {_quoted(old)}")  # noqa: S608 - names of our own tables
    cursor.execute(f"DROP TABLE {_quoted(old)}")
    for name, kind, definition, columns in constraints:
        if kind in "pu":
            listed = ", ".join(map(_quoted, columns_of(name, columns)))
            definition = f"{'PRIMARY KEY' if kind == 'p' else 'UNIQUE'} ({listed})"
        cursor.execute(f"ALTER TABLE {_quoted(table)} ADD CONSTRAINT {_quoted(name)} {definition}")
    for definition in indexes:
        cursor.execute(definition)


# --- SQL --------------------------------------------------------------------------------------------
def _alone(cursor: CursorWrapper, table: str) -> None:
    """Two who change the parts of one table do so one after the other."""
    cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"parts of {table}"])


def _key(table: str) -> str:
    key = partition_key(table)
    if key is None:
        raise ValueError(f"{table} is not divided by month.")
    return key


def _default(table: str) -> str:
    return f"{table}_default"


def _month(key: str) -> str:
    """SQL: the first day of the month of `key`, whether it is a date or a moment."""
    return f"date_trunc('month', {key}::timestamptz AT TIME ZONE 'UTC')::date"


def _bounds(table: str, key: str, month: date) -> tuple[str, str]:
    """SQL: where a month begins and where the next one does, for a date column or one of moments."""
    zone = "" if _is_date(table, key) else " 00:00:00+00"
    return f"'{month_of(month)}{zone}'", f"'{month_after(month)}{zone}'"


def _is_date(table: str, key: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT atttypid = 'date'::regtype FROM pg_attribute"
            " WHERE attrelid = %s::regclass AND attname = %s",
            [table, key],
        )
        return bool(cursor.fetchone()[0])


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
