"""To iOS apps, through Apple's push service (HTTP/2, signed with a key of the team)."""

import asyncio
import ssl
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from django.conf import settings

from accounts.models import Device
from coaching.toolkit import DeliveryFailed

from .pushing import DeviceGone, Note, refused

if TYPE_CHECKING:
    from aioapns.common import NotificationRequest, NotificationResult
    from aioapns.connection import JWTAuthorizationHeaderProvider

SERVICE = "APNs"
# Apple's words for a token that never worked, or does not any more.
GONE = {"BadDeviceToken", "DeviceTokenNotForTopic", "Unregistered", "ExpiredToken"}


def is_configured() -> bool:
    """Whether this site has all that Apple asks for."""
    return all(
        (settings.APNS_KEY_FILE, settings.APNS_KEY_ID, settings.APNS_TEAM_ID, settings.APNS_TOPIC)
    )


def send(device: Device, note: Note) -> str:
    """Hands `note` to Apple for `device`, and returns the id; raises like `web_push.send`."""
    if not device.token.isalnum():
        raise DeviceGone("its token is none of Apple's")
    try:
        key = Path(settings.APNS_KEY_FILE).read_text()
        provider = _provider(key, settings.APNS_KEY_ID, settings.APNS_TEAM_ID)
        provider.get_header()
    except (OSError, ValueError) as problem:
        raise DeliveryFailed(f"{SERVICE} key: {problem}", permanent=False) from problem
    result = asyncio.run(_ask(device.token, note, provider))
    if result.is_successful:
        return str(result.notification_id)
    if result.description in GONE:
        raise DeviceGone(f"{SERVICE}: {result.description}")
    if result.status in {"401", "403"}:
        # Our key, not this person's device: somebody will mend it.
        raise DeliveryFailed(f"{SERVICE}: {result.description}", permanent=False)
    raise refused(int(result.status), SERVICE)


class Line(Protocol):
    """An open line to Apple."""

    async def send_notification(self, request: "NotificationRequest") -> "NotificationResult": ...

    async def hang_up(self) -> None: ...


async def _ask(
    token: str, note: Note, provider: "JWTAuthorizationHeaderProvider"
) -> "NotificationResult":
    from aioapns import NotificationRequest, PushType

    request = NotificationRequest(
        token,
        {
            "aps": {"alert": {"title": note.title, "body": note.body}},
            "id": note.id,
            "url": note.url,
        },
        notification_id=note.id,
        time_to_live=note.lives,
        collapse_key=note.tag,
        push_type=PushType.ALERT,
    )
    patience = settings.PUSH_TIMEOUT_SECONDS
    try:
        connection = await asyncio.wait_for(_connect(provider), patience)
    except (OSError, TimeoutError) as problem:
        raise DeliveryFailed(f"{SERVICE} cannot be reached", permanent=False) from problem
    try:
        return await asyncio.wait_for(connection.send_notification(request), patience)
    finally:
        await connection.hang_up()


async def _connect(provider: "JWTAuthorizationHeaderProvider") -> "Line":
    from aioapns.connection import APNsTLSClientProtocol

    host, _, port = settings.APNS_SERVER.rpartition(":")

    class LineToApple(APNsTLSClientProtocol):
        APNS_SERVER = host

        def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
            super().__init__(settings.APNS_TOPIC, loop, None, provider)
            self.lost = asyncio.Event()

        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            self.lost.set()

        async def hang_up(self) -> None:
            if self.transport is not None:
                self.transport.abort()
                await self.lost.wait()

    loop = asyncio.get_running_loop()
    _, line = await loop.create_connection(lambda: LineToApple(loop), host, int(port), ssl=_tls())
    return line


def _tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["h2"])
    return context


@lru_cache(maxsize=2)
def _provider(key: str, key_id: str, team_id: str) -> "JWTAuthorizationHeaderProvider":
    """One for the process: Apple refuses who signs in anew more often than every 20 minutes."""
    from aioapns.connection import JWTAuthorizationHeaderProvider

    return JWTAuthorizationHeaderProvider(key, key_id, team_id)
