"""What came of each week: whether people stayed, how far their goals moved, how their body changed.

These are the outcomes that scores are held against (`momentum.validating`). They are counted from the record and
from what people measured, never from the scores themselves; the mean score stands beside them for comparison.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from coaching.learning_permission import agreed_people
from coaching.outreach.rhythm import NOT_BY_HAND, zones_known
from momentum.models import ScoringVersion

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class OutcomeNumbers:
    """The numbers of outcomes (ours).

    weeks_after: active within so many weeks after the week counts as retained. weeks_before: a week gets a
    row for whoever did anything in it or in so many weeks before; a metric's change is against the mean of
    as many. days_of_week, days_before: days with a value that a mean needs. batch: people of one statement.
    """

    weeks_after: int = 4
    weeks_before: int = 4
    days_of_week: int = 3
    days_before: int = 7
    batch: int = 2000


NUMBERS = OutcomeNumbers()


@dataclass(frozen=True, slots=True)
class Computed:
    """How many rows of a week were new or changed (of a dry run: would be), for how many people."""

    week: date
    people: int
    rows: int


def monday_of(day: date) -> date:
    """The Monday of the week of `day`."""
    return day - timedelta(days=day.weekday())


def weeks_due(now: datetime) -> list[date]:
    """The weeks that a daily run computes, oldest first.

    The last two that may be over for somebody, and those whose four weeks after just ended: each is computed
    for two weeks in a row, so that what arrives late and a run that failed are made up for.
    """
    # On the 14 hours east of UTC a week is over while it runs here.
    newest = monday_of((now + timedelta(hours=14)).date()) - WEEK
    after = NUMBERS.weeks_after
    return [newest - WEEK * back for back in (after + 1, after, 1, 0)]


def compute(first: date, last: date, *, now: datetime, dry_run: bool = False) -> Iterator[Computed]:
    """Computes the weeks of the days in [first, last] for everybody, as far as they are over for each.

    One statement per week and `NUMBERS.batch` people; running it again writes only what changed.
    """
    ids = list(agreed_people().order_by("pk").values_list("pk", flat=True))
    week = monday_of(first)
    while week <= last:
        rows = 0
        for start in range(0, len(ids), NUMBERS.batch):
            rows += _compute(week, ids[start : start + NUMBERS.batch], now=now, dry_run=dry_run)
        yield Computed(week, len(ids), rows)
        week += WEEK


def compute_due(*, now: datetime) -> int:
    """Computes the weeks that are due; returns how many rows were new or changed."""
    return sum(one.rows for week in weeks_due(now) for one in compute(week, week, now=now))


def _compute(week: date, ids: Sequence[UUID], *, now: datetime, dry_run: bool) -> int:
    active = ScoringVersion.objects.filter(is_active=True).values_list("name", flat=True).first()
    values: dict[str, Any] = {
        "ids": list(ids),
        "zones": sorted(zones_known()),
        "not_by_hand": list(NOT_BY_HAND),
        "now": now,
        "week": week,
        "end": week + WEEK,
        "before": week - WEEK * NUMBERS.weeks_before,
        "after": week + WEEK * (1 + NUMBERS.weeks_after),
        "days_of_week": NUMBERS.days_of_week,
        "days_before": NUMBERS.days_before,
        "version": active or "",
    }
    with connection.cursor() as cursor:
        if dry_run:
            cursor.execute(_SELECT + _CHANGED, values)
            return int(cursor.fetchone()[0])
        cursor.execute(_SELECT + _WRITE, values)
        return int(cursor.rowcount)


# A goal's gain is how far it got by the end of the week minus how far it was before, from 0 on. Goals that
# nobody moved for the weeks before, and those that were reached, no longer speak for a week.
_SELECT = """
WITH person AS (
    SELECT id, zone, day_start_hour * interval '1 hour' AS into_day,
           ((%(now)s::timestamptz AT TIME ZONE zone) - day_start_hour * interval '1 hour')::date AS today
    FROM (SELECT id, day_start_hour,
                 CASE WHEN timezone = ANY (%(zones)s) THEN timezone ELSE 'UTC' END AS zone
          FROM accounts_user WHERE id = ANY (%(ids)s)) zoned
), active AS (
    SELECT DISTINCT person.id, ((log.occurred_at AT TIME ZONE person.zone) - person.into_day)::date AS day
    FROM person JOIN coaching_rawbehaviorallog log ON log.user_id = person.id
    WHERE log.occurred_at >= %(before)s::date - 1 AND log.occurred_at < %(after)s::date + 2
      AND log.occurred_at <= %(now)s
      AND log.source <> ALL (%(not_by_hand)s)
), counted AS (
    SELECT id, count(*) FILTER (WHERE day >= %(week)s AND day < %(end)s) AS days,
           count(*) FILTER (WHERE day < %(end)s) AS lately,
           count(*) FILTER (WHERE day >= %(end)s AND day < %(after)s) AS later
    FROM active WHERE day >= %(before)s GROUP BY id
), goal AS (
    SELECT progress.user_id, progress.goal_id,
           (array_agg(progress.percent_complete ORDER BY progress.at DESC, progress.id DESC))[1] AS reached,
           coalesce((array_agg(progress.percent_complete ORDER BY progress.at DESC, progress.id DESC)
                     FILTER (WHERE day.of < %(week)s))[1], 0) AS was,
           max(day.of) AS newest
    FROM person JOIN momentum_goalprogresslog progress ON progress.user_id = person.id
    CROSS JOIN LATERAL (SELECT ((progress.at AT TIME ZONE person.zone) - person.into_day)::date AS of) day
    WHERE day.of < %(end)s
    GROUP BY 1, 2
), gain AS (
    SELECT user_id, avg(reached - was) AS points FROM goal
    WHERE was < 100 AND newest >= %(before)s GROUP BY 1
), measured AS (
    SELECT user_id, metric,
           avg(value) FILTER (WHERE date >= %(week)s) AS now, count(*) FILTER (WHERE date >= %(week)s) AS days,
           avg(value) FILTER (WHERE date < %(week)s) AS was, count(*) FILTER (WHERE date < %(week)s) AS before
    FROM momentum_biometricstream
    WHERE user_id = ANY (%(ids)s) AND is_preferred AND date >= %(before)s AND date < %(end)s
    GROUP BY 1, 2
), body AS (
    SELECT user_id, jsonb_object_agg(metric, round((now - was)::numeric, 3)) AS change
    FROM measured WHERE days >= %(days_of_week)s AND before >= %(days_before)s GROUP BY 1
), score AS (
    SELECT user_id, avg(overall_score) AS mean FROM momentum_momentumpillar
    WHERE user_id = ANY (%(ids)s) AND version = %(version)s AND date >= %(week)s AND date < %(end)s
    GROUP BY 1
), outcome AS (
    SELECT person.id AS user_id, counted.days > 0 AS was_active, counted.days AS active_days,
           CASE WHEN person.today >= %(after)s THEN counted.later > 0 END AS is_retained,
           gain.points AS goal_attainment, coalesce(body.change, '{}') AS biometric_change,
           least(100, greatest(0, score.mean)) AS mean_score
    FROM person JOIN counted ON counted.id = person.id AND counted.lately > 0
    LEFT JOIN gain ON gain.user_id = person.id
    LEFT JOIN body ON body.user_id = person.id
    LEFT JOIN score ON score.user_id = person.id
    WHERE person.today >= %(end)s
)
"""
_CHANGED = """
SELECT count(*) FROM outcome LEFT JOIN momentum_outcomemetric kept
    ON kept.user_id = outcome.user_id AND kept.week = %(week)s
WHERE kept.id IS NULL OR (kept.was_active, kept.active_days, kept.is_retained, kept.goal_attainment,
                          kept.biometric_change, kept.mean_score)
    IS DISTINCT FROM (outcome.was_active, outcome.active_days, outcome.is_retained, outcome.goal_attainment,
                      outcome.biometric_change, outcome.mean_score)
"""
_WRITE = """
INSERT INTO momentum_outcomemetric AS kept
    (id, user_id, week, was_active, active_days, is_retained, goal_attainment, biometric_change, mean_score,
     computed_at)
SELECT uuidv7(), user_id, %(week)s, was_active, active_days, is_retained, goal_attainment, biometric_change, mean_score,
       %(now)s
FROM outcome
ON CONFLICT (user_id, week) DO UPDATE SET
    was_active = excluded.was_active, active_days = excluded.active_days, is_retained = excluded.is_retained,
    goal_attainment = excluded.goal_attainment, biometric_change = excluded.biometric_change,
    mean_score = excluded.mean_score, computed_at = excluded.computed_at
WHERE (kept.was_active, kept.active_days, kept.is_retained, kept.goal_attainment, kept.biometric_change,
       kept.mean_score)
    IS DISTINCT FROM (excluded.was_active, excluded.active_days, excluded.is_retained,
                      excluded.goal_attainment, excluded.biometric_change, excluded.mean_score)
"""
