"""Who takes back their consent to tracking: what was derived of them goes; what they entered themselves stays."""

from typing import Any
from uuid import UUID

from django.db import models, transaction

from accounts.consent import has_consent
from accounts.models import Consent, ConsentKind, User
from coaching.learning_permission import who_withdrew
from coaching.queueing import after_commit
from momentum.models import (
    GoalProgressLog,
    JournalEntry,
    MomentumEvent,
    MomentumPillar,
    MotivationReading,
    MotivationScore,
    OutcomeMetric,
    PendingScore,
)

# What is concluded from the record. Measurements, check-ins and the journal are the person's own.
DERIVED: tuple[type[models.Model], ...] = (
    PendingScore,
    MomentumEvent,
    MomentumPillar,
    MotivationReading,
    MotivationScore,
    OutcomeMetric,
    GoalProgressLog,
)


def forget(user_id: UUID) -> int:
    """Deletes what was derived of a person who withdrew; of anybody else nothing. Returns how many rows."""
    with transaction.atomic():
        # A change of mind at the same moment waits, so that new rows are not taken for old ones.
        user = User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
        if user is None or has_consent(user, ConsentKind.BEHAVIORAL_TRACKING):
            return 0
        _unread(JournalEntry.objects.filter(user=user))
        return sum(_rows(model).filter(user_id=user_id).delete()[0] for model in DERIVED)


def forget_those_who_withdrew() -> int:
    """Deletes what was derived of everybody who withdrew: what a lost task or a late one left behind."""
    people = who_withdrew().values("pk")
    _unread(JournalEntry.objects.filter(user__in=people))
    return sum(_rows(model).filter(user__in=people).delete()[0] for model in DERIVED)


def _unread(entries: models.QuerySet[JournalEntry]) -> None:
    """The words stay; what was read off them goes. Not a change of the entry."""
    entries.exclude(motivation_type="").update(motivation_type="", internalization_score=None)


def decision_saved(sender: type[Consent], instance: Consent, **signal: Any) -> None:
    """Has what was derived of a person deleted as soon as they say no."""
    if instance.kind == ConsentKind.BEHAVIORAL_TRACKING and not instance.granted:
        after_commit("momentum.tasks.forget_derived", str(instance.user_id))


def _rows(model: type[models.Model]) -> models.QuerySet[models.Model]:
    return model._default_manager.all()
