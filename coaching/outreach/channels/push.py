"""By push, to all devices of a person: browsers, Android and iOS apps, as far as this site has keys for them."""

import logging

from accounts.models import ConsentKind, Device, DevicePlatform, User
from coaching.models import CoachMessage, MessageChannel
from coaching.toolkit import DeliveryFailed, channel

from . import android_push, ios_push, web_push
from .pushing import DeviceGone, note_of

logger = logging.getLogger(__name__)
SERVICES = {
    DevicePlatform.WEB: web_push,
    DevicePlatform.ANDROID: android_push,
    DevicePlatform.IOS: ios_push,
}


def reaches(user: User) -> bool:
    """Whether the person has a device of a kind that this site has a key for."""
    platforms = _platforms()
    return bool(platforms) and Device.objects.filter(user=user, platform__in=platforms).exists()


@channel(f"coaching.{MessageChannel.PUSH}", burden=1, reaches=reaches, consent=ConsentKind.PUSH)
def send(message: CoachMessage) -> str:
    """Hands `message` to every device of its person, and returns the first service's id for it.

    One device that got it makes it sent: the others are not tried again, so that nobody hears a thing
    twice. `DeliveryFailed` means that surely none got it; another exception, that perhaps one did. Devices
    that are gone are forgotten.
    """
    note = note_of(message)
    receipts: list[str] = []
    failures: list[DeliveryFailed] = []
    unknown: Exception | None = None
    devices = Device.objects.filter(user=message.user_id, platform__in=_platforms())
    for device in devices.order_by("-last_seen_at", "-id"):
        try:
            receipts.append(SERVICES[DevicePlatform(device.platform)].send(device, note))
        except DeviceGone as gone:
            _forget(device)
            failures.append(gone)
        except DeliveryFailed as failure:
            failures.append(failure)
        except Exception as error:
            logger.warning("push_unknown device=%s reason=%r", device.pk, error)
            unknown = error
    if receipts:
        return receipts[0]
    if unknown is not None:
        raise unknown
    if not failures:
        raise DeliveryFailed("no device", permanent=True)
    raise DeliveryFailed(
        "; ".join(str(failure) for failure in failures),
        permanent=all(failure.permanent for failure in failures),
    )


def _platforms() -> list[DevicePlatform]:
    return [platform for platform, service in SERVICES.items() if service.is_configured()]


def _forget(device: Device) -> None:
    """Forgets a device, unless it has come back since it was read."""
    Device.objects.filter(pk=device.pk, last_seen_at=device.last_seen_at).delete()
