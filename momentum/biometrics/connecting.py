"""Connecting a person's account with a maker of devices: OAuth 2 with PKCE (RFC 7636).

No token is kept: the maker pushes what is new, and the account's id is all that is needed to know whose it is.
"""

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

import httpx
from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.models import User
from momentum.models import BiometricSource, DeviceConnection

PROVIDER = BiometricSource.GARMIN
# How long somebody may take at the maker's page.
VALID_SECONDS = 600
TIMEOUT_SECONDS = 10.0
MOST_BYTES = 100_000


class ConnectFailed(Exception):
    """It did not work; the text says why, in words for the person."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One going to the maker's page and coming back; kept in the person's session."""

    state: str
    verifier: str
    begun_at: float

    @classmethod
    def begin(cls, now: datetime) -> "Attempt":
        return cls(secrets.token_urlsafe(32), secrets.token_urlsafe(64), now.timestamp())

    @property
    def challenge(self) -> str:
        """What the maker is shown of the verifier: its SHA-256, base64url without padding."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def is_configured() -> bool:
    """Whether accounts can be connected on this installation."""
    return bool(settings.GARMIN_CLIENT_ID and settings.GARMIN_CLIENT_SECRET)


def authorize_address(attempt: Attempt, redirect_uri: str) -> str:
    """The maker's page at which the person says yes."""
    query = {
        "response_type": "code",
        "client_id": settings.GARMIN_CLIENT_ID,
        "redirect_uri": redirect_uri,
        "state": attempt.state,
        "code_challenge": attempt.challenge,
        "code_challenge_method": "S256",
    }
    joint = "&" if "?" in settings.GARMIN_AUTHORIZE_URL else "?"
    return f"{settings.GARMIN_AUTHORIZE_URL}{joint}{urlencode(query)}"


def complete(
    user: User,
    attempt: Attempt | None,
    *,
    state: str,
    code: str,
    redirect_uri: str,
    now: datetime,
) -> DeviceConnection:
    """Connects the account the person chose; raises `ConnectFailed`.

    `attempt` is the one of this session: an answer that belongs to another is refused.
    """
    if attempt is None or not hmac.compare_digest(attempt.state.encode(), state.encode()):
        raise ConnectFailed("That was not the connection you began here. Please start again.")
    if now.timestamp() - attempt.begun_at > VALID_SECONDS:
        raise ConnectFailed("That took too long. Please start again.")
    if not code:
        raise ConnectFailed("Garmin did not connect the account.")
    return connect(user, _account(attempt, code, redirect_uri), now=now)


def connect(user: User, provider_user_id: str, *, now: datetime) -> DeviceConnection:
    """Stores whose account it is, in the place of an earlier one; raises `ConnectFailed` if it is another's."""
    try:
        with transaction.atomic():
            row, _ = DeviceConnection.objects.update_or_create(
                user=user,
                provider=PROVIDER,
                defaults={"provider_user_id": provider_user_id, "connected_at": now},
            )
    except IntegrityError:
        raise ConnectFailed("That Garmin account is connected to somebody else here.") from None
    return row


def disconnect(user: User) -> bool:
    """Removes the connection; what arrives from now on is dropped. Tells whether there was one."""
    return bool(DeviceConnection.objects.filter(user=user, provider=PROVIDER).delete()[0])


def connection_of(user: User) -> DeviceConnection | None:
    """The person's connected account, if there is one."""
    return DeviceConnection.objects.filter(user=user, provider=PROVIDER).first()


def _account(attempt: Attempt, code: str, redirect_uri: str) -> str:
    """The id of the account: the code is exchanged for a token, with which the account is asked for."""
    form = {
        "grant_type": "authorization_code",
        "client_id": settings.GARMIN_CLIENT_ID,
        "client_secret": settings.GARMIN_CLIENT_SECRET,
        "code": code,
        "code_verifier": attempt.verifier,
        "redirect_uri": redirect_uri,
    }
    # Uncompressed, so that what is read is no more than what is sent.
    plain = {"Accept-Encoding": "identity"}
    try:
        with httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False, headers=plain) as client:
            with client.stream("POST", settings.GARMIN_TOKEN_URL, data=form) as answer:
                token = _member(answer, "access_token")
            address = f"{settings.GARMIN_API_URL.rstrip('/')}/wellness-api/rest/user/id"
            bearer = {"Authorization": f"Bearer {token}"}
            with client.stream("GET", address, headers=bearer) as account:
                return _member(account, "userId")[:120]
    except httpx.HTTPError:
        raise ConnectFailed("Garmin cannot be reached right now. Please try again.") from None


def _member(answer: httpx.Response, name: str) -> str:
    """A text of the answer's object: plain ASCII, as tokens (RFC 6750, 2.1) and ids are."""
    body = b""
    if answer.status_code == 200:
        for piece in answer.iter_raw():
            body += piece
            if len(body) > MOST_BYTES:
                break
    if answer.status_code != 200 or len(body) > MOST_BYTES:
        raise ConnectFailed("Garmin did not connect the account. Please start again.")
    try:
        value = json.loads(body).get(name)
    except (ValueError, AttributeError, RecursionError):
        value = None
    if not isinstance(value, str) or not value or not (value.isascii() and value.isprintable()):
        raise ConnectFailed("Garmin's answer could not be understood. Please try again.")
    return value
