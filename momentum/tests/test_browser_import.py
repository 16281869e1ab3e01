"""Bringing a large file of health data in a real browser: in pieces, over a line that breaks, to what was found."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from accounts.models import User
from accounts.tests.factories import UserFactory
from bench import health_import
from config.runtime.live import LiveWorker
from momentum.models import HealthImport, ImportStatus

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SignIn = Callable[[BrowserContext, User], None]
SIZE = 20 * 1024 * 1024
CONTENT = "**/content/?offset=*"


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An export of 20 MB."""
    monkeypatch.setattr(health_import, "YEARS", 1)
    path = tmp_path / "export.xml"
    with path.open("w") as target:
        health_import.write(target, SIZE)
    assert path.stat().st_size > SIZE * 0.9
    return path


def choose(page: Page, path: Path) -> None:
    page.wait_for_function("() => customElements.get('file-upload')")
    page.get_by_label("Choose a file").set_input_files(path)
    page.get_by_role("button", name="Bring it in").click()


def test_a_large_file_goes_on_after_a_reload_and_a_lost_line_to_its_result(
    page: Page,
    browser_context: BrowserContext,
    sign_in: SignIn,
    celery_worker_process: LiveWorker,
    large: Path,
    tmp_path: Path,
) -> None:
    user = UserFactory(day_start_hour=0)
    sign_in(browser_context, user)
    sent: list[str] = []

    def two_pieces(route: Route) -> None:
        if len(sent) == 2:
            return  # the line hangs
        sent.append(route.request.url.rpartition("=")[2])
        route.continue_()

    page.route(CONTENT, two_pieces)
    page.goto("/momentum/import/")
    with page.expect_request(f"{CONTENT[:-1]}{8 * 1024 * 1024}"):
        choose(page, large)
    expect(page.locator("[data-progress]")).to_contain_text("Sending: 8 of 20 MB")
    row = HealthImport.objects.get(user=user)
    assert (row.status, row.bytes_received) == (ImportStatus.RECEIVING, 8 * 1024 * 1024)

    # In this order: what hangs would be let through otherwise.
    page.reload()
    page.unroute(CONTENT)
    expect(page.get_by_role("heading", name="export.xml is not all here yet")).to_be_visible()
    other = tmp_path / "other.xml"
    other.write_text("something else")
    choose(page, other)
    expect(page.get_by_role("alert")).to_contain_text("not the file that is on its way")

    def lost_once(route: Route) -> None:
        offset = route.request.url.rpartition("=")[2]
        sent.append(offset)
        if sent.count(offset) == 1:
            route.abort()
        else:
            route.continue_()

    page.route(CONTENT, lost_once)
    choose(page, large)
    page.wait_for_url(f"**/momentum/import/{row.pk}/")
    piece = 4 * 1024 * 1024
    starts = [str(start) for start in range(0, row.size, piece)]
    assert sent == [*starts[:2], *(start for start in starts[2:] for _ in range(2))]
    expect(page.get_by_role("heading", name="Done", exact=True)).to_be_visible()
    expect(page.locator("#import-state")).to_contain_text("new or updated")
    row.refresh_from_db()
    assert (row.status, row.stopped) == (ImportStatus.DONE, "")
    assert row.days_changed > 1000
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.endsWith(':upload'))") == []


def test_stopping_forgets_what_was_sent(
    page: Page, browser_context: BrowserContext, sign_in: SignIn, large: Path
) -> None:
    user = UserFactory()
    sign_in(browser_context, user)
    page.route(CONTENT, lambda route: None)
    page.goto("/momentum/import/")
    choose(page, large)
    expect(page.locator("[data-progress]")).to_contain_text("Sending")
    page.get_by_role("button", name="Stop and forget it").click()
    expect(page.get_by_role("button", name="Bring it in")).to_be_visible()
    assert not HealthImport.objects.filter(user=user).exists()
