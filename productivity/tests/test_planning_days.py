"""Days and weeks that fit: capacity, a day's plan, and what is offered when too much is asked."""

import itertools
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.toolkit import BusyTime, busy_sources
from productivity import history
from productivity.models import PlanningHours, Task, TaskEvent
from productivity.scheduling.capacity import capacity
from productivity.scheduling.negotiating import leave, renegotiate, take_up
from productivity.scheduling.planning_day import DayPlan, accept_plan, plan_day
from productivity.task_fields import TaskRefused
from productivity.tests.factories import TaskFactory

# A Monday, 08:00 in Berlin; the window of messages is 08:00 to 21:00: 13 hours a day.
NOW = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    made: User = UserFactory(timezone="Europe/Berlin")
    return made


def task_of(user: User, **fields: object) -> Task:
    made: Task = TaskFactory(user=user, **{"created_at": NOW - HOUR, **fields})
    return made


def accept_all(user: User, plan: DayPlan) -> None:
    items = [(one.task.pk, one.starts_at, one.ends_at) for one in plan.items]
    accept_plan(user, items, source="web", now=NOW)


# --- Capacity -----------------------------------------------------------------------------------
def test_a_week_is_measured_in_free_and_asked_minutes(user: User) -> None:
    task_of(user, estimated_minutes=90, due_at=NOW + 24 * HOUR)
    task_of(user, estimated_minutes=60, due_at=NOW - 24 * HOUR)
    task_of(user, estimated_minutes=600, due_at=NOW + 24 * 30 * HOUR)
    task_of(user, estimated_minutes=600)
    found = capacity(user, now=NOW)
    assert found.week == (TODAY, date(2026, 3, 8))
    assert (found.asked_minutes, found.tasks, found.unestimated) == (150, 2, 0)
    assert found.free_minutes == 7 * 13 * 60
    assert found.fits


def test_what_others_take_is_not_free_but_slots_of_tasks_are_counted_once(user: User) -> None:
    task_of(user, planned_start=NOW + HOUR, planned_end=NOW + 2 * HOUR, estimated_minutes=60)

    def shift(user: User, since: datetime, until: datetime) -> list[BusyTime]:
        return [BusyTime(NOW + 3 * HOUR, NOW + 5 * HOUR, "a shift")]

    with busy_sources.instead(test__shift=shift):
        found = capacity(user, now=NOW)
    assert found.free_minutes == 7 * 13 * 60 - 120
    assert found.asked_minutes == 60


def test_tasks_without_an_estimate_are_counted_as_usual_and_that_is_said(user: User) -> None:
    for _ in range(3):
        task_of(user, category="home", estimated_minutes=40)
    task_of(user, category="home", due_at=NOW + HOUR)
    found = capacity(user, now=NOW)
    assert (found.asked_minutes, found.unestimated) == (40, 1)
    assert "1 task is not estimated" in found.words


def test_a_task_with_open_steps_is_counted_by_its_steps(user: User) -> None:
    whole = task_of(user, estimated_minutes=300, due_at=NOW + HOUR)
    task_of(user, parent=whole, estimated_minutes=20, due_at=NOW + HOUR)
    assert capacity(user, now=NOW).asked_minutes == 20


def test_snoozed_beyond_the_week_is_not_asked(user: User) -> None:
    until = NOW + 24 * 20 * HOUR
    task_of(user, due_at=NOW + HOUR, status="snoozed", snoozed_until=until)
    assert capacity(user, now=NOW).asked_minutes == 0


# --- A day --------------------------------------------------------------------------------------
def test_a_day_holds_at_most_85_percent_and_says_what_is_left_over(user: User) -> None:
    for _ in range(14):
        task_of(user, estimated_minutes=30, due_at=NOW + 30 * HOUR)
    plan = plan_day(user, TODAY, now=NOW + 6 * HOUR)
    assert plan.free_minutes == 7 * 60
    assert plan.planned_minutes <= 0.85 * plan.free_minutes
    assert len(plan.items) + len(plan.left_over) == 14
    assert all(one.words for one in plan.left_over)
    items = sorted(plan.items, key=lambda item: item.starts_at)
    for earlier, later in itertools.pairwise(items):
        assert later.starts_at - earlier.ends_at >= timedelta(minutes=10)


def test_a_free_day_is_not_filled_from_morning_to_night(user: User) -> None:
    for _ in range(10):
        task_of(user, estimated_minutes=60, due_at=NOW + 30 * HOUR)
    plan = plan_day(user, TODAY, now=NOW)
    assert plan.planned_minutes == 8 * 60
    assert plan.left_over[0].words == "It takes 1 hour; that day holds enough already."


def test_the_most_pressing_are_chosen_first(user: User) -> None:
    for _ in range(12):
        task_of(user, estimated_minutes=60)
    pressing = task_of(user, estimated_minutes=120, due_at=NOW + 10 * HOUR, priority=3)
    plan = plan_day(user, TODAY, now=NOW)
    item = next(one for one in plan.items if one.task == pressing)
    assert item.ends_at <= NOW + 10 * HOUR


def test_what_is_planned_stays_and_habits_are_respected(user: User) -> None:
    kept = task_of(user, planned_start=NOW + 2 * HOUR, planned_end=NOW + 3 * HOUR)
    task_of(user, estimated_minutes=120)
    doing = task_of(user, started_at=NOW)

    def yoga(user: User, since: datetime, until: datetime) -> list[BusyTime]:
        return [BusyTime(NOW + 4 * HOUR, NOW + 5 * HOUR, "“Yoga”")]

    with busy_sources.instead(test__yoga=yoga):
        plan = plan_day(user, TODAY, now=NOW)
    assert [one.task for one in plan.items if one.is_kept] == [kept]
    assert doing not in {one.task for one in plan.items}
    for one in plan.items:
        assert one.ends_at <= NOW + 4 * HOUR or one.starts_at >= NOW + 5 * HOUR
        if not one.is_kept:
            assert one.ends_at <= NOW + 2 * HOUR or one.starts_at >= NOW + 3 * HOUR


def test_a_plan_changes_nothing_until_it_is_accepted_and_is_undone_at_once(user: User) -> None:
    tasks = [task_of(user, estimated_minutes=30) for _ in range(3)]
    plan = plan_day(user, TODAY, now=NOW)
    assert not TaskEvent.objects.exists()
    accept_all(user, plan)
    accept_all(user, plan)
    assert TaskEvent.objects.count() == 3
    batch = TaskEvent.objects.values_list("batch", flat=True).distinct().get()
    assert batch is not None
    history.undo(user, batch, source="web", now=NOW)
    for task in tasks:
        task.refresh_from_db()
        assert task.planned_start is None


def test_a_plan_is_taken_whole_or_not_at_all(user: User) -> None:
    first, second = task_of(user), task_of(user)
    task_of(user, title="Dentist", planned_start=NOW + 3 * HOUR, planned_end=NOW + 4 * HOUR)
    items = [
        (first.pk, NOW + HOUR, NOW + 2 * HOUR),
        (second.pk, NOW + 3 * HOUR, NOW + 4 * HOUR),
    ]
    with pytest.raises(TaskRefused, match="Dentist"):
        accept_plan(user, items, source="web", now=NOW)
    assert not TaskEvent.objects.exists()
    overlapping = [items[0], (second.pk, NOW + HOUR, NOW + 2 * HOUR)]
    with pytest.raises(TaskRefused, match="same time"):
        accept_plan(user, overlapping, source="web", now=NOW)
    with pytest.raises(TaskRefused, match="begun"):
        accept_plan(user, [(first.pk, NOW - HOUR, NOW)], source="web", now=NOW)
    with pytest.raises(Task.DoesNotExist):
        accept_plan(user, [*items, (uuid4(), NOW, NOW)], source="web", now=NOW)


def test_a_day_that_is_over_is_not_planned(user: User) -> None:
    with pytest.raises(TaskRefused):
        plan_day(user, TODAY - timedelta(days=1), now=NOW)


@pytest.mark.parametrize(
    "day", [date(2026, 3, 29), date(2026, 10, 25)], ids=["spring forward", "fall back"]
)
def test_days_on_which_the_clock_changes_are_planned(user: User, day: date) -> None:
    PlanningHours.objects.create(
        user=user, opens=datetime(2026, 1, 1, 0, 30).time(), closes=datetime(2026, 1, 1, 6).time()
    )
    now = datetime.combine(day, datetime.min.time(), tzinfo=UTC) - 6 * HOUR
    for _ in range(3):
        task_of(user, estimated_minutes=45)
    for one_day in (day - timedelta(days=1), day):
        for item in plan_day(user, one_day, now=now).items:
            assert item.ends_at - item.starts_at == timedelta(minutes=45)
            assert item.starts_at > now


# --- Too much -----------------------------------------------------------------------------------
def overload(user: User) -> list[Task]:
    due = NOW + 48 * HOUR
    return [
        task_of(user, title=f"Chapter {n}", estimated_minutes=480, due_at=due, priority=n % 4)
        for n in range(14)
    ]


def test_when_the_week_fits_nothing_is_proposed(user: User) -> None:
    task_of(user, estimated_minutes=60, due_at=NOW + HOUR)
    assert renegotiate(user, now=NOW) == []


def test_proposals_make_the_week_fit_with_what_matters_least(user: User) -> None:
    overload(user)
    week = capacity(user, now=NOW)
    assert not week.fits
    assert "too much" in week.words
    found = renegotiate(user, now=NOW)
    assert sum(one.minutes for one in found) >= week.asked_minutes - week.free_minutes
    assert {one.task.priority for one in found} == {0}
    assert len({one.task for one in found}) == len(found)


def test_taking_proposals_up_makes_room_once_and_can_be_undone(user: User) -> None:
    overload(user)
    proposal = renegotiate(user, now=NOW)[0]
    take_up(user, proposal.task.pk, proposal.what, source="web", now=NOW)
    after = capacity(user, now=NOW)
    take_up(user, proposal.task.pk, proposal.what, source="web", now=NOW)
    assert capacity(user, now=NOW) == after
    event = TaskEvent.objects.get()
    history.undo(user, event.pk, source="web", now=NOW)
    assert capacity(user, now=NOW).asked_minutes == 14 * 480


def test_what_was_left_is_not_proposed_again_for_a_week(user: User) -> None:
    overload(user)
    first = renegotiate(user, now=NOW)[0]
    leave(user, first.task.pk, now=NOW)
    assert first.task not in {one.task for one in renegotiate(user, now=NOW)}
    assert not TaskEvent.objects.exists()


def test_old_unimportant_tasks_may_be_let_go_and_important_ones_not(user: User) -> None:
    overload(user)
    due, old = NOW + 24 * HOUR, NOW - 24 * 60 * HOUR
    idle = task_of(user, estimated_minutes=400, due_at=due, created_at=old)
    dear = task_of(user, estimated_minutes=400, due_at=due, created_at=old, priority=3)
    found = {one.task: one for one in renegotiate(user, now=NOW)}
    assert found[idle].what == "let_go"
    assert dear not in found
    take_up(user, idle.pk, "let_go", source="web", now=NOW)
    idle.refresh_from_db()
    assert idle.deleted_at is not None


def test_later_moves_a_whole_day_by_a_week(user: User) -> None:
    task = task_of(user, due_on=date(2026, 3, 4), due_at=datetime(2026, 3, 5, 2, tzinfo=UTC))
    take_up(user, task.pk, "later", source="web", now=NOW)
    task.refresh_from_db()
    assert task.due_on == date(2026, 3, 11)


def test_proposals_for_another_persons_task_are_not_found(user: User) -> None:
    task, stranger = task_of(user), UserFactory()
    with pytest.raises(Task.DoesNotExist):
        take_up(stranger, task.pk, "let_go", source="web", now=NOW)
    with pytest.raises(Task.DoesNotExist):
        leave(stranger, task.pk, now=NOW)
