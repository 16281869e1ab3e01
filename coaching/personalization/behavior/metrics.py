"""The figures of one person's behaviour, as data and in words."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from math import sqrt
from typing import Any


@dataclass(frozen=True)
class MeasureNumbers:
    """How behaviour is measured (ours, unless named).

    half_life_days: of the strength of logging: Loop Habit Tracker's for something daily.
    history_days: how far back strength, streaks and weekly patterns look; older days weigh under 0.2 %.
    in_target_from: share of what a day asked for, from which on the day was in target.
    enough_days: days observed before a share is spoken of.
    """

    half_life_days: float = 13.0
    history_days: int = 120
    in_target_from: float = 0.6
    enough_days: int = 7

    @property
    def keep(self) -> float:
        """What is left of the strength after a day."""
        return 0.5 ** (1 / self.half_life_days)


NUMBERS = MeasureNumbers()


@dataclass(frozen=True, slots=True)
class FailurePattern:
    """A way in which things tend to come apart: it happened `times` of the `of` occasions it could have.

    `confidence` in [0, 1] is the posterior probability that it is more than the usual.
    """

    key: str
    name: str
    words: str
    times: int
    of: int
    confidence: float


@dataclass(frozen=True, slots=True)
class BehavioralMetrics:
    """One person over the window of whole days that ends with `until`, their own yesterday.

    days: days of the window since there is anything to know of them.
    days_logged: of those, days with something logged.
    current_streak, longest_streak: days in a row with something logged, within the history; a today that
        has something counts already.
    strength: of logging, 0-1, by exponential smoothing: what a streak means without its cliff.
    observed_days: days that the strength rests on.
    days_asked, days_in_target: days that asked for something, and those on which most of it was done.
    asked, fulfilled: how much was asked for and done on them, all things added up.
    last_logged_on: the newest day with something logged, in the history.
    """

    until: date
    days: int = 0
    days_logged: int = 0
    current_streak: int = 0
    longest_streak: int = 0
    strength: float = 0.0
    observed_days: int = 0
    days_asked: int = 0
    days_in_target: int = 0
    asked: float = 0.0
    fulfilled: float = 0.0
    last_logged_on: date | None = None
    failure_patterns: tuple[FailurePattern, ...] = ()

    @property
    def logging_consistency(self) -> float | None:
        """The share of days with something logged."""
        return self.days_logged / self.days if self.days else None

    @property
    def adherence(self) -> float | None:
        """The share of the days that asked for something that were in target."""
        return self.days_in_target / self.days_asked if self.days_asked else None

    @property
    def fulfilment(self) -> float | None:
        """The share of all that was asked for that was done."""
        return self.fulfilled / self.asked if self.asked else None

    @property
    def lapse_days(self) -> int:
        """Whole days since something was logged last; 0 for somebody of whom nothing was ever."""
        if self.last_logged_on is None:
            return 0
        return max(0, (self.until - self.last_logged_on).days)

    @property
    def level(self) -> float | None:
        """The strength as a rate, free of the climb from nothing: an exponentially weighted mean of days."""
        climbed = 1 - NUMBERS.keep**self.observed_days
        return min(1.0, self.strength / climbed) if climbed else None

    @property
    def level_days(self) -> float:
        """How many equally weighted days would say as much about the rate as `level` does."""
        keep, n = NUMBERS.keep, self.observed_days
        if not n:
            return 0.0
        return (1 - keep**n) ** 2 / (1 - keep ** (2 * n)) * (1 + keep) / (1 - keep)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to go by."""
        return self.days == 0 or (self.days_logged == 0 and self.days_asked == 0)

    def in_words(self) -> Iterator[str]:
        """Sentences about the person, each with its figures."""
        if self.days >= NUMBERS.enough_days:
            yield f"Logged something on {self.days_logged} of the last {self.days} days."
        if self.days_asked >= NUMBERS.enough_days:
            yield f"Was in target on {self.days_in_target} of {self.days_asked} days."
        if self.current_streak > 1:
            yield (
                f"Logs for {self.current_streak} days in a row now; "
                f"the longest run is {self.longest_streak}."
            )
        for pattern in self.failure_patterns:
            yield pattern.words

    def to_json(self) -> dict[str, Any]:
        """As it is stored with a profile, a version and a review; shares are there for whoever reads it."""
        data = asdict(self)
        data["until"] = self.until.isoformat()
        data["last_logged_on"] = self.last_logged_on.isoformat() if self.last_logged_on else None
        data["failure_patterns"] = [asdict(pattern) for pattern in self.failure_patterns]
        for name in ("strength", "asked", "fulfilled"):
            data[name] = round(data[name], 6)
        for name in ("logging_consistency", "adherence"):
            share = getattr(self, name)
            data[name] = None if share is None else round(share, 4)
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "BehavioralMetrics | None":
        """The same from what was stored; `None` for what is no such thing, as before the first time."""
        if not data.get("until"):
            return None
        known = {name: data[name] for name in cls.__dataclass_fields__ if name in data}
        last = known.get("last_logged_on")
        known["until"] = date.fromisoformat(known["until"])
        known["last_logged_on"] = date.fromisoformat(last) if last else None
        known["failure_patterns"] = tuple(
            FailurePattern(**pattern) for pattern in known.get("failure_patterns", ())
        )
        return cls(**known)


def two_proportions_z(share: float, n: float, other: float, m: float) -> float:
    """How many standard errors two shares of `n` and `m` trials lie apart: the pooled two-proportion test.

    0 when either has no trials, or when both are the same certainty.
    """
    if n <= 0 or m <= 0:
        return 0.0
    pooled = (share * n + other * m) / (n + m)
    variance = pooled * (1 - pooled) * (1 / n + 1 / m)
    return abs(share - other) / sqrt(variance) if variance > 1e-12 else 0.0
