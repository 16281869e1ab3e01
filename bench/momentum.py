# ruff: noqa: E402 - Django must be set up before its models are imported
"""What it costs to score 100,000 people's day, a quarter of a year, and a day that is corrected late.

Prints, from one run: a plain INSERT ... SELECT of the four pillar means of the same rows into a table with the same
keys, and the run of a day beside it; the same work person by person with the ORM, extrapolated from 2,000 people;
a backfill of 90 days; what one correction 30 days back costs, and a thousand; and how long a segment takes.
Everything happens in a database of its own that goes away.

    make bench, or: python -m config.runtime exec .venv/bin/python bench/momentum.py
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Consent, ConsentKind, User
from coaching import partitioning
from coaching.toolkit import segments
from momentum.models import MomentumEvent, MomentumPillar, PendingScore
from momentum.scoring import backfill, live, versions
from momentum.scoring.days import score_days
from momentum.scoring.formula import score_day, state_of
from momentum.scoring.ways import way_of

PEOPLE = int(os.environ.get("BENCH_PEOPLE", "100000"))
BACKFILLED = int(os.environ.get("BENCH_BACKFILL_PEOPLE", "10000"))
ORM_PEOPLE = min(PEOPLE, 2000)
DAYS = 90
DAY = timedelta(days=1)
TODAY = timezone.now().astimezone(UTC).date()
# Twenty events a day as they come: type, kind, pillar, whether it sums up.
EVENTS = [
    *[("habit.completed", "action_step", "behavioral", False)] * 5,
    ("momentum.day_closed", "action_step", "behavioral", True),
    *[("coach.message_sent", "coach_interaction", "relational", False)] * 3,
    *[("coach.tone", "coach_tone", "relational", False)] * 2,
    *[("today_tile.tapped", "tile_interaction", "cognitive", False)] * 3,
    ("habit.edited", "planning", "cognitive", False),
    ("motivation.score", "motivation", "cognitive", True),
    ("motivation.internalization", "internal_motivation", "cognitive", True),
    ("biometrics.sleep", "sleep", "biometric", True),
    ("biometrics.steps", "steps", "biometric", True),
    ("visit.attended", "visit", "relational", False),
]
BARE = """
INSERT INTO bare (id, user_id, date, version, cognitive, behavioral, relational, biometric)
SELECT uuidv7(), user_id, local_date, 'v1',
       avg(normalized_score) FILTER (WHERE pillar = 'cognitive'),
       avg(normalized_score) FILTER (WHERE pillar = 'behavioral'),
       avg(normalized_score) FILTER (WHERE pillar = 'relational'),
       avg(normalized_score) FILTER (WHERE pillar = 'biometric')
FROM momentum_momentumevent WHERE local_date BETWEEN %s AND %s GROUP BY user_id, local_date
"""


def timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def show(name: str, seconds: float, events: int, bare: float | None = None) -> None:
    ratio = "" if bare is None else f"  {seconds / bare:6.2f} times the bare statement"
    per_minute = events / seconds * 60 / 1e6
    print(f"{name:58} {seconds:8.2f} s  {per_minute:8.2f} M events/min{ratio}", flush=True)


def run(statement: str, *values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return int(cursor.rowcount)


@contextmanager
def own_database() -> Iterator[None]:
    """A database like the real one, with its partitions, that goes away."""
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(str(name), verbosity=0)


def populate_people() -> None:
    people = [User(email=f"bench{n}@example.org", timezone="UTC") for n in range(PEOPLE)]
    User.objects.bulk_create(people, batch_size=5000)
    Consent.objects.bulk_create(
        [
            Consent(user=person, kind=ConsentKind.BEHAVIORAL_TRACKING, granted=True, source="web")
            for person in people
        ],
        batch_size=5000,
    )


def populate_events(first: date, last: date, people: int) -> int:
    """Twenty events a day of so many people, day after day as they come."""
    partitioning.ensure_partitions(
        "momentum_momentumevent", partitioning.months_between(first, last)
    )
    rows = ", ".join(
        f"({n}, '{event}', '{kind}', '{pillar}', {str(sums).lower()})"
        for n, (event, kind, pillar, sums) in enumerate(EVENTS)
    )
    count = 0
    for offset in range((last - first).days + 1):
        count += run(
            "INSERT INTO momentum_momentumevent (id, user_id, event_type, raw_value, normalized_score, units,"  # noqa: S608 - numbers and names of our own
            " is_summary, source, tag, pillar, subject, occurred_at, received_at, local_date, created_at,"
            " log_id, normalizer_version) SELECT uuidv7(), p.id, k.event, 1, random(),"
            " 1, k.sums, 'web', k.kind, k.pillar, CASE WHEN k.event = 'momentum.day_closed'"
            " THEN 'action_step:day' ELSE k.kind || ':' || gen_random_uuid() END,"
            " now(), now(), %s, now(), gen_random_uuid(), 'v1'"
            f" FROM (SELECT id FROM accounts_user ORDER BY id LIMIT {people}) p"
            f" CROSS JOIN (VALUES {rows}) k (n, event, kind, pillar, sums)",
            first + offset * DAY,
        )
    run("VACUUM ANALYZE momentum_momentumevent")
    return count


def settle() -> None:
    """Nothing of the last step is still being written when the next is timed."""
    run("VACUUM ANALYZE momentum_momentumpillar")


def bare(first: date, last: date, *, tuned: bool) -> float:
    run("DROP TABLE IF EXISTS bare")
    run(
        "CREATE TABLE bare (id uuid PRIMARY KEY, user_id uuid NOT NULL, date date NOT NULL,"
        " version varchar(32) NOT NULL, cognitive float8, behavioral float8, relational float8,"
        " biometric float8, UNIQUE (user_id, date, version))"
    )
    run(
        "ALTER TABLE bare ADD FOREIGN KEY (user_id) REFERENCES accounts_user DEFERRABLE INITIALLY DEFERRED"
    )
    run("CREATE INDEX ON bare (version, date)")
    run("CREATE INDEX ON bare (user_id)")
    began = time.perf_counter()
    with transaction.atomic():
        if tuned:
            run("SET LOCAL jit = off")
            run("SET LOCAL work_mem = '256MB'")
        run(BARE, first, last)
    return time.perf_counter() - began


def one_day() -> None:
    """A day of everybody, beside the bare statement: twice each, in turn, the better one of each counts."""
    version = versions.active()
    yesterday, day = TODAY - 6 * DAY, TODAY - 5 * DAY
    events = populate_events(yesterday, day, PEOPLE) // 2
    score_days(yesterday, yesterday, version=version)
    plain, bares, ours = [], [], []
    for _ in range(3):
        settle()
        plain.append(bare(day, day, tuned=False))
        settle()
        bares.append(bare(day, day, tuned=True))
        settle()
        ours.append(timed(lambda: score_days(day, day, version=version)))
        if _ < 2:
            MomentumPillar.objects.filter(date=day).delete()
    print(f"\nA day of {PEOPLE:,} people: {events:,} events")
    show("bare statement, as the server is set", min(plain), events)
    show("bare statement, with our settings", min(bares), events)
    show("a day scored", min(ours), events, min(bares))
    again = timed(lambda: score_days(day, day, version=version))
    show("the same day again, nothing changed", again, events, min(bares))
    per_person = timed(lambda: by_orm(yesterday, day))
    show(
        f"person by person with the ORM (from {ORM_PEOPLE:,})",
        per_person / ORM_PEOPLE * PEOPLE,
        events,
        min(bares),
    )


def by_orm(yesterday: date, day: date) -> None:
    """The formula, person by person: read the row before and the events, write the row."""
    way = way_of(versions.active())
    for user in User.objects.order_by("pk")[:ORM_PEOPLE]:
        before = MomentumPillar.objects.filter(user=user, date=yesterday, version="v1").first()
        events = MomentumEvent.objects.filter(user=user, local_date=day)
        state = score_day(state_of(before) if before else None, day, list(events), way)
        if state is not None:
            MomentumPillar.objects.update_or_create(
                user=user, date=day, version="v1", defaults={"overall_score": state.overall}
            )


def segment_speed() -> None:
    """Segments of everybody."""
    MomentumPillar.objects.filter(date=TODAY - 5 * DAY).update(date=TODAY)
    MomentumPillar.objects.filter(date=TODAY - 6 * DAY).update(date=TODAY - DAY)
    settle()
    for key in ("momentum.at_risk", "momentum.high_performers"):
        people = segments.get(key)()
        seconds = timed(people.count)
        print(f"{key + f' of {PEOPLE:,} people':58} {seconds:8.2f} s")


def quarter() -> None:
    """Ninety days of some people, beside the bare statement; then corrections 30 days back."""
    MomentumPillar.objects.all().delete()
    run("TRUNCATE momentum_momentumevent")
    first, last = TODAY - DAYS * DAY, TODAY - DAY
    events = populate_events(first, last, BACKFILLED)
    settle()
    print(f"\n{DAYS} days of {BACKFILLED:,} people: {events:,} events")
    minimum = bare(first, last, tuned=True)
    show("bare statement, with our settings", minimum, events)
    run("DROP TABLE bare")
    settle()
    people = list(User.objects.order_by("pk").values_list("pk", flat=True)[:BACKFILLED])
    version = versions.active()
    began = time.perf_counter()
    # The people without events are left out: there is nothing to do for them.
    done = backfill.backfill(first, last, version, people, batch_size=500)
    seconds = time.perf_counter() - began
    if done.events_read < events:
        raise SystemExit(f"Only {done.events_read} of {events} events were read.")
    show("backfill, 500 people at a time", seconds, events, minimum)
    settle()
    for count in (1, 1000):
        chosen = people[100 : 100 + count]
        for n in range(0, count, 500):
            MomentumEvent.objects.filter(
                user__in=chosen[n : n + 500], local_date=TODAY - 30 * DAY
            ).update(normalized_score=1.0)
        PendingScore.objects.bulk_create(
            PendingScore(user_id=person, since=TODAY - 30 * DAY, reason="Sleep arrived")
            for person in chosen
        )
        now = datetime.now(UTC)
        began = time.perf_counter()
        for n in range(0, count, 500):
            live.score_pending(chosen[n : n + 500], now=now)
        seconds = time.perf_counter() - began
        rows = MomentumPillar.objects.filter(scored_at=now).values("user").distinct().count()
        print(
            f"{f'{count:,} corrected 30 days back ({rows:,} people touched)':58} {seconds:8.2f} s"
        )
    last_person = people[7]
    MomentumEvent.objects.filter(user=last_person, local_date=TODAY - DAY).update(local_date=TODAY)
    waits = []
    for person in people[:50]:
        PendingScore.objects.create(user_id=person, since=TODAY)
        waits.append(timed(partial(live.score_person, person)))
    waits.sort()
    print(
        f"{'from a tick to its row (in the worker)':58} {waits[24] * 1000:8.1f} ms,"
        f" p95 {waits[47] * 1000:.1f} ms"
    )


if __name__ == "__main__":
    with own_database():
        print(f"{PEOPLE:,} people, {len(EVENTS)} events a day each")
        populate_people()
        one_day()
        segment_speed()
        quarter()
