"""The whole way with nothing faked: what a person says about tasks, the built-in coach, the real tools, rows and cards."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from django.apps import apps
from django.utils import timezone

from accounts.day import local_day
from coaching.agent.tests.conftest import _orderly_end
from coaching.agent.tests.test_builtin_journey import Talk
from productivity.models import Breakdown, CoachingNudge, StuckReport, Task, TaskStatus
from productivity.scheduling import proposed_days

from .factories import TaskFactory, UserFactory

__all__ = ["_orderly_end"]

pytestmark = pytest.mark.django_db(transaction=True)


@sync_to_async
def talk(*titles: str, habits: tuple[str, ...] = (), **fields: Any) -> Talk:
    person = Talk(UserFactory.create(timezone="Europe/Berlin"))
    for title in titles:
        TaskFactory(user=person.user, title=title, **fields)
    for name in habits:
        day = local_day(person.user, timezone.now())
        apps.get_model("habits", "Habit").objects.create(
            user=person.user, name=name, category="fitness", cadence="daily", starts_on=day
        )
    return person


@sync_to_async
def only_task(person: Talk) -> Task:
    return Task.objects.filter(user=person.user, parent__isnull=True).latest("id")


async def test_a_task_is_added_listed_moved_and_done_in_words() -> None:
    person = await talk()
    answer = await person.say("add call mum tomorrow 6pm 15 min !high #family to my tasks")
    [card] = person.cards
    assert card["kind"] == "productivity.task"
    assert card["undo"]["verb"] == "productivity.undo"
    assert "call mum" in answer
    task = await only_task(person)
    assert (task.title, task.category, task.estimated_minutes) == ("call mum", "family", 15)

    answer = await person.say("what's on my list?")
    assert "call mum" in answer
    await person.say("push call mum to friday")
    moved = await only_task(person)
    assert moved.due_on is not None
    assert moved.due_on.weekday() == 4
    await person.say("done with the call to mum")
    assert (await only_task(person)).status == TaskStatus.COMPLETED


async def test_finished_tasks_are_ticked_and_habits_stay_habits() -> None:
    person = await talk("Write the quarterly report", habits=("Morning run",))
    await person.say("I finished the quarterly report")
    assert person.cards[0]["kind"] == "productivity.task"
    assert (await only_task(person)).status == TaskStatus.COMPLETED
    await person.say("I did my morning run")
    assert person.cards[0]["kind"] == "habits.tick"


async def test_a_task_rests_until_a_moment_that_was_said() -> None:
    person = await talk("Write the report")
    await person.say("snooze the report until tomorrow 9am")
    task = await only_task(person)
    assert task.status == TaskStatus.SNOOZED
    assert task.snoozed_until is not None
    assert task.snoozed_until.astimezone(person.user.tz).hour == 9


async def test_a_deleted_task_can_be_brought_back() -> None:
    person = await talk("Write the report")
    await person.say("delete the report task")
    assert (await only_task(person)).status == TaskStatus.DELETED
    assert person.cards[0]["undo"]


async def test_a_task_nobody_knows_is_answered_with_near_names() -> None:
    person = await talk("Write the quarterly report", "Write the novel")
    answer = await person.say("mark the task write as done")
    assert "quarterly report" in answer
    assert "novel" in answer
    assert (await only_task(person)).status == TaskStatus.PENDING


async def test_steps_are_a_draft_until_yes() -> None:
    person = await talk("Write the report", estimated_minutes=60)
    await person.say("break down the report")
    [card] = person.cards
    assert card["kind"] == "productivity.breakdown"
    assert card["is_proposal"]
    task = await only_task(person)
    assert not await task.steps.aexists()
    await person.say("yes")
    assert await task.steps.acount() > 2
    assert (await Breakdown.objects.aget(task=task)).status == "accepted"


async def test_a_stuck_task_is_asked_about_and_gets_what_fits() -> None:
    person = await talk("Write the report")
    answer = await person.say("I'm stuck on the report")
    assert "in the way" in answer
    assert person.cards[0]["suggestions"]
    answer = await person.say(person.cards[0]["suggestions"][2])
    assert "10 minutes" in answer
    assert (await StuckReport.objects.aget()).reason == "boring"


async def test_a_good_time_is_found_for_a_task_and_habits_keep_theirs() -> None:
    person = await talk("Write the report", habits=("Morning run",))
    await person.say("when should I write the report?")
    assert person.cards[0]["kind"] == "productivity.slots"
    await person.say("when should I do my morning run?")
    assert person.cards[0]["kind"].startswith("habits.")


async def test_a_day_is_planned_as_a_draft_and_accepted() -> None:
    person = await talk("Write the report", estimated_minutes=30)
    day = local_day(person.user, timezone.now()) + timedelta(days=7)
    await person.say(f"plan my day {day.isoformat()}")
    [card] = person.cards
    assert card["kind"] == "productivity.day"
    assert (await only_task(person)).planned_start is None
    if not card["data"]["items"]:
        return  # a day off
    await person.say("yes")
    assert (await only_task(person)).planned_start is not None


async def test_the_week_is_added_up() -> None:
    person = await talk("Write the report", estimated_minutes=60)
    answer = await person.say("does my week fit?")
    assert person.cards[0]["kind"] == "productivity.week"
    assert "seven days" in answer


async def test_reminders_stay_reminders() -> None:
    person = await talk("Call mum")
    await person.say("remind me to call mum tomorrow at 6pm")
    assert person.cards[0]["kind"] == "coaching.reminder"


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("I need to buy milk tomorrow", "buy milk"),
        ("I have to call the dentist on Friday", "call the dentist"),
        ("buy stamps tomorrow", "buy stamps"),
    ],
)
async def test_an_errand_with_its_day_becomes_a_task(said: str, title: str) -> None:
    person = await talk()
    await person.say(said)
    assert person.cards[0]["kind"] == "productivity.task"
    task = await only_task(person)
    assert task.title == title
    assert task.due_on is not None


@pytest.mark.parametrize(
    "said",
    [
        "I need to exercise tomorrow",
        "I need to run a 5k by June",
        "call me tomorrow",
        "I need to talk to you today",
        "I have to clean every Friday",
    ],
)
async def test_what_is_no_errand_does_not_become_a_task(said: str) -> None:
    person = await talk()
    await person.say(said)
    assert not await Task.objects.filter(user=person.user).aexists()


async def test_a_task_that_is_named_better_than_a_habit_is_the_one_that_is_done() -> None:
    person = await talk("Call the bank", habits=("Call family",))
    await person.say("done with the call to the bank")
    assert (await only_task(person)).status == TaskStatus.COMPLETED


async def test_a_proposed_day_that_was_left_is_not_accepted_by_a_later_yes() -> None:
    person = await talk("Write the report", estimated_minutes=30)
    day = local_day(person.user, timezone.now()) + timedelta(days=7)
    await person.say(f"plan my day {day.isoformat()}")
    data = person.cards[0]["data"]
    if not data["items"]:
        return  # a day off
    left = await sync_to_async(proposed_days.leave_day)(person.user, UUID(data["plan"]))
    assert left.card.data["answer"] == "left"
    await person.say("accept the day")
    assert (await only_task(person)).planned_start is None


async def test_a_nudge_comes_when_it_is_asked_for_and_teasing_only_where_it_is_on() -> None:
    person = await talk("Hand in the tax return")
    answer = await person.say("nudge me")
    assert "tax return" in answer
    answer = await person.say("roast me")
    assert "Teasing is off" in answer
    assert await CoachingNudge.objects.filter(user=person.user).acount() == 2


async def test_a_nudge_with_a_moment_is_a_reminder() -> None:
    person = await talk("Call mum")
    await person.say("nudge me at 9 to call mum")
    assert person.cards[0]["kind"] == "coaching.reminder"
