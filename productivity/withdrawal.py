"""Who takes back their consent to tracking: what was derived of them goes; tasks and their past stay."""

from typing import Any
from uuid import UUID

from django.db import models, transaction

from accounts.consent import has_consent
from accounts.models import Consent, ConsentKind, User
from coaching.learning_permission import who_withdrew
from coaching.queueing import after_commit
from productivity.history import hold
from productivity.models import (
    CoachingNudge,
    FeatureSnapshot,
    PersonaProfile,
    SlotOdds,
    SlotTrial,
)

# What is concluded from the record. Tasks, their events, plans and nudges are the person's own; of a nudge only
# whether its task moved is concluded.
DERIVED: tuple[type[models.Model], ...] = (FeatureSnapshot, SlotOdds, SlotTrial)


def forget(user_id: UUID) -> int:
    """Deletes what was derived of a person who withdrew; of anybody else nothing. Returns how many rows."""
    with transaction.atomic():
        # A change of mind at the same moment waits, so that new rows are not taken for old ones.
        user = User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
        if user is None:
            return 0
        # So does whoever learns from their tasks: either they come first and it goes here, or they find the no.
        hold(user)
        if has_consent(user, ConsentKind.BEHAVIORAL_TRACKING):
            return 0
        return _forget(User.objects.filter(pk=user_id))


def forget_those_who_withdrew() -> int:
    """Deletes what was derived of everybody who withdrew: what a lost task or a late one left behind."""
    return _forget(who_withdrew())


def forget_measures(user: User) -> int:
    """Deletes the measures of a person who asked for that, whatever they agree to; the next change makes new ones."""
    return FeatureSnapshot.objects.filter(user=user).delete()[0]


def _forget(people: models.QuerySet[User]) -> int:
    of_them = {"user__in": people.values("pk")}
    PersonaProfile.objects.filter(**of_them).exclude(learned_weights={}).update(learned_weights={})
    CoachingNudge.objects.filter(**of_them, helped__isnull=False).update(helped=None)
    return sum(model._default_manager.filter(**of_them).delete()[0] for model in DERIVED)


def decision_saved(sender: type[Consent], instance: Consent, **signal: Any) -> None:
    """Has what was derived deleted as soon as somebody says no, and their measures taken when they say yes."""
    if instance.kind != ConsentKind.BEHAVIORAL_TRACKING:
        return
    task = "update_features" if instance.granted else "forget_derived"
    after_commit(f"productivity.tasks.{task}", str(instance.user_id))
