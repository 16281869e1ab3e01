"""One row of the owner's in every table of productivity."""

from datetime import timedelta
from hashlib import sha256
from uuid import uuid4

from django.utils import timezone

from accounts.day import local_day
from accounts.models import User
from productivity.models import (
    Breakdown,
    CalendarFeed,
    ChangeSource,
    CoachingNudge,
    FeatureSnapshot,
    NudgeMode,
    NudgeTrigger,
    PersonaProfile,
    PersonaType,
    PlanningHours,
    ScheduleRecommendation,
    SlotOdds,
    SlotTrial,
    Strategy,
    StuckReason,
    StuckReport,
    SyncedChange,
    Task,
    TaskEvent,
    TaskEventType,
    TaskSeries,
    TaskStatus,
    TrialKind,
    WrittenBy,
)


def productivity_of(owner: User) -> None:
    """Tasks in every state with their past, and everything that was made of them."""
    task = _tasks_of(owner)
    _planned(owner, task)
    _stuck(owner, task)
    _nudged(owner, task)


def _tasks_of(owner: User) -> Task:
    now = timezone.now()
    series = TaskSeries.objects.create(user=owner, rule="FREQ=WEEKLY", starts_on=local_day(owner))
    set_by = {
        TaskStatus.COMPLETED: {"completed_at": now},
        TaskStatus.SNOOZED: {"snoozed_until": now + timedelta(days=1)},
        TaskStatus.DELETED: {"deleted_at": now},
    }
    for status in TaskStatus:
        task = Task.objects.create(
            user=owner,
            title=f"secret {status.value} task",
            description="secret",
            category="secret",
            status=status,
            **set_by.get(status, {}),
        )
        TaskEvent.objects.create(
            task=task,
            user=owner,
            event_type=TaskEventType.CREATE,
            event_payload={"before": {}, "after": {"title": "secret"}},
            source=ChangeSource.WEB,
        )
    task = Task.objects.create(
        user=owner,
        series=series,
        occurrence_on=local_day(owner),
        title="secret task",
        due_at=now + timedelta(days=2),
    )
    Task.objects.create(user=owner, parent=task, title="secret step")
    SyncedChange.objects.create(
        user=owner,
        client="secret",
        change_id="1",
        digest="",
        batch=uuid4(),
        answer={"why": "secret"},
    )
    CalendarFeed.objects.create(user=owner, token_digest=sha256(owner.pk.bytes).hexdigest())
    return task


def _planned(owner: User, task: Task) -> None:
    now = timezone.now()
    recommendation = ScheduleRecommendation.objects.create(
        user=owner,
        task=task,
        recommended_due=now + timedelta(hours=1),
        recommended_end=now + timedelta(hours=2),
        confidence_score=0.5,
        score=0.5,
        odds=0.5,
        reasons=["secret"],
        expires_at=now + timedelta(hours=1),
    )
    SlotOdds.objects.create(user=owner, weekday=0, hour=9, category="secret", tried=1, worked=1)
    SlotTrial.objects.create(
        user=owner,
        task=task,
        recommendation=recommendation,
        kind=TrialKind.ANSWER,
        starts_at=now,
        weekday=0,
        hour=9,
        worked=True,
    )
    PlanningHours.objects.create(user=owner)
    FeatureSnapshot.objects.create(
        user=owner,
        date=local_day(owner),
        procrastination_score=42,
        cluster_label="secret",
    )


def _stuck(owner: User, task: Task) -> None:
    StuckReport.objects.create(
        user=owner, task=task, reason=StuckReason.UNCLEAR, strategy=Strategy.FIRST_STEP
    )
    Breakdown.objects.create(
        user=owner, task=task, status="draft", steps=[{"title": "secret", "minutes": 5}]
    )


def _nudged(owner: User, task: Task) -> None:
    PersonaProfile.objects.create(user=owner)
    CoachingNudge.objects.create(
        user=owner,
        task=task,
        trigger=NudgeTrigger.ASKED,
        mode=NudgeMode.NEUTRAL,
        persona_type=PersonaType.COACH,
        generated_text="secret",
        source=WrittenBy.TEMPLATE,
        request_key="secret",
    )
