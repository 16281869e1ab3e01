"""A circuit breaker per model, shared by all processes through Redis.

A model that fails `COACH_BREAKER_FAILURES` times within the window is left alone for the cooling time;
then one call probes it, and its outcome closes or opens the circuit again. Without Redis every circuit
is closed: a breaker must never be the reason that nobody is answered.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar, cast

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

Answer = TypeVar("Answer")
PREFIX = "habyss:model-breaker"
PATIENCE_SECONDS = 0.25  # for Redis; it usually takes one millisecond
DEAF_SECONDS = 5.0  # after Redis failed, do not ask it for so long
PROBE_SECONDS = 60  # a probe whose process died does not keep others out for longer
MEMORY_SECONDS = 3600
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Permit:
    """Leave to call a model; tell it how the call went."""

    model: str
    is_probe: bool = False

    async def succeeded(self) -> None:
        """The model answers: a probe closes the circuit."""
        if self.is_probe:
            await _ask(
                _delete, self.model, "tripped", "cooling", "probe", "failures", otherwise=None
            )

    async def failed(self) -> None:
        """The model failed by its own fault."""
        await _ask(_count_failure, self.model, self.is_probe, otherwise=None)

    async def released(self) -> None:
        """The call says nothing about the model: another may probe it."""
        if self.is_probe:
            await _ask(_delete, self.model, "probe", otherwise=None)


async def ask_leave(model: str) -> Permit | None:
    """A permit to call the model, or `None` while its circuit is open."""
    leave, probe = await _ask(_state, model, otherwise=(True, False))
    return Permit(model, is_probe=probe) if leave else None


async def _ask(question: Callable[..., Answer], *details: Any, otherwise: Answer) -> Answer:
    """Puts a question to Redis in a thread; `otherwise` when Redis does not answer.

    The client is a blocking one on purpose: an asynchronous one belongs to an event loop, and a worker has
    a new loop for every task.
    """
    global _deaf_until
    if time.monotonic() < _deaf_until:
        return otherwise
    try:
        return await asyncio.to_thread(question, *details)
    except (RedisError, OSError) as error:
        _deaf_until = time.monotonic() + DEAF_SECONDS
        logger.warning("Redis does not answer; model breakers stay closed: %s", error)
        return otherwise


_deaf_until = 0.0


@cache
def _redis(url: str) -> Redis:
    return Redis.from_url(
        url,
        socket_timeout=PATIENCE_SECONDS,
        socket_connect_timeout=PATIENCE_SECONDS,
        decode_responses=True,
    )


def _key(model: str, what: str) -> str:
    return f"{PREFIX}:{model}:{what}"


def _state(model: str) -> tuple[bool, bool]:
    """Whether the model may be called, and whether that call is a probe."""
    redis = _redis(settings.REDIS_URL)
    tripped, cooling = cast(
        "list[str | None]", redis.mget(_key(model, "tripped"), _key(model, "cooling"))
    )
    if not tripped:
        return True, False
    if cooling:
        return False, False
    probing = bool(redis.set(_key(model, "probe"), "1", nx=True, ex=PROBE_SECONDS))
    return probing, probing


def _count_failure(model: str, is_probe: bool) -> None:
    redis = _redis(settings.REDIS_URL)
    if not is_probe:
        with redis.pipeline(transaction=True) as pipe:
            pipe.incr(_key(model, "failures"))
            pipe.expire(_key(model, "failures"), settings.COACH_BREAKER_WINDOW_SECONDS, nx=True)
            failures, _ = pipe.execute()
        if failures < settings.COACH_BREAKER_FAILURES:
            return
    with redis.pipeline(transaction=True) as pipe:
        pipe.set(_key(model, "tripped"), "1", ex=MEMORY_SECONDS)
        pipe.set(_key(model, "cooling"), "1", ex=settings.COACH_BREAKER_COOLING_SECONDS)
        pipe.delete(_key(model, "probe"), _key(model, "failures"))
        pipe.execute()
    logger.warning("The model %s rests: it failed too often.", model)


def _delete(model: str, *what: str) -> None:
    _redis(settings.REDIS_URL).delete(*(_key(model, name) for name in what))
