"""Settings of the coach that would be silently without effect."""

from collections.abc import Sequence
from typing import Any

from django.apps.config import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.utils import timezone


@register()
def causes_to_approve(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """coaching.E001: what is named there must be a kind of message that can wait for staff."""
    from coaching.models import MessageCause

    can_wait = set(MessageCause.values) - {MessageCause.REMINDER}
    unknown = sorted(set(settings.OUTREACH_APPROVE_CAUSES) - can_wait)
    if not unknown:
        return []
    return [
        Error(
            f"OUTREACH_APPROVE_CAUSES names what cannot wait for approval: {', '.join(unknown)}.",
            hint=f"Choose among {', '.join(sorted(can_wait))}.",
            id="coaching.E001",
        )
    ]


@register()
def settings_of_personal_prompts(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """coaching.E002: days, hours and thresholds of personal prompts must make sense."""
    from coaching.personalization.config import BadConfig, PersonalizedCoachingConfig

    try:
        PersonalizedCoachingConfig.from_settings()
    except BadConfig as error:
        hint = "See “Personal prompts” in .env.example."
        return [Error(str(error), hint=hint, id="coaching.E002")]
    return []


@register()
def months_of_tables(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """coaching.E003: numbers of months are not below zero, and at least one is made ahead."""
    wrong = []
    if settings.PARTITIONS_AHEAD_MONTHS < 1:
        wrong.append("PARTITIONS_AHEAD_MONTHS must be at least 1.")
    if settings.LEDGER_KEEP_MONTHS < 0:
        wrong.append("LEDGER_KEEP_MONTHS must be 0 (for ever) or a number of months.")
    return [Error(text, id="coaching.E003") for text in wrong]


@register(Tags.database)
def coming_month(
    app_configs: Sequence[AppConfig] | None = None,
    databases: Sequence[str] | None = None,
    **kwargs: Any,
) -> list[CheckMessage]:
    """coaching.W001: next month's part of every table kept by month is there. Nothing is lost without it, only slower."""
    from coaching.partitioning import month_after, tables_without

    if "default" not in (databases or []):
        return []
    missing = tables_without(month_after(timezone.now().date()))
    if not missing:
        return []
    return [
        Warning(
            f"Next month has no part of its own yet in {', '.join(missing)}.",
            hint="The daily job coaching.tasks.keep_partitions makes it: does it run?",
            id="coaching.W001",
        )
    ]
