"""Offering notifications on a device: only once they are of use, and not again for a month after a no."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.db.models import QuerySet

from accounts import devices
from accounts.consent import CONSENT_WORDS, has_consent, set_consent
from accounts.models import Consent, ConsentKind, ConsentSource, Device, DevicePlatform, User
from coaching.models import Mute, Reminder

from .channels import web_push

# A refused offer rests that long.
RESTS = timedelta(days=30)
OFFER = "coaching.push_offer"


@dataclass(frozen=True)
class BrowserSwitch:
    """What a page needs to show whether this very browser gets notifications.

    `key` is the site's public key, empty when it has none; `known` tells the person's browsers by the
    SHA-256 of their endpoints, since the server cannot tell in which of them the page is shown.
    """

    key: str
    agreed: bool
    known: tuple[str, ...]


def switch_for(user: User) -> BrowserSwitch:
    """The switch as `user` would find it."""
    endpoints = _browsers(user).values_list("token", flat=True)
    return BrowserSwitch(
        web_push.application_server_key(),
        has_consent(user, ConsentKind.PUSH),
        tuple(sha256(endpoint.encode()).hexdigest() for endpoint in endpoints),
    )


def is_offered(user: User, *, now: datetime) -> bool:
    """Whether to offer notifications now: after the first reminder, unless a no still rests."""
    if not web_push.is_configured() or not Reminder.objects.filter(user=user).exists():
        return False
    decision = Consent.objects.current(user, ConsentKind.PUSH)
    if decision is not None and not decision.granted and decision.at > now - RESTS:
        return False
    if decision is not None and decision.granted and _browsers(user).exists():
        return False
    resting = Mute.objects.lasting(now).filter(user=user, subject_type=OFFER, subject_id=user.pk)
    return not resting.exists()


def decline(user: User, *, now: datetime) -> None:
    """Lets the offer rest. It is one of the things the person muted, and can be unmuted like them."""
    Mute.objects.update_or_create(
        user=user,
        subject_type=OFFER,
        subject_id=user.pk,
        cause="",
        defaults={"label": "The offer of notifications on a device", "until": now + RESTS},
    )


def switch_on(user: User, endpoint: str, keys: dict[str, str]) -> Device:
    """The person's yes, on this browser. Raises `devices.DeviceRefused`."""
    with transaction.atomic():
        device, _ = devices.register(user, DevicePlatform.WEB, endpoint, keys)
        words = CONSENT_WORDS[ConsentKind.PUSH]
        set_consent(user, ConsentKind.PUSH, True, ConsentSource.WEB, words)
    return device


def switch_off(user: User, endpoint: str) -> None:
    """No notifications on this browser; with the last device the consent is withdrawn, too."""
    with transaction.atomic():
        devices.forget(user, endpoint)
        if not Device.objects.filter(user=user).exists():
            evidence = "“Stop notifications here”, on the last device."
            set_consent(user, ConsentKind.PUSH, False, ConsentSource.WEB, evidence)


def _browsers(user: User) -> QuerySet[Device]:
    return Device.objects.filter(user=user, platform=DevicePlatform.WEB)
