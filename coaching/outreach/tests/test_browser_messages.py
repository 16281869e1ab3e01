"""Messages on a phone: read when they were seen, put off and muted with one tap, and a STOP in the chat."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connections
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.models import CoachMessage, DeliveryState, MessageCause, Mute, Reminder
from coaching.outreach.lateness import reminder_key
from coaching.outreach.live import announce_unread

pytestmark = pytest.mark.browser


@pytest.fixture
def person(
    browser_context: BrowserContext, sign_in: Callable[[BrowserContext, User], None]
) -> User:
    user = UserFactory.create()
    sign_in(browser_context, user)
    return user


def spoken(person: User) -> CoachMessage:
    """A reminder that has just come."""
    now = timezone.now()
    reminder = Reminder.objects.create(
        user=person, text="Stretch", remind_at=now, status="sent", idempotency_key=uuid4().hex
    )
    return CoachMessage.objects.create(
        user=person,
        cause=MessageCause.REMINDER,
        cause_key=reminder_key(reminder.pk, now),
        subject_type="coaching.reminder",
        subject_id=reminder.pk,
        body="Reminder: Stretch",
        state=DeliveryState.DELIVERED,
        sent_at=now,
    )


def test_a_message_that_comes_is_told_on_every_open_page(page: Page, person: User) -> None:
    page.goto("/habits/")
    count = page.locator("coach-fab [data-unread-count]")
    expect(count).to_be_hidden()
    page.wait_for_timeout(500)  # the line opens, and the server hears that this page is here
    spoken(person)
    with ThreadPoolExecutor(1) as beside:  # the browser's own loop runs in this thread
        beside.submit(announce_unread, person.pk).result()
        beside.submit(connections.close_all).result()
    expect(count).to_contain_text("1 unread message")
    expect(page.locator("[data-unread-dot]")).to_be_visible()
    page.get_by_role("button", name="Read", exact=True).click()
    page.wait_for_url("**/messages/")
    expect(page.get_by_text("Reminder: Stretch")).to_be_visible()
    expect(count).to_be_hidden()


def test_a_message_is_read_put_off_and_muted(page: Page, person: User) -> None:
    said = spoken(person)
    with page.expect_response("**/messages/seen/") as seen:
        page.goto("/messages/")
    assert seen.value.status == 204
    said.refresh_from_db()
    assert said.read_at is not None
    page.get_by_role("button", name="in an hour").click()
    expect(page.get_by_text("I'll come back to it")).to_be_visible()
    assert Reminder.objects.get(user=person).status == "waiting"
    page.locator("details.letter__more summary").click()
    page.get_by_role("button", name="Mute “Stretch”").click()
    expect(page.locator("undo-toast")).to_contain_text("Muted: “Stretch”.")
    assert Mute.objects.filter(user=person).exists()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone.")).to_be_visible()
    assert not Mute.objects.filter(user=person, until__isnull=True).exists()


def test_a_stop_in_the_chat_is_a_card_that_can_be_undone(page: Page, person: User) -> None:
    page.goto("/coach/")
    page.wait_for_function("() => customElements.get('coach-composer')")
    box = page.locator("coach-composer textarea")
    box.fill("STOP")
    box.press("Enter")
    expect(page.get_by_text("I won't send you anything unasked").first).to_be_visible()
    log = page.get_by_role("log")
    expect(log.get_by_role("button", name="Undo")).to_be_visible()
    assert Mute.objects.filter(user=person).exists()
