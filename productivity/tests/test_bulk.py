"""One thing for many tasks; snoozes that end; and what all of it counts as."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.consent import set_consent
from accounts.day import local_day
from accounts.models import ConsentKind, ConsentSource
from coaching.models import RawBehavioralLog
from productivity import bulk, changing, history, snoozing
from productivity.changing import TaskRefused
from productivity.coach.behavior import due_days, logged_days
from productivity.coach.names import names_of_tasks
from productivity.models import Task, TaskEvent

from .factories import UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
def person():
    return UserFactory()


def make(user, title="Write", *, now=NOW, **fields):
    return changing.create(user, {"title": title, **fields}, source="web", now=now)


def statuses(tasks):
    rows = dict(Task.objects.values_list("pk", "status"))
    return [rows[task.pk] for task in tasks]


def test_many_are_done_in_one_batch_and_undone_at_once(person):
    parent = make(person)
    tasks = [parent, make(person, parent=parent), make(person), make(person)]
    outcome = bulk.complete_many(person, [each.pk for each in tasks], source="web", now=NOW)
    assert statuses(tasks) == ["completed"] * 4
    assert outcome.refusals == []
    assert TaskEvent.objects.filter(batch=outcome.batch).count() == 4
    assert outcome.batch is not None
    history.undo(person, outcome.batch, source="web", now=NOW)
    assert statuses(tasks) == ["pending"] * 4
    for task in tasks:
        events = task.events.order_by("id")
        row = Task.objects.get(pk=task.pk)
        assert history.folded(events) == {name: getattr(row, name) for name in history.TRACKED}


def test_one_that_is_refused_holds_nobody_up(person):
    done, still, gone = (make(person, title) for title in ("a", "b", "c"))
    changing.complete(person, done.pk, source="web", now=NOW)
    changing.delete(person, gone.pk, source="web", now=NOW)
    outcome = bulk.snooze_many(
        person, [done.pk, still.pk, gone.pk], TOMORROW, source="web", now=NOW
    )
    assert statuses([done, still, gone]) == ["completed", "snoozed", "deleted"]
    assert {each.task_id for each in outcome.refusals} == {done.pk, gone.pk}
    assert all(each.words for each in outcome.refusals)


def test_many_are_edited_and_deleted(person):
    ids = [make(person).pk for _ in range(3)]
    bulk.edit_many(person, ids, {"category": "Work", "priority": 2}, source="web", now=NOW)
    assert set(Task.objects.values_list("category", "priority")) == {("work", 2)}
    assert bulk.edit_many(person, ids, {"priority": 2}, source="web", now=NOW).batch is None
    bulk.delete_many(person, ids, source="web", now=NOW)
    assert not Task.objects.for_user(person).exists()


def test_another_persons_among_them_changes_nothing(person):
    mine, other = make(person), make(UserFactory())
    with pytest.raises(Task.DoesNotExist):
        bulk.delete_many(person, [mine.pk, other.pk], source="web", now=NOW)
    assert statuses([mine, other]) == ["pending", "pending"]
    with pytest.raises(TaskRefused):
        bulk.delete_many(person, [uuid4() for _ in range(501)], source="web", now=NOW)


# --- Snoozes that end


def test_a_snooze_that_is_over_ends_with_an_event_for_everybody_at_once(person):
    mine, other, still = make(person), make(UserFactory()), make(person)
    for task in (mine, other):
        changing.snooze(task.user, task.pk, TOMORROW, source="web", now=NOW)
    changing.snooze(person, still.pk, TOMORROW + timedelta(days=1), source="web", now=NOW)
    assert snoozing.wake_due(NOW) == 0
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert snoozing.wake_due(TOMORROW) == 2
    assert len([query for query in queries if "WITH over" in query["sql"]]) == 1
    assert snoozing.wake_due(TOMORROW) == 0
    assert statuses([mine, other, still]) == ["pending", "pending", "snoozed"]
    event = mine.events.latest("id")
    assert (event.event_type, event.source) == ("modify", "system")
    row = Task.objects.get(pk=mine.pk)
    folded = history.folded(mine.events.order_by("id"))
    assert folded == {name: getattr(row, name) for name in history.TRACKED}
    assert row.updated_at > mine.updated_at
    history.undo(person, event.pk, source="web", now=TOMORROW)
    assert Task.objects.get(pk=mine.pk).snoozed_until == TOMORROW


# --- What it counts as


def days(source, user, since, until):
    return {row.day: (row.fulfilled, row.asked) for row in source(user.pk, user.pk, since, until)}


def test_a_day_of_tasks_is_what_was_due_and_done_by_its_end(person):
    first, second = date(2026, 3, 9), date(2026, 3, 10)
    on_time, late, open_one, free = (
        make(person, "a", due_on=first),
        make(person, "b", due_on=first),
        make(person, "c", due_at=NOW),
        make(person, "d"),
    )
    gone = make(person, "e", due_on=first)
    changing.delete(person, gone.pk, source="web", now=NOW)
    # Half past one at night still belongs to the day before.
    night = datetime(2026, 3, 10, 0, 30, tzinfo=UTC)
    assert local_day(person, night) == first
    changing.complete(person, on_time.pk, source="web", at=night, now=NOW)
    changing.complete(person, late.pk, source="web", now=NOW)
    changing.complete(person, free.pk, source="web", now=NOW)
    make(UserFactory(), due_on=first)
    assert days(due_days, person, first, second) == {first: (1, 2), second: (1, 2)}
    assert open_one.is_open
    told = days(logged_days, person, first, second)
    assert told == {second: (9.0, 0.0)}


def test_the_retraction_stands_at_the_moment_it_was_done(person):
    set_consent(person, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    task = make(person)
    changing.complete(person, task.pk, source="web", now=NOW)
    changing.reopen(person, task.pk, source="web", now=NOW + timedelta(days=2))
    entry = RawBehavioralLog.objects.get(user=person, interaction_type="task.reopened")
    assert entry.occurred_at == NOW
    assert entry.raw_data["task"] == str(task.pk)
    assert "Write" not in str(entry.raw_data)


def test_tasks_have_names_for_their_person_only(person):
    task = make(person, "Call mum")
    assert names_of_tasks(person, [task.pk]) == {task.pk: "Call mum"}
    assert names_of_tasks(UserFactory(), [task.pk]) == {}


def test_many_take_no_more_statements_than_a_few(person):
    taken = []
    for count in (5, 60):
        tasks = [make(person, f"Task {number}", priority=number % 4) for number in range(count)]
        with CaptureQueriesContext(connection) as captured:
            outcome = bulk.complete_many(person, [each.pk for each in tasks], source="web", now=NOW)
        assert outcome.batch is not None
        with CaptureQueriesContext(connection) as captured_again:
            history.undo(person, outcome.batch, source="web", now=NOW)
        assert statuses(tasks) == ["pending"] * count
        taken.append((len(captured), len(captured_again)))
    assert taken[0] == taken[1]
