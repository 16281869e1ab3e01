"""Days scored for many people at once: one statement a day, which does what `formula.score_day` says."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import ConsentKind, User
from coaching.outreach.clock import clocks_in
from momentum.models import ScoringVersion
from momentum.retention import events_kept_from
from momentum.scoring import holes, locks
from momentum.scoring.evidence import evidence_sql
from momentum.scoring.statement import TABLE, Scope, day_statement
from momentum.scoring.ways import Way, way_of

DAY = timedelta(days=1)
# Longer stretches read their events once, not once a day.
FEW_DAYS = 3
FEW_PEOPLE_DAYS = 62
GATHERED = "momentum_gathered"


@dataclass(frozen=True, slots=True)
class Scored:
    """What a run did: rows that stand now, rows that were written as they differed, events that were read."""

    rows: int = 0
    events: int = 0
    changed: int = 0

    def __add__(self, other: "Scored") -> "Scored":
        return Scored(
            self.rows + other.rows, self.events + other.events, self.changed + other.changed
        )


def score_days(
    first: date,
    last: date,
    *,
    people: Sequence[UUID] | None = None,
    id_range: tuple[UUID, UUID] | None = None,
    version: ScoringVersion,
    reason: str | Mapping[UUID, str] = "",
    now: datetime | None = None,
) -> Scored:
    """Scores the days from `first` to `last` of the given people (neither named: of everybody), under `version`.

    Only those count who agreed to tracking and are active, and of each only days that have begun for them.
    Who has a hole before `first` has it filled first, as a day builds on the one before. `reason` tells, in
    words for the person, why a final day is revised. Running it again changes nothing.
    """
    if first > last or (people is not None and not people):
        return Scored()
    moment = now or timezone.now()
    scope = Scope(None if people is None else tuple(sorted(set(people))), id_range)
    way = way_of(version)
    with transaction.atomic():
        locks.lock([version.name], scope.people)
        _tune(scope)
        done = Scored()
        for hole in holes.before(first, scope, version.name):
            done += _score(hole.first, first - DAY, Scope(hole.people, None), way, reason, moment)
        return done + _score(first, last, scope, way, reason, moment)


def _tune(scope: Scope) -> None:
    """What PostgreSQL would guess wrong: sums of millions of rows are worth memory, and no compiling."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL jit = off")
        if not scope.is_small:
            cursor.execute("SET LOCAL work_mem = '256MB'")
            # Statistics know nothing of a day that is new: it would be taken for one row, and joined row by row.
            cursor.execute("SET LOCAL enable_nestloop = off")


def _score(
    first: date,
    last: date,
    scope: Scope,
    way: Way,
    reason: str | Mapping[UUID, str],
    now: datetime,
) -> Scored:
    days = (last - first).days + 1
    gathers = days > (FEW_PEOPLE_DAYS if scope.is_small else FEW_DAYS)
    values: dict[str, Any] = {
        **scope.values(),
        **_reasons(reason),
        **_clocks(scope, now),
        "version": way.version,
        "now": now,
        "tracking": ConsentKind.BEHAVIORAL_TRACKING.value,
        # A day that is long over everywhere on earth is final as soon as it is scored.
        "final": now.astimezone(UTC).date() - 5 * DAY,
        "kept_from": events_kept_from(now.astimezone(UTC).date()),
    }
    done = Scored()
    with connection.cursor() as cursor:
        if gathers:
            _gather(cursor, first, last, scope, way)
            source = f"SELECT * FROM {GATHERED} WHERE day = %(day)s"  # noqa: S608 - a name of our own
        else:
            source = evidence_sql(way, f"e.local_date = %(day)s{scope.sql('e.user_id')}")
        beginning = now.astimezone(UTC).date() - DAY
        reasons = isinstance(reason, Mapping)
        over = day_statement(way, scope, source, is_running=False, reasons=reasons)
        running = day_statement(way, scope, source, is_running=True, reasons=reasons)
        told = _days_told(cursor, first, last, scope, way) if gathers and scope.people else None
        day = first
        while day <= last:
            cursor.execute(over if day < beginning else running, {**values, "day": day})
            rows, changed, events = cursor.fetchone()
            done += Scored(rows, events, changed)
            day += DAY
            if told is not None and not rows:
                # Nobody has a score to carry on: years of silence are passed over, not walked through.
                at = bisect_left(told, day)
                day = told[at] if at < len(told) else last + DAY
        if gathers:
            cursor.execute(f"DROP TABLE {GATHERED}")
    return done


def _gather(cursor: Any, first: date, last: date, scope: Scope, way: Way) -> None:
    """Reads all events of a stretch once; what each day amounts to is a fraction of them."""
    where = f"e.local_date BETWEEN %(first)s AND %(last)s{scope.sql('e.user_id')}"
    cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{GATHERED}")
    cursor.execute(
        f"CREATE TEMPORARY TABLE {GATHERED} ON COMMIT DROP AS {evidence_sql(way, where, by_day=True)}",
        {**scope.values(), "first": first, "last": last},
    )
    cursor.execute(f"CREATE INDEX ON {GATHERED} (day)")
    cursor.execute(f"ANALYZE {GATHERED}")


def _days_told(cursor: Any, first: date, last: date, scope: Scope, way: Way) -> list[date]:
    """The days of a stretch on which something was told, or on which rows stand that may have to go."""
    cursor.execute(
        f"SELECT day FROM {GATHERED} UNION SELECT r.date FROM {TABLE} r"  # noqa: S608 - names of our own
        f" WHERE r.version = %(version)s AND r.date BETWEEN %(first)s AND %(last)s{scope.sql('r.user_id')}"
        " ORDER BY 1",
        {**scope.values(), "version": way.version, "first": first, "last": last},
    )
    return [day for (day,) in cursor.fetchall()]


def _reasons(reason: str | Mapping[UUID, str]) -> dict[str, Any]:
    if isinstance(reason, str):
        return {"reason": reason[:200]}
    return {
        "reason_people": list(reason),
        "reason_words": [words[:200] for words in reason.values()],
    }


def _clocks(scope: Scope, now: datetime) -> dict[str, Any]:
    """The own day of those in `scope` at `now`, by their time zone and the hour at which their day begins."""
    people = User.objects.order_by()
    if scope.people is not None:
        people = people.filter(pk__in=scope.people)
    elif scope.id_range is not None:
        people = people.filter(pk__range=scope.id_range)
    pairs = list(people.values_list("timezone", "day_start_hour").distinct())
    clocks = clocks_in({zone for zone, _ in pairs}, now=now)
    zones, starts, todays = [], [], []
    for zone, start in pairs:
        if zone not in clocks:
            continue
        clock = clocks[zone]
        zones.append(zone)
        starts.append(start)
        todays.append(clock.date() - DAY if clock.hour < start else clock.date())
    return {"zones": zones, "starts": starts, "todays": todays}
