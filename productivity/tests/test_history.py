"""Taking changes back, and what the events of a task tell."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from productivity import bulk, changing, history, snoozing
from productivity.changing import TaskGone, TaskRefused
from productivity.history import UndoRefused
from productivity.models import Task, TaskEvent, TaskSeries
from productivity.recurrence import Repeat

from .factories import UserFactory

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def make(user, title="Write", **fields):
    return changing.create(user, {"title": title, **fields}, source="web", now=NOW)


def take_back(user, task):
    return history.undo(user, task.change_id, source="web", now=LATER)


def row_of(task):
    row = Task.objects.get(pk=task.pk)
    return {name: getattr(row, name) for name in history.TRACKED}


@pytest.mark.django_db
def test_an_edit_is_taken_back_once_and_the_taking_back_too():
    user = UserFactory()
    task = make(user, category="home")
    before = row_of(task)
    edited = changing.edit(user, task.pk, {"title": "Type", "category": ""}, source="web", now=NOW)
    after = row_of(task)
    [undone] = take_back(user, edited)
    assert row_of(task) == before
    take_back(user, edited)
    assert task.events.count() == 3
    take_back(user, undone)
    assert row_of(task) == after
    assert [each.event_type for each in history.events_of(task)] == [
        "modify", "modify", "modify", "create",
    ]  # fmt: skip


@pytest.mark.django_db
def test_what_somebody_changed_since_is_not_taken_back_and_the_rest_stays():
    user = UserFactory()
    task = make(user)
    first = changing.edit(user, task.pk, {"title": "One"}, source="web", now=NOW)
    other = changing.edit(user, task.pk, {"category": "home"}, source="web", now=NOW)
    changing.edit(user, task.pk, {"title": "Two"}, source="api", now=NOW)
    with pytest.raises(UndoRefused, match="changed since"):
        take_back(user, first)
    take_back(user, other)
    assert (row_of(task)["title"], row_of(task)["category"]) == ("Two", "")
    assert row_of(task)["edit_count"] == 2


@pytest.mark.django_db
def test_something_made_goes_to_the_deleted_ones_and_comes_back():
    user = UserFactory()
    task = make(user)
    [gone] = take_back(user, task)
    assert row_of(task)["status"] == "deleted"
    take_back(user, gone)
    assert row_of(task)["status"] == "pending"


@pytest.mark.django_db
def test_a_batch_is_taken_back_whole_and_one_of_it_alone():
    user = UserFactory()
    tasks = [make(user, str(number)) for number in range(3)]
    done = bulk.complete_many(user, [task.pk for task in tasks], source="web", now=NOW)
    event = tasks[0].events.get(event_type="complete")
    history.undo(user, event.pk, source="web", now=LATER)
    assert [row_of(task)["status"] for task in tasks] == ["pending", "completed", "completed"]
    assert done.batch is not None
    history.undo(user, done.batch, source="web", now=LATER)
    assert {row_of(task)["status"] for task in tasks} == {"pending"}


@pytest.mark.django_db
def test_a_step_of_a_deleted_task_does_not_come_back_alone():
    user = UserFactory()
    parent = make(user)
    step = make(user, "step", parent=parent)
    gone = changing.delete(user, step.pk, source="web", now=NOW)
    changing.delete(user, parent.pk, source="web", now=NOW)
    with pytest.raises(UndoRefused, match="belongs to"):
        take_back(user, gone)


@pytest.mark.django_db
def test_another_persons_change_is_unknown():
    task = make(UserFactory())
    with pytest.raises(TaskEvent.DoesNotExist):
        take_back(UserFactory(), task)


@pytest.mark.django_db
def test_one_who_snoozed_the_next_occurrence_keeps_it_when_the_one_before_is_opened_again():
    user = UserFactory()
    repeat = Repeat("FREQ=DAILY", date(2026, 3, 10))
    task = changing.create(user, {"title": "Stretch"}, source="web", now=NOW, repeat=repeat)
    done = changing.complete(user, task.pk, source="web", now=NOW)
    following = Task.objects.get(series=task.series_id, status="pending")
    changing.snooze(user, following.pk, NOW + timedelta(days=3), source="web", now=NOW)
    take_back(user, done)
    assert row_of(task)["status"] == "pending"
    assert row_of(following)["status"] == "snoozed"


@pytest.mark.django_db
def test_a_series_that_was_over_is_over_again_when_its_reopening_is_taken_back():
    user = UserFactory()
    repeat = Repeat("FREQ=DAILY;COUNT=1", date(2026, 3, 10))
    task = changing.create(user, {"title": "Stretch"}, source="web", now=NOW, repeat=repeat)
    changing.complete(user, task.pk, source="web", now=NOW)
    reopened = changing.reopen(user, task.pk, source="web", now=NOW)
    take_back(user, reopened)
    assert TaskSeries.objects.get(occurrences=task).ended_at is not None


MOVES = st.lists(
    st.tuples(
        st.sampled_from([
            "create", "step", "repeat", "edit", "due", "complete", "reopen", "snooze", "delete",
            "end", "restore", "start", "plan", "unplan", "undo", "wake", "move", "stop", "bulk",
        ]),
        st.integers(0, 5),
        st.integers(0, 30),
    ),
    max_size=25,
)  # fmt: skip


class AnySequence(TestCase):
    """Whatever people do in whatever order: the tables hold, and the events tell the rows."""

    @settings(max_examples=60)
    @given(MOVES)
    def test_events_tell_the_rows_and_one_occurrence_is_open(self, moves):
        user = UserFactory()
        changes: list[UUID] = []
        now = NOW
        for move, which, number in moves:
            now += timedelta(hours=number)
            tasks = list(Task.objects.filter(user=user).order_by("id"))
            task = tasks[which % len(tasks)] if tasks else None
            try:
                changed = _do(user, move, task, number, now, changes)
            except (TaskRefused, TaskGone, UndoRefused):
                continue
            if changed is not None and changed.change_id is not None:
                changes.append(changed.change_id)
        for task in Task.objects.filter(user=user):
            assert history.folded(task.events.order_by("id")) == row_of(task)
        for series in TaskSeries.objects.filter(user=user, ended_at=None):
            if series.occurrences.exists():
                assert series.occurrences.filter(status__in=["pending", "snoozed"]).exists()
        orphans = Task.objects.filter(user=user, parent__deleted_at__isnull=False)
        assert not orphans.filter(deleted_at=None).exists()

    @settings(max_examples=40)
    @given(MOVES, st.sampled_from(["complete", "delete", "snooze", "edit", "plan", "due", "stop"]))
    def test_taking_the_last_change_back_gives_the_rows_as_they_were(self, moves, last):
        user = UserFactory()
        now = NOW
        for move, which, number in moves:
            now += timedelta(hours=number)
            tasks = list(Task.objects.filter(user=user).order_by("id"))
            try:
                _do(user, move, tasks[which % len(tasks)] if tasks else None, number, now, [])
            except (TaskRefused, TaskGone, UndoRefused):
                continue
        open_ones = Task.objects.filter(user=user, status__in=["pending", "snoozed"])
        task = open_ones.order_by("id").first()
        if task is None:
            return
        before = {each.pk: row_of(each) for each in Task.objects.filter(user=user)}
        try:
            changed = _do(user, last, task, 7, now, [])
        except TaskRefused:
            return
        if changed is None or changed.change_id is None:
            return
        history.undo(user, changed.change_id, source="web", now=now)
        for pk, row in before.items():
            assert row_of(Task(pk=pk)) == row
        added = Task.objects.filter(user=user).exclude(pk__in=before)
        assert set(added.values_list("status", flat=True)) <= {"deleted"}


def _do(user, move, task, number, now, changes):
    how = {"source": "web", "now": now}
    if move == "create" or task is None:
        return changing.create(user, {"title": f"Task {number}"}, **how)
    if move == "repeat":
        repeat = Repeat(f"FREQ=DAILY;COUNT={number % 3 + 1}", date(2026, 3, 10))
        return changing.create(user, {"title": "Again"}, repeat=repeat, **how)
    if move == "step":
        return changing.create(user, {"title": "Step", "parent": task}, **how)
    if move == "undo":
        return (
            history.undo(user, changes[-1 - number % len(changes)], **how)[0] if changes else None
        )
    if move == "wake":
        snoozing.wake_due(now)
        return None
    if move == "bulk":
        some = list(Task.objects.filter(user=user).order_by("id").values_list("pk", flat=True))
        bulk.complete_many(user, some[: number + 1], **how)
        return None
    soon = now + timedelta(hours=number + 1)
    extra = {
        "edit": ({"title": f"Title {number}", "priority": number % 4},),
        "due": ({"due_on": date(2026, 3, 11) + timedelta(days=number)},),
        "move": ({"parent": None},),
        "stop": ({"repeat": None},),
        "snooze": (soon,),
        "plan": (soon, None),
        "unplan": (None, None),
    }.get(move, ())
    name = {"due": "edit", "move": "edit", "stop": "edit", "unplan": "plan", "end": "delete"}
    if move == "end":
        return changing.delete(user, task.pk, ends_series=True, **how)
    return getattr(changing, name.get(move, move))(user, task.pk, *extra, **how)
