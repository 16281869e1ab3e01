"""Notifications are offered when they are of use, taken by a click, and not asked for again after a no."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts import devices
from accounts.consent import has_consent, set_consent
from accounts.models import (
    Consent,
    ConsentKind,
    ConsentSource,
    Device,
    DevicePlatform,
    User,
)
from accounts.sessions import sign_out_everywhere
from accounts.tests.factories import UserFactory
from coaching.models import Mute, Reminder
from coaching.outreach import offering
from config.runtime.keys import new_vapid_key

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
KEY = new_vapid_key()
ENDPOINT = "https://fcm.googleapis.com/fcm/send/abc"
pytestmark = pytest.mark.django_db


def coded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


KEYS = {"p256dh": coded(b"\x04" + b"p" * 64), "auth": coded(b"a" * 16)}
SUBSCRIPTION = {"endpoint": ENDPOINT, "expirationTime": None, "keys": KEYS}


@pytest.fixture(autouse=True)
def _key(settings: Any) -> None:
    settings.VAPID_PRIVATE_KEY = KEY


@pytest.fixture
def user() -> User:
    return UserFactory.create()


@pytest.fixture
def mine(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def remind(user: User) -> None:
    Reminder.objects.create(user=user, text="Water", remind_at=NOW, idempotency_key="one")


class TestTheOffer:
    def test_it_comes_with_the_first_reminder(self, user: User) -> None:
        assert not offering.is_offered(user, now=NOW)
        remind(user)
        assert offering.is_offered(user, now=NOW)

    def test_it_needs_a_key_of_the_site(self, user: User, settings: Any) -> None:
        remind(user)
        settings.VAPID_PRIVATE_KEY = ""
        assert not offering.is_offered(user, now=NOW)

    def test_a_no_rests_for_thirty_days_each_time(self, user: User) -> None:
        remind(user)
        for start in (NOW, NOW + timedelta(days=31)):
            offering.decline(user, now=start)
            assert not offering.is_offered(user, now=start + timedelta(days=29))
            assert offering.is_offered(user, now=start + timedelta(days=30, seconds=1))
        assert Mute.objects.count() == 1

    def test_a_consent_taken_back_rests_as_well(self, user: User) -> None:
        remind(user)
        set_consent(user, ConsentKind.PUSH, False, ConsentSource.WEB)
        Consent.objects.update(at=NOW)
        assert not offering.is_offered(user, now=NOW + timedelta(days=29))
        assert offering.is_offered(user, now=NOW + timedelta(days=31))

    def test_who_has_it_is_not_asked(self, user: User) -> None:
        remind(user)
        offering.switch_on(user, ENDPOINT, KEYS)
        assert not offering.is_offered(user, now=NOW)

    def test_the_page_of_reminders_shows_it_with_a_no_beside_the_yes(
        self, mine: Client, user: User
    ) -> None:
        assert b"push-switch" not in mine.get("/reminders/").content
        remind(user)
        page = mine.get("/reminders/").content.decode()
        assert "Notify me here" in page
        answer = mine.post("/settings/push/not-now/", {"next": "/reminders/"})
        assert answer["Location"] == "/reminders/"
        assert "push-switch" not in mine.get("/reminders/").content.decode()

    def test_not_now_leads_nowhere_else(self, mine: Client) -> None:
        answer = mine.post("/settings/push/not-now/", {"next": "https://example.org/"})
        assert answer["Location"] == "/reminders/"


class TestTheSwitch:
    def test_a_click_is_a_yes_with_its_words(self, mine: Client, user: User) -> None:
        for _ in range(2):
            answer = mine.post("/settings/push/on/", SUBSCRIPTION, "application/json")
            assert answer.status_code == 204
        device = Device.objects.get()
        assert (device.user, device.token, device.keys) == (user, ENDPOINT, KEYS)
        consent = Consent.objects.get()
        assert consent.granted
        assert consent.evidence == "Habyss may send notifications to my devices."

    @pytest.mark.parametrize(
        "body",
        [
            "",
            "[]",
            "{}",
            json.dumps({**SUBSCRIPTION, "keys": "x"}),
            json.dumps({**SUBSCRIPTION, "endpoint": "https://127.0.0.1/"}),
            json.dumps({**SUBSCRIPTION, "endpoint": {"a": 1}}),
        ],
    )
    def test_what_is_no_subscription_is_refused(self, mine: Client, user: User, body: str) -> None:
        assert mine.post("/settings/push/on/", body, "application/json").status_code == 422
        assert not Device.objects.exists()
        assert not has_consent(user, ConsentKind.PUSH)

    def test_the_last_device_takes_the_consent_with_it(self, mine: Client, user: User) -> None:
        offering.switch_on(user, ENDPOINT, KEYS)
        offering.switch_on(user, f"{ENDPOINT}-2", KEYS)
        mine.post("/settings/push/off/", {"endpoint": ENDPOINT}, "application/json")
        assert has_consent(user, ConsentKind.PUSH)
        for _ in range(2):
            mine.post("/settings/push/off/", {"endpoint": f"{ENDPOINT}-2"}, "application/json")
        assert not has_consent(user, ConsentKind.PUSH)
        assert Consent.objects.count() == 2

    def test_nobody_switches_off_anothers_device(self, mine: Client) -> None:
        other = UserFactory.create()
        offering.switch_on(other, ENDPOINT, KEYS)
        mine.post("/settings/push/off/", {"endpoint": ENDPOINT}, "application/json")
        assert Device.objects.get().user == other

    def test_a_page_can_tell_the_browsers_it_knows(self, mine: Client, user: User) -> None:
        offering.switch_on(user, ENDPOINT, KEYS)
        switch = offering.switch_for(user)
        assert switch.agreed
        (known,) = switch.known
        page = mine.get("/settings/notifications/").content.decode()
        assert f'data-known="{known}"' in page
        assert switch.key in page
        assert ENDPOINT not in page


@pytest.mark.parametrize(
    "body",
    [
        '{"endpoint": "https://fcm.googleapis.com/\\ud800"}',
        "[" * 100_000,
        "5",
        '{"endpoint": {"a": 1}, "keys": [1]}',
        b"\xff\xfe",
        "",
    ],
    ids=["half a character", "deep", "a number", "wrong shapes", "no text", "nothing"],
)
def test_what_is_no_subscription_is_said_to_be_none(mine: Client, user: User, body: Any) -> None:
    on = mine.post("/settings/push/on/", body, content_type="application/json")
    assert (on.status_code, on.content.decode()) == (422, "This is not a subscription.")
    off = mine.post("/settings/push/off/", body, content_type="application/json")
    assert off.status_code == 204
    assert not user.devices.exists()


class TestSigningOut:
    def switched_on(self, mine: Client) -> None:
        answer = mine.post("/settings/push/on/", SUBSCRIPTION, content_type="application/json")
        assert answer.status_code == 204

    def test_it_ends_the_notifications_of_that_browser(self, mine: Client, user: User) -> None:
        self.switched_on(mine)
        devices.register(user, DevicePlatform.WEB, f"{ENDPOINT}-elsewhere", KEYS)
        mine.post("/accounts/logout/")
        assert [device.token for device in user.devices.all()] == [f"{ENDPOINT}-elsewhere"]

    def test_another_session_of_the_person_leaves_it_alone(self, mine: Client, user: User) -> None:
        self.switched_on(mine)
        other = Client()
        other.force_login(user)
        other.post("/accounts/logout/")
        assert user.devices.exists()

    def test_signing_out_everywhere_ends_them_all(self, mine: Client, user: User) -> None:
        self.switched_on(mine)
        sign_out_everywhere(user)
        assert not user.devices.exists()
