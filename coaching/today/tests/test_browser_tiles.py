"""In a real browser: a tap and a scroll each tell the server once a view, and each becomes one event."""

import time
from collections.abc import Callable

import pytest
from django.apps import apps
from playwright.sync_api import BrowserContext, Page

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from accounts.tests.factories import UserFactory
from coaching.models import RawBehavioralLog

pytestmark = pytest.mark.browser


@pytest.fixture
def person(
    browser_context: BrowserContext, sign_in: Callable[[BrowserContext, User], None]
) -> User:
    """Somebody signed in on a screen so low that most tiles are out of sight."""
    user = UserFactory()
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    sign_in(browser_context, user)
    return user


def rows(user: User) -> list[tuple[str, str]]:
    """What the ledger was told of tiles."""
    told = RawBehavioralLog.objects.filter(user=user, interaction_type__startswith="today_tile.")
    return sorted((row.interaction_type, row.raw_data["tile"]) for row in told)


def events(user: User) -> list[str]:
    """What was derived from it, by a domain this package knows nothing of."""
    model = apps.get_model("momentum", "MomentumEvent")
    kept = model._default_manager.filter(user=user, tag="tile_interaction")
    return sorted(kept.values_list("event_type", flat=True))


def settled(user: User, expected: int) -> list[tuple[str, str]]:
    """The rows, once there are as many as expected and a moment has passed in which more could come."""
    until = time.monotonic() + 20
    while len(rows(user)) < expected and time.monotonic() < until:
        time.sleep(0.1)
    time.sleep(1.5)
    return rows(user)


def open_today(page: Page) -> str:
    """Opens Today and returns the last tile, which is out of sight."""
    page.set_viewport_size({"width": 412, "height": 260})
    page.goto("/")
    page.wait_for_function("() => customElements.get('today-tiles')")
    page.wait_for_function("() => document.querySelector('today-tiles').watcher")
    key = page.locator("today-tiles > [data-tile]").last.get_attribute("data-tile")
    assert key
    return key


def scroll_to(page: Page, key: str) -> None:
    page.evaluate(
        "key => document.querySelector(`[data-tile='${key}']`).scrollIntoView({block: 'center', behavior: 'instant'})",
        key,
    )


def test_a_tap_and_a_scroll_are_each_told_once_a_view(page: Page, person: User) -> None:
    last = open_today(page)
    assert rows(person) == []
    first = page.locator("today-tiles > [data-tile]").first
    key = first.get_attribute("data-tile")
    for _ in range(3):
        first.dispatch_event("click")
    scroll_to(page, last)
    expected = [("today_tile.seen", last), ("today_tile.tapped", str(key))]
    assert [row for row in settled(person, 2) if row[1] in (last, key)] == expected
    page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
    scroll_to(page, last)
    assert rows(person).count(("today_tile.seen", last)) == 1
    assert events(person) == sorted(kind for kind, _ in rows(person))

    # Another view of the page is another look.
    scroll_to(page, open_today(page))
    settled(person, len(expected) + 1)
    assert rows(person).count(("today_tile.seen", last)) == 2


def test_passing_by_is_not_looking(page: Page, person: User) -> None:
    last = open_today(page)
    scroll_to(page, last)
    page.wait_for_timeout(300)
    page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
    page.wait_for_timeout(1500)
    assert ("today_tile.seen", last) not in rows(person)


def test_without_consent_nothing_is_kept(page: Page, person: User) -> None:
    set_consent(person, ConsentKind.BEHAVIORAL_TRACKING, False, ConsentSource.WEB)
    scroll_to(page, open_today(page))
    page.wait_for_timeout(1800)
    assert rows(person) == []
    assert events(person) == []
