"""Browsers and phones that may be reached by push."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Device, User


def register(
    user: User, platform: str, token: str, keys: dict[str, Any] | None = None
) -> tuple[Device, bool]:
    """Remembers a device of `user`; the same one again is refreshed. Returns it and whether it is new.

    A device belongs to whoever signed in on it last: nobody else is reached on it any more.
    """
    with transaction.atomic():
        Device.objects.filter(token=token).exclude(user=user).delete()
        return Device.objects.update_or_create(
            user=user,
            token=token,
            defaults={"platform": platform, "keys": keys or {}, "last_seen_at": timezone.now()},
        )
