"""A person at a real server: their socket, their token, and a model that says what the test wants."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.test import Client
from websockets.asyncio.client import ClientConnection, connect

from accounts.models import User
from coaching.llm.tests.model_server import ModelServer
from config.runtime.live import LiveSite


@pytest.fixture(scope="module")
def _sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[LiveSite]]:
    """Where the site of a module's tests is kept: it takes seconds to start."""
    sites: list[LiveSite] = []
    yield sites
    for site in sites:
        site.stop()


@pytest.fixture
def site(
    live_environment: dict[str, str],
    model_server: ModelServer,
    _sites: list[LiveSite],
    tmp_path_factory: pytest.TempPathFactory,
) -> LiveSite:
    """A live site whose model is the scripted server, and whose runs are soon missed."""
    if not _sites:
        environment = {
            **live_environment,
            "COACH_MODEL": "openai/scripted",
            "COACH_MODEL_API_BASE": model_server.url,
            "COACH_MODEL_API_KEY": "key-of-the-model",
            "COACH_FIRST_TOKEN_TIMEOUT_SECONDS": "60",
            "COACH_STALL_TIMEOUT_SECONDS": "60",
            "COACH_HEARTBEAT_SECONDS": "0.5",
            "COACH_RUN_SILENT_SECONDS": "3",
            "COACH_BREAKER_FAILURES": "1000",
        }
        _sites.append(LiveSite(environment, tmp_path_factory.mktemp("site")))
    if not _sites[0].running():
        _sites[0].start()
    return _sites[0]


def cookie_of(user: User) -> str:
    """A signed-in session's cookie."""
    client = Client()
    client.force_login(user, backend=django_settings.AUTHENTICATION_BACKENDS[0])
    return str(client.cookies[django_settings.SESSION_COOKIE_NAME].value)


class Talk:
    """One open socket, as a browser has it."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.heard: list[dict[str, Any]] = []

    async def say(self, **message: Any) -> None:
        await self.socket.send(json.dumps(message))

    async def send(self, text: str, **members: Any) -> dict[str, Any]:
        """Sends a message; gives the acknowledgement."""
        client_id = members.pop("client_id", uuid4().hex)
        await self.say(type="send", client_id=client_id, text=text, **members)
        return await self.until(lambda m: m["type"] == "ack" and m["client_id"] == client_id)

    async def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Hears messages until one is wanted, and gives it."""
        async with asyncio.timeout(60):
            while True:
                message = json.loads(await self.socket.recv())
                self.heard.append(message)
                if wanted(message):
                    return message

    async def finished(self, run: str) -> list[dict[str, Any]]:
        """Every event of the run heard on this line, up to its end."""
        if not any(m["type"] == "run.finished" and m["run"] == run for m in self.heard):
            await self.until(lambda m: m["type"] == "run.finished" and m["run"] == run)
        return [m for m in self.heard if m.get("run") == run and "seq" in m]


@asynccontextmanager
async def talk(site: LiveSite, cookie: str) -> AsyncIterator[Talk]:
    """Opens a socket as a browser that is signed in by `cookie`."""
    headers = {"Cookie": f"{django_settings.SESSION_COOKIE_NAME}={cookie}"}
    async with connect(
        f"{site.websocket_url}/ws/coach/",
        additional_headers=headers,
        origin=site.url,  # type: ignore[arg-type]
    ) as socket:
        yield Talk(socket)
