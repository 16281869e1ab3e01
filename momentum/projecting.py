"""From the record to events: what the ledger tells becomes comparable rows, at once or all over again.

One statement says what a row of the ledger amounts to. It runs for the row that was just added, for many that
were added together, and for all rows of people and days: so what is rebuilt is what was there.

Of all that is told of one subject on one day the latest counts, by when we were told and then by the row's id,
in whatever order the rows arrive. A retraction is therefore kept as a row, too: with no units, which is no
evidence and counts for nothing. `PendingScore` is written by the same statement.
"""

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from django.db import connection, transaction

from accounts.models import ConsentKind, User
from coaching.models import RawBehavioralLog
from coaching.outreach.rhythm import zones_known
from coaching.queueing import after_commit
from coaching.toolkit import Happening, Normalizer, SignalKind, retractions, signals
from momentum.models import GoalProgressLog, MomentumEvent, PendingScore, ScoringVersion
from momentum.normalizing import normalize_sql
from momentum.scoring import versions

logger = logging.getLogger(__name__)

# Days outside of these are slips of a clock; raw values further out are slips of a device.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)
FURTHEST = 1e15
# Below this it is nothing: PostgreSQL refuses to read what no double can hold.
TINIEST = 1e-300
# A rebuild gives way to people: it waits for less time than it takes to find a deadlock.
LOCK_PATIENCE = "500ms"
# A day may begin this long before or after the one of the same date elsewhere.
DAY_AND_ZONE = timedelta(days=3)
GOAL_PROGRESS = "goal.progressed"
# How a kind is called when a day changes because of it.
WORDS = {
    SignalKind.ACTION_STEP: "An action step",
    SignalKind.COACH_INTERACTION: "A talk with the coach",
    SignalKind.COACH_TONE: "The tone of a talk",
    SignalKind.TILE_INTERACTION: "A look at Today",
    SignalKind.PLANNING: "A change of plans",
    SignalKind.SLEEP: "Sleep",
    SignalKind.STEPS: "Steps",
    SignalKind.GOAL_PROGRESS: "Progress towards a goal",
    SignalKind.MOTIVATION: "A motivation score",
    SignalKind.INTERNAL_MOTIVATION: "An internal motivation score",
    SignalKind.BIOMETRIC_CHANGE: "A confirmed change",
    SignalKind.VISIT: "A visit",
}


@dataclass(frozen=True, slots=True)
class _Way:
    """How rows of one interaction type become events; without a normalizer it takes back."""

    event_type: str
    kind: SignalKind
    pillar: str
    subject: tuple[str, ...]
    value: str = ""
    is_summary: bool = False
    normalizer: Normalizer | None = None
    parameters: dict[str, float] | None = None


def project(happening: Happening) -> None:
    """Derives from a row that was just added: its event, and that the person's score is to be seen to.

    Two statements for a signal or a retraction, none for anything else. What cannot be an event is logged and
    left out; the change itself stands.
    """
    way = _way_of(happening.interaction_type)
    if way is None:
        return
    try:
        raw_data = json.dumps(happening.raw_data, allow_nan=False)
    except ValueError:
        _warn(happening)
        return
    done = _run(
        [way],
        logs=_ONE_ROW,
        values={
            "id": happening.log_id,
            "user_id": happening.user.pk,
            "interaction_type": happening.interaction_type,
            "raw_data": raw_data,
            "source": happening.source,
            "occurred_at": happening.occurred_at,
            "received_at": happening.received_at,
        },
    )
    if done.changed:
        after_commit("momentum.tasks.score_person", str(happening.user.pk))
    elif not done.told and happening.user.is_active:
        _warn(happening)


def project_many(log_ids: Sequence[UUID], *, reason: str = "") -> int:
    """Derives from rows of the ledger that were added together; returns how many events changed.

    To be called in the transaction that added them. It asks for no scoring at once: the sweep takes what is
    pending. `reason` says in words for the person why days changed; without one each row speaks for itself.
    """
    if not log_ids:
        return 0
    values = {"ids": list(log_ids), "reason": reason[:200]}
    return _run(
        _ways(), logs=_ledger(), where=f"log.id = ANY(%(ids)s) AND {_AGREED}", values=values
    ).changed


def replay(
    first_id: UUID | None, last_id: UUID | None, since: date | None, until: date | None
) -> int:
    """Rebuilds the events of people and of their own days, ends included (`None`: open), from the ledger.

    Returns how many events changed; of days that changed a score is pending. What did not come from the ledger
    (the closing of a day) stays. A row keeps the day it was given at first, also when its person has moved to
    another time zone since. One transaction, safe beside live traffic: it raises `OperationalError` when
    somebody else holds a row, and may be repeated.
    """
    bounds: dict[str, Any] = {"first": first_id, "last": last_id, "since": since, "until": until}
    if since is not None:
        bounds["from"] = since - DAY_AND_ZONE
    if until is not None:
        bounds["before"] = until + DAY_AND_ZONE
    bounds = {name: value for name, value in bounds.items() if value is not None}
    people = _within(bounds, first="user_id >= %(first)s", last="user_id <= %(last)s")
    days = _within(bounds, since="local_date >= %(since)s", until="local_date <= %(until)s")
    times = {"from": "log.occurred_at >= %(from)s", "before": "log.occurred_at < %(before)s"}
    # A row that names its day may have come at any time.
    about = f"(log.raw_data ->> 'local_date' IS NOT NULL OR ({_within(bounds, **times)}))"
    who = people.replace("user_id", "log.user_id")
    ways = _ways()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_PATIENCE])
        return _run(
            ways,
            logs=_ledger(),
            where=f"log.interaction_type = ANY(%(types)s) AND {about} AND {who} AND {_AGREED}",
            days=days,
            rebuilds=f"{people} AND {days}",
            values={**bounds, "types": [way.event_type for way in ways]},
        ).changed


def local_date_sql(moment: str, zone: str, day_start_hour: str) -> str:
    """`accounts.day.local_day` as an SQL expression: the date of the person's day with that moment in it."""
    return f"(({moment} AT TIME ZONE {zone}) - make_interval(hours => {day_start_hour}))::date"


# --- What a row of the ledger amounts to ---------------------------------------------------------


def _way_of(event_type: str) -> _Way | None:
    if event_type in signals:
        one = signals.get(event_type)
        return _Way(
            one.key,
            one.kind,
            one.pillar,
            one.subject,
            one.value,
            one.is_summary,
            one.normalizer,
            one.parameters,
        )
    if event_type in retractions:
        back = retractions.get(event_type)
        pillar = next((one.pillar for one in signals if one.kind == back.kind), None)
        return None if pillar is None else _Way(back.key, back.kind, pillar, back.subject)
    return None


def _ways() -> list[_Way]:
    found = [_way_of(key) for key in (*signals.keys(), *retractions.keys())]
    return [way for way in found if way is not None]


@dataclass(frozen=True, slots=True)
class _Done:
    """How many rows could be events, and how many events changed."""

    told: int
    changed: int


def _run(
    ways: Sequence[_Way],
    *,
    logs: str,
    where: str = "true",
    days: str = "true",
    rebuilds: str = "",
    values: Mapping[str, Any],
) -> _Done:
    """Turns the rows of `logs` (called `log`) that satisfy `where` into events of the `days`.

    `rebuilds` is a condition on events: those of the ledger that it does not tell of any more go.
    """
    if not ways:
        return _Done(0, 0)
    version = versions.active()
    own = local_date_sql("log.occurred_at", "place.zone", "person.day_start_hour")
    names = {
        "events": _table(MomentumEvent),
        "pending": _table(PendingScore),
        "goals": _table(GoalProgressLog),
        "people": _table(User),
        "zone": _ZONE,
    }
    told = {
        "logs": logs,
        "where": where,
        "own_day": f"COALESCE(kept.local_date, {own})" if rebuilds else own,
        "kept": _KEPT.format(**names) if rebuilds else "",
        "raw_value": _case("log.interaction_type", ways, _raw_value),
        "subject": _case("log.interaction_type", ways, _subject),
    }
    parts = [_TOLD.format(**told, **names), _LATEST.format(days=days)]
    parts.append(_PUT.format(**_columns(ways, version), **names))
    if rebuilds:
        parts.append(_GONE.format(rebuilds=rebuilds, **names))
    if any(way.event_type == GOAL_PROGRESS for way in ways):
        given_as = {name: _number("told", name) for name in ("percent", "value")}
        parts.append(_PROGRESSED.format(event_type=_text(GOAL_PROGRESS), **given_as, **names))
    parts.append(_CHANGED_OR_GONE if rebuilds else _CHANGED)
    parts.append(
        _PENDING.format(
            summed_up=_text(SignalKind.ACTION_STEP),
            kind=_case("change.event_type", ways, lambda way: _text(WORDS[way.kind])),
            came=_case("change.event_type", ways, lambda way: _text(_how_it_came(way))),
            **names,
        )
    )
    given: dict[str, Any] = {"reason": "", "unknown_zones": _unknown_zones(), **values}
    given |= {"first_day": FIRST_DAY, "last_day": LAST_DAY}
    given["agreement"] = ConsentKind.BEHAVIORAL_TRACKING.value
    with connection.cursor() as cursor:
        cursor.execute("WITH " + ",\n".join(parts) + _COUNTS, given)
        told_of, changed = cursor.fetchone()
    return _Done(told_of, changed)


# One row that was just added, as it was added.
_ONE_ROW = """(VALUES (%(id)s::uuid, %(user_id)s::uuid, %(interaction_type)s::text, %(raw_data)s::jsonb,
    %(source)s::text, %(occurred_at)s::timestamptz, %(received_at)s::timestamptz))
    AS log (id, user_id, interaction_type, raw_data, source, occurred_at, received_at)"""

# That the person agrees to tracking now; nothing is derived of others, even if there are rows.
_AGREED = """(SELECT said.granted FROM accounts_consent said
    WHERE said.user_id = log.user_id AND said.kind = %(agreement)s
    ORDER BY said.at DESC, said.id DESC LIMIT 1)"""

# What a row was given live stands: a person's time zone may be another one now.
_KEPT = "LEFT JOIN {events} kept ON kept.user_id = log.user_id AND kept.log_id = log.id"

# A person's zone; of one that the database does not know the days are those of UTC.
_ZONE = """SELECT CASE WHEN person.timezone = ANY(%(unknown_zones)s) THEN 'UTC'
    ELSE person.timezone END AS zone"""

# Each row with its person's own day, its raw value and its subject; null where it makes no sense.
_TOLD = """told AS (
    SELECT log.id AS log_id, log.user_id, log.interaction_type AS event_type, log.source, log.raw_data,
           log.occurred_at, log.received_at,
           CASE WHEN log.raw_data ->> 'local_date' IS NULL THEN {own_day}
                WHEN log.raw_data ->> 'local_date' ~ '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}$'
                     AND pg_input_is_valid(log.raw_data ->> 'local_date', 'date')
                THEN (log.raw_data ->> 'local_date')::date
           END AS local_date,
           {raw_value} AS raw_value,
           {subject} AS subject
    FROM {logs}
    JOIN {people} person ON person.id = log.user_id
    CROSS JOIN LATERAL ({zone}) place
    {kept}
    WHERE {where} AND person.is_active AND person.deleted_at IS NULL
)"""

# Of all that is told of a subject on a day, what was told last.
_LATEST = """latest AS (
    SELECT DISTINCT ON (user_id, local_date, subject) told.*
    FROM told
    WHERE local_date BETWEEN %(first_day)s AND %(last_day)s AND {days}
      AND raw_value IS NOT NULL AND subject IS NOT NULL
    ORDER BY user_id, local_date, subject, received_at DESC, log_id DESC
)"""

# The events, unless something told later is there; rows that are the same are left alone.
_PUT = """put AS (
    INSERT INTO {events} AS known (id, user_id, local_date, subject, created_at, {columns})
    SELECT uuidv7(), user_id, local_date, subject, statement_timestamp(), {values} FROM latest
    ON CONFLICT (user_id, local_date, subject) DO UPDATE SET ({columns}) = ROW({fresh})
    WHERE (known.received_at, known.log_id) <= (EXCLUDED.received_at, EXCLUDED.log_id)
      AND ({known}) IS DISTINCT FROM ({fresh})
    RETURNING user_id, local_date, event_type, received_at, tag
)"""

# Events of the ledger's that it does not tell of any more.
_GONE = """gone AS (
    DELETE FROM {events} old WHERE {rebuilds} AND log_id IS NOT NULL
      AND NOT EXISTS (SELECT FROM latest WHERE (latest.user_id, latest.local_date, latest.subject)
                                             = (old.user_id, old.local_date, old.subject))
    RETURNING user_id, local_date, NULL::text, NULL::timestamptz, tag
)"""

# How far a goal was: a log, so every row of the ledger has its own.
_PROGRESSED = """progressed AS (
    INSERT INTO {goals} (id, user_id, goal_id, goal_text, percent_complete, value, unit, at, log_id)
    SELECT uuidv7(), user_id, (raw_data ->> 'goal')::uuid, left(COALESCE(raw_data ->> 'text', ''), 300),
           {percent}, {value}, left(COALESCE(raw_data ->> 'unit', ''), 16), occurred_at, log_id
    FROM told
    WHERE event_type = {event_type} AND {percent} BETWEEN 0 AND 100
      AND pg_input_is_valid(COALESCE(raw_data ->> 'goal', ''), 'uuid')
    ON CONFLICT (log_id) DO NOTHING
)"""

_CHANGED = "changed AS (SELECT * FROM put)"
_CHANGED_OR_GONE = "changed AS (SELECT * FROM put UNION ALL SELECT * FROM gone)"

# That the scores of everybody with a change are to be seen to, from the first day that changed; and each day
# with a changed action step, as it has to be summed up anew.
_PENDING = """pending AS (
    INSERT INTO {pending} (id, user_id, since, reason, created_at)
    SELECT uuidv7(), change.user_id, change.local_date,
           COALESCE(
               NULLIF(%(reason)s, ''),
               {kind} || ' of ' || to_char(change.local_date, 'FMDD Mon') || {came}
               || to_char(change.received_at AT TIME ZONE place.zone, 'FMDD Mon'),
               ''
           ),
           statement_timestamp()
    FROM (
        SELECT DISTINCT ON (user_id, summed_up) *
        FROM (SELECT *, CASE WHEN tag = {summed_up} THEN local_date END AS summed_up FROM changed) each_one
        ORDER BY user_id, summed_up, local_date, received_at DESC
    ) change
    JOIN {people} person ON person.id = change.user_id
    CROSS JOIN LATERAL ({zone}) place
)"""

_COUNTS = "\nSELECT (SELECT count(*) FROM latest), (SELECT count(*) FROM changed)"


def _columns(ways: Sequence[_Way], version: ScoringVersion) -> dict[str, str]:
    """What an event is made of, as parts of `_PUT`."""
    chosen = version.parameters.get("normalizers", {})

    def score(way: _Way) -> str:
        if way.normalizer is None:
            return "0.0::float8"
        other = chosen.get(way.event_type)
        if other is None:
            return normalize_sql(way.normalizer, way.parameters or {}, "raw_value")
        return normalize_sql(other["normalizer"], other.get("parameters", {}), "raw_value")

    def of(expression: Callable[[_Way], str]) -> str:
        return _case("event_type", ways, expression)

    values = {
        "event_type": "event_type",
        "raw_value": "raw_value",
        "normalized_score": of(score),
        "units": of(lambda way: "0.0" if way.normalizer is None else "1.0"),
        "is_summary": of(lambda way: str(way.is_summary).lower()),
        "source": "source",
        "tag": of(lambda way: _text(way.kind)),
        "pillar": of(lambda way: _text(way.pillar)),
        "occurred_at": "occurred_at",
        "received_at": "received_at",
        "log_id": "log_id",
        "normalizer_version": _text(version.name),
    }
    return {
        "columns": ", ".join(values),
        "values": ", ".join(values.values()),
        "known": ", ".join(f"known.{name}" for name in values),
        "fresh": ", ".join(f"EXCLUDED.{name}" for name in values),
    }


def _how_it_came(way: _Way) -> str:
    return " arrived on " if way.normalizer else " was taken back on "


def _case(column: str, ways: Iterable[_Way], expression: Callable[[_Way], str]) -> str:
    cases = " ".join(f"WHEN {_text(way.event_type)} THEN {expression(way)}" for way in ways)
    return f"CASE {column} {cases} END"


def _raw_value(way: _Way) -> str:
    if way.normalizer is None:
        return "0.0::float8"
    return _number("log", way.value) if way.value else "1.0::float8"


def _subject(way: _Way) -> str:
    kind = _text(f"{way.kind}:")
    if not way.subject:
        return f"{kind} || log.id::text"
    # Null as soon as one member is missing.
    members = " || ':' || ".join(
        f"NULLIF(log.raw_data ->> {_text(name)}, '')" for name in way.subject
    )
    return f"left({kind} || {members}, 160)"


def _number(row: str, name: str) -> str:
    """A member of the `raw_data` of `row` as a double, null unless it is a number that can be meant."""
    told = f"({row}.raw_data ->> {_text(name)})::numeric"
    return (
        f"CASE WHEN jsonb_typeof({row}.raw_data -> {_text(name)}) = 'number' THEN"
        f" CASE WHEN abs({told}) > {FURTHEST!r}::numeric THEN NULL"
        f" WHEN abs({told}) < {TINIEST!r}::numeric THEN 0.0::float8 ELSE {told}::float8 END END"
    )


def _within(given: Mapping[str, object], **conditions: str) -> str:
    """Those of the conditions whose values are given: the others are open ends."""
    return " AND ".join(text for name, text in conditions.items() if name in given) or "true"


def _ledger() -> str:
    return f"{_table(RawBehavioralLog)} AS log"


@cache
def _unknown_zones() -> list[str]:
    """Zones that people may have and the database does not know."""
    return sorted(available_timezones() - zones_known())


def _table(model: Any) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _text(words: str) -> str:
    """A literal of SQL; a per cent sign is one for the driver, too."""
    return "'" + str(words).replace("'", "''").replace("%", "%%") + "'"


# --- Beside it -----------------------------------------------------------------------------------


def _warn(happening: Happening) -> None:
    logger.warning(
        "event_not_made type=%s log=%s: its raw data does not say what it should",
        happening.interaction_type,
        happening.log_id,
    )
