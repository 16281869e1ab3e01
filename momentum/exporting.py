"""Files for analysts: Parquet, a month a file, of people who agree to it now, under pseudonyms.

Rows stream from the database as text in chunks of `CHUNK`, and `ROWS` of them become a row group: memory stays
the same however much there is. A file stands under its name only once it is whole.

    DIR/events/year=2026/month=11/events.parquet
"""

import contextlib
import hashlib
import hmac
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from accounts.models import User
from coaching.learning_permission import agreed_people
from coaching.models import RawBehavioralLog
from coaching.partitioning import month_after, months_between
from momentum.models import MomentumEvent, MomentumPillar

# Rows that are text in memory at once, and rows of one group in the file.
CHUNK, ROWS = 20_000, 100_000
# Raised whenever a column changes its name, type or meaning.
SCHEMA_VERSION = 1
_ABOUT = b"habyss.export"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file: its SQL, its Arrow type, and whether its text is replaced by a pseudonym."""

    name: str
    type: str
    sql: str = ""
    is_pseudonym: bool = False
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """What can be exported: where it is, which column tells the month, and what of it is told."""

    name: str
    source: str
    key: str
    key_is_date: bool
    columns: tuple[Column, ...]


_WHO = Column("user", "string", "user_id", True, "Pseudonym of the person")
_DAY = "The person's own day"
_UTC = "UTC"
# Words of the record that are codes. Other words may be a person's own, so only numbers, yes or no, and dates
# leave the house beside them.
_CODES = ("channel", "kind", "metric", "source", "status", "tile")
_PLAIN_DATA = """(
    SELECT jsonb_object_agg(key, value) FROM jsonb_each(raw_data)
    WHERE jsonb_typeof(value) IN ('number', 'boolean') OR jsonb_typeof(value) = 'string' AND (
        key IN (CODES) OR value #>> '{}' ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'
    )
)""".replace("CODES", ", ".join(f"'{code}'" for code in _CODES))

TABLES = {
    table.name: table
    for table in (
        Table(
            "events",
            MomentumEvent._meta.db_table,
            "local_date",
            True,
            (
                _WHO,
                Column("local_date", "date", meaning=_DAY),
                Column("event_type", "string", meaning="What happened: <domain>.<what>"),
                Column("kind", "string", "tag", meaning="The kind of signal"),
                Column("pillar", "string", meaning="cognitive, behavioral, relational, biometric"),
                Column("subject", "string", "subject", True, "Pseudonym of what it is about"),
                Column("raw_value", "float", meaning="In the unit of its type"),
                Column("normalized_score", "float", meaning="0 to 1"),
                Column("units", "float", meaning="How many occasions it speaks for"),
                Column("is_summary", "bool", meaning="Stands for the day's others of its kind"),
                Column("source", "string", meaning="web, api, chat, sms, call, import, system"),
                Column("occurred_at", "time", meaning=_UTC),
                Column("received_at", "time", meaning=_UTC),
                Column("normalizer_version", "string", meaning="What made the score"),
            ),
        ),
        Table(
            "pillars",
            MomentumPillar._meta.db_table,
            "date",
            True,
            (
                _WHO,
                Column("date", "date", meaning=_DAY),
                Column("version", "string", meaning="The scoring version"),
                *(
                    Column(f"{name}_score", "float", meaning="0 to 100; empty: no evidence")
                    for name in ("overall", "cognitive", "behavioral", "relational", "biometric")
                ),
                Column("coverage", "float", meaning="0 to 1: how fresh the evidence is"),
                Column("average_7", "float", meaning="Weighted mean of overall, 7 days"),
                Column("average_42", "float", meaning="Weighted mean of overall, 42 days"),
                Column("evidence_days", "int", meaning="Days with evidence so far"),
                Column("direction", "string", meaning="calibrating, rising, steady, easing"),
                Column("scored_at", "time", meaning=_UTC),
                Column("finalized_at", "time", meaning=f"{_UTC}; empty: provisional"),
                Column("revised_at", "time", meaning=_UTC),
            ),
        ),
        Table(
            "ledger",
            RawBehavioralLog._meta.db_table,
            "occurred_at",
            False,
            (
                _WHO,
                Column("occurred_at", "time", meaning=_UTC),
                Column("received_at", "time", meaning=_UTC),
                Column("interaction_type", "string", meaning="What happened: <domain>.<what>"),
                Column("source", "string", meaning="web, api, chat, sms, call, import, system"),
                Column("data", "string", _PLAIN_DATA, meaning="JSON: numbers, dates and codes"),
            ),
        ),
    )
}


class BadExport(Exception):
    """What is asked for cannot be exported; the text says why."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be exported. `first` and `last` are days, both included (for the ledger: of UTC)."""

    table: Table
    first: date
    last: date
    folder: Path
    people: tuple[UUID, ...] | None = None
    with_user_ids: bool = False
    resume: bool = False

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise BadExport("--from is after --to.")
        if self.last.year == date.max.year:
            raise BadExport(f"--to lies too far ahead: the year {self.last.year} has no end here.")


@dataclass(frozen=True, slots=True)
class Written:
    """How far an export is: rows of this month's file so far, and of all months."""

    month: date
    rows: int
    all_rows: int
    is_skipped: bool = False


ProgressFunction = Callable[[Written], None]


def exported_people(mails_or_ids: Sequence[str] = ()) -> QuerySet[User]:
    """Who may be in an export: people who agree to behavioural tracking now and are still here."""
    people = agreed_people()
    if mails_or_ids:
        mails = [text.lower() for text in mails_or_ids if "@" in text]
        ids = [_id(text) for text in mails_or_ids if "@" not in text]
        people = people.filter(email__in=mails) | people.filter(pk__in=ids)
    return people


def count(order: Order) -> dict[date, int]:
    """The rows of each month that the export would hold; months without any are left out."""
    found = {}
    for month in months_between(order.first, order.last):
        sql, parameters = _selection(order, month, "count(*)")
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            (rows,) = cursor.fetchone()
        if rows:
            found[month] = int(rows)
    return found


def export(order: Order, *, on_progress: ProgressFunction = lambda written: None) -> list[Path]:
    """Writes the files of `order`, month by month, and returns those that hold rows, the oldest first.

    A file is written beside its place and put there whole, instead of an older one; a month without rows has no
    file. With `resume`, files stay that were finished under the same order.
    """
    files = []
    done = 0
    for month in months_between(order.first, order.last):
        place = _place(order, month)
        if order.resume and (rows := _rows_already(order, month, place)) is not None:
            files.append(place)
            done += rows
            on_progress(Written(month, rows, done, is_skipped=True))
            continue
        rows = 0
        for rows in _write(order, month, place):
            on_progress(Written(month, rows, done + rows))
        done += rows
        if rows:
            files.append(place)
    return files


def arrow_schema(table: Table, metadata: dict[bytes, bytes] | None = None) -> Any:
    """The `pyarrow.Schema` of the files of `table`: the same whatever is in them."""
    import pyarrow

    types = {
        "string": pyarrow.string(),
        "float": pyarrow.float64(),
        "int": pyarrow.int64(),
        "bool": pyarrow.bool_(),
        "date": pyarrow.date32(),
        "time": pyarrow.timestamp("us", tz="UTC"),
    }
    fields = [
        pyarrow.field(column.name, types[column.type], metadata={"meaning": column.meaning})
        for column in table.columns
    ]
    return pyarrow.schema(fields, metadata=metadata)


# --- One file ---------------------------------------------------------------------------------------
def _write(order: Order, month: date, place: Path) -> Iterator[int]:
    """Writes the file of one month; yields how many rows it holds after each chunk."""
    import pyarrow
    from pyarrow import csv, parquet

    schema = arrow_schema(order.table, {_ABOUT: _about(order, month)})
    reading = csv.ReadOptions(column_names=schema.names)
    parsing = csv.ParseOptions(newlines_in_values=True)
    converting = csv.ConvertOptions(
        column_types=schema,
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,  # an empty text is quoted, a missing one is not
        true_values=["t"],
        false_values=["f"],
    )
    pseudonyms = () if order.with_user_ids else order.table.columns
    hidden = [number for number, column in enumerate(pseudonyms) if column.is_pseudonym]

    def read(chunk: bytes) -> Any:
        told = csv.read_csv(
            pyarrow.BufferReader(chunk),
            read_options=reading,
            parse_options=parsing,
            convert_options=converting,
        )
        for number in hidden:
            told = told.set_column(number, schema.field(number), _pseudonyms(told.column(number)))
        return told.cast(schema)

    # Readers of the folder pass by names that begin with a dot.
    part = place.with_name(f".{place.name}.{os.getpid()}.part")
    _remove_leftovers(place)
    waiting: list[Any] = []
    rows = 0
    with contextlib.ExitStack() as stack:
        stack.callback(part.unlink, missing_ok=True)
        writer = None
        for told in chain(map(read, _chunks(order, month)), [None]):
            if told is not None:
                waiting.append(told)
                rows += told.num_rows
                yield rows
            is_full = sum(each.num_rows for each in waiting) >= ROWS
            if waiting and (is_full or told is None):
                if writer is None:
                    place.parent.mkdir(parents=True, exist_ok=True)
                    made = parquet.ParquetWriter(part, schema, compression="zstd")
                    writer = stack.enter_context(made)
                writer.write_table(pyarrow.concat_tables(waiting), row_group_size=ROWS + CHUNK)
                waiting.clear()
        if writer is None:
            place.unlink(missing_ok=True)
            return
        writer.close()
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(place)


def _remove_leftovers(place: Path) -> None:
    """Removes what a killed export left beside `place`; a day later nobody writes it any more."""
    for left in place.parent.glob(f".{place.name}.*.part"):
        with contextlib.suppress(FileNotFoundError):  # another export was quicker
            if left.stat().st_mtime < time.time() - 86_400:
                left.unlink()


def _chunks(order: Order, month: date) -> Iterator[bytes]:
    """The month's rows as CSV, `ROWS` at a time, as the database hands them out."""
    told = ", ".join(column.sql or column.name for column in order.table.columns)
    select = connection.ops.compose_sql(*_selection(order, month, told))  # type: ignore[attr-defined]
    statement = f"COPY ({select}) TO STDOUT (FORMAT csv)"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        rows = iter(copy)
        while chunk := b"".join(islice(rows, CHUNK)):
            yield chunk


def _selection(order: Order, month: date, told: str) -> tuple[str, tuple[Any, ...]]:
    """SQL for the rows of one month that belong into the export."""
    people = exported_people()
    if order.people is not None:
        people = people.filter(pk__in=order.people)
    who, parameters = people.values("pk").query.sql_with_params()
    table = order.table
    low, high = _bounds(order, month)
    sql = (
        f"SELECT {told} FROM {connection.ops.quote_name(table.source)}"  # noqa: S608 - names of our own
        f" WHERE {table.key} >= %s AND {table.key} < %s AND user_id IN ({who})"
    )
    return sql, (low, high, *parameters)


def _bounds(order: Order, month: date) -> tuple[date | datetime, date | datetime]:
    low = max(month, order.first)
    high = min(month_after(month), order.last + timedelta(days=1))
    if order.table.key_is_date:
        return low, high
    return _midnight(low), _midnight(high)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _place(order: Order, month: date) -> Path:
    name = order.table.name
    folder = order.folder / name / f"year={month.year}" / f"month={month.month}"
    return folder / f"{name}.parquet"


# --- What a file says of itself ---------------------------------------------------------------------
def _about(order: Order, month: date) -> bytes:
    """Under which order a file was made: what `resume` compares."""
    low, high = _bounds(order, month)
    only = sorted(str(pk) for pk in order.people) if order.people is not None else None
    about = {
        "schema": SCHEMA_VERSION,
        "table": order.table.name,
        "from": low.isoformat(),
        "before": high.isoformat(),
        "people": _pseudonym(json.dumps(only)) if only is not None else "all",
        "pseudonyms": "none" if order.with_user_ids else _pseudonym("which key")[:8],
    }
    return json.dumps(about, sort_keys=True).encode()


def _rows_already(order: Order, month: date, place: Path) -> int | None:
    """The rows of a file that was finished under the same order, or `None`."""
    import pyarrow
    from pyarrow import parquet

    try:
        found = parquet.read_metadata(place)
    except (OSError, pyarrow.ArrowException):
        return None
    about = (found.metadata or {}).get(_ABOUT)
    return int(found.num_rows) if about == _about(order, month) else None


# --- Pseudonyms -------------------------------------------------------------------------------------
def pseudonym_of(user_id: UUID) -> str:
    """What stands for a person in files: the same in all of them, and not to be guessed without the secret."""
    return _pseudonym(str(user_id))


def _pseudonyms(column: Any) -> Any:
    """The same column with every text replaced by its pseudonym; each different one is worked out once."""
    import pyarrow
    from pyarrow import compute

    key = _key()
    told = compute.dictionary_encode(column.combine_chunks())
    if isinstance(told, pyarrow.ChunkedArray):
        told = told.combine_chunks()
    words = [_pseudonym(word, key) for word in told.dictionary.to_pylist()]
    return pyarrow.array(words, pyarrow.string()).take(told.indices)


def _pseudonym(text: str, key: bytes | None = None) -> str:
    return hmac.digest(key or _key(), text.encode(), "sha256")[:16].hex()


def _key() -> bytes:
    secret = settings.EXPORT_PSEUDONYM_KEY or f"pseudonyms of exports {settings.SECRET_KEY}"
    return hashlib.sha256(secret.encode()).digest()


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadExport(f"{text} is neither an address nor the id of a person.") from None
