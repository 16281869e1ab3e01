"""What each person of a range did on each of their own days: read from the ledger and the declared sources.

A bounded number of statements for everybody together: the people, the ledger, and what each declared source
asks for itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from accounts.day import local_day
from accounts.models import User
from coaching import learning_permission
from coaching.ledger import TIME_KNOWN
from coaching.outreach.rhythm import NOT_BY_HAND, zones_known
from coaching.toolkit.knowing import BehaviorDay, Measure, behavior_sources

from .metrics import NUMBERS

# From this hour of the clock on until the other one it is late at night.
LATE_FROM, LATE_UNTIL = 23, 4
# Talking with the coach and looking at a page are not logging: these rows say nothing about what somebody did.
TALK = ("coach.%", "message.%", "conversation.%", "today\\_tile.seen")


@dataclass(slots=True)
class History:
    """The days of one person, as ordinals of their own dates.

    `first` is the first day since there is anything to know of them, `until` their yesterday. `logged` are
    days with something logged, today included; `timed` those with something by hand at a known time, and
    `late` those of them with something late at night. `target` has per day what was fulfilled and asked;
    `intake` kilocalories and the upper end of the range aimed at (0: none).
    """

    first: int
    until: int
    logged: set[int] = field(default_factory=set)
    timed: set[int] = field(default_factory=set)
    late: set[int] = field(default_factory=set)
    target: dict[int, tuple[float, float]] = field(default_factory=dict)
    intake: dict[int, tuple[float, float]] = field(default_factory=dict)


_LEDGER = """
SELECT log.user_id,
       ((log.occurred_at AT TIME ZONE person.zone) - person.day_start * interval '1 hour')::date AS day,
       bool_or(told.time_known) AS timed,
       bool_or(told.time_known AND (told.hour >= %(late_from)s OR told.hour < %(late_until)s)) AS late
FROM coaching_rawbehaviorallog log
JOIN unnest(%(people)s::uuid[], %(zones)s::text[], %(starts)s::int[])
     AS person (user_id, zone, day_start) ON person.user_id = log.user_id
CROSS JOIN LATERAL (
    SELECT log.raw_data ->> %(time_known)s IS DISTINCT FROM 'false' AS time_known,
           date_part('hour', log.occurred_at AT TIME ZONE person.zone) AS hour
) told
WHERE log.user_id BETWEEN %(first)s AND %(last)s
  AND log.occurred_at >= %(since)s AND log.occurred_at <= %(now)s
  AND log.source <> ALL (%(not_by_hand)s)
  AND log.interaction_type NOT LIKE ALL (%(talk)s)
GROUP BY 1, 2
"""


def histories(first_id: UUID, last_id: UUID, *, now: datetime) -> dict[UUID, History]:
    """The days of everybody from `first_id` to `last_id` of whom the coach may learn, as of `now`."""
    people = _people(learning_permission.learners().filter(pk__range=(first_id, last_id)))
    if not people:
        return {}
    found = {person.pk: _empty(person, now) for person in people}
    since = date.fromordinal(
        min(history.until for history in found.values()) - NUMBERS.history_days + 1
    )
    until = date.fromordinal(max(history.until for history in found.values()) + 1)
    _read_ledger(found, people, since, now)
    _read_sources(found, first_id, last_id, since, until)
    for history in found.values():
        # Days told of from before somebody signed up count, so that what was brought along is not lost.
        seen = (min(days, default=history.first) for days in (history.logged, history.target))
        history.first = max(min(history.first, *seen), history.until - NUMBERS.history_days + 1)
    return found


def _people(people: QuerySet[User]) -> Sequence[User]:
    return list(people.only("pk", "timezone", "day_start_hour", "created_at"))


def _empty(person: User, now: datetime) -> History:
    today = local_day(person, now).toordinal()
    return History(
        first=min(today, local_day(person, person.created_at).toordinal()), until=today - 1
    )


def _read_ledger(
    found: Mapping[UUID, History], people: Sequence[User], since: date, now: datetime
) -> None:
    known = zones_known()
    with connection.cursor() as cursor:
        cursor.execute(
            _LEDGER,
            {
                "first": min(found),
                "last": max(found),
                "people": [person.pk for person in people],
                "zones": [p.timezone if p.timezone in known else "UTC" for p in people],
                "starts": [person.day_start_hour for person in people],
                # Two days more: the window is of own days, which begin up to 14 hours earlier than UTC's.
                "since": now - timedelta(days=NUMBERS.history_days + 2),
                "now": now,
                "not_by_hand": list(NOT_BY_HAND),
                "talk": list(TALK),
                "time_known": TIME_KNOWN,
                "late_from": LATE_FROM,
                "late_until": LATE_UNTIL,
            },
        )
        for user_id, day, timed, late in cursor:
            history = found[user_id]
            ordinal = day.toordinal()
            history.logged.add(ordinal)
            if timed:
                history.timed.add(ordinal)
            if late:
                history.late.add(ordinal)
    floor = since.toordinal()
    for history in found.values():
        for days in (history.logged, history.timed, history.late):
            days -= {day for day in days if day < floor}


def _read_sources(
    found: Mapping[UUID, History], first_id: UUID, last_id: UUID, since: date, until: date
) -> None:
    for source in behavior_sources:
        days = source.days(first_id, last_id, since, until)
        if source.measure is Measure.LOGGED:
            _add_logged(found, days)
        elif source.measure is Measure.IN_TARGET:
            _add_up(found, days, "target")
        else:
            _add_up(found, days, "intake")


def _add_logged(found: Mapping[UUID, History], days: Iterable[BehaviorDay]) -> None:
    for each in days:
        history = found.get(each.user_id)
        if history is not None and each.fulfilled > 0:
            ordinal = each.day.toordinal()
            if ordinal <= history.until + 1:
                history.logged.add(ordinal)


def _add_up(found: Mapping[UUID, History], days: Iterable[BehaviorDay], into: str) -> None:
    for each in days:
        history = found.get(each.user_id)
        if history is None:
            continue
        ordinal = each.day.toordinal()
        if ordinal > history.until:
            continue  # today is not over: what is open is not missed
        sums: dict[int, tuple[float, float]] = getattr(history, into)
        fulfilled, asked = sums.get(ordinal, (0.0, 0.0))
        sums[ordinal] = (fulfilled + each.fulfilled, asked + each.asked)
