"""Momentum in a real browser: a tick in one session moves the tile in another, and takes neither place nor focus."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from config.runtime.live import LiveSite, LiveWorker
from habits.tests.factories import HabitFactory
from momentum.tests.scored import scored_person

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TILE = "[data-tile='momentum.score']"


@pytest.fixture
def person() -> User:
    """Somebody who agreed to be tracked, with two habits and no score yet."""
    habit = HabitFactory(name="Morning walk")
    HabitFactory(name="Evening stretch", user=habit.user)
    set_consent(habit.user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    return habit.user


@pytest.fixture
def elsewhere(
    browser: Browser,
    live_site: LiveSite,
    person: User,
    sign_in: Callable[[BrowserContext, User], None],
) -> Iterator[Page]:
    """The same person on another device."""
    context = browser.new_context(base_url=live_site.url)
    sign_in(context, person)
    page = context.new_page()
    page.goto("/habits/")
    page.wait_for_function("() => customElements.get('habit-grid')")
    yield page
    context.close()


def listening(page: Page) -> None:
    """Waits until the page hears what the server tells."""
    page.wait_for_function("() => customElements.get('today-tiles')")
    page.wait_for_function(
        "() => performance.getEntriesByType('resource').some(each => each.name.includes('coach-socket'))"
    )
    page.wait_for_timeout(1500)  # the line is open, and its place in the group is kept


def test_a_tick_elsewhere_moves_the_tile_here(
    page: Page,
    browser_context: BrowserContext,
    person: User,
    elsewhere: Page,
    celery_worker_process: LiveWorker,
    sign_in: Callable[[BrowserContext, User], None],
) -> None:
    sign_in(browser_context, person)
    page.goto("/")
    tile = page.locator(TILE)
    expect(tile).to_contain_text("Momentum")
    expect(tile.locator(".big-number")).to_have_count(0)
    listening(page)
    elsewhere.get_by_role("button", name="Morning walk", exact=True).click()
    expect(tile.locator(".big-number")).to_have_text("100")
    expect(page.locator("[data-tile-news]")).to_have_text("Momentum is now 100, calibrating.")

    # A second change: the tile keeps its size, the page its place, the link its focus.
    page.locator("#momentum-more").focus()
    before = tile.bounding_box()
    scrolled = page.evaluate("scrollY")
    page.evaluate(
        f"document.querySelector(\"{TILE}\").addEventListener('htmx:afterSwap', () => window.swapped = true)"
    )
    elsewhere.get_by_role("button", name="Evening stretch", exact=True).click()
    page.wait_for_function("() => window.swapped")
    assert page.evaluate("document.activeElement.id") == "momentum-more"
    assert page.evaluate("scrollY") == scrolled
    assert tile.bounding_box() == before


def test_everything_can_be_read_without_script(
    browser: Browser,
    live_site: LiveSite,
    sign_in: Callable[[BrowserContext, User], None],
) -> None:
    user = scored_person()
    context = browser.new_context(base_url=live_site.url, java_script_enabled=False)
    sign_in(context, user)
    page = context.new_page()
    page.goto("/momentum/")
    page.get_by_role("link", name="3 months").click()
    expect(page.get_by_role("link", name="3 months")).to_have_attribute("aria-current", "true")
    page.get_by_role("link", name="Every signal of this day").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Today")
    page.locator("a[rel=prev]").click()
    expect(page.get_by_role("heading", name="What it is made of")).to_be_visible()
    page.get_by_text("What was told").first.click()
    context.close()


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_page_is_wider_than_the_screen(
    browser: Browser,
    live_site: LiveSite,
    sign_in: Callable[[BrowserContext, User], None],
    width: int,
) -> None:
    user = scored_person()
    context = browser.new_context(base_url=live_site.url, viewport={"width": width, "height": 800})
    sign_in(context, user)
    page = context.new_page()
    for path in ("/momentum/", "/momentum/versions/"):
        page.goto(path)
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), path
    page.goto("/momentum/")
    page.get_by_role("link", name="Every signal of this day").click()
    page.wait_for_load_state()
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    context.close()
