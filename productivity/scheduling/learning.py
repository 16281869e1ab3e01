"""What came of slots: one row of evidence each, and the odds that are their sums.

Only of people who agree to tracking. `SlotOdds` is nothing but the sums of `SlotTrial`: a trial adds to its cell
in the same transaction, and the nightly rebuild makes the same table from all trials again.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.models import User
from coaching.learning_permission import agreed_people, has_agreed
from productivity.history import hold
from productivity.models import ScheduleRecommendation, SlotOdds, SlotTrial, Task, TrialKind

from .constants import ODDS, SLOTS

_ADD = """
    INSERT INTO productivity_slotodds AS known
        (id, user_id, weekday, hour, category, tried, worked, updated_at)
    VALUES (gen_random_uuid(), %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (user_id, weekday, hour, category) DO UPDATE SET
        tried = known.tried + excluded.tried,
        worked = known.worked + excluded.worked,
        updated_at = excluded.updated_at
"""
_REBUILD = """
    WITH sums AS (
        SELECT user_id, weekday, hour, category, SUM(weight) AS tried,
            COALESCE(SUM(weight) FILTER (WHERE worked), 0) AS worked
        FROM productivity_slottrial
        WHERE user_id = ANY(%(people)s)
        GROUP BY user_id, weekday, hour, category
    ), gone AS (
        DELETE FROM productivity_slotodds AS known
        WHERE known.user_id = ANY(%(people)s) AND NOT EXISTS (
            SELECT 1 FROM sums WHERE sums.user_id = known.user_id AND sums.weekday = known.weekday
                AND sums.hour = known.hour AND sums.category = known.category
        )
    )
    INSERT INTO productivity_slotodds AS known
        (id, user_id, weekday, hour, category, tried, worked, updated_at)
    SELECT gen_random_uuid(), user_id, weekday, hour, category, tried, worked, %(now)s FROM sums
    ON CONFLICT (user_id, weekday, hour, category) DO UPDATE SET
        tried = excluded.tried, worked = excluded.worked, updated_at = excluded.updated_at
    WHERE (known.tried, known.worked) IS DISTINCT FROM (excluded.tried, excluded.worked)
"""


def learn_answer(row: ScheduleRecommendation, *, worked: bool) -> None:
    """A yes, or a "not then", as weak evidence for the hour; within the transaction of the answer."""
    if row.answered_at is not None and has_agreed(row.user):
        weight = ODDS.worked_answer if worked else ODDS.refused_answer
        _learn(
            row.task,
            row.user,
            TrialKind.ANSWER,
            row.recommended_due,
            worked=worked,
            weight=weight,
            at=row.answered_at,
            row=row,
        )


def _learn(
    task: Task,
    user: User,
    kind: TrialKind,
    starts_at: datetime,
    *,
    worked: bool,
    weight: float,
    at: datetime,
    row: ScheduleRecommendation | None = None,
) -> bool:
    """Adds a trial and its weight to the odds of its cell; the same slot again adds nothing."""
    clock = starts_at.astimezone(user.tz)
    trial = SlotTrial(
        user=user,
        task=task,
        recommendation=row,
        kind=kind,
        starts_at=starts_at,
        weekday=clock.weekday(),
        hour=clock.hour,
        category=task.category,
        weight=weight,
        worked=worked,
        predicted=row.odds if row else None,
        created_at=at,
    )
    with transaction.atomic():
        SlotTrial.objects.bulk_create([trial], ignore_conflicts=True)
        if not SlotTrial.objects.filter(pk=trial.pk).exists():
            return False
        told: list[Any] = [user.pk, trial.weekday, trial.hour, trial.category]
        with connection.cursor() as cursor:
            cursor.execute(_ADD, [*told, weight, weight if worked else 0.0, at])
    return True


def to_settle(*, now: datetime, after: UUID | None = None, limit: int = 500) -> list[UUID]:
    """People with slots that are over and not settled yet, by id."""
    over, oldest = now - SLOTS.settle_after, now - SLOTS.settle_within
    rows = ScheduleRecommendation.objects.filter(
        user=OuterRef("pk"),
        accepted=True,
        was_done__isnull=True,
        recommended_end__gt=oldest,
        recommended_end__lte=over,
    )
    people = User.objects.filter(deleted_at__isnull=True).filter(
        Exists(rows) | Exists(_unsettled_plans(over, oldest).filter(user=OuterRef("pk")))
    )
    if after is not None:
        people = people.filter(pk__gt=after)
    return list(people.order_by("pk").values_list("pk", flat=True)[:limit])


def _unsettled_plans(over: datetime, oldest: datetime) -> QuerySet[Task]:
    known = SlotTrial.objects.filter(
        task=OuterRef("pk"), kind=TrialKind.PLAN, starts_at=OuterRef("planned_start")
    )
    return Task.objects.filter(
        ~Exists(known), planned_end__gt=oldest, planned_end__lte=over, deleted_at__isnull=True
    ).filter(Q(completed_at__isnull=True) | Q(completed_at__gte=F("planned_start") - SLOTS.early))


def settle(user: User, *, now: datetime) -> int:
    """Notes for every slot that is over whether its task was done in it; returns how many were settled.

    A slot the person moved away from before it began is no evidence, and neither is one whose task was done long
    before. Each slot is settled once. Without consent only `was_done` is noted: it is the answer to a suggestion.
    """
    over, oldest = now - SLOTS.settle_after, now - SLOTS.settle_within
    with transaction.atomic():
        hold(user)
        agreed = has_agreed(user)
        rows = list(
            ScheduleRecommendation.objects.filter(
                user=user,
                accepted=True,
                was_done__isnull=True,
                recommended_end__gt=oldest,
                recommended_end__lte=over,
            ).select_related("task")
        )
        settled: list[ScheduleRecommendation] = []
        by_slot: dict[tuple[UUID, datetime], ScheduleRecommendation] = {}
        for row in rows:
            row.user = user
            by_slot[row.task_id, row.recommended_due] = row
            stands = row.task.planned_start == row.recommended_due
            done = done_in(row.task, row.recommended_due, row.recommended_end)
            if done is not None and (done or stands):
                row.was_done = done
                settled.append(row)
                if agreed:
                    _learn_slot(user, row.task, row.recommended_due, worked=done, at=now, row=row)
        ScheduleRecommendation.objects.bulk_update(settled, ["was_done"])
        count = len(settled)
        if agreed:
            for task in _unsettled_plans(over, oldest).filter(user=user):
                starts, ends = task.planned_start, task.planned_end
                done = done_in(task, starts, ends) if starts and ends else None
                if starts and done is not None:
                    told = by_slot.get((task.pk, starts))
                    count += _learn_slot(user, task, starts, worked=done, at=now, row=told)
    return count


def _learn_slot(
    user: User,
    task: Task,
    starts_at: datetime,
    *,
    worked: bool,
    at: datetime,
    row: ScheduleRecommendation | None,
) -> bool:
    return _learn(task, user, TrialKind.PLAN, starts_at, worked=worked, weight=1.0, at=at, row=row)


def done_in(task: Task, starts: datetime, ends: datetime) -> bool | None:
    """Whether the task was done in the slot or soon after; `None` when it was done before, or is deleted."""
    if task.deleted_at is not None and task.completed_at is None:
        return None
    if task.completed_at is None:
        return False
    if task.completed_at < starts - SLOTS.early:
        return None
    return task.completed_at <= ends + SLOTS.settle_after


def people_to_rebuild(after: UUID | None, limit: int) -> list[UUID]:
    """People with trials or odds who agree to tracking, by id."""
    people = agreed_people().filter(
        Exists(SlotTrial.objects.filter(user=OuterRef("pk")))
        | Exists(SlotOdds.objects.filter(user=OuterRef("pk")))
    )
    if after is not None:
        people = people.filter(pk__gt=after)
    return list(people.order_by("pk").values_list("pk", flat=True)[:limit])


def rebuild(people: Sequence[UUID], *, now: datetime) -> int:
    """Makes the odds of these people anew from their trials; returns how many rows were put right.

    The table takes no other writes meanwhile: a trial that is not yet committed adds itself afterwards.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE productivity_slotodds IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(_REBUILD, {"people": list(people), "now": now})
        return cursor.rowcount
