"""Files of health data that come in pieces: in order, resumed, repeated, beside each other, and given up."""

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.belongings import files_of
from accounts.models import User
from accounts.tests.factories import UserFactory
from momentum import tasks
from momentum.biometrics.importing import jobs, receiving
from momentum.biometrics.importing.files import MEGABYTE
from momentum.models import HealthImport, ImportStatus
from momentum.tests.test_imports import NEW

API = "/api/v1/biometrics/imports/"
OCTETS = "application/octet-stream"
PIECE = 100
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _private_files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def user() -> User:
    return UserFactory(timezone="Europe/Berlin", day_start_hour=0)


@pytest.fixture
def phone(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def opened(phone: Client, size: int = len(NEW), name: str = "export.xml", **more: Any) -> Any:
    return phone.post(API, {"filename": name, "size": size}, "application/json", **more)


def put(phone: Client, pk: str, offset: Any, piece: bytes, **more: Any) -> Any:
    return phone.put(f"{API}{pk}/content/?offset={offset}", piece, OCTETS, **more)


def test_pieces_in_order_become_the_file_and_the_last_byte_has_it_read(
    phone, user, monkeypatch, django_capture_on_commit_callbacks
):
    sent: list[Any] = []
    monkeypatch.setattr(
        tasks.read_health_import, "apply_async", lambda args, **_: sent.append(*args)
    )
    answer = opened(phone, name="../export.xml")
    row = answer.json()
    assert (answer.status_code, row["status"], row["offset"]) == (201, "receiving", 0)
    assert (row["filename"], row["size"]) == ("export.xml", len(NEW))
    assert phone.get(answer.headers["Location"]).json() == row
    for offset in range(0, len(NEW), PIECE):
        assert not sent
        with django_capture_on_commit_callbacks(execute=True):
            answer = put(phone, row["id"], offset, NEW[offset : offset + PIECE])
        assert answer.status_code == 200
        assert answer.json()["offset"] == min(offset + PIECE, len(NEW))
    assert answer.json()["status"] == "waiting"
    assert sent == [row["id"]]
    assert jobs.run(row["id"])
    told = phone.get(f"{API}{row['id']}/").json()
    assert (told["status"], told["days_changed"]) == ("done", 4)
    assert not files_of(user)


def test_a_piece_that_is_here_already_is_answered_with_where_to_go_on(phone, user):
    pk = opened(phone).json()["id"]
    put(phone, pk, 0, NEW[:50])
    for offset, piece in ((0, NEW[:50]), (0, b"x" * 70), (49, NEW[49:80])):
        answer = put(phone, pk, offset, piece)
        assert (answer.status_code, answer.json()["offset"]) == (200, 50)
    put(phone, pk, 50, NEW[50:])
    # The answer to the last piece was lost, perhaps until the file had been read.
    assert put(phone, pk, 50, NEW[50:]).json()["status"] == "waiting"
    with HealthImport.objects.get(pk=pk).file.open("rb") as file:
        assert file.read() == NEW
    assert jobs.run(pk)
    again = put(phone, pk, 50, NEW[50:]).json()
    assert (again["status"], again["offset"]) == ("done", len(NEW))


def test_a_gap_is_a_conflict_that_says_where_to_go_on(phone):
    pk = opened(phone).json()["id"]
    put(phone, pk, 0, NEW[:50])
    answer = put(phone, pk, 60, NEW[60:90])
    assert answer.status_code == 409
    assert (answer.json()["code"], answer.json()["offset"]) == ("gap", 50)
    assert phone.get(f"{API}{pk}/").json()["offset"] == 50


def test_what_is_too_long_or_no_piece_changes_nothing(phone):
    pk = opened(phone).json()["id"]
    for offset, piece, status, code in (
        (0, b"x" * (8 * MEGABYTE + 1), 413, "too_large"),
        (0, NEW + b"x", 413, "too_long"),
        (0, b"", 400, "empty"),
        ("", b"x", 400, "invalid"),
        (-1, b"x", 400, "invalid"),
        ("1e3", b"x", 400, "invalid"),
    ):
        answer = put(phone, pk, offset, piece)
        assert (answer.status_code, answer.json()["code"]) == (status, code), offset
    assert phone.put(f"{API}{pk}/content/", b"x", OCTETS).status_code == 400
    assert phone.put(f"{API}{pk}/content/?offset=0", "{}", "application/json").status_code == 415
    assert phone.get(f"{API}{pk}/").json()["offset"] == 0


def test_the_announced_size_is_bounded_and_one_upload_is_open(phone, settings):
    assert opened(phone, 0).status_code == 400
    too_large = opened(phone, settings.HEALTH_IMPORT_MAX_MB * MEGABYTE + 1)
    assert (too_large.status_code, too_large.json()["code"]) == (413, "too_large")
    assert opened(phone).status_code == 201
    second = opened(phone)
    assert (second.status_code, second.json()["code"]) == (409, "one_at_a_time")


def test_a_whole_file_in_one_request_is_small(phone, settings):
    settings.HEALTH_IMPORT_WHOLE_MB = 0
    for answer in (
        phone.post(API, {"file": SimpleUploadedFile("export.xml", NEW)}),
        phone.post(API, b"x" * 80_000, OCTETS),
    ):
        assert (answer.status_code, answer.json()["code"]) == (413, "send_in_pieces")
    page = phone.post("/momentum/import/", {"file": SimpleUploadedFile("export.xml", NEW)})
    assert page.status_code == 413
    assert "import_health FILE --user" in page.content.decode()


def test_the_same_key_opens_and_adds_once(phone, user):
    key: dict[str, Any] = {"headers": {"Idempotency-Key": "one"}}
    first, second = opened(phone, **key), opened(phone, **key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert HealthImport.objects.filter(user=user).count() == 1
    assert len(files_of(user)) == 1
    pk = first.json()["id"]
    key = {"headers": {"Idempotency-Key": "two"}}
    # Larger than what Django reads of a body at once.
    HealthImport.objects.filter(pk=pk).update(size=10 * MEGABYTE)
    piece = b"x" * (3 * MEGABYTE)
    assert put(phone, pk, 0, piece, **key).json()["offset"] == len(piece)
    assert put(phone, pk, 0, piece, **key).headers["Idempotent-Replay"] == "true"
    assert put(phone, pk, len(piece), piece, **key).status_code == 422


def test_strangers_find_nothing(phone):
    theirs = receiving.open_upload(UserFactory(), "a.xml", 10)
    assert put(phone, str(theirs.pk), 0, b"x").status_code == 404
    assert put(phone, str(theirs.pk), "", b"").status_code == 404
    theirs.refresh_from_db()
    assert theirs.bytes_received == 0


def test_a_file_that_vanished_between_two_pieces_is_asked_for_again(phone):
    pk = opened(phone).json()["id"]
    put(phone, pk, 0, NEW[:50])
    row = HealthImport.objects.get(pk=pk)
    Path(row.file.path).write_bytes(b"less")
    told = put(phone, pk, 50, NEW[50:]).json()
    assert (told["status"], told["error"]) == ("failed", jobs.GONE)
    assert opened(phone).status_code == 201


def test_an_abandoned_upload_is_dropped_after_a_day_with_its_file(
    phone, user, tmp_path: Path, django_capture_on_commit_callbacks
):
    pk = opened(phone).json()["id"]
    put(phone, pk, 0, NEW[:50])
    now = timezone.now()
    assert receiving.drop_abandoned(now + timedelta(hours=23)) == 0
    HealthImport.objects.filter(pk=pk).update(heartbeat_at=now - timedelta(hours=25))
    with django_capture_on_commit_callbacks(execute=True):
        tasks.sweep_health_imports()
    assert not HealthImport.objects.filter(pk=pk).exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert put(phone, pk, 50, NEW[50:]).status_code == 404


def test_one_that_took_long_to_come_is_not_taken_for_left_behind(phone):
    pk = opened(phone).json()["id"]
    HealthImport.objects.filter(pk=pk).update(created_at=timezone.now() - timedelta(hours=3))
    assert jobs.unfinished() == []
    put(phone, pk, 0, NEW)
    assert jobs.unfinished() == []
    assert [str(left) for left in jobs.unfinished(timezone.now() + timedelta(minutes=5))] == [pk]


@pytest.mark.django_db(transaction=True)
def test_two_connections_with_the_same_pieces_make_one_file(user, monkeypatch):
    monkeypatch.setattr(tasks.read_health_import, "apply_async", lambda *_, **__: None)
    row = receiving.open_upload(user, "export.xml", len(NEW))
    pieces = [NEW[start : start + PIECE] for start in range(0, len(NEW), PIECE)]
    gate, ends = threading.Barrier(2), []

    def send() -> None:
        phone = Client()
        phone.force_login(user)
        try:
            for number, piece in enumerate(pieces):
                gate.wait(30)
                ends.append(put(phone, str(row.pk), number * PIECE, piece).json()["offset"])
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = [min((number + 1) * PIECE, len(NEW)) for number in range(len(pieces))]
    assert sorted(ends) == sorted(expected * 2)
    row.refresh_from_db()
    assert (row.status, row.bytes_received) == (ImportStatus.WAITING, len(NEW))
    with row.file.open("rb") as file:
        assert file.read() == NEW


def test_the_page_shows_an_upload_that_is_not_all_here(phone):
    pk = opened(phone).json()["id"]
    page = phone.get("/momentum/import/").content.decode()
    assert "export.xml is not all here yet" in page
    assert f'data-open="{pk}"' in page
    assert "Your file is on its way" in phone.get(f"/momentum/import/{pk}/").content.decode()
    phone.post(f"/momentum/import/{pk}/forget/")
    assert "is not all here yet" not in phone.get("/momentum/import/").content.decode()
