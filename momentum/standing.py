"""How things stand for a person today: the scores of the day in words, or honestly why there are none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from accounts.day import local_day
from accounts.models import User
from coaching import learning_permission
from momentum.explaining import Explanation, explain_rows, short
from momentum.models import Direction, MomentumPillar, PillarName, ScoringVersion
from momentum.naming import plural
from momentum.scoring import versions
from momentum.scoring.parameters import CONSTANTS

# Movers named, and from how many points on something is one.
MOST_MOVERS = 3
LEAST_POINTS = 0.1
# Under which a coverage is called what.
_COVERAGES = ((0.75, "Fresh"), (0.4, "Partly fresh"), (0.0, "Getting old"))
_STATES = {
    Direction.CALIBRATING: "Your own level takes a little while to show.",
    Direction.RISING: "The last week lies above your longer average.",
    Direction.STEADY: "The last week lies about where your longer average is.",
    Direction.EASING: "The last week lies below your longer average. A small step is enough to begin with.",
}


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
    """Where `user` stands at the moment `now` (aware). At most seven queries."""
    today = local_day(user, now)
    version = versions.active()
    if not learning_permission.has_agreed(user):
        return _nothing(
            today,
            version.name,
            Gap.NO_CONSENT,
            "Momentum is worked out from what you do, and only if you agree to that.",
            "You can say yes under Settings, Privacy, and take it back any time.",
        )
    rows = list(
        MomentumPillar.objects.filter(
            user=user, version=version.name, date__lte=today, overall_score__isnull=False
        ).order_by("-date")[:2]
    )
    if not rows:
        return _nothing(
            today,
            version.name,
            Gap.NOTHING_YET,
            "There is nothing to go by yet.",
            "Tick a habit, check in, or connect a device: the first score comes at once.",
        )
    row = rows[0]
    if (today - row.date).days > CONSTANTS.carry_days:
        return _nothing(
            today,
            version.name,
            Gap.TOO_LONG_AGO,
            f"The last score is of {short(row.date)} {row.date.year}: too long ago to say how things are now.",
            "Any small thing starts it anew; nothing is held against you.",
        )
    before = next((r for r in rows[1:] if r.date == row.date - timedelta(days=1)), None)
    explanation = explain_rows(user, before, row, version)
    return _standing(user, today, row, explanation)


def history(
    user: User, first: date, last: date, version: ScoringVersion | None = None
) -> Sequence[MomentumPillar]:
    """The scored days in [first, last] in rising order under `version` (default: the active one).

    Nothing of somebody who does not agree to tracking. One query with a version, two without.
    """
    name = (version or versions.active()).name
    rows = MomentumPillar.objects.filter(
        user__in=learning_permission.agreed_people().filter(pk=user.pk),
        version=name,
        date__range=(first, last),
    )
    return list(rows.order_by("date"))


def _standing(
    user: User, today: date, row: MomentumPillar, explanation: Explanation | None
) -> Standing:
    days = CONSTANTS.baseline_days - row.evidence_days
    has_baseline = days <= 0 and row.average_42 is not None
    direction = Direction(row.direction)
    return Standing(
        today=today,
        day=row.date,
        version=row.version,
        overall=row.overall_score,
        pillars=tuple(_pillar(row, name, today) for name in PillarName),
        coverage=row.coverage,
        coverage_words=_coverage_words(row, today),
        direction=direction,
        state=str(direction.label),
        state_words=_STATES[direction],
        is_provisional=row.finalized_at is None,
        day_words=_day_words(row, today),
        baseline=row.average_42 if has_baseline else None,
        days_until_baseline=max(0, days),
        baseline_words=_baseline_words(row, days) if has_baseline or days > 0 else "",
        movers=_movers(explanation),
        gap=None,
        gap_words="",
        to_do="",
    )


def _nothing(today: date, version: str, gap: Gap, words: str, to_do: str) -> Standing:
    return Standing(
        today=today,
        day=None,
        version=version,
        overall=None,
        pillars=tuple(
            PillarStanding(name, str(name.label), None, None, "Nothing yet") for name in PillarName
        ),
        coverage=0.0,
        coverage_words="",
        direction=Direction.CALIBRATING,
        state=str(Direction.CALIBRATING.label),
        state_words="",
        is_provisional=False,
        day_words="",
        baseline=None,
        days_until_baseline=CONSTANTS.baseline_days,
        baseline_words="",
        movers=(),
        gap=gap,
        gap_words=words,
        to_do=to_do,
    )


def _pillar(row: MomentumPillar, name: PillarName, today: date) -> PillarStanding:
    score: float | None = getattr(row, f"{name.value}_score")
    evidence_on: date | None = getattr(row, f"{name.value}_evidence_on")
    if evidence_on is None:
        words = "Nothing yet"
    elif score is None:
        words = f"Nothing new since {short(evidence_on)}"
    else:
        words = f"From {_ago(evidence_on, today)}"
    return PillarStanding(name, str(name.label), score, evidence_on, words)


def _ago(day: date, today: date) -> str:
    days = (today - day).days
    if days <= 0:
        return "today"
    return "yesterday" if days == 1 else f"{days} days ago"


def _coverage_words(row: MomentumPillar, today: date) -> str:
    first = next(words for least, words in _COVERAGES if row.coverage >= least)
    fresh = [
        str(name.label) for name in PillarName if getattr(row, f"{name.value}_evidence_on") == today
    ]
    missing = [
        str(name.label) for name in PillarName if getattr(row, f"{name.value}_score") is None
    ]
    told = f"new today: {_listed(fresh)}" if fresh else "nothing new today yet"
    words = f"{first}: {told}"
    return f"{words}; without: {_listed(missing)}." if missing else f"{words}."


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _day_words(row: MomentumPillar, today: date) -> str:
    if row.date == today:
        return "Of today, and still moving with it."
    state = "provisional" if row.finalized_at is None else "final"
    return f"Of {short(row.date)}, the last day with a score; {state}."


def _baseline_words(row: MomentumPillar, days: int) -> str:
    if days > 0:
        return f"Calibrating: {plural(days, 'more day', 'more days')} until your own level shows."
    return f"Your own level of late is about {row.average_42 or 0.0:.0f}."


def _movers(explanation: Explanation | None) -> tuple[Mover, ...]:
    """What moved the overall score most since the day before: kinds, and pillars that joined or left."""
    if explanation is None or explanation.change is None:
        return ()
    found = [
        Mover(pillar.title, pillar.shown_points, pillar.words)
        for pillar in explanation.pillars
        if not pillar.kinds
    ] + [
        Mover(kind.title, kind.shown_points, kind.words)
        for pillar in explanation.pillars
        for kind in pillar.kinds
    ]
    moved = [mover for mover in found if abs(mover.points) >= LEAST_POINTS]
    return tuple(sorted(moved, key=lambda mover: -abs(mover.points))[:MOST_MOVERS])
