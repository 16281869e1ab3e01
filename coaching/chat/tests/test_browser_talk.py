"""Talking to the coach in a real browser: nothing said is lost, doubled or stolen from the reader."""

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.models import User
from coaching.llm.tests.model_server import Done, Finish, Hold, ModelServer, Say
from coaching.models import Message, MessageRole, MessageStatus
from config.runtime.live import LiveSite

from .browsing import answers, ask, composer, live_environment, person, scripted, slowly, status

__all__ = ["live_environment", "person", "scripted"]
pytestmark = pytest.mark.browser


def said_by(user: User) -> list[str]:
    messages = Message.objects.filter(user=user, role=MessageRole.USER).order_by("id")
    return list(messages.values_list("content", flat=True))


def test_an_answer_arrives_in_pieces(page: Page, person: User, scripted: ModelServer):
    after_one, after_two = Hold(), Hold()
    scripted.will(
        [Say("One. "), after_one, Say("Two. "), after_two, Say("Three."), Finish(), Done()]
    )
    page.goto("/coach/")
    ask(page, "Hello")
    expect(answers(page)).to_contain_text("One.")
    expect(page.locator("[data-scroll]")).to_have_attribute("aria-live", "off")
    after_one.go_on()
    expect(answers(page)).to_contain_text("One. Two.")
    expect(answers(page)).not_to_contain_text("Three.")
    after_two.go_on()
    expect(answers(page)).to_contain_text("One. Two. Three.")
    expect(status(page)).to_have_text("Reply ready")
    expect(page.locator("[data-scroll]")).to_have_attribute("aria-live", "polite")
    expect(page).to_have_url(re.compile(r"/coach/[0-9a-f-]{36}/$"))
    expect(answers(page).locator(".msg__who")).to_contain_text("AI")


def test_a_reload_in_the_middle_of_an_answer_loses_nothing(
    page: Page, person: User, scripted: ModelServer
):
    middle = Hold()
    scripted.will([Say("One. "), Say("Two. "), middle, *slowly("Three. ", "Four.")])
    page.goto("/coach/")
    ask(page, "Count")
    expect(answers(page)).to_contain_text("Two.")
    page.reload()
    expect(answers(page)).to_contain_text("One. Two.")
    middle.go_on()
    expect(answers(page)).to_contain_text("One. Two. Three. Four.")
    expect(answers(page)).to_have_count(1)
    expect(page.locator(".msg--user")).to_have_count(1)
    expect(answers(page)).to_have_attribute("data-status", "complete")


def test_stop_keeps_what_was_said_and_says_so(page: Page, person: User, scripted: ModelServer):
    scripted.will([Say("This much was said. "), Hold(), Say("Never."), Finish(), Done()])
    page.goto("/coach/")
    ask(page, "Tell me everything")
    expect(answers(page)).to_contain_text("This much was said.")
    page.get_by_role("button", name="Stop the answer").click()
    expect(answers(page)).to_contain_text("Stopped here")
    expect(answers(page)).to_contain_text("This much was said.")
    expect(page.get_by_role("button", name="Stop the answer")).to_be_hidden()
    page.reload()
    expect(answers(page)).to_contain_text("This much was said.")
    assert Message.objects.get(role=MessageRole.ASSISTANT).status == MessageStatus.STOPPED


def test_a_draft_survives_a_reload_and_goes_with_the_message(
    page: Page, person: User, scripted: ModelServer
):
    scripted.will(slowly("Good."))
    page.goto("/coach/")
    composer(page).fill("Half a thou")
    page.reload()
    expect(composer(page)).to_have_value("Half a thou")
    composer(page).press("Enter")
    expect(answers(page)).to_contain_text("Good.")
    page.reload()
    expect(composer(page)).to_have_value("")


def test_what_is_sent_offline_waits_and_is_sent_once(
    page: Page, browser_context: BrowserContext, person: User, scripted: ModelServer
):
    scripted.will(slowly("There you are."))
    page.goto("/coach/")
    expect(composer(page)).to_be_visible()
    browser_context.set_offline(True)
    expect(page.locator("net-status")).to_contain_text("You are offline")
    ask(page, "Sent from a tunnel")
    expect(page.locator(".msg--user")).to_contain_text("Waiting for a connection")
    browser_context.set_offline(False)
    expect(answers(page)).to_contain_text("There you are.")
    page.reload()
    expect(page.locator(".msg--user")).to_have_count(1)
    assert said_by(person) == ["Sent from a tunnel"]


def test_scrolling_is_never_taken_from_the_reader(page: Page, person: User, scripted: ModelServer):
    paragraphs = [Say(f"Paragraph {n}.\n\n") for n in range(30)]
    moved_up, at_the_end = Hold(), Hold()
    scripted.will(
        [
            *paragraphs[:17],
            moved_up,
            *paragraphs[17:23],
            at_the_end,
            *paragraphs[23:],
            Finish(),
            Done(),
        ]
    )
    page.goto("/coach/")
    ask(page, "A long one")
    expect(answers(page)).to_contain_text("Paragraph 16.")
    scroller = page.locator("[data-scroll]")
    scroller.evaluate("node => node.scrollTo({top: 0, behavior: 'instant'})")
    moved_up.go_on()
    expect(page.get_by_role("button", name="Latest")).to_be_visible()
    expect(answers(page)).to_contain_text("Paragraph 22.")
    assert scroller.evaluate("node => node.scrollTop") == 0
    page.get_by_role("button", name="Latest").click()
    at_the_end.go_on()
    expect(answers(page)).to_contain_text("Paragraph 29.")
    expect(answers(page)).to_have_attribute("data-status", "complete")
    page.wait_for_function(
        "() => { const n = document.querySelector('[data-scroll]');"
        " return n.scrollHeight - n.scrollTop - n.clientHeight < 64 }"
    )
    expect(page.get_by_role("button", name="Latest")).to_be_hidden()


def test_the_keyboard_writes_sends_and_edits(page: Page, person: User, scripted: ModelServer):
    scripted.will(slowly("First answer."), slowly("Second answer."))
    page.goto("/coach/")
    expect(page.locator("[data-count]")).to_be_hidden()
    composer(page).fill("x" * 201)
    expect(page.locator("[data-count]")).to_have_text("201 / 8000")
    composer(page).fill("line one")
    composer(page).press("Shift+Enter")
    composer(page).press_sequentially("line two")
    expect(composer(page)).to_have_value("line one\nline two")
    composer(page).press("Enter")
    expect(answers(page)).to_contain_text("First answer.")
    expect(answers(page)).to_have_attribute("data-status", "complete")
    expect(composer(page)).to_be_focused()
    composer(page).press("ArrowUp")
    expect(composer(page)).to_have_value("line one\nline two")
    composer(page).press("Escape")
    expect(composer(page)).to_have_value("")
    composer(page).press("ArrowUp")
    composer(page).fill("another way")
    composer(page).press("Enter")
    expect(answers(page)).to_contain_text("Second answer.")
    expect(answers(page)).to_have_attribute("data-status", "complete")
    expect(page.locator(".msg--user .branches")).to_contain_text("2/2")
    page.get_by_role("button", name="Previous version").click()
    expect(answers(page)).to_contain_text("First answer.")
    expect(page.locator(".msg--user")).to_contain_text("line one")


def test_answering_again_makes_a_branch(page: Page, person: User, scripted: ModelServer):
    scripted.will(slowly("One way."), slowly("Another way."))
    page.goto("/coach/")
    ask(page, "How?")
    expect(answers(page)).to_have_attribute("data-status", "complete")
    page.get_by_role("button", name="Answer again").click()
    expect(answers(page)).to_contain_text("Another way.")
    expect(answers(page).locator(".branches")).to_contain_text("2/2")
    expect(answers(page)).to_have_count(1)


def test_enter_does_not_send_while_an_input_method_composes(
    page: Page, person: User, scripted: ModelServer
):
    page.goto("/coach/")
    composer(page).fill("にほん")
    composer(page).evaluate(
        "node => node.dispatchEvent(new KeyboardEvent('keydown',"
        " {key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))"
    )
    expect(composer(page)).to_have_value("にほん")
    assert said_by(person) == []


def test_without_script_it_works_as_forms_and_links(
    browser: Browser,
    browser_context: BrowserContext,
    live_site: LiveSite,
    person: User,
    scripted: ModelServer,
):
    scripted.will(slowly("Said without script.", pause=0.1))
    context = browser.new_context(
        base_url=live_site.url,
        java_script_enabled=False,
        storage_state=browser_context.storage_state(),
    )
    page = context.new_page()
    page.goto("/coach/")
    page.get_by_label("Message to the coach").fill("No script here")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".msg--user")).to_contain_text("No script here")
    for _ in range(40):
        if "Said without script." in page.content():
            break
        page.wait_for_timeout(250)
        page.reload()
    expect(answers(page)).to_contain_text("Said without script.")
    assert said_by(person) == ["No script here"]
    context.close()
