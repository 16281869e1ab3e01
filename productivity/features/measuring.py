"""What happened, counted: one statement for many people, from their task events alone.

Every moment is taken as it was known then: a due moment that passed while the task was open was missed, wherever
it was moved later. What was undone, and the undoing, count as no snooze and no change. What an import or the
house itself did is nobody's activity.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import connection

from .numbers import MOTIVATION, NUMBERS


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose history is counted, in which zone, and up to which moment (aware, included)."""

    user_id: UUID
    zone: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Counts:
    """What happened within the window of one person. Hours and days are lengths; shares are made of these later.

    `decided` due moments are those that were kept or missed, `late` those missed; `late_depths` is the sum of how
    deep (0-1 each); `on_time` those kept with time enough, `last_moment` of these done in the last tenth of it.
    `put_offs` sums the put-offs of tasks (0-1 each, capped). `ripe` tasks were done or should have been by now.
    """

    user_id: UUID
    tasks: int = 0
    done: int = 0
    ripe: int = 0
    decided: int = 0
    late: int = 0
    late_depths: float = 0.0
    on_time: int = 0
    last_moment: int = 0
    snoozed: int = 0
    edited: int = 0
    put_offs: float = 0.0
    latency: float | None = None
    versus_due_hours: float | None = None
    active_hours: int = 0
    gap_mean: float | None = None
    gap_deviation: float | None = None
    longest_gap_days: float | None = None
    idle_days: float = 0.0
    observed_days: float = 0.0
    since: datetime | None = None
    rhythm: dict[str, int] | None = None
    categories: dict[str, dict[str, Any]] | None = None
    waiting_days: tuple[float, ...] = ()
    done_before_due: tuple[float, ...] = ()


def count(asked: Iterable[Asked]) -> list[Counts]:
    """The counts of those of `asked` of whom anything is known; in one statement."""
    people = list(asked)
    if not people:
        return []
    values: dict[str, Any] = {
        "people": [person.user_id for person in people],
        "zones": [_known_zone(person.zone) for person in people],
        "untils": [person.until for person in people],
        "window": timedelta(days=NUMBERS.window_days),
        "low": NUMBERS.low_quantile,
        "high": NUMBERS.high_quantile,
        "undated": timedelta(days=NUMBERS.undated_days),
        "shortest": timedelta(hours=NUMBERS.shortest_span_hours),
        "last_part": 1 - NUMBERS.last_part,
        "fully_late": NUMBERS.fully_late_hours,
        "most_put_offs": NUMBERS.most_put_offs,
        "idle_after": NUMBERS.idle_after_days,
        "small": MOTIVATION.small_minutes,
        "middling": MOTIVATION.middling_minutes,
    }
    with connection.cursor() as cursor:
        cursor.execute(_statement(MOTIVATION.day_edges), values)
        return [_counts(row) for row in cursor.fetchall()]


def _known_zone(name: str) -> str:
    """A zone that both this machine and the database know."""
    try:
        return ZoneInfo(name).key if name != "localtime" else "UTC"
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC"


def _counts(row: Sequence[Any]) -> Counts:
    """A row of the statement: `Counts` in order, but for the stretches of days, which stand one by one."""
    stretches = len(MOTIVATION.day_edges) - 1
    plain, waits, dones = row[: -2 * stretches], row[-2 * stretches : -stretches], row[-stretches:]
    values: dict[str, Any] = {
        name: float(value) if isinstance(value, (float, Decimal)) else value
        for name, value in zip(Counts.__dataclass_fields__, plain, strict=False)
    }
    values["since"] = values["since"].astimezone(UTC)
    values["rhythm"], values["categories"] = _json(values["rhythm"]), _json(values["categories"])
    return Counts(
        **values,
        waiting_days=tuple(float(days or 0) for days in waits),
        done_before_due=tuple(float(many) for many in dones),
    )


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _statement(edges: Sequence[float]) -> str:
    """The statement. Only numbers of our own are put into it; everything else is a parameter."""
    pairs = list(pairwise(edges))
    # How long an open task waited within each stretch of days before its due moment.
    waits = ",\n        ".join(
        f"sum(greatest(0, extract(epoch FROM least(till, due - interval '{low} days')"
        f" - greatest(at, due - interval '{high} days', since)))) FILTER (WHERE is_open AND due > at) / 86400"
        f" AS wait_{number}"
        for number, (low, high) in enumerate(pairs)
    )
    dones = ",\n        ".join(
        f"count(*) FILTER (WHERE is_done AND left_days >= {low} AND left_days < {high}) AS did_{number}"
        for number, (low, high) in enumerate(pairs)
    )
    wait_sums = ", ".join(f"sum(wait_{number}) AS wait_{number}" for number in range(len(pairs)))
    tail = ", ".join(f"w.wait_{number}" for number in range(len(pairs)))
    tail_done = ", ".join(f"w.did_{number}" for number in range(len(pairs)))
    return _STATEMENT.format(
        waits=waits, dones=dones, wait_sums=wait_sums, tail=tail, tail_done=tail_done
    )


_STATEMENT = """
WITH person AS MATERIALIZED (
    SELECT *, until - %(window)s AS since
    FROM unnest(%(people)s::uuid[], %(zones)s::text[], %(untils)s::timestamptz[]) AS p (user_id, zone, until)
), told AS MATERIALIZED (
    -- Every change of the tasks that can matter: those of the window, and those still open.
    SELECT e.task_id, person.user_id, person.zone, person.since, person.until, t.category, t.estimated_minutes,
        e.event_type, e.created_at,
        least(e.created_at, coalesce((e.event_payload #>> '{{after,completed_at}}')::timestamptz, e.created_at)) AS at,
        e.event_payload -> 'after' AS after,
        (e.event_payload -> 'after') ? 'due_at' AS sets_due,
        (e.event_payload #>> '{{after,due_at}}')::timestamptz AS new_due,
        (e.event_payload -> 'after') ? 'status' AS sets_status,
        e.event_payload #>> '{{after,status}}' AS new_status,
        (e.event_payload #>> '{{after,completed_at}}')::timestamptz AS new_done,
        e.source NOT IN ('import', 'system') AS is_own,
        e.source NOT IN ('import', 'system') AND e.undoes_id IS NULL AND undoing.id IS NULL AS counts,
        least(e.created_at, (e.event_payload #>> '{{after,created_at}}')::timestamptz) AS made_at,
        row_number() OVER by_task AS n,
        lead(e.created_at) OVER by_task AS next_at,
        count(*) FILTER (WHERE (e.event_payload -> 'after') ? 'due_at') OVER by_task AS due_number,
        count(*) FILTER (WHERE (e.event_payload -> 'after') ? 'status') OVER by_task AS status_number,
        count(*) FILTER (WHERE (e.event_payload -> 'after') ? 'completed_at') OVER by_task AS done_number
    FROM person
    JOIN productivity_task t ON t.user_id = person.user_id
        AND (t.updated_at >= person.since OR t.status IN ('pending', 'snoozed'))
    JOIN productivity_taskevent e ON e.task_id = t.id AND e.created_at <= person.until
    LEFT JOIN productivity_taskevent undoing ON undoing.undoes_id = e.id AND undoing.created_at <= person.until
    WINDOW by_task AS (PARTITION BY e.task_id ORDER BY e.created_at, e.id)
), spell AS MATERIALIZED (
    -- From one change to the next, with the due moment and the status that were in force.
    SELECT *, status IN ('pending', 'snoozed') AS is_open, coalesce(next_at, until) AS till,
        lag(due) OVER in_order AS due_before,
        coalesce(lag(status) OVER in_order IN ('pending', 'snoozed'), false) AS was_open
    FROM (
        SELECT *,
            CASE WHEN due_number > 0 THEN first_value(new_due) OVER of_due END AS due,
            CASE WHEN status_number > 0 THEN first_value(new_status) OVER of_status ELSE 'pending' END AS status,
            first_value(at) OVER of_status AS status_at,
            CASE WHEN done_number > 0 THEN first_value(new_done) OVER of_done END AS done_at
        FROM told
        WINDOW of_due AS (PARTITION BY task_id, due_number ORDER BY n),
            of_status AS (PARTITION BY task_id, status_number ORDER BY n),
            of_done AS (PARTITION BY task_id, done_number ORDER BY n)
    ) carried
    WINDOW in_order AS (PARTITION BY task_id ORDER BY n)
), gathered AS (
    SELECT task_id, user_id, zone, since, until, category, estimated_minutes,
        least(min(at), min(made_at)) AS opened_at,
        max(created_at) AS last_at,
        (array_agg(status ORDER BY n DESC))[1] AS status,
        (array_agg(CASE WHEN status = 'completed' THEN coalesce(done_at, status_at) ELSE status_at END
            ORDER BY n DESC))[1] AS status_at,
        (array_agg(due ORDER BY n DESC))[1] AS due,
        min(due) FILTER (WHERE is_open AND due > at AND due < till AND due >= since) AS crossed,
        count(*) FILTER (WHERE event_type = 'snooze' AND counts) AS snoozes,
        count(*) FILTER (WHERE event_type = 'modify' AND counts AND sets_due AND due > due_before) AS pushes,
        coalesce(bool_or(event_type = 'modify' AND counts AND after ?| ARRAY['title', 'description', 'due_at',
            'due_on', 'category', 'priority', 'estimated_minutes', 'planned_start']), false) AS is_edited,
        max((after ->> 'started_at')::timestamptz) AS started_at,
        {waits}
    FROM spell
    GROUP BY task_id, user_id, zone, since, until, category, estimated_minutes
), judged AS (
    SELECT *,
        status = 'completed' AND status_at >= since AS is_done,
        CASE WHEN crossed IS NOT NULL AND NOT (status = 'completed' AND status_at <= crossed) THEN crossed END AS missed,
        CASE WHEN status IN ('completed', 'deleted') THEN status_at ELSE until END AS ended_at
    FROM gathered
), task AS MATERIALIZED (
    SELECT *,
        missed IS NOT NULL AS is_late,
        is_done AND missed IS NULL AND due IS NOT NULL AND status_at <= due AS is_on_time,
        is_done OR missed IS NOT NULL
            OR (due IS NULL AND status IN ('pending', 'snoozed') AND opened_at <= until - %(undated)s) AS is_ripe,
        CASE WHEN missed IS NOT NULL
            THEN least(1, ln(1 + greatest(0, extract(epoch FROM ended_at - missed)) / 3600) / ln(1 + %(fully_late)s))
        END AS depth,
        CASE WHEN is_done AND status_at > opened_at THEN ln(1 + extract(epoch FROM status_at - opened_at) / 3600) END AS latency,
        CASE WHEN is_done THEN extract(epoch FROM status_at - coalesce(missed, due)) / 3600 END AS versus_due,
        CASE WHEN is_done AND due >= status_at THEN extract(epoch FROM due - status_at) / 86400 END AS left_days,
        least(snoozes + pushes, %(most_put_offs)s)::float / %(most_put_offs)s AS put_off,
        CASE WHEN is_done AND started_at < status_at AND status_at < started_at + interval '12 hours'
            THEN extract(epoch FROM status_at - started_at) / 60
            ELSE estimated_minutes END AS minutes,
        CASE WHEN estimated_minutes IS NULL THEN 'unknown' WHEN estimated_minutes <= %(small)s THEN 'small'
            WHEN estimated_minutes <= %(middling)s THEN 'middling' ELSE 'large' END AS size
    FROM judged
    WHERE last_at >= since OR missed IS NOT NULL
), tail AS (
    SELECT user_id, percentile_cont(%(low)s) WITHIN GROUP (ORDER BY latency) AS low,
        percentile_cont(%(high)s) WITHIN GROUP (ORDER BY latency) AS high
    FROM task WHERE latency IS NOT NULL GROUP BY user_id
), whole AS (
    SELECT task.user_id, count(*) AS tasks,
        count(*) FILTER (WHERE is_done) AS done,
        count(*) FILTER (WHERE is_ripe AND (is_done OR status <> 'deleted')) AS ripe,
        count(*) FILTER (WHERE is_late OR is_on_time) AS decided,
        count(*) FILTER (WHERE is_late) AS late,
        coalesce(sum(depth), 0) AS late_depths,
        count(*) FILTER (WHERE is_on_time AND due - opened_at >= %(shortest)s) AS on_time,
        count(*) FILTER (WHERE is_on_time AND due - opened_at >= %(shortest)s
            AND status_at - opened_at >= (due - opened_at) * %(last_part)s) AS last_moment,
        count(*) FILTER (WHERE snoozes > 0) AS snoozed,
        count(*) FILTER (WHERE is_edited) AS edited,
        sum(put_off) AS put_offs,
        avg(least(greatest(latency, tail.low), tail.high)) FILTER (WHERE latency IS NOT NULL) AS latency,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY versus_due) AS versus_due_hours,
        {dones},
        {wait_sums}
    FROM task LEFT JOIN tail USING (user_id) GROUP BY task.user_id
), acted AS (
    -- The person's own doings with how many tasks were open after each.
    SELECT user_id, since, until, at, is_own, row_number() OVER in_order AS place,
        sum(is_open::int - was_open::int) OVER in_order AS open_after
    FROM spell
    WINDOW in_order AS (PARTITION BY user_id ORDER BY at, created_at, task_id, n)
), gap AS (
    SELECT user_id, open_after, extract(epoch FROM coalesce(
        lead(at) OVER (PARTITION BY user_id ORDER BY place), until) - at) / 86400 AS days
    FROM acted WHERE is_own AND at >= since
), stillness AS (
    SELECT user_id, max(days) AS longest,
        coalesce(sum(greatest(0, days - %(idle_after)s)) FILTER (WHERE open_after > 0), 0) AS idle
    FROM gap GROUP BY user_id
), pause AS (
    -- An hour in which something got done is one active hour, however much it was.
    SELECT user_id, hour - lag(hour) OVER (PARTITION BY user_id ORDER BY hour) AS hours
    FROM (SELECT DISTINCT user_id, floor(extract(epoch FROM at) / 3600) AS hour
        FROM spell WHERE is_own AND event_type = 'complete' AND counts AND at >= since) active
), bursts AS (
    SELECT user_id, count(*) AS active, avg(hours) AS mean, stddev_pop(hours) AS deviation FROM pause GROUP BY user_id
), span AS (
    SELECT user_id, greatest(min(at), min(since)) AS since,
        extract(epoch FROM max(until) - greatest(min(at), min(since))) / 86400 AS days
    FROM spell GROUP BY user_id
), beat AS (
    SELECT user_id, jsonb_object_agg(cell, many) AS rhythm FROM (
        SELECT user_id, count(*) AS many, (extract(isodow FROM status_at AT TIME ZONE zone) - 1)::int || '-'
            || extract(hour FROM status_at AT TIME ZONE zone)::int AS cell
        FROM task WHERE is_done GROUP BY user_id, cell
    ) cells GROUP BY user_id
), sized AS (
    SELECT user_id, category, size, count(*) FILTER (WHERE is_done) AS done,
        count(*) FILTER (WHERE is_ripe AND (is_done OR status <> 'deleted')) AS ripe
    FROM task GROUP BY user_id, category, size
), sorted AS (
    SELECT user_id, category, count(*) AS tasks, count(*) FILTER (WHERE is_done) AS done,
        count(*) FILTER (WHERE is_ripe AND (is_done OR status <> 'deleted')) AS ripe,
        count(*) FILTER (WHERE is_late) AS late, count(*) FILTER (WHERE snoozes > 0) AS snoozed,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY minutes) AS minutes
    FROM task GROUP BY user_id, category
), kinds AS (
    SELECT user_id, jsonb_object_agg(category, jsonb_build_object('tasks', tasks, 'done', done, 'ripe', ripe,
        'late', late, 'snoozed', snoozed, 'minutes', round(minutes::numeric), 'sizes', sizes)) AS categories
    FROM sorted JOIN (
        SELECT user_id, category, jsonb_object_agg(size, jsonb_build_array(done, ripe)) AS sizes
        FROM sized GROUP BY user_id, category
    ) of_size USING (user_id, category) GROUP BY user_id
)
SELECT w.user_id, w.tasks, w.done, w.ripe, w.decided, w.late, w.late_depths, w.on_time, w.last_moment, w.snoozed,
    w.edited, w.put_offs, w.latency, w.versus_due_hours, coalesce(bursts.active, 0), bursts.mean, bursts.deviation,
    stillness.longest, coalesce(stillness.idle, 0), span.days, span.since, beat.rhythm, kinds.categories,
    {tail}, {tail_done}
FROM whole w
JOIN span USING (user_id)
LEFT JOIN bursts USING (user_id)
LEFT JOIN stillness USING (user_id)
LEFT JOIN beat USING (user_id)
LEFT JOIN kinds USING (user_id)
"""
