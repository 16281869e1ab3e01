"""Consent, taking one's data along, being forgotten."""

import csv
import io
import json
import threading
import zipfile
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, connections, models
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import erasure, exports
from accounts.belongings import belongings
from accounts.consent import consent_states, has_consent, set_consent
from accounts.models import (
    AuditEntry,
    Consent,
    ConsentKind,
    ConsentSource,
    DataRequest,
    DataRequestKind,
    DataRequestState,
    Device,
    User,
)
from accounts.tasks import erase_people, make_export, sweep_exports

from .factories import StaffFactory, UserFactory

TRACKING = ConsentKind.BEHAVIORAL_TRACKING


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def user() -> User:
    return UserFactory.create()


@pytest.fixture
def client(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def exported(user: User) -> zipfile.ZipFile:
    request = exports.ask(user)
    make_export(str(request.pk))
    request.refresh_from_db()
    assert request.state == DataRequestState.READY
    with request.file.open("rb") as file:
        return zipfile.ZipFile(io.BytesIO(file.read()))


@pytest.mark.django_db
class TestConsent:
    def test_silence_means_no(self, user) -> None:
        assert not has_consent(user, TRACKING)
        assert all(state.decision is None for state in consent_states(user))

    def test_the_newest_decision_holds_and_the_old_ones_stay(self, user) -> None:
        for answer in (True, True, False):
            set_consent(user, TRACKING, answer, ConsentSource.WEB)
        assert not has_consent(user, TRACKING)
        assert list(Consent.objects.order_by("id").values_list("granted", flat=True)) == [
            True,
            False,
        ]

    def test_the_page_decides_and_keeps_the_words(self, user, client) -> None:
        answer = client.post(reverse("settings_consent"), {"kind": "push", "granted": "yes"})
        assert answer.status_code == 302
        row = Consent.objects.get()
        assert (row.kind, row.granted, row.source) == ("push", True, "web")
        assert row.evidence
        assert "Push notifications" in client.get(reverse("settings_consent")).content.decode()

    @pytest.mark.parametrize("data", [{}, {"kind": "x", "granted": "yes"}, {"kind": "push"}])
    def test_nonsense_decides_nothing(self, client, data) -> None:
        assert client.post(reverse("settings_consent"), data).status_code == 422
        assert not Consent.objects.exists()

    def test_the_state_of_all_kinds_is_one_query(self, user, django_assert_num_queries) -> None:
        with django_assert_num_queries(1):
            consent_states(user)


@pytest.mark.django_db
class TestOnboarding:
    def test_tracking_is_not_chosen_beforehand(self, client) -> None:
        page = client.get(reverse("onboarding")).content.decode()
        assert 'name="tracking"' in page
        assert "checked" not in page

    def test_the_choice_has_to_be_made_or_everything_skipped(self, user, client) -> None:
        assert client.post(reverse("onboarding"), {}).status_code == 422
        assert client.post(reverse("onboarding"), {"skip": "1"}).status_code == 302
        user.refresh_from_db()
        assert user.onboarded_at is not None
        assert not Consent.objects.exists()

    def test_answers_are_kept(self, user, client) -> None:
        client.post(
            reverse("onboarding"),
            {
                "communication_style": "direct",
                "timezone": "Asia/Tokyo",
                "day_start_hour": "5",
                "tracking": "yes",
            },
        )
        user.refresh_from_db()
        assert (user.timezone, user.day_start_hour) == ("Asia/Tokyo", 5)
        assert user.preferences.communication_style == "direct"
        assert has_consent(user, TRACKING)


@pytest.mark.django_db
class TestBelongings:
    def test_every_table_with_a_cascade_to_people_is_found(self) -> None:
        found = {belonging.model for belonging in belongings()}
        for model in apps.get_models(include_auto_created=True):
            for field in model._meta.concrete_fields:
                if (
                    isinstance(field, models.ForeignKey)
                    and field.related_model is User
                    and field.remote_field.on_delete is models.CASCADE
                ):
                    assert model in found, model

    def test_every_table_with_a_cascade_to_a_found_one_is_found(self) -> None:
        found = {belonging.model for belonging in belongings()}
        for model in apps.get_models(include_auto_created=True):
            for field in model._meta.concrete_fields:
                if (
                    isinstance(field, models.ForeignKey)
                    and field.related_model in found
                    and field.remote_field.on_delete is models.CASCADE
                ):
                    assert model in found, model

    def test_every_table_can_be_asked(self, user) -> None:
        for belonging in belongings():
            assert belonging.rows(user).count() in {0, 1}

    def test_others_rows_are_not_mine(self, user) -> None:
        other = UserFactory.create(coach=user)
        set_consent(other, TRACKING, True, ConsentSource.WEB)
        mine = {row.pk for belonging in belongings() for row in belonging.rows(user)}
        assert mine == {user.pk}


@pytest.mark.django_db
class TestExport:
    def test_every_table_of_the_person_is_in_it_in_both_formats(self, user) -> None:
        names = set(exported(user).namelist())
        for belonging in belongings():
            assert f"data/{belonging.label}.json" in names
            assert f"data/{belonging.label}.csv" in names

    def test_the_rows_are_in_it_and_those_of_others_are_not(self, user) -> None:
        other = UserFactory.create()
        for person in (user, other):
            set_consent(person, TRACKING, True, ConsentSource.WEB, "=yes")
            EmailAddress.objects.create(user=person, email=person.email)
        archive = exported(user)
        [row] = json.loads(archive.read("data/accounts.consent.json"))
        assert (row["user_id"], row["evidence"]) == (str(user.pk), "=yes")
        [cells] = csv.DictReader(io.StringIO(archive.read("data/accounts.consent.csv").decode()))
        assert cells["evidence"] == "'=yes"
        everything = b"".join(archive.read(name) for name in archive.namelist())
        assert other.email.encode() not in everything
        assert str(other.pk).encode() not in everything

    def test_keys_to_the_account_stay_out(self, user) -> None:
        user.set_password("a-long-quiet-river")
        user.save()
        Authenticator.objects.create(user=user, type="totp", data={"secret": "TOPSECRET"})
        archive = exported(user)
        [row] = json.loads(archive.read("data/accounts.user.json"))
        assert row["password"] == "(kept secret)"
        assert b"TOPSECRET" not in archive.read("data/mfa.authenticator.json")

    def test_an_open_request_is_given_again(self, user) -> None:
        assert exports.ask(user).pk == exports.ask(user).pk

    def test_a_second_worker_finds_nothing_to_do(self, user) -> None:
        request = exports.ask(user)
        assert exports.make(request.pk)
        assert not exports.make(request.pk)

    def test_a_request_whose_worker_died_is_picked_up(self, user) -> None:
        request = exports.ask(user)
        long_ago = timezone.now() - timedelta(minutes=11)
        DataRequest.objects.update(state=DataRequestState.RUNNING, started_at=long_ago)
        assert exports.unfinished() == [request.pk]
        assert exports.make(request.pk)

    def test_a_failure_is_said_and_can_be_asked_for_again(self, user, monkeypatch) -> None:
        request = exports.ask(user)

        def full(*args: object) -> None:
            raise ValueError("disk")

        monkeypatch.setattr(exports, "write", full)
        with pytest.raises(ValueError, match="disk"):
            exports.make(request.pk)
        request.refresh_from_db()
        assert request.state == DataRequestState.FAILED
        assert exports.ask(user).pk != request.pk

    def test_two_clicks_on_the_page(
        self, user, client, django_capture_on_commit_callbacks, monkeypatch
    ) -> None:
        queued: list[str] = []
        monkeypatch.setattr(make_export, "apply_async", lambda args, **options: queued.extend(args))
        with django_capture_on_commit_callbacks(execute=True):
            client.post(reverse("settings_export"))
        assert "Being prepared" in client.get(reverse("settings_privacy")).content.decode()
        make_export(*queued)
        page = client.get(reverse("settings_exports")).content.decode()
        url = reverse("settings_download", args=queued)
        assert url in page
        answer = client.get(url)
        assert answer["Content-Disposition"].startswith("attachment")
        assert b"".join(answer.streaming_content)[:2] == b"PK"
        answer.close()

    def test_without_a_broker_the_request_waits_for_the_sweep(
        self, user, client, django_capture_on_commit_callbacks, monkeypatch
    ) -> None:
        def down(args: object, **options: object) -> None:
            raise ConnectionError

        monkeypatch.setattr(make_export, "apply_async", down)
        with django_capture_on_commit_callbacks(execute=True):
            assert client.post(reverse("settings_export")).status_code == 302
        DataRequest.objects.update(asked_at=timezone.now() - timedelta(minutes=11))
        assert len(exports.unfinished()) == 1

    def test_somebody_elses_export_is_not_there(self, user) -> None:
        exported(user)
        request = DataRequest.objects.get()
        stranger = Client()
        stranger.force_login(
            UserFactory.create(), backend="django.contrib.auth.backends.ModelBackend"
        )
        assert stranger.get(reverse("settings_download", args=[request.pk])).status_code == 404
        url = f"/api/v1/users/me/data-requests/{request.pk}/"
        assert stranger.get(url).status_code == 404
        assert stranger.get(f"{url}download/").status_code == 404

    def test_after_a_week_the_file_is_gone(self, user, client) -> None:
        exported(user)
        DataRequest.objects.update(expires_at=timezone.now())
        request = DataRequest.objects.get()
        name = request.file.name
        url = reverse("settings_download", args=[request.pk])
        assert client.get(url).status_code == 404
        sweep_exports()
        request.refresh_from_db()
        assert request.state == DataRequestState.EXPIRED
        assert not default_storage.exists(str(name))
        assert client.get(url).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_make_one_export() -> None:
    user = UserFactory.create()
    made: list[Any] = []
    barrier = threading.Barrier(2)

    def go() -> None:
        barrier.wait()
        made.append(exports.ask(user).pk)
        connections.close_all()

    threads = [threading.Thread(target=go) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 2
    assert len(set(made)) == 1


@pytest.mark.django_db(transaction=True)
class TestErasure:
    def later(self) -> Any:
        return timezone.now() + erasure.grace() + timedelta(seconds=1)

    def test_it_signs_out_at_once_and_everywhere(self, user, client) -> None:
        phone = Client()
        phone.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        Device.objects.create(user=user, platform="web", token="x")
        answer = client.post(reverse("settings_erase"))
        assert answer.status_code == 302
        user.refresh_from_db()
        assert user.deleted_at is not None
        assert phone.get(reverse("settings")).status_code == 302
        assert not user.devices.exists()

    def test_asking_twice_is_asking_once(self, user) -> None:
        first = erasure.ask(user)
        assert erasure.ask(user).pk == first.pk
        user.refresh_from_db()
        deleted_at = user.deleted_at
        erasure.ask(user)
        user.refresh_from_db()
        assert user.deleted_at == deleted_at

    def test_signing_in_again_takes_it_back(self, user) -> None:
        user.set_password("a-long-quiet-river")
        user.save()
        erasure.ask(user)
        client = Client()
        client.post(
            reverse("account_login"), {"login": user.email, "password": "a-long-quiet-river"}
        )
        user.refresh_from_db()
        assert user.deleted_at is None
        assert DataRequest.objects.get().state == DataRequestState.CANCELLED
        assert erasure.erase_due(self.later()) == 0

    def test_nobody_is_erased_before_the_grace_period_is_over(self, user) -> None:
        erasure.ask(user)
        erase_people()
        assert User.objects.filter(pk=user.pk).exists()

    def test_everything_goes_in_one_delete_and_the_files_with_it(self, user) -> None:
        other = UserFactory.create()
        for person in (user, other):
            set_consent(person, TRACKING, True, ConsentSource.WEB)
            EmailAddress.objects.create(user=person, email=person.email)
        AuditEntry.objects.create(actor=StaffFactory.create(), subject=user, action="read")
        request = DataRequest.objects.create(
            user=user, kind=DataRequestKind.EXPORT, state=DataRequestState.READY
        )
        request.file.save("x.zip", ContentFile(b"x"))
        name = request.file.name
        erasure.ask(user)
        assert erasure.erase_due(self.later()) == 1
        assert erasure.erase_due(self.later()) == 0
        assert not default_storage.exists(str(name))
        for belonging in belongings():
            assert not belonging.rows(user).exists(), belonging.label
        assert Consent.objects.get().user == other

    def test_one_who_cannot_be_erased_keeps_nobody_else_waiting(self, user) -> None:
        other = UserFactory.create()
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE kept (person uuid REFERENCES accounts_user (id))")
            cursor.execute("INSERT INTO kept VALUES (%s)", [user.pk])
        erasure.ask(user)
        erasure.ask(other)
        try:
            assert erasure.erase_due(self.later()) == 1
        finally:
            with connection.cursor() as cursor:
                cursor.execute("DROP TABLE kept")
        assert list(User.objects.all()) == [user]

    def test_the_database_holds_nobody_back(self) -> None:
        """No foreign key of another table keeps the row of an erased person alive or orphaned."""
        with connection.cursor() as cursor:
            for belonging in belongings():
                assert belonging.model._meta.db_table in connection.introspection.table_names(
                    cursor
                )

    def test_a_coach_who_leaves_takes_nobody_along(self, user) -> None:
        coach = StaffFactory.create()
        user.coach = coach
        user.save()
        erasure.ask(coach)
        erasure.erase_due(self.later())
        user.refresh_from_db()
        assert user.coach is None


@pytest.mark.django_db
class TestTheApi:
    URL = "/api/v1/users/me/"

    def test_reading_and_editing_oneself(self, user, client) -> None:
        answer = client.get(self.URL)
        assert answer.json()["email"] == user.email
        assert "password" not in answer.json()
        edited = client.patch(
            self.URL,
            {"name": "Ann", "phone": "+44 20 7946 0018", "work_hours": {"mon": ["09:00", "17:00"]}},
            "application/json",
            headers={"If-Match": answer["ETag"]},
        )
        assert edited.status_code == 200, edited.content
        assert edited.json()["phone"] == "+442079460018"
        again = client.patch(
            self.URL, {"name": "Bea"}, "application/json", headers={"If-Match": answer["ETag"]}
        )
        assert again.status_code == 412

    @pytest.mark.parametrize(
        "body",
        [
            {"timezone": "Mars/Phobos"},
            {"country": "GBR"},
            {"day_start_hour": 7},
            {"phone": "12"},
            {"work_hours": {"someday": ["09:00", "17:00"]}},
            {"work_hours": {"mon": ["09:00", "09:00"]}},
            {"name": ""},
        ],
    )
    def test_nonsense_is_a_problem(self, client, body) -> None:
        answer = client.patch(self.URL, body, "application/json")
        assert answer.status_code == 400
        assert set(answer.json()["errors"]) == set(body)

    def test_a_new_phone_number_has_to_be_verified_again(self, user, client) -> None:
        user.phone, user.phone_verified_at = "+442079460018", timezone.now()
        user.save()
        client.patch(self.URL, {"phone": "+442079460019"}, "application/json")
        user.refresh_from_db()
        assert user.phone_verified_at is None

    def test_what_is_not_mine_to_set_stays(self, user, client) -> None:
        client.patch(
            self.URL,
            {"email": "x@example.org", "is_staff": True, "id": str(uuid4())},
            "application/json",
        )
        user.refresh_from_db()
        assert user.email != "x@example.org"
        assert not user.is_staff

    def test_consent(self, user, client) -> None:
        url = f"{self.URL}consents/"
        answer = client.post(url, {"kind": "sms", "granted": True}, "application/json")
        assert answer.status_code == 201
        assert answer.json()["source"] == "api"
        assert [row["kind"] for row in client.get(url).json()["results"]] == ["sms"]

    def test_a_device_belongs_to_who_used_it_last(self, user, client) -> None:
        url = f"{self.URL}devices/"
        Device.objects.create(user=UserFactory.create(), platform="ios", token="t")
        body = {"platform": "ios", "token": "t", "keys": {"auth": "a"}}
        first = client.post(url, body, "application/json")
        second = client.post(url, body, "application/json")
        assert first.json()["id"] == second.json()["id"]
        assert "keys" not in first.json()
        assert Device.objects.get().user == user
        assert client.delete(f"{url}{first.json()['id']}/").status_code == 204

    def test_somebody_elses_device_is_not_there(self, client) -> None:
        device = Device.objects.create(user=UserFactory.create(), platform="ios", token="t")
        assert client.delete(f"{self.URL}devices/{device.pk}/").status_code == 404
        url = reverse("settings_forget_device", args=[device.pk])
        assert client.post(url).status_code == 404

    def test_an_export(self, user, client, monkeypatch) -> None:
        monkeypatch.setattr(make_export, "apply_async", lambda args, **options: None)
        url = f"{self.URL}data-requests/"
        asked = client.post(url, {"kind": "export"}, "application/json")
        assert asked.status_code == 202
        assert asked.json()["download"] is None
        assert client.get(f"{url}{asked.json()['id']}/download/").status_code == 404
        exports.make(asked.json()["id"])
        ready = client.get(f"{url}{asked.json()['id']}/").json()
        answer = client.get(ready["download"], headers={"Accept": "application/zip"})
        assert answer.status_code == 200
        answer.close()

    def test_an_erasure_ends_the_session(self, user, client) -> None:
        asked = client.post(f"{self.URL}data-requests/", {"kind": "erasure"}, "application/json")
        assert asked.status_code == 202
        assert client.get(self.URL).status_code == 401
