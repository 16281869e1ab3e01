"""Who may have a consultation: those whose gate is open, and who has a key from before the gate."""

import hashlib
import logging
import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from accounts.models import User
from coaching.models import CoachingProfile, ConsultationKey

from .refusals import Refused

# Without letters and digits that look alike, since keys are read from paper.
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
GROUPS, GROUP_LENGTH = 5, 5
MOST_KEYS_AT_ONCE = 500
NOT_ENABLED = (
    "The consultation is not open for you yet. We open it step by step, so that everybody gets a good one. Your coach "
    "works without it, and you will see an invitation on Today as soon as it is your turn."
)
logger = logging.getLogger(__name__)


def make_keys(label: str, count: int, *, expires_at: datetime | None = None) -> list[str]:
    """Makes keys and returns them; they cannot be read again, as only their digests are kept."""
    keys = [_new_key() for _ in range(min(count, MOST_KEYS_AT_ONCE))]
    ConsultationKey.objects.bulk_create(
        [ConsultationKey(digest=digest(key), label=label, expires_at=expires_at) for key in keys]
    )
    return keys


def digest(key: str) -> str:
    """What is stored of a key; case, spaces and hyphens do not count."""
    letters = "".join(letter for letter in key.upper() if letter.isalnum())
    return hashlib.sha256(letters.encode()).hexdigest()


def admit(user: User, profile: CoachingProfile, key: str, *, now: datetime) -> None:
    """Lets a person in whose gate is open, or opens it with an unused key. Raises `Refused` 403.

    To be called with the profile locked. A key is taken by the one update that finds it unused.
    """
    if profile.consultation_enabled:
        return
    if not key.strip():
        raise _denied(user, "consultation_not_enabled", NOT_ENABLED)
    taken = (
        ConsultationKey.objects.filter(digest=digest(key), used_at__isnull=True)
        .filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now))
        .update(used_by=user, used_at=now)
    )
    if not taken:
        raise _denied(user, *_why(key))
    profile.consultation_enabled = True
    profile.save(update_fields=["consultation_enabled"])
    logger.info("consultation_key_used user=%s", user.pk)


def _why(key: str) -> Sequence[str]:
    row = ConsultationKey.objects.filter(digest=digest(key)).first()
    if row is None:
        return (
            "consultation_key_unknown",
            "This access key is not known. Please check it for a typing slip.",
        )
    if row.used_at is not None:
        return "consultation_key_used", "This access key was used before. Each key works once."
    return (
        "consultation_key_expired",
        "This access key has expired. Whoever gave it to you can give you a new one.",
    )


def _denied(user: User, code: str, detail: str) -> Refused:
    logger.warning("consultation_access_denied user=%s reason=%s", user.pk, code)
    return Refused(403, code, detail)


def _new_key() -> str:
    groups = ["".join(secrets.choice(ALPHABET) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS)]
    return "-".join(groups)
