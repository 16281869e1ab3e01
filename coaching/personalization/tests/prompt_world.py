"""People with a personal prompt, and figures of theirs, for the tests of what becomes of it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from accounts.tests.factories import UserFactory
from coaching.models import (
    CoachingProfile,
    Consultation,
    ConsultationStatus,
    Conversation,
    ConversationKind,
    Message,
    MessageRole,
    PromptRevision,
    RawBehavioralLog,
    ResponseFeedback,
)
from coaching.personalization import generation
from coaching.personalization.behavior import BehavioralMetrics

# A Sunday, half past three in Berlin, a week after the clocks went back there.
SUNDAY = datetime(2026, 11, 1, 2, 30, tzinfo=UTC)
WRITTEN = SUNDAY - timedelta(days=21)
_keys = count()

EXTRACTED: dict[str, Any] = {
    "goals": [{"kind": "goal", "value": "run five kilometres", "quote": "I want to run five kilometres"}],
    "training": [{"kind": "activity", "value": "walking", "quote": "I walk the dog twice a week"}],
    "meals": [{"kind": "pattern", "value": "late dinners", "quote": "we mostly have late dinners"}],
    "challenges": [{"kind": "obstacle", "value": "tired evenings", "quote": "evenings leave me tired"}],
    "past_failures": [{"kind": "failure", "value": "gym plan", "quote": "a gym plan lasted two weeks"}],
    "preferences": [{"kind": "time_of_day", "value": "morning", "quote": "mornings suit me"}],
}  # fmt: skip


def consulted(*, learns: bool = True, **fields: object) -> User:
    """Somebody who had their consultation."""
    user = UserFactory(**{"created_at": WRITTEN - timedelta(days=60), "name": "Mara", **fields})
    if learns:
        set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    talk = Conversation.objects.create(user=user, kind=ConversationKind.CONSULTATION)
    Consultation.objects.create(
        user=user,
        conversation=talk,
        status=ConsultationStatus.COMPLETED,
        extracted=EXTRACTED,
        completed_at=WRITTEN,
    )
    return user


def with_prompt(
    *, at: datetime = WRITTEN, figures: BehavioralMetrics | None = None, **fields: Any
) -> User:
    """Somebody whose prompt was written at `at`, resting on these figures."""
    user = consulted(**fields)
    figures = figures or steady(at.date() - timedelta(days=1))
    CoachingProfile.objects.update_or_create(
        user=user, defaults={"behavioral_data": figures.to_json()}
    )
    generation.generate(user.pk, reason="consultation", now=at)
    return user


def steady(until: date, **changes: Any) -> BehavioralMetrics:
    """Figures of somebody who logs every day."""
    plain = BehavioralMetrics(
        until=until,
        days=30,
        days_logged=30,
        strength=0.97,
        observed_days=70,
        last_logged_on=until,
    )
    return replace(plain, **changes)


def logs_daily(user: User, *, until: datetime, days: int, gap: int = 0) -> None:
    """Something logged at noon on each of `days` days, the newest `gap` + 1 days before `until`."""
    noon = until.replace(hour=11, minute=0)
    RawBehavioralLog.objects.bulk_create(
        RawBehavioralLog(
            user=user,
            interaction_type="habit.completed",
            source="web",
            occurred_at=noon - timedelta(days=back + gap),
            idempotency_key=f"w{next(_keys)}",
        )
        for back in range(1, days + 1)
    )


def answered(
    user: User, request: str, answer: str, *, rating: int, at: datetime = WRITTEN
) -> Message:
    """An answer of the person's live version, rated."""
    talk, _ = Conversation.objects.get_or_create(user=user, kind=ConversationKind.COACH)
    live = PromptRevision.objects.filter(user=user, status="live").first()
    asked = Message.objects.create(
        conversation=talk, user=user, role=MessageRole.USER, content=request, created_at=at
    )
    told = Message.objects.create(
        conversation=talk,
        user=user,
        parent=asked,
        role=MessageRole.ASSISTANT,
        content=answer,
        created_at=at,
        system_prompt_version_used=live.version if live else None,
    )
    ResponseFeedback.objects.create(user=user, message=told, rating=rating, created_at=at)
    return told
