"""What becomes of consultations that nobody ends: closed quietly after a while, and deleted a while later."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from coaching.models import Consultation, ConsultationStatus, Conversation

from .topics import RULES

ROUND = 500
logger = logging.getLogger(__name__)


def close_forgotten(*, now: datetime, limit: int = ROUND) -> int:
    """Counts talks without a message for a long time as abandoned. Nobody is written to about it."""
    since = now - timedelta(days=RULES.days_until_abandoned)
    with transaction.atomic():
        rows = Consultation.objects.select_for_update(skip_locked=True).filter(
            status=ConsultationStatus.ACTIVE, last_message_at__lt=since
        )
        ids = list(rows.order_by("pk").values_list("pk", flat=True)[:limit])
        Consultation.objects.filter(pk__in=ids).update(
            status=ConsultationStatus.ABANDONED, abandoned_at=now
        )
        Conversation.objects.filter(consultation__in=ids).update(
            ended_at=F("last_message_at"), outcome=ConsultationStatus.ABANDONED
        )
    if ids:
        logger.info("consultations_abandoned count=%s", len(ids))
    return len(ids)


def erase_abandoned(*, now: datetime, limit: int = ROUND) -> int:
    """Deletes abandoned talks with their messages and all that was understood from them."""
    since = now - timedelta(days=RULES.days_until_erased)
    old = Consultation.objects.filter(status=ConsultationStatus.ABANDONED, abandoned_at__lt=since)
    ids = list(old.order_by("pk").values_list("conversation_id", flat=True)[:limit])
    Conversation.objects.filter(pk__in=ids).delete()
    if ids:
        logger.info("consultations_erased count=%s", len(ids))
    return len(ids)
