"""What a day's events amount to, as SQL: one row per person (and day) with each pillar's evidence.

One pass over the events with an aggregate or two per kind. Grouping by person and kind first reads better and
takes about twice as long: it makes a million groups of a hundred thousand people.
"""

from coaching.toolkit.declarations import Gathering, Pillar
from momentum.normalizing import normalize_sql
from momentum.scoring.formula import PACER
from momentum.scoring.ways import Kind, Way


def evidence_sql(way: Way, where: str, *, by_day: bool = False) -> str:
    """A query for `user_id`, `x_<pillar>` (0-1 or null), `occasions` and `events` of the rows `where` (about `e`).

    With `by_day` each person has a row per `day`. Everything written into it is our own: names of kinds,
    checked numbers. There is no row without evidence.
    """
    kinds = [way.kinds[name] for name in sorted(way.kinds)]
    score = _score_sql(way)
    sums = [part for kind in kinds for part in _sums(kind, score)]
    values = [f"{_value(kind)} AS v_{kind.name}" for kind in kinds]
    key = "user_id, day" if by_day else "user_id"
    source_key = "e.user_id, e.local_date AS day" if by_day else "e.user_id"
    names = ", ".join(f"'{kind.name}'" for kind in kinds) or "''"
    pillars = ", ".join(
        f"{_evidence([kind for kind in kinds if kind.pillar is pillar])} AS x_{pillar}"
        for pillar in Pillar
    )
    pacer = way.kinds.get(PACER)
    occasions = _units(pacer) if pacer else "NULL::float8"
    inner = ", ".join([source_key, *sums, "count(*) AS events"])
    middle = ", ".join([key, *values, f"{occasions} AS occasions", "events"])
    return (
        f"SELECT {key}, {pillars}, occasions, events FROM (SELECT {middle} FROM (SELECT {inner} "  # noqa: S608 - names and checked numbers of our own
        f"FROM momentum_momentumevent e WHERE {where} AND e.units > 0 AND e.tag IN ({names}) "
        f"GROUP BY {'e.user_id, e.local_date' if by_day else 'e.user_id'}) sums OFFSET 0) kinds"
    )


def _score_sql(way: Way) -> str:
    """The score of an event: the stored one, unless versions differ about its type."""
    if not way.renormalized:
        return "e.normalized_score"
    cases = " ".join(
        f"WHEN {_text(key)} THEN {normalize_sql(rule.normalizer, rule.parameters, 'e.raw_value')}"
        for key, rule in way.renormalized.items()
    )
    return f"(CASE e.event_type {cases} ELSE e.normalized_score END)"


def _text(value: str) -> str:
    """A literal for a name out of a version's parameters, which staff may have written."""
    return "'" + value.replace("'", "''").replace("%", "%%") + "'"


def _sums(kind: Kind, score: str) -> list[str]:
    """The aggregates that a kind needs. Units are 0 for nothing, so no event is lost in a product."""
    name = kind.name
    own = f"e.tag = '{name}'"
    if kind.is_summarized:
        day = f"{own} AND e.is_summary"
        own = f"{own} AND NOT e.is_summary"
        summary = [
            f"sum({score} * e.units) FILTER (WHERE {day}) AS ds_{name}",
            f"sum(e.units) FILTER (WHERE {day}) AS du_{name}",
        ]
    else:
        summary = []
    told = score if kind.gathering is Gathering.COUNT else f"{score} * e.units"
    return [
        *summary,
        f"sum({told}) FILTER (WHERE {own}) AS s_{name}",
        f"sum(e.units) FILTER (WHERE {own}) AS u_{name}",
    ]


def _value(kind: Kind) -> str:
    name = kind.name
    if kind.gathering is Gathering.COUNT:
        told = f"s_{name} / {kind.saturation}.0::float8"
    else:
        told = f"s_{name} / u_{name}"
    if kind.is_summarized:
        told = f"coalesce(ds_{name} / du_{name}, {told})"
    return f"CASE WHEN {told} > 1 THEN 1 ELSE {told} END"


def _units(kind: Kind) -> str:
    name = kind.name
    return f"coalesce(du_{name}, u_{name})" if kind.is_summarized else f"u_{name}"


def _evidence(kinds: list[Kind]) -> str:
    if not kinds:
        return "NULL::float8"
    weighted = " + ".join(f"coalesce({kind.weight!r} * v_{kind.name}, 0)" for kind in kinds)
    weight = " + ".join(
        f"CASE WHEN v_{kind.name} IS NULL THEN 0 ELSE {kind.weight!r}::float8 END" for kind in kinds
    )
    return f"({weighted}) / nullif({weight}, 0)"
