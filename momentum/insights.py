"""What goes together with better days, told only when chance is an unlikely explanation; never what causes.

Days with something are compared with days without it, by what other pillars got that same day, the day after or
two days after. What a pillar's own evidence is made of is never held against that pillar, and scores are left
out: they carry yesterday with them. Every comparison that could be made counts: only those are told whose share
of false finds (Benjamini & Hochberg 1995) is at most `NUMBERS.false_finds`, so that of people with nothing to
find about one in twenty or fewer is told anything. As days resemble the day before, groups count as smaller
than they are (Bartlett 1935). Weight is never looked at.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import median
from uuid import UUID

from accounts.day import local_day
from accounts.models import User
from coaching import learning_permission
from coaching.experiments.intervals import difference_of_means
from coaching.toolkit import Pillar, SignalKind
from coaching.toolkit.naming import names_by_id
from momentum import statistics
from momentum.models import JournalEntry, MomentumEvent
from momentum.naming import hours, plural
from momentum.scoring import versions
from momentum.scoring.formula import kind_values, pillar_evidence
from momentum.scoring.parameters import CONSTANTS
from momentum.scoring.ways import Way, way_of


@dataclass(frozen=True, slots=True)
class InsightNumbers:
    """The numbers of insights (ours, but for what the design of the score asks).

    days: how far back is looked. least_days: with and without, each. lags: days from the one to the other.
    false_finds: the most that is tolerated. confidence: of the interval told. most: told at once. most_things:
    habits that are looked at. least_points: a difference below is not worth telling.
    """

    days: int = 90
    least_days: int = 5
    lags: tuple[int, ...] = (0, 1, 2)
    false_finds: float = 0.05
    confidence: float = 0.95
    most: int = 5
    most_things: int = 8
    least_points: float = 3.0


NUMBERS = InsightNumbers()
# What more of a pillar is called: more, less, and the unit of its 0-100.
_OUTCOMES = {
    Pillar.BEHAVIORAL: (
        "you did more of what you planned",
        "you did less of what you planned",
        " %",
    ),
    Pillar.BIOMETRIC: ("sleep and steps went better", "sleep and steps went less well", ""),
    Pillar.COGNITIVE: (
        "motivation and planning were higher",
        "motivation and planning were lower",
        "",
    ),
    Pillar.RELATIONAL: (
        "you were more in touch with the coach",
        "you were less in touch with the coach",
        "",
    ),
}


@dataclass(frozen=True, slots=True)
class Insight:
    """Days with something against days without it.

    `lag` is 0-2 days from the one to the other. `with_mean` and `without_mean` are means of what a pillar got
    that day, 0-100; `difference` their difference in points within [low, high] (95 %). `q_value` is the share
    of false finds among those at least as sure (0-1).
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


@dataclass(frozen=True, slots=True)
class Condition:
    """Something a day has or has not; days of which nothing is known are not among `days`.

    `words` say of which days an insight speaks, by lag. `pillar` is where it counts itself.
    """

    key: str
    title: str
    pillar: Pillar | None
    words: tuple[str, str, str]
    days: Mapping[date, bool]


@dataclass(slots=True)
class Days:
    """What is known of a person's days that are over: what each pillar got (0-100), by day."""

    first: date
    last: date
    evidence: dict[Pillar, dict[date, float]] = field(
        default_factory=lambda: {pillar: {} for pillar in Pillar}
    )
    conditions: list[Condition] = field(default_factory=list)


def insights(user: User, now: datetime) -> list[Insight]:
    """What goes together with better days of `user`, the surest first; at most five."""
    return list(look(user, now).found)


def look(user: User, now: datetime) -> Insights:
    """The same, with words about why there is nothing (yet). Six queries."""
    if not learning_permission.has_agreed(user):
        return Insights((), 0, "Nothing is looked at without your consent.")
    return found_in(days_of(user, local_day(user, now)))


def days_of(user: User, today: date) -> Days:
    """What is known of the days before `today`, which is not over."""
    first, last = today - timedelta(days=NUMBERS.days), today - timedelta(days=1)
    rows = MomentumEvent.objects.filter(
        user=user, local_date__range=(first, last), units__gt=0
    ).order_by("local_date", "id")
    by_day: dict[date, list[MomentumEvent]] = defaultdict(list)
    for event in rows:
        by_day[event.local_date].append(event)
    days = Days(first, last)
    _read_evidence(days, by_day, way_of(versions.active()))
    written = set(
        JournalEntry.objects.filter(
            user=user, local_date__range=(first, last), deleted_at=None, is_crisis=False
        ).values_list("local_date", flat=True)
    )
    days.conditions = [
        *_measured(by_day),
        *_done(by_day, written),
        *_things(user, by_day),
    ]
    return days


def found_in(days: Days) -> Insights:
    """What is sure among all comparisons of `days`; pure."""
    compared = []
    missing = []
    for condition in days.conditions:
        for pillar in Pillar:
            if pillar is condition.pillar:
                continue
            for lag in NUMBERS.lags if condition.pillar else NUMBERS.lags[:1]:
                groups = _groups(condition, days.evidence[pillar], lag)
                least = [max(0, NUMBERS.least_days - len(group)) for group in groups]
                if any(least):
                    missing.append(sum(least))
                else:
                    compared.append(_compared(condition, pillar, lag, groups, days))
    if not compared:
        needed = min(missing, default=2 * NUMBERS.least_days)
        return Insights(
            (), needed, f"Too early: it needs {plural(needed, 'more day', 'more days')}."
        )
    shares = statistics.false_finds([one.odds for one in compared])
    sure = sorted(
        (
            (one.odds, one, share)
            for one, share in zip(compared, shares, strict=True)
            if share <= NUMBERS.false_finds and one.is_worth_telling
        ),
        key=lambda each: (each[0], each[1].lag, each[1].condition.key),
    )
    told: dict[tuple[str, Pillar], Insight] = {}
    for _, one, share in sure:
        told.setdefault((one.condition.key, one.pillar), one.told(share))
    found = tuple(told.values())[: NUMBERS.most]
    words = (
        "What goes together in your own days. It does not say what brings about what."
        if found
        else "Nothing stands out so far: your days differ no more than by chance."
    )
    return Insights(found, 0, words)


@dataclass(frozen=True, slots=True)
class _Compared:
    """One comparison, with the odds that chance alone sets the groups apart as far."""

    condition: Condition
    pillar: Pillar
    lag: int
    counts: tuple[int, int]
    means: tuple[float, float]
    low: float
    high: float
    odds: float

    @property
    def is_worth_telling(self) -> bool:
        is_apart = self.low > 0 or self.high < 0
        return is_apart and abs(self.means[0] - self.means[1]) >= NUMBERS.least_points

    def told(self, share: float) -> Insight:
        ours, theirs = self.means
        difference = ours - theirs
        more, less, unit = _OUTCOMES[self.pillar]
        ends = sorted(abs(round(end)) for end in (self.low, self.high))
        words = (
            f"{self.condition.words[self.lag]} {more if difference > 0 else less}: "
            f"{ours:.0f}{unit} against {theirs:.0f}{unit} ({self.counts[0]} and "
            f"{plural(self.counts[1], 'day', 'days')}; the difference lies between {ends[0]} and {ends[1]})."
        )
        return Insight(
            key=f"{self.condition.key}:{self.pillar}:{self.lag}",
            title=self.condition.title,
            words=words,
            lag=self.lag,
            days_with=self.counts[0],
            days_without=self.counts[1],
            with_mean=ours,
            without_mean=theirs,
            difference=difference,
            low=self.low,
            high=self.high,
            q_value=share,
        )


Groups = tuple[list[float], list[float]]


def _groups(condition: Condition, evidence: Mapping[date, float], lag: int) -> Groups:
    """What the pillar got on days `lag` after days with and without."""
    with_it: list[float] = []
    without: list[float] = []
    for day, is_so in condition.days.items():
        value = evidence.get(day + timedelta(days=lag))
        if value is not None:
            (with_it if is_so else without).append(value)
    return with_it, without


def _compared(
    condition: Condition, pillar: Pillar, lag: int, groups: Groups, days: Days
) -> _Compared:
    ours, theirs = (statistics.sample_of(group) for group in groups)
    span = [days.first + timedelta(days=n) for n in range((days.last - days.first).days + 1)]
    alike = statistics.resemblance([days.evidence[pillar].get(day) for day in span])
    alike *= statistics.resemblance(
        [None if (so := condition.days.get(day)) is None else float(so) for day in span]
    )
    # Days that go with the day before tell less than as many that do not; never more.
    factor = (1 + max(0.0, alike)) / (1 - max(0.0, alike))
    ours, theirs = (statistics.widened(sample, factor) for sample in (ours, theirs))
    interval = difference_of_means(ours, theirs, NUMBERS.confidence)
    return _Compared(
        condition,
        pillar,
        lag,
        (ours.n, theirs.n),
        (ours.mean, theirs.mean),
        interval.low,
        interval.high,
        statistics.odds_of_chance(ours, theirs),
    )


def _read_evidence(days: Days, by_day: Mapping[date, list[MomentumEvent]], way: Way) -> None:
    for day, events in by_day.items():
        for pillar, value in pillar_evidence(kind_values(events, way)).items():
            days.evidence[pillar][day] = CONSTANTS.full * value


def _measured(by_day: Mapping[date, Iterable[MomentumEvent]]) -> list[Condition]:
    """Nights and steps at or above the person's own median."""
    found = []
    for kind in (SignalKind.SLEEP, SignalKind.STEPS):
        values = {
            day: event.raw_value
            for day, events in by_day.items()
            for event in events
            if event.tag == kind
        }
        if not values:
            continue
        middle = median(values.values())
        if kind is SignalKind.SLEEP:
            title, what = "Sleep", f"{hours(middle)} of sleep or more"
            words = (f"After {what}", f"The day after one with {what}", f"Two days after {what}")
        else:
            title, what = "Steps", f"{middle:,.0f} steps or more"
            words = (f"On days with {what}", f"On days after {what}", f"Two days after {what}")
        days = {day: value >= middle for day, value in values.items()}
        found.append(Condition(kind.value, title, Pillar.BIOMETRIC, words, days))
    return found


def _done(by_day: Mapping[date, Iterable[MomentumEvent]], written: set[date]) -> list[Condition]:
    """The journal, talking with the coach, and whether it is a weekday; of days of which anything is known."""
    known = sorted(by_day.keys() | written)
    talked = {
        day
        for day, events in by_day.items()
        if any(event.tag == SignalKind.COACH_INTERACTION for event in events)
    }
    found = []
    for key, title, pillar, what, days in (
        ("journal", "Journal", Pillar.COGNITIVE, "you wrote in your journal", written),
        ("talk", "The coach", Pillar.RELATIONAL, "you talked with the coach", talked),
    ):
        words = (
            f"On days when {what},",
            f"On days after {what},",
            f"Two days after {what},",
        )
        found.append(Condition(key, title, pillar, words, {day: day in days for day in known}))
    words = ("From Monday to Friday", "", "")
    weekdays = {day: day.weekday() < 5 for day in known}
    found.append(Condition("weekday", "The week", None, words, weekdays))
    return found


def _things(user: User, by_day: Mapping[date, Sequence[MomentumEvent]]) -> list[Condition]:
    """Each habit that was told of most often, on days of which any action step is known."""
    done: dict[UUID, set[date]] = defaultdict(set)
    known = []
    for day, events in by_day.items():
        steps = [event for event in events if event.tag == SignalKind.ACTION_STEP]
        if steps:
            known.append(day)
        for event in steps:
            thing = _thing(event)
            if thing is not None and event.normalized_score > 0:
                done[thing].add(day)
    often = sorted(done, key=lambda thing: (-len(done[thing]), thing))[: NUMBERS.most_things]
    names = names_by_id(user, often)
    return [
        Condition(
            f"habit.{thing}",
            names[thing],
            Pillar.BEHAVIORAL,
            (
                f"On days with “{names[thing]}”",
                f"On days after “{names[thing]}”",
                f"Two days after “{names[thing]}”",
            ),
            {day: day in done[thing] for day in known},
        )
        for thing in often
        if thing in names
    ]


def _thing(event: MomentumEvent) -> UUID | None:
    """The id of what an action step is about, from its subject `action_step:<id>:<occasion>`."""
    parts = event.subject.split(":")
    try:
        return UUID(parts[1]) if len(parts) == 3 else None
    except ValueError:
        return None
