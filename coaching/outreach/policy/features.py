"""What a decision is made from, as a handful of numbers of the size of 1."""

from collections.abc import Mapping, Sequence
from math import log1p

from .config import NUMBERS, PolicyNumbers

FEATURES = ("bias", "gap", "opportunity", "dosage", "recent_engagement", "days_since_active")


def share_of_hour(hours: Sequence[float], hour: int, numbers: PolicyNumbers = NUMBERS) -> float:
    """The share of a person's activity at the local `hour` and the hours beside it, in (0, 1).

    `hours` counts active hours per hour of the day (24 numbers). Little activity is drawn towards an
    even spread, of which three hours hold an eighth.
    """
    near = hours[hour - 1] + hours[hour] + hours[(hour + 1) % 24]
    even = numbers.uniform_events
    return (near + even * 3 / 24) / (sum(hours) + even)


def usually_inactive(
    hours: Sequence[float], hour: int, active_days: int, numbers: PolicyNumbers = NUMBERS
) -> bool:
    """Whether enough is known to say that this person is hardly ever about at `hour`."""
    if active_days < numbers.rarely_active_days:
        return False
    return share_of_hour(hours, hour, numbers) < numbers.rarely_active * 3 / 24


def features_of(
    *,
    gap: float,
    hour_share: float,
    dosage: float,
    active_days_in_week: int,
    days_since_active: float,
    numbers: PolicyNumbers = NUMBERS,
) -> dict[str, float]:
    """The features of a moment, each in [0, 1].

    Args:
        gap: how far the person is behind, in [0, 1].
        hour_share: the share of their activity around this hour; an even spread becomes 1/2.
        dosage: of earlier messages.
        active_days_in_week: of the last 7 days.
        days_since_active: a silence of `long_silence_days` and more becomes 1.
    """
    silence = log1p(max(0.0, days_since_active)) / log1p(numbers.long_silence_days)
    return {
        "bias": 1.0,
        "gap": min(1.0, max(0.0, gap)),
        "opportunity": hour_share / (hour_share + 3 / 24),
        "dosage": min(1.0, dosage / numbers.dosage_limit),
        "recent_engagement": min(1.0, active_days_in_week / 7),
        "days_since_active": min(1.0, silence),
    }


def vector(features: Mapping[str, float]) -> list[float]:
    """The features in their order; raises `KeyError` when one is missing."""
    return [float(features[name]) for name in FEATURES]
