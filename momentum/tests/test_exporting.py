"""Files for analysts hold what is there, of those who agree, and tell nobody who they are."""

import json
import os
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings
from pyarrow import dataset, parquet

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.models import RawBehavioralLog
from momentum import exporting
from momentum.exporting import TABLES, BadExport, Order, Written, arrow_schema, export, pseudonym_of
from momentum.models import MomentumEvent, MomentumPillar
from momentum.tests.factories import TrackedUserFactory, add_events, agree, an_event

pytestmark = pytest.mark.django_db
OCTOBER, NOVEMBER = date(2026, 10, 31), date(2026, 11, 1)


@pytest.fixture
def ada() -> User:
    return TrackedUserFactory()


def order(folder: Path, table: str = "events", **more: Any) -> Order:
    given = {"first": date(2026, 10, 1), "last": date(2026, 11, 30)} | more
    return Order(table=TABLES[table], folder=folder, **given)


def rows_in(folder: Path, table: str = "events") -> list[dict[str, Any]]:
    return dataset.dataset(folder / table, partitioning="hive").to_table().to_pylist()


def run(folder: Path, *more: str, first: str = "2026-10-01", last: str = "2026-11-30") -> str:
    out = StringIO()
    call_command(
        "export_events", f"--from={first}", f"--to={last}", f"--out={folder}", *more, stdout=out
    )
    return out.getvalue()


# --- What is in them --------------------------------------------------------------------------------
def test_events_come_back_as_they_are_with_their_types(ada: User, tmp_path: Path) -> None:
    at = datetime(2026, 10, 31, 23, 59, 59, 123456, tzinfo=UTC)
    event = an_event(
        ada, OCTOBER, raw_value=0.1 + 0.2, normalized_score=1 / 3, occurred_at=at, units=3
    )
    add_events([event, an_event(ada, NOVEMBER, kind="sleep", is_summary=True)])
    assert run(tmp_path) == "2 rows in 2 files.\n"
    table = parquet.read_table(tmp_path / "events/year=2026/month=10/events.parquet")
    schema = arrow_schema(TABLES["events"])
    assert [(field.name, field.type) for field in table.schema][: len(schema)] == [
        (field.name, field.type) for field in schema
    ]
    october, november = sorted(rows_in(tmp_path), key=lambda row: row["local_date"])
    assert october["local_date"] == OCTOBER
    assert october["occurred_at"] == at
    assert october["raw_value"] == 0.1 + 0.2
    assert october["normalized_score"] == 1 / 3
    assert (october["units"], october["is_summary"], november["is_summary"]) == (3, False, True)
    assert (october["kind"], november["kind"]) == ("action_step", "sleep")
    assert (october["year"], october["month"]) == (2026, 10)


def test_texts_with_commas_quotes_and_lines_come_back_and_empty_is_not_missing(
    ada: User, tmp_path: Path
) -> None:
    texts = ['a,"b"', "two\nlines", "", "t", "NULL", "ümläut"]
    add_events(an_event(ada, OCTOBER, normalizer_version=text) for text in texts)
    export(order(tmp_path))
    assert {row["normalizer_version"] for row in rows_in(tmp_path)} == set(texts)


def test_daily_scores_tell_missing_from_zero(ada: User, tmp_path: Path) -> None:
    MomentumPillar.objects.create(
        user=ada, date=OCTOBER, overall_score=0, behavioral_score=0, evidence_days=3
    )
    run(tmp_path, "--table=pillars")
    (row,) = rows_in(tmp_path, "pillars")
    assert (row["overall_score"], row["cognitive_score"], row["evidence_days"]) == (0.0, None, 3)
    assert row["finalized_at"] is None


def test_of_the_ledger_only_numbers_dates_and_codes_are_told(ada: User, tmp_path: Path) -> None:
    data = {"metric": "steps", "value": 4200, "local_date": "2026-10-31", "ok": True}
    words = {"text": "my secret goal", "name": "Ada", "nested": {"text": "secret"}}
    RawBehavioralLog.objects.create(
        user=ada,
        interaction_type="biometrics.steps",
        raw_data=data | words,
        source="api",
        occurred_at=datetime(2026, 10, 31, 23, 30, tzinfo=UTC),
        idempotency_key="secret-key",
    )
    run(tmp_path, "--table=ledger")
    (row,) = rows_in(tmp_path, "ledger")
    assert json.loads(row["data"]) == data
    assert (row["month"], row["interaction_type"]) == (10, "biometrics.steps")


def test_only_the_days_asked_for_are_in_them(ada: User, tmp_path: Path) -> None:
    days = [date(2026, 10, day) for day in (4, 5, 6, 7)]
    add_events(an_event(ada, day) for day in days)
    run(tmp_path, first="2026-10-05", last="2026-10-06")
    assert sorted(row["local_date"] for row in rows_in(tmp_path)) == days[1:3]


@pytest.mark.parametrize("table", list(TABLES))
def test_every_table_has_one_schema_however_little_is_in_it(table: str, tmp_path: Path) -> None:
    assert export(order(tmp_path, table)) == []
    assert all(field.metadata[b"meaning"] for field in arrow_schema(TABLES[table]))


# --- Who is in them ---------------------------------------------------------------------------------
def test_only_people_who_agree_now_are_in_them(ada: User, tmp_path: Path) -> None:
    never = UserFactory()
    withdrew, gone = TrackedUserFactory(), TrackedUserFactory()
    people: list[Any] = [ada, never, withdrew, gone]
    add_events(an_event(each, OCTOBER) for each in people)
    agree(withdrew, False)
    User.objects.filter(pk=gone.pk).update(deleted_at=datetime(2026, 11, 1, tzinfo=UTC))
    run(tmp_path)
    assert [row["user"] for row in rows_in(tmp_path)] == [pseudonym_of(ada.pk)]


def test_who_withdrew_is_gone_from_the_file_after_the_next_export(
    ada: User, tmp_path: Path
) -> None:
    add_events([an_event(ada, OCTOBER)])
    run(tmp_path)
    agree(ada, False)
    assert run(tmp_path) == "0 rows in 0 files.\n"
    assert not list(tmp_path.rglob("*.parquet"))


def test_nothing_in_a_file_tells_who_somebody_is(ada: User, tmp_path: Path) -> None:
    habit = uuid4()
    event = an_event(ada, OCTOBER, subject=f"action_step:{habit}")
    add_events([event, an_event(ada, NOVEMBER, subject=f"action_step:{habit}")])
    run(tmp_path)
    told = str(rows_in(tmp_path))
    secrets = (str(ada.pk), ada.email, str(habit), str(event.pk), str(event.log_id))
    assert not [each for each in secrets if each in told]
    # The same thing has the same pseudonym in all files, so that its days belong together.
    assert len({row["subject"] for row in rows_in(tmp_path)}) == 1
    with override_settings(EXPORT_PSEUDONYM_KEY="another"):
        assert pseudonym_of(ada.pk) not in told


def test_real_ids_are_told_only_when_asked_for(ada: User, tmp_path: Path) -> None:
    add_events([an_event(ada, OCTOBER, subject="a:b")])
    run(tmp_path, "--with-user-ids")
    assert [(row["user"], row["subject"]) for row in rows_in(tmp_path)] == [(str(ada.pk), "a:b")]


def test_some_people_can_be_chosen_by_address_or_id(
    ada: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    others: list[Any] = [TrackedUserFactory(), TrackedUserFactory(), UserFactory()]
    add_events([an_event(each, OCTOBER) for each in [ada, *others]])
    run(tmp_path, "--users", ada.email.upper(), str(others[0].pk), str(others[2].pk))
    chosen = {pseudonym_of(ada.pk), pseudonym_of(others[0].pk)}
    assert {row["user"] for row in rows_in(tmp_path)} == chosen
    assert "2 of 3 people may be exported." in capsys.readouterr().err


# --- How they are written ---------------------------------------------------------------------------
def test_many_chunks_make_one_file_and_are_told(
    ada: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "CHUNK", 10)
    monkeypatch.setattr(exporting, "ROWS", 20)
    add_events(an_event(ada, OCTOBER, raw_value=n) for n in range(45))
    told: list[Written] = []
    (file,) = export(order(tmp_path), on_progress=told.append)
    assert [written.rows for written in told] == [10, 20, 30, 40, 45]
    assert parquet.ParquetFile(file).metadata.num_row_groups == 3
    assert sorted(row["raw_value"] for row in rows_in(tmp_path)) == list(range(45))
    assert parquet.ParquetFile(file).metadata.row_group(0).column(0).compression == "ZSTD"


def test_a_broken_export_leaves_the_old_file_and_no_half_one(
    ada: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "CHUNK", 10)
    monkeypatch.setattr(exporting, "ROWS", 10)
    add_events(an_event(ada, OCTOBER) for _ in range(5))
    (file,) = export(order(tmp_path))
    before = file.read_bytes()
    add_events(an_event(ada, OCTOBER) for _ in range(25))

    def fail(written: Written) -> None:
        if written.rows > 10:
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        export(order(tmp_path), on_progress=fail)
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.rglob("*.*")] == ["events.parquet"]


def test_what_a_killed_export_left_is_read_by_nobody_and_removed_a_day_later(
    ada: User, tmp_path: Path
) -> None:
    add_events([an_event(ada, OCTOBER)])
    (file,) = export(order(tmp_path))
    old, running = (file.with_name(f".events.parquet.{pid}.part") for pid in (1, 2))
    for part in (old, running):
        part.write_bytes(b"half")
    os.utime(old, (0, 0))
    assert len(rows_in(tmp_path)) == 1
    export(order(tmp_path))
    assert (old.exists(), running.exists()) == (False, True)


def test_resuming_keeps_finished_files_of_the_same_order_only(ada: User, tmp_path: Path) -> None:
    add_events([an_event(ada, OCTOBER), an_event(ada, NOVEMBER)])
    october, november = export(order(tmp_path))
    november.unlink()
    stamp = october.stat().st_mtime_ns
    assert export(order(tmp_path, resume=True)) == [october, november]
    assert october.stat().st_mtime_ns == stamp
    assert len(rows_in(tmp_path)) == 2
    for other in (
        order(tmp_path, resume=True, first=date(2026, 10, 2)),
        order(tmp_path, resume=True, with_user_ids=True),
        order(tmp_path, resume=True, people=(ada.pk,)),
    ):
        export(other)
        assert october.stat().st_mtime_ns != stamp
        stamp = october.stat().st_mtime_ns
    october.write_bytes(b"broken")
    export(order(tmp_path, resume=True))
    assert len(rows_in(tmp_path)) == 2


# --- The command ------------------------------------------------------------------------------------
def test_a_dry_run_tells_the_rows_and_writes_nothing(ada: User, tmp_path: Path) -> None:
    add_events([an_event(ada, OCTOBER), an_event(ada, NOVEMBER), an_event(ada, NOVEMBER)])
    told = run(tmp_path, "--dry-run")
    assert told == "2026-10: 1 rows\n2026-11: 2 rows\n3 rows in 2 files.\n"
    assert not list(tmp_path.iterdir())


def test_progress_with_a_rate_goes_to_the_error_stream(
    ada: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add_events([an_event(ada, OCTOBER), an_event(ada, NOVEMBER)])
    run(tmp_path)
    told = capsys.readouterr().err.splitlines()
    assert told[0].startswith("2026-10: 1 of 2 rows, ")
    assert " rows/s, done about " in told[0]
    assert told[-1].startswith("done: 2 of 2 rows, ")


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (["--from=2026-11-02", "--to=2026-11-01", "--out=x"], "--from is after --to"),
        (["--from=2026-11-02", "--to=9999-12-31", "--out=x"], "too far ahead"),
        (["--from=2026-11-01", "--to=2026-11-01"], "--out is needed"),
        (["--from=2026-11-01", "--to=2026-11-01", "--out=x", "--users", "Ada"], "neither"),
        (["--from=2026-11-01", "--to=2026-11-01", "--out=x", "--users", "a@b.example"], "Nobody"),
        (["--from=yesterday", "--to=2026-11-01", "--out=x"], "--from"),
    ],
)
def test_what_makes_no_sense_is_refused_with_exit_code_2(wrong: list[str], why: str) -> None:
    with pytest.raises(CommandError, match=why) as refused:
        call_command("export_events", *wrong)
    assert refused.value.returncode == 2 or "argument" in str(refused.value)


def test_a_folder_that_cannot_be_written_ends_with_exit_code_1(ada: User, tmp_path: Path) -> None:
    add_events([an_event(ada, OCTOBER)])
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(CommandError, match="stopped") as failed:
        run(tmp_path / "file")
    assert failed.value.returncode == 1


def test_an_order_of_no_days_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadExport):
        order(tmp_path, first=date(2026, 12, 1))


def test_events_and_scores_are_pseudonymous_in_the_same_way(ada: User, tmp_path: Path) -> None:
    add_events([an_event(ada, OCTOBER)])
    MomentumPillar.objects.create(user=ada, date=OCTOBER, overall_score=50)
    run(tmp_path)
    run(tmp_path, "--table=pillars")
    assert rows_in(tmp_path)[0]["user"] == rows_in(tmp_path, "pillars")[0]["user"]
    assert MomentumEvent.objects.count() == 1
