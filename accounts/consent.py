"""Giving, withdrawing and asking for consent."""

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
    newest = Consent.objects.current(user, kind)
    if newest is not None and newest.granted == granted:
        return newest
    return Consent.objects.create(
        user=user, kind=kind, granted=granted, source=source, evidence=evidence
    )
