"""When people are active: hours on the circle of the day, and weekdays, from the ledger.

It is "your usual active hours", and says when somebody does things, not which type of person they are. Each
hour of a day counts once, however much was done in it. The mean and the resultant length R of the clock
times are those of circular statistics (Mardia & Jupp 2000).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from math import atan2, cos, hypot, sin, tau
from uuid import UUID

from django.db import connection

from accounts.models import User

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# Rows that no hand of the person made say nothing about their hours.
NOT_BY_HAND = ("system", "import", "device")


@dataclass(frozen=True, slots=True)
class RhythmConstants:
    """What is needed before something is said of somebody's hours (14 days and R = 0.3 are usual; the rest ours).

    Attributes:
        look_back_days: how far back activity counts.
        enough_active_days: days with activity before hours and weekdays are named.
        varied_below: resultant length R under which hours are "varied".
        hour_prior: (day, hour) pairs of uniform activity mixed into a person's own, against chance.
        hour_stands_out: an hour is named from this many times the uniform share on.
        most_hours: at most so many hours are named.
        weekday_prior: days of average activity mixed into each weekday.
        weekday_stands_out: how much likelier than on average a weekday must be active to be named.
    """

    look_back_days: int = 60
    enough_active_days: int = 14
    varied_below: float = 0.3
    hour_prior: float = 12.0
    hour_stands_out: float = 2.0
    most_hours: int = 6
    weekday_prior: float = 2.0
    weekday_stands_out: float = 0.15


CONSTANTS = RhythmConstants()


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When somebody was active, each hour of a day counted once.

    `hours` and `weekdays` (0 = Monday) count those (day, hour) pairs and those days; `x` and `y` are the
    sums of the cosines and sines of their clock times on the circle of 24 hours.
    """

    hours: tuple[int, ...] = (0,) * 24
    weekdays: tuple[int, ...] = (0,) * 7
    days: int = 0
    first_day: date | None = None
    x: float = 0.0
    y: float = 0.0

    @property
    def pairs(self) -> int:
        return sum(self.hours)

    @property
    def is_enough(self) -> bool:
        return self.days >= CONSTANTS.enough_active_days

    @property
    def concentration(self) -> float | None:
        """The resultant length R in [0, 1]: 1 when every clock time is the same, 0 when none stands out."""
        return min(1.0, hypot(self.x, self.y) / self.pairs) if self.pairs else None

    @property
    def mean_hour(self) -> float | None:
        """The circular mean clock time in hours, [0, 24): 23:30 and 00:30 agree on midnight."""
        concentration = self.concentration
        if concentration is None or concentration < 1e-9:
            return None
        return (atan2(self.y, self.x) % tau) / tau * 24 % 24

    def share_at(self, hour: int) -> float:
        """The share of activity in one hour (0-23), shrunk towards the uniform 1/24."""
        prior = CONSTANTS.hour_prior
        return (self.hours[hour % 24] + prior / 24) / (self.pairs + prior)

    def share_near(self, hour: int) -> float:
        """The same for the hour with the ones before and after it; 1/8 for somebody without a rhythm."""
        return sum(self.share_at(hour + offset) for offset in (-1, 0, 1))

    def busiest_hours(self) -> list[int]:
        """The hours that stand out, by the clock."""
        named = [h for h in range(24) if self.share_at(h) * 24 >= CONSTANTS.hour_stands_out]
        named.sort(key=lambda hour: (-self.hours[hour], hour))
        return sorted(named[: CONSTANTS.most_hours])

    def busiest_weekdays(self, today: date) -> list[str]:
        """The weekdays that are active more often than the others, since the first active day."""
        if self.first_day is None or self.first_day > today:
            return []
        seen = [0] * 7
        for ordinal in range(self.first_day.toordinal(), today.toordinal() + 1):
            seen[date.fromordinal(ordinal).weekday()] += 1
        usual = min(1.0, self.days / sum(seen))
        prior = CONSTANTS.weekday_prior
        rates = [
            (active + prior * usual) / (days + prior)
            for active, days in zip(self.weekdays, seen, strict=True)
        ]
        return [
            WEEKDAYS[day]
            for day, rate in enumerate(rates)
            if rate - usual >= CONSTANTS.weekday_stands_out
        ]


def rhythm_of(moments: Iterable[datetime], day_start_hour: int = 0) -> Rhythm:
    """The rhythm of moments in local time; what `rhythms` computes in the database."""
    minutes: dict[tuple[date, int], list[int]] = {}
    for moment in moments:
        day = (moment.replace(tzinfo=None) - timedelta(hours=day_start_hour)).date()
        minutes.setdefault((day, moment.hour), []).append(moment.minute)
    days = {day for day, _ in minutes}
    angles = [(h + sum(m) / len(m) / 60) / 24 * tau for (_, h), m in minutes.items()]
    return Rhythm(
        hours=tuple(sum(1 for _, h in minutes if h == hour) for hour in range(24)),
        weekdays=tuple(sum(1 for day in days if day.weekday() == w) for w in range(7)),
        days=len(days),
        first_day=min(days, default=None),
        x=sum(map(cos, angles)),
        y=sum(map(sin, angles)),
    )


_RHYTHMS = """
WITH moments AS (
    SELECT log.user_id, log.occurred_at AT TIME ZONE person.zone AS at, person.day_start
    FROM coaching_rawbehaviorallog log
    JOIN unnest(%(people)s::uuid[], %(zones)s::text[], %(starts)s::int[])
         AS person (user_id, zone, day_start) ON person.user_id = log.user_id
    WHERE log.occurred_at >= %(since)s AND log.occurred_at < %(now)s
      AND log.source <> ALL (%(not_by_hand)s)
      AND log.raw_data ->> 'time_known' IS DISTINCT FROM 'false'
), active AS (
    SELECT user_id, day_start, date_trunc('hour', at) AS hour_of_day,
           avg(date_part('minute', at)) AS minute
    FROM moments
    GROUP BY user_id, day_start, date_trunc('hour', at)
), pairs AS (
    SELECT user_id,
           (hour_of_day - day_start * interval '1 hour')::date AS day,
           date_part('hour', hour_of_day)::int AS hour,
           2 * pi() * (date_part('hour', hour_of_day) + minute / 60) / 24 AS angle
    FROM active
)
SELECT user_id, hour, date_part('isodow', day)::int - 1 AS weekday,
       count(*), count(DISTINCT day), min(day), sum(cos(angle)), sum(sin(angle))
FROM pairs
GROUP BY GROUPING SETS ((user_id, hour), (user_id, date_part('isodow', day)), (user_id))
"""


def rhythms(people: Sequence[User], *, now: datetime) -> dict[UUID, Rhythm]:
    """When each of `people` was active in the last `look_back_days` days, in their present zone.

    One query for all of them. People without consent have no rows in the ledger that they still agree
    to being used: ask for those who agree only (`who_agree`).
    """
    if not people:
        return {}
    known = zones_known()
    found: dict[UUID, Rhythm] = {}
    hours: dict[UUID, list[int]] = {}
    weekdays: dict[UUID, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            _RHYTHMS,
            {
                "people": [person.pk for person in people],
                "zones": [p.timezone if p.timezone in known else "UTC" for p in people],
                "starts": [person.day_start_hour for person in people],
                "since": now - timedelta(days=CONSTANTS.look_back_days),
                "now": now,
                "not_by_hand": list(NOT_BY_HAND),
            },
        )
        for user_id, hour, weekday, pairs, days, first_day, x, y in cursor.fetchall():
            if hour is not None:
                hours.setdefault(user_id, [0] * 24)[hour] = pairs
            elif weekday is not None:
                weekdays.setdefault(user_id, [0] * 7)[weekday] = days
            else:
                found[user_id] = Rhythm(days=days, first_day=first_day, x=float(x), y=float(y))
    return {
        user_id: Rhythm(
            tuple(hours[user_id]), tuple(weekdays[user_id]), r.days, r.first_day, r.x, r.y
        )
        for user_id, r in found.items()
    }


@cache
def zones_known() -> frozenset[str]:
    """The zones that the database knows: its list may be older than Python's. It looks into a file for each."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_timezone_names")
        return frozenset(name for (name,) in cursor.fetchall())
