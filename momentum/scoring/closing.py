"""Days that are over: how much was done of all that a day asked for.

While a day runs only what was told of it counts, for what is open is not missed yet. Once it is over, what was
not told was not done, and one summary speaks for the day. A day of which nothing was told is missing, not zero.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection
from django.db.models import Count, Max, Q
from django.db.models.functions import Coalesce

from accounts.day import local_day
from accounts.models import User
from coaching.learning_permission import agreed_people
from coaching.toolkit.declarations import Pillar, SignalKind
from coaching.toolkit.knowing import Measure, behavior_sources
from momentum.models import MomentumEvent
from momentum.normalizing import normalize
from momentum.scoring import versions
from momentum.scoring.parameters import parameters_of

DAY_CLOSED = "momentum.day_closed"
SUBJECT = f"{SignalKind.ACTION_STEP}:day"
Key = tuple[UUID, date]
# Asking for one person alone costs about as much as so many in a range (ours).
WORTH_A_RANGE = 50


@dataclass(frozen=True, slots=True)
class _Found:
    """What events say of a day: whether any action step was told, and what a summary says already."""

    is_told: bool
    summary: bool


def close_days(
    wanted: Mapping[UUID, Collection[date]], *, now: datetime, only_open: bool = False
) -> dict[UUID, date]:
    """Sums up the wanted days of each person that are over for them; returns the oldest changed day of each.

    With `only_open` days that have a summary are left as they are: what was asked for may have changed since.
    Running it again changes nothing. A bounded number of statements, besides what each source asks for itself.
    """
    over = {
        user.pk: {day for day in wanted[user.pk] if day < local_day(user, now)}
        for user in agreed_people().filter(pk__in=list(wanted))
    }
    keys = {(person, day) for person, days in over.items() for day in days}
    found = _found(keys)
    if only_open:
        found = {key: told for key, told in found.items() if not told.summary}
    told = {key for key, each in found.items() if each.is_told}
    sums = _asked(told)
    gone = {key for key, each in found.items() if each.summary} - set(sums)
    changed: dict[UUID, date] = {}
    for person, day in [*_write(sums, now), *_delete(gone)]:
        changed[person] = min(day, changed.get(person, day))
    return changed


def open_days(people: Collection[UUID], first: date, last: date) -> dict[UUID, list[date]]:
    """Of each person the days from `first` to `last` with action steps that nobody summed up yet.

    It asks for subjects alone, which the index knows, without reading the events themselves.
    """
    found: dict[UUID, list[date]] = {}
    for person, day in (
        MomentumEvent.objects.filter(
            user__in=people,
            local_date__range=(first, last),
            subject__startswith=f"{SignalKind.ACTION_STEP}:",
        )
        .order_by()
        .values_list("user_id", "local_date")
        .annotate(summaries=Count("subject", filter=is_closing()))
        .filter(summaries=0)
        .values_list("user_id", "local_date")
    ):
        found.setdefault(person, []).append(day)
    return found


def is_closing() -> Q:
    """Which events are summaries made here."""
    return Q(subject=SUBJECT)


def _found(keys: Collection[Key]) -> dict[Key, _Found]:
    if not keys:
        return {}
    days = [day for _, day in keys]
    rows = (
        MomentumEvent.objects.filter(
            user__in={person for person, _ in keys},
            local_date__range=(min(days), max(days)),
            tag=SignalKind.ACTION_STEP,
            units__gt=0,
        )
        .order_by()
        .values_list("user_id", "local_date")
        .annotate(
            told=Coalesce(Max("units", filter=~Q(subject=SUBJECT)), 0.0),
            summed=Coalesce(Max("units", filter=Q(subject=SUBJECT)), 0.0),
        )
    )
    return {
        (person, day): _Found(told > 0, summed > 0)
        for person, day, told, summed in rows
        if (person, day) in keys
    }


def _asked(keys: Collection[Key]) -> dict[Key, tuple[float, float]]:
    """Of each day, percent done and how much was asked for; days that asked for nothing are left out."""
    sums: dict[Key, list[float]] = defaultdict(lambda: [0.0, 0.0])
    sources = [source for source in behavior_sources if source.measure is Measure.IN_TARGET]
    for group in _together(keys):
        people, days = {person for person, _ in group}, {day for _, day in group}
        for source in sources:
            for each in source.days(min(people), max(people), min(days), max(days)):
                key = (each.user_id, each.day)
                if key in group:
                    sums[key][0] += each.fulfilled
                    sums[key][1] += each.asked
    return {
        key: (100.0 * max(0.0, min(1.0, fulfilled / asked)), asked)
        for key, (fulfilled, asked) in sums.items()
        if asked > 0
    }


def _together(keys: Collection[Key]) -> Iterator[set[Key]]:
    """The keys in groups that sources are asked about at once, as ranges of people and of days.

    People of the same days, when few others live between them: a range of two who are far apart is everybody.
    """
    days_of: dict[UUID, set[date]] = defaultdict(set)
    for person, day in keys:
        days_of[person].add(day)
    alike: dict[tuple[date, date], list[UUID]] = defaultdict(list)
    for person, days in days_of.items():
        alike[min(days), max(days)].append(person)
    for people in alike.values():
        whole = {(person, day) for person in people for day in days_of[person]}
        if len(people) == 1 or _are_close(people):
            yield whole
        else:
            yield from ({(person, day) for day in days_of[person]} for person in people)


def _are_close(people: Collection[UUID]) -> bool:
    between = User.objects.filter(pk__range=(min(people), max(people))).count()
    return between <= WORTH_A_RANGE * len(people)


_UPSERT = """
INSERT INTO momentum_momentumevent AS stored
    (id, user_id, local_date, raw_value, normalized_score, units, event_type, tag, pillar, subject, source,
     is_summary, occurred_at, received_at, created_at, normalizer_version)
SELECT uuidv7(), person, day, percent, score, asked, %(type)s, %(tag)s, %(pillar)s, %(subject)s, 'system',
       true, %(now)s, %(now)s, %(now)s, %(version)s
FROM unnest(%(people)s::uuid[], %(days)s::date[], %(percents)s::float8[], %(scores)s::float8[],
            %(asked)s::float8[]) AS given (person, day, percent, score, asked)
ORDER BY person, day
ON CONFLICT (user_id, local_date, subject) DO UPDATE
SET raw_value = excluded.raw_value, normalized_score = excluded.normalized_score, units = excluded.units,
    received_at = excluded.received_at, normalizer_version = excluded.normalizer_version
WHERE stored.raw_value <> excluded.raw_value OR stored.units <> excluded.units
RETURNING user_id, local_date
"""


def _write(sums: Mapping[Key, tuple[float, float]], now: datetime) -> list[Key]:
    if not sums:
        return []
    version = versions.active()
    rule = parameters_of(version).normalizers[DAY_CLOSED]
    rows = sorted(sums.items())
    with connection.cursor() as cursor:
        cursor.execute(
            _UPSERT,
            {
                "people": [person for (person, _), _ in rows],
                "days": [day for (_, day), _ in rows],
                "percents": [percent for _, (percent, _) in rows],
                "scores": [
                    normalize(rule.normalizer, rule.parameters, percent) for _, (percent, _) in rows
                ],
                "asked": [asked for _, (_, asked) in rows],
                "type": DAY_CLOSED,
                "tag": SignalKind.ACTION_STEP.value,
                "pillar": Pillar.BEHAVIORAL.value,
                "subject": SUBJECT,
                "version": version.name,
                "now": now,
            },
        )
        return list(cursor.fetchall())


def _delete(keys: Collection[Key]) -> list[Key]:
    if not keys:
        return []
    rows = sorted(keys)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM momentum_momentumevent event USING unnest(%s::uuid[], %s::date[])"
            " AS given (person, day) WHERE event.user_id = given.person"
            " AND event.local_date = given.day AND event.subject = %s"
            " RETURNING event.user_id, event.local_date",
            [[person for person, _ in rows], [day for _, day in rows], SUBJECT],
        )
        return list(cursor.fetchall())
