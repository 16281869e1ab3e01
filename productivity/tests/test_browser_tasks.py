"""Tasks in a real browser: by keyboard, at once, in two tabs, with a way back, and without script."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connection
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from accounts.day import local_day
from accounts.models import User
from config.runtime.live import LiveSite
from productivity import changing
from productivity.models import Task, TaskStatus

from .factories import UserFactory

pytestmark = pytest.mark.browser


@pytest.fixture
def person(
    browser_context: BrowserContext, sign_in: Callable[[BrowserContext, User], None]
) -> User:
    person = UserFactory()
    sign_in(browser_context, person)
    return person


def aside(act: Callable[[], Task]) -> Task:
    """Does it in another thread: the browser keeps an event loop in this one, in which nothing can be announced."""

    def do() -> Task:
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(do).result()


def made(person: User, title: str, **fields: object) -> Task:
    return aside(lambda: changing.create(person, {"title": title, **fields}, source="web"))


def ready(page: Page) -> None:
    page.wait_for_function("() => customElements.get('habit-grid') && window.htmx")


def tick(page: Page, title: str) -> Locator:
    return page.get_by_role("button", name=title, exact=True)


def menu(page: Page, title: str, item: str) -> None:
    page.locator(f'summary[aria-label="More for {title}"]').click()
    page.locator("details.menu[open]").get_by_text(item).click()


def all_sent(page: Page) -> None:
    page.wait_for_function("() => !Object.keys(localStorage).some(key => key.endsWith(':outbox'))")


def test_a_line_is_understood_while_it_is_typed_and_added_by_enter(
    page: Page, person: User
) -> None:
    page.goto("/tasks/")
    ready(page)
    line = page.get_by_label("Add a task")
    line.focus()
    page.keyboard.type("Call mum tomorrow 15 min !high #family", delay=5)
    understood = page.locator("#understood")
    expect(understood).to_contain_text("15 min")
    expect(understood).to_contain_text("family")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Call mum")).to_be_visible()
    expect(line).to_have_value("")
    expect(line).to_be_focused()
    page.keyboard.type("Second")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Second")).to_be_visible()
    assert Task.objects.filter(user=person).count() == 2


def test_a_tick_shows_at_once_and_is_taken_back(page: Page, person: User) -> None:
    task = made(person, "Pay the rent")
    page.goto("/tasks/")
    ready(page)
    tick(page, "Pay the rent").press("Enter")
    expect(tick(page, "Pay the rent")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("undo-toast")).to_contain_text("Pay the rent: done.")
    all_sent(page)
    task.refresh_from_db()
    assert task.status == TaskStatus.COMPLETED
    page.locator("undo-toast").get_by_role("button", name="Undo").click()
    expect(tick(page, "Pay the rent")).to_have_attribute("aria-pressed", "false")
    all_sent(page)
    task.refresh_from_db()
    assert task.is_open


def test_a_task_is_snoozed_from_its_menu_and_brought_back(page: Page, person: User) -> None:
    task = made(person, "Sort the cellar")
    page.goto("/tasks/")
    ready(page)
    menu(page, "Sort the cellar", "Snooze…")
    sheet = page.get_by_role("dialog")
    expect(sheet).to_contain_text("Another moment")
    sheet.get_by_role("button", name="Tomorrow morning").click()
    expect(page.get_by_role("heading", name="Snoozed")).to_be_visible()
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.locator("undo-toast").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="Snoozed")).to_be_hidden()
    task.refresh_from_db()
    assert task.snoozed_until is None


def test_escape_closes_the_sheet_and_gives_the_focus_back(page: Page, person: User) -> None:
    made(person, "Sort the cellar")
    page.goto("/tasks/")
    ready(page)
    menu(page, "Sort the cellar", "Snooze…")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("link", name="Sort the cellar")).to_be_focused()


def test_a_stuck_task_becomes_steps_that_were_edited(page: Page, person: User) -> None:
    task = made(person, "Write the thesis", estimated_minutes=300)
    page.goto("/tasks/")
    ready(page)
    menu(page, "Write the thesis", "Why is it stuck?")
    sheet = page.get_by_role("dialog")
    sheet.get_by_role("button", name="It is too big").click()
    sheet.get_by_role("button", name="Show me the steps").click()
    first = sheet.get_by_label("Step 1", exact=True)
    first.fill("Open the file")
    sheet.get_by_role("button", name="Accept").click()
    expect(page.locator("undo-toast")).to_contain_text("for Write the thesis")
    steps = Task.objects.filter(parent=task).order_by("position")
    assert steps[0].title == "Open the file"
    expect(page.locator(".task__facts").first).to_contain_text("0 of ")


def test_many_are_selected_and_done_and_brought_back(page: Page, person: User) -> None:
    for n in range(3):
        made(person, f"Errand {n}")
    page.goto("/tasks/")
    ready(page)
    page.get_by_label("Select", exact=True).check()
    page.get_by_label("Select Errand 0").check()
    page.get_by_label("Select Errand 2").check()
    expect(page.get_by_text("2 tasks selected")).to_be_visible()
    page.locator("#bulk").get_by_role("button", name="Done", exact=True).click()
    expect(page.locator("undo-toast")).to_contain_text("2 tasks done.")
    assert Task.objects.filter(status=TaskStatus.COMPLETED).count() == 2
    page.locator("undo-toast").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name="Errand 0")).to_be_visible()
    assert Task.objects.filter(status=TaskStatus.PENDING).count() == 3


def test_two_tabs_that_change_one_task_lose_nothing(
    page: Page, browser_context: BrowserContext, person: User
) -> None:
    task = made(person, "Draft")
    other = browser_context.new_page()
    for tab in (page, other):
        tab.goto(f"/tasks/{task.pk}/")
    other.get_by_label("Task", exact=True).fill("From the other tab")
    other.get_by_role("button", name="Save").click()
    expect(other.get_by_role("heading", name="From the other tab", level=1)).to_be_visible()
    page.get_by_label("Task", exact=True).fill("From this tab")
    page.get_by_role("button", name="Save").click()
    conflict = page.get_by_role("alert")
    expect(conflict).to_contain_text("changed elsewhere")
    expect(conflict).to_contain_text("From the other tab")
    expect(page.get_by_label("Task", exact=True)).to_have_value("From this tab")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="From this tab", level=1)).to_be_visible()


def test_a_tick_in_two_tabs_is_one_tick(
    page: Page, browser_context: BrowserContext, person: User
) -> None:
    task = made(person, "Pay the rent")
    other = browser_context.new_page()
    for tab in (page, other):
        tab.goto("/tasks/")
        ready(tab)
    for tab in (page, other):
        tick(tab, "Pay the rent").click()
        all_sent(tab)
    assert task.events.filter(event_type="complete").count() == 1


def test_back_returns_to_the_filter(page: Page, person: User) -> None:
    made(person, "Call the bank", category="money")
    made(person, "Water plants", category="home")
    page.goto("/tasks/")
    ready(page)
    page.get_by_role("navigation", name="Categories").get_by_role("link", name="#money").click()
    expect(page.get_by_role("link", name="Water plants")).to_be_hidden()
    page.get_by_role("link", name="Call the bank").click()
    expect(page.get_by_role("heading", name="Call the bank", level=1)).to_be_visible()
    page.go_back()
    expect(page.get_by_role("link", name="Call the bank")).to_be_visible()
    expect(page.get_by_role("link", name="Water plants")).to_be_hidden()


def test_today_takes_a_line_and_a_tick(page: Page, person: User) -> None:
    page.goto("/")
    ready(page)
    tile = page.locator('[data-tile="productivity.tasks"]')
    tile.get_by_label("Add a task").fill("Buy bread today")
    tile.get_by_role("button", name="Add").click()
    expect(tile.get_by_role("link", name="Buy bread")).to_be_visible()
    tick(page, "Buy bread").click()
    all_sent(page)
    assert Task.objects.get(user=person).status == TaskStatus.COMPLETED


def test_without_script_all_of_it_is_forms(
    browser: Browser, browser_context: BrowserContext, live_site: LiveSite, person: User
) -> None:
    context = browser.new_context(
        base_url=live_site.url,
        java_script_enabled=False,
        storage_state=browser_context.storage_state(),
    )
    page = context.new_page()
    page.goto("/tasks/")
    page.get_by_label("Add a task").fill("Call mum 15 min")
    page.get_by_role("button", name="Add").click()
    task = Task.objects.get(user=person)
    assert task.estimated_minutes == 15
    menu(page, "Call mum", "Snooze…")
    page.get_by_role("button", name="Tomorrow morning").click()
    expect(page.get_by_role("heading", name="Snoozed")).to_be_visible()
    page.locator("undo-toast").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="Snoozed")).to_be_hidden()
    menu(page, "Call mum", "Why is it stuck?")
    page.get_by_role("button", name="It is too big").click()
    page.get_by_role("button", name="Show me the steps").click()
    page.get_by_role("button", name="Accept").click()
    assert Task.objects.filter(parent=task).exists()
    page.goto("/tasks/")
    page.get_by_label("Select", exact=True).check()
    page.get_by_label("Select Call mum").check()
    page.locator("#bulk").get_by_role("button", name="Done", exact=True).click()
    task.refresh_from_db()
    assert task.status == TaskStatus.COMPLETED
    context.close()


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_for_axe_and_nothing_wider_than_a_phone(
    browser: Browser,
    live_site: LiveSite,
    sign_in: Callable[[BrowserContext, User], None],
    scheme: str,
) -> None:
    person = UserFactory()
    today = local_day(person)
    late = made(person, "A task with quite a long title", due_on=today, priority=3)
    made(person, "First step", parent=late)
    for n in range(8):
        made(person, f"Huge {n}", due_on=today + timedelta(days=2), estimated_minutes=1500)
    done, gone = made(person, "Done"), made(person, "Gone")
    aside(lambda: changing.complete(person, done.pk, source="web"))
    aside(lambda: changing.delete(person, gone.pk, source="web"))
    context = browser.new_context(
        base_url=live_site.url,
        bypass_csp=True,
        color_scheme=scheme,  # type: ignore[arg-type]
        reduced_motion="reduce",
        viewport={"width": 390, "height": 844},
    )
    sign_in(context, person)
    page = context.new_page()
    found = []
    paths = ["/tasks/", "/tasks/?q=nothing", "/tasks/week/", "/tasks/done/", "/tasks/deleted/"]
    paths += ["/tasks/progress/", f"/tasks/{late.pk}/", f"/tasks/{late.pk}/snooze/"]
    paths += [f"/tasks/{late.pk}/slots/", f"/tasks/{late.pk}/stuck/"]

    def look(what: str) -> None:
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        if page.evaluate(wide) > 0:
            found.append(f"{what}: wider than the screen")
        found.extend(
            f"{what}: {each['id']} {[node['target'] for node in each['nodes']][:4]}"
            for each in Axe().run(page).response["violations"]
            if each["impact"] in ("serious", "critical")
        )

    for path in paths:
        page.goto(path)
        look(path)
    page.goto("/tasks/")
    ready(page)
    page.get_by_label("Select", exact=True).check()
    page.get_by_label("Select Huge 1").check()
    look("selecting")
    page.goto("/tasks/")
    ready(page)
    menu(page, "Huge 1", "Find a time…")
    expect(page.get_by_role("dialog")).to_be_visible()
    look("the sheet of slots")
    context.close()
    assert not found, "\n".join(found)
