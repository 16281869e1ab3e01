"""Browsers and phones that may be reached by push."""

import base64
import binascii
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Device, DevicePlatform, User

# More than anybody uses at once; the one that was not seen for the longest time makes room.
DEVICES_KEPT = 8
# Where a session keeps the subscriptions that were switched on in it.
SUBSCRIPTIONS = "push_subscriptions"
POINT_BYTES, SECRET_BYTES = 65, 16


class DeviceRefused(ValueError):
    """This is no device that push can reach; the text says why, in words for the person."""


def check(platform: str, token: str, keys: dict[str, Any] | None) -> None:
    """Raises `DeviceRefused` for a browser's subscription that cannot be written to.

    The address of a subscription comes from outside, and this server will call it: so it has to be one of
    a known push service. Its keys are the browser's public key and a shared secret (RFC 8291).
    """
    if platform != DevicePlatform.WEB:
        return
    if not is_push_service(token):
        raise DeviceRefused("This is not the address of a push service that Habyss knows.")
    p256dh, auth = (_decoded((keys or {}).get(name)) for name in ("p256dh", "auth"))
    if len(p256dh) != POINT_BYTES or p256dh[0] != 4 or len(auth) != SECRET_BYTES:
        raise DeviceRefused("The keys of this subscription are incomplete.")


def is_push_service(endpoint: str) -> bool:
    """Whether `endpoint` is an HTTPS address of one of `WEB_PUSH_HOSTS`.

    A listed loopback address, for a push service on this machine, may use any port and plain HTTP.
    """
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.username is not None or parts.password is not None or not _is_listed(host):
        return False
    if _is_loopback(host):
        return parts.scheme in {"http", "https"}
    return parts.scheme == "https" and port in {None, 443}


def _is_listed(host: str) -> bool:
    for name in settings.WEB_PUSH_HOSTS:
        if host == name or (name.startswith("*.") and host.endswith(name[1:])):
            return True
    return False


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _decoded(value: Any) -> bytes:
    """Base64url with or without padding; nothing at all when it is not that."""
    try:
        return base64.b64decode(str(value) + "=" * (-len(str(value)) % 4), "-_", validate=True)
    except (binascii.Error, ValueError):
        return b""


def register(
    user: User, platform: str, token: str, keys: dict[str, Any] | None = None
) -> tuple[Device, bool]:
    """Remembers a device of `user`; the same one again is refreshed. Returns it and whether it is new.

    A device belongs to whoever signed in on it last: nobody else is reached on it any more. Raises
    `DeviceRefused` for one that cannot be reached.
    """
    check(platform, token, keys)
    with transaction.atomic():
        Device.objects.filter(token=token).exclude(user=user).delete()
        device, is_new = Device.objects.update_or_create(
            token=token,
            defaults={
                "user": user,
                "platform": platform,
                "keys": keys or {},
                "last_seen_at": timezone.now(),
            },
        )
        if is_new:
            newest = Device.objects.filter(user=user).order_by("-last_seen_at", "-id")
            Device.objects.filter(
                pk__in=list(newest.values_list("pk", flat=True)[DEVICES_KEPT:])
            ).delete()
    return device, is_new


def forget(user: User, token: str) -> bool:
    """Forgets the device of `user` with `token`; returns whether it was there."""
    deleted, _ = Device.objects.filter(user=user, token=token).delete()
    return bool(deleted)


def keep_with_session(session: SessionBase, token: str) -> None:
    """Ties a browser's subscription to the session that switched it on, so that both end together."""
    tokens = session.get(SUBSCRIPTIONS, [])
    if token not in tokens:
        session[SUBSCRIPTIONS] = [*tokens, token][-DEVICES_KEPT:]


def forget_with_session(
    sender: Any, request: HttpRequest | None, user: User | None, **signal: Any
) -> None:
    """Signing out ends the notifications of that browser: who comes next must not read them."""
    session = getattr(request, "session", None)
    if user is not None and session is not None:
        Device.objects.filter(user=user, token__in=session.get(SUBSCRIPTIONS, [])).delete()


def forget_elsewhere(user: User, keep: HttpRequest | None) -> None:
    """Forgets every device of `user` but those of the session of the request `keep`."""
    session = getattr(keep, "session", None)
    kept = session.get(SUBSCRIPTIONS, []) if session is not None else []
    Device.objects.filter(user=user).exclude(token__in=kept).delete()
