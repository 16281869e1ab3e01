"""What the ledger tells becomes events at once, and the same events when it is told all over again."""

import logging
import math
import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.day import local_day
from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.ledger import record
from coaching.models import RawBehavioralLog
from coaching.toolkit import Happening
from momentum.models import GoalProgressLog, MomentumEvent, PendingScore, ScoringVersion
from momentum.projecting import local_date_sql, project, project_many, replay
from momentum.scoring import versions
from momentum.tests.factories import TrackedUserFactory, agree

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def person(db: None) -> User:
    return TrackedUserFactory()


def tell(user: User, kind: str, at: datetime = NOON, **raw_data: Any) -> RawBehavioralLog:
    row = record(
        user,
        kind,
        raw_data=raw_data,
        source="web",
        idempotency_key=str(uuid4()),
        occurred_at=at,
    )
    assert row is not None
    return row


def rows_of(user: User) -> list[tuple[Any, ...]]:
    """Everything about a person's events but their keys and when they were made."""
    made = {"id", "created_at"}
    names = [field.attname for field in MomentumEvent._meta.fields if field.name not in made]
    return sorted(MomentumEvent.objects.filter(user=user).values_list(*names), key=str)


def test_a_signal_becomes_an_event_with_everything_that_is_asked_of_it(person: User) -> None:
    row = tell(
        person, "biometrics.sleep", metric="sleep_minutes", value=300, local_date="2026-03-09"
    )
    event = MomentumEvent.objects.get(user=person)
    assert (event.event_type, event.tag, event.pillar) == ("biometrics.sleep", "sleep", "biometric")
    assert (event.raw_value, event.normalized_score) == (300.0, 0.5)
    assert (event.units, event.is_summary, event.source) == (1.0, False, "web")
    assert event.subject == "sleep:sleep_minutes"
    assert event.local_date == date(2026, 3, 9)
    assert (event.occurred_at, event.received_at) == (row.occurred_at, row.received_at)
    assert (event.log_id, event.normalizer_version) == (row.pk, versions.active().name)


def test_what_has_no_subject_is_about_itself(person: User) -> None:
    first = tell(person, "today_tile.tapped", tile="a.b")
    tell(person, "today_tile.tapped", tile="a.b")
    subjects = set(MomentumEvent.objects.values_list("subject", flat=True))
    assert len(subjects) == 2
    assert f"tile_interaction:{first.pk}" in subjects


def test_what_is_no_signal_makes_nothing(person: User) -> None:
    tell(person, "habit.archived")
    assert not MomentumEvent.objects.exists()
    assert not PendingScore.objects.exists()


def test_an_event_costs_two_statements(person: User, django_assert_num_queries: Any) -> None:
    versions.active()
    tell(person, "habit.completed", habit="h", ordinal=1, credit=1.0)
    happening = Happening(uuid4(), person, "coach.message_sent", {}, "chat", NOON, NOON, None)
    with django_assert_num_queries(2):
        project(happening)


def test_the_score_is_to_be_seen_to_and_asked_for_on_commit(
    person: User, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks() as asked:
        tell(person, "coach.message_sent", local_date="2026-03-09")
    pending = PendingScore.objects.get(user=person)
    assert pending.since == date(2026, 3, 9)
    assert pending.reason.startswith("A talk with the coach of 9 Mar arrived on ")
    assert [call for call in asked if "momentum.tasks.score_person" in repr(call)]


def test_the_later_told_of_one_subject_counts(person: User) -> None:
    for minutes in (200, 480):
        tell(person, "biometrics.sleep", metric="m", value=minutes, local_date="2026-03-09")
    event = MomentumEvent.objects.get(user=person)
    assert (event.raw_value, event.normalized_score) == (480, 1.0)


def test_the_same_on_another_day_is_something_else(person: User) -> None:
    for day in ("2026-03-08", "2026-03-09"):
        tell(person, "biometrics.sleep", metric="m", value=480, local_date=day)
    assert MomentumEvent.objects.filter(user=person).count() == 2


def test_taking_back_leaves_a_row_without_units(person: User) -> None:
    about: dict[str, Any] = {"habit": "h", "ordinal": 1, "local_date": "2026-03-09", "credit": 1.0}
    tell(person, "habit.completed", **about)
    tell(person, "habit.undone", **about)
    event = MomentumEvent.objects.get(user=person)
    assert (event.units, event.normalized_score, event.tag) == (0.0, 0.0, "action_step")
    reason = PendingScore.objects.latest("id").reason
    assert reason.startswith("An action step of 9 Mar was taken back on ")
    tell(person, "habit.completed", **about)
    event.refresh_from_db()
    assert (event.units, event.normalized_score) == (1.0, 1.0)


@pytest.mark.parametrize(
    "raw_data",
    [
        {},
        {"value": None},
        {"value": "480"},
        {"value": True},
        {"value": math.nan},
        {"value": math.inf},
        {"value": 10**400},
        {"value": 1e16},
        {"value": [480]},
        {"value": 480, "metric": None},
        {"value": 480, "metric": ""},
        {"value": 480, "local_date": "yesterday"},
        {"value": 480, "local_date": "2026-02-30"},
        {"value": 480, "local_date": "1026-02-20"},
        {"value": 480, "local_date": 20260220},
    ],
)
def test_what_makes_no_sense_makes_no_event_and_is_logged(
    person: User, raw_data: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    told = {"metric": "m", "local_date": "2026-03-09", **raw_data}
    happening = Happening(uuid4(), person, "biometrics.sleep", told, "web", NOON, NOON, None)
    with caplog.at_level(logging.WARNING, "momentum"):
        project(happening)
    assert not MomentumEvent.objects.exists()
    assert not PendingScore.objects.exists()
    assert [line.message.split()[0] for line in caplog.records] == ["event_not_made"]


def test_the_change_stands_when_its_event_makes_no_sense(person: User) -> None:
    row = tell(person, "biometrics.sleep", metric="m", value="a lot")
    assert RawBehavioralLog.objects.filter(pk=row.pk).exists()
    assert not MomentumEvent.objects.exists()


@pytest.mark.parametrize("value", [0, -0.0, 5e-324, -3, 1e15, 0.1])
def test_odd_but_possible_values_are_kept(person: User, value: float) -> None:
    tell(person, "biometrics.sleep", metric="m", value=value)
    assert MomentumEvent.objects.get().raw_value == pytest.approx(value)


def test_a_change_that_is_rolled_back_takes_its_event_along(person: User) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        tell(person, "coach.message_sent")
        raise RuntimeError
    assert not MomentumEvent.objects.exists()
    assert not PendingScore.objects.exists()


def test_without_consent_nothing_is_derived() -> None:
    user = UserFactory()
    assert record(user, "coach.message_sent", source="chat", idempotency_key="1") is None
    assert not MomentumEvent.objects.exists()


def test_of_those_who_are_gone_nothing_is_derived(person: User) -> None:
    User.objects.filter(pk=person.pk).update(deleted_at=NOON)
    tell(person, "coach.message_sent")
    User.objects.filter(pk=person.pk).update(deleted_at=None, is_active=False)
    tell(person, "coach.message_sent")
    assert replay(None, None, None, None) == 0
    assert not MomentumEvent.objects.exists()


def test_a_goal_that_moves_is_logged_beside_its_event(person: User) -> None:
    goal = uuid4()
    told: dict[str, Any] = {"goal": str(goal), "text": "Run a 5K", "local_date": "2026-03-10"}
    tell(person, "goal.progressed", percent=20, moved=1, value=1.0, unit="km", **told)
    row = tell(person, "goal.progressed", percent=22, moved=3, **told)
    event = MomentumEvent.objects.get(user=person)
    assert (event.raw_value, event.normalized_score, event.pillar) == (3, 0.8, "cognitive")
    logs = list(GoalProgressLog.objects.filter(user=person).order_by("percent_complete"))
    assert [log.percent_complete for log in logs] == [20, 22]
    assert (logs[0].goal_id, logs[0].goal_text) == (goal, "Run a 5K")
    assert [(log.value, log.unit) for log in logs] == [(1.0, "km"), (None, "")]
    assert logs[1].log_id == row.pk
    GoalProgressLog.objects.all().delete()
    replay(person.pk, person.pk, None, None)
    assert GoalProgressLog.objects.count() == 2


def test_a_published_version_decides_how_values_become_scores(person: User) -> None:
    first = versions.active()
    stricter = {"normalizer": "ratio", "parameters": {"target": 16000}}
    second = ScoringVersion.objects.create(
        name="v2",
        parameters={**first.parameters, "normalizers": {"biometrics.steps": stricter}},
        status="ready",
    )
    versions.publish(second)
    tell(person, "biometrics.steps", metric="steps", value=8000)
    tell(person, "coach.message_sent")
    steps = MomentumEvent.objects.get(tag="steps")
    assert (steps.normalized_score, steps.normalizer_version) == (0.5, "v2")
    assert MomentumEvent.objects.get(tag="coach_interaction").normalized_score == 1.0


def test_rows_added_together_make_the_events_they_would_have_made_one_by_one(person: User) -> None:
    tell(person, "biometrics.sleep", metric="m", value=480, local_date="2026-03-09")
    tell(person, "today_tile.tapped", tile="a.b")
    tell(person, "habit.archived")
    ids = list(RawBehavioralLog.objects.values_list("pk", flat=True))
    live = rows_of(person)
    MomentumEvent.objects.all().delete()
    PendingScore.objects.all().delete()
    assert project_many(ids, reason="Sleep of 9 Mar came late") == 2
    assert rows_of(person) == live
    pending = PendingScore.objects.get(user=person)
    assert (pending.since, pending.reason) == (date(2026, 3, 9), "Sleep of 9 Mar came late")
    assert project_many(ids) == 0
    assert project_many([]) == 0


def test_rows_of_those_who_withdrew_make_no_events_again(person: User) -> None:
    row = tell(person, "coach.message_sent")
    MomentumEvent.objects.all().delete()
    agree(person, granted=False)
    assert project_many([row.pk]) == 0
    assert replay(None, None, None, None) == 0


def test_a_rebuild_touches_only_its_people_and_days(person: User) -> None:
    other = TrackedUserFactory()
    for user in (person, other):
        for day in (8, 9, 10, 11):
            tell(user, "biometrics.sleep", metric="m", value=480, local_date=f"2026-03-{day:02}")
        tell(user, "coach.message_sent", datetime(2026, 3, 10, 1, 30, tzinfo=UTC))  # still the 9th
    live = {user.pk: rows_of(user) for user in (person, other)}
    MomentumEvent.objects.all().update(raw_value=-1)
    PendingScore.objects.all().delete()
    assert replay(person.pk, person.pk, date(2026, 3, 9), date(2026, 3, 10)) == 3
    assert MomentumEvent.objects.filter(user=other, raw_value=-1).count() == 5
    assert MomentumEvent.objects.filter(user=person, raw_value=-1).count() == 2
    assert PendingScore.objects.get().since == date(2026, 3, 9)
    assert replay(None, None, None, None) == 7
    assert {user.pk: rows_of(user) for user in (person, other)} == live
    assert replay(None, None, None, None) == 0


def test_a_rebuild_takes_away_what_the_ledger_does_not_tell_of(person: User) -> None:
    row = tell(person, "coach.message_sent", local_date="2026-03-09")
    closing = MomentumEvent.objects.get(user=person)
    closing.pk, closing.log_id, closing.subject = uuid4(), None, "action_step:day"
    closing.save(force_insert=True)
    RawBehavioralLog.objects.filter(pk=row.pk).delete()
    PendingScore.objects.all().delete()
    assert replay(person.pk, person.pk, None, None) == 1
    assert [event.log_id for event in MomentumEvent.objects.all()] == [None]
    assert PendingScore.objects.get().since == date(2026, 3, 9)


def test_of_a_rebuild_every_day_with_a_changed_action_step_is_seen_to(person: User) -> None:
    for day in ("2026-03-07", "2026-03-09", "2026-03-12"):
        tell(person, "habit.completed", habit="h", ordinal=1, credit=1.0, local_date=day)
    for day in ("2026-03-08", "2026-03-11"):
        tell(person, "biometrics.sleep", metric="m", value=480, local_date=day)
    MomentumEvent.objects.all().update(raw_value=-1)
    lost = MomentumEvent.objects.get(local_date=date(2026, 3, 12))
    RawBehavioralLog.objects.filter(pk=str(lost.log_id)).delete()
    PendingScore.objects.all().delete()
    assert replay(person.pk, person.pk, None, None) == 5
    days = PendingScore.objects.order_by("since").values_list("since", flat=True)
    # Of the nights the first is enough: nothing sums them up.
    assert [day.day for day in days] == [7, 8, 9, 12]


def test_a_row_keeps_its_day_when_the_person_moves(person: User) -> None:
    tell(person, "coach.message_sent", datetime(2026, 3, 10, 12, tzinfo=UTC))
    User.objects.filter(pk=person.pk).update(timezone="Pacific/Kiritimati")
    MomentumEvent.objects.update(raw_value=-1)
    assert replay(None, None, None, None) == 1
    assert MomentumEvent.objects.get().local_date == date(2026, 3, 10)


# --- Properties ---------------------------------------------------------------------------------
# The database may know other rules than Python of a zone whose law has just changed: these are settled.
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Pacific/Kiritimati",
    "Pacific/Apia",
    "America/St_Johns",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
]
moments = st.datetimes(datetime(2001, 1, 1), datetime(2036, 12, 31), timezones=st.just(UTC))


class DayTests(TestCase):
    @given(st.sampled_from(ZONES), st.integers(0, 6), st.lists(moments, min_size=1, max_size=40))
    def test_postgres_knows_a_persons_day_as_python_does(
        self, zone: str, start: int, times: list[datetime]
    ) -> None:
        person = User(timezone=zone, day_start_hour=start)
        # The nights on which the clocks change, minute by minute around them.
        for month, day in ((3, 29), (10, 25), (3, 8), (11, 1), (4, 5), (10, 4)):
            night = datetime(2026, month, day, tzinfo=UTC)
            times += [night + timedelta(minutes=30 * step) for step in range(-30, 50)]
        with connection.cursor() as cursor:
            own_day = local_date_sql("at", "%s", "%s")
            rows = "unnest(%s::timestamptz[]) WITH ORDINALITY AS told (at, place) ORDER BY place"
            cursor.execute(f"SELECT {own_day} FROM {rows}", [zone, start, times])  # noqa: S608 - ours
            days = [row[0] for row in cursor.fetchall()]
        assert days == [local_day(person, at) for at in times]


DAYS = [date(2026, 3, 27) + timedelta(days=n) for n in range(4)]  # over a change of the clocks
habit_rows = st.builds(
    lambda kind, habit, ordinal, day, credit: (
        kind,
        {
            "habit": habit,
            "ordinal": ordinal,
            "local_date": day.isoformat(),
            "credit": credit,
        },
    ),
    st.sampled_from(
        ["habit.completed", "habit.partial", "habit.missed", "habit.skipped", "habit.undone"]
    ),
    st.sampled_from(["a", "b"]),
    st.integers(1, 2),
    st.sampled_from(DAYS),
    st.floats(0, 1),
)
sleep_rows = st.builds(
    lambda gone, value, day: (
        "biometrics.sleep_removed" if gone else "biometrics.sleep",
        {"metric": "sleep_minutes", "value": value, "local_date": day.isoformat()},
    ),
    st.booleans(),
    st.one_of(st.floats(0, 900), st.integers(0, 900), st.just("much"), st.none()),
    st.sampled_from(DAYS),
)
plain_rows: st.SearchStrategy[Any] = st.tuples(
    st.sampled_from(["coach.message_sent", "today_tile.tapped", "habit.edited", "app.opened"]),
    st.just({}),
)
happenings = st.tuples(
    st.one_of(habit_rows, habit_rows, sleep_rows, plain_rows),
    st.integers(0, 96 * 60),  # when it happened
    st.integers(0, 5),  # when it was told: often at the same moment, or late
)


class OrderTests(TestCase):
    @settings(max_examples=20)
    @given(
        st.lists(happenings, min_size=1, max_size=12),
        st.randoms(use_true_random=False),
        st.sampled_from(ZONES),
    )
    def test_live_replayed_and_shuffled_are_the_same(
        self, told: list[Any], chance: Any, zone: str
    ) -> None:
        person = TrackedUserFactory(timezone=zone)
        versions.active()
        start = datetime(2026, 3, 27, tzinfo=UTC)
        ids = [uuid4() for _ in told]
        rows = [
            Happening(
                ids.pop(),
                person,
                kind,
                raw_data,
                "web",
                start + timedelta(minutes=minutes),
                start + timedelta(days=5, seconds=heard),
                None,
            )
            for (kind, raw_data), minutes, heard in told
        ]
        RawBehavioralLog.objects.bulk_create(
            RawBehavioralLog(
                id=row.log_id,
                user=person,
                idempotency_key=str(row.log_id),
                interaction_type=row.interaction_type,
                raw_data=row.raw_data,
                source=row.source,
                occurred_at=row.occurred_at,
                received_at=row.received_at,
            )
            for row in rows
        )
        found = []
        for _ in range(3):
            MomentumEvent.objects.filter(user=person).delete()
            chance.shuffle(rows)
            for row in rows:
                project(row)
            found.append(rows_of(person))
        assert replay(person.pk, person.pk, None, None) == 0
        MomentumEvent.objects.filter(user=person).delete()
        replay(person.pk, person.pk, None, None)
        found.append(rows_of(person))
        MomentumEvent.objects.filter(user=person).delete()
        project_many([row.log_id for row in rows])
        found.append(rows_of(person))
        assert all(each == found[0] for each in found)


# --- Two at once --------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_two_that_tell_of_one_subject_at_once_leave_the_later_told() -> None:
    person = TrackedUserFactory()
    versions.active()
    barrier = threading.Barrier(2)
    rows = [
        Happening(
            UUID(int=place + 1),
            person,
            "biometrics.steps",
            {"metric": "steps", "value": 1000 * (place + 1), "local_date": "2026-03-09"},
            "web",
            NOON,
            NOON + timedelta(seconds=place),
            None,
        )
        for place in range(2)
    ]

    def tell_it(row: Happening) -> None:
        try:
            for _ in range(10):
                barrier.wait(10)
                with transaction.atomic():
                    project(row)
        finally:
            connection.close()

    threads = [threading.Thread(target=tell_it, args=(row,)) for row in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert MomentumEvent.objects.get(user=person).raw_value == 2000


@pytest.mark.django_db(transaction=True)
def test_a_rebuild_beside_live_traffic_loses_nothing() -> None:
    person = TrackedUserFactory()
    versions.active()
    tell(person, "biometrics.steps", metric="steps", value=1, local_date="2026-03-09")
    failures: list[Exception] = []
    over = threading.Event()

    def rebuild() -> None:
        try:
            while not over.is_set():
                replay(person.pk, person.pk, None, None)
        except Exception as failure:
            failures.append(failure)
        finally:
            connection.close()

    thread = threading.Thread(target=rebuild)
    thread.start()
    for number in range(40):
        tell(person, "biometrics.steps", metric="steps", value=number, local_date="2026-03-09")
        tell(person, "coach.message_sent")
    over.set()
    thread.join()
    assert not failures
    assert MomentumEvent.objects.get(tag="steps").raw_value == 39
    assert MomentumEvent.objects.filter(tag="coach_interaction").count() == 40
    assert replay(person.pk, person.pk, None, None) == 0
