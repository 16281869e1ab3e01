"""The gRPC gateway: the services of all rooms on one port, with health and reflection.

One event loop serves everything, for the coach's runs live in a loop and are heard best there. Database work goes to
a few threads that give their connections back to the pool (`accounts.rpc.threads`).
"""

import asyncio
import logging
import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import grpc
from django.conf import settings
from django.db import DatabaseError, connection
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1._async import HealthServicer
from grpc_reflection.v1alpha import reflection
from psycopg_pool import PoolTimeout

from accounts.rpc.calls import Authenticated
from accounts.rpc.stubs import service_names
from coaching.agent.live import settle
from coaching.llm.gateway import warm_up
from coaching.rpc import coach
from momentum.rpc import momentum
from productivity.rpc import task_messages, tasks

logger = logging.getLogger(__name__)
READY_SECONDS = 2.0
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
OPEN_HEALTH = ""  # the name under which the whole server is asked for
# What is served: the messages of a .proto file, the function that adds its service, and what answers.
SERVED: Mapping[ModuleType, tuple[Any, type]] = {
    coach.messages: (coach.services.add_CoachServicer_to_server, coach.Coach),
    momentum.messages: (momentum.services.add_MomentumServicer_to_server, momentum.Momentum),
    task_messages.messages: (task_messages.services.add_TasksServicer_to_server, tasks.Tasks),
}


class Gateway:
    """A gRPC server in the running event loop: `await start()`, `await stop()`."""

    def __init__(self, host: str, port: int, *, certificate: str = "", key: str = "") -> None:
        self.host = host
        self.port = port
        self._certificate = certificate
        self._key = key
        self._health = HealthServicer()
        self._names: list[str] = []
        self._watch: asyncio.Task[None] | None = None
        self._server: Any = None

    @property
    def address(self) -> str:
        """Where clients find it."""
        return address_of(self.host, self.port)

    async def start(self) -> None:
        """Listens; with port 0 on a free one. Raises `RuntimeError` when it cannot."""
        self._server = grpc.aio.server(
            interceptors=[Authenticated()],
            maximum_concurrent_rpcs=settings.GRPC_MAX_CALLS,
            options=[
                ("grpc.max_receive_message_length", settings.GRPC_MAX_REQUEST_BYTES),
                ("grpc.max_concurrent_streams", settings.GRPC_STREAMS_PER_CONNECTION),
                ("grpc.so_reuseport", 0),  # a second server at this address is a mistake
                ("grpc.keepalive_time_ms", 60_000),
                ("grpc.keepalive_timeout_ms", 20_000),
                ("grpc.http2.min_ping_interval_without_data_ms", 20_000),
            ],
        )
        for messages, (add, servicer) in SERVED.items():
            add(servicer(), self._server)
            self._names += service_names(messages)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        described = (*self._names, health_pb2.DESCRIPTOR.services_by_name["Health"].full_name)
        reflection.enable_server_reflection((*described, reflection.SERVICE_NAME), self._server)
        await self._tell(await asyncio.to_thread(database_answers))
        self.port = self._listen()
        await self._server.start()
        self._watch = asyncio.create_task(self._keep_telling())

    async def stop(self) -> None:
        """Takes no new calls, lets those under way end within GRPC_GRACE_SECONDS, and lets runs be saved."""
        await self._health.enter_graceful_shutdown()
        if self._watch is not None:
            self._watch.cancel()
            with suppress(asyncio.CancelledError):
                await self._watch
        await self._server.stop(settings.GRPC_GRACE_SECONDS)
        with suppress(TimeoutError):
            await asyncio.wait_for(settle(), settings.GRPC_GRACE_SECONDS)

    def _listen(self) -> int:
        if not self._certificate:
            return int(self._server.add_insecure_port(self.address))
        pair = (Path(self._key).read_bytes(), Path(self._certificate).read_bytes())
        return int(self._server.add_secure_port(self.address, grpc.ssl_server_credentials([pair])))

    async def _keep_telling(self) -> None:
        while True:
            await asyncio.sleep(READY_SECONDS)
            await self._tell(await asyncio.to_thread(database_answers))

    async def _tell(self, is_ready: bool) -> None:
        for name in (OPEN_HEALTH, *self._names):
            await self._health.set(name, SERVING if is_ready else NOT_SERVING)


def address_of(host: str, port: int) -> str:
    """Host and port as gRPC writes them."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def database_answers() -> bool:
    """Whether the database answers now; gives its connection back."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, PoolTimeout):
        return False
    finally:
        connection.close()
    return True


async def serve(gateway: Gateway, say: Any) -> None:
    """Serves until SIGTERM or SIGINT, then ends in order; `say` is told where it listens."""
    asked_to_stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, asked_to_stop.set)
    warm_up()
    await gateway.start()
    say(f"The gRPC gateway listens on {gateway.address}")
    await asked_to_stop.wait()
    await gateway.stop()
