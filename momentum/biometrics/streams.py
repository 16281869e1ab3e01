"""From samples to days: how the rows of `BiometricStream` are made, in statements over sets.

A row of a day holds what its source told of the whole day and what the source's samples add up to. Each of the
two only ever moves one way, so the order in which things arrive does not matter and a repeat changes nothing:

- told: of two statements the one measured longer counts; measured equally long, the larger.
- counted, of what adds up (steps, sleep …): the most that was ever counted. More samples of a day never make
  less of it, and raw samples are deleted after some time: a sample that comes late is then counted alone, and
  must not lower what all of them together had said.
- counted, of single readings (weight, resting heart rate): the last one. A mean: that of all samples there are,
  unless they end before those that had been counted.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from momentum.biometrics.metrics import METRICS, Aggregation
from momentum.models import BiometricSample, BiometricStream

SAMPLES = BiometricSample._meta.db_table
STREAMS = BiometricStream._meta.db_table

Day = tuple[str, date]


@dataclass(frozen=True, slots=True)
class Preferred:
    """What counts for one (metric, day): its value, whose it is, and up to when it was measured."""

    value: float
    source: str
    measured_until: datetime


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _named(*ways: Aggregation) -> list[str]:
    return [info.metric.value for info in METRICS.values() if info.aggregation in ways]


_ADDITIVE = _quoted(_named(Aggregation.SUM))
_COUNTED = _quoted([n for n in _named(Aggregation.SUM) if not METRICS[n].is_sleep])
_SLEEP = _quoted([n for n in METRICS if METRICS[n].is_sleep])
_LAST = _quoted(_named(Aggregation.LAST))
_MEAN = _quoted(_named(Aggregation.MEAN))
_FACTS = ", ".join(
    f"('{info.metric.value}', '{info.unit}', {info.day_high}::float8)" for info in METRICS.values()
)
_RANKS = ", ".join(
    f"('{info.metric.value}', '{source.value}', {place})"
    for info in METRICS.values()
    for place, source in enumerate(info.precedence)
)


# Of the rows those of the person, the metrics and the span of days: found by an index whatever is known of the table.
_NEAR = """s.user_id = %(user)s AND s.metric = ANY(%(names)s)
    AND s.date BETWEEN %(first)s AND %(last)s"""


def _final(told: str, counted: str) -> tuple[str, str]:
    """SQL of a day's value and of its `measured_until`, out of what was told and what was counted.

    `told` and `counted` are prefixes of columns `…value` and `…until`, either of which may be null.
    """
    value = f"""CASE WHEN {{metric}} IN ({_ADDITIVE})
        THEN GREATEST({told}value, {counted}value)
        WHEN {counted}until IS NULL
            OR ({told}until, {told}value) >= ({counted}until, {counted}value) THEN {told}value
        ELSE {counted}value END"""
    return value, f"GREATEST({told}until, {counted}until)"


# The samples of the touched days, made into one value per (metric, day, source).
#
# Steps and their like: two devices of one source count the same walk. Of each clock hour the device counts that
# counted most; a span over several hours is shared out evenly among them.
# Sleep: devices tell the same night in overlapping pieces. Of each moment the densest of a device's pieces counts
# (value per length of the span), once; of two devices the one that saw more. Only days with overlaps are cut up.
# Sums are rounded to four decimals, so that the order of adding leaves no trace.
_COUNT_DAYS = f"""
WITH touched AS MATERIALIZED (
    SELECT * FROM unnest(%(metrics)s::text[], %(dates)s::date[]) AS t(metric, local_date)
), sample AS MATERIALIZED (
    SELECT s.metric, s.local_date, s.source, s.device, s.started_at, s.ended_at, s.value
    FROM touched t JOIN {SAMPLES} s ON s.metric = t.metric AND s.local_date = t.local_date
        AND s.user_id = %(user)s AND s.metric = ANY(%(names)s)
        AND s.local_date BETWEEN %(first)s AND %(last)s
), binned AS (
    SELECT *, date_bin('1 hour', started_at, 'epoch'::timestamptz) AS hour
    FROM sample WHERE metric IN ({_COUNTED})
), piece AS (
    SELECT metric, local_date, source, device, hour, value, ended_at FROM binned
    WHERE ended_at <= hour + interval '1 hour'
    UNION ALL
    SELECT metric, local_date, source, device, h.hour,
        value * extract(epoch FROM LEAST(ended_at, h.hour + interval '1 hour')
                                   - GREATEST(started_at, h.hour))::float8
              / extract(epoch FROM ended_at - started_at)::float8,
        ended_at
    FROM binned CROSS JOIN LATERAL
        generate_series(binned.hour, ended_at - interval '1 microsecond', interval '1 hour') h(hour)
    WHERE ended_at > binned.hour + interval '1 hour'
), device_hour AS (
    SELECT metric, local_date, source, hour, sum(value) AS value, max(ended_at) AS until
    FROM piece GROUP BY metric, local_date, source, device, hour
), hour_most AS (
    SELECT metric, local_date, source, max(value) AS value, max(until) AS until
    FROM device_hour GROUP BY metric, local_date, source, hour
), span AS (
    SELECT *, started_at < max(ended_at) OVER (
        PARTITION BY metric, local_date, source, device ORDER BY started_at, ended_at
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS laps
    FROM sample WHERE metric IN ({_SLEEP})
), night AS (
    SELECT metric, local_date, source, device, sum(value) AS value, max(ended_at) AS until,
        bool_or(coalesce(laps, false)) AS laps
    FROM span GROUP BY metric, local_date, source, device
), edge AS (
    SELECT metric, local_date, source, device, at,
        lead(at) OVER (PARTITION BY metric, local_date, source, device ORDER BY at) AS next
    FROM (
        SELECT DISTINCT metric, local_date, source, device, at
        FROM night JOIN span USING (metric, local_date, source, device)
            CROSS JOIN LATERAL (VALUES (started_at), (ended_at)) v(at)
        WHERE night.laps
    ) edges
), density AS (
    SELECT e.metric, e.local_date, e.source, e.device,
        extract(epoch FROM e.next - e.at)::float8
            * max(s.value / extract(epoch FROM s.ended_at - s.started_at)::float8) AS value
    FROM edge e JOIN span s
        ON (s.metric, s.local_date, s.source, s.device)
            = (e.metric, e.local_date, e.source, e.device)
        AND s.started_at <= e.at AND s.ended_at >= e.next
    WHERE e.next > e.at
    GROUP BY e.metric, e.local_date, e.source, e.device, e.at, e.next
), slept AS (
    SELECT metric, local_date, source, value, until FROM night WHERE NOT laps
    UNION ALL
    SELECT metric, local_date, source, coalesce(sum(density.value), 0), max(until)
    FROM night LEFT JOIN density USING (metric, local_date, source, device)
    WHERE night.laps GROUP BY metric, local_date, source, device
), counted AS (
    SELECT metric, local_date, source, round(sum(value)::numeric, 4)::float8 AS value,
        max(until) AS until
    FROM hour_most GROUP BY metric, local_date, source
    UNION ALL
    SELECT metric, local_date, source, round(max(value)::numeric, 4)::float8, max(until)
    FROM slept GROUP BY metric, local_date, source
    UNION ALL
    (SELECT DISTINCT ON (metric, local_date, source) metric, local_date, source, value, ended_at
    FROM sample WHERE metric IN ({_LAST})
    ORDER BY metric, local_date, source, ended_at DESC, value DESC)
    UNION ALL
    SELECT metric, local_date, source, round(avg(value)::numeric, 4)::float8, max(ended_at)
    FROM sample WHERE metric IN ({_MEAN}) GROUP BY metric, local_date, source
)
"""  # noqa: S608 - names of our own tables and metrics

_NEW_COUNTED_VALUE = f"""CASE
    WHEN old.metric IN ({_ADDITIVE}) THEN GREATEST(old.counted_value, EXCLUDED.counted_value)
    WHEN old.metric IN ({_LAST}) AND (EXCLUDED.counted_until, EXCLUDED.counted_value)
        < (old.counted_until, old.counted_value) THEN old.counted_value
    WHEN EXCLUDED.counted_until < old.counted_until THEN old.counted_value
    ELSE EXCLUDED.counted_value END"""

_COUNTED_UPSERT = f"""
{_COUNT_DAYS}
INSERT INTO {STREAMS} AS old (id, user_id, metric, date, source, unit, value, measured_until,
    counted_value, counted_until, is_preferred, received_at)
SELECT uuidv7(), %(user)s, c.metric, c.local_date, c.source, f.unit, LEAST(c.value, f.high), c.until,
    LEAST(c.value, f.high), c.until, false, %(now)s
FROM counted c JOIN (VALUES {_FACTS}) f(metric, unit, high) ON f.metric = c.metric
ORDER BY c.metric, c.local_date, c.source
ON CONFLICT (user_id, metric, date, source) DO UPDATE SET
    counted_value = {_NEW_COUNTED_VALUE},
    counted_until = GREATEST(old.counted_until, EXCLUDED.counted_until),
    received_at = EXCLUDED.received_at
WHERE (old.counted_value, old.counted_until) IS DISTINCT FROM
    ({_NEW_COUNTED_VALUE}, GREATEST(old.counted_until, EXCLUDED.counted_until))
"""  # noqa: S608 - names of our own tables and metrics

# Of one day told twice in one call the statement measured longer counts, then the larger value.
_TOLD_UPSERT = f"""
WITH told AS (
    SELECT DISTINCT ON (metric, date) * FROM unnest(
        %(metrics)s::text[], %(dates)s::date[], %(values)s::float8[], %(untils)s::timestamptz[]
    ) AS t(metric, date, value, until)
    ORDER BY metric, date, until DESC, value DESC
)
INSERT INTO {STREAMS} AS old (id, user_id, metric, date, source, unit, value, measured_until,
    told_value, told_until, is_preferred, received_at)
SELECT uuidv7(), %(user)s, t.metric, t.date, %(source)s, f.unit, t.value, t.until,
    t.value, t.until, false, %(now)s
FROM told t JOIN (VALUES {_FACTS}) f(metric, unit, high) ON f.metric = t.metric
ORDER BY t.metric, t.date
ON CONFLICT (user_id, metric, date, source) DO UPDATE SET
    told_value = EXCLUDED.told_value, told_until = EXCLUDED.told_until,
    received_at = EXCLUDED.received_at
WHERE old.told_until IS NULL
    OR (old.told_until, old.told_value) < (EXCLUDED.told_until, EXCLUDED.told_value)
"""  # noqa: S608 - names of our own tables and metrics

_VALUE, _UNTIL = (text.format(metric="s.metric") for text in _final("s.told_", "s.counted_"))
# The parts of a day are settled into its value in a second statement, which one rule then serves for both.
_SETTLE = f"""
WITH settled AS (
    SELECT s.id, {_VALUE} AS value, {_UNTIL} AS until
    FROM unnest(%(metrics)s::text[], %(dates)s::date[]) AS t(metric, date)
    JOIN {STREAMS} s ON s.metric = t.metric AND s.date = t.date AND {_NEAR}
)
UPDATE {STREAMS} s SET value = n.value, measured_until = n.until,
    validated_at = CASE WHEN s.value = n.value THEN s.validated_at END
FROM settled n WHERE {_NEAR} AND n.id = s.id
    AND (s.value, s.measured_until) IS DISTINCT FROM (n.value, n.until)
"""  # noqa: S608 - names of our own tables and metrics

_BEST = f"""
WITH best AS (
    SELECT DISTINCT ON (s.metric, s.date) s.id, s.metric, s.date
    FROM unnest(%(metrics)s::text[], %(dates)s::date[]) AS t(metric, date)
    JOIN {STREAMS} s ON s.metric = t.metric AND s.date = t.date AND {_NEAR}
    JOIN (VALUES {_RANKS}) r(metric, source, place) ON r.metric = s.metric AND r.source = s.source
    ORDER BY s.metric, s.date, r.place
)
"""  # noqa: S608 - names of our own tables and metrics
# Two statements: never two preferred rows of a day at once, which the table refuses.
_UNPREFER = f"""{_BEST}
UPDATE {STREAMS} s SET is_preferred = false FROM best b
WHERE {_NEAR} AND s.metric = b.metric AND s.date = b.date
    AND s.is_preferred AND s.id <> b.id
"""  # noqa: S608 - names of our own tables and metrics
_PREFER = f"""{_BEST}
UPDATE {STREAMS} s SET is_preferred = true FROM best b
WHERE {_NEAR} AND s.id = b.id AND NOT s.is_preferred
"""  # noqa: S608 - names of our own tables and metrics

_STATE = f"""
SELECT s.metric, s.date, s.source, s.value, s.measured_until, s.is_preferred
FROM unnest(%(metrics)s::text[], %(dates)s::date[]) AS t(metric, date)
JOIN {STREAMS} s ON s.metric = t.metric AND s.date = t.date AND {_NEAR}
"""  # noqa: S608 - names of our own tables and metrics


def lock(user_id: UUID) -> None:
    """Holds everybody else who changes this person's measurements until the transaction ends.

    Days are made of all their samples: two calls at once would each miss the other's.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 5))", [str(user_id)])


@contextmanager
def _cursor() -> Iterator[Any]:
    """A cursor for statements over many days, whose joins are hashed.

    Of a table that has just begun to fill the planner believes that it is tiny, and would compare each day with
    every row: minutes instead of a blink for a file of ten years.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('enable_nestloop', 'off', true)")
        yield cursor
        cursor.execute("SELECT set_config('enable_nestloop', 'on', true)")


@dataclass(slots=True)
class State:
    """The days as they stand: each source's value, and which of them counts."""

    values: dict[tuple[str, date, str], float]
    preferred: dict[Day, Preferred]


def state_of(user_id: UUID, days: Sequence[Day]) -> State:
    """The rows of the given days."""
    values: dict[tuple[str, date, str], float] = {}
    preferred: dict[Day, Preferred] = {}
    with _cursor() as cursor:
        cursor.execute(_STATE, _days(user_id, days))
        for metric, day, source, value, until, is_preferred in cursor.fetchall():
            values[metric, day, source] = value
            if is_preferred:
                preferred[metric, day] = Preferred(value, source, until)
    return State(values, preferred)


def count_days(user_id: UUID, days: Sequence[Day], *, now: datetime) -> None:
    """Makes the values of the given days anew out of their samples."""
    with _cursor() as cursor:
        parameters = _days(user_id, days) | {"now": now}
        cursor.execute(_COUNTED_UPSERT, parameters)
        _settle(cursor, parameters)


def tell_days(
    user_id: UUID,
    days: Sequence[tuple[str, date, float, datetime]],
    source: str,
    *,
    now: datetime,
) -> None:
    """Takes over what `source` says of whole days: (metric, day, value, measured until)."""
    parameters = _days(user_id, [(metric, day) for metric, day, _, _ in days])
    told = {"values": [value for _, _, value, _ in days], "untils": [until for *_, until in days]}
    with _cursor() as cursor:
        cursor.execute(_TOLD_UPSERT, parameters | told | {"source": source, "now": now})
        _settle(cursor, _days(user_id, list({(day[0], day[1]): None for day in days})))


def choose(user_id: UUID, days: Sequence[Day]) -> None:
    """Marks the source that counts for each of the given days."""
    with _cursor() as cursor:
        _choose(cursor, _days(user_id, days))


def _settle(cursor: Any, parameters: dict[str, Any]) -> None:
    cursor.execute(_SETTLE, parameters)
    _choose(cursor, parameters)


def _choose(cursor: Any, parameters: dict[str, Any]) -> None:
    cursor.execute(_UNPREFER, parameters)
    cursor.execute(_PREFER, parameters)


def _days(user_id: UUID, days: Sequence[Day]) -> dict[str, Any]:
    dates = [day for _, day in days]
    return {
        "user": user_id,
        "metrics": [metric for metric, _ in days],
        "dates": dates,
        "names": sorted({metric for metric, _ in days}),
        "first": min(dates),
        "last": max(dates),
    }
