"""Conversations for the tests of memories."""

from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from accounts.tests.factories import UserFactory
from coaching.models import Conversation, Message, MessageRole

NOW = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)
OVER = NOW + timedelta(hours=1)


def learner(**fields: Any) -> User:
    """Somebody who lets the coach learn."""
    user = UserFactory.create(**fields)
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    return user


def talk(user: User, *texts: str, at: datetime = NOW, **fields: Any) -> Conversation:
    """A conversation in which the person said `texts`; those that begin with "coach:" are answers."""
    conversation = Conversation.objects.create(user=user, last_message_at=at, **fields)
    for text in texts:
        say(conversation, text, at=at)
    return conversation


def say(conversation: Conversation, text: str, *, at: datetime = NOW, **fields: Any) -> Message:
    """One more turn at the end of a conversation."""
    is_coach = text.startswith("coach:")
    message = Message.objects.create(
        conversation=conversation,
        user=conversation.user,
        parent_id=conversation.head_id,
        role=MessageRole.ASSISTANT if is_coach else MessageRole.USER,
        content=text.removeprefix("coach:").strip(),
        created_at=at,
        **fields,
    )
    conversation.head = message
    conversation.last_message_at = at
    conversation.save()
    return message
