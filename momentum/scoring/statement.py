"""The one statement that scores a day: `formula.score_day` for a set of people, and what keeps its rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from coaching.toolkit.declarations import Pillar
from momentum.scoring.formula import PACED
from momentum.scoring.parameters import CONSTANTS
from momentum.scoring.ways import Way

# Rounding may come out otherwise when the same events are added up in another order: that is no change.
SAME_WITHIN = "1e-9"
_SCORES = [f"{pillar}_score" for pillar in Pillar]
_SEEN = [f"{pillar}_evidence_on" for pillar in Pillar]
_FLOATS = [*_SCORES, "overall_score", "coverage", "average_7", "average_42"]
_EXACT = [*_SEEN, "evidence_days", "direction"]
_COLUMNS = [*_FLOATS, *_EXACT]
TABLE = "momentum_momentumpillar"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom a statement is about: a list of people, a range of ids (both ends included), or everybody."""

    people: tuple[UUID, ...] | None
    id_range: tuple[UUID, UUID] | None

    @property
    def is_small(self) -> bool:
        return self.people is not None and len(self.people) <= 20

    def sql(self, column: str) -> str:
        """The condition, to be added after others."""
        if self.people is not None and len(self.people) == 1:
            return f" AND {column} = %(person)s"
        if self.people is not None:
            return f" AND {column} = ANY(%(people)s)"
        return f" AND {column} BETWEEN %(from_id)s AND %(to_id)s" if self.id_range else ""

    def values(self) -> dict[str, Any]:
        if self.people is not None:
            return {"people": list(self.people), "person": self.people[0]}
        if self.id_range:
            return {"from_id": self.id_range[0], "to_id": self.id_range[1]}
        return {}


def people_sql(scope: Scope, *, is_running: bool) -> str:
    """Ids of those who agreed to tracking and are active; with `is_running`, whose %(day)s has begun."""
    begun = (
        " JOIN unnest(%(zones)s::text[], %(starts)s::int[], %(todays)s::date[])"
        " AS clock (zone, start, today)"
        " ON clock.zone = u.timezone AND clock.start = u.day_start_hour AND clock.today >= %(day)s"
    )
    return (
        "SELECT u.id FROM accounts_user u JOIN (SELECT DISTINCT ON (c.user_id) c.user_id, c.granted"  # noqa: S608 - names and checked numbers of our own
        f" FROM accounts_consent c WHERE c.kind = %(tracking)s{scope.sql('c.user_id')}"
        " ORDER BY c.user_id, c.at DESC, c.id DESC) agreed ON agreed.user_id = u.id AND agreed.granted"
        f"{begun if is_running else ''}"
        f" WHERE u.is_active AND u.deleted_at IS NULL{scope.sql('u.id')}"
    )


def day_statement(way: Way, scope: Scope, source: str, *, is_running: bool, reasons: bool) -> str:
    """Scores %(day)s from `source` (see `evidence_sql`) and the rows of the day before.

    Rows that say the same already are left alone; those that nothing stands behind any more go. Before
    %(kept_from)s, where events are let go, rows that stand are left as they are. A change of a final day says
    when and why. Answers with how many rows stand, how many were written, and how many
    events were read. With `reasons` each person has words of their own.
    """
    why, reason = "%(reason)s", ""
    if reasons:
        why = "coalesce((SELECT r.words FROM reasons r WHERE r.user_id = stored.user_id), '')"
        reason = (
            "reasons AS MATERIALIZED (SELECT * FROM unnest(%(reason_people)s::uuid[],"
            " %(reason_words)s::text[]) AS given (user_id, words)), "
        )
    names = ", ".join(_COLUMNS)
    changed = (
        f"stored.finalized_at IS NOT NULL AND ({_differ('stored', 'excluded', [*_FLOATS, *_SEEN])})"
    )
    return (
        f"WITH {reason}people AS ({people_sql(scope, is_running=is_running)}), "  # noqa: S608 - names and checked numbers of our own
        f"before AS (SELECT user_id, {names} FROM {TABLE} b"
        f" WHERE b.version = %(version)s AND b.date = %(day)s - 1{scope.sql('b.user_id')}), "
        f"evidence AS ({source}), "
        # Each step is computed once: pulled into the next, its expressions would multiply.
        f"moved AS ({_moved(way)} OFFSET 0), "
        f"weighed AS ({_weighed(way)} OFFSET 0), "
        f"averaged AS ({_averaged()} OFFSET 0), "
        f"scored AS MATERIALIZED (SELECT *, {_direction()} AS direction FROM averaged), "
        f"gone AS (DELETE FROM {TABLE} old USING people WHERE old.version = %(version)s"
        f" AND old.date = %(day)s AND %(day)s >= %(kept_from)s AND old.user_id = people.id{scope.sql('old.user_id')}"
        " AND NOT EXISTS (SELECT 1 FROM scored WHERE scored.user_id = old.user_id)), "
        f"written AS (INSERT INTO {TABLE} AS stored (id, user_id, date, version, {names},"
        " scored_at, finalized_at, revision_reason)"
        f" SELECT uuidv7(), user_id, %(day)s, %(version)s, {names}, %(now)s,"
        " CASE WHEN %(day)s <= %(final)s THEN %(now)s END, '' FROM scored ORDER BY user_id"
        " ON CONFLICT (user_id, date, version) DO UPDATE SET "
        + ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS)
        + ", scored_at = excluded.scored_at"  # noqa: S608 - names and checked numbers of our own
        f", revised_at = CASE WHEN {changed} THEN excluded.scored_at ELSE stored.revised_at END"
        f", revision_reason = CASE WHEN {changed} THEN {why} ELSE stored.revision_reason END"
        f" WHERE %(day)s >= %(kept_from)s AND ({_differ('stored', 'excluded', _COLUMNS)}) RETURNING 1) "
        "SELECT (SELECT count(*) FROM scored), (SELECT count(*) FROM written),"
        " (SELECT coalesce(sum(events), 0)::bigint FROM scored)"
    )


def _moved(way: Way) -> str:
    """What became of each pillar: carried, moved by the day's evidence, begun, or too old to count."""
    parts = []
    for pillar in Pillar:
        days = way.pillars[pillar].half_life_days
        half_life = f"{days!r}::float8"
        if pillar is PACED:
            half_life = f"({half_life} / sqrt(greatest(1, e.occasions)))"
        since = f"(%(day)s - b.{pillar}_evidence_on)"
        left = f"power(2::float8, greatest({CONSTANTS.deepest_exponent!r}, -{since} / {half_life}))"
        target = f"{CONSTANTS.full!r}::float8 * e.x_{pillar}"
        is_old = f"b.{pillar}_score IS NULL OR {since} > {CONSTANTS.carry_days}"
        parts.append(
            f"CASE WHEN e.x_{pillar} IS NULL THEN CASE WHEN {is_old} THEN NULL"
            f" ELSE b.{pillar}_score END"
            f" WHEN {is_old} THEN {_within(target, CONSTANTS.full)}"
            f" ELSE {_within(f'b.{pillar}_score * {left} + {target} * (1 - {left})', CONSTANTS.full)}"
            f" END AS {pillar}_score, "
            f"CASE WHEN e.x_{pillar} IS NULL THEN b.{pillar}_evidence_on ELSE %(day)s END"
            f" AS {pillar}_evidence_on"
        )
    return (
        f"SELECT people.id AS user_id, {', '.join(parts)},"  # noqa: S608 - names and checked numbers of our own
        " b.average_7 AS before_7, b.average_42 AS before_42,"
        " coalesce(b.evidence_days, 0) + CASE WHEN e.user_id IS NULL THEN 0 ELSE 1 END"
        " AS evidence_days, e.events"
        " FROM people LEFT JOIN before b ON b.user_id = people.id"
        " LEFT JOIN evidence e ON e.user_id = people.id"
        " WHERE b.overall_score IS NOT NULL OR e.user_id IS NOT NULL"
    )


def _weighed(way: Way) -> str:
    """The overall score and the coverage."""
    total, points, fresh = [], [], []
    for pillar in Pillar:
        weight, days = way.pillars[pillar].weight, way.pillars[pillar].half_life_days
        since = f"(%(day)s - {pillar}_evidence_on)"
        left = f"power(2::float8, greatest({CONSTANTS.deepest_exponent!r}, -{since} / {days!r}::float8))"
        total.append(f"CASE WHEN {pillar}_score IS NULL THEN 0 ELSE {weight!r}::float8 END")
        points.append(f"coalesce({weight!r}::float8 * {pillar}_score, 0)")
        fresh.append(
            f"CASE WHEN {pillar}_score IS NULL THEN 0 ELSE {weight!r}::float8 * {left} END"
        )
    weights = f"nullif({' + '.join(total)}, 0)"
    overall, coverage = f"({' + '.join(points)}) / {weights}", f"({' + '.join(fresh)}) / {weights}"
    # Least and greatest pass over nulls, so a null is kept apart.
    return (
        "SELECT *,"  # noqa: S608 - names and checked numbers of our own
        f" CASE WHEN ({overall}) IS NULL THEN NULL ELSE {_within(overall, CONSTANTS.full)} END"
        f" AS overall_score, coalesce({_within(f'coalesce({coverage}, 0)', 1.0)}, 0) AS coverage"
        " FROM moved"
    )


def _averaged() -> str:
    def mean(before: str, days: int) -> str:
        return (
            f"CASE WHEN overall_score IS NULL THEN {before} WHEN {before} IS NULL THEN overall_score"
            f" ELSE {before} + (1 - exp(-1 / {days}::float8))"
            f" / (1 - exp(-greatest(1, evidence_days) / {days}::float8))"
            f" * (overall_score - {before}) END"
        )

    return (
        f"SELECT *, {mean('before_7', CONSTANTS.fast_days)} AS average_7,"  # noqa: S608 - names and checked numbers of our own
        f" {mean('before_42', CONSTANTS.slow_days)} AS average_42 FROM weighed"
    )


def _direction() -> str:
    points = CONSTANTS.direction_points
    return (
        f"CASE WHEN evidence_days < {CONSTANTS.baseline_days} OR average_7 IS NULL"
        f" OR average_42 IS NULL THEN 'calibrating'"
        f" WHEN average_7 - average_42 > {points!r} THEN 'rising'"
        f" WHEN average_7 - average_42 < -{points!r} THEN 'easing' ELSE 'steady' END"
    )


def _within(value: str, most: float) -> str:
    return f"least({most!r}::float8, greatest(0::float8, {value}))"


def _differ(one: str, other: str, columns: Iterable[str]) -> str:
    """Whether two rows differ by more than rounding."""
    parts = []
    for name in columns:
        left, right = f"{one}.{name}", f"{other}.{name}"
        if name in _FLOATS:
            parts.append(
                f"({left} IS NULL) <> ({right} IS NULL) OR abs({left} - {right}) > {SAME_WITHIN}"
            )
        else:
            parts.append(f"{left} IS DISTINCT FROM {right}")
    return " OR ".join(parts)
