"""A scoring version tried on a sample of people beside the one that people see, without keeping anything."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from coaching.learning_permission import agreed_people
from momentum.models import MomentumPillar, ScoringVersion
from momentum.scoring import locks, versions
from momentum.scoring.days import score_days

# Few enough to lock each of them, and nobody else: a trial does not hold up those who score live.
MOST_PEOPLE = locks.FEW
MOST_DAYS = 90
MOST_MOVERS = 10
# Days scored ahead of those compared: twice as long as a pillar stands on its last evidence, so that next to
# nothing is left of where the trial began.
WARM_UP = timedelta(days=56)
# No statement of a trial takes longer; one day of five hundred people takes a fraction of a second.
LONGEST_STATEMENT = "20s"
# From how many points on a day counts as clearly moved.
CLEARLY = 5.0

_Rows = dict[tuple[UUID, date], tuple[float, str]]


@dataclass(frozen=True, slots=True)
class Distribution:
    """How the overall scores of some days lie: `counts` per ten points from 0 to 100, and their mean."""

    counts: tuple[int, ...]
    mean: float | None

    @property
    def total(self) -> int:
        return sum(self.counts)


class TooLong(Exception):
    """The database was too busy for a trial of this size."""


@dataclass(frozen=True, slots=True)
class Mover:
    """By how many points a person's days lie higher under the tried version, on average."""

    user_id: UUID
    before: float
    after: float

    @property
    def points(self) -> float:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Trial:
    """The same days of the same people before (as people see them) and after (under the tried version).

    `people` were drawn; `compared` of them have days with a score on both sides. `turned` of them would be told
    another direction on their last day. `clear_days` of the `days` move by five points or more. `lost_days` have
    a score before and none after. The distributions are of all days with a score on their side.
    """

    people: int
    compared: int
    days: int
    clear_days: int
    lost_days: int
    turned: int
    before: Distribution
    after: Distribution
    mean_change: float | None
    movers: tuple[Mover, ...]


def try_out(
    version: ScoringVersion,
    first: date,
    last: date,
    *,
    sample: int = MOST_PEOPLE,
    users: Sequence[UUID] = (),
    now: datetime,
) -> Trial:
    """Scores the days from `first` to `last` of at most `sample` people drawn by lot, and undoes it.

    They are drawn from `users` (none named: everybody), and only from those with scores in these days if there
    are any. No more than `MOST_PEOPLE` and the last `MOST_DAYS` days. Who scores live meanwhile waits for it only
    if it is one of those drawn. Raises `TooLong` when the database is too busy.
    """
    first = first_tried(first, last)
    shown = versions.active().name
    scored = MomentumPillar.objects.filter(
        user=OuterRef("pk"), version=shown, date__range=(first, last), overall_score__isnull=False
    )
    everybody = agreed_people().filter(pk__in=users) if users else agreed_people()
    most = min(sample, MOST_PEOPLE)
    people = _drawn(everybody.filter(Exists(scored)), most) or _drawn(everybody, most)
    before = _rows(shown, people, first, last)
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = '{LONGEST_STATEMENT}'")
            mark = transaction.savepoint()
            score_days(first - WARM_UP, last, people=people, version=version, now=now)
            after = _rows(version.name, people, first, last)
            transaction.savepoint_rollback(mark)
    except OperationalError as problem:
        raise TooLong("The database is too busy: try fewer people or days.") from problem
    return _compared(len(people), before, after)


def first_tried(first: date, last: date) -> date:
    """With which day a trial of these days begins: it is about the last `MOST_DAYS` of them."""
    return max(first, last - timedelta(days=MOST_DAYS - 1))


def _drawn(people: QuerySet[User], most: int) -> list[UUID]:
    """So many of `people`, by an order that has nothing to do with when they came."""
    return sorted(people.order_by("?").values_list("pk", flat=True)[:most])


def _rows(version: str, people: list[UUID], first: date, last: date) -> _Rows:
    rows = (
        MomentumPillar.objects.filter(user__in=people, version=version, date__range=(first, last))
        .order_by("user_id", "date")
        .values_list("user_id", "date", "overall_score", "direction")
    )
    return {
        (person, day): (score, direction)
        for person, day, score, direction in rows
        if score is not None
    }


def _compared(people: int, before: _Rows, after: _Rows) -> Trial:
    both = [key for key in before if key in after]
    days_of: dict[UUID, list[date]] = defaultdict(list)
    for person, day in both:
        days_of[person].append(day)
    movers = [
        Mover(
            person,
            _mean([before[person, day][0] for day in days]),
            _mean([after[person, day][0] for day in days]),
        )
        for person, days in days_of.items()
    ]
    movers.sort(key=lambda mover: (-abs(mover.points), mover.user_id))
    changes = [after[key][0] - before[key][0] for key in both]
    return Trial(
        people=people,
        compared=len(days_of),
        days=len(both),
        clear_days=sum(abs(change) >= CLEARLY for change in changes),
        lost_days=len(before) - len(both),
        turned=sum(
            before[person, days[-1]][1] != after[person, days[-1]][1]
            for person, days in days_of.items()
        ),
        before=_distribution([score for score, _ in before.values()]),
        after=_distribution([score for score, _ in after.values()]),
        mean_change=_mean(changes) if changes else None,
        movers=tuple(movers[:MOST_MOVERS]),
    )


def _distribution(scores: list[float]) -> Distribution:
    counts = [0] * 10
    for score in scores:
        counts[min(9, int(score // 10))] += 1
    return Distribution(tuple(counts), _mean(scores) if scores else None)


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
