"""A device is somebody's alone, and a browser cannot make this server call just any address."""

import base64
from typing import Any

import pytest
from django.test import Client

from accounts import devices
from accounts.models import Device, DevicePlatform, User
from accounts.tests.factories import UserFactory

ENDPOINT = "https://fcm.googleapis.com/fcm/send/abc"


def coded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


KEYS = {"p256dh": coded(b"\x04" + b"p" * 64), "auth": coded(b"a" * 16)}


@pytest.fixture
def user(db: None) -> User:
    return UserFactory.create()


@pytest.mark.parametrize(
    "endpoint",
    [
        ENDPOINT,
        "https://updates.push.services.mozilla.com/wpush/v2/x",
        "https://wns2-par02p.notify.windows.com/w/?token=x",
        "https://web.push.apple.com:443/x",
    ],
)
def test_the_push_services_of_the_browsers_are_known(endpoint: str) -> None:
    assert devices.is_push_service(endpoint)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/fcm/send/abc",
        "https://fcm.googleapis.com:8443/x",
        "https://fcm.googleapis.com.example.org/x",
        "https://notify.windows.com.example.org/x",
        "https://evilnotify.windows.com/x",
        "https://me@fcm.googleapis.com/x",
        "https://fcm.googleapis.com@127.0.0.1/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://10.0.0.1/x",
        "https://169.254.169.254/latest/meta-data/",
        "https://localhost/x",
        "https://[::1/x",
        "https://fcm.googleapis.com:port/x",
        "file:///etc/passwd",
        "",
    ],
)
def test_no_other_address_is_believed(endpoint: str) -> None:
    assert not devices.is_push_service(endpoint)


def test_a_push_service_on_this_machine_has_to_be_listed(settings: Any) -> None:
    settings.WEB_PUSH_HOSTS = ["127.0.0.1"]
    assert devices.is_push_service("http://127.0.0.1:4711/x")
    assert not devices.is_push_service("http://127.0.0.2:4711/x")


@pytest.mark.parametrize(
    "keys",
    [
        None,
        {},
        {"p256dh": KEYS["p256dh"]},
        {**KEYS, "auth": "x"},
        {**KEYS, "p256dh": coded(b"\x02" + b"p" * 64)},
        {**KEYS, "p256dh": "ß" * 87},
    ],
)
def test_a_subscription_without_its_keys_is_refused(user: User, keys: dict[str, Any]) -> None:
    with pytest.raises(devices.DeviceRefused, match="keys"):
        devices.register(user, DevicePlatform.WEB, ENDPOINT, keys)


def test_a_device_moves_to_whoever_uses_it_now(user: User) -> None:
    before, is_new = devices.register(user, DevicePlatform.WEB, ENDPOINT, KEYS)
    other = UserFactory.create()
    after, is_new_too = devices.register(other, DevicePlatform.WEB, ENDPOINT, KEYS)
    assert is_new
    assert is_new_too
    assert Device.objects.get() == after
    assert after.user == other
    assert after.pk != before.pk
    assert not devices.forget(user, ENDPOINT)
    assert devices.forget(other, ENDPOINT)


def test_the_oldest_of_too_many_devices_makes_room(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "DEVICES_KEPT", 2)
    for token in ("one", "two", "three"):
        devices.register(user, DevicePlatform.ANDROID, token)
    devices.register(user, DevicePlatform.ANDROID, "two")
    assert set(user.devices.values_list("token", flat=True)) == {"two", "three"}


def test_the_api_says_what_is_wrong_with_a_subscription(user: User, client: Client) -> None:
    client.force_login(user)
    url = "/api/v1/users/me/devices/"
    body = {"platform": "web", "token": "https://169.254.169.254/", "keys": KEYS}
    refused = client.post(url, body, "application/json")
    assert refused.status_code == 400
    assert b"push service" in refused.content
    accepted = client.post(url, {**body, "token": ENDPOINT}, "application/json")
    assert accepted.status_code == 201
