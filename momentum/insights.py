"""What goes together with better days, told only when chance is an unlikely explanation; never what causes."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import User


@dataclass(frozen=True, slots=True)
class Insight:
    """Days with something against days without it.

    `lag` is 0-2 days from the one to the other. `with_mean` and `without_mean` are means of the outcome on
    0-100; `difference` their difference in points within [low, high] (95 %). `q_value` is the odds of a false
    find among those at least as sure (0-1).
    """

    key: str
    title: str
    words: str
    lag: int
    days_with: int
    days_without: int
    with_mean: float
    without_mean: float
    difference: float
    low: float
    high: float
    q_value: float


@dataclass(frozen=True, slots=True)
class Insights:
    """At most five insights, the surest first; `words` say honestly when it is too early or nothing is sure."""

    found: tuple[Insight, ...]
    days_needed: int
    words: str


def insights(user: User, now: datetime) -> list[Insight]:
    """What goes together with better days of `user`, the surest first; at most five."""
    return list(look(user, now).found)


def look(user: User, now: datetime) -> Insights:
    """The same, with words about why there is nothing (yet)."""
    raise NotImplementedError
