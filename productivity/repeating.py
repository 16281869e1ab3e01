"""What comes again: the series of a task, and the one occurrence of it that is open."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from productivity.history import Act
from productivity.models import (
    ChangeSource,
    RepeatFrom,
    Task,
    TaskEvent,
    TaskEventType,
    TaskSeries,
    TaskStatus,
)
from productivity.querysets import OPEN
from productivity.recurrence import Repeat, check_rule, due_of, next_after
from productivity.task_fields import TaskRefused, day_within


def new_series(user: User, repeat: Repeat) -> TaskSeries:
    try:
        rule = check_rule(repeat.rule)
    except ValueError as fault:
        raise TaskRefused(str(fault)) from None
    if repeat.repeat_from not in RepeatFrom.values:
        raise TaskRefused("It repeats from its days or from when it was done.")
    return TaskSeries.objects.create(
        user=user,
        rule=rule,
        starts_on=day_within(repeat.starts_on),
        local_time=repeat.local_time,
        repeat_from=repeat.repeat_from,
    )


def repeating(
    user: User, task: Task, repeat: Repeat | None, values: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    """The fields by which `task` comes again as `repeat` says, or not any more.

    A changed rule is a series of its own, so that taking the change back finds the old one.
    """
    series = task.series
    if repeat is None:
        if series is None:
            return {}
    else:
        if series is not None and series.ended_at is None and _same(Repeat.of(series), repeat):
            return {}
        if values.get("parent_id", task.parent_id) is not None:
            raise TaskRefused("A step does not repeat by itself; its task can.")
        if task.status == TaskStatus.COMPLETED:
            raise TaskRefused(f"“{task.title}” is done already.")
    if series is not None and series.ended_at is None:
        TaskSeries.objects.filter(pk=series.pk).update(ended_at=now)
    if repeat is None:
        return {"series_id": None, "occurrence_on": None}
    fields: dict[str, Any] = {
        "series_id": new_series(user, repeat).pk,
        "occurrence_on": repeat.starts_on,
    }
    if "due_at" not in values:
        fields["due_at"], fields["due_on"] = due_of(user, repeat, repeat.starts_on)
    return fields


def _same(one: Repeat, other: Repeat) -> bool:
    try:
        return one == Repeat(
            check_rule(other.rule), other.starts_on, other.local_time, other.repeat_from
        )
    except ValueError:
        return False


def bring_next(act: Act, task: Task, steps: list[Task], since: date) -> None:
    """Makes the occurrence after `task`, unless a later one is open: after its day, and after the day `since`.

    What was missed in between is left out, so that nobody comes back to a pile of the same.
    """
    if task.occurrence_on is None or task.series_id is None:
        return
    act.flush()
    series = TaskSeries.objects.select_for_update(no_key=True).get(pk=task.series_id)
    later = {
        each.occurrence_on: each
        for each in Task.objects.filter(
            series=series, occurrence_on__gt=task.occurrence_on
        ).select_for_update(no_key=True)
    }
    if series.ended_at is not None or any(each.is_open for each in later.values()):
        return
    repeat = Repeat.of(series)
    made = Task.objects.filter(series=series).count()
    day = next_after(repeat, since, made=made)
    if day is not None and day <= task.occurrence_on:
        day = next_after(repeat, task.occurrence_on, made=made)
    while day is not None and day in later and later[day].status == TaskStatus.COMPLETED:
        day = next_after(repeat, day, made=made)
    if day is None:
        series.ended_at = act.now
        series.save(update_fields=["ended_at", "updated_at"])
    elif day in later:
        _bring_back(act, later[day])
    else:
        _add_next(act, task, steps, repeat, day)


def _bring_back(act: Act, occurrence: Task) -> None:
    """One that went when the one before it was opened again."""
    steps = list(steps_of(occurrence).filter(deleted_at=occurrence.deleted_at))
    for each in (occurrence, *steps):
        act.change(each, TaskEventType.RESTORE, as_before(each, act.now))


def _add_next(act: Act, task: Task, steps: list[Task], repeat: Repeat, day: date) -> None:
    due_at, due_on = due_of(act.user, repeat, day)
    following = Task(
        user=act.user,
        series_id=task.series_id,
        occurrence_on=day,
        due_at=due_at,
        due_on=due_on,
        created_at=act.now,
        **_lasting(task),
    )
    act.add(following)
    for step in steps:
        act.add(
            Task(
                user=act.user,
                parent=following,
                position=step.position,
                created_at=act.now,
                **_lasting(step),
            )
        )


def _lasting(task: Task) -> dict[str, Any]:
    """What the next one has of this one."""
    names = ("title", "description", "category", "priority", "estimated_minutes")
    return {name: getattr(task, name) for name in names}


def take_next_away(act: Act, task: Task) -> None:
    """Deletes the open occurrence after `task`, if nobody did anything with it."""
    act.flush()
    following = (
        Task.objects.filter(
            series=task.series_id,
            occurrence_on__gt=task.occurrence_on,
            status=TaskStatus.PENDING,
            edit_count=0,
            snooze_count=0,
            started_at__isnull=True,
            planned_start__isnull=True,
        )
        .select_for_update(no_key=True)
        .order_by("occurrence_on")
        .first()
    )
    if following is not None:
        gone = {"status": TaskStatus.DELETED.value, "deleted_at": act.now}
        for step in steps_of(following).filter(status__in=OPEN):
            act.change(step, TaskEventType.DELETE, gone)
        act.change(following, TaskEventType.DELETE, gone)
    TaskSeries.objects.filter(occurrences=task, ended_at__isnull=False).update(ended_at=None)


def was_moved(task: Task) -> bool:
    """Whether somebody gave this occurrence a moment of its own."""
    return (
        TaskEvent.objects.filter(task=task, event_payload__before__has_key="due_at")
        .exclude(source=ChangeSource.SYSTEM)
        .exists()
    )


def steps_of(task: Task) -> QuerySet[Task]:
    return (
        Task.objects.filter(parent_id=task.pk)
        .select_for_update(no_key=True)
        .order_by("position", "id")
    )


def as_before(task: Task, now: datetime) -> dict[str, Any]:
    """The status a deleted task had, as far as it still holds."""
    fields: dict[str, Any] = {"deleted_at": None, "status": TaskStatus.PENDING.value}
    if task.completed_at is not None:
        fields["status"] = TaskStatus.COMPLETED.value
    elif task.snoozed_until is not None:
        if task.snoozed_until > now:
            fields["status"] = TaskStatus.SNOOZED.value
        else:
            fields["snoozed_until"] = None
    return fields
