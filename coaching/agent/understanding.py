"""What a message tells beyond its words: its tone and what it asks for, read offline after the answer."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from coaching import ledger
from coaching.language import intent_of, tone
from coaching.models import Message, MessageRole

LOOK_BACK = timedelta(days=1)
SETTLED = timedelta(minutes=2)
BATCH = 500


def understand(message_id: UUID) -> bool:
    """Keeps tone and intent on a person's message and records that it was said; twice is once.

    A message in crisis is left alone: it feeds no score. Tells whether there was anything to do.
    """
    message = (
        Message.objects.filter(pk=message_id, role=MessageRole.USER, is_crisis=False)
        .select_related("user", "conversation")
        .first()
    )
    if message is None:
        return False
    heard = tone(message.content)
    guess = intent_of(message.content)
    Message.objects.filter(pk=message.pk).update(
        sentiment_score=heard.score,
        intent=str(guess.intent),
        entities={**message.entities, "emotion": str(heard.emotion)},
    )
    ledger.record(
        message.user,
        "coach.message_sent",
        raw_data={"words": len(message.content.split()), "intent": str(guess.intent)},
        source="chat",
        idempotency_key=f"message:{message.pk}",
        occurred_at=message.created_at,
        message_id=message.pk,
    )
    return True


def understand_missed() -> int:
    """Reads the messages of the last day whose task never came; returns how many."""
    now = timezone.now()
    missed = Message.objects.filter(
        role=MessageRole.USER,
        intent="",
        is_crisis=False,
        created_at__range=(now - LOOK_BACK, now - SETTLED),
    )
    return sum(understand(pk) for pk in missed.values_list("pk", flat=True)[:BATCH])
