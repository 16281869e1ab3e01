"""A gRPC gateway on loopback for tests, and people who call it."""

import asyncio
import threading
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import grpc
import pytest
from django.conf import settings
from django.test import Client
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from grpc_status import rpc_status

from accounts.models import User
from config.rpc.server import Gateway

PATIENCE = 20.0


class Served:
    """The gateway in a thread with a loop of its own, on the test database."""

    def __init__(self) -> None:
        self.gateway = Gateway("127.0.0.1", 0)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._channels: list[grpc.Channel] = []
        self._run(self.gateway.start())

    def channel(self) -> grpc.Channel:
        """A line to the gateway, closed when the test is over."""
        channel = grpc.insecure_channel(self.gateway.address)
        self._channels.append(channel)
        return channel

    def stub(self, services: ModuleType, name: str) -> Any:
        """A client of the service `name`."""
        return getattr(services, f"{name}Stub")(self.channel())

    def stop(self) -> None:
        """Ends the gateway in order."""
        for channel in self._channels:
            channel.close()
        self._run(self.gateway.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)


@pytest.fixture
def grpc_house(transactional_db: None) -> Iterator[Served]:
    """A running gateway: `.stub(services, name)`, `.channel()`."""
    served = Served()
    yield served
    served.stop()


def token_for(user: User) -> str:
    """A session token, as signing in on a phone hands it out."""
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def signed(user: User) -> dict[str, Any]:
    """Keyword arguments of a call of `user`."""
    return {"metadata": (("x-session-token", token_for(user)),), "timeout": PATIENCE}


def details_of(error: grpc.RpcError) -> dict[str, Any]:
    """What a refusal says: `reason` and `fields`, and the packed messages by the end of their type's name."""
    status = rpc_status.from_call(error)  # type: ignore[arg-type, unused-ignore]
    found: dict[str, Any] = {"reason": "", "fields": {}, "packed": {}}
    for detail in status.details if status else []:
        if detail.Is(ErrorInfo.DESCRIPTOR):
            info = ErrorInfo()
            detail.Unpack(info)
            found["reason"] = info.reason
        elif detail.Is(BadRequest.DESCRIPTOR):
            bad = BadRequest()
            detail.Unpack(bad)
            found["fields"] = {each.field: each.description for each in bad.field_violations}
        else:
            found["packed"][detail.type_url.rpartition(".")[2]] = detail.value
    return found
