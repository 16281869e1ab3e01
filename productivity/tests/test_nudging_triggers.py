"""What calls for a nudge, found for many people in few queries, and whether it moved afterwards."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.toolkit import Span, need_sources
from productivity import changing
from productivity.coach.needs import were_done
from productivity.models import NudgeTrigger, Task
from productivity.nudging.triggers import FINDERS, SAMPLES, purpose_of, working_minutes

from .factories import TaskFactory

NOON = datetime(2026, 6, 10, 10, tzinfo=UTC)  # 12:00 in Berlin, a Wednesday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def ada(db: None) -> User:
    user: User = UserFactory(timezone="Europe/Berlin")
    return user


def found(trigger: NudgeTrigger, *people: User, now: datetime = NOON):
    return FINDERS[trigger]({person.pk: person for person in people}, now)


def made(user: User, at: datetime = NOON - 10 * DAY, **fields) -> Task:
    return changing.create(user, {"title": "Tax form", **fields}, source="web", now=at)


def test_what_is_due_within_a_day_calls_and_the_nearer_the_louder(ada):
    near = TaskFactory(user=ada, title="Near", due_at=NOON + 2 * HOUR)
    far = TaskFactory(user=ada, title="Far", due_at=NOON + 20 * HOUR)
    TaskFactory(user=ada, due_at=NOON + 30 * HOUR)
    TaskFactory(user=ada, due_at=NOON + timedelta(minutes=5))
    first, second = found(NudgeTrigger.DUE_SOON, ada)
    assert (first.task, second.task) == (near, far)
    assert first.gap > second.gap
    assert first.facts == {"task": "Near", "due": "today at 14:00"}
    assert second.facts["due"] == "tomorrow at 08:00"
    assert first.until == NOON + 2 * HOUR


def test_a_task_of_a_whole_day_is_due_that_day(ada):
    TaskFactory(user=ada, due_on=date(2026, 6, 10), due_at=NOON + 15 * HOUR)
    assert found(NudgeTrigger.DUE_SOON, ada)[0].facts["due"] == "today"


def test_what_was_due_calls_for_two_weeks(ada):
    TaskFactory(user=ada, title="Old", due_at=NOON - 5 * DAY)
    TaskFactory(user=ada, title="Ancient", due_at=NOON - 15 * DAY)
    TaskFactory(user=ada, title="Today", due_at=NOON - HOUR)
    names = {each.task.title: each.facts["late"] for each in found(NudgeTrigger.OVERDUE, ada)}
    assert names == {"Today": "earlier today", "Old": "Friday"}


def test_what_is_asleep_done_deleted_or_at_work_does_not_call(ada):
    soon = NOON + 2 * HOUR
    TaskFactory(user=ada, due_at=soon, status="snoozed", snoozed_until=NOON + DAY)
    TaskFactory(user=ada, due_at=soon, status="completed", completed_at=NOON)
    TaskFactory(user=ada, due_at=soon, status="deleted", deleted_at=NOON)
    TaskFactory(user=ada, due_at=soon, started_at=NOON - HOUR)
    assert found(NudgeTrigger.DUE_SOON, ada) == []


def test_what_was_put_off_three_times_calls(ada):
    TaskFactory(user=ada, snooze_count=2)
    TaskFactory(user=ada, title="Again", snooze_count=4)
    (again,) = found(NudgeTrigger.SNOOZED_OFTEN, ada)
    assert again.facts == {"task": "Again", "times": "4 times"}


def test_a_list_that_has_not_moved_for_days_calls_with_its_first_task(ada):
    made(ada, title="Later", due_at=NOON + 9 * DAY)
    made(ada, title="First", due_at=NOON + 8 * DAY)
    first = found(NudgeTrigger.INACTIVE, ada)[0]
    assert first.facts == {"task": "First", "days": "10 days"}
    made(ada, NOON - HOUR, title="New")
    assert found(NudgeTrigger.INACTIVE, ada) == []


def test_a_week_that_holds_more_than_work_hours_calls_with_what_may_wait(ada):
    for number in range(5):
        TaskFactory(
            user=ada, due_at=NOON + (number + 1) * DAY, estimated_minutes=480, priority=number % 3
        )
    assert found(NudgeTrigger.OVERLOADED, ada) == []
    TaskFactory(user=ada, title="Least", due_at=NOON + 6 * DAY, estimated_minutes=30)
    (full,) = found(NudgeTrigger.OVERLOADED, ada)
    assert full.facts == {"task": "Least", "tasks": "6", "hours": "40 hours"}
    ada.work_hours = {"mon": ["09:00", "17:00"]}
    assert working_minutes(ada) == 480
    ada.work_hours = {"mon": "nonsense"}
    assert working_minutes(ada) == 60


def test_a_slot_calls_around_its_beginning(ada):
    TaskFactory(user=ada, planned_start=NOON + HOUR, planned_end=NOON + 2 * HOUR)
    TaskFactory(user=ada, planned_start=NOON + 3 * HOUR, planned_end=NOON + 4 * HOUR)
    TaskFactory(user=ada, planned_start=NOON - HOUR, planned_end=NOON + HOUR)
    (slot,) = found(NudgeTrigger.SLOT_BEGINS, ada)
    assert slot.facts["at"] == "13:00"


@pytest.mark.parametrize("trigger", list(FINDERS))
def test_many_people_cost_as_many_queries_as_one(ada, trigger, django_assert_max_num_queries):
    people = [ada, *(UserFactory(timezone="Asia/Tokyo") for _ in range(6))]
    for person in people:
        made(person)
        TaskFactory(user=person, due_at=NOON + HOUR, estimated_minutes=2000, snooze_count=3)
        TaskFactory(user=person, due_at=NOON - HOUR)
        TaskFactory(user=person, planned_start=NOON, planned_end=NOON + HOUR)
        for _ in range(4):
            TaskFactory(user=person, due_at=NOON + DAY, estimated_minutes=600)
    with django_assert_max_num_queries(2):
        calls = found(trigger, *people)
    assert {call.task.user_id for call in calls} == {person.pk for person in people}
    assert all(0 < call.gap <= 1 for call in calls)
    assert all(call.until > NOON for call in calls)
    assert all(set(call.facts) == set(SAMPLES[trigger]) for call in calls)


@pytest.mark.parametrize("trigger", list(FINDERS))
def test_each_trigger_is_a_need_of_its_own_with_an_address(ada, trigger):
    made(ada)
    TaskFactory(user=ada, due_at=NOON + HOUR, estimated_minutes=6000, snooze_count=3)
    TaskFactory(user=ada, due_at=NOON - HOUR)
    TaskFactory(user=ada, planned_start=NOON, planned_end=NOON + HOUR)
    for _ in range(4):
        TaskFactory(user=ada, due_at=NOON + DAY, estimated_minutes=600)
    source = need_sources.get(purpose_of(trigger))
    needs = source.find([ada], NOON)
    assert needs
    assert all(need.action.startswith("/tasks/") for need in needs)
    assert set(source.samples) == set(needs[0].facts)
    assert source.find([], NOON) == []


# --- Whether it moved ------------------------------------------------------------------------------


def after(task: Task, *, subject=None) -> bool:
    return were_done([Span(task.user_id, subject or task.pk, NOON, NOON + 4 * HOUR)])[0]


def test_done_begun_dated_and_let_go_count_as_moved(ada):
    done, begun, dated, gone, still = (made(ada, title=f"Task {n}") for n in range(5))
    changing.complete(ada, done.pk, source="web", now=NOON + HOUR)
    changing.start(ada, begun.pk, source="web", now=NOON + HOUR)
    changing.edit(ada, dated.pk, {"due_at": NOON + DAY}, source="web", now=NOON + HOUR)
    changing.delete(ada, gone.pk, source="web", now=NOON + HOUR)
    assert all(after(task) for task in (done, begun, dated, gone))
    assert not after(still)
    assert after(still, subject=ada.pk), "a week moves with any of its tasks"


def test_putting_off_and_what_came_before_are_no_answer(ada):
    put_off, before = made(ada), made(ada)
    changing.snooze(ada, put_off.pk, NOON + DAY, source="web", now=NOON + HOUR)
    changing.complete(ada, before.pk, source="web", now=NOON - HOUR)
    assert not after(put_off)
    assert not after(before)


def test_a_step_moves_its_task(ada):
    task = made(ada)
    step = made(ada, title="First step", parent=task)
    changing.complete(ada, step.pk, source="web", now=NOON + HOUR)
    assert after(task)


def test_anothers_task_is_no_answer(ada):
    stranger = UserFactory()
    theirs = made(stranger)
    changing.complete(stranger, theirs.pk, source="web", now=NOON + HOUR)
    assert were_done([Span(ada.pk, theirs.pk, NOON, NOON + 4 * HOUR)]) == [False]
