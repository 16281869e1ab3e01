"""What somebody who puts the house on a server gets wrong is said."""

from typing import Any

import pytest

from accounts.checks import deployment

GOOD: dict[str, Any] = {
    "SECRET_KEY": "k" * 25 + "Zq8-" * 10,
    "DEBUG": False,
    "ALLOWED_HOSTS": ["habyss.example"],
    "PUBLIC_BASE_URL": "https://habyss.example",
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "ACCOUNT_EMAIL_VERIFICATION": "mandatory",
}


@pytest.fixture
def good(settings) -> Any:
    for name, value in GOOD.items():
        setattr(settings, name, value)
    return settings


def ids() -> list[str]:
    return [str(message.id) for message in deployment(None)]


def test_a_well_set_up_server_hears_nothing(good) -> None:
    assert ids() == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("SECRET_KEY", "short", "accounts.E001"),
        ("SECRET_KEY", "dev-only-" + "x" * 60, "accounts.E001"),
        ("DEBUG", True, "accounts.E002"),
        ("ALLOWED_HOSTS", ["*"], "accounts.E003"),
        ("ALLOWED_HOSTS", ["localhost"], "accounts.E003"),
        ("PUBLIC_BASE_URL", "http://127.0.0.1:8000", "accounts.W004"),
        ("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend", "accounts.W005"),
        ("ACCOUNT_EMAIL_VERIFICATION", "optional", "accounts.W006"),
    ],
)
def test_each_mistake_has_its_number(good, name, value, expected) -> None:
    setattr(good, name, value)
    assert ids() == [expected]
