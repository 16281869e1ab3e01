"""Giving, withdrawing and asking for consent."""

from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from accounts.models import Consent, ConsentKind, ConsentSource, User

# What somebody says yes to; the words are kept as evidence.
CONSENT_WORDS = {
    ConsentKind.BEHAVIORAL_TRACKING: (
        "Habyss remembers what I do here, to learn my rhythm and coach me better. "
        "Without it everything works, and nothing about me is profiled."
    ),
    ConsentKind.EMAIL: "Habyss may write me e-mails beyond what my account needs.",
    ConsentKind.PUSH: "Habyss may send notifications to my devices.",
    ConsentKind.SMS: "Habyss, which is an AI, may send me text messages. I can answer STOP any time.",
    ConsentKind.CALLS: "Habyss may call me. The voice on the phone is an AI.",
    ConsentKind.CALL_RECORDING: "Calls with Habyss may be recorded.",
}


def has_consent(user: User, kind: ConsentKind) -> bool:
    """Whether `user` agrees to `kind` now; silence means no."""
    return Consent.objects.is_granted(user, kind)


def set_consent(
    user: User,
    kind: ConsentKind,
    granted: bool,
    source: ConsentSource,
    evidence: str = "",
    at: datetime | None = None,
) -> Consent:
    """Adds a decision of the moment `at` (default: now) to the ledger; saying the same again adds nothing.

    Returns the row that now states the person's decision.
    """
    with transaction.atomic():
        # Two clicks at once would both find the older decision.
        User.objects.select_for_update().only("pk").get(pk=user.pk)
        newest = Consent.objects.current(user, kind)
        if newest is not None and newest.granted == granted:
            return newest
        return Consent.objects.create(
            user=user,
            kind=kind,
            granted=granted,
            source=source,
            evidence=evidence,
            at=at or timezone.now(),
        )


class ConsentState(NamedTuple):
    """What a person decided about one kind, and when; `decision` is `None` before the first time."""

    kind: ConsentKind
    decision: Consent | None

    @property
    def granted(self) -> bool:
        return self.decision is not None and self.decision.granted


def consent_states(user: User) -> list[ConsentState]:
    """The present state of every kind, in one query."""
    newest = Consent.objects.filter(user=user).order_by("kind", "-at", "-id").distinct("kind")
    by_kind = {decision.kind: decision for decision in newest}
    return [ConsentState(kind, by_kind.get(kind)) for kind in ConsentKind]
