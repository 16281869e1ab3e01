"""Connecting an account of Garmin, against a server of ours that checks PKCE as theirs does."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import UserFactory
from momentum.biometrics import connecting
from momentum.models import DeviceConnection

pytestmark = pytest.mark.django_db


class Maker(ThreadingHTTPServer):
    """Hands out a token for the right code and verifier, and the account's id for the token."""

    account: Any = "garmin-account-1"
    token: Any = "the-token"
    status = 200
    challenge = ""
    redirect_uri = ""
    used: bool = False


class Handler(BaseHTTPRequestHandler):
    server: Maker

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        verifier = hashlib.sha256(form["code_verifier"][0].encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        is_right = (
            challenge == self.server.challenge
            and form["code"] == ["the-code"]
            and form["client_id"] == ["our-id"]
            and form["client_secret"] == ["our-secret"]
            and form["redirect_uri"] == [self.server.redirect_uri]
            and not self.server.used
        )
        self.server.used = True
        self._answer(200 if is_right else 400, {"access_token": self.server.token})

    def do_GET(self) -> None:
        is_right = self.headers["Authorization"] == "Bearer the-token"
        is_right = is_right and self.path == "/wellness-api/rest/user/id"
        self._answer(self.server.status if is_right else 401, {"userId": self.server.account})

    def _answer(self, status: int, body: Any) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: Any) -> None: ...


@pytest.fixture
def maker(settings: Any) -> Iterator[Maker]:
    server = Maker(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    settings.GARMIN_CLIENT_ID, settings.GARMIN_CLIENT_SECRET = "our-id", "our-secret"
    settings.GARMIN_AUTHORIZE_URL = f"{address}/oauth2Confirm"
    settings.GARMIN_TOKEN_URL = f"{address}/token"
    settings.GARMIN_API_URL = address
    yield server
    server.shutdown()
    server.server_close()


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def go(client: Client, maker: Maker) -> str:
    """Goes to the maker's page; returns the state with which it sends people back."""
    answer = client.get(reverse("momentum_garmin"))
    parts = urlsplit(answer["Location"])
    asked = dict(parse_qsl(parts.query))
    assert parts.path == "/oauth2Confirm"
    assert asked["code_challenge_method"] == "S256"
    assert asked["response_type"] == "code"
    maker.challenge, maker.redirect_uri = asked["code_challenge"], asked["redirect_uri"]
    return asked["state"]


def back(client: Client, state: str, code: str = "the-code") -> str:
    answer = client.get(
        reverse("momentum_garmin_back"), {"state": state, "code": code}, follow=True
    )
    assert answer.status_code == 200
    return answer.content.decode()


def test_somebody_connects_and_disconnects(maker: Maker) -> None:
    user = UserFactory()
    client = client_of(user)
    assert "Connect Garmin" in client.get(reverse("momentum_data")).content.decode()
    assert "Garmin is connected" in back(client, go(client, maker))
    assert DeviceConnection.objects.get(user=user).provider_user_id == "garmin-account-1"
    client.post(reverse("momentum_garmin_disconnect"))
    assert not DeviceConnection.objects.exists()


def test_an_answer_that_was_not_begun_here_is_refused(maker: Maker) -> None:
    one, other = client_of(UserFactory()), client_of(UserFactory())
    state = go(one, maker)
    go(other, maker)
    for attempt in (state, "", "ünicode"):
        assert "not the connection you began here" in back(other, attempt)
    assert not DeviceConnection.objects.exists()


def test_an_attempt_counts_once(maker: Maker) -> None:
    client = client_of(UserFactory())
    state = go(client, maker)
    back(client, state)
    assert "not the connection you began here" in back(client, state)


def test_somebody_who_says_no_is_not_connected(maker: Maker) -> None:
    client = client_of(UserFactory())
    assert "did not connect" in back(client, go(client, maker), code="")
    assert "did not connect" in back(client, go(client, maker), code="another")
    assert not DeviceConnection.objects.exists()


def test_an_account_belongs_to_one_person(maker: Maker) -> None:
    first = UserFactory()
    now = timezone.now()
    connecting.connect(first, maker.account, now=now)
    client = client_of(UserFactory())
    assert "connected to somebody else" in back(client, go(client, maker))
    assert DeviceConnection.objects.get().user == first


def test_it_takes_no_longer_than_ten_minutes(maker: Maker) -> None:
    begun = timezone.now()
    attempt = connecting.Attempt.begin(begun)
    with pytest.raises(connecting.ConnectFailed, match="too long"):
        connecting.complete(
            UserFactory(),
            attempt,
            state=attempt.state,
            code="the-code",
            redirect_uri="",
            now=begun + timedelta(minutes=11),
        )


def test_a_maker_that_is_away_is_said_to_be(maker: Maker, settings: Any) -> None:
    settings.GARMIN_TOKEN_URL = "http://127.0.0.1:9/token"  # nobody listens there
    client = client_of(UserFactory())
    assert "cannot be reached" in back(client, go(client, maker))
    settings.GARMIN_TOKEN_URL = settings.GARMIN_AUTHORIZE_URL
    maker.status = 500
    maker.used = False
    assert "did not connect" in back(client, go(client, maker))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("token", "tök"),
        ("token", "two\r\nLines: yes"),
        ("token", ["the-token"]),
        ("account", "nu\0ll"),
        ("account", "\ud800"),
        ("account", "x" * 200_000),
    ],
)
def test_an_answer_that_makes_no_sense_is_said_to(maker: Maker, field: str, value: Any) -> None:
    user = UserFactory()
    client = client_of(user)
    setattr(maker, field, value)
    words = back(client, go(client, maker))
    assert "could not be understood" in words or "did not connect" in words
    assert not DeviceConnection.objects.filter(user=user).exists()


def test_where_it_is_not_set_up_nobody_is_offered_it() -> None:
    client = client_of(UserFactory())
    assert "Connect Garmin" not in client.get(reverse("momentum_data")).content.decode()
    for name in ("momentum_garmin", "momentum_garmin_back"):
        assert client.get(reverse(name)).status_code == 404
