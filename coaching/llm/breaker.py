"""A circuit breaker per model, shared by all processes through Redis.

A model that fails `COACH_BREAKER_FAILURES` times within the window is left alone for the cooling time;
then one call probes it, and its outcome closes or opens the circuit again. Without Redis every circuit
is closed: a breaker must never be the reason that nobody is answered.
"""

import logging
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from redis.asyncio import Redis
from redis.exceptions import RedisError

from .per_loop import PerLoop

PREFIX = "habyss:model-breaker"
PATIENCE_SECONDS = 0.25  # for Redis; it usually takes one millisecond
DEAF_SECONDS = 5.0  # after Redis failed, do not ask it for so long
PROBE_SECONDS = 60  # a probe whose process died does not keep others out for longer
MEMORY_SECONDS = 3600
logger = logging.getLogger(__name__)


class _Store:
    """Redis with little patience."""

    def __init__(self) -> None:
        self.redis: Redis = Redis.from_url(
            settings.REDIS_URL,
            socket_timeout=PATIENCE_SECONDS,
            socket_connect_timeout=PATIENCE_SECONDS,
            decode_responses=True,
        )
        self._deaf_until = 0.0

    async def ask(self, question: Awaitable[Any], otherwise: Any) -> Any:
        if time.monotonic() < self._deaf_until:
            _forget(question)
            return otherwise
        try:
            return await question
        except (RedisError, OSError, TimeoutError) as error:
            self._deaf_until = time.monotonic() + DEAF_SECONDS
            logger.warning("Redis does not answer; model breakers stay closed: %s", error)
            return otherwise


def _forget(question: Awaitable[Any]) -> None:
    close = getattr(question, "close", None)
    if close is not None:
        close()


_stores: PerLoop[_Store] = PerLoop(_Store)


@dataclass(frozen=True)
class Permit:
    """Leave to call a model; tell it how the call went."""

    model: str
    is_probe: bool = False

    async def succeeded(self) -> None:
        """The model answers: a probe closes the circuit."""
        if self.is_probe:
            await _ask(_delete(self.model, "tripped", "cooling", "probe", "failures"))

    async def failed(self) -> None:
        """The model failed by its own fault."""
        await _ask(_count_failure(self.model, self.is_probe))

    async def released(self) -> None:
        """The call says nothing about the model: another may probe it."""
        if self.is_probe:
            await _ask(_delete(self.model, "probe"))


async def ask_leave(model: str) -> Permit | None:
    """A permit to call the model, or `None` while its circuit is open."""
    leave, probe = await _ask(_state(model), otherwise=(True, False))
    return Permit(model, is_probe=probe) if leave else None


async def _ask(question: Awaitable[Any], otherwise: Any = None) -> Any:
    return await _stores.get().ask(question, otherwise)


def _key(model: str, what: str) -> str:
    return f"{PREFIX}:{model}:{what}"


async def _state(model: str) -> tuple[bool, bool]:
    redis = _stores.get().redis
    tripped, cooling = await redis.mget(_key(model, "tripped"), _key(model, "cooling"))
    if not tripped:
        return True, False
    if cooling:
        return False, False
    probing = await redis.set(_key(model, "probe"), "1", nx=True, ex=PROBE_SECONDS)
    return bool(probing), bool(probing)


async def _count_failure(model: str, is_probe: bool) -> None:
    redis = _stores.get().redis
    if not is_probe:
        async with redis.pipeline(transaction=True) as pipe:
            pipe.incr(_key(model, "failures"))
            pipe.expire(_key(model, "failures"), settings.COACH_BREAKER_WINDOW_SECONDS, nx=True)
            failures, _ = await pipe.execute()
        if failures < settings.COACH_BREAKER_FAILURES:
            return
    async with redis.pipeline(transaction=True) as pipe:
        pipe.set(_key(model, "tripped"), "1", ex=MEMORY_SECONDS)
        pipe.set(_key(model, "cooling"), "1", ex=settings.COACH_BREAKER_COOLING_SECONDS)
        pipe.delete(_key(model, "probe"), _key(model, "failures"))
        await pipe.execute()
    logger.warning("The model %s rests: it failed too often.", model)


async def _delete(model: str, *what: str) -> None:
    await _stores.get().redis.delete(*(_key(model, name) for name in what))
