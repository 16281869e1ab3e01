"""One person's way through the whole product in a real browser, with a real server and a real worker."""

import json
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from accounts.models import DataRequest, DataRequestKind, User
from coaching.models import Message, MessageRole, Reminder, Run
from config.runtime.live import LiveSite, LiveWorker
from habits.models import HabitCompletion, HabitSequence, SequenceStatus

pytestmark = [pytest.mark.browser, pytest.mark.slow]
GOAL = "Help me run a 5K in 3 months, I have 45 minutes a day"


@pytest.fixture
def live_environment(live_environment: dict[str, str]) -> dict[str, str]:
    """A coach that says a word at a time, so that an answer can be seen on its way."""
    return {**live_environment, "BUILTIN_CHUNK_WORDS": "1"}


def sign_up(page: Page, email: str = "ana@example.org") -> None:
    page.goto("/")
    page.get_by_role("link", name="Create your account").click()
    page.get_by_label("Your name").fill("Ana Keller")
    page.get_by_label(re.compile("^E-?mail")).fill(email)
    page.get_by_label("Your age").fill("34")
    page.get_by_label("Your weight").fill("72 kg")
    page.get_by_label("What would you like to achieve?").fill("Run 5 kilometres")
    page.get_by_role("button", name="Start").click()


def answers(page: Page) -> Locator:
    return page.locator(".msg--assistant")


def ask(page: Page, text: str) -> None:
    page.wait_for_function("() => customElements.get('coach-composer')")
    composer = page.locator("coach-composer [data-input]")
    composer.fill(text)
    composer.press("Enter")


def answered(page: Page, number: int) -> Locator:
    """The answer with this number, once it is complete."""
    expect(answers(page)).to_have_count(number)
    expect(answers(page).last).to_have_attribute("data-status", "complete")
    return answers(page).last


def pieces_of_text(page: Page) -> list[str]:
    """Every piece of text that comes over the page's lines from now on."""
    pieces: list[str] = []

    def hear(frame: str | bytes) -> None:
        event = json.loads(frame)
        if event["type"] == "text":
            pieces.append(event["delta"])

    page.on("websocket", lambda line: line.on("framereceived", hear))
    return pieces


def add_a_habit(page: Page, name: str) -> None:
    page.goto("/habits/new/")
    page.locator("[name=name]").fill(name)
    page.get_by_label("Area").select_option("fitness")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(re.compile(r"/habits/(?!new)"))


def test_a_goal_becomes_a_plan_becomes_days_and_leaves_with_its_person(
    page: Page, live_site: LiveSite, celery_worker_process: LiveWorker, tmp_path: Path
) -> None:
    sign_up(page)
    expect(page).to_have_url(re.compile("/onboarding/$"))
    page.get_by_label("Yes").check()
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url(re.compile(r"(?<!/onboarding)/$"))
    expect(page.locator("h1")).to_contain_text("Ana")

    # A goal in one's own words is answered in pieces, with a plan to change and to accept.
    pieces = pieces_of_text(page)
    page.goto("/coach/")
    ask(page, GOAL)
    first = answered(page, 1)
    assert len(pieces) > 1, "the text came in one piece"
    plan = first.locator("[data-plan]")
    expect(plan).to_contain_text("5")
    plan.get_by_role("button", name="Edit").click()
    plan.get_by_label("Minutes a day").fill("30")
    plan.get_by_role("button", name="Show me the changed plan").click()
    plan.get_by_role("button", name="Accept").click()
    # A plan that runs can be paused; its texts alone say nothing, a plan about running says "running" before it is accepted.
    expect(plan.get_by_role("button", name="Pause")).to_be_visible()
    page.reload()
    expect(page.locator("[data-plan]").get_by_role("button", name="Accept")).to_have_count(0)
    assert HabitSequence.objects.get().status == SequenceStatus.ACTIVE

    # What is due is ticked where one sees it, once. The plan begins on a day to come.
    add_a_habit(page, "Shoes by the door")
    page.goto("/")
    ticks = page.get_by_role("button", name="Shoes by the door", exact=True)
    page.wait_for_function("() => customElements.get('habit-grid')")
    ticks.first.click()
    expect(ticks.first).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-pending=true]")).to_have_count(0)
    page.goto("/habits/")
    expect(page.locator("[data-tick] button[aria-pressed=true]").first).to_be_visible()
    assert HabitCompletion.objects.filter(status="done").count() == 1

    # Reloading in mid-answer loses nothing.
    page.goto("/coach/")
    ask(page, "How am I doing?")
    expect(answers(page)).to_have_count(1)
    page.reload()
    expect(answered(page, 1)).to_contain_text(re.compile(r"\w"))
    expect(page.locator(".msg--user")).to_have_count(1)
    assert Message.objects.filter(role=MessageRole.USER).count() == 2
    assert set(Run.objects.values_list("status", flat=True)) == {"completed"}

    # A reminder is set by saying so, and taken back by one tap.
    ask(page, "Remind me tomorrow at 7 am to put my running shoes out")
    done = answered(page, 2)
    assert Reminder.objects.get().status == "waiting"
    done.get_by_role("button", name="Undo").click()
    expect(page.locator("body")).to_contain_text(re.compile("cancelled|undone", re.IGNORECASE))
    page.wait_for_function("() => !document.querySelector('[data-act=undo]')")
    assert Reminder.objects.get().status == "cancelled"

    # Everything leaves with the person.
    page.goto("/settings/privacy/")
    page.get_by_role("button", name="Prepare an export").click()
    download = page.get_by_role("link", name=re.compile("^Download"))
    expect(download).to_be_visible()
    with page.expect_download() as waiting:
        download.click()
    waiting.value.save_as(tmp_path / "export.zip")
    with zipfile.ZipFile(tmp_path / "export.zip") as archive:
        everything = "".join(
            archive.read(name).decode() for name in archive.namelist() if name.endswith(".json")
        )
    assert GOAL in everything
    assert "ana@example.org" in everything
    assert json.dumps("Run 5 kilometres") in everything

    # And the person leaves.
    page.goto("/settings/privacy/")
    page.get_by_role("link", name="Erase my account").click()
    page.get_by_role("button", name="Erase my account").click()
    expect(page.locator("body")).to_contain_text("Your account will be erased")
    page.goto("/habits/")
    expect(page).to_have_url(re.compile("/accounts/login/"))
    user = User.objects.get()
    assert DataRequest.objects.filter(user=user, kind=DataRequestKind.ERASURE).exists()


def test_the_main_job_needs_no_script(browser: Browser, live_site: LiveSite) -> None:
    context = browser.new_context(base_url=live_site.url, java_script_enabled=False)
    page = context.new_page()
    sign_up(page, "plain@example.org")
    page.get_by_role("button", name="Skip").click()
    page.wait_for_url(re.compile(r"(?<!/onboarding)/$"))

    page.goto("/coach/")
    page.get_by_label("Message to the coach").fill(GOAL)
    page.get_by_role("button", name="Send").click()
    for _ in range(60):
        if page.locator(".msg--assistant[data-status=complete]").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    page.locator("[data-plan]").get_by_role("button", name="Accept").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    assert HabitSequence.objects.get().status == SequenceStatus.ACTIVE

    add_a_habit(page, "Shoes by the door")
    page.goto("/habits/")
    page.locator("[data-tick] button").first.click()
    expect(page.locator("[data-tick] button").first).to_have_attribute("aria-pressed", "true")
    page.goto("/habits/")
    expect(page.locator("[data-tick] button").first).to_have_attribute("aria-pressed", "true")
    assert HabitCompletion.objects.filter(status="done").count() == 1
    context.close()
