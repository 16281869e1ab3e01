"""The consultation in a real browser: from the invitation on Today to a coach of one's own."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.models import CoachingProfile, Message
from config.runtime.live import LiveWorker

pytestmark = pytest.mark.browser
# What is said, and what then stands in the list of what was understood.
SAID = [
    ("yes", "Run 5 kilometres"),
    ("to keep up with my kids", "Keep up with my kids"),
    ("I run twice a week", "Running, twice a week"),
    ("I skip breakfast", "Skip breakfast"),
    ("no time, work eats it", "No time, work eats it"),
    ("weekday evenings", "Weekday evenings"),
]


def test_a_talk_becomes_a_coach(
    page: Page,
    browser_context: BrowserContext,
    sign_in: Callable[[BrowserContext, User], None],
    celery_worker_process: LiveWorker,
) -> None:
    user = UserFactory.create(name="Ada", stated_goal="Run 5 kilometres")
    user.onboarded_at = user.created_at
    user.save()
    CoachingProfile.objects.create(user=user, consultation_enabled=True)
    sign_in(browser_context, user)

    page.goto("/")
    page.get_by_role("heading", name="A coach that knows you").wait_for()
    page.locator('[data-tile="coaching.consultation"] a').click()
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("log")).to_contain_text("an AI, not a person")

    answers = page.locator("[data-role=coach]")
    for number, (text, understood) in enumerate(SAID, start=1):
        page.get_by_label("Your answer").fill(text)
        page.get_by_role("button", name="Send").click()
        expect(answers).to_have_count(number + 1)
        expect(page.get_by_label("Your answer")).to_have_value("")
        expect(page.get_by_role("listitem").filter(has_text=understood)).not_to_have_count(0)
    expect(page.get_by_role("heading", name="There is enough for your coach")).to_be_visible()

    page.reload()
    expect(answers).to_have_count(len(SAID) + 1)
    page.get_by_role("button", name="Take out: skip breakfast").click()
    expect(page.get_by_role("button", name="Take out: skip breakfast")).to_have_count(0)

    # Nothing typed is lost when the line is, and sent again it is said once.
    browser_context.set_offline(True)
    page.get_by_label("Your answer").fill("in the mornings")
    with page.expect_event("requestfailed", lambda request: "/say/" in request.url):
        page.get_by_role("button", name="Send").click()
    expect(page.get_by_label("Your answer")).to_be_enabled()
    expect(page.get_by_label("Your answer")).to_have_value("in the mornings")
    browser_context.set_offline(False)
    page.get_by_role("button", name="Send").click()
    expect(answers).to_have_count(len(SAID) + 2)
    assert Message.objects.filter(user=user, content="in the mornings").count() == 1

    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading", name="Your coach is ready")).to_be_visible()
    profile = CoachingProfile.objects.get(user=user)
    assert profile.system_prompt_version == 1
    assert "5 kilometres" in profile.coaching_system_prompt
