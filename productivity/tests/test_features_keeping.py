"""Snapshots: only of those who agree, the same after each change as at night, and missed nights are made good."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.consent import set_consent
from accounts.day import day_bounds
from accounts.models import ConsentKind, ConsentSource, User
from accounts.tests.factories import UserFactory
from productivity import changing, tasks, withdrawal
from productivity.features import keeping, nightly, online
from productivity.features.current import snapshot_of
from productivity.models import (
    FeatureSnapshot,
    PersonaProfile,
    SlotOdds,
    Task,
    TaskEvent,
)
from productivity.tests.test_features_measuring import STEP, act

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def agree(user: User, granted: bool = True) -> User:
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, granted, ConsentSource.WEB)
    return user


def somebody(**fields: Any) -> User:
    return agree(UserFactory(**fields))


def busy(user: User, many: int = 12, start: datetime = START) -> None:
    """A task a day, each done half a day before it is due."""
    for day in range(many):
        at = start + day * DAY
        fields = {"title": "Write", "due_at": at + DAY, "category": "home"}
        task = changing.create(user, fields, source="web", now=at)
        changing.complete(user, task.pk, source="web", now=at + DAY / 2)


def content(row: FeatureSnapshot) -> dict[str, Any]:
    left_out = {"id", "created_at", "updated_at", "is_provisional"}
    return {
        field.attname: getattr(row, field.attname)
        for field in FeatureSnapshot._meta.concrete_fields
        if field.attname not in left_out
    }


def night(*people: User, now: datetime) -> int:
    ids = sorted(user.pk for user in people)
    return nightly.run(ids[0], ids[-1], now=now)


def test_who_does_not_agree_is_not_measured() -> None:
    silent, refused = UserFactory(), agree(UserFactory(), granted=False)
    for user in (silent, refused):
        busy(user, 3)
        assert not online.update(user.pk, START + 5 * DAY)
        assert night(user, now=START + 5 * DAY) == 0
        assert snapshot_of(user) is None
    assert not FeatureSnapshot.objects.exists()
    assert not online.update(uuid4(), START)


def test_after_a_change_today_is_up_to_date_and_provisional() -> None:
    user = somebody()
    busy(user)
    assert online.update(user.pk, START + 12 * DAY)
    row = snapshot_of(user)
    assert row is not None
    assert (row.tasks_seen, row.is_provisional, row.date) == (12, True, date(2026, 3, 14))
    assert row.procrastination_score is not None
    assert row.score_low is not None
    assert row.score_high is not None
    assert row.score_low < row.procrastination_score < row.score_high


def test_it_is_too_early_to_say_with_few_tasks() -> None:
    user = somebody()
    busy(user, 4)
    online.update(user.pk, START + 5 * DAY)
    row = snapshot_of(user)
    assert row is not None
    assert (row.procrastination_score, row.score_low, row.score_high) == (None, None, None)
    assert row.tasks_seen == 4


def test_a_night_takes_yesterday_of_everybody_at_once_and_twice_is_once() -> None:
    people = [somebody(timezone=zone) for zone in ("Asia/Tokyo", "America/New_York")]
    for user in people:
        busy(user, 3)
    now = START + 4 * DAY
    assert night(*people, now=now) == 2
    rows = {row.user_id: content(row) for row in FeatureSnapshot.objects.all()}
    assert night(*people, now=now) == 0
    assert {row.user_id: content(row) for row in FeatureSnapshot.objects.all()} == rows
    assert all(not row.is_provisional for row in FeatureSnapshot.objects.all())


def test_missed_nights_are_made_good_as_of_their_own_day() -> None:
    careful, missed = somebody(), somebody()
    for user in (careful, missed):
        busy(user, 10)
    for day in range(2, 8):
        night(careful, now=START + day * DAY)
    night(missed, now=START + 2 * DAY)
    night(missed, now=START + 7 * DAY)

    def told(user: User) -> list[dict[str, Any]]:
        rows = FeatureSnapshot.objects.filter(user=user, is_provisional=False).order_by("date")
        return [{**content(row), "user_id": None} for row in rows]

    assert len(told(missed)) == 6
    assert told(missed) == told(careful)


def test_a_final_day_is_never_made_provisional_again() -> None:
    user = somebody()
    busy(user, 5)
    now = START + 3 * DAY
    keeping.take([keeping.of_day(user, date(2026, 3, 5))])
    late = keeping.Due(user.pk, user.timezone, date(2026, 3, 5), now, is_final=False)
    assert keeping.take([late]) == 0
    assert not FeatureSnapshot.objects.get(user=user).is_provisional


def test_a_lost_task_is_found_by_the_hourly_run() -> None:
    user = somebody()
    busy(user, 1, start=START)
    now = START + DAY / 2 + HOUR
    FeatureSnapshot.objects.create(user=user, date=date(2026, 3, 1), is_provisional=False)
    FeatureSnapshot.objects.update(updated_at=START - DAY)
    assert night(user, now=now) == 1
    row = FeatureSnapshot.objects.get(user=user, date=date(2026, 3, 2))
    assert row.tasks_seen == 1


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(STEP, min_size=1, max_size=20), st.sampled_from(["UTC", "Europe/Berlin"]))
def test_updating_after_each_change_ends_where_the_night_does(
    steps: list[tuple[str, int, int, int]], zone: str
) -> None:
    online_one, nightly_one = somebody(timezone=zone), somebody(timezone=zone)
    at, mine = START, list[Task]()
    for step in steps:
        at += step[2] * HOUR / 4
        act(online_one, mine, step, at)
        online.update(online_one.pk, at)
    copies = {task.pk: uuid4() for task in mine}
    for task in Task.objects.filter(pk__in=copies):
        Task.objects.create(
            **{
                field.attname: getattr(task, field.attname)
                for field in Task._meta.concrete_fields
                if field.attname not in ("id", "user_id")
            },
            id=copies[task.pk],
            user=nightly_one,
        )
    events: dict[UUID, TaskEvent] = {}
    for event in TaskEvent.objects.filter(user=online_one).order_by("created_at", "id"):
        events[event.pk] = TaskEvent.objects.create(
            user=nightly_one,
            task_id=copies[event.task_id],
            event_type=event.event_type,
            event_payload=event.event_payload,
            source=event.source,
            undoes=events.get(event.undoes_id) if event.undoes_id else None,
            created_at=event.created_at,
        )
    day = snapshot_of(online_one)
    assert day is not None
    end = day_bounds(online_one, day.date)[1] - keeping.TICK
    online.update(online_one.pk, end)
    assert night(nightly_one, now=end + HOUR) >= 1
    rows = [
        content(FeatureSnapshot.objects.get(user=user, date=day.date))
        for user in (online_one, nightly_one)
    ]
    for row in rows:
        del row["user_id"]
    assert rows[0] == rows[1]


def test_tasks_of_the_queue_hand_out_ranges_and_call_the_verbs() -> None:
    user = somebody()
    busy(user, 2, start=timezone.now() - 3 * DAY)
    assert tasks.update_features(str(user.pk))
    assert list(nightly.ranges()) == [(user.pk, user.pk)]
    assert tasks.take_snapshots_of(str(user.pk), str(user.pk)) >= 0


# --- Withdrawal ---------------------------------------------------------------------------------
def everything_of(user: User) -> None:
    FeatureSnapshot.objects.create(user=user, date=date(2026, 3, 2))
    PersonaProfile.objects.create(user=user, learned_weights={"plain": {"tried": 1}})
    changing.create(user, {"title": "Write"}, source="web", now=START)


def test_what_was_derived_goes_and_tasks_stay() -> None:
    person, other = somebody(), somebody()
    for user in (person, other):
        everything_of(user)
    assert withdrawal.forget(person.pk) == 0
    agree(person, granted=False)
    assert tasks.forget_derived(str(person.pk)) == 1
    assert not FeatureSnapshot.objects.filter(user=person).exists()
    assert PersonaProfile.objects.get(user=person).learned_weights == {}
    assert Task.objects.filter(user=person).count() == 1
    assert TaskEvent.objects.filter(user=person).count() == 1
    assert FeatureSnapshot.objects.filter(user=other).exists()
    assert tasks.forget_derived(str(person.pk)) == 0
    assert tasks.forget_derived(str(uuid4())) == 0


def test_the_sweep_finds_everybody_who_withdrew_and_nobody_else() -> None:
    gone, back = somebody(), somebody()
    for user in (gone, back):
        everything_of(user)
        agree(user, granted=False)
    agree(back)
    assert tasks.forget_derived_of_those_who_withdrew() == 1
    assert FeatureSnapshot.objects.get().user == back
    assert SlotOdds.objects.count() == 0


@pytest.mark.parametrize(
    ("granted", "task"), [(False, "forget_derived"), (True, "update_features")]
)
def test_a_decision_is_followed_at_once(
    granted: bool, task: str, django_capture_on_commit_callbacks: Any
) -> None:
    user = agree(UserFactory(), granted=not granted)
    with django_capture_on_commit_callbacks() as asked:
        agree(user, granted=granted)
    assert [call for call in asked if f"productivity.tasks.{task}" in repr(call)]
    with django_capture_on_commit_callbacks() as asked:
        set_consent(user, ConsentKind.EMAIL, True, ConsentSource.WEB)
    assert not [call for call in asked if "productivity.tasks" in repr(call)]
