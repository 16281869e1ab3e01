"""Logging a meal in a real browser: in words, repeated with one tap, taken back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import User
from accounts.tests.factories import UserFactory
from habits.models import FoodEntry

pytestmark = pytest.mark.browser


def test_a_meal_is_logged_in_words_repeated_and_taken_back(
    page: Page, browser_context: BrowserContext, sign_in: Callable[[BrowserContext, User], None]
) -> None:
    user = UserFactory()
    sign_in(browser_context, user)
    page.goto("/food/")
    rows = page.locator(".list-row")
    expect(rows).to_have_count(0)
    page.get_by_label("What did you eat?").fill("Soup, 300 kcal")
    page.get_by_role("button", name="Log it").click()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("300 kcal")
    page.locator("#food-again").get_by_role("button", name="Soup").click()
    expect(rows).to_have_count(2)
    page.locator("undo-toast").get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone.")).to_be_visible()
    expect(rows).to_have_count(1)
    assert FoodEntry.objects.filter(user=user, calories=300).count() == 2
    assert FoodEntry.objects.filter(user=user, deleted_at__isnull=True).count() == 1
