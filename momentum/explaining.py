"""What a day's score is made of, and what changed it since the day before, to the last point."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import floor
from uuid import UUID

from accounts.models import User
from coaching import learning_permission
from coaching.toolkit import Pillar
from coaching.toolkit.naming import names_by_id
from momentum import naming
from momentum.models import MomentumEvent, MomentumPillar, PillarName, ScoringVersion
from momentum.scoring import versions
from momentum.scoring.formula import (
    DayState,
    KindValue,
    PillarState,
    half_life,
    kind_values,
    left_of,
    score_of,
    state_of,
)
from momentum.scoring.parameters import CONSTANTS
from momentum.scoring.ways import Way, way_of

# Differences of points below this are those of binary fractions.
_NOTHING = 1e-6
# Points are shown with one decimal.
_STEPS = 10
MOST_LINES = 12


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
    """A day's score and its change since the day before.

    The `points` of `pillars` and the `remainder` sum to `change`; `before`, the shown points and
    `shown_change` are such that what is shown, with one decimal, adds up. Without a score on either day
    `change` is `None` and all points are 0. `status_words` say whether the day is provisional or final and
    whether and why it was revised.
    """

    day: date
    version: str
    before: float | None
    after: float | None
    change: float | None
    shown_change: float | None
    pillars: tuple[PillarPart, ...]
    remainder: float
    is_provisional: bool
    finalized_at: datetime | None
    revised_at: datetime | None
    revision_reason: str
    status_words: str
    words: str

    @property
    def is_recounted_soon(self) -> bool:
        """Whether events came in that the stored score does not know yet."""
        parts = [abs(pillar.remainder) for pillar in self.pillars]
        return max([*parts, abs(self.remainder)]) > 0.5 / _STEPS


def explain(user: User, day: date, version: ScoringVersion | None = None) -> Explanation | None:
    """What the score of `day` is made of under `version` (default: the active one); `None`: not scored.

    Nothing of somebody who does not agree to tracking. What is told are the stored scores; where events came in
    since, their points are the `remainder`. Five queries at most.
    """
    version = version or versions.active()
    rows = {
        row.date: row
        for row in MomentumPillar.objects.filter(
            user__in=learning_permission.agreed_people().filter(pk=user.pk),
            version=version.name,
            date__in=(day - timedelta(days=1), day),
        )
    }
    return explain_rows(user, rows.get(day - timedelta(days=1)), rows.get(day), version)


def explain_rows(
    user: User, before: MomentumPillar | None, after: MomentumPillar | None, version: ScoringVersion
) -> Explanation | None:
    """The same for the stored rows of a day and the day before it."""
    if after is None:
        return None
    way = way_of(version)
    events = list(
        MomentumEvent.objects.filter(user=user, local_date=after.date, units__gt=0).order_by(
            "occurred_at", "id"
        )
    )
    was = state_of(before) if before is not None else None
    now = state_of(after)
    told = _Told(after.date, events, kind_values(events, way), _names(user, events), way)
    steps = _steps(was, now, way)
    pillars = [
        _pillar(pillar, was.pillars[pillar] if was else PillarState(), now, steps[pillar], told)
        for pillar in Pillar
    ]
    change = shown_change = None
    if was is not None and was.overall is not None and now.overall is not None:
        change = now.overall - was.overall
        shown_change = round(round(now.overall, 1) - round(was.overall, 1), 1)
        pillars = _shown(pillars, shown_change)
    return Explanation(
        day=after.date,
        version=version.name,
        before=was.overall if was else None,
        after=now.overall,
        change=change,
        shown_change=shown_change,
        pillars=tuple(pillars),
        remainder=(change or 0.0) - sum(pillar.points for pillar in pillars),
        is_provisional=after.finalized_at is None,
        finalized_at=after.finalized_at,
        revised_at=after.revised_at,
        revision_reason=after.revision_reason,
        status_words=_status(user, after),
        words=_words(now.overall, shown_change, pillars),
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """What was told of a day: its events, what they amount to, and the names of what they are about."""

    day: date
    events: Sequence[MomentumEvent]
    values: Sequence[KindValue]
    names: Mapping[str, str]
    way: Way


@dataclass(frozen=True, slots=True)
class _Step:
    """What a pillar does to the overall score: `points` of it; `weight` of the pillar in it.

    Of a pillar with new evidence each point above `base` gives `gain` points of the overall score.
    """

    points: float = 0.0
    weight: float = 0.0
    gain: float = 0.0
    base: float = 0.0


def _steps(was: DayState | None, now: DayState, way: Way) -> dict[Pillar, _Step]:
    """Takes the overall change apart in steps that follow each other, so that they sum to it.

    Pillars join one by one with their new score, those whose evidence is too old leave one by one, and then
    the others move. A carried pillar has 0 points.
    """
    old = {p: s for p in Pillar if was and (s := was.pillars[p].score) is not None}
    new = {p: s for p in Pillar if (s := now.pillars[p].score) is not None}
    total = sum(way.pillars[p].weight for p in new)
    weights = {p: way.pillars[p].weight / total if p in new else 0.0 for p in Pillar}
    steps = {p: _Step(weight=weights[p]) for p in Pillar}
    if not old or not new:
        return steps
    standing = dict(old)
    for pillar in (p for p in Pillar if p in new and p not in old):
        base = _mean(standing, way)
        standing[pillar] = new[pillar]
        share = way.pillars[pillar].weight / sum(way.pillars[p].weight for p in standing)
        points = _mean(standing, way) - base
        steps[pillar] = _Step(points, weights[pillar], share, base)
    for pillar in (p for p in Pillar if p in old and p not in new):
        base = _mean(standing, way)
        del standing[pillar]
        steps[pillar] = _Step(_mean(standing, way) - base)
    for pillar in (p for p in Pillar if p in old and p in new):
        weight = weights[pillar]
        points = weight * (new[pillar] - old[pillar])
        steps[pillar] = _Step(points, weight, weight, old[pillar])
    return steps


def _mean(scores: Mapping[Pillar, float], way: Way) -> float:
    total = sum(way.pillars[p].weight for p in scores)
    return sum(way.pillars[p].weight * score for p, score in scores.items()) / total


def _pillar(
    pillar: Pillar, before: PillarState, now: DayState, step: _Step, told: _Told
) -> PillarPart:
    after = now.pillars[pillar]
    happened = _happened(before, after, told.day)
    own = [value for value in told.values if value.kind.pillar is pillar]
    is_new = happened in (Happened.MOVED, Happened.JOINED)
    # Which part of the way from the old score to the day's evidence the pillar goes.
    way_gone = 1 - _left(before, told.day, half_life(pillar, told.values, told.way))
    start = before.score if before.score is not None else 0.0
    whole = sum(value.kind.weight for value in own)
    kinds = []
    for value in own:
        share = value.kind.weight / whole
        target = CONSTANTS.full * value.value
        moved = share * way_gone * (target - start) if is_new else 0.0
        points = step.gain * share * way_gone * (target - step.base) if is_new else 0.0
        kinds.append(_kind(value, share, moved, points, told))
    name = PillarName(pillar.value)
    return PillarPart(
        name=name,
        title=str(name.label),
        happened=happened,
        before=before.score,
        after=after.score,
        weight=step.weight,
        points=step.points,
        shown_points=0.0,
        kinds=tuple(kinds),
        remainder=step.points - sum(kind.points for kind in kinds) if is_new else 0.0,
        words=_pillar_words(happened, before, after, told.day),
    )


def _happened(before: PillarState, after: PillarState, day: date) -> Happened:
    if after.score is None:
        return Happened.ABSENT if before.score is None else Happened.LEFT
    if before.score is None:
        return Happened.JOINED
    return Happened.MOVED if after.evidence_on == day else Happened.CARRIED


def _left(before: PillarState, day: date, half_life_days: float) -> float:
    """Which part of the old score is left in the new one, by the formula of the score."""
    if before.score is None or before.evidence_on is None:
        return 0.0
    days = (day - before.evidence_on).days
    return 0.0 if days > CONSTANTS.carry_days else left_of(days, half_life_days)


def _kind(value: KindValue, share: float, moved: float, points: float, told: _Told) -> KindPart:
    kind = value.kind.name
    own = [event for event in told.events if event.tag == kind]
    counted = [event for event in own if event.is_summary and value.kind.is_summarized] or own
    single = [event for event in own if not event.is_summary] or own
    lines = [
        EvidenceLine(
            event.occurred_at,
            naming.event_words(event, told.names.get(event.subject, "")),
            score_of(event, told.way),
            event.source,
        )
        for event in single[:MOST_LINES]
    ]
    return KindPart(
        kind=kind.value,
        title=naming.title_of(kind),
        value=value.value,
        words=naming.value_words(value, counted),
        events=len(single),
        weight=value.kind.weight,
        share=share,
        pillar_points=moved,
        points=points,
        shown_points=0.0,
        evidence=tuple(lines),
    )


def _names(user: User, events: Iterable[MomentumEvent]) -> dict[str, str]:
    """By subject the name of the thing that it is about, where its domain tells it."""
    ids: dict[str, UUID] = {}
    for event in events:
        for part in event.subject.split(":")[1:]:
            if len(part) == 36 and event.log_id is not None and part != str(event.log_id):
                try:
                    ids[event.subject] = UUID(part)
                except ValueError:
                    continue
    found = names_by_id(user, set(ids.values()))
    return {subject: found[pk] for subject, pk in ids.items() if pk in found}


def add_up(values: Sequence[float], total: float) -> list[float]:
    """`values` with one decimal each, such that they add up to `total` (which has one decimal).

    By largest remainder; what is 0 stays 0 unless nothing else can give way.
    """
    scaled = [value * _STEPS for value in values]
    whole = [floor(value + _NOTHING * _STEPS) for value in scaled]
    able = [at for at, value in enumerate(values) if abs(value) > _NOTHING] or list(
        range(len(values))
    )
    missing = round(total * _STEPS) - sum(whole)
    order = sorted(able, key=lambda at: scaled[at] - whole[at], reverse=missing > 0)
    for turn in range(abs(missing) if order else 0):
        whole[order[turn % len(order)]] += 1 if missing > 0 else -1
    return [value / _STEPS for value in whole]


def _shown(pillars: Sequence[PillarPart], total: float) -> list[PillarPart]:
    """The pillars with rounded points that add up: theirs to the change, their kinds' to their own.

    Where a recount is on its way kinds and pillar differ by the remainder, which is shown as such.
    """
    shown = add_up([pillar.points for pillar in pillars], total)
    return [
        replace(pillar, shown_points=points, kinds=_shown_kinds(pillar, points))
        for pillar, points in zip(pillars, shown, strict=True)
    ]


def _shown_kinds(pillar: PillarPart, points: float) -> tuple[KindPart, ...]:
    has_remainder = abs(pillar.remainder) > _NOTHING
    total = round(sum(kind.points for kind in pillar.kinds), 1) if has_remainder else points
    shown = add_up([kind.points for kind in pillar.kinds], total)
    return tuple(
        replace(kind, shown_points=value) for kind, value in zip(pillar.kinds, shown, strict=True)
    )


def short(day: date) -> str:
    """A date as people read it: "3 Nov"."""
    return f"{day.day} {day:%b}"


def _status(user: User, row: MomentumPillar) -> str:
    if row.finalized_at is None:
        return "Provisional: what arrives late still counts."
    words = f"Final since {short(row.finalized_at.astimezone(user.tz).date())}."
    if row.revised_at is not None:
        words += f" Changed on {short(row.revised_at.astimezone(user.tz).date())}"
        words += f": {row.revision_reason}." if row.revision_reason else "."
    return words


def _pillar_words(happened: Happened, before: PillarState, after: PillarState, day: date) -> str:
    match happened:
        case Happened.MOVED:
            return f"From {before.score or 0.0:.0f} to {after.score or 0.0:.0f}."
        case Happened.JOINED:
            return f"Counts from now on, with {after.score or 0.0:.0f}."
        case Happened.CARRIED if after.evidence_on is not None:
            ago = naming.plural((day - after.evidence_on).days, "day", "days")
            return f"Nothing new for {ago}: it stays at {after.score or 0.0:.0f}."
        case Happened.LEFT:
            return f"Nothing new for more than {CONSTANTS.carry_days} days: it no longer counts."
    return "Nothing told yet."


def _words(after: float | None, change: float | None, pillars: Sequence[PillarPart]) -> str:
    if after is None:
        return "There was nothing new for so long that there is no score."
    if change is None:
        return f"A first score: {after:.1f}."
    if change == 0:
        return f"As the day before: {after:.1f}."
    way = "Up" if change > 0 else "Down"
    first = max(pillars, key=lambda pillar: pillar.shown_points * change)
    points = naming.plural(1, "point", "points") if abs(change) == 1 else f"{abs(change):g} points"
    return (
        f"{way} {points} to {after:.1f}, most of it from {first.title} ({first.shown_points:+g})."
    )
