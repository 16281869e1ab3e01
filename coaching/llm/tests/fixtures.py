"""Model servers for tests: `model_server` is scripted, and the coach is set to use it."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from .model_server import ModelServer

MODEL = "openai/scripted"
FALLBACK = "openai/second"


@pytest.fixture(scope="session")
def _model_servers() -> Iterator[tuple[ModelServer, ModelServer]]:
    from coaching.llm.engine import engine

    engine()  # two seconds that belong to no test
    servers = ModelServer(), ModelServer()
    yield servers
    for server in servers:
        server.close()


@pytest.fixture
def model_server(
    _model_servers: tuple[ModelServer, ModelServer],
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> ModelServer:
    """A scripted server that COACH_MODEL points to; time-outs are short, the fallback is built in."""
    server = _model_servers[0]
    server.forget()
    _close_all_circuits(settings.REDIS_URL, monkeypatch)
    settings.COACH_MODEL = MODEL
    settings.COACH_MODEL_API_BASE = server.url
    settings.COACH_MODEL_API_KEY = "key-of-the-model"
    settings.COACH_FALLBACK_MODEL = "builtin/coach"
    settings.COACH_FIRST_TOKEN_TIMEOUT_SECONDS = 1.0
    settings.COACH_STALL_TIMEOUT_SECONDS = 1.0
    settings.COACH_RETRY_AFTER_LIMIT_SECONDS = 1.0
    settings.COACH_BREAKER_FAILURES = 1000
    settings.COACH_MODEL_PRICES = {MODEL: {"input": 1.0, "output": 2.0}}
    return server


@pytest.fixture
def fallback_server(
    model_server: ModelServer,
    _model_servers: tuple[ModelServer, ModelServer],
    settings: Settings,
) -> ModelServer:
    """A second scripted server that COACH_FALLBACK_MODEL points to."""
    server = _model_servers[1]
    server.forget()
    settings.COACH_FALLBACK_MODEL = FALLBACK
    settings.COACH_FALLBACK_API_BASE = server.url
    settings.COACH_FALLBACK_API_KEY = "key-of-the-fallback"
    return server


def _close_all_circuits(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from redis import Redis

    from coaching.llm import breaker

    monkeypatch.setattr(breaker, "_deaf_until", 0.0)
    with Redis.from_url(url) as redis:
        keys = list(redis.scan_iter(f"{breaker.PREFIX}:*"))
        if keys:
            redis.delete(*keys)
