"""People with a finished consultation, for tests."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.models import Consultation, ConsultationStatus, Conversation, ConversationKind

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
TOLD: dict[str, list[tuple[str, str, str]]] = {
    "goals": [("goal", "run a half marathon", "I want to run a half marathon in October.")],
    "training": [("frequency", "twice a week", "I run twice a week with my dog.")],
    "meals": [("pattern", "skips breakfast", "I skip breakfast on most days.")],
    "challenges": [("obstacle", "no time in the week", "I never find time because I work late.")],
    "past_failures": [
        ("attempt", "an app", "I tried an app last year and quit after three weeks.")
    ],
    "preferences": [("style", "direct", "Be direct with me.")],
}


def extracted(told: dict[str, list[tuple[str, str, str]]]) -> dict[str, list[dict[str, Any]]]:
    """Kind, value and quote as a consultation keeps them."""
    return {
        topic: [
            {
                "id": str(uuid4()),
                "kind": kind,
                "value": value,
                "quote": quote,
                "message_id": str(uuid4()),
                "at": NOW.isoformat(),
            }
            for kind, value, quote in items
        ]
        for topic, items in told.items()
    }


def somebody(
    told: dict[str, list[tuple[str, str, str]]] | None = None, *, name: str = "Mia Berg"
) -> User:
    """A person who has told all this and completed the consultation."""
    user: User = UserFactory(name=name, stated_goal="")
    conversation = Conversation.objects.create(user=user, kind=ConversationKind.CONSULTATION)
    Consultation.objects.create(
        user=user,
        conversation=conversation,
        status=ConsultationStatus.COMPLETED,
        extracted=extracted(TOLD if told is None else told),
        started_at=NOW,
        completed_at=NOW,
    )
    return user
