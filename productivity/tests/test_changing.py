"""Making, changing, finishing and bringing back tasks: once, whoever asks and however often."""

import threading
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connections

from accounts.consent import set_consent
from accounts.day import day_bounds
from accounts.models import ConsentKind, ConsentSource
from coaching.models import RawBehavioralLog
from productivity import changing, history
from productivity.changing import TaskGone, TaskRefused
from productivity.models import Task, TaskEvent, TaskSeries
from productivity.recurrence import Repeat

from .factories import UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
MONDAYS = Repeat("FREQ=WEEKLY;BYDAY=MO", date(2026, 3, 9))


@pytest.fixture
def person():
    user = UserFactory()
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    return user


def make(user, title="Write the report", *, now=NOW, repeat=None, **fields):
    return changing.create(user, {"title": title, **fields}, source="web", now=now, repeat=repeat)


def take_back(user, task, **how):
    assert task.change_id is not None
    return history.undo(user, task.change_id, **how)


def told(user):
    rows = RawBehavioralLog.objects.filter(user=user).order_by("received_at", "id")
    return list(rows.values_list("interaction_type", flat=True))


def kinds(task):
    return list(task.events.order_by("id").values_list("event_type", flat=True))


def row_of(task):
    row = Task.objects.get(pk=task.pk)
    return {name: getattr(row, name) for name in history.TRACKED}


def folds(task):
    return history.folded(task.events.order_by("id")) == row_of(task)


def test_a_new_task_has_a_row_an_event_and_a_ledger_entry(person):
    task = make(person, "  Call   mum ", category="#Family ", priority=3, estimated_minutes=15)
    task.refresh_from_db()
    assert (task.title, task.category, task.priority) == ("Call mum", "family", 3)
    assert kinds(task) == ["create"]
    assert told(person) == ["task.created"]
    assert folds(task)


def test_a_task_due_on_a_day_is_due_until_the_persons_day_ends(person):
    task = make(person, due_on=date(2026, 3, 12))
    assert task.due_at == day_bounds(person, date(2026, 3, 12))[1]
    task = changing.edit(person, task.pk, {"due_at": LATER}, source="web", now=NOW)
    assert (task.due_at, task.due_on) == (LATER, None)
    task = changing.edit(person, task.pk, {"due_on": None}, source="web", now=NOW)
    assert task.due_at is None


def test_the_same_origin_is_made_once(person):
    first = changing.create(
        person, {"title": "A"}, source="api", origin="client", origin_id="7", now=NOW
    )
    again = changing.create(
        person, {"title": "B"}, source="api", origin="client", origin_id="7", now=LATER
    )
    assert again.pk == first.pk
    assert kinds(first) == ["create"]


@pytest.mark.parametrize(
    "fields",
    [
        {"title": " \0 "},
        {"title": "x" * 201},
        {"priority": 4},
        {"estimated_minutes": 0},
        {"estimated_minutes": 6001},
        {"category": "x" * 41},
        {"due_at": datetime(9999, 1, 1, tzinfo=UTC)},
        {"due_on": date(1900, 1, 1)},
        {"planned_end": NOW},
    ],
    ids=lambda fields: next(iter(fields)) + str(len(str(fields))),
)
def test_what_no_task_can_be_is_refused_in_words(person, fields):
    with pytest.raises(TaskRefused, match=r"\w"):
        make(person, **{"title": "Fine", **fields})
    assert not Task.objects.filter(user=person).exists()


def test_editing_counts_once_and_the_same_again_changes_nothing(person):
    task = make(person)
    for _ in range(2):
        task = changing.edit(
            person, task.pk, {"title": "Ring mum", "priority": 2}, source="web", now=LATER
        )
    assert task.edit_count == 1
    assert kinds(task) == ["create", "modify"]
    assert told(person) == ["task.created", "task.edited"]
    assert folds(task)


def test_an_older_version_is_refused_before_anything_changes(person):
    task = make(person)

    class Older(Exception):
        pass

    def check(row):
        raise Older(row.title)

    with pytest.raises(Older, match="Write the report"):
        changing.complete(person, task.pk, source="api", check=check, now=LATER)
    assert kinds(task) == ["create"]


def test_a_snooze_rests_and_gives_up_the_slot_before_it(person):
    task = make(person)
    changing.plan(person, task.pk, LATER, None, source="web", now=NOW)
    until = NOW + timedelta(days=1)
    for _ in range(2):
        task = changing.snooze(person, task.pk, until, source="web", now=NOW)
    assert (task.status, task.snoozed_until, task.snooze_count) == ("snoozed", until, 1)
    assert task.planned_start is None
    assert kinds(task) == ["create", "modify", "snooze"]
    with pytest.raises(TaskRefused):
        changing.snooze(person, task.pk, NOW, source="web", now=LATER)
    assert folds(task)


def test_a_slot_is_as_long_as_the_estimate(person):
    task = make(person, estimated_minutes=45)
    task = changing.plan(person, task.pk, LATER, None, source="web", now=NOW)
    assert task.planned_end == LATER + timedelta(minutes=45)
    with pytest.raises(TaskRefused):
        changing.plan(person, task.pk, LATER, LATER, source="web", now=NOW)
    task = changing.plan(person, task.pk, None, None, source="web", now=NOW)
    assert (task.planned_start, task.planned_end) == (None, None)
    assert told(person).count("task.planned") == 2


def test_starting_wakes_a_snoozed_task(person):
    task = make(person)
    changing.snooze(person, task.pk, LATER, source="web", now=NOW)
    for _ in range(2):
        task = changing.start(person, task.pk, source="web", now=NOW)
    assert (task.status, task.started_at, task.snoozed_until) == ("pending", NOW, None)
    assert kinds(task) == ["create", "snooze", "modify"]


def test_done_twice_is_done_once(person):
    task = make(person)
    for _ in range(2):
        task = changing.complete(person, task.pk, source="web", now=LATER)
    assert (task.status, task.completed_at) == ("completed", LATER)
    assert kinds(task) == ["create", "complete"]
    assert told(person) == ["task.created", "task.completed"]
    with pytest.raises(TaskRefused):
        changing.snooze(person, task.pk, NOW + timedelta(days=1), source="web", now=LATER)
    with pytest.raises(TaskRefused):
        changing.complete(
            person, make(person).pk, source="web", at=NOW + timedelta(days=1), now=NOW
        )


def test_something_done_earlier_is_told_at_the_moment_it_was_done(person):
    task = make(person)
    changing.complete(person, task.pk, source="web", at=NOW, now=LATER)
    entry = RawBehavioralLog.objects.get(user=person, interaction_type="task.completed")
    assert entry.occurred_at == NOW


def test_reopened_is_open_again(person):
    task = make(person)
    changing.complete(person, task.pk, source="web", now=LATER)
    for _ in range(2):
        task = changing.reopen(person, task.pk, source="web", now=LATER)
    assert (task.status, task.completed_at) == ("pending", None)
    assert told(person) == ["task.created", "task.completed", "task.reopened"]
    assert folds(task)


def test_a_parent_takes_its_open_steps_along_and_undo_brings_all_back(person):
    parent = make(person)
    done, still = (make(person, title, parent=parent) for title in ("one", "two"))
    changing.complete(person, done.pk, source="web", now=NOW)
    before = {task.pk: row_of(task) for task in (parent, done, still)}
    parent = changing.complete(person, parent.pk, source="web", now=LATER)
    assert Task.objects.filter(status="completed").count() == 3
    assert told(person).count("task.completed") == 2, "steps taken along are not told as steps done"
    for _ in range(2):
        take_back(person, parent, source="web", now=LATER)
    assert {task.pk: row_of(task) for task in (parent, done, still)} == before
    assert all(folds(task) for task in (parent, done, still))


def test_deleting_takes_the_steps_along_and_restoring_brings_those_back(person):
    parent = make(person)
    first, second = (make(person, title, parent=parent) for title in ("one", "two"))
    changing.delete(person, first.pk, source="web", now=NOW)
    before = row_of(parent), row_of(second)
    changing.delete(person, parent.pk, source="web", now=LATER)
    assert not Task.objects.for_user(person).exists()
    with pytest.raises(TaskRefused):
        changing.restore(person, second.pk, source="web", now=LATER)
    changing.restore(person, parent.pk, source="web", now=LATER)
    assert (row_of(parent), row_of(second)) == before
    assert row_of(first)["status"] == "deleted"


def test_what_is_deleted_says_so(person):
    task = make(person)
    for _ in range(2):
        changing.delete(person, task.pk, source="web", now=NOW)
    assert kinds(task) == ["create", "delete"]
    for verb in (changing.complete, changing.start, changing.reopen):
        with pytest.raises(TaskGone):
            verb(person, task.pk, source="web", now=LATER)
    with pytest.raises(TaskGone):
        changing.edit(person, task.pk, {"title": "x"}, source="web", now=LATER)


def test_a_done_task_comes_back_done(person):
    task = make(person)
    changing.complete(person, task.pk, source="web", now=NOW)
    changing.delete(person, task.pk, source="web", now=LATER)
    task = changing.restore(person, task.pk, source="web", now=LATER)
    assert (task.status, task.completed_at) == ("completed", NOW)


def test_steps_have_one_floor(person):
    parent = make(person)
    step = make(person, "one", parent=parent)
    assert (step.parent_id, step.position) == (parent.pk, 0)
    assert make(person, "two", parent_id=parent.pk).position == 1
    with pytest.raises(TaskRefused):
        make(person, "deeper", parent=step)
    with pytest.raises(TaskRefused):
        make(person, "again and again", parent=parent, repeat=MONDAYS)
    with pytest.raises(TaskRefused):
        changing.edit(person, parent.pk, {"parent": make(person)}, source="web", now=NOW)
    with pytest.raises(TaskRefused):
        changing.edit(person, step.pk, {"parent": step}, source="web", now=NOW)


# --- What repeats


def test_a_repeating_task_comes_again_when_it_is_done(person):
    task = make(person, "Bins out", repeat=MONDAYS, category="home")
    step = make(person, "Paper", parent=task)
    assert (task.occurrence_on, task.due_on) == (date(2026, 3, 9), date(2026, 3, 9))
    for _ in range(2):
        changing.complete(person, task.pk, source="web", now=NOW)
    following = Task.objects.get(series=task.series, status="pending")
    assert (following.due_on, following.title, following.category) == (
        date(2026, 3, 16),
        "Bins out",
        "home",
    )
    assert [each.title for each in following.steps.all()] == [step.title]
    assert folds(following)


def test_reopening_takes_the_untouched_next_one_away_and_done_again_brings_it_back(person):
    task = make(person, repeat=MONDAYS)
    changing.complete(person, task.pk, source="web", now=NOW)
    following = Task.objects.get(series=task.series, status="pending")
    changing.reopen(person, task.pk, source="web", now=NOW)
    assert row_of(following)["status"] == "deleted"
    changing.complete(person, task.pk, source="web", now=LATER)
    assert row_of(following)["status"] == "pending"
    assert Task.objects.filter(series=task.series).count() == 2
    changing.edit(person, following.pk, {"title": "Mine"}, source="web", now=LATER)
    changing.reopen(person, task.pk, source="web", now=LATER)
    assert row_of(following)["status"] == "pending"


def test_undoing_a_repeating_one_undoes_the_next_one(person):
    task = make(person, repeat=MONDAYS)
    task = changing.complete(person, task.pk, source="web", now=NOW)
    event = task.events.get(event_type="complete")
    history.undo(person, event.pk, source="web", now=LATER)
    assert Task.objects.get(series=task.series, deleted_at=None).pk == task.pk


def test_the_last_occurrence_ends_the_series_and_reopening_it_goes_on(person):
    task = make(person, repeat=Repeat("FREQ=DAILY;COUNT=1", date(2026, 3, 10)))
    changing.complete(person, task.pk, source="web", now=NOW)
    assert TaskSeries.objects.get().ended_at == NOW
    changing.reopen(person, task.pk, source="web", now=NOW)
    assert TaskSeries.objects.get().ended_at is None


def test_a_late_one_is_followed_by_one_to_come_not_by_a_pile(person):
    task = make(person, repeat=Repeat("FREQ=DAILY", date(2026, 3, 1)))
    changing.complete(person, task.pk, source="web", now=NOW)
    assert Task.objects.get(series=task.series, status="pending").due_on == date(2026, 3, 11)


def test_what_counts_from_when_it_was_done_begins_anew(person):
    repeat = Repeat("FREQ=DAILY;INTERVAL=3", date(2026, 3, 1), repeat_from="completion")
    task = make(person, repeat=repeat)
    changing.complete(person, task.pk, source="web", now=NOW)
    assert Task.objects.get(series=task.series, status="pending").due_on == date(2026, 3, 13)


def test_a_deleted_occurrence_is_left_out_and_the_series_can_end(person):
    task = make(person, repeat=MONDAYS)
    changing.delete(person, task.pk, source="web", now=NOW)
    following = Task.objects.get(series=task.series, status="pending")
    assert following.due_on == date(2026, 3, 16)
    gone = changing.delete(person, following.pk, source="web", now=NOW, ends_series=True)
    assert not Task.objects.filter(status="pending").exists()
    take_back(person, gone, source="web", now=LATER)
    assert TaskSeries.objects.get().ended_at is None
    changing.complete(person, following.pk, source="web", now=LATER)
    assert Task.objects.get(series=task.series, status="pending").due_on == date(2026, 3, 23)


def test_another_rule_and_none_can_be_taken_back(person):
    task = make(person, repeat=MONDAYS)
    before = row_of(task)
    daily = Repeat("RRULE:FREQ=DAILY", date(2026, 3, 11), time(8))
    task = changing.edit(person, task.pk, {"repeat": daily}, source="web", now=NOW)
    assert task.due_at == datetime(2026, 3, 11, 7, tzinfo=UTC)
    again = changing.edit(person, task.pk, {"repeat": daily}, source="web", now=NOW)
    assert again.edit_count == 1
    ended = changing.edit(person, task.pk, {"repeat": None}, source="web", now=NOW)
    assert ended.series_id is None
    take_back(person, ended, source="web", now=LATER)
    take_back(person, task, source="web", now=LATER)
    assert row_of(task) == before
    assert TaskSeries.objects.get(pk=before["series_id"]).ended_at is None


def test_a_rule_that_cannot_be_followed_is_refused(person):
    with pytest.raises(TaskRefused):
        make(person, repeat=Repeat("FREQ=SECONDLY", date(2026, 3, 9)))


def test_whole_days_and_clock_times_move_with_the_person(person):
    day = make(person, due_on=date(2026, 3, 12))
    at_eight = make(person, repeat=Repeat("FREQ=DAILY", date(2026, 3, 12), time(8)))
    fixed = make(person, due_at=LATER)
    moved = make(person, repeat=Repeat("FREQ=DAILY", date(2026, 3, 12), time(8)))
    changing.edit(person, moved.pk, {"due_at": LATER}, source="web", now=NOW)
    person.timezone = "America/New_York"
    person.save()
    assert row_of(day)["due_at"] == day_bounds(person, date(2026, 3, 12))[1]
    assert row_of(at_eight)["due_at"] == datetime(2026, 3, 12, 12, tzinfo=UTC)
    assert row_of(fixed)["due_at"] == row_of(moved)["due_at"] == LATER
    assert day.events.get(event_type="modify").source == "system"
    assert row_of(day)["edit_count"] == 0
    person.save()
    assert day.events.count() == 2


# --- Whose it is, and who may know


def test_another_persons_task_is_unknown(person):
    task = make(UserFactory())
    for verb in (changing.complete, changing.reopen, changing.delete, changing.restore):
        with pytest.raises(Task.DoesNotExist):
            verb(person, task.pk, source="web", now=NOW)
    with pytest.raises(Task.DoesNotExist):
        make(person, parent_id=task.pk)
    with pytest.raises(TaskEvent.DoesNotExist):
        take_back(person, task, source="web", now=NOW)


def test_without_consent_the_task_stands_and_nothing_is_kept_in_the_ledger():
    user = UserFactory()
    task = make(user)
    changing.complete(user, task.pk, source="web", now=NOW)
    assert kinds(task) == ["create", "complete"]
    assert told(user) == []


# --- Two at once


def both(*verbs):
    """Runs the verbs at once on connections of their own; what each gave or raised."""
    barrier = threading.Barrier(len(verbs))
    outcomes: list[Any] = [None] * len(verbs)

    def run(number, verb):
        try:
            barrier.wait()
            outcomes[number] = verb()
        except Exception as error:
            outcomes[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(verbs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.django_db(transaction=True)
def test_two_at_once_finish_a_repeating_task_once():
    person = UserFactory()
    set_consent(person, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    task = make(person, repeat=MONDAYS)
    outcomes = both(
        *[lambda: changing.complete(person, task.pk, source="web", now=NOW) for _ in range(4)]
    )
    assert all(isinstance(outcome, Task) for outcome in outcomes)
    assert kinds(task) == ["create", "complete"]
    assert Task.objects.filter(series=task.series).count() == 2
    assert told(person).count("task.completed") == 1


@pytest.mark.django_db(transaction=True)
def test_editing_and_deleting_at_once_end_in_one_order_or_the_other():
    person = UserFactory()
    task = make(person)
    edited, deleted = both(
        lambda: changing.edit(person, task.pk, {"title": "New"}, source="web", now=NOW),
        lambda: changing.delete(person, task.pk, source="web", now=NOW),
    )
    assert isinstance(deleted, Task)
    assert isinstance(edited, Task | TaskGone)
    assert folds(task)
    assert kinds(task) in (["create", "modify", "delete"], ["create", "delete"])


@pytest.mark.django_db(transaction=True)
def test_a_step_added_while_its_task_is_finished_is_not_left_open():
    person = UserFactory()
    task = make(person)
    added, _ = both(
        lambda: make(person, "Step", parent_id=task.pk),
        lambda: changing.complete(person, task.pk, source="web", now=NOW),
    )
    assert isinstance(added, TaskRefused) or row_of(added)["status"] == "completed"


@pytest.mark.django_db(transaction=True)
def test_two_at_once_undo_once():
    person = UserFactory()
    task = make(person)
    done = changing.complete(person, task.pk, source="web", now=NOW)
    both(*[lambda: take_back(person, done, source="web", now=LATER) for _ in range(3)])
    assert kinds(task) == ["create", "complete", "restore"]
