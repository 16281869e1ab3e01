"""Every page, on a phone, in light and dark: nothing serious for axe, one heading, nothing wider than the screen."""

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from accounts.day import local_day
from accounts.models import User
from coaching.models import AnswerContext, Consultation, Conversation
from config.runtime.live import LiveSite
from habits.models import Goal, Habit, HabitSequence
from productivity.models import Task

from .cast import an_owner

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SIGNED_OUT = [
    "/",
    "/accounts/signup/",
    "/accounts/login/",
    "/accounts/login/code/",
    "/accounts/password/reset/",
    "/offline/",
    "/nowhere/",
]
SIGNED_IN = [
    "/",
    "/habits/",
    "/habits/new/",
    "/habits/shelf/",
    "/habits/goals/",
    "/habits/plans/",
    "/tasks/",
    "/tasks/week/",
    "/tasks/done/",
    "/tasks/deleted/",
    "/tasks/progress/",
    "/tasks/how-you-work/",
    "/tasks/nudges/",
    "/tasks/import/",
    "/tasks/calendar/",
    "/food/",
    "/momentum/",
    "/momentum/versions/",
    "/momentum/check-ins/",
    "/momentum/journal/",
    "/momentum/visits/",
    "/momentum/data/",
    "/momentum/import/",
    "/habits/import/",
    "/coach/",
    "/knowledge/habit-stacking/",
    "/consultation/",
    "/messages/",
    "/messages/?show=waiting",
    "/messages/?show=held",
    "/reminders/",
    "/knows/",
    "/knows/facts/",
    "/knows/summaries/",
    "/knows/versions/",
    "/onboarding/",
    "/settings/",
    "/settings/profile/",
    "/settings/preferences/",
    "/settings/notifications/",
    "/settings/security/",
    "/settings/consent/",
    "/settings/work-hours/",
    "/settings/devices/",
    "/settings/privacy/",
    "/settings/privacy/erase/",
    "/accounts/email/",
    "/accounts/logout/",
    "/accounts/password/set/",
    "/accounts/2fa/",
    "/nowhere/",
]


@pytest.fixture(params=["light", "dark"])
def phone(
    request: pytest.FixtureRequest, browser: Browser, live_site: LiveSite
) -> Iterator[BrowserContext]:
    """A narrow screen; axe needs the policy out of its way."""
    context = browser.new_context(
        base_url=live_site.url,
        bypass_csp=True,
        color_scheme=request.param,
        reduced_motion="reduce",
        viewport={"width": 390, "height": 844},
    )
    context.set_default_timeout(30_000)
    yield context
    context.close()


def faults(page: Page, path: str) -> list[str]:
    """What is wrong with the page at this path."""
    response = page.goto(path)
    assert response is not None
    page.wait_for_load_state("load")
    found = []
    if response.status not in {200, 404} or (response.status == 404) != path.startswith("/nowhere"):
        found.append(f"answered {response.status}")
    if (count := page.locator("h1").count()) != 1:
        found.append(f"{count} main headings")
    if not page.title().strip():
        found.append("no title")
    if not page.locator("html").get_attribute("lang"):
        found.append("no language")
    wide = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    if wide > 0:
        found.append(f"{wide} px wider than the screen")
    found += [
        f"{each['id']} {[node['target'] for node in each['nodes']][:4]}"
        for each in Axe().run(page).response["violations"]
        if each["impact"] in ("serious", "critical")
    ]
    return [f"{path}: {fault}" for fault in found]


def test_pages_for_everybody(phone: BrowserContext) -> None:
    page = phone.new_page()
    found = [fault for path in SIGNED_OUT for fault in faults(page, path)]
    assert not found, "\n".join(found)


def test_pages_of_a_person(
    phone: BrowserContext, sign_in: Callable[[BrowserContext, User], None]
) -> None:
    owner = an_owner(f"{uuid4().hex}@example.org")
    sign_in(phone, owner)
    goal, habit = Goal.objects.filter(user=owner), Habit.objects.filter(user=owner)
    plans = HabitSequence.objects.filter(user=owner)
    draft = plans.filter(status="draft").get()
    shown = list(Task.objects.filter(user=owner, title__in=["secret task", "secret step"]))
    paths = [
        *SIGNED_IN,
        f"/habits/goals/{goal.first().pk}/",  # type: ignore[union-attr]
        f"/habits/{habit.first().pk}/",  # type: ignore[union-attr]
        f"/habits/{habit.first().pk}/edit/",  # type: ignore[union-attr]
        f"/habits/plans/{draft.pk}/edit/",
        *(f"/habits/plans/{plan.pk}/" for plan in plans),
        *(f"/coach/{talk.pk}/" for talk in Conversation.objects.filter(user=owner, kind="coach")),
        *(
            f"/coach/messages/{kept.message_id}/why/"
            for kept in AnswerContext.objects.filter(user=owner)
        ),
        *(f"/tasks/{task.pk}/{sheet}" for task in shown for sheet in ("", "stuck/", "snooze/")),
        *(f"/tasks/{task.pk}/slots/" for task in shown if task.is_open),
        f"/momentum/day/{local_day(owner).isoformat()}/",
        *(f"/consultation/{talk.pk}/" for talk in Consultation.objects.filter(user=owner)),
    ]
    page = phone.new_page()
    found = [fault for path in paths for fault in faults(page, path)]
    assert not found, "\n".join(found)
