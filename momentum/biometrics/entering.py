"""What people enter themselves: it counts before every device, and can be taken back."""

from datetime import date, datetime

from django.db import transaction

from accounts.models import User
from momentum.biometrics import streams
from momentum.biometrics.days import DayValue, record_days
from momentum.biometrics.telling import Change, tell_changes
from momentum.models import BiometricSource, BiometricStream


class EntryRefused(Exception):
    """The value cannot be right; the text says why, in words for the person."""


def enter(
    user: User, metric: str, day: date, value: float, *, via: str, now: datetime
) -> BiometricStream:
    """Sets the value of a day by hand, in the metric's own unit; a later entry replaces an earlier one.

    Raises `EntryRefused` for a day to come and for what no body does.
    """
    # Measured until now, whatever the day: so the last entry wins, also over a larger one.
    told = DayValue(metric, day, value, measured_until=now)
    result = record_days(user, [told], BiometricSource.MANUAL, via=via, now=now)
    for refused in result.refused:
        raise EntryRefused(refused.words)
    return BiometricStream.objects.get(
        user=user, metric=metric, date=day, source=BiometricSource.MANUAL
    )


def take_back(user: User, metric: str, day: date, *, via: str, now: datetime) -> bool:
    """Takes an entry by hand back, so that the devices' value counts again; tells whether there was one."""
    with transaction.atomic():
        streams.lock(user.pk)
        change = Change.of(user, [(metric, day)])
        gone, _ = BiometricStream.objects.filter(
            user=user, metric=metric, date=day, source=BiometricSource.MANUAL
        ).delete()
        if not gone:
            return False
        streams.choose(user.pk, change.days)
        tell_changes(change, via=via, now=now)
    return True
