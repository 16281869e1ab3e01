"""Settings of the coach that would be silently without effect."""

from collections.abc import Sequence
from typing import Any

from django.apps.config import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register


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
