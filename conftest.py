"""What every test may use: real stores, a live site, a worker, a browser.

Without DATABASE_URL or REDIS_URL in the environment a run gets PostgreSQL and Redis of its own, in a directory that
goes away with it. What a `.env` file names is never touched by tests.
"""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from config.runtime.live import LiveHouse, LiveSite, LiveWorker, database_url
from config.runtime.processes import StartupError
from config.runtime.services import Services

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page
    from pytest_django import DjangoDbBlocker

    from accounts.models import User

ROOT = Path(__file__).parent
# The stores that this process made for itself, as environment variables.
MADE: list[str] = []
# How long a browser may take on a busy machine before something must be wrong.
PATIENT = 30_000
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def _start_stores() -> None:
    """Give Django its stores before anything imports the settings: hence at import, not in a fixture."""
    os.environ.setdefault("SECRET_KEY", "for-tests-only-" + "x" * 50)
    os.environ.setdefault(
        "DEBUG", "1"
    )  # unhashed static files and no redirect to TLS; pytest-django turns pages off
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    directory = Path(tempfile.mkdtemp(prefix="habyss-tests-"))
    directory.chmod(0o711)  # as root, PostgreSQL runs as another user who must get through
    services = Services(directory, os.environ, durable=False)
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    atexit.register(services.stop)
    try:
        services.start()
    except StartupError as problem:
        raise pytest.UsageError(str(problem)) from None
    made = {name: url for name, url in services.urls().items() if not os.environ.get(name)}
    os.environ.update(made)
    MADE.extend(made)

    import django

    django.setup()

    # Slow on purpose elsewhere. Not another hasher: real processes must be able to read these hashes.
    from django.contrib.auth.hashers import Argon2PasswordHasher

    Argon2PasswordHasher.time_cost = 1
    Argon2PasswordHasher.memory_cost = 8
    Argon2PasswordHasher.parallelism = 1


_start_stores()

# A busy machine is no reason for a property to fail, wherever its test lives.
hypothesis.settings.register_profile(
    "habyss",
    hypothesis.settings(),
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("habyss")


class TogetherOnOneWorker:
    """With workers beside each other, what starts processes stays on one of them, and the fast tests on the others."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            for kind in ("browser", "slow"):
                if kind in item.keywords:
                    item.add_marker(pytest.mark.xdist_group(kind))
                    break


def pytest_configure(config: pytest.Config) -> None:
    """Workers beside each other begin as a single run does: each makes stores, and reads its settings after that.

    Otherwise what one test writes to a shared Redis another would read.
    """
    config.pluginmanager.register(TogetherOnOneWorker())
    if getattr(config.option, "numprocesses", None):
        for name in ("DJANGO_SETTINGS_MODULE", *MADE):
            os.environ.pop(name, None)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fast tests first, slow ones after them, browsers last."""
    items.sort(key=lambda item: ("browser" in item.keywords, "slow" in item.keywords))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: "DjangoDbBlocker") -> Iterator[None]:
    """The test database, to which nobody is connected any more when it is to be dropped.

    The connection of a thread that is over stays open until its garbage is collected, which may be never.
    """
    yield
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND backend_type = 'client backend'"
        )


@pytest.fixture(scope="session")
def _collected_static() -> Path:
    """Static files as production serves them, kept between runs while they do not change."""
    root = ROOT / "var" / "test-static"
    environment = {**os.environ, "DEBUG": "0", "HTTPS": "0", "STATIC_ROOT": str(root)}
    command = [sys.executable, "-m", "config.runtime.prepare", "--static-only"]
    subprocess.run(command, env=environment, cwd=ROOT, check=True)
    return root


@pytest.fixture
def live_environment(
    transactional_db: None, _collected_static: Path, tmp_path: Path
) -> dict[str, str]:
    """The environment of real processes that work on the test database, with the catalogue loaded.

    They run as in production, but without TLS; the mails they send land as files in `tmp_path / "mails"`.
    """
    from django.core.management import call_command, get_commands
    from django.db import connection

    from config.celery import app
    from config.runtime.prepare import LOADERS

    for loader in LOADERS:
        if loader in get_commands():
            # The library's vectors take seconds, and no page of these tests needs them.
            more = {"words_only": True} if loader == "load_knowledge" else {}
            call_command(loader, verbosity=0, **more)
    app.control.purge()  # what earlier tests queued is about rows that are gone
    return {
        **os.environ,
        "DATABASE_URL": database_url(connection.settings_dict),
        "STATIC_ROOT": str(_collected_static),
        "MEDIA_ROOT": str(tmp_path / "media"),
        "EMAIL_URL": f"filemail://{tmp_path / 'mails'}",
        "DEBUG": "0",
        "HTTPS": "0",
        "LOG_LEVEL": "WARNING",
        "PYTHONWARNINGS": "ignore",
        "OMP_NUM_THREADS": "1",
    }


@pytest.fixture
def live_site(live_environment: dict[str, str], tmp_path: Path) -> Iterator[LiveSite]:
    """A real web process on the test database: `.url`, `.kill()`, `.start()`, `.restart()`, `.output()`."""
    with LiveSite(live_environment, tmp_path) as site:
        yield site


@pytest.fixture
def celery_worker_process(live_environment: dict[str, str], tmp_path: Path) -> Iterator[LiveWorker]:
    """A real worker for all queues on the test database, with the same verbs as `live_site`."""
    with LiveWorker(live_environment, tmp_path) as worker:
        yield worker


@pytest.fixture
def house(_collected_static: Path) -> Iterator[LiveHouse]:
    """A whole supervised house, not yet started, with stores of its own: `.start()`, `.kill_part("daphne")` …"""
    directory = Path(tempfile.mkdtemp(prefix="habyss-house-"))
    directory.chmod(0o711)
    house = LiveHouse({**os.environ, "STATIC_ROOT": str(_collected_static)}, directory)
    yield house
    house.stop()
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """One Chromium for the whole run: CHROMIUM_PATH, the system's, or one that Playwright installed."""
    from playwright.sync_api import expect, sync_playwright

    # Playwright's synchronous face keeps an event loop in this thread, and Django would refuse the ORM beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=PATIENT)  # for all: a module that sets it sets it for others, too
    names = ("chromium", "chromium-browser", "google-chrome")
    path = os.environ.get("CHROMIUM_PATH") or next(filter(None, map(shutil.which, names)), None)
    with sync_playwright() as playwright:
        if path is None and not Path(playwright.chromium.executable_path).exists():
            pytest.fail("No Chromium here: install the package `chromium`, or set CHROMIUM_PATH.")
        chromium = playwright.chromium.launch(
            executable_path=path, headless=True, args=list(CHROMIUM_FLAGS)
        )
        yield chromium
        chromium.close()


@pytest.fixture
def browser_context(browser: "Browser", live_site: LiveSite) -> Iterator["BrowserContext"]:
    """A fresh browser profile, phone-sized, whose relative addresses are those of the live site."""
    context = browser.new_context(
        base_url=live_site.url, viewport={"width": 412, "height": 915}, timezone_id="UTC"
    )
    context.set_default_timeout(PATIENT)
    yield context
    context.close()


@pytest.fixture
def page(browser_context: "BrowserContext") -> Iterator["Page"]:
    """A page of the live site. A script error or a breach of the content security policy fails the test."""
    problems: list[str] = []
    page = browser_context.new_page()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "console",
        lambda message: (
            problems.append(message.text) if "Content Security Policy" in message.text else None
        ),
    )
    yield page
    assert not problems, "\n".join(problems)


@pytest.fixture
def sign_in(live_site: LiveSite) -> Callable[["BrowserContext", "User"], None]:
    """Sign a person in to a browser context without walking through the form: `sign_in(context, user)`."""
    from django.conf import settings
    from django.test import Client

    def do(context: "BrowserContext", user: "User") -> None:
        client = Client()
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_site.url}]
        )

    return do
