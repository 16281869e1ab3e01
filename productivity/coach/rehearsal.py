"""Tasks in a rehearsed month: people with tasks, personas and every taste for teasing, and what a roast may never do.

What is promised about roasts is checked here from what came and from a diary of what people said, without
asking the code that decides about them.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.core.management import call_command
from django.db.models.functions import Coalesce

from accounts.day import local_day
from accounts.models import User
from coaching.models import CrisisAlert, DeliveryState, Preferences
from coaching.toolkit.rehearsing import Scene, rehearsed
from productivity.models import (
    ChangeSource,
    CoachingNudge,
    NudgeMode,
    NudgeTrigger,
    PersonaProfile,
    PersonaType,
    Task,
    TaskEvent,
    TaskEventType,
    TaskStatus,
)
from productivity.nudging import settling
from productivity.nudging.easing import ease_up
from productivity.nudging.rating import rate
from productivity.nudging.triggers import FINDERS, purpose_of

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
# Every other person has tasks; one in six of them joined a few days before the month.
HAS_TASKS, IS_NEW = 2, 6
EVERY = {
    "roast without having asked for any": 0,
    "roast after an ease-up": 0,
    "second roast of a day": 0,
    "roast in the first week": 0,
    "roast between 21:00 and 08:00": 0,
    "roast in a crisis pause": 0,
    "roast after three dates missed in a row": 0,
    "nudge about a task that was done": 0,
}


@dataclass
class Diary:
    """What one person has and said."""

    user: User
    humor: int
    diligence: float
    eased: list[datetime] = field(default_factory=list)
    done: list[datetime] = field(default_factory=list)
    tasks: dict[UUID, datetime] = field(default_factory=dict)
    done_tasks: dict[UUID, datetime] = field(default_factory=dict)


@rehearsed("productivity.tasks", needs=[purpose_of(trigger) for trigger in FINDERS])
class TasksInRehearsal:
    """Every other person's tasks, due at all hours; some are done, some put off, most ease-ups come after a roast."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        rng = scene.rng
        call_command("load_message_templates", verbosity=0)
        self.diaries: dict[UUID, Diary] = {}
        for number, user in enumerate(scene.users):
            if number % HAS_TASKS:
                continue
            if number // HAS_TASKS % IS_NEW == 0:
                user.created_at = scene.start - rng.randint(0, 6) * DAY
                User.objects.filter(pk=user.pk).update(created_at=user.created_at)
            humor = rng.randint(0, 3)
            Preferences.objects.filter(user=user).update(humor_intensity=humor)
            PersonaProfile.objects.create(
                user=user,
                persona_type=rng.choice(
                    [PersonaType.ROAST, PersonaType.ROAST, *PersonaType.values]
                ),
                adaptation_enabled=rng.random() < 0.7,
            )
            self.diaries[user.pk] = Diary(user, humor, rng.uniform(0.2, 0.95))

    # --- Living ------------------------------------------------------------------------------------

    def day(self) -> None:
        """New tasks for the days to come, something done, something put off; what came is rated."""
        now, rng = self.scene.clock(), self.scene.rng
        settling.settle(now=now)
        tasks, events = [], []
        for diary in self.diaries.values():
            for _ in range(rng.choice([0, 1, 1, 2])):
                task = self._task(diary, now)
                tasks.append(task)
                events.append(_event(task, TaskEventType.CREATE, now))
                diary.tasks[task.pk] = task.due_at or now
                if rng.random() < diary.diligence:
                    at = now + rng.uniform(0.05, 1.1) * ((task.due_at or now) - now)
                    self.scene.at(at, partial(self._do, diary, task.pk))
                elif rng.random() < 0.4:
                    at = now + rng.uniform(0.1, 0.9) * ((task.due_at or now) - now)
                    self.scene.at(at, partial(self._put_off, task.pk))
            if rng.random() < 0.01:
                self.scene.at(now + rng.random() * DAY, partial(self._ease_up, diary))
        Task.objects.bulk_create(tasks)
        TaskEvent.objects.bulk_create(events)
        self._rate_yesterday(now)

    def _task(self, diary: Diary, now: datetime) -> Task:
        rng = self.scene.rng
        due_at = now + rng.uniform(0.2, 4) * DAY
        slot = now + rng.uniform(0.3, 1) * DAY if rng.random() < 0.2 else None
        return Task(
            id=UUID(int=rng.getrandbits(128), version=4),
            user=diary.user,
            title=rng.choice(["Tax form", "Ring the plumber", "Sort photos", "Write to Kim"]),
            due_at=due_at,
            priority=rng.randint(0, 3),
            estimated_minutes=rng.choice([None, 30, 120, 600]),
            snooze_count=rng.choice([0, 0, 0, 3, 5]),
            planned_start=slot,
            planned_end=slot + HOUR if slot else None,
            created_at=now,
        )

    def _do(self, diary: Diary, task_id: UUID) -> None:
        now = self.scene.clock()
        rows = Task.objects.filter(pk=task_id, status__in=["pending", "snoozed"])
        if rows.update(status=TaskStatus.COMPLETED, completed_at=now, snoozed_until=None):
            diary.done.append(now)
            diary.done_tasks[task_id] = now
            TaskEvent.objects.create(**_fields(task_id, diary.user, TaskEventType.COMPLETE, now))

    def _put_off(self, task_id: UUID) -> None:
        now = self.scene.clock()
        Task.objects.filter(pk=task_id, status=TaskStatus.PENDING).update(
            status=TaskStatus.SNOOZED, snoozed_until=now + 6 * HOUR
        )

    def _ease_up(self, diary: Diary) -> None:
        diary.eased.append(self.scene.clock())
        ease_up(diary.user, now=self.scene.clock())

    def _rate_yesterday(self, now: datetime) -> None:
        rng = self.scene.rng
        rows = CoachingNudge.objects.filter(
            delivered_at__gt=now - DAY, usefulness_rating__isnull=True
        ).order_by("delivered_at", "user_id")
        for nudge in rows:
            if rng.random() < 0.3:
                opinion = rng.choice([-1, 0, 1, 1])
                if opinion < 0 and nudge.mode == NudgeMode.ROAST:
                    self.diaries[nudge.user_id].eased.append(now)
                rate(nudge.user, nudge.pk, opinion, now=now)

    # --- Looking back ------------------------------------------------------------------------------

    def broken(self) -> Counter[str]:
        """Which promises about nudges were broken, from what really came."""
        found = Counter(EVERY)
        said_on: set[tuple[UUID, object]] = set()
        for nudge, at in _came():
            diary = self.diaries[nudge.user_id]
            done = diary.done_tasks.get(nudge.task_id) if nudge.task_id else None
            if done is not None and done < at and nudge.trigger != NudgeTrigger.OVERLOADED:
                found["nudge about a task that was done"] += 1
            if nudge.mode == NudgeMode.ROAST:
                found.update(self._roast_breaks(diary, at))
                day = (nudge.user_id, local_day(diary.user, at))
                found["second roast of a day"] += day in said_on
                said_on.add(day)
        return found

    def came(self) -> Counter[str]:
        """Nudges about tasks that came, the roasts among them, and who could have been roasted at all."""
        nudges = [nudge for nudge, _ in _came()]
        asked = [diary for diary in self.diaries.values() if diary.humor > 0]
        return Counter(
            {
                "nudges about tasks": len(nudges),
                "roasts": sum(nudge.mode == NudgeMode.ROAST for nudge in nudges),
                "people with tasks": len(self.diaries),
                "people with tasks and humour on": len(asked),
                "ease-ups": sum(len(diary.eased) for diary in self.diaries.values()),
            }
        )

    def _roast_breaks(self, diary: Diary, at: datetime) -> Iterable[str]:
        clock = at.astimezone(diary.user.tz).hour
        if diary.humor == 0:
            yield "roast without having asked for any"
        if any(said <= at < said + 14 * DAY for said in diary.eased):
            yield "roast after an ease-up"
        if at < diary.user.created_at + 7 * DAY:
            yield "roast in the first week"
        if clock >= 21 or clock < 8:
            yield "roast between 21:00 and 08:00"
        crisis = CrisisAlert.objects.filter(user=diary.user, raised_at__lte=at, paused_until__gt=at)
        if crisis.exists():
            yield "roast in a crisis pause"
        if self._misses(diary, at) >= 3:
            yield "roast after three dates missed in a row"

    def _misses(self, diary: Diary, at: datetime) -> int:
        last = max((done for done in diary.done if done <= at), default=at - 14 * DAY)
        return sum(
            max(last, at - 14 * DAY) < due <= at
            and (diary.done_tasks.get(pk) is None or diary.done_tasks[pk] > at)
            for pk, due in diary.tasks.items()
        )


def _came() -> list[tuple[CoachingNudge, datetime]]:
    """Nudges that reached somebody and when, in the order in which they came."""
    rows = (
        CoachingNudge.objects.annotate(
            came_at=Coalesce("message__merged_into__sent_at", "message__sent_at")
        )
        .filter(came_at__isnull=False)
        .exclude(message__state__in=[DeliveryState.SUPPRESSED, DeliveryState.FAILED])
        .order_by("came_at")
    )
    return [(nudge, nudge.came_at) for nudge in rows]


def _fields(task_id: UUID, user: User, kind: str, now: datetime) -> dict[str, object]:
    return {
        "task_id": task_id,
        "user": user,
        "event_type": kind,
        "event_payload": {"before": {}, "after": {}},
        "source": ChangeSource.WEB,
        "created_at": now,
    }


def _event(task: Task, kind: str, now: datetime) -> TaskEvent:
    return TaskEvent(**_fields(task.pk, task.user, kind, now))
