"""How things stand for a person today: the scores of the day in words, or honestly why there are none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from accounts.models import User
from momentum.models import Direction, MomentumPillar, PillarName, ScoringVersion


class Gap(StrEnum):
    """Why there is nothing to show."""

    NO_CONSENT = "no_consent"
    NOTHING_YET = "nothing_yet"
    TOO_LONG_AGO = "too_long_ago"


@dataclass(frozen=True, slots=True)
class PillarStanding:
    """One pillar: `score` is 0-100 or `None` without fresh evidence; `words` say what it rests on and since when."""

    name: PillarName
    title: str
    score: float | None
    evidence_on: date | None
    words: str


@dataclass(frozen=True, slots=True)
class Mover:
    """What moved the overall score since the day before, in points of it."""

    title: str
    points: float
    words: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands.

    `today` is the person's day; `day` the day of the scores (an earlier one when today has none yet). With a
    `gap` there are no scores: `gap_words` say why and `to_do` what helps. `baseline` is the long mean of the
    overall score, from 14 days with evidence on; before, `days_until_baseline` more are needed. `coverage`
    is 0-1.
    """

    today: date
    day: date | None
    version: str
    overall: float | None
    pillars: tuple[PillarStanding, ...]
    coverage: float
    coverage_words: str
    direction: Direction
    state: str
    state_words: str
    is_provisional: bool
    day_words: str
    baseline: float | None
    days_until_baseline: int
    baseline_words: str
    movers: tuple[Mover, ...]
    gap: Gap | None
    gap_words: str
    to_do: str

    @property
    def is_of_today(self) -> bool:
        """Whether the scores are of the person's today."""
        return self.day == self.today


def standing_of(user: User, now: datetime) -> Standing:
    """Where `user` stands at the moment `now` (aware)."""
    raise NotImplementedError


def history(
    user: User, first: date, last: date, version: ScoringVersion | None = None
) -> Sequence[MomentumPillar]:
    """The scored days in [first, last] in rising order under `version` (default: the active one)."""
    raise NotImplementedError
