"""A write that arrives twice happens once."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection, connections
from django.test import override_settings
from django.urls import path
from django.utils import timezone
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.views import APIView

from accounts.models import Device, IdempotencyKey, User
from accounts.rest.idempotency import IdempotentWrites
from accounts.tasks import prune_idempotency_keys

from .factories import UserFactory

gate = threading.Event()
entered = threading.Event()


class Devices(IdempotentWrites, APIView):
    """Makes one device per write; can be held half-way and can fail after its work."""

    def post(self, request):
        device = Device.objects.create(
            user=request.user, platform="web", token=timezone.now().isoformat()
        )
        if request.data.get("wait"):
            entered.set()
            gate.wait(10)
        if request.data.get("refuse"):
            raise ValidationError({"token": ["No."]})
        if request.data.get("crash"):
            raise RuntimeError("crash")
        return Response({"id": device.pk}, status=201, headers={"Location": f"/{device.pk}"})


urlpatterns = [path("api/devices/", Devices.as_view()), path("admin/", admin.site.urls)]
pytestmark = [pytest.mark.urls(__name__)]


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def send(user: User, key: str, body: dict[str, Any] | None = None) -> Any:
    return client_of(user).post(
        "/api/devices/", body or {}, format="json", HTTP_IDEMPOTENCY_KEY=key
    )


@pytest.mark.django_db
def test_the_second_send_gets_the_first_answer_and_changes_nothing() -> None:
    user = UserFactory.create()
    first, second = send(user, "k"), send(user, "k")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second["Idempotent-Replay"] == "true"
    assert second["Location"] == first["Location"]
    assert "Idempotent-Replay" not in first
    assert Device.objects.count() == 1


@pytest.mark.django_db
def test_the_same_key_with_another_body_is_refused() -> None:
    user = UserFactory.create()
    send(user, "k")
    answer = send(user, "k", {"other": 1})
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "idempotency_key_reused"
    assert Device.objects.count() == 1


@pytest.mark.django_db
def test_two_people_may_use_the_same_key() -> None:
    assert send(UserFactory.create(), "k").json() != send(UserFactory.create(), "k").json()


@pytest.mark.django_db
def test_without_a_key_every_write_counts() -> None:
    client = client_of(UserFactory.create())
    for _ in range(2):
        client.post("/api/devices/", {}, format="json")
    assert Device.objects.count() == 2


@pytest.mark.django_db
def test_a_refused_write_leaves_nothing_and_gives_its_key_back() -> None:
    user = UserFactory.create()
    assert send(user, "k", {"refuse": True}).status_code == 400
    assert not Device.objects.exists()
    assert send(user, "k", {"refuse": False}).status_code == 201


@pytest.mark.django_db
def test_a_crashed_write_leaves_nothing_and_gives_its_key_back() -> None:
    user = UserFactory.create()
    with pytest.raises(RuntimeError):
        send(user, "k", {"crash": True})
    assert not Device.objects.exists()
    assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x" * 201])
def test_a_key_that_is_none_is_refused(key: str) -> None:
    assert send(UserFactory.create(), key).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_a_twin_in_flight_gets_409_and_later_the_answer() -> None:
    user = UserFactory.create()
    gate.clear()
    entered.clear()
    answers: list[Any] = []

    def first() -> None:
        answers.append(send(user, "k", {"wait": True}))
        connections.close_all()

    thread = threading.Thread(target=first)
    thread.start()
    assert entered.wait(10)
    twin = send(user, "k", {"wait": True})
    gate.set()
    thread.join()
    assert twin.status_code == 409
    assert twin["Retry-After"] == "1"
    assert answers[0].status_code == 201
    assert send(user, "k", {"wait": True}).json() == answers[0].json()
    assert Device.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@override_settings(IDEMPOTENCY_TAKEOVER_SECONDS=0)
def test_when_a_claim_is_taken_over_only_one_owner_wins() -> None:
    user = UserFactory.create()
    gate.clear()
    entered.clear()
    answers: list[Any] = []

    def slow() -> None:
        answers.append(send(user, "k", {"wait": True}))
        connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    assert entered.wait(10)
    gate.set()  # the one that takes over does not wait; the first may still be before its commit
    second = send(user, "k", {"wait": True})
    thread.join()
    assert sorted([answers[0].status_code, second.status_code]) in ([201, 201], [201, 409])
    assert Device.objects.count() == 1
    assert connection.vendor == "postgresql"


@pytest.mark.django_db(transaction=True)
def test_many_at_once_make_one() -> None:
    user = UserFactory.create()
    answers: list[int] = []
    barrier = threading.Barrier(4)

    def go() -> None:
        barrier.wait()
        answers.append(send(user, "k").status_code)
        connections.close_all()

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) <= {201, 409}
    assert 201 in answers
    assert Device.objects.count() == 1


@pytest.mark.django_db
def test_old_keys_are_forgotten() -> None:
    user = UserFactory.create()
    for key, days in [("old", 8), ("new", 6)]:
        IdempotencyKey.objects.create(
            user=user,
            key=key,
            method="POST",
            path="/",
            request_digest="",
            created_at=timezone.now() - timedelta(days=days),
        )
    prune_idempotency_keys()
    assert [row.key for row in IdempotencyKey.objects.all()] == ["new"]
