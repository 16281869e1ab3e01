"""What a day's score is made of, and what changed it since the day before, to the last point."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from accounts.models import User
from momentum.models import PillarName, ScoringVersion


class Happened(StrEnum):
    """What a pillar did since the day before.

    moved: it had evidence. carried: it had none and stays. joined: it has a score and had none. left: its
    evidence is too old to count. absent: no score then and now.
    """

    MOVED = "moved"
    CARRIED = "carried"
    JOINED = "joined"
    LEFT = "left"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """One event that counted: when, in words, and its score (0-1)."""

    at: datetime
    words: str
    score: float
    source: str


@dataclass(frozen=True, slots=True)
class KindPart:
    """What one kind of signal did to its pillar and to the overall score.

    `value` is the day's value (0-1), `share` its part in the pillar's evidence of the day (0-1, from the
    weights). `pillar_points` and `points` are the points it moved the pillar and the overall score;
    `shown_points` are rounded so that what is shown adds up.
    """

    kind: str
    title: str
    value: float
    words: str
    events: int
    weight: float
    share: float
    pillar_points: float
    points: float
    shown_points: float
    evidence: tuple[EvidenceLine, ...]


@dataclass(frozen=True, slots=True)
class PillarPart:
    """What one pillar did: scores before and after, and its points of the overall change.

    `remainder` are points of the overall score that the events do not explain (a recount is on its way).
    """

    name: PillarName
    title: str
    happened: Happened
    before: float | None
    after: float | None
    weight: float
    points: float
    shown_points: float
    kinds: tuple[KindPart, ...]
    remainder: float
    words: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """A day's score and its change since the day before; all `points` of `pillars` sum to `change`.

    `change` is `None` when there was no score before (then the pillars' points sum to 0). `status_words` say
    whether the day is provisional or final and whether and why it was revised.
    """

    day: date
    version: str
    before: float | None
    after: float | None
    change: float | None
    shown_change: float | None
    pillars: tuple[PillarPart, ...]
    is_provisional: bool
    finalized_at: datetime | None
    revised_at: datetime | None
    revision_reason: str
    status_words: str
    words: str


def explain(user: User, day: date, version: ScoringVersion | None = None) -> Explanation | None:
    """What the score of `day` is made of under `version` (default: the active one); `None`: not scored."""
    raise NotImplementedError
