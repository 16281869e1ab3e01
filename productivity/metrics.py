"""Whether it helps: what becomes of people's tasks, who stays, and what nudges are good for.

Only people who agree to behavioural tracking count, and nothing is told of fewer than `LEAST_PEOPLE`. Each figure is
one set-based statement. A share over tasks is the ratio of two sums over people; its interval takes the person as the
unit (Taylor linearization of a ratio: Cochran, Sampling Techniques, 1977, 6.4), since the tasks of one person are
alike. Shares of people have Wilson intervals, differences within people a paired t interval.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import sqrt
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from accounts.models import User
from coaching.experiments.intervals import (
    Interval,
    Sample,
    difference_of_proportions,
    t_of,
    wilson,
)
from coaching.learning_permission import agreed_people
from productivity.models import Task

CONFIDENCE = 0.95
LEAST_PEOPLE = 20
# How long a task is given before it is asked whether it was done.
GRACE = timedelta(days=14)
FIRST = timedelta(days=14)
LAST = timedelta(days=28)
WEEK = timedelta(days=7)
# Tasks in each of the two times that make somebody's change worth a number.
LEAST_TASKS = 3
# Nothing is compared before the first two weeks and the last four (with their grace) lie apart.
APART = FIRST + LAST + GRACE
WEEKS_SHOWN = 12
WEEKS_KEPT = 8
JOINED_WITHIN = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Figure:
    """A share (or a change of one) with its interval, over `people`; no value for too few of them."""

    people: int
    value: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def is_told(self) -> bool:
        return self.value is not None


@dataclass(frozen=True, slots=True)
class TaskFigures:
    """Of tasks made, the shares done and snoozed within two weeks; of tasks due, the share not done by then."""

    completion: Figure
    snoozed: Figure
    overdue: Figure


@dataclass(frozen=True, slots=True)
class NudgeFigures:
    """Of nudges delivered, the shares rated and followed up; of rated ones found useful, of settled ones that helped."""

    rated: Figure
    useful: Figure
    engaged: Figure
    helped: Figure


@dataclass(frozen=True, slots=True)
class WeekFigures:
    """One week (`day`: its Monday, UTC): people who did something with tasks; of tasks due, the share done by then."""

    day: date
    active: int | None
    kept: float | None


@dataclass(frozen=True, slots=True)
class Change:
    """Somebody's share in their first two weeks and in the last four, and the difference (after - before)."""

    before: float
    after: float
    difference: Interval

    @property
    def is_sure(self) -> bool:
        """Whether it is more than chance makes of so few tasks."""
        return 0.0 not in self.difference


@dataclass(frozen=True, slots=True)
class OwnFigures:
    """Since one person joined; none where too little happened to tell."""

    kept: Change | None
    snoozed: Change | None

    @property
    def words(self) -> list[str]:
        """For the person, without praise or blame."""
        told = ((self.kept, "done in time, of what was due"), (self.snoozed, "snoozed"))
        return [
            f"{change.before:.0%} {what} in your first two weeks, {change.after:.0%} in the last four"
            f"{'.' if change.is_sure else '; with so few tasks that can be chance.'}"
            for change, what in told
            if change is not None
        ]


def people_counted(staff: User | None = None) -> QuerySet[User]:
    """Whose behaviour counts: they agree, and are no staff; of a coach their own people only."""
    people = agreed_people().filter(is_staff=False)
    return people.filter(coach=staff) if staff is not None else people


def of_tasks(people: QuerySet[User], *, since: datetime, now: datetime) -> TaskFigures:
    """What became of the tasks that were made, and those that were due, in [since, now)."""
    row = _one(
        people,
        f"""
        , each AS (
            SELECT {_counts(("%(since)s", f"%(now)s - {_GRACE}"), ("%(since)s", "%(now)s"))}
            FROM productivity_task t JOIN people p ON p.id = t.user_id
            WHERE t.deleted_at IS NULL AND t.parent_id IS NULL
              AND (t.created_at >= %(since)s OR t.due_at >= %(since)s)
            GROUP BY t.user_id
        )
        SELECT {_sums("made", "done")}, {_sums("made", "snoozed")}, {_sums("due", "overdue")} FROM each
        """,  # noqa: S608 - made of constants
        _times(since, now),
    )
    return TaskFigures(_ratio(row[0:6]), _ratio(row[6:12]), _ratio(row[12:18]))


def of_nudges(people: QuerySet[User], *, since: datetime, now: datetime) -> NudgeFigures:
    """What people made of nudges that were delivered in [since, now)."""
    row = _one(
        people,
        f"""
        , each AS (
            SELECT count(*) AS given,
                   count(n.usefulness_rating) AS rated,
                   count(*) FILTER (WHERE n.usefulness_rating = 1) AS useful,
                   count(m.id) AS sent,
                   count(m.engaged_at) AS engaged,
                   count(n.helped) AS settled,
                   count(*) FILTER (WHERE n.helped) AS helped
            FROM productivity_coachingnudge n
            JOIN people p ON p.id = n.user_id
            LEFT JOIN coaching_coachmessage m ON m.id = n.message_id
            WHERE n.delivered AND n.created_at >= %(since)s AND n.created_at < %(now)s
            GROUP BY n.user_id
        )
        SELECT {_sums("given", "rated")}, {_sums("rated", "useful")},
               {_sums("sent", "engaged")}, {_sums("settled", "helped")}
        FROM each
        """,  # noqa: S608 - made of constants
        _times(since, now),
    )
    return NudgeFigures(*(_ratio(row[at : at + 6]) for at in (0, 6, 12, 18)))


def weekly_actives(people: QuerySet[User], *, now: datetime) -> Figure:
    """Of all people who joined, the share that did something with tasks in the last seven days."""
    all_of_them, active = _one(
        people,
        f"SELECT count(*), count(*) FILTER (WHERE {_acted('%(since)s', '%(now)s')}) FROM people p",  # noqa: S608
        _times(now - WEEK, now),
    )
    return _share(all_of_them, active)


def dropped_off(people: QuerySet[User], *, now: datetime) -> Figure:
    """Of people who began with tasks in their first week, the share that did nothing in the three weeks after it.

    Of those who joined within half a year, and four weeks ago or earlier.
    """
    week = "p.created_at + interval '7 days'"
    began, gone = _one(
        people,
        f"""
        SELECT count(*), count(*) FILTER (WHERE NOT {_acted(week, "p.created_at + interval '28 days'")})
        FROM people p
        WHERE p.created_at >= %(since)s AND p.created_at < %(now)s
          AND {_acted("p.created_at", week)}
        """,  # noqa: S608 - made of constants
        {"since": now - JOINED_WITHIN, "now": now - LAST},
    )
    return _share(began, gone)


def retention(people: QuerySet[User], *, now: datetime) -> list[Figure]:
    """For each week since joining (the first is 0): of those who have been here that long, the share that was active."""
    rows = _all(
        people,
        """
        , seen AS (
            SELECT DISTINCT e.user_id,
                   floor(extract(epoch FROM e.created_at - p.created_at) / 604800)::int AS week
            FROM productivity_taskevent e JOIN people p ON p.id = e.user_id
            WHERE e.source NOT IN ('system', 'import')
              AND e.created_at < p.created_at + %(weeks)s * interval '7 days'
              AND p.created_at >= %(since)s
        )
        SELECT w.week, count(p.id), count(s.user_id)
        FROM generate_series(0, %(weeks)s - 1) AS w(week)
        JOIN people p ON p.created_at >= %(since)s
                     AND p.created_at + (w.week + 1) * interval '7 days' <= %(now)s
        LEFT JOIN seen s ON s.user_id = p.id AND s.week = w.week
        GROUP BY w.week ORDER BY w.week
        """,
        {"since": now - JOINED_WITHIN, "now": now, "weeks": WEEKS_KEPT},
    )
    return [_share(here, active) for _, here, active in rows]


def since_joining(people: QuerySet[User], *, now: datetime) -> TaskFigures:
    """How each person's shares changed from their first two weeks to the last four: the mean difference within people.

    Of people who joined long enough ago that the two lie apart, and had tasks in both.
    """
    kinds = (("made", "done"), ("made", "snoozed"), ("due", "overdue"))
    differences = ", ".join(
        f"CASE WHEN {n}_before >= %(least)s AND {n}_after >= %(least)s "
        f"THEN {k}_after::float / {n}_after - {k}_before::float / {n}_before END AS {k}"
        for n, k in kinds
    )
    first, began = ("p.created_at", "p.created_at + %(first)s"), "%(now)s - %(last)s"
    summed = ", ".join(f"count({k}), avg({k}), var_samp({k})" for _, k in kinds)
    row = _one(
        people,
        f"""
        , each AS (
            SELECT {_counts(first, first, "_before")},
                   {_counts((f"{began} - {_GRACE}", f"%(now)s - {_GRACE}"), (began, "%(now)s"), "_after")}
            FROM productivity_task t JOIN people p ON p.id = t.user_id
            WHERE t.deleted_at IS NULL AND t.parent_id IS NULL AND p.created_at <= %(now)s - %(apart)s
            GROUP BY t.user_id
        ), changes AS (SELECT {differences} FROM each)
        SELECT {summed} FROM changes
        """,  # noqa: S608 - made of constants
        {"now": now, "first": FIRST, "last": LAST, "apart": APART, "least": LEAST_TASKS},
    )
    return TaskFigures(*(_paired(*row[at : at + 3]) for at in (0, 3, 6)))


def by_week(people: QuerySet[User], *, now: datetime) -> list[WeekFigures]:
    """The last twelve whole weeks; a figure of fewer than twenty people is left out."""
    rows = _all(
        people,
        """
        , weeks AS (
            SELECT generate_series(
                date_trunc('week', %(now)s::timestamptz, 'UTC') - %(shown)s * interval '7 days',
                date_trunc('week', %(now)s::timestamptz, 'UTC') - interval '7 days',
                interval '7 days') AS monday
        ), active AS (
            SELECT date_trunc('week', e.created_at, 'UTC') AS monday, count(DISTINCT e.user_id) AS people
            FROM productivity_taskevent e JOIN people p ON p.id = e.user_id
            WHERE e.source NOT IN ('system', 'import')
              AND e.created_at >= (SELECT min(monday) FROM weeks)
            GROUP BY 1
        ), due AS (
            SELECT date_trunc('week', t.due_at, 'UTC') AS monday, count(DISTINCT t.user_id) AS people,
                   avg((t.completed_at IS NOT NULL AND t.completed_at <= t.due_at)::int)::float AS kept
            FROM productivity_task t JOIN people p ON p.id = t.user_id
            WHERE t.deleted_at IS NULL AND t.parent_id IS NULL
              AND t.due_at >= (SELECT min(monday) FROM weeks) AND t.due_at < %(now)s
            GROUP BY 1
        )
        SELECT (weeks.monday AT TIME ZONE 'UTC')::date, coalesce(active.people, 0),
               coalesce(due.people, 0), due.kept
        FROM weeks LEFT JOIN active USING (monday) LEFT JOIN due USING (monday)
        ORDER BY weeks.monday
        """,
        {"now": now, "shown": WEEKS_SHOWN},
    )
    return [
        WeekFigures(
            monday,
            active if active >= LEAST_PEOPLE else None,
            kept if with_due >= LEAST_PEOPLE else None,
        )
        for monday, active, with_due, kept in rows
    ]


def of_person(user: User, now: datetime) -> OwnFigures:
    """How one person's own shares changed since they joined, for their own eyes; needs no consent. One query."""
    if user.created_at > now - APART:
        return OwnFigures(None, None)
    own = Task.objects.filter(user=user, deleted_at=None, parent=None)
    kept, snoozed = [], []
    rows = list(own.values_list("created_at", "due_at", "completed_at", "snooze_count"))
    for begins, ends in (
        (user.created_at, user.created_at + FIRST),
        (now - LAST, now),
    ):
        due = [(at, done) for _, at, done, _ in rows if at is not None and begins <= at < ends]
        made = [count for at, _, _, count in rows if begins <= at < ends]
        kept.append((len(due), sum(done is not None and done <= at for at, done in due)))
        snoozed.append((len(made), sum(count > 0 for count in made)))
    return OwnFigures(_change(kept), _change(snoozed))


# --- The statements ----------------------------------------------------------------------------------
# Tasks that are younger had no chance to be done within them.
_GRACE = "interval '14 days'"


def _counts(made: tuple[str, str], due: tuple[str, str], suffix: str = "") -> str:
    """Columns about the tasks `t` of a person: those made between two moments, and those due between two."""
    was_made = f"t.created_at >= {made[0]} AND t.created_at < {made[1]}"
    was_due = f"t.due_at >= {due[0]} AND t.due_at < {due[1]}"
    in_time = f"t.completed_at < t.created_at + {_GRACE}"
    missed = "(t.completed_at IS NULL OR t.completed_at > t.due_at)"
    return f"""
        count(*) FILTER (WHERE {was_made}) AS made{suffix},
        count(*) FILTER (WHERE {was_made} AND {in_time}) AS done{suffix},
        count(*) FILTER (WHERE {was_made} AND t.snooze_count > 0) AS snoozed{suffix},
        count(*) FILTER (WHERE {was_due}) AS due{suffix},
        count(*) FILTER (WHERE {was_due} AND {missed}) AS overdue{suffix}
    """


def _sums(n: str, k: str) -> str:
    """People with any `n`, and the sums of which a ratio and its variance are made."""
    return (
        f"count(*) FILTER (WHERE {n} > 0), coalesce(sum({n}), 0), coalesce(sum({k}), 0), "
        f"coalesce(sum({n} * {n}), 0), coalesce(sum({n} * {k}), 0), coalesce(sum({k} * {k}), 0)"
    )


def _acted(begins: str, ends: str) -> str:
    """Whether the person `p` did something with tasks between two moments."""
    return f"""EXISTS (
        SELECT 1 FROM productivity_taskevent e
        WHERE e.user_id = p.id AND e.source NOT IN ('system', 'import')
          AND e.created_at >= {begins} AND e.created_at < {ends}
    )"""  # noqa: S608 - made of constants


def _times(since: datetime, now: datetime) -> dict[str, Any]:
    return {"since": since, "now": now}


def _all(people: QuerySet[User], sql: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement about `people` (id, created_at), which it finds under that name."""
    with connection.cursor() as cursor:
        inner, given = people.order_by().values("id", "created_at").query.sql_with_params()
        named = {f"p{at}": value for at, value in enumerate(given)}
        inner = inner % tuple(f"%({name})s" for name in named)
        cursor.execute(f"WITH people AS ({inner}) {sql}", {**parameters, **named})
        return list(cursor.fetchall())


def _one(people: QuerySet[User], sql: str, parameters: dict[str, Any]) -> tuple[Any, ...]:
    return _all(people, sql, parameters)[0]


# --- The intervals -----------------------------------------------------------------------------------
def _share(people: int, of_them: int) -> Figure:
    """A share of people."""
    if people < LEAST_PEOPLE:
        return Figure(people)
    found = wilson(Sample(people, of_them / people), CONFIDENCE)
    return Figure(people, of_them / people, found.low, found.high)


def _ratio(sums: Sequence[Any]) -> Figure:
    """A share over what people have, with the person as the unit."""
    people, n, k, nn, nk, kk = (int(value) for value in sums)
    if people < LEAST_PEOPLE:
        return Figure(people)
    ratio = k / n
    spread = max(0.0, kk - 2 * ratio * nk + ratio * ratio * nn) * people / (people - 1)
    half = t_of(CONFIDENCE, people - 1) * sqrt(spread) / n
    low, high = ratio - half, ratio + half
    if spread == 0:
        # Everybody is the same, which so many people do not prove of others.
        found = wilson(Sample(people, ratio), CONFIDENCE)
        low, high = found.low, found.high
    return Figure(people, ratio, max(0.0, low), min(1.0, high))


def _paired(people: int, mean: float | None, variance: float | None) -> Figure:
    """A mean difference within people."""
    if people < LEAST_PEOPLE or mean is None or variance is None:
        return Figure(people)
    half = t_of(CONFIDENCE, people - 1) * sqrt(variance / people)
    return Figure(people, mean, max(-1.0, mean - half), min(1.0, mean + half))


def _change(counted: Sequence[tuple[int, int]]) -> Change | None:
    (n, k), (m, j) = counted
    if min(n, m) < LEAST_TASKS:
        return None
    before, after = k / n, j / m
    return Change(
        before,
        after,
        difference_of_proportions(Sample(m, after), Sample(n, before), CONFIDENCE),
    )
