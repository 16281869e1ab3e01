"""Tables kept by month: divided with all they hold, made ahead, nothing lost on the way, old months let go."""

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.checks import run_checks
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching import partitioning, retention
from coaching.models import RawBehavioralLog
from coaching.partitioning import divide, ensure_partitions, keep_ahead, parts_of, undivide
from coaching.tasks import keep_partitions

TABLE = "things_by_month"
OCTOBER, NOVEMBER, DECEMBER = date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)


def months(table: str = TABLE) -> list[date | None]:
    return [part.month for part in parts_of(table)]


def put(user: User, at: datetime, key: str | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {TABLE} (id, user_id, key, at) VALUES (%s, %s, %s, %s)",  # noqa: S608 - a table of this test
            [uuid4(), user.pk, key or uuid4().hex, at],
        )


def where(table: str = TABLE) -> dict[str, int]:
    """How many rows each part holds."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT tableoid::regclass::text, count(*) FROM {table} GROUP BY 1")  # noqa: S608 - a table of this test
        return dict(cursor.fetchall())


def definitions(table: str = TABLE) -> set[tuple[str, str]]:
    """All constraints and indexes of a table, as PostgreSQL words them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass"
            " UNION ALL SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
            " WHERE indrelid = %s::regclass",
            [table, table],
        )
        return set(cursor.fetchall())


@pytest.fixture
def whole(transactional_db: None) -> Iterator[None]:
    """A plain table with all that a model's table may have."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE {TABLE} (id uuid PRIMARY KEY, user_id uuid NOT NULL REFERENCES accounts_user (id)"
            " DEFERRABLE INITIALLY DEFERRED, key varchar(80) NOT NULL, at timestamptz NOT NULL,"
            " CONSTRAINT things_key UNIQUE (user_id, key), CONSTRAINT things_named CHECK (key <> ''))"
        )
        cursor.execute(f"CREATE INDEX things_time ON {TABLE} (user_id, at DESC)")
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {TABLE}")


@pytest.fixture
def divided(whole: None) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        divide(cursor, TABLE, "at", months=[NOVEMBER])


@pytest.fixture
def ada(transactional_db: None) -> User:
    return UserFactory()


# --- Months -----------------------------------------------------------------------------------------
@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(-400, 400))
def test_months_can_be_counted_forth_and_back(day: date, count: int) -> None:
    there = partitioning.month_after(day, count)
    assert there.day == 1
    assert partitioning.month_after(there, -count) == partitioning.month_of(day)
    between = list(partitioning.months_between(min(day, there), max(day, there)))
    assert len(between) == abs(count) + 1


# --- Dividing ---------------------------------------------------------------------------------------
def test_a_table_is_divided_with_its_rows_indexes_and_constraints(whole: None, ada: User) -> None:
    edges = [
        datetime(2026, 9, 30, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2026, 10, 1, tzinfo=UTC),
        datetime(2026, 10, 31, 23, tzinfo=UTC),
    ]
    for at in edges:
        put(ada, at)
    with transaction.atomic(), connection.cursor() as cursor:
        divide(cursor, TABLE, "at", months=[NOVEMBER])
    assert months() == [date(2026, 9, 1), OCTOBER, NOVEMBER, None]
    assert where() == {f"{TABLE}_2026_09": 1, f"{TABLE}_2026_10": 2}
    found = dict(definitions())
    assert found["things_by_month_pkey"].endswith("(id, at)")
    assert "(user_id, key, at)" in found["things_key"]
    assert found["things_named"].startswith("CHECK")
    assert "(user_id, at DESC)" in found["things_time"]
    assert "DEFERRABLE INITIALLY DEFERRED" in found["things_by_month_user_id_fkey"]
    with pytest.raises(IntegrityError):
        put(User(id=uuid4()), edges[0])


def test_the_way_back_restores_the_table_as_it_was(whole: None, ada: User) -> None:
    before = definitions()
    for day in range(0, 200, 10):
        put(ada, datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day))
    with transaction.atomic(), connection.cursor() as cursor:
        divide(cursor, TABLE, "at")
        put(ada, datetime(2030, 1, 1, tzinfo=UTC))
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        undivide(cursor, TABLE, "at", unique={"things_key": ["user_id", "key"]})
    assert definitions() == before
    assert where() == {TABLE: 21}
    assert partitioning.partition_key(TABLE) is None


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_ledger_keeps_its_rows_through_its_migration_and_back() -> None:
    after = MigrationExecutor(connection).loader.graph.leaf_nodes()
    before = ("coaching", "0016_vectors_to_make")
    moments = [datetime(2025, 3, 31, 23, 59, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)]

    def told() -> list[tuple[UUID, str, datetime]]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, idempotency_key, occurred_at FROM coaching_rawbehaviorallog ORDER BY occurred_at"
            )
            return cursor.fetchall()

    ada = UserFactory()
    try:
        MigrationExecutor(connection).migrate([before])
        assert partitioning.partition_key(retention.LEDGER) is None
        with connection.cursor() as cursor:
            for key, at in enumerate(moments):
                cursor.execute(
                    "INSERT INTO coaching_rawbehaviorallog (id, user_id, interaction_type, raw_data, source,"
                    " occurred_at, received_at, idempotency_key) VALUES (%s, %s, 'x', '{}', 'web', %s, %s, %s)",
                    [uuid4(), ada.pk, at, at, str(key)],
                )
        rows = told()
        MigrationExecutor(connection).migrate(after)
        assert told() == rows
        assert {date(2025, 3, 1), NOVEMBER} <= set(months(retention.LEDGER))
        MigrationExecutor(connection).migrate([before])
        assert told() == rows
        assert partitioning.partition_key(retention.LEDGER) is None
    finally:
        MigrationExecutor(connection).migrate(after)
        assert ("coaching", "0017_ledger_by_month") in MigrationRecorder(
            connection
        ).applied_migrations()
        with connection.cursor() as cursor:
            partitioning.drop_part(
                retention.LEDGER,
                partitioning.Part(f"{retention.LEDGER}_2025_03", date(2025, 3, 1)),
            )


# --- Making months ----------------------------------------------------------------------------------
def test_a_month_made_later_takes_its_rows_out_of_the_default_part(
    divided: None, ada: User
) -> None:
    put(ada, datetime(2026, 12, 1, tzinfo=UTC))
    put(ada, datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=UTC))
    put(ada, datetime(2027, 1, 1, tzinfo=UTC))
    assert partitioning.months_in_default(TABLE) == [DECEMBER, date(2027, 1, 1)]
    assert ensure_partitions(TABLE, [date(2026, 12, 24), DECEMBER]) == [f"{TABLE}_2026_12"]
    assert where() == {f"{TABLE}_2026_12": 2, f"{TABLE}_default": 1}
    assert ensure_partitions(TABLE, [DECEMBER]) == []


def test_a_month_made_later_has_all_the_others_have(divided: None, ada: User) -> None:
    ensure_partitions(TABLE, [DECEMBER])

    def shapes(part: str) -> set[str]:
        return {text.replace(part, "") for _, text in definitions(part)}

    assert shapes(f"{TABLE}_2026_12") == shapes(f"{TABLE}_2026_11")


def test_the_daily_work_makes_months_ahead_and_tidies_the_default_part(
    divided: None, ada: User
) -> None:
    put(ada, datetime(2024, 2, 29, tzinfo=UTC))
    put(ada, datetime(1970, 1, 1, tzinfo=UTC))
    put(ada, datetime(2150, 1, 1, tzinfo=UTC))
    made = keep_ahead(TABLE, today=date(2026, 11, 21), months=3)
    ahead = [NOVEMBER, DECEMBER, date(2027, 1, 1), date(2027, 2, 1)]
    assert months() == [date(2024, 2, 1), *ahead, None]
    assert len(made) == 4
    assert where() == {f"{TABLE}_2024_02": 1, f"{TABLE}_default": 2}
    assert keep_ahead(TABLE, today=date(2026, 11, 21), months=3) == []


def test_the_daily_task_sees_to_every_divided_table(divided: None, ada: User) -> None:
    put(ada, datetime(2026, 11, 5, tzinfo=UTC))
    ahead = partitioning.month_after(datetime.now(UTC).date(), 3)
    keep_partitions()
    with connection.cursor() as cursor:
        cursor.execute("SELECT attname FROM pg_stats WHERE tablename = %s AND inherited", [TABLE])
        assert ("user_id",) in cursor.fetchall()
    assert ahead in months()
    assert ahead in months(retention.LEDGER)
    assert partitioning.tables_without(ahead) == []


def test_two_may_make_the_same_months_at_once(divided: None, ada: User) -> None:
    for day in range(60):
        put(ada, datetime(2026, 12, 1, tzinfo=UTC) + timedelta(days=day))
    barrier = threading.Barrier(2)
    made: list[str] = []

    def make() -> None:
        barrier.wait()
        made.extend(keep_ahead(TABLE, today=date(2026, 11, 21), months=2))
        connection.close()

    threads = [threading.Thread(target=make) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [f"{TABLE}_2026_12", f"{TABLE}_2027_01"]
    assert where() == {f"{TABLE}_2026_12": 31, f"{TABLE}_2027_01": 29}


def test_no_row_is_lost_that_comes_while_its_month_is_made(divided: None, ada: User) -> None:
    stop = threading.Event()
    written: list[int] = []

    def write() -> None:
        count = 0
        while not stop.is_set() and count < 2000:
            put(ada, datetime(2026, 12, 5, tzinfo=UTC) + timedelta(minutes=count))
            count += 1
        written.append(count)
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    while not where().get(f"{TABLE}_default"):
        pass
    ensure_partitions(TABLE, [DECEMBER])
    stop.set()
    writer.join()
    assert where() == {f"{TABLE}_2026_12": written[0]}


def test_a_month_that_somebody_holds_is_left_to_the_next_run(
    divided: None, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitioning, "LOCK_TIMEOUT", "50ms")
    put(ada, datetime(2026, 12, 5, tzinfo=UTC))
    holds, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            put(ada, datetime(2026, 12, 6, tzinfo=UTC))
            holds.set()
            done.wait(20)
        connection.close()

    other = threading.Thread(target=hold)
    other.start()
    holds.wait(20)
    try:
        assert keep_ahead(TABLE, today=date(2026, 11, 21), months=1) == []
        assert where() == {f"{TABLE}_default": 1}
    finally:
        done.set()
        other.join()
    assert keep_ahead(TABLE, today=date(2026, 11, 21), months=1) == [f"{TABLE}_2026_12"]
    assert where() == {f"{TABLE}_2026_12": 2}


def test_months_are_not_made_within_a_transaction(divided: None) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        ensure_partitions(TABLE, [DECEMBER])


def test_a_table_that_is_not_divided_is_refused(whole: None) -> None:
    with pytest.raises(ValueError, match="not divided"):
        ensure_partitions(TABLE, [DECEMBER])


def test_a_missing_coming_month_is_told_by_the_checks(divided: None) -> None:
    def warnings() -> list[str]:
        return [
            found.msg for found in run_checks(databases=["default"]) if found.id == "coaching.W001"
        ]

    assert any(TABLE in text for text in warnings())
    keep_ahead(TABLE, today=datetime.now(UTC).date(), months=1)
    assert not any(TABLE in text for text in warnings())


@pytest.mark.parametrize("name", ["PARTITIONS_AHEAD_MONTHS", "LEDGER_KEEP_MONTHS"])
def test_months_below_zero_are_refused(name: str) -> None:
    with override_settings(**{name: -1}):
        assert "coaching.E003" in {found.id for found in run_checks()}


# --- Letting go -------------------------------------------------------------------------------------
def test_whole_months_go_that_the_policy_does_not_keep(divided: None, ada: User) -> None:
    for at in (datetime(2026, 7, 31, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC)):
        put(ada, at)
    ensure_partitions(TABLE, [date(2026, 7, 1), date(2026, 8, 1)])
    put(ada, datetime(2020, 1, 1, tzinfo=UTC))  # in the default part
    today = date(2026, 11, 21)
    would = retention.let_go(TABLE, keep_months=3, today=today, dry_run=True)
    assert sum(where().values()) == 3
    gone = retention.let_go(TABLE, keep_months=3, today=today)
    assert gone == would
    assert [(one.place, one.rows) for one in gone] == [
        (f"{TABLE}_2026_07", 1),
        (f"{TABLE}_default", 1),
    ]
    assert where() == {f"{TABLE}_2026_08": 1}
    assert retention.let_go(TABLE, keep_months=3, today=today) == []


def test_zero_months_means_for_ever(divided: None, ada: User) -> None:
    put(ada, datetime(1999, 1, 1, tzinfo=UTC))
    assert retention.let_go(TABLE, keep_months=0, today=date(2026, 11, 21)) == []
    assert sum(where().values()) == 1


def test_the_default_part_is_never_dropped(divided: None) -> None:
    default = parts_of(TABLE)[-1]
    with pytest.raises(ValueError, match="default"):
        partitioning.drop_part(TABLE, default)


# --- What reads the ledger ---------------------------------------------------------------------------
def _parts_read(queryset_sql: str, parameters: Any) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {queryset_sql}", parameters)
        (plan,) = cursor.fetchone()
    found: set[str] = set()

    def walk(node: dict) -> None:
        if "Relation Name" in node:
            found.add(node["Relation Name"])
        for child in node.get("Plans", []):
            walk(child)

    walk(plan[0]["Plan"])
    return found


@pytest.mark.django_db
def test_a_month_of_one_person_touches_that_month_only() -> None:
    november = datetime(2026, 11, 1, tzinfo=UTC)
    with connection.cursor() as cursor:
        for month in ("2026_09", "2026_10"):
            low = f"{month[:4]}-{month[5:]}-01"
            cursor.execute(
                f"CREATE TABLE IF NOT EXISTS coaching_rawbehaviorallog_{month} PARTITION OF"
                f" coaching_rawbehaviorallog FOR VALUES FROM ('{low}Z') TO (timestamptz '{low}Z' + interval '1 month')"
            )
    rows = RawBehavioralLog.objects.filter(
        user_id=uuid4(),
        occurred_at__gte=datetime(2026, 10, 1, tzinfo=UTC),
        occurred_at__lt=november,
    )
    sql, parameters = rows.query.sql_with_params()
    assert _parts_read(sql, parameters) == {"coaching_rawbehaviorallog_2026_10"}
    typed = rows.filter(interaction_type="habit.completed")
    assert _parts_read(*typed.query.sql_with_params()) == {"coaching_rawbehaviorallog_2026_10"}


@pytest.mark.django_db
def test_whether_a_key_is_known_is_looked_up_by_index_in_every_month() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT proconfig FROM pg_proc WHERE proname = 'coaching_ledger_key_free'")
        ((settings_of_it,),) = cursor.fetchall()
        assert "enable_seqscan=off" in settings_of_it
        # As the function plans it, while every month is still empty.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT FROM coaching_rawbehaviorallog WHERE user_id = %s AND idempotency_key = 'x'",
            [uuid4()],
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Seq Scan" not in plan
    assert plan.count("Index") >= len(parts_of(retention.LEDGER))


@pytest.mark.django_db
def test_rows_can_be_read_changed_and_deleted_by_their_key_alone() -> None:
    at = datetime(2026, 11, 3, tzinfo=UTC)
    rows = [
        RawBehavioralLog(
            user=UserFactory(),
            interaction_type="x",
            source="web",
            occurred_at=at - timedelta(days=400 * n),
            idempotency_key="1",
        )
        for n in range(2)
    ]
    RawBehavioralLog.objects.bulk_create(rows)
    RawBehavioralLog.objects.bulk_create(rows, ignore_conflicts=True)
    assert RawBehavioralLog.objects.count() == 2
    row = RawBehavioralLog.objects.get(pk=rows[1].pk)
    row.source = "api"
    row.save()
    assert RawBehavioralLog.objects.filter(source="api").count() == 1
    row.delete()
    rows[0].user.delete()
    assert not RawBehavioralLog.objects.exists()
