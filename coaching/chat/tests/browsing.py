"""A person at the Coach page in a real browser, with a model that speaks as slowly as a test wants."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.llm.tests.fixtures import MODEL
from coaching.llm.tests.model_server import Done, Finish, ModelServer, Say, Step, Wait


@pytest.fixture
def scripted(_model_servers: tuple[ModelServer, ModelServer]) -> ModelServer:
    """The model server that the live site asks."""
    server = _model_servers[0]
    server.forget()
    return server


@pytest.fixture
def live_environment(live_environment: dict[str, str], scripted: ModelServer) -> dict[str, str]:
    """The live site's environment, with the scripted server as its model."""
    return {
        **live_environment,
        "COACH_MODEL": MODEL,
        "COACH_MODEL_API_BASE": scripted.url,
        "COACH_MODEL_API_KEY": "key-of-the-model",
        # A script may be silent for as long as a test looks at the page.
        "COACH_FIRST_TOKEN_TIMEOUT_SECONDS": "60",
        "COACH_STALL_TIMEOUT_SECONDS": "60",
    }


@pytest.fixture
def person(
    browser_context: BrowserContext, sign_in: Callable[[BrowserContext, User], None]
) -> User:
    """Somebody signed in to the browser."""
    user = UserFactory(name="Ana Keller")
    sign_in(browser_context, user)
    return user


def slowly(*pieces: str, pause: float = 0.4) -> list[Step]:
    """An answer in pieces with pauses between them."""
    steps: list[Step] = []
    for piece in pieces:
        steps += [Say(piece), Wait(pause)]
    return [*steps, Finish(), Done()]


def composer(page: Page) -> Locator:
    """The field one writes in, once its script is there."""
    page.wait_for_function("() => customElements.get('coach-composer')")
    return page.locator("coach-composer [data-input]")


def ask(page: Page, text: str) -> None:
    """Types and sends with the Enter key, as people do."""
    composer(page).fill(text)
    composer(page).press("Enter")


def answers(page: Page) -> Locator:
    return page.locator(".msg--assistant")


def status(page: Page) -> Locator:
    return page.locator("coach-stream [data-line]")
