"""Days that nobody scored, because a job was down: a day builds on the one before, so they come first."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import connection

from accounts.models import ConsentKind
from momentum.scoring.statement import TABLE, Scope, people_sql

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hole:
    """People whose days from `first` on have no rows yet."""

    first: date
    people: tuple[UUID, ...]


def before(day: date, scope: Scope, version: str) -> list[Hole]:
    """The hole just before `day` of those in `scope` whose last row still tells a score; one or none.

    Those without a row the day before are looked up one by one, by index; usually that is nobody but
    people who are new or have been away.
    """
    statement = (
        f"WITH people AS ({people_sql(scope, is_running=False)}) "  # noqa: S608 - names and checked numbers of our own
        "SELECT people.id, newest.date FROM people CROSS JOIN LATERAL ("
        f"SELECT r.date, r.overall_score FROM {TABLE} r WHERE r.user_id = people.id"
        " AND r.version = %(version)s AND r.date < %(day)s ORDER BY r.date DESC LIMIT 1) newest"
        " WHERE newest.overall_score IS NOT NULL AND newest.date < %(day)s - 1"
        f" AND NOT EXISTS (SELECT 1 FROM {TABLE} b WHERE b.user_id = people.id"
        f" AND b.version = %(version)s AND b.date = %(day)s - 1{scope.sql('b.user_id')})"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                **scope.values(),
                "version": version,
                "day": day,
                "tracking": ConsentKind.BEHAVIORAL_TRACKING.value,
            },
        )
        found: list[tuple[UUID, date]] = cursor.fetchall()
    if not found:
        return []
    first = min(newest for _, newest in found) + DAY
    return [Hole(first, tuple(sorted(person for person, _ in found)))]
