"""The checker of a rehearsed month finds each kind of broken promise about task nudges, and none where all is well."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.models import (
    CoachMessage,
    CrisisAlert,
    CrisisCategory,
    DeliveryState,
    MessageCause,
    Preferences,
    Reason,
)
from coaching.toolkit.rehearsing import Scene
from productivity.coach.rehearsal import EVERY, TasksInRehearsal
from productivity.models import CoachingNudge, NudgeMode, NudgeTrigger, PersonaType, WrittenBy
from productivity.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
START = datetime(2026, 6, 1, tzinfo=UTC)
NOON = START + 15 * DAY + 12 * HOUR
Plant = Callable[[TasksInRehearsal, User], object]


def played(people: int = 1) -> TasksInRehearsal:
    """Somebody of long standing with tasks and a taste for teasing, halfway through a month."""
    users = [UserFactory.create(timezone="UTC") for _ in range(people)]
    for user in users:
        Preferences.objects.get_or_create(user=user)
    scene = Scene(users, START, 30, random.Random(1), lambda: NOON, lambda at, what: None)
    lived = TasksInRehearsal(scene)
    for diary in lived.diaries.values():
        diary.humor = 2
        diary.user.created_at = START - 60 * DAY
    return lived


def came(user: User, at: datetime = NOON, **changes: Any) -> CoachingNudge:
    """A roast that reached its person at `at`."""
    message = CoachMessage.objects.create(
        user=user,
        cause=MessageCause.NUDGE,
        cause_key=str(uuid4()),
        body="Your tax form sends greetings.",
        state=DeliveryState.SENT,
        sent_at=at,
    )
    return CoachingNudge.objects.create(
        **{
            "user": user,
            "message": message,
            "trigger": NudgeTrigger.OVERDUE,
            "mode": NudgeMode.ROAST,
            "persona_type": PersonaType.ROAST,
            "generated_text": message.body,
            "source": WrittenBy.TEMPLATE,
            **changes,
        }
    )


def unasked(lived: TasksInRehearsal, user: User) -> None:
    lived.diaries[user.pk].humor = 0
    came(user)


def after_easing_up(lived: TasksInRehearsal, user: User) -> None:
    lived.diaries[user.pk].eased.append(NOON - 13 * DAY)
    came(user)


def twice_in_a_day(lived: TasksInRehearsal, user: User) -> None:
    came(user)
    came(user, NOON + 3 * HOUR)


def in_the_first_week(lived: TasksInRehearsal, user: User) -> None:
    lived.diaries[user.pk].user.created_at = NOON - 6 * DAY
    came(user)


def late(lived: TasksInRehearsal, user: User) -> None:
    came(user, NOON.replace(hour=21))


def early(lived: TasksInRehearsal, user: User) -> None:
    came(user, NOON.replace(hour=7, minute=59))


def in_a_crisis(lived: TasksInRehearsal, user: User) -> None:
    CrisisAlert.objects.create(
        user=user,
        message_id=uuid4(),
        category=CrisisCategory.values[0],
        raised_at=NOON - DAY,
        paused_until=NOON + DAY,
    )
    came(user)


def after_three_misses(lived: TasksInRehearsal, user: User) -> None:
    for days in (1, 2, 3):
        task = TaskFactory.create(user=user)
        lived.diaries[user.pk].tasks[task.pk] = NOON - days * DAY
    came(user)


def when_it_was_done(lived: TasksInRehearsal, user: User) -> None:
    task = TaskFactory.create(user=user)
    lived.diaries[user.pk].done_tasks[task.pk] = NOON - HOUR
    came(user, task=task, mode=NudgeMode.NEUTRAL)


@pytest.mark.parametrize(
    ("plant", "name"),
    [
        (unasked, "roast without having asked for any"),
        (after_easing_up, "roast after an ease-up"),
        (twice_in_a_day, "second roast of a day"),
        (in_the_first_week, "roast in the first week"),
        (late, "roast between 21:00 and 08:00"),
        (early, "roast between 21:00 and 08:00"),
        (in_a_crisis, "roast in a crisis pause"),
        (after_three_misses, "roast after three dates missed in a row"),
        (when_it_was_done, "nudge about a task that was done"),
    ],
)
def test_a_planted_breach_is_found_and_named(plant: Plant, name: str) -> None:
    lived = played()
    plant(lived, lived.scene.users[0])
    assert +lived.broken() == Counter({name: 1})


def test_every_promise_is_counted_also_when_none_was_broken() -> None:
    lived = played()
    user = lived.scene.users[0]
    came(user)
    came(user, NOON + DAY)
    came(user, NOON + 2 * DAY, mode=NudgeMode.ENCOURAGEMENT)
    assert lived.broken() == Counter(EVERY)
    assert lived.came() == Counter(
        {
            "nudges about tasks": 3,
            "roasts": 2,
            "people with tasks": 1,
            "people with tasks and humour on": 1,
            "ease-ups": 0,
        }
    )


def test_what_never_reached_anybody_breaks_nothing() -> None:
    lived = played()
    lived.diaries[lived.scene.users[0].pk].humor = 0
    nudge = came(lived.scene.users[0])
    CoachMessage.objects.update(state=DeliveryState.SUPPRESSED, reason=Reason.MUTED)
    assert not lived.broken().total()
    CoachMessage.objects.filter(task_nudge=nudge).update(
        state=DeliveryState.QUEUED, reason="", sent_at=None
    )
    assert not lived.came()["nudges about tasks"]
