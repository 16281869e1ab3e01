"""Checking in and writing in a real browser: on the tile with one hand, and a draft that stays."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import User
from accounts.tests.factories import UserFactory
from momentum.models import CheckIn, JournalEntry

pytestmark = pytest.mark.browser
SignIn = Callable[[BrowserContext, User], None]


def test_checking_in_on_the_tile_and_taking_it_back(
    page: Page, browser_context: BrowserContext, sign_in: SignIn
) -> None:
    user = UserFactory()
    sign_in(browser_context, user)
    page.goto("/")
    tile = page.locator("#check-in-tile")
    tile.locator("input[name=energy][value='3']").check()
    tile.locator("input[name=motivation][value='7']").check()
    tile.get_by_role("button", name="Check in").click()
    expect(tile).to_contain_text("Energy 3 of 5, motivation 7 of 10")
    tile.get_by_role("button", name="Undo").click()
    expect(tile.get_by_role("button", name="Check in")).to_be_visible()
    assert CheckIn.objects.get(user=user).deleted_at is not None


def test_a_draft_survives_a_reload_and_leaves_once_it_is_saved(
    page: Page, browser_context: BrowserContext, sign_in: SignIn
) -> None:
    user = UserFactory()
    sign_in(browser_context, user)
    page.goto("/momentum/journal/")
    words = page.get_by_label("What is on your mind?")
    expect(page.locator("draft-keeper:defined")).to_have_count(1)
    words.fill("Half a thought")
    page.reload()
    expect(words).to_have_value("Half a thought")
    page.get_by_role("button", name="Write it down").click()
    expect(page.locator("article")).to_contain_text("Half a thought")
    expect(words).to_have_value("")
    page.reload()
    expect(words).to_have_value("")
    assert JournalEntry.objects.filter(user=user).count() == 1
