"""To browsers: encrypted for one subscription (RFC 8291), signed with this site's key (RFC 8292)."""

import base64
import json
import logging
import socket
from functools import lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings

from accounts.devices import is_push_service
from accounts.models import Device
from coaching.toolkit import DeliveryFailed

from .pushing import DeviceGone, Note, never_left, refused

if TYPE_CHECKING:
    from py_vapid import Vapid02

logger = logging.getLogger(__name__)
GONE = {404, 410}
SERVICE = "web push"


def is_configured() -> bool:
    """Whether this site has a key that works."""
    return bool(application_server_key())


def application_server_key() -> str:
    """The public half of the site's key, as a browser wants it to subscribe; empty without a key."""
    return _public_half(settings.VAPID_PRIVATE_KEY)


def send(device: Device, note: Note) -> str:
    """Hands `note` to the push service of `device`, and returns that service's id for it.

    Raises `DeviceGone` when the subscription ended, `DeliveryFailed` when the note surely did not get
    there, and any other exception when nobody knows.
    """
    # Heavy, and only the process that sends needs them.
    import requests
    from pywebpush import WebPushException, webpush

    endpoint = device.token
    if not is_push_service(endpoint):
        raise DeviceGone("its address is no push service")
    _refuse_inner_addresses(endpoint)
    with requests.Session() as session:
        session.max_redirects = 0  # a redirect could lead anywhere
        try:
            answer = webpush(
                {"endpoint": endpoint, "keys": device.keys},
                json.dumps(note.shown(), ensure_ascii=False),
                vapid_private_key=_signer(settings.VAPID_PRIVATE_KEY),
                vapid_claims={"sub": settings.VAPID_SUBJECT},
                timeout=settings.PUSH_TIMEOUT_SECONDS,
                ttl=note.lives,
                headers={"Topic": _topic(note)},
                requests_session=session,
            )
        except requests.TooManyRedirects as problem:
            raise DeliveryFailed(f"{SERVICE} leads elsewhere", permanent=True) from problem
        except requests.RequestException as problem:
            if never_left(problem):
                raise DeliveryFailed(f"{SERVICE} cannot be reached", permanent=False) from problem
            raise
        except WebPushException as problem:
            if problem.status_code is None or problem.status_code in GONE:
                raise DeviceGone(f"the subscription ended: {problem.status_code}") from problem
            raise refused(problem.status_code, SERVICE) from problem
        except (ValueError, TypeError) as problem:
            raise DeviceGone("its keys are broken") from problem
    return answer.headers.get("Location", "")[:200] if isinstance(answer, requests.Response) else ""


def _topic(note: Note) -> str:
    """Lets a copy that still waits take the place of the first; at most 32 characters (RFC 8030)."""
    return base64.urlsafe_b64encode(bytes.fromhex(note.tag)).rstrip(b"=").decode()


def _refuse_inner_addresses(endpoint: str) -> None:
    """A known name that leads inside our own network is not the service it says it is."""
    host = urlsplit(endpoint).hostname or ""
    try:
        if ip_address(host).is_loopback:
            return  # listed by name in the settings, else it would not have come so far
    except ValueError:
        pass
    try:
        found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except OSError:
        return  # the request will say so, or a proxy knows better
    if not all(ip_address(address[4][0]).is_global for address in found):
        raise DeliveryFailed(f"{host} leads to an inner address", permanent=False)


@lru_cache(maxsize=4)
def _signer(private_key: str) -> "Vapid02":
    from py_vapid import Vapid02

    return Vapid02.from_string(private_key)


@lru_cache(maxsize=4)
def _public_half(private_key: str) -> str:
    if not private_key:
        return ""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    try:
        public = _signer(private_key).public_key
    except Exception:
        logger.exception("vapid_key_unreadable")
        return ""
    point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()
