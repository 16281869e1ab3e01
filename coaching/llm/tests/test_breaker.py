"""A model that keeps failing is left alone, and found again when it recovers."""

import asyncio

import pytest
from pytest_django import Settings
from redis import Redis

from coaching.llm import breaker
from coaching.llm.gateway import Degraded

from .fixtures import MODEL
from .model_server import ModelServer, Status, whole
from .test_gateway import BUILTIN, events_of, shown


@pytest.fixture(autouse=True)
def _two_failures_trip(model_server: ModelServer, settings: Settings) -> None:
    settings.COACH_BREAKER_FAILURES = 2


def cooled(settings: Settings) -> None:
    """As if the cooling time were over."""
    with Redis.from_url(settings.REDIS_URL) as redis:
        assert redis.delete(f"{breaker.PREFIX}:{MODEL}:cooling") == 1


async def trip() -> None:
    for _ in range(2):
        permit = await breaker.ask_leave(MODEL)
        assert permit is not None
        await permit.failed()


async def test_it_opens_after_so_many_failures() -> None:
    permit = await breaker.ask_leave(MODEL)
    assert permit is not None
    await permit.failed()
    assert await breaker.ask_leave(MODEL) is not None
    await permit.failed()
    assert await breaker.ask_leave(MODEL) is None
    assert await breaker.ask_leave("openai/another") is not None


async def test_after_cooling_exactly_one_call_probes(settings: Settings) -> None:
    await trip()
    cooled(settings)

    permits = await asyncio.gather(*(breaker.ask_leave(MODEL) for _ in range(20)))

    assert sum(permit is not None for permit in permits) == 1


async def test_a_probe_that_succeeds_closes_it(settings: Settings) -> None:
    await trip()
    cooled(settings)
    probe = await breaker.ask_leave(MODEL)
    assert probe is not None

    await probe.succeeded()

    permit = await breaker.ask_leave(MODEL)
    assert permit is not None
    assert not permit.is_probe
    await permit.failed()
    assert await breaker.ask_leave(MODEL) is not None  # counted from zero


async def test_a_probe_that_fails_opens_it_again(settings: Settings) -> None:
    await trip()
    cooled(settings)
    probe = await breaker.ask_leave(MODEL)
    assert probe is not None

    await probe.failed()

    assert await breaker.ask_leave(MODEL) is None
    cooled(settings)
    assert await breaker.ask_leave(MODEL) is not None


async def test_a_probe_that_says_nothing_leaves_the_next_call_to_probe(settings: Settings) -> None:
    await trip()
    cooled(settings)
    probe = await breaker.ask_leave(MODEL)
    assert probe is not None
    assert await breaker.ask_leave(MODEL) is None

    await probe.released()

    assert await breaker.ask_leave(MODEL) is not None


async def test_without_redis_it_is_closed(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:9/0"

    for _ in range(3):
        permit = await breaker.ask_leave(MODEL)
        assert permit is not None
        await permit.failed()


@pytest.mark.django_db(transaction=True)
async def test_an_open_breaker_spares_the_model_and_the_person(
    model_server: ModelServer, settings: Settings
) -> None:
    model_server.will([Status(500)], [Status(500)])
    await events_of()  # asked and retried: two failures
    model_server.forget()

    resting = await events_of()

    assert resting[0] == Degraded("breaker", MODEL, BUILTIN)
    assert model_server.received == []

    cooled(settings)
    model_server.will(whole("Back again."), whole("And again."))
    assert shown(await events_of()) == "Back again."
    assert shown(await events_of()) == "And again."


@pytest.mark.django_db(transaction=True)
async def test_a_request_that_the_model_refuses_is_not_the_models_fault(
    model_server: ModelServer,
) -> None:
    model_server.will([Status(400)], [Status(400)], [Status(400)], whole("Fine."))

    for _ in range(3):
        await events_of()

    assert shown(await events_of()) == "Fine."
