"""The real processes that other tests lean on."""

from typing import TYPE_CHECKING

import httpx
import pytest

from config.celery import app
from config.runtime.live import LiveSite, LiveWorker

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.mark.slow
def test_a_killed_site_comes_back_at_the_same_address(live_site: LiveSite) -> None:
    assert httpx.get(f"{live_site.url}/readyz").json()["checks"] == {
        "database": True,
        "redis": True,
    }

    live_site.kill()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{live_site.url}/readyz")
    live_site.start()

    assert httpx.get(f"{live_site.url}/readyz").status_code == 200


@pytest.mark.slow
def test_a_worker_answers(celery_worker_process: LiveWorker) -> None:
    replies = app.control.ping(timeout=30, limit=1) or []

    assert [list(reply.values()) for reply in replies] == [[{"ok": "pong"}]]


@pytest.mark.browser
def test_a_browser_reaches_the_site(page: "Page") -> None:
    response = page.goto("/healthz")

    assert response is not None
    assert response.ok
