"""Bringing a file of health data, from the page, the API and the command line, to the values of days."""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.belongings import files_of
from accounts.tests.factories import UserFactory
from bench import health_import
from momentum.biometrics.importing import jobs
from momentum.biometrics.importing.tests.exports import apple, asleep, fit, record
from momentum.biometrics.importing.tests.test_fit_file import RUN
from momentum.models import BiometricSample, BiometricStream, HealthImport, ImportStatus

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _private_files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def user() -> Any:
    return UserFactory(timezone="Europe/Berlin", day_start_hour=0)


def steps(day: int, count: int, until: str = "09:00:00") -> str:
    return record(
        "steps", f"2024-03-{day:02} 08:00:00 +0100", f"2024-03-{day:02} {until} +0100", count
    )


OLD = apple([steps(1, 1000), steps(2, 2000)])
NEW = apple(
    [
        steps(1, 1000),
        steps(2, 2000),
        record("steps", "2024-03-02 10:00:00 +0100", "2024-03-02 11:00:00 +0100", 500),
        steps(3, 3000),
        asleep("2024-03-02 23:00:00 +0100", "2024-03-03 07:00:00 +0100"),
    ]
)


def brought(user: Any, data: bytes, name: str = "export.xml") -> HealthImport:
    row = jobs.take_in(user, ContentFile(data), name)
    assert jobs.run(row.pk)
    row.refresh_from_db()
    return row


def days_of(user: Any) -> dict[tuple[str, str], float]:
    return {
        (row.metric, row.date.isoformat()): row.value
        for row in BiometricStream.objects.filter(user=user)
    }


def test_a_file_becomes_days_and_is_deleted(user):
    row = brought(user, OLD)
    assert (row.status, row.kind, row.days_changed) == (ImportStatus.DONE, "apple_health", 2)
    assert days_of(user) == {("steps", "2024-03-01"): 1000, ("steps", "2024-03-02"): 2000}
    assert row.found == {"steps": {"days": 2, "first": "2024-03-01", "last": "2024-03-02"}}
    assert not row.file
    assert not files_of(user)


def test_the_same_file_again_changes_nothing(user):
    brought(user, OLD)
    before = list(BiometricStream.objects.filter(user=user).values())
    assert brought(user, OLD).days_changed == 0
    assert list(BiometricStream.objects.filter(user=user).values()) == before


def test_a_newer_export_only_adds_and_an_older_one_after_it_changes_nothing(user):
    brought(user, OLD)
    assert brought(user, NEW).days_changed == 3
    expected = {
        ("steps", "2024-03-01"): 1000,
        ("steps", "2024-03-02"): 2500,
        ("steps", "2024-03-03"): 3000,
        ("sleep_minutes", "2024-03-03"): 480,
    }
    assert days_of(user) == expected
    assert brought(user, OLD).days_changed == 0
    assert days_of(user) == expected


def test_two_workouts_of_a_day_in_two_files_both_count(user):
    brought(user, RUN, "run.fit")
    again = brought(user, RUN, "copy of run.fit")
    assert again.days_changed == 0
    evening = fit(
        [(18, [(253, 0x86, _at(19)), (2, 0x86, _at(18)), (8, 0x86, 600_000), (9, 0x86, 100_000)])]
    )
    brought(user, evening, "evening.fit")
    assert days_of(user)["active_minutes", "2024-03-01"] == 40
    assert BiometricSample.objects.filter(user=user, metric="active_minutes").count() == 2


def _at(hour: int) -> int:
    return int(
        (
            datetime(2024, 3, 1, hour, tzinfo=UTC) - datetime(1989, 12, 31, tzinfo=UTC)
        ).total_seconds()
    )


def test_a_broken_file_keeps_what_came_before_and_a_foreign_one_says_why(user):
    cut = brought(user, NEW[: NEW.index(b"2024-03-03 08")])
    assert cut.status == ImportStatus.DONE
    assert "ends in the middle" in cut.stopped
    assert days_of(user)["steps", "2024-03-02"] == 2500
    foreign = brought(user, b"hello", "notes.txt")
    assert foreign.status == ImportStatus.FAILED
    assert foreign.error.startswith("I do not know this kind of file")
    assert not foreign.file


def test_one_at_a_time(user, settings):
    jobs.take_in(user, ContentFile(OLD), "a.xml")
    with pytest.raises(jobs.ImportRefused) as refusal:
        jobs.take_in(user, ContentFile(OLD), "b.xml")
    assert refusal.value.status == 409
    with pytest.raises(IntegrityError), transaction.atomic():
        HealthImport.objects.create(user=user, filename="c", size=1)
    settings.HEALTH_IMPORT_MAX_MB = 0
    with pytest.raises(jobs.ImportRefused) as refusal:
        jobs.take_in(UserFactory(), ContentFile(OLD), "b.xml")
    assert refusal.value.status == 413


def test_a_worker_that_died_is_followed_by_the_next_and_cannot_finish_itself(user):
    row = jobs.take_in(user, ContentFile(OLD), "a.xml")
    now = timezone.now()
    HealthImport.objects.filter(pk=row.pk).update(
        status=ImportStatus.RUNNING, attempts=1, heartbeat_at=now
    )
    assert not jobs.run(row.pk)
    assert jobs.unfinished(now) == []
    assert jobs.unfinished(now + timedelta(minutes=5)) == [row.pk]
    HealthImport.objects.filter(pk=row.pk).update(heartbeat_at=now - timedelta(minutes=5))
    late = HealthImport.objects.filter(pk=row.pk, status=ImportStatus.RUNNING, attempts=1)
    assert jobs.run(row.pk)
    assert not late.exists()
    row.refresh_from_db()
    assert (row.status, row.attempts, row.days_changed) == (ImportStatus.DONE, 2, 2)
    assert not jobs.run(row.pk)


def test_a_file_that_kills_every_worker_is_given_up(user):
    row = jobs.take_in(user, ContentFile(OLD), "a.xml")
    HealthImport.objects.filter(pk=row.pk).update(
        status=ImportStatus.RUNNING, attempts=3, heartbeat_at=timezone.now() - timedelta(minutes=5)
    )
    jobs.run(row.pk)
    row.refresh_from_db()
    assert (row.status, row.error) == (ImportStatus.FAILED, jobs.GAVE_UP)
    assert not row.file


def test_an_import_that_is_forgotten_while_it_waits_leaves_no_file(
    user, tmp_path: Path, django_capture_on_commit_callbacks
):
    row = jobs.take_in(user, ContentFile(OLD), "a.xml")
    assert [name for _, name in files_of(user)] == [row.file.name]
    with django_capture_on_commit_callbacks(execute=True):
        jobs.remove(row)
    assert not jobs.run(row.pk)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Some seconds of reading."""
    path = tmp_path / "large.xml"
    monkeypatch.setattr(health_import, "YEARS", 1)
    with path.open("w") as target:
        health_import.write(target, 20 * 1024 * 1024)
    return path


@pytest.mark.django_db(transaction=True)
def test_an_import_whose_worker_is_killed_is_finished_by_another(large: Path, settings):
    settings.HEALTH_IMPORT_STALE_SECONDS = 3
    killed, whole = UserFactory(day_start_hour=0), UserFactory(day_start_hour=0)
    brought(whole, large.read_bytes())
    row = jobs.take_in(killed, ContentFile(large.read_bytes()), "large.xml")
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(row.pk), str(settings.MEDIA_ROOT)],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": _database_url()},
    )
    try:
        for _ in _until(30):
            row.refresh_from_db()
            if row.bytes_read > 0:
                break
        assert 0 < row.bytes_read < row.size
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    assert not jobs.run(row.pk), "not before the worker is given up"
    for _ in _until(10):
        if jobs.unfinished() == [row.pk]:
            break
    assert jobs.run(row.pk)
    row.refresh_from_db()
    assert (row.status, row.attempts) == (ImportStatus.DONE, 2)
    assert days_of(killed) == days_of(whole)
    assert len(days_of(killed)) > 1000


WORKER = """
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
import django
from django.conf import settings
settings.MEDIA_ROOT = sys.argv[2]
django.setup()
from momentum.biometrics.importing import jobs
jobs.run(sys.argv[1])
"""


def _database_url() -> str:
    own = os.environ["DATABASE_URL"]
    return own.rsplit("/", 1)[0] + "/" + str(connection.settings_dict["NAME"])


def _until(seconds: float) -> Iterator[None]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        time.sleep(0.2)


# --- The API ------------------------------------------------------------------------------------
API = "/api/v1/biometrics/imports/"


@pytest.fixture
def signed_in(client: Client, user) -> Client:
    client.force_login(user)
    return client


def test_a_file_comes_by_form_or_as_the_body_itself(signed_in, user):
    answer = signed_in.post(API, {"file": SimpleUploadedFile("export.xml", OLD)})
    assert answer.status_code == 202
    assert answer.json()["status"] == "waiting"
    refused = signed_in.post(API, {"file": SimpleUploadedFile("export.xml", OLD)})
    assert (refused.status_code, refused.json()["code"]) == (409, "one_at_a_time")
    jobs.run(answer.json()["id"])
    raw = signed_in.post(
        API, NEW, content_type="application/octet-stream", headers={"X-Filename": "new.xml"}
    )
    assert (raw.status_code, raw.json()["filename"], raw.json()["size"]) == (
        202,
        "new.xml",
        len(NEW),
    )
    jobs.run(raw.json()["id"])
    told = signed_in.get(f"{API}{raw.json()['id']}/").json()
    assert (told["status"], told["percent"], told["days_changed"]) == ("done", 100, 3)
    assert [row["filename"] for row in signed_in.get(API).json()["results"]] == [
        "new.xml",
        "export.xml",
    ]


def test_what_is_wrong_is_a_problem_document(signed_in, settings):
    for body, kind, expected in (
        (b"", "application/octet-stream", 400),
        (b"{}", "application/json", 400),
        (b"{}", "text/plain", 415),
    ):
        assert signed_in.post(API, body, content_type=kind).status_code == expected
    assert signed_in.post(API, {"other": "x"}).status_code == 400
    settings.HEALTH_IMPORT_MAX_MB = 0
    answer = signed_in.post(API, {"file": SimpleUploadedFile("export.xml", OLD)})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_of_another_person_there_is_nothing(signed_in, client):
    theirs = brought(UserFactory(), OLD)
    for path in (f"{API}{theirs.pk}/", f"/momentum/import/{theirs.pk}/"):
        assert signed_in.get(path).status_code == 404
    assert signed_in.delete(f"{API}{theirs.pk}/").status_code == 404
    assert signed_in.post(f"/momentum/import/{theirs.pk}/forget/").status_code == 404
    assert signed_in.get(API).json()["results"] == []
    assert Client().get(API).status_code == 401
    assert HealthImport.objects.filter(pk=theirs.pk).exists()


def test_forgetting_an_import_keeps_its_days(signed_in, user):
    row = brought(user, OLD)
    assert signed_in.delete(f"{API}{row.pk}/").status_code == 204
    assert len(days_of(user)) == 2


# --- The pages ----------------------------------------------------------------------------------
def test_the_page_takes_a_file_and_shows_it_through_to_its_result(signed_in, user):
    assert "Where to get the file" in signed_in.get("/momentum/import/").content.decode()
    answer = signed_in.post("/momentum/import/", {"file": SimpleUploadedFile("my.xml", OLD)})
    row = HealthImport.objects.get(user=user)
    assert answer.headers["Location"] == f"/momentum/import/{row.pk}/"
    page = signed_in.get(answer.headers["Location"]).content.decode()
    assert "every 1s" in page
    assert "<noscript><meta" in page
    assert "One file is being read" in signed_in.get("/momentum/import/").content.decode()
    jobs.run(row.pk)
    part = signed_in.get(
        answer.headers["Location"], headers={"HX-Request": "true"}
    ).content.decode()
    assert "every 1s" not in part
    assert "<html" not in part
    assert "2 daily values new or updated" in part
    assert "1 Mar 2024 to 2 Mar 2024" in part


def test_the_page_says_what_is_missing(signed_in):
    answer = signed_in.post("/momentum/import/")
    assert answer.status_code == 422
    assert "Choose a file first" in answer.content.decode()
    answer = signed_in.post("/momentum/import/", {"file": SimpleUploadedFile("my.xml", b"")})
    assert answer.status_code in (400, 422)


# --- The command --------------------------------------------------------------------------------
def test_the_command_reads_a_file_for_a_person(user, tmp_path: Path):
    path = tmp_path / "export.xml"
    path.write_bytes(OLD)
    out = io.StringIO()
    call_command("import_health", str(path), user=user.email, dry_run=True, stdout=out)
    assert "Steps: 2 days, 2024-03-01 to 2024-03-02" in out.getvalue()
    assert "dry run" in out.getvalue()
    assert days_of(user) == {}
    call_command("import_health", str(path), user=user.email, stdout=out)
    assert "2 daily values new or updated" in out.getvalue()
    assert len(days_of(user)) == 2


def test_the_command_ends_with_a_code(user, tmp_path: Path):
    path = tmp_path / "export.xml"
    path.write_bytes(OLD)
    for options in (
        {"user": "nobody@example.com"},
        {"user": user.email, "kind": "fit"},
    ):
        with pytest.raises(CommandError):
            call_command("import_health", str(path), **options)
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_health", str(tmp_path / "none"), user=user.email)
    path.write_bytes(OLD[:-40])
    with pytest.raises(SystemExit) as end:
        call_command(
            "import_health", str(path), user=user.email, stdout=io.StringIO(), stderr=io.StringIO()
        )
    assert end.value.code == 3
