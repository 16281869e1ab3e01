"""Ticking in a real browser: at once, without a connection, without script, and never twice."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from accounts.models import User
from config.runtime.live import LiveSite
from habits.models import Habit, HabitCompletion

from .factories import HabitFactory

pytestmark = pytest.mark.browser


@pytest.fixture
def habit(
    browser_context: BrowserContext, sign_in: Callable[[BrowserContext, User], None]
) -> Habit:
    """A daily habit of the person signed in."""
    habit = HabitFactory(name="Morning walk")
    sign_in(browser_context, habit.user)
    return habit


def tick(page: Page) -> Locator:
    page.wait_for_function("() => customElements.get('habit-grid')")
    return page.get_by_role("button", name="Morning walk", exact=True)


def all_sent(page: Page) -> None:
    """Waits until the server has answered every tick: until then each is kept in the browser."""
    page.wait_for_function("() => !Object.keys(localStorage).some(key => key.endsWith(':outbox'))")


def test_a_tick_shows_at_once_and_can_be_undone(page: Page, habit: Habit):
    page.goto("/habits/")
    tick(page).click()
    expect(tick(page)).to_have_attribute("aria-pressed", "true")
    expect(page.locator("undo-toast")).to_contain_text("Morning walk: done.")
    all_sent(page)
    page.reload()
    expect(tick(page)).to_have_attribute("aria-pressed", "true")
    tick(page).click()
    expect(tick(page)).to_have_attribute("aria-pressed", "false")
    page.get_by_role("button", name="Undo").click()
    expect(tick(page)).to_have_attribute("aria-pressed", "true")
    all_sent(page)
    page.reload()
    expect(tick(page)).to_have_attribute("aria-pressed", "true")


def test_a_tick_without_connection_is_kept_and_counts_once(
    page: Page, browser_context: BrowserContext, habit: Habit
):
    page.goto("/habits/")
    expect(tick(page)).to_have_attribute("aria-pressed", "false")
    browser_context.set_offline(True)
    tick(page).click()
    expect(page.locator("net-status")).to_contain_text("One change is kept")
    expect(tick(page)).to_have_attribute("aria-pressed", "true")
    browser_context.set_offline(False)
    all_sent(page)
    page.reload()
    expect(tick(page)).to_have_attribute("aria-pressed", "true")
    assert HabitCompletion.objects.filter(habit=habit).count() == 1


def test_fast_clicks_end_where_the_last_one_said(page: Page, habit: Habit):
    page.goto("/habits/")
    for _ in range(3):
        tick(page).click()
    expect(tick(page)).to_have_attribute("aria-pressed", "true")
    all_sent(page)
    page.reload()
    expect(tick(page)).to_have_attribute("aria-pressed", "true")
    assert HabitCompletion.objects.filter(habit=habit).count() == 1


def test_without_script_a_tick_is_a_form(
    browser: Browser, browser_context: BrowserContext, live_site: LiveSite, habit: Habit
):
    context = browser.new_context(
        base_url=live_site.url,
        java_script_enabled=False,
        storage_state=browser_context.storage_state(),
    )
    page = context.new_page()
    page.goto("/habits/")
    button = page.get_by_role("button", name="Morning walk", exact=True)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    context.close()
