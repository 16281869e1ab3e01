"""Settings of momentum that would do harm in silence."""

from collections.abc import Sequence
from typing import Any

from django.apps.config import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

# Scores build on the last 28 days, and late data comes for weeks.
FEWEST_MONTHS = 3


@register()
def how_long_things_are_kept(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """momentum.E001: policies must make sense. momentum.W001: events kept longer than what they are made of."""
    events, ledger = settings.EVENTS_KEEP_MONTHS, settings.LEDGER_KEEP_MONTHS
    found: list[CheckMessage] = []
    if events < 0 or 0 < events < FEWEST_MONTHS:
        text = f"EVENTS_KEEP_MONTHS must be 0 (for ever) or at least {FEWEST_MONTHS}."
        found.append(Error(text, id="momentum.E001"))
    if settings.BIOMETRIC_SAMPLE_KEEP_DAYS < 0:
        text = "BIOMETRIC_SAMPLE_KEEP_DAYS must be 0 (for ever) or a number of days."
        found.append(Error(text, id="momentum.E001"))
    if ledger > 0 and (events == 0 or events > ledger):
        found.append(
            Warning(
                "Events are kept longer than the ledger, so the oldest cannot be made anew.",
                hint="Give LEDGER_KEEP_MONTHS at least the months of EVENTS_KEEP_MONTHS.",
                id="momentum.W001",
            )
        )
    return found
