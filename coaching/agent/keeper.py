"""What keeps live runs honest: one heartbeat for all of them, ears for stops, and a last word at exit."""

import asyncio
import atexit
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connections
from django.utils import timezone
from psycopg_pool import PoolTimeout
from redis.asyncio import Redis
from redis.exceptions import RedisError

from coaching.llm.per_loop import PerLoop
from coaching.models import Message, MessageStatus, Run, RunStatus

from . import sweeping
from .database import in_database

STOP_CHANNEL = "coach:stop"
EARS_REST_SECONDS = 2.0
logger = logging.getLogger(__name__)


class Kept(Protocol):
    """A live run as its keeper sees it."""

    run_id: UUID
    reply_id: UUID
    text: str
    saved_text: str

    def stop(self) -> None: ...


Runs = Callable[[], Sequence[Kept]]


@dataclass(frozen=True)
class Pulse:
    """A sign of life of one run, with its text when that grew."""

    run_id: UUID
    reply_id: UUID
    text: str | None


def beat(pulses: Sequence[Pulse]) -> set[UUID]:
    """Writes signs of life; gives the runs that are to stop."""
    ids = [pulse.run_id for pulse in pulses]
    Run.objects.filter(pk__in=ids, status=RunStatus.RUNNING).update(heartbeat_at=timezone.now())
    for pulse in pulses:
        if pulse.text is not None:
            Message.objects.filter(pk=pulse.reply_id, status=MessageStatus.STREAMING).update(
                content=pulse.text
            )
    asked = Run.objects.filter(
        pk__in=ids, status=RunStatus.RUNNING, stop_requested_at__isnull=False
    )
    return set(asked.values_list("pk", flat=True))


class _Keeper:
    """The tasks of one event loop that look after its runs for as long as there are any."""

    def __init__(self) -> None:
        self._heart: asyncio.Task[None] | None = None
        self._ears: asyncio.Task[None] | None = None

    def keep(self, runs: Runs) -> None:
        if self._heart is None or self._heart.done():
            self._heart = asyncio.create_task(self._beat(runs))
        if self._ears is None or self._ears.done():
            self._ears = asyncio.create_task(self._listen(runs))

    async def rest(self) -> None:
        for task in (self._heart, self._ears):
            if task is not None:
                task.cancel()
                await asyncio.wait([task])

    async def _beat(self, runs: Runs) -> None:
        while True:
            await asyncio.sleep(settings.COACH_HEARTBEAT_SECONDS)
            present = {run.run_id: run for run in runs()}
            if not present:
                return
            pulses = [
                Pulse(
                    run.run_id,
                    run.reply_id,
                    run.text if run.text != run.saved_text else None,
                )
                for run in present.values()
            ]
            try:
                to_stop = await in_database(beat, pulses)
            except (DatabaseError, InterfaceError, PoolTimeout, OSError) as error:
                logger.warning("heartbeat_missed runs=%d reason=%s", len(pulses), error)
                continue
            for pulse in pulses:
                run = present[pulse.run_id]
                if pulse.text is not None:
                    run.saved_text = pulse.text
                if pulse.run_id in to_stop:
                    run.stop()

    async def _listen(self, runs: Runs) -> None:
        """Hears of stops asked for in other processes at once; the heartbeat hears of them anyway."""
        while True:
            redis: Redis = Redis.from_url(settings.REDIS_URL, socket_timeout=None)
            try:
                async with redis.pubsub() as channel:
                    await channel.subscribe(STOP_CHANNEL)
                    async for message in channel.listen():
                        if message["type"] != "message":
                            continue
                        for run in runs():
                            if str(run.run_id) == message["data"].decode():
                                run.stop()
            except (RedisError, OSError) as error:
                logger.info("stops_not_heard reason=%s", error)
            finally:
                await redis.aclose()
            await asyncio.sleep(EARS_REST_SECONDS)


_keepers: PerLoop[_Keeper] = PerLoop(_Keeper)


def keep(runs: Runs) -> None:
    """Looks after the runs that `runs` lists, from the running event loop."""
    global _all_runs
    if _all_runs is None:
        atexit.register(_last_words)
        _all_runs = runs
    _keepers.get().keep(runs)


async def rest() -> None:
    """Ends the keeper's tasks of the running event loop."""
    await _keepers.get().rest()


_all_runs: Runs | None = None


def _last_words() -> None:
    """A process that ends in order says so for its runs: nobody has to wait for their silence."""
    ids = [run.run_id for run in _all_runs()] if _all_runs else []
    if not ids:
        return
    try:
        sweeping.fail(ids)
    except (DatabaseError, InterfaceError, PoolTimeout, OSError) as error:
        logger.warning("runs_not_failed_at_exit count=%d reason=%s", len(ids), error)
    finally:
        connections.close_all()
