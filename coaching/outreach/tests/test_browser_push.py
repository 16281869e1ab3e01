"""Notifications in a real browser: switched on by a click, and shown by the service worker."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from accounts.consent import has_consent
from accounts.models import ConsentKind, Device, User
from accounts.tests.factories import UserFactory
from config.runtime.keys import new_vapid_key
from config.runtime.live import LiveSite

from .test_offering import SUBSCRIPTION, remind

pytestmark = pytest.mark.browser
# There is no push service here: the browser's own part of a subscription is played by the page.
PLAYED = """
let kept = null;
const said = %s;
PushManager.prototype.getSubscription = async () => kept;
PushManager.prototype.subscribe = async (options) => {
  kept = { endpoint: said.endpoint, options, toJSON: () => said, unsubscribe: async () => { kept = null; } };
  return kept;
};
"""
# All notes on show, as soon as one of them has this body.
SHOWN = """async (body) => {
  const registration = await navigator.serviceWorker.ready;
  for (let tries = 0; tries < 200; tries += 1) {
    const notes = await registration.getNotifications();
    if (notes.some((note) => note.body === body)) {
      return notes.map(({ title, body, tag, data }) => ({ title, body, tag, url: data.url }));
    }
    await new Promise((later) => { setTimeout(later, 50); });
  }
  return [];
}"""


@pytest.fixture
def live_environment(live_environment: dict[str, str]) -> dict[str, str]:
    return {**live_environment, "VAPID_PRIVATE_KEY": new_vapid_key()}


@pytest.fixture
def person(
    browser_context: BrowserContext, sign_in: Callable[[BrowserContext, User], None]
) -> User:
    user = UserFactory.create()
    remind(user)
    sign_in(browser_context, user)
    browser_context.grant_permissions(["notifications"])
    return user


def test_a_click_switches_it_on_and_a_note_is_shown_once(
    page: Page, person: User, browser_context: BrowserContext, live_site: LiveSite
) -> None:
    page.add_init_script(PLAYED % json.dumps(SUBSCRIPTION))
    page.goto("/reminders/")
    offer = page.locator("push-switch")
    expect(offer.get_by_role("button", name="Not now")).to_be_visible()
    offer.get_by_role("button", name="Notify me here").click()
    expect(offer.get_by_text("This device gets notifications.")).to_be_visible()
    expect(offer.get_by_role("button", name="Not now")).to_be_hidden()
    assert Device.objects.get().user == person
    assert has_consent(person, ConsentKind.PUSH)

    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    developer = browser_context.new_cdp_session(page)
    registrations: list[str] = []
    developer.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: registrations.extend(row["registrationId"] for row in event["registrations"]),
    )
    developer.send("ServiceWorker.enable")
    for _ in range(200):
        if registrations:
            break
        page.wait_for_timeout(50)
    for body in ("Water the plants", "Water the plants (a copy)"):
        note = {"title": "Your reminder", "body": body, "tag": "one", "url": "/messages/"}
        developer.send(
            "ServiceWorker.deliverPushMessage",
            {
                "origin": live_site.url,
                "registrationId": registrations[-1],
                "data": json.dumps(note),
            },
        )
        assert page.evaluate(SHOWN, body) == [note]
