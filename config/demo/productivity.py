"""The demo person's tasks of two months, and what was learned, suggested and said about them.

The past is told to the same `Act` that every change of a task goes through, only that many moments are written at once;
what is open now is made of the same verbs that people use.
"""

import random
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from django.utils import timezone

from accounts.day import day_bounds, local_day, local_moment
from accounts.models import User
from coaching.models import MessageChannel
from config.demo import story
from config.demo.task_story import AGAIN, EVERYDAY, NUDGES, OPEN, REPORT, TALK, TAXES, Open
from productivity import changing, stuck
from productivity.features import keeping, online
from productivity.history import Act, hold, plain, version_of
from productivity.models import (
    CoachingNudge,
    NudgeMode,
    NudgeTrigger,
    SlotTrial,
    StuckReason,
    Task,
    TaskEvent,
    TaskEventType,
    TaskStatus,
    TrialKind,
    WrittenBy,
)
from productivity.nudging import rating, settling
from productivity.nudging.checking import sentiment_of
from productivity.nudging.lines import line_for
from productivity.nudging.personas import profile_of
from productivity.recurrence import Repeat
from productivity.scheduling import learning, recommending

WEB = "web"
# Nights whose snapshots are kept: enough for a line from then to now.
NIGHTS = (*range(1, 8), 14, 21, 28)
# How many everyday things came up on a day.
CAME_UP = (1, 2, 3, 3, 4, 4)
# What happened when; the number keeps the order of the telling within a moment.
Told = list[tuple[datetime, int, Callable[[], Any]]]


class Past(Act):
    """Changes of many moments, told in their order; each is an event of its own, and all rows are written at the end."""

    def at(self, moment: datetime) -> "Past":
        self.now = moment
        return self

    def change(
        self,
        task: Task,
        kind: TaskEventType,
        fields: Mapping[str, Any],
        *,
        happened: str = "",
        undoes: TaskEvent | None = None,
    ) -> bool:
        before = {name: plain(getattr(task, name)) for name in fields}
        for name, value in fields.items():
            setattr(task, name, value)
        after = {name: plain(getattr(task, name)) for name in fields}
        self._tell(task, kind, before, after, happened, undoes)
        return True

    def _tell(self, task: Task, *told: Any) -> None:
        super()._tell(task, *told)
        task.updated_at = self.now
        self._events[-1][1].event_payload["version"] = version_of(task)

    def close(self) -> list[Task]:
        tasks = self._added
        changed_at = {task.pk: task.updated_at for task in tasks}
        Task.objects.bulk_create(tasks)
        for task in tasks:
            task.updated_at = changed_at[task.pk]
        Task.objects.bulk_update(tasks, ["updated_at"])
        TaskEvent.objects.bulk_create(event for _, event, _ in self._events)
        self._tell_ledger()
        return tasks


def live(user: User, chance: random.Random) -> None:
    """Everything about tasks up to now."""
    now, today = timezone.now(), local_day(user)
    hold(user)
    past = Past(user, source=WEB, now=now)
    told: Told = []
    for days_ago in range(story.DAYS - 1, 0, -1):
        _everyday(past, today - timedelta(days=days_ago), days_ago, chance, now, told)
    for each in OPEN:
        _still_open(past, each, today, chance, now, told)
    for moment, _, tell in sorted(told, key=lambda each: each[:2]):
        past.at(moment)
        tell()
    tasks = past.close()
    for again in AGAIN:
        _come_again(user, today, again, now)
    _learn(user, tasks, today, now)
    _suggest(user, now)
    _speak(user, tasks, chance, now)


def _everyday(
    past: Past,
    day: date,
    days_ago: int,
    chance: random.Random,
    now: datetime,
    told: Told,
) -> None:
    """What came up on a day and was done since; from week to week a little sooner."""
    user = past.user
    away = story.AWAY_TO <= days_ago <= story.AWAY_FROM
    count = 1 if away or day.weekday() >= 5 else chance.choice(CAME_UP)
    settled = 1 - days_ago / story.DAYS
    for category, title, minutes, hard in chance.sample(EVERYDAY, count):
        made = local_moment(user, day, time(8)) + timedelta(minutes=chance.randint(0, 600))
        due = day + timedelta(days=chance.randint(0, 4)) if chance.random() < 0.75 else None
        late = max(0.0, hard - 0.5 * settled)
        waited = timedelta(hours=chance.lognormvariate(2.6 + 2.0 * late, 0.8))
        done_on = local_day(user, made + waited)
        done = local_moment(user, done_on, time(chance.choice((9, 10, 10, 11, 14, 17, 20))))
        done = max(done, made + timedelta(minutes=minutes)) + timedelta(
            minutes=chance.randint(0, 40)
        )
        if done >= now - timedelta(hours=1):
            continue
        task = Task(
            user=user,
            title=title,
            category=category,
            priority=chance.choice((0, 0, 0, 1, 2)),
            estimated_minutes=minutes if chance.random() < 0.8 else None,
            due_on=due,
            due_at=day_bounds(user, due)[1] if due else None,
            created_at=made,
        )
        _tell(told, made, partial(past.add, task, happened="task.created"))
        if chance.random() < 0.15 + 0.5 * late and done - made > timedelta(hours=20):
            snoozed = made + (done - made) * 0.4
            _snooze(past, told, task, snoozed, made + (done - made) * 0.8)
        if chance.random() < 0.4 and done - made > timedelta(hours=3):
            # Mornings are kept, evenings often are not.
            kept = chance.random() < (0.9 if done.astimezone(user.tz).hour < 13 else 0.6)
            begins = done - timedelta(minutes=minutes + (5 if kept else 60 * 24))
            slot = {"planned_start": begins, "planned_end": begins + timedelta(minutes=minutes)}
            if begins > made:
                _tell(
                    told,
                    made + timedelta(minutes=5),
                    partial(_plan, past, task, slot),
                )
        if chance.random() < 0.1 and done - made > timedelta(hours=6):
            other = min(100, minutes + 10)
            _tell(
                told,
                made + (done - made) * 0.2,
                partial(_estimate, past, task, other),
            )
        _tell(told, done, partial(_complete, past, task))


def _still_open(
    past: Past,
    each: Open,
    today: date,
    chance: random.Random,
    now: datetime,
    told: Told,
) -> None:
    user = past.user
    made_on = today - timedelta(days=min(each.made, story.DAYS - 1))
    made = local_moment(user, made_on, time(9)) + timedelta(minutes=chance.randint(0, 300))
    due_on = None if each.due is None else today + timedelta(days=each.due)
    task = Task(
        user=user,
        title=each.title,
        description=each.description,
        category=each.category,
        priority=each.priority,
        estimated_minutes=each.minutes,
        due_on=due_on if each.at is None else None,
        created_at=made,
    )
    if due_on is not None:
        task.due_at = (
            day_bounds(user, due_on)[1] if each.at is None else local_moment(user, due_on, each.at)
        )
    _tell(told, made, partial(past.add, task, happened="task.created"))
    for number in range(each.snoozes):
        # Spread over its time; the last one may still go on.
        snoozed = made + (now - made) * ((number + 0.5) / each.snoozes)
        if each.rests and number == each.snoozes - 1:
            until = local_moment(user, today + timedelta(days=each.rests), time(9))
            _tell(told, snoozed, partial(_rest, past, task, until))
        else:
            _snooze(past, told, task, snoozed, snoozed + (now - made) / (2.5 * each.snoozes))
    for position, title in enumerate(each.steps):
        step = Task(
            user=user,
            parent=task,
            title=title,
            position=position,
            created_at=made,
            category=each.category,
        )
        _tell(told, made, partial(past.add, step, happened="task.created"))
        if position < each.steps_done:
            done = made + (now - made) * 0.5
            _tell(told, done, partial(_complete, past, step))


def _tell(told: Told, at: datetime, what: Callable[[], Any]) -> None:
    """Notes what happened at a moment; of one moment in the order of the telling."""
    told.append((at, len(told), what))


def _snooze(
    past: Past,
    told: Told,
    task: Task,
    at: datetime,
    until: datetime,
) -> None:
    """A snooze that ended by itself, as the minute's sweep has it."""
    _tell(told, at, partial(_rest, past, task, until))
    awake = {"status": TaskStatus.PENDING.value, "snoozed_until": None}
    _tell(told, until, partial(past.change, task, TaskEventType.MODIFY, awake))


def _rest(past: Past, task: Task, until: datetime) -> None:
    fields = {
        "status": TaskStatus.SNOOZED.value,
        "snoozed_until": until,
        "snooze_count": task.snooze_count + 1,
    }
    past.change(task, TaskEventType.SNOOZE, fields, happened="task.snoozed")


def _estimate(past: Past, task: Task, minutes: int) -> None:
    fields = {"estimated_minutes": minutes, "edit_count": task.edit_count + 1}
    past.change(task, TaskEventType.MODIFY, fields, happened="task.edited")


def _plan(past: Past, task: Task, slot: dict[str, datetime]) -> None:
    past.change(task, TaskEventType.MODIFY, slot, happened="task.planned")


def _complete(past: Past, task: Task) -> None:
    done = {"status": TaskStatus.COMPLETED.value, "completed_at": past.now}
    past.change(task, TaskEventType.COMPLETE, done, happened="task.completed")


def _come_again(
    user: User, today: date, again: tuple[str, str, str, int, time | None], now: datetime
) -> None:
    """A series that was kept so far; the next one is open."""
    title, category, rule, minutes, at = again
    first = today - timedelta(days=min(story.DAYS - 1, 35))
    task = changing.create(
        user,
        {"title": title, "category": category, "estimated_minutes": minutes},
        source=WEB,
        now=local_moment(user, first, time(8)),
        repeat=Repeat(rule, first, at),
    )
    while task.occurrence_on is not None and task.occurrence_on < today:
        done = local_moment(user, task.occurrence_on, time(18))
        changing.complete(user, task.pk, source=WEB, now=min(done, now))
        following = Task.objects.filter(series=task.series_id, status=TaskStatus.PENDING).first()
        if following is None:
            return
        task = following


def _learn(user: User, tasks: list[Task], today: date, now: datetime) -> None:
    """What the nights would have measured, and what the slots that are over tell about the hours."""
    trials = []
    for task in tasks:
        begins, ends = task.planned_start, task.planned_end
        worked = learning.done_in(task, begins, ends) if begins and ends else None
        if begins is not None and ends is not None and worked is not None:
            clock = begins.astimezone(user.tz)
            trials.append(
                SlotTrial(
                    user=user,
                    task=task,
                    kind=TrialKind.PLAN,
                    starts_at=begins,
                    weekday=clock.weekday(),
                    hour=clock.hour,
                    category=task.category,
                    worked=worked,
                    created_at=ends,
                )
            )
    SlotTrial.objects.bulk_create(trials)
    for back in sorted((night for night in NIGHTS if night < story.DAYS), reverse=True):
        keeping.take([keeping.of_day(user, today - timedelta(days=back))])
    online.update(user.pk, now)
    learning.rebuild([user.pk], now=now)


def _suggest(user: User, now: datetime) -> None:
    """Slots that wait for an answer and one that was accepted; something stuck, and a draft of steps."""
    mine = Task.objects.open().filter(user=user)
    for title in (REPORT, TALK):
        recommending.recommend(user, mine.get(title=title), now=now)
    waiting = recommending.open_suggestions(user, now=now).filter(task__title=REPORT).first()
    if waiting is not None:
        recommending.accept(user, waiting.pk, source=WEB, now=now)
    stuck.report(user, mine.get(title=TAXES).pk, StuckReason.OVERWHELMING, source=WEB, now=now)
    stuck.draft_breakdown(user, mine.get(title=TALK).pk, now=now, with_model=False)


def _speak(user: User, tasks: list[Task], chance: random.Random, now: datetime) -> None:
    """Nudges in the lines of the templates: most about something that was done soon after."""
    persona = profile_of(user).persona_type
    done = [task for task in tasks if task.completed_at is not None and task.parent_id is None]
    overdue = next(task for task in tasks if task.title == TAXES)
    for days_ago, trigger, mode, more, opinion in NUDGES:
        day = local_day(user) - timedelta(days=days_ago)
        at = local_moment(user, day, time(9, 15))
        task, facts = overdue, dict(more)
        if trigger == NudgeTrigger.DUE_SOON:
            soon = [each for each in done if _was_due_and_done(user, each, day)]
            if not soon:
                continue
            task = soon[0]
            at = max(task.created_at, (task.completed_at or now) - timedelta(minutes=100))
            facts["due"] = "today" if task.due_on == day else "tomorrow"
        if task.created_at > at:
            continue
        facts["task"] = task.title
        line = line_for(trigger, NudgeMode(mode), 0, facts, rng=chance)
        nudge = CoachingNudge.objects.create(
            user=user,
            task=task,
            trigger=trigger,
            mode=mode,
            persona_type=persona,
            generated_text=line.text,
            source=WrittenBy.TEMPLATE,
            template_key=line.template_key,
            sentiment_score=sentiment_of(line.text, task.title),
            facts=facts,
            delivered=True,
            delivered_at=at,
            delivery_channel=MessageChannel.IN_APP,
            created_at=at,
        )
        if opinion is not None:
            rating.rate(user, nudge.pk, opinion, now=at + timedelta(minutes=20))
    settling.settle_outcomes(now=now)


def _was_due_and_done(user: User, task: Task, day: date) -> bool:
    """Whether a task was done on a day, and due on it or on the next one."""
    if task.completed_at is None or local_day(user, task.completed_at) != day:
        return False
    return task.due_on in (day, day + timedelta(days=1))
