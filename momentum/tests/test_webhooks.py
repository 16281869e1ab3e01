"""Pushes of Garmin: signed, answered at once, one effect however often they come."""

import hashlib
import hmac
import json
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from accounts.tests.factories import UserFactory
from momentum.biometrics import garmin, pushes
from momentum.models import BiometricStream, DeviceConnection, ProviderPush

pytestmark = pytest.mark.django_db
SECRET = "a secret of the webhook"
START = 1_773_097_200  # 23:00 UTC of 9 March 2026: midnight in Berlin


@pytest.fixture(autouse=True)
def _secret(settings: Any) -> None:
    settings.GARMIN_WEBHOOK_SECRET = SECRET


def a_connection(account: str = "g-1") -> User:
    user = UserFactory(timezone="Europe/Berlin")
    DeviceConnection.objects.create(user=user, provider="garmin", provider_user_id=account)
    return user


def daily(account: str = "g-1", **more: Any) -> dict[str, Any]:
    return {
        "userId": account,
        "summaryId": "x-1",
        "calendarDate": "2026-03-10",
        "startTimeInSeconds": START,
        "startTimeOffsetInSeconds": 3600,
        "durationInSeconds": 86400,
        "steps": 8123,
        "distanceInMeters": 6200.5,
        "activeKilocalories": 410,
        "moderateIntensityDurationInSeconds": 1800,
        "vigorousIntensityDurationInSeconds": 600,
        "restingHeartRateInBeatsPerMinute": 54,
    } | more


def push(
    kind: str,
    body: Any,
    *,
    secret: str = SECRET,
    timestamp: str | None = None,
    signature: str | None = None,
) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    stamp = timestamp if timestamp is not None else str(int(time.time()))
    signed = hmac.new(secret.encode(), stamp.encode() + b"." + raw, hashlib.sha256).hexdigest()
    return Client(enforce_csrf_checks=True).post(
        f"/api/v1/webhooks/garmin/{kind}/",
        raw,
        content_type="application/json",
        headers={
            "X-Webhook-Timestamp": stamp,
            "X-Webhook-Signature": signature if signature is not None else f"sha256={signed}",
        },
    )


def values(user: User) -> dict[tuple[str, date], float]:
    rows = BiometricStream.objects.filter(user=user)
    return {(row.metric, row.date): row.value for row in rows}


def test_a_push_becomes_values_of_the_day() -> None:
    user = a_connection()
    answer = push("dailies", {"dailies": [daily()]})
    assert (answer.status_code, answer.json()) == (200, {"stored": 1, "repeated": 0, "dropped": 0})
    assert values(user) == {}  # answered before anything is worked out
    assert pushes.process(user.pk, now=timezone.now()) == 1
    day = date(2026, 3, 10)
    assert values(user) == {
        ("steps", day): 8123,
        ("distance_km", day): 6.2005,
        ("active_energy_kcal", day): 410,
        ("active_minutes", day): 40,
        ("resting_heart_rate", day): 54,
    }
    connection = DeviceConnection.objects.get(user=user)
    assert connection.last_data_at is not None


def test_nights_weighings_and_variability() -> None:
    user = a_connection()
    night = {"userId": "g-1", "calendarDate": "2026-03-10", "startTimeInSeconds": START}
    push("sleeps", {"sleeps": [night | {"durationInSeconds": 27000}]})
    push("hrv", {"hrv": [night | {"durationInSeconds": 27000, "lastNightAvg": 47}]})
    weighed = {"userId": "g-1", "measurementTimeInSeconds": START, "weightInGrams": 75450}
    push("bodyComps", {"bodyComps": [weighed | {"measurementTimeOffsetInSeconds": 3600}]})
    pushes.process(user.pk, now=timezone.now())
    day = date(2026, 3, 10)
    assert values(user) == {
        ("sleep_minutes", day): 450,
        ("hrv", day): 47,
        ("weight_kg", day): 75.45,
    }


def test_the_stages_of_sleep_leave_out_the_time_awake() -> None:
    night = {"startTimeInSeconds": START, "durationInSeconds": 28800, "remSleepInSeconds": 5400}
    night |= {"deepSleepDurationInSeconds": 3600, "lightSleepDurationInSeconds": 14400}
    (told,) = garmin.days_of("sleeps", night)
    assert told.value == 390


def test_a_repeated_push_is_one_effect() -> None:
    user = a_connection()
    for _ in range(2):
        push("dailies", {"dailies": [daily()]})
    assert push("dailies", {"dailies": [daily(), daily()]}).json()["repeated"] == 2
    assert ProviderPush.objects.count() == 1
    assert pushes.process(user.pk, now=timezone.now()) == 1
    assert pushes.process(user.pk, now=timezone.now()) == 0


def test_an_earlier_state_of_the_day_does_not_undo_a_later_one() -> None:
    user = a_connection()
    push("dailies", {"dailies": [daily()]})
    push("dailies", {"dailies": [daily(steps=100, durationInSeconds=3600)]})
    pushes.process(user.pk, now=timezone.now())
    assert values(user)["steps", date(2026, 3, 10)] == 8123


def test_people_we_do_not_know_are_dropped_with_a_count() -> None:
    a_connection()
    answer = push("dailies", {"dailies": [daily(), daily("stranger"), {}, "x", {"userId": None}]})
    assert answer.json() == {"stored": 1, "repeated": 0, "dropped": 4}


def test_each_person_gets_their_own() -> None:
    one, other = a_connection("g-1"), a_connection("g-2")
    push("dailies", {"dailies": [daily("g-1"), daily("g-2", steps=99)]})
    for user in (one, other):
        pushes.process(user.pk, now=timezone.now())
    assert values(one)["steps", date(2026, 3, 10)] == 8123
    assert values(other)["steps", date(2026, 3, 10)] == 99


def test_deregistration_removes_the_connection_only() -> None:
    user = a_connection()
    a_connection("g-2")
    push("dailies", {"dailies": [daily()]})
    assert push("deregistrations", {"deregistrations": [{"userId": "g-1"}]}).status_code == 200
    assert not DeviceConnection.objects.filter(user=user).exists()
    assert DeviceConnection.objects.count() == 1
    assert push("dailies", {"dailies": [daily(steps=1)]}).json()["dropped"] == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "another"},
        {"signature": ""},
        {"signature": "sha256="},
        {"signature": "ünicode"},
        {"timestamp": ""},
        {"timestamp": "soon"},
        {"timestamp": str(int(time.time()) - 3600)},
        {"timestamp": str(int(time.time()) + 3600)},
        {"timestamp": "9" * 30},
    ],
)
def test_a_push_that_is_not_signed_now_by_who_knows_the_secret_is_refused(
    wrong: dict[str, str],
) -> None:
    a_connection()
    answer = push("dailies", {"dailies": [daily()]}, **wrong)
    assert answer.status_code == 401
    assert not ProviderPush.objects.exists()


def test_a_changed_body_does_not_fit_its_signature() -> None:
    now = timezone.now()
    stamp = str(int(now.timestamp()))
    signed = hmac.new(SECRET.encode(), stamp.encode() + b".a", hashlib.sha256).hexdigest()
    assert pushes.is_authentic(SECRET, stamp, signed, b"a", now=now)
    assert not pushes.is_authentic(SECRET, stamp, signed, b"b", now=now)
    assert not pushes.is_authentic(SECRET, str(int(stamp) + 1), signed, b"a", now=now)


def test_without_a_secret_nothing_is_taken(settings: Any) -> None:
    settings.GARMIN_WEBHOOK_SECRET = ""
    assert push("dailies", {"dailies": []}, secret="").status_code == 503


@pytest.mark.parametrize(
    "body", [b"", b"x", b"[]", b"{}", b'{"dailies": 1}', b'{"dailies": [NaN]}', b"\xff"]
)
def test_a_body_that_is_none_is_refused(body: bytes) -> None:
    assert push("dailies", body).status_code == 400


def test_unknown_kinds_and_methods_are_refused() -> None:
    assert push("moods", {"moods": []}).status_code == 404
    assert Client().get("/api/v1/webhooks/garmin/dailies/").status_code == 405


def test_what_cannot_be_read_is_marked_and_the_rest_counts() -> None:
    user = a_connection()
    sent = [daily(startTimeInSeconds=None), daily(calendarDate="soon"), daily(steps=10**7), daily()]
    push("dailies", {"dailies": sent})
    pushes.process(user.pk, now=timezone.now())
    marked = {row.status for row in ProviderPush.objects.exclude(error="")}
    assert marked == {"failed"}
    assert ProviderPush.objects.filter(status="failed").count() == 3
    assert values(user)["steps", date(2026, 3, 10)] == 8123


def test_a_moment_at_the_end_of_the_calendar_does_not_hold_up_the_rest() -> None:
    user = a_connection()
    last_second = {
        "userId": "g-1",
        "measurementTimeInSeconds": 253_402_300_799,
        "measurementTimeOffsetInSeconds": 3600,
        "weightInGrams": 70_000,
    }
    push("bodyComps", {"bodyComps": [last_second]})
    push("dailies", {"dailies": [daily()]})
    assert pushes.process(user.pk, now=timezone.now()) == 2
    assert values(user)["steps", date(2026, 3, 10)] == 8123
    assert ProviderPush.objects.get(kind="bodyComps").status == "failed"


def test_what_got_lost_is_swept_up() -> None:
    user = a_connection()
    push("dailies", {"dailies": [daily()]})
    now = timezone.now()
    assert pushes.left_behind(now=now) == []
    assert pushes.left_behind(now=now + timedelta(minutes=3)) == [user.pk]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)
FIELDS = st.sampled_from(
    [*daily(), "weightInGrams", "measurementTimeInSeconds", "remSleepInSeconds", "lastNightAvg"]
)


@given(summary=st.dictionaries(FIELDS, JSON), kind=st.sampled_from(sorted(garmin.KINDS)))
def test_whatever_a_summary_holds_it_is_read_or_unreadable(
    summary: dict[str, Any], kind: str
) -> None:
    try:
        told = garmin.days_of(kind, summary)
    except garmin.SummaryUnreadable:
        return
    for day in told:
        assert day.value >= 0
        assert day.measured_until is not None
        assert day.measured_until.tzinfo is UTC
        assert isinstance(day.measured_until, datetime)
