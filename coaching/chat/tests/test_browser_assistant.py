"""The floating assistant in a real browser: it opens anywhere, gives the focus back, and stays out of the way."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.models import User
from coaching.llm.tests.model_server import ModelServer
from config.runtime.live import LiveSite

from .browsing import answers, ask, live_environment, person, scripted, slowly

__all__ = ["live_environment", "person", "scripted"]
pytestmark = pytest.mark.browser
ASSISTANT = "Habyss AI assistant"


def test_the_sheet_opens_answers_and_gives_the_focus_back(
    page: Page, person: User, scripted: ModelServer
):
    scripted.will(slowly("From the sheet."))
    page.goto("/")
    button = page.get_by_role("button", name=ASSISTANT)
    button.click()
    expect(page.locator("dialog.sheet")).to_be_visible()
    ask(page, "Hello")
    expect(answers(page)).to_contain_text("From the sheet.")
    page.keyboard.press("Escape")
    expect(page.locator("dialog.sheet")).to_be_hidden()
    expect(button).to_be_focused()


def test_a_tap_beside_the_sheet_closes_it(page: Page, person: User):
    page.goto("/")
    page.get_by_role("button", name=ASSISTANT).click()
    expect(page.locator("coach-composer")).to_be_visible()
    page.mouse.click(200, 40)
    expect(page.locator("dialog.sheet")).to_be_hidden()


def test_the_menu_moves_it_by_keyboard_and_the_place_is_remembered(page: Page, person: User):
    page.goto("/")
    more = page.get_by_role("button", name="Assistant menu")
    more.press("Enter")
    expect(page.get_by_role("button", name="Analyze my progress")).to_be_focused()
    page.get_by_role("button", name="Move to top left").press("Enter")
    fab = page.locator("coach-fab")
    expect(fab).to_have_attribute("data-corner", "tl")
    page.reload()
    expect(fab).to_have_attribute("data-corner", "tl")


def test_it_can_be_dragged_to_a_corner(page: Page, person: User):
    page.goto("/")
    expect(page.locator("coach-fab[data-corner='br']")).to_be_visible()
    box = page.locator(".fab").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 28, box["y"] + 28)
    page.mouse.down()
    page.mouse.move(box["x"] - 60, box["y"] - 60, steps=4)
    page.mouse.move(60, 90, steps=6)
    page.mouse.up()
    expect(page.locator("coach-fab")).to_have_attribute("data-corner", "tl")
    expect(page.locator("dialog.sheet")).to_be_hidden()


def test_it_can_be_hidden_and_that_can_be_undone(page: Page, person: User):
    page.goto("/")
    page.get_by_role("button", name="Assistant menu").click()
    page.get_by_role("button", name="Hide the assistant").click()
    expect(page.locator("coach-fab")).to_be_hidden()
    page.reload()
    expect(page.locator("coach-fab")).to_be_hidden()
    page.goto("/settings/")
    page.get_by_label("Show the floating assistant").check()
    expect(page.locator("coach-fab")).to_be_visible()


def test_it_does_not_cover_the_navigation(page: Page, person: User):
    page.goto("/")
    # Hidden until its script has placed it.
    expect(page.locator("coach-fab[data-corner]")).to_be_visible()
    fab = page.locator("coach-fab").bounding_box()
    bar = page.locator("nav.nav").bounding_box()
    assert fab is not None
    assert bar is not None
    assert fab["y"] + fab["height"] <= bar["y"]
    for link in page.locator(".nav__link").all():
        box = link.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 48


def test_nothing_moves_when_motion_is_not_wanted(
    browser: Browser, browser_context: BrowserContext, live_site: LiveSite, person: User
):
    context = browser.new_context(
        base_url=live_site.url,
        reduced_motion="reduce",
        storage_state=browser_context.storage_state(),
    )
    page = context.new_page()
    page.goto("/")
    page.get_by_role("button", name=ASSISTANT).click()
    expect(page.locator("coach-composer")).to_be_visible()
    assert page.evaluate("document.getAnimations().length") == 0
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(
    browser: Browser,
    browser_context: BrowserContext,
    live_site: LiveSite,
    person: User,
    scripted: ModelServer,
    scheme: str,
):
    scripted.will(slowly("An answer with a [link](https://example.org) and `code`."))
    context = browser.new_context(
        base_url=live_site.url,
        bypass_csp=True,
        color_scheme=scheme,  # type: ignore[arg-type]
        reduced_motion="reduce",
        viewport={"width": 412, "height": 915},
        storage_state=browser_context.storage_state(),
    )
    page = context.new_page()
    page.goto("/coach/")
    ask(page, "Hello")
    expect(answers(page)).to_contain_text("An answer")
    expect(answers(page)).to_have_attribute("data-status", "complete")
    found = serious(page)
    page.goto("/offline/")
    found += serious(page)
    page.goto("/")
    page.get_by_role("button", name=ASSISTANT).click()
    expect(page.locator("coach-composer")).to_be_visible()
    found += serious(page)
    context.close()
    assert not found


def serious(page: Page) -> list[str]:
    """What axe finds serious or critical on the page as it stands."""
    found = Axe().run(page).response["violations"]
    return [
        f"{page.url}: {each['id']} {[node['target'] for node in each['nodes']]}"
        for each in found
        if each["impact"] in ("serious", "critical")
    ]
