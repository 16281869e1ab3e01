"""What happens in a run, numbered: kept in memory for those who listen here, in Redis for everybody else.

An event is a plain dictionary with `seq`, `run` and `type`. Listeners are served directly by the run's
own event loop. A listener that does not keep up is dropped; the run goes on.
"""

import asyncio
import json
import logging
from collections import deque
from collections.abc import AsyncGenerator, Iterable
from typing import Any
from uuid import UUID

from django.conf import settings
from redis import Redis as SyncRedis
from redis.asyncio import Redis
from redis.exceptions import RedisError

from coaching.llm.per_loop import PerLoop

Event = dict[str, Any]
FINISHED = "run.finished"
KEEP_SECONDS = 3600
GATHER_SECONDS = 0.05
PATIENCE_SECONDS = 1.0
DEAF_SECONDS = 2.0
logger = logging.getLogger(__name__)


class ListenerDropped(Exception):
    """The listener did not take its events in time."""


class Listener:
    """A bounded queue between a run and one reader."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._waiting: deque[Event] = deque()
        self._wake = asyncio.Event()
        self.is_dropped = False

    def put(self, event: Event) -> None:
        if len(self._waiting) >= self._limit:
            self.is_dropped = True
            self._waiting.clear()
        else:
            self._waiting.append(event)
        self._wake.set()

    async def get(self) -> Event:
        """The next event; raises `ListenerDropped` when the queue ran over."""
        while not self._waiting:
            if self.is_dropped:
                raise ListenerDropped
            self._wake.clear()
            await self._wake.wait()
        return self._waiting.popleft()


class EventLog:
    """The events of one run, in order."""

    def __init__(self, run_id: UUID) -> None:
        self.run_id = run_id
        self.events: list[Event] = []
        self._listeners: set[Listener] = set()

    @property
    def last_sequence(self) -> int:
        return len(self.events)

    def make(self, type_: str, **members: Any) -> Event:
        """The next event, not yet sent."""
        return {
            "seq": self.last_sequence + 1,
            "run": str(self.run_id),
            "type": type_,
            **members,
        }

    def emit(self, type_: str, **members: Any) -> Event:
        """Makes the next event and sends it to all listeners."""
        event = self.make(type_, **members)
        self.send(event)
        return event

    def send(self, event: Event) -> None:
        """Sends an event made by `make`."""
        self.events.append(event)
        for listener in list(self._listeners):
            listener.put(event)
            if listener.is_dropped:
                self._listeners.discard(listener)
        _streams.get().add(self.run_id, event)

    async def follow(self) -> AsyncGenerator[Event, None]:
        """Every event from the first to `run.finished`; raises `ListenerDropped` for a slow reader."""
        listener = Listener(settings.COACH_LISTENER_EVENTS)
        past = list(self.events)
        self._listeners.add(listener)
        try:
            for event in past:
                yield event
                if event["type"] == FINISHED:
                    return
            while True:
                event = await listener.get()
                yield event
                if event["type"] == FINISHED:
                    return
        finally:
            self._listeners.discard(listener)


def text_of(events: Iterable[Event]) -> str:
    """The text that a client shows after these events."""
    text = ""
    for event in events:
        if event["type"] == "text":
            text = event["delta"] if event.get("reset") else text + event["delta"]
    return text


# --- The stream in Redis --------------------------------------------------------------------------
class _Streams:
    """Writes what has gathered for all runs of this event loop in one round trip."""

    def __init__(self) -> None:
        self.redis: Redis = Redis.from_url(
            settings.REDIS_URL,
            socket_timeout=PATIENCE_SECONDS,
            socket_connect_timeout=PATIENCE_SECONDS,
        )
        self._waiting: dict[UUID, list[Event]] = {}
        self._task: asyncio.Task[None] | None = None
        self._deaf_until = 0.0

    def add(self, run_id: UUID, event: Event) -> None:
        self._waiting.setdefault(run_id, []).append(event)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._write())

    async def _write(self) -> None:
        while self._waiting:
            await asyncio.sleep(GATHER_SECONDS)
            batches, self._waiting = self._waiting, {}
            now = asyncio.get_running_loop().time()
            if now < self._deaf_until:
                continue
            try:
                async with self.redis.pipeline(transaction=False) as pipe:
                    for run_id, events in batches.items():
                        pipe.xadd(stream_key(run_id), {"events": json.dumps(events)})
                        pipe.expire(stream_key(run_id), KEEP_SECONDS)
                    await pipe.execute()
            except (RedisError, OSError, TimeoutError) as error:
                self._deaf_until = now + DEAF_SECONDS
                logger.warning("run_events_not_streamed reason=%s", error)

    async def close(self) -> None:
        while self._task is not None and not self._task.done():
            await asyncio.wait([self._task])
        await self.redis.aclose()


_streams: PerLoop[_Streams] = PerLoop(_Streams)


async def close_streams() -> None:
    """Writes what is left and closes the connections of the running event loop."""
    await _streams.get().close()


def stream_key(run_id: UUID) -> str:
    return f"run:{run_id}"


async def read_stream(run_id: UUID, after: str) -> tuple[list[Event], str]:
    """The events after the entry `after` ("0" for all) and the id of the last entry read.

    Events may be missing when Redis was away: readers check the numbers. Raises `RedisError`, `OSError`.
    """
    entries = await _streams.get().redis.xrange(stream_key(run_id), min=f"({after}")
    return _unpack(entries, after)


def read_stream_now(run_id: UUID) -> list[Event]:
    """What the stream of a run holds, for synchronous callers; nothing when Redis is away."""
    try:
        with SyncRedis.from_url(
            settings.REDIS_URL,
            socket_timeout=PATIENCE_SECONDS,
            socket_connect_timeout=PATIENCE_SECONDS,
        ) as redis:
            entries: Any = redis.xrange(stream_key(run_id))
    except (RedisError, OSError) as error:
        logger.warning("run_events_not_read reason=%s", error)
        return []
    return unbroken(_unpack(entries, "0")[0])


def unbroken(events: Iterable[Event]) -> list[Event]:
    """The events up to the first gap in their numbers."""
    kept: list[Event] = []
    for event in events:
        if event["seq"] == len(kept) + 1:
            kept.append(event)
    return kept


def _unpack(entries: Any, after: str) -> tuple[list[Event], str]:
    events: list[Event] = []
    for identifier, fields in entries:
        after = identifier.decode()
        events.extend(json.loads(fields[b"events"]))
    return events, after
