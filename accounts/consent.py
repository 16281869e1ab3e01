"""Giving, withdrawing and asking for consent."""

from typing import NamedTuple

from django.db import transaction

from accounts.models import Consent, ConsentKind, ConsentSource, User


def has_consent(user: User, kind: ConsentKind) -> bool:
    """Whether `user` agrees to `kind` now; silence means no."""
    return Consent.objects.is_granted(user, kind)


def set_consent(
    user: User, kind: ConsentKind, granted: bool, source: ConsentSource, evidence: str = ""
) -> Consent:
    """Adds a decision to the ledger; saying the same thing again adds nothing.

    Returns the row that now states the person's decision.
    """
    with transaction.atomic():
        # Two clicks at once would both find the older decision.
        User.objects.select_for_update().only("pk").get(pk=user.pk)
        newest = Consent.objects.current(user, kind)
        if newest is not None and newest.granted == granted:
            return newest
        return Consent.objects.create(
            user=user, kind=kind, granted=granted, source=source, evidence=evidence
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
