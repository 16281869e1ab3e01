"""Measurements through the API, as a phone's app sends and reads them."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.models import RawBehavioralLog
from coaching.outreach.rhythm import NOT_BY_HAND
from momentum.api.biometrics import LARGEST_BODY
from momentum.biometrics.days import DayValue, record_days
from momentum.biometrics.ingesting import MOST_ITEMS
from momentum.models import BiometricChange, BiometricSource, BiometricStream
from momentum.tests.factories import TrackedUserFactory

pytestmark = pytest.mark.django_db
SAMPLES = "/api/v1/biometrics/samples/"
DAYS = "/api/v1/biometrics/days/"
CHANGES = "/api/v1/biometrics/changes/"


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def a_sample(value: float = 500, hours_ago: int = 2, **more: Any) -> dict[str, Any]:
    end = timezone.now() - timedelta(hours=hours_ago)
    start = end - timedelta(minutes=10)
    times = {"start": start.isoformat(), "end": end.isoformat()}
    return {"metric": "steps", "value": value, "source": "healthkit", **times} | more


def send(client: Client, items: Any, **headers: Any) -> Any:
    return client.post(
        SAMPLES, {"samples": items}, content_type="application/json", headers=headers
    )


def test_good_samples_are_kept_and_bad_ones_named() -> None:
    client = client_of(UserFactory())
    answer = send(client, [a_sample(), a_sample(metric="mood"), a_sample(300, 30)])
    assert answer.status_code == 200
    body = answer.json()
    assert (body["accepted"], body["unchanged"], body["days_changed"]) == (2, 0, 2)
    assert [(each["index"], each["code"]) for each in body["failed"]] == [(1, "metric_unknown")]
    assert "mood" in body["failed"][0]["words"]


def test_a_device_that_sends_is_not_taken_for_its_person() -> None:
    user = TrackedUserFactory()
    send(client_of(user), [a_sample()])
    told = RawBehavioralLog.objects.get(user=user, interaction_type="biometrics.steps")
    assert told.source in NOT_BY_HAND


def test_sent_twice_is_taken_once_with_and_without_a_key() -> None:
    client, items = client_of(UserFactory()), [a_sample()]
    assert send(client, items, **{"Idempotency-Key": "one"}).json()["accepted"] == 1
    again = send(client, items, **{"Idempotency-Key": "one"})
    assert again.json()["accepted"] == 1
    assert again["Idempotent-Replay"] == "true"
    assert send(client, items).json() == {
        "accepted": 0,
        "unchanged": 1,
        "failed": [],
        "days_changed": 0,
    }


@pytest.mark.parametrize("body", [[], {}, {"samples": {}}, {"samples": None}, {"samples": "x"}])
def test_a_body_without_a_list_is_refused(body: Any) -> None:
    answer = client_of(UserFactory()).post(SAMPLES, body, content_type="application/json")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_more_than_ten_thousand_are_refused() -> None:
    answer = send(client_of(UserFactory()), [1] * 10_001)
    assert answer.status_code == 400


def test_a_body_that_is_too_large_is_refused() -> None:
    client = client_of(UserFactory())
    answer = send(client, ["x" * 5_000_000])
    assert answer.status_code == 413
    assert client.post(SAMPLES, b"{}", "application/json", CONTENT_LENGTH="²").status_code == 400


def test_ten_thousand_samples_of_a_device_with_a_long_name_fit() -> None:
    samples = [a_sample(unit="count", device="é" * 80)] * MOST_ITEMS
    body = json.dumps({"samples": samples}, ensure_ascii=False).encode()
    assert 2_621_440 < len(body) <= LARGEST_BODY


def test_nobody_is_nobody() -> None:
    for address in (SAMPLES, DAYS, CHANGES):
        assert Client().get(address).status_code == 401


def test_days_are_listed_and_filtered(django_assert_max_num_queries: Any) -> None:
    user, today = UserFactory(), date(2026, 3, 20)
    other = UserFactory()
    now = datetime(2026, 3, 21, 12, tzinfo=UTC)
    values = [DayValue("steps", today - timedelta(days=n), 1000 + n) for n in range(120)]
    record_days(user, values, "garmin", now=now)
    record_days(user, [DayValue("weight_kg", today, 80)], "healthkit", now=now)
    record_days(other, [DayValue("steps", today, 9)], "garmin", now=now)
    client = client_of(user)
    with django_assert_max_num_queries(4):
        page = client.get(DAYS, {"page_size": 100}).json()
    assert len(page["results"]) == 100
    following = client.get(page["next"]).json()
    assert len(following["results"]) == 21
    found = client.get(DAYS, {"metric": "steps", "from": "2026-03-10", "to": "2026-03-12"}).json()
    assert [row["date"] for row in found["results"]] == ["2026-03-12", "2026-03-11", "2026-03-10"]
    assert len(client.get(DAYS, {"source": "healthkit"}).json()["results"]) == 1
    for wrong in ({"metric": "mood"}, {"from": "x"}, {"source": "x"}, {"preferred": "x"}):
        assert client.get(DAYS, wrong).status_code == 400


def test_an_entry_by_hand_counts_and_can_be_taken_back() -> None:
    user = TrackedUserFactory()
    day = date(2026, 3, 10)
    record_days(user, [DayValue("steps", day, 4000)], "garmin")
    client = client_of(user)
    address = f"{DAYS}steps/2026-03-10/"
    for value in (9000, 8000):  # the last entry counts, also when it is the smaller one
        answer = client.put(address, {"value": value}, content_type="application/json")
        assert (answer.status_code, answer.json()["value"]) == (200, value)
    preferred = BiometricStream.objects.get(user=user, is_preferred=True)
    assert (preferred.source, preferred.value) == (BiometricSource.MANUAL, 8000)
    assert client.delete(address).status_code == 204
    assert client.delete(address).status_code == 404
    preferred = BiometricStream.objects.get(user=user, is_preferred=True)
    assert (preferred.source, preferred.value) == (BiometricSource.GARMIN, 4000)


def test_an_entry_is_converted_or_refused() -> None:
    client = client_of(UserFactory())
    address = f"{DAYS}weight_kg/2026-03-10/"
    answer = client.put(address, {"value": 200, "unit": "lb"}, content_type="application/json")
    assert answer.json()["value"] == pytest.approx(90.72, abs=0.01)
    for wrong in ({"value": 9000}, {"value": 80, "unit": "cm"}, {"value": "x"}, {}):
        assert client.put(address, wrong, content_type="application/json").status_code == 400
    future = f"{DAYS}steps/{timezone.now().date() + timedelta(days=3)}/"
    assert client.put(future, {"value": 5}, content_type="application/json").status_code == 400
    assert client.put(f"{DAYS}mood/2026-03-10/", {"value": 5}).status_code == 404
    assert client.put(f"{DAYS}steps/2026-13-10/", {"value": 5}).status_code == 404


def test_a_change_is_answered_by_its_person_only() -> None:
    user = UserFactory()
    change = BiometricChange.objects.create(
        user=user,
        metric="steps",
        since=date(2026, 2, 1),
        until=date(2026, 2, 28),
        before=5000,
        after=8000,
    )
    address = reverse("biometric-change-confirm", args=[change.pk])
    assert client_of(UserFactory()).post(address).status_code == 404
    client = client_of(user)
    for _ in range(2):
        assert client.post(address).json()["status"] == "confirmed"
    assert client.post(address.replace("confirm", "undo")).json()["status"] == "asked"
    assert client.post(address.replace("confirm", "deny")).json()["status"] == "denied"
    assert len(client.get(CHANGES).json()["results"]) == 1
    assert client_of(UserFactory()).get(CHANGES).json()["results"] == []
    BiometricChange.objects.update(status="expired")
    assert client.post(address).status_code == 409


@pytest.mark.parametrize(("metric", "numbers"), [("weight_kg", (None, None)), ("steps", (90, 86))])
def test_a_change_of_weight_is_told_without_its_numbers(
    metric: str, numbers: tuple[float | None, float | None]
) -> None:
    user = UserFactory()
    days = {"since": date(2026, 2, 1), "until": date(2026, 2, 28)}
    BiometricChange.objects.create(user=user, metric=metric, before=90, after=86, **days)
    (told,) = client_of(user).get(CHANGES).json()["results"]
    assert (told["before"], told["after"]) == numbers


def test_names_with_zero_bytes_are_refused_item_by_item_with_a_key_too() -> None:
    client = client_of(UserFactory())
    items = [a_sample(), a_sample(metric="st\0eps"), a_sample(unit="\0")]
    answer = send(client, items, **{"Idempotency-Key": "zero"})
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert body["accepted"] == 1
    assert [each["code"] for each in body["failed"]] == ["metric_unknown", "unit_unknown"]
