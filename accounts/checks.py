"""What somebody who puts the house on a server gets wrong; `manage.py check --deploy` says it."""

from collections.abc import Sequence
from typing import Any

from django.apps.config import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

WEAK_KEY_MARKS = ("dev-only", "change-me", "insecure", "for-tests-only")
SHORTEST_KEY = 50


@register(Tags.security, deploy=True)
def deployment(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """accounts.E001 to W006: settings that are fine on one's own machine only."""
    found: list[CheckMessage] = []
    key = settings.SECRET_KEY
    if len(key) < SHORTEST_KEY or any(mark in key for mark in WEAK_KEY_MARKS):
        found.append(
            Error(
                "SECRET_KEY is short or made for development.",
                hint="Set SECRET_KEY to 50 or more random characters.",
                id="accounts.E001",
            )
        )
    if settings.DEBUG:
        found.append(
            Error(
                "DEBUG is on: error pages show source code and settings.",
                hint="Set DEBUG=0.",
                id="accounts.E002",
            )
        )
    if "*" in settings.ALLOWED_HOSTS or set(settings.ALLOWED_HOSTS) <= {
        "localhost",
        "127.0.0.1",
        "[::1]",
    }:
        found.append(
            Error(
                "ALLOWED_HOSTS names no public host, or every host.",
                hint="Set ALLOWED_HOSTS to the names people use, like habyss.example.",
                id="accounts.E003",
            )
        )
    if not settings.PUBLIC_BASE_URL.startswith("https://"):
        found.append(
            Warning(
                "PUBLIC_BASE_URL is not an https address: links in mails lead nowhere.",
                hint="Set PUBLIC_BASE_URL=https://your.host.",
                id="accounts.W004",
            )
        )
    if not settings.EMAIL_BACKEND.endswith(("smtp.EmailBackend", "locmem.EmailBackend")):
        found.append(
            Warning(
                "Mails are not sent: people cannot receive sign-in codes.",
                hint="Set EMAIL_URL=smtp+tls://user:password@host:587.",
                id="accounts.W005",
            )
        )
    if settings.ACCOUNT_EMAIL_VERIFICATION != "mandatory":
        found.append(
            Warning(
                "People are let in before they prove their e-mail address.",
                hint="Set EMAIL_VERIFICATION=mandatory.",
                id="accounts.W006",
            )
        )
    return found
