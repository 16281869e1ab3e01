"""What a message tells beyond its words: its tone and what it asks for, read offline after the answer.

Only of people who agreed to behavioural tracking, and never of a message in crisis.
"""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from accounts.consent import has_consent
from accounts.models import Consent, ConsentKind
from coaching import ledger
from coaching.language import intent_of, tone
from coaching.models import Message, MessageRole
from coaching.safety import screen

LOOK_BACK = timedelta(days=1)
SETTLED = timedelta(minutes=2)
BATCH = 500


def understand(message_id: UUID) -> bool:
    """Keeps tone and intent on a person's message and records that it was said; twice is once.

    A message in crisis is left alone: it feeds no score. It is screened again here, since the run that
    would have marked it may have died. Tells whether there was anything to do.
    """
    message = (
        Message.objects.filter(
            pk=message_id,
            role=MessageRole.USER,
            is_crisis=False,
            conversation__is_temporary=False,
        )
        .select_related("user", "conversation")
        .first()
    )
    if message is None or not has_consent(message.user, ConsentKind.BEHAVIORAL_TRACKING):
        return False
    if screen(message.content, country=message.user.country, locale=message.user.locale):
        Message.objects.filter(pk=message.pk).update(is_crisis=True)
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
        conversation__is_temporary=False,
        created_at__range=(now - LOOK_BACK, now - SETTLED),
    ).annotate(agreed=Consent.objects.decision_of("user", ConsentKind.BEHAVIORAL_TRACKING))
    due = missed.filter(agreed=True).values_list("pk", flat=True)
    return sum(understand(pk) for pk in due[:BATCH])
