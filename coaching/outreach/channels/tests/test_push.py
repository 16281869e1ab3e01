"""A note reaches every device through the real clients of its service, and one that got it is enough."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import http_ece
import jwt
import pytest
import requests
from aioapns.exceptions import ConnectionClosed
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from django.utils import timezone

from accounts.models import Device, DevicePlatform, User
from accounts.tests.factories import UserFactory
from coaching.models import CoachMessage, MessageCause, MessageChannel
from coaching.outreach.channels import web_push
from coaching.outreach.channels.pushing import note_of
from coaching.toolkit import Channel, DeliveryFailed, channel_for
from config.runtime.keys import new_vapid_key

from .push_servers import HANG_UP, Answer, Apple, PushService, certificate, push_service

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
VAPID_KEY = new_vapid_key()
pytestmark = pytest.mark.django_db


def coded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Browser:
    """The keys a browser makes for a subscription, and what it does with a note."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.secret = b"0123456789abcdef"
        point = self.private.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )
        self.keys = {"p256dh": coded(point), "auth": coded(self.secret)}

    def opens(self, body: bytes) -> dict[str, str]:
        text = http_ece.decrypt(body, private_key=self.private, auth_secret=self.secret)
        note: dict[str, str] = json.loads(text)
        return note


@pytest.fixture(autouse=True)
def _keys(settings: Any) -> None:
    settings.VAPID_PRIVATE_KEY = VAPID_KEY
    settings.VAPID_SUBJECT = "mailto:coach@habyss.example"
    settings.WEB_PUSH_HOSTS = ["127.0.0.1"]
    settings.PUSH_TIMEOUT_SECONDS = 5.0
    settings.FCM_SERVICE_ACCOUNT_FILE = ""
    settings.APNS_KEY_FILE = ""


@pytest.fixture
def service() -> Iterator[PushService]:
    with push_service() as service:
        yield service


@pytest.fixture
def user() -> User:
    return UserFactory.create()


@pytest.fixture
def browser() -> Browser:
    return Browser()


def push() -> Channel:
    declared = channel_for("push")
    assert declared is not None
    return declared


def a_message(user: User, **fields: Any) -> CoachMessage:
    values: dict[str, Any] = {
        "channel": MessageChannel.PUSH,
        "cause": MessageCause.REMINDER,
        "cause_key": "one",
        "body": "Reminder: water the plants",
        "claimed_at": NOW,
        "expires_at": NOW + timedelta(hours=2),
    }
    return CoachMessage.objects.create(user=user, **{**values, **fields})


def subscribe(user: User, service: PushService, browser: Browser, name: str = "one") -> Device:
    return Device.objects.create(
        user=user,
        platform=DevicePlatform.WEB,
        token=f"{service.url}/{name}",
        keys=browser.keys,
    )


def failure_of(message: CoachMessage) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as failed:
        push().deliver(message)
    return failed.value


class TestWebPush:
    def test_the_browser_can_read_it_and_the_service_knows_who_writes(
        self, user: User, service: PushService, browser: Browser
    ) -> None:
        subscribe(user, service, browser)
        service.answers["/one"] = Answer(201, headers={"Location": f"{service.url}/m/1"})
        message = a_message(user)
        assert push().deliver(message) == f"{service.url}/m/1"
        (heard,) = service.heard
        assert browser.opens(heard.body) == {
            "id": str(message.pk),
            "title": "Your reminder",
            "body": "Reminder: water the plants",
            "url": f"/messages/{message.pk}/open/",
            "tag": message.pk.hex,
        }
        assert heard.headers["ttl"] == "7200"
        assert heard.headers["content-encoding"] == "aes128gcm"
        assert len(heard.headers["topic"]) <= 32
        signed = heard.headers["authorization"].removeprefix("vapid t=")
        token, _, key = signed.partition(",k=")
        assert key == web_push.application_server_key()
        point = base64.urlsafe_b64decode(key + "=")
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        claims = jwt.decode(token, public, algorithms=["ES256"], audience=service.url)
        assert claims["sub"] == "mailto:coach@habyss.example"

    @pytest.mark.parametrize("status", [404, 410])
    def test_a_subscription_that_ended_is_forgotten(
        self, user: User, service: PushService, browser: Browser, status: int
    ) -> None:
        subscribe(user, service, browser)
        service.answers["/one"] = Answer(status)
        assert failure_of(a_message(user)).permanent
        assert not user.devices.exists()
        assert not push().reaches(user)

    @pytest.mark.parametrize(
        ("status", "permanent"),
        [(429, False), (500, False), (503, False), (403, True), (413, True)],
    )
    def test_a_refusal_keeps_the_device(
        self, user: User, service: PushService, browser: Browser, status: int, permanent: bool
    ) -> None:
        subscribe(user, service, browser)
        service.answers["/one"] = Answer(status)
        assert failure_of(a_message(user)).permanent is permanent
        assert user.devices.exists()

    def test_a_line_that_breaks_leaves_it_open(
        self, user: User, service: PushService, browser: Browser
    ) -> None:
        subscribe(user, service, browser)
        service.answers["/one"] = Answer(HANG_UP)
        with pytest.raises(requests.ConnectionError):
            push().deliver(a_message(user))
        assert len(service.heard) == 1

    def test_a_service_that_is_down_passes(
        self, user: User, service: PushService, browser: Browser
    ) -> None:
        subscribe(user, service, browser)
        service.shutdown()
        service.server_close()
        assert not failure_of(a_message(user)).permanent

    def test_nothing_is_followed_elsewhere(
        self, user: User, service: PushService, browser: Browser
    ) -> None:
        subscribe(user, service, browser)
        service.answers["/one"] = Answer(307, headers={"Location": f"{service.url}/inner"})
        assert failure_of(a_message(user)).permanent
        assert [heard.path for heard in service.heard] == ["/one"]

    def test_an_address_that_is_no_push_service_is_never_called(
        self, user: User, service: PushService, browser: Browser, settings: Any
    ) -> None:
        subscribe(user, service, browser)
        settings.WEB_PUSH_HOSTS = ["fcm.googleapis.com"]
        assert failure_of(a_message(user)).permanent
        assert service.heard == []
        assert not user.devices.exists()

    def test_a_known_name_that_leads_inside_is_not_called(
        self, user: User, service: PushService, browser: Browser, settings: Any
    ) -> None:
        device = subscribe(user, service, browser)
        settings.WEB_PUSH_HOSTS = ["localhost"]
        device.token = "https://localhost/one"
        device.save()
        assert "inner address" in str(failure_of(a_message(user)))

    def test_broken_keys_end_the_subscription(
        self, user: User, service: PushService, browser: Browser
    ) -> None:
        browser.keys["p256dh"] = coded(b"\x04" + b"x" * 64)
        subscribe(user, service, browser)
        assert failure_of(a_message(user)).permanent
        assert not user.devices.exists()
        assert service.heard == []


class TestSeveralDevices:
    def test_one_that_got_it_is_enough(
        self, user: User, service: PushService, browser: Browser
    ) -> None:
        for name, status in [("gone", 410), ("busy", 503), ("fine", 201)]:
            subscribe(user, service, browser, name)
            service.answers[f"/{name}"] = Answer(status)
        push().deliver(a_message(user))
        assert {heard.path for heard in service.heard} == {"/gone", "/busy", "/fine"}
        tokens = user.devices.values_list("token", flat=True)
        assert set(tokens) == {f"{service.url}/busy", f"{service.url}/fine"}

    def test_it_may_pass_while_one_may_come_back(
        self, user: User, service: PushService, browser: Browser
    ) -> None:
        for name, status in [("gone", 410), ("busy", 503)]:
            subscribe(user, service, browser, name)
            service.answers[f"/{name}"] = Answer(status)
        assert not failure_of(a_message(user)).permanent

    def test_perhaps_one_got_it_is_no_failure_to_repeat(
        self, user: User, service: PushService, browser: Browser
    ) -> None:
        for name, status in [("busy", 503), ("silent", HANG_UP)]:
            subscribe(user, service, browser, name)
            service.answers[f"/{name}"] = Answer(status)
        with pytest.raises(requests.ConnectionError):
            push().deliver(a_message(user))

    def test_another_persons_device_hears_nothing(
        self, user: User, service: PushService, browser: Browser
    ) -> None:
        subscribe(UserFactory.create(), service, browser)
        assert failure_of(a_message(user)).permanent
        assert service.heard == []

    def test_a_device_that_came_back_meanwhile_stays(
        self, user: User, service: PushService, browser: Browser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        device = subscribe(user, service, browser)
        service.answers["/one"] = Answer(410)
        really = web_push.send

        def and_comes_back(*args: Any) -> str:
            Device.objects.filter(pk=device.pk).update(
                last_seen_at=timezone.now() + timedelta(minutes=1)
            )
            return really(*args)

        monkeypatch.setattr(web_push, "send", and_comes_back)
        assert failure_of(a_message(user)).permanent
        assert user.devices.exists()


class TestWithoutKeys:
    @pytest.mark.parametrize("key", ["", "not a key"])
    def test_browsers_are_not_reached(
        self, user: User, service: PushService, browser: Browser, settings: Any, key: str
    ) -> None:
        subscribe(user, service, browser)
        settings.VAPID_PRIVATE_KEY = key
        assert not push().reaches(user)
        assert failure_of(a_message(user)).permanent

    def test_phones_are_not_reached(self, user: User) -> None:
        Device.objects.create(user=user, platform=DevicePlatform.IOS, token="a")
        Device.objects.create(user=user, platform=DevicePlatform.ANDROID, token="b")
        assert not push().reaches(user)


class TestFirebase:
    @pytest.fixture(autouse=True)
    def _account(self, settings: Any, service: PushService, tmp_path: Path) -> None:
        key = generate_private_key(65537, 2048)
        account = {
            "type": "service_account",
            "project_id": "habyss",
            "client_email": "push@habyss.example",
            "token_uri": f"{service.url}/token",
            "private_key": key.private_bytes(
                Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
            ).decode(),
        }
        file = tmp_path / "account.json"
        file.write_text(json.dumps(account))
        settings.FCM_SERVICE_ACCOUNT_FILE = str(file)
        settings.FCM_BASE_URL = f"{service.url}/v1/projects"
        service.answers["/token"] = Answer(200, {"access_token": "let-me-in", "expires_in": 3600})
        service.answers[self.PATH] = Answer(200, {"name": "projects/habyss/messages/7"})

    PATH = "/v1/projects/habyss/messages:send"

    @pytest.fixture
    def phone(self, user: User) -> Device:
        return Device.objects.create(user=user, platform=DevicePlatform.ANDROID, token="droid")

    def test_it_arrives(self, user: User, service: PushService, phone: Device) -> None:
        message = a_message(user)
        assert push().reaches(user)
        assert push().deliver(message) == "projects/habyss/messages/7"
        _, heard = service.heard
        assert heard.headers["authorization"] == "Bearer let-me-in"
        sent = json.loads(heard.body)["message"]
        assert sent["token"] == "droid"
        assert sent["notification"]["body"] == "Reminder: water the plants"
        assert sent["data"]["url"] == f"/messages/{message.pk}/open/"
        assert sent["android"]["ttl"] == "7200s"

    @pytest.mark.parametrize("status", [403, 404])
    def test_an_app_that_is_gone_is_forgotten(
        self, user: User, service: PushService, phone: Device, status: int
    ) -> None:
        service.answers[self.PATH] = Answer(status)
        assert failure_of(a_message(user)).permanent
        assert not user.devices.exists()

    @pytest.mark.parametrize(
        ("status", "permanent"), [(400, True), (401, False), (429, False), (503, False)]
    )
    def test_a_refusal_is_asked_for_once_and_waited_for_by_nobody(
        self, user: User, service: PushService, phone: Device, status: int, permanent: bool
    ) -> None:
        service.answers[self.PATH] = Answer(status, headers={"Retry-After": "3600"})
        assert failure_of(a_message(user)).permanent is permanent
        assert [heard.path for heard in service.heard].count(self.PATH) == 1
        assert user.devices.exists()

    def test_no_sign_in_is_a_failure_that_passes(
        self, user: User, service: PushService, phone: Device
    ) -> None:
        service.answers["/token"] = Answer(400, {"error": "invalid_grant"})
        assert not failure_of(a_message(user)).permanent
        assert self.PATH not in [heard.path for heard in service.heard]

    def test_a_line_that_breaks_is_not_tried_again(
        self, user: User, service: PushService, phone: Device
    ) -> None:
        service.answers[self.PATH] = Answer(HANG_UP)
        with pytest.raises(requests.ConnectionError):
            push().deliver(a_message(user))
        assert [heard.path for heard in service.heard].count(self.PATH) == 1


class TestApple:
    @pytest.fixture
    def apple(
        self, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[Apple]:
        pem = certificate(tmp_path)
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        key = ec.generate_private_key(ec.SECP256R1())
        file = tmp_path / "key.p8"
        file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        settings.APNS_KEY_FILE = str(file)
        settings.APNS_KEY_ID, settings.APNS_TEAM_ID = "key", "team"
        settings.APNS_TOPIC = "example.habyss"
        with Apple(pem) as apple:
            settings.APNS_SERVER = apple.address
            yield apple

    @pytest.fixture
    def phone(self, user: User, apple: Apple) -> Device:
        return Device.objects.create(user=user, platform=DevicePlatform.IOS, token="abc123")

    def test_it_arrives(self, user: User, apple: Apple, phone: Device) -> None:
        message = a_message(user)
        assert push().reaches(user)
        assert push().deliver(message) == str(message.pk)
        (heard,) = apple.heard
        assert heard.path == "/3/device/abc123"
        assert heard.headers["apns-topic"] == "example.habyss"
        assert heard.headers["apns-collapse-id"] == message.pk.hex
        assert heard.headers["authorization"].startswith("bearer ")
        sent = json.loads(heard.body)
        assert sent["aps"]["alert"]["body"] == "Reminder: water the plants"
        assert sent["url"] == f"/messages/{message.pk}/open/"

    @pytest.mark.parametrize(
        ("status", "reason", "permanent", "stays"),
        [
            (410, "Unregistered", True, False),
            (400, "BadDeviceToken", True, False),
            (400, "BadTopic", True, True),
            (403, "InvalidProviderToken", False, True),
            (429, "TooManyRequests", False, True),
            (503, "Shutdown", False, True),
        ],
    )
    def test_what_apple_refuses(
        self,
        user: User,
        apple: Apple,
        phone: Device,
        status: int,
        reason: str,
        permanent: bool,
        stays: bool,
    ) -> None:
        apple.answers["abc123"] = Answer(status, {"reason": reason})
        assert failure_of(a_message(user)).permanent is permanent
        assert user.devices.exists() is stays

    def test_a_line_that_breaks_leaves_it_open(
        self, user: User, apple: Apple, phone: Device
    ) -> None:
        apple.answers["abc123"] = Answer(HANG_UP)
        with pytest.raises(ConnectionClosed):
            push().deliver(a_message(user))
        assert len(apple.heard) == 1

    def test_no_connection_is_a_failure_that_passes(
        self, user: User, apple: Apple, phone: Device, settings: Any
    ) -> None:
        settings.APNS_SERVER = "127.0.0.1:1"
        assert not failure_of(a_message(user)).permanent


class TestWhatALockScreenShows:
    def test_a_long_text_is_cut_at_a_word(self, user: User) -> None:
        note = note_of(a_message(user, body="word " * 100))
        assert len(note.body) <= 160
        assert note.body.endswith("word…")

    @pytest.mark.parametrize("cause", [MessageCause.COACH, MessageCause.BRIEF, MessageCause.DIGEST])
    def test_what_is_between_them_and_the_coach_stays_in_the_app(
        self, user: User, cause: MessageCause
    ) -> None:
        note = note_of(a_message(user, cause=cause, title="About your weight", body="Secret"))
        assert "Secret" not in note.body
        assert "weight" not in note.title

    def test_a_message_that_expired_is_not_kept_for_later(self, user: User) -> None:
        assert note_of(a_message(user, expires_at=NOW - timedelta(hours=1))).lives == 0
