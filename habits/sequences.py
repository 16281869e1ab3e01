"""Proposed and accepted plans: save, revise, accept, decline, take back, pause, resume, let go.

Every verb locks the plan's row first, so two answers at once are one; doing the same again changes
nothing and returns the plan as it is.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from pydantic import BaseModel, ConfigDict, Field

from accounts.day import local_day
from accounts.models import User
from coaching import ledger
from habits import pauses
from habits.goals import GoalAnalysis
from habits.models import (
    CueKind,
    Goal,
    GoalStatus,
    Habit,
    HabitCompletion,
    HabitPause,
    HabitSequence,
    HabitSize,
    HabitStack,
    HabitStatus,
    PhaseHabit,
    SequencePhase,
    SequenceStatus,
)
from habits.planning import CONFIG, PlanDraft, PlanHabit, plan
from habits.planning.draft import Difficulty

SOURCE = "web"


class SequenceRefused(Exception):
    """This cannot be done with the plan as it stands; the text says why, in words for the person."""


class Changes(BaseModel):
    """What a person may change about a proposal. Left out means: as it is."""

    model_config = ConfigDict(extra="forbid")

    drop: list[str] = Field(default_factory=list, max_length=20, description="Habits to leave out")
    keep: list[str] = Field(default_factory=list, max_length=20, description="Take these back in")
    swap: dict[str, str] = Field(default_factory=dict, description="Habit → habit to use instead")
    minutes_per_day: int | None = Field(default=None, ge=CONFIG.minutes_low, le=CONFIG.minutes_high)
    preferred_time: str | None = Field(default=None, pattern="^(morning|midday|evening|any)$")
    difficulty: Difficulty | None = None
    timeline: str | None = Field(default=None, max_length=80)
    starts_on: date | None = None


def draft_of(sequence: HabitSequence) -> PlanDraft:
    """The proposal of `sequence`."""
    return PlanDraft.model_validate(sequence.proposal)


def state_of(sequence: HabitSequence) -> str:
    """draft, expired, declined, active, paused, completed or abandoned: as a person sees it now."""
    if sequence.status == SequenceStatus.DRAFT and is_expired(sequence):
        return "expired"
    if sequence.status == SequenceStatus.ABANDONED and sequence.started_at is None:
        return "declined" if sequence.decided_at else "expired"
    return str(sequence.status)


def is_expired(sequence: HabitSequence) -> bool:
    return sequence.expires_at is not None and sequence.expires_at <= timezone.now()


def can_take_back(sequence: HabitSequence) -> bool:
    """Whether the acceptance is young enough to be undone (a tick ends that too)."""
    return (
        sequence.status == SequenceStatus.ACTIVE
        and sequence.decided_at is not None
        and timezone.now() - sequence.decided_at <= timedelta(minutes=CONFIG.undo_minutes)
    )


def save_draft(
    user: User, draft: PlanDraft, *, conversation_id: UUID | None = None, call_id: str = ""
) -> HabitSequence:
    """Keeps a proposal; the same `call_id` gives the proposal that is already there."""
    fields = {
        "conversation_id": conversation_id,
        "name": draft.name[:255],
        "description": draft.description,
        "total_phases": len(draft.phases),
        "proposal": draft.model_dump(mode="json"),
        "expires_at": timezone.now() + timedelta(days=CONFIG.draft_days),
    }
    if not call_id:
        return HabitSequence.objects.create(user=user, **fields)
    sequence, _ = HabitSequence.objects.get_or_create(user=user, call_id=call_id, defaults=fields)
    return sequence


def _locked(user: User, sequence: HabitSequence) -> HabitSequence:
    return HabitSequence.objects.for_user(user).select_for_update().get(pk=sequence.pk)


def _require_open(sequence: HabitSequence) -> None:
    state = state_of(sequence)
    if state == "expired":
        raise SequenceRefused("This proposal has expired. Ask me again and I make a fresh one.")
    if state != "draft":
        raise SequenceRefused(f"This plan is {state}; it can no longer be changed here.")


def revise(
    user: User, sequence: HabitSequence, changes: Changes | Mapping[str, Any]
) -> HabitSequence:
    """Makes the proposal again with `changes`.

    Raises `SequenceRefused` unless it is an open proposal, `pydantic.ValidationError` for changes that
    make no sense, `PlanRefused` where no plan may be made.
    """
    wanted = changes if isinstance(changes, Changes) else Changes.model_validate(dict(changes))
    with transaction.atomic():
        sequence = _locked(user, sequence)
        _require_open(sequence)
        before = draft_of(sequence)
        inputs = before.inputs
        today = local_day(user)
        if wanted.starts_on is not None and not (
            today <= wanted.starts_on <= today + timedelta(days=90)
        ):
            raise SequenceRefused("Choose a start between today and three months from now.")
        from habits.catalogue.library import library

        unknown = [slug for slug in wanted.swap.values() if slug not in library().habits]
        if unknown:
            raise SequenceRefused(f"I do not know the habit “{unknown[0]}”.")
        left_out = [
            key
            for key in dict.fromkeys([*inputs.leave_out, *wanted.drop])
            if key not in wanted.keep
        ]
        minutes = wanted.minutes_per_day or inputs.minutes_per_day
        after = plan(
            inputs.goal,
            user=user,
            today=today,
            timeline=inputs.timeline if wanted.timeline is None else wanted.timeline,
            difficulty=wanted.difficulty or inputs.difficulty,
            minutes_per_day=minutes,
            preferred_time=wanted.preferred_time or inputs.preferred_time,
            constraints=inputs.constraints,
            starts_on=wanted.starts_on
            or (inputs.starts_on if _is_ahead(inputs.starts_on, today) else None),
            leave_out=left_out,
            swaps={**inputs.swaps, **wanted.swap},
        )
        sequence.proposal = after.model_dump(mode="json")
        sequence.name = after.name[:255]
        sequence.description = after.description
        sequence.total_phases = len(after.phases)
        sequence.expires_at = timezone.now() + timedelta(days=CONFIG.draft_days)
        sequence.save()
    return sequence


def _is_ahead(day: date | None, today: date) -> bool:
    return day is not None and day >= today


# --- Accept ---------------------------------------------------------------------------------------
def accept(
    user: User, sequence: HabitSequence, *, source: str = SOURCE, today: date | None = None
) -> HabitSequence:
    """Makes the goal, habits, cues and phases of a proposal, once.

    A proposal whose start has passed begins today. Raises `SequenceRefused` when it expired or was
    declined.
    """
    today = today or local_day(user)
    with transaction.atomic():
        sequence = _locked(user, sequence)
        if sequence.status in (
            SequenceStatus.ACTIVE,
            SequenceStatus.PAUSED,
            SequenceStatus.COMPLETED,
        ):
            return sequence
        _require_open(sequence)
        draft = draft_of(sequence)
        shift = max(timedelta(0), today - draft.starts_on)
        analysis = GoalAnalysis.model_validate(draft.analysis)
        goal = Goal.objects.create(
            user=user,
            text=analysis.text,
            category=analysis.category,
            primary_objective=analysis.primary_objective[:200],
            target_metrics=analysis.target_metrics,
            deadline=analysis.deadline,
            difficulty=analysis.difficulty,
            sub_goals=analysis.sub_goals,
            dependencies=analysis.dependencies,
            obstacles=analysis.obstacles,
            success_indicators=analysis.success_indicators,
        )
        habits = _make_habits(user, goal, draft, shift)
        now = timezone.now()
        phases = SequencePhase.objects.bulk_create(
            SequencePhase(
                sequence=sequence,
                phase_number=phase.number,
                name=phase.name,
                focus=phase.focus[:300],
                duration_weeks=phase.duration_weeks,
                start_date=phase.start_date + shift,
                end_date=phase.end_date + shift,
                success_criteria=[
                    {
                        **criterion.model_dump(),
                        "habit_id": str(habits[criterion.habit].pk) if criterion.habit else "",
                    }
                    for criterion in phase.success_criteria
                ],
                opened_at=now if phase.number == 1 else None,
            )
            for phase in draft.phases
        )
        PhaseHabit.objects.bulk_create(
            PhaseHabit(
                phase=row,
                habit=habits[part.key],
                introduction_day=part.introduction_day,
                rationale=part.rationale,
                ai_notes=part.source,
                progression=part.progression[:200],
                part={**part.model_dump(mode="json"), "rests": phase.rests},
                introduced_at=now if phase.number == 1 and part.introduction_day == 1 else None,
            )
            for row, phase in zip(phases, draft.phases, strict=True)
            for part in phase.habits
        )
        sequence.goal = goal
        sequence.status = SequenceStatus.ACTIVE
        sequence.decided_at = sequence.started_at = now
        sequence.expires_at = None
        sequence.save()
        _record(user, sequence, "plan.accepted", source, playbook=draft.playbook)
    return sequence


def _make_habits(user: User, goal: Goal, draft: PlanDraft, shift: timedelta) -> dict[str, Habit]:
    habits: dict[str, Habit] = {}
    for phase in draft.phases:
        for part in phase.habits:
            if part.key in habits:
                continue
            is_first = phase.number == 1 and part.introduction_day == 1
            day = phase.start_date + shift + timedelta(days=part.introduction_day - 1)
            habit = Habit(
                user=user,
                goal=goal,
                catalogue_slug=part.key,
                rationale=part.rationale,
                tiny_version=part.tiny[:160],
                category=part.category,
                starts_on=first_day(part, day),
                status=HabitStatus.ACTIVE if is_first else HabitStatus.PLANNED,
                difficulty=part.difficulty,
                enjoyment=part.enjoyment,
                is_outdoor=part.outdoor,
                is_keystone=part.keystone,
                order=len(habits),
            )
            shape(habit, part, small=part.starts_small_days > 0)
            habits[part.key] = habit
    Habit.objects.bulk_create(habits.values())
    HabitStack.objects.bulk_create(
        HabitStack(
            habit=habit,
            cue_kind=CueKind.ROUTINE,
            cue=place.cue[:120],
            sentence=place.trigger[:240],
        )
        for key, habit in habits.items()
        if (place := draft.habit(key)) is not None
    )
    return habits


def first_day(part: PlanHabit, day: date) -> date:
    """The first day on or after `day` that the habit asks for; an interval is counted from there."""
    if part.cadence != "interval" or not part.weekdays:
        return day
    return day + timedelta(days=(part.weekdays[0] - day.weekday()) % 7)


def shape(habit: Habit, part: PlanHabit, *, small: bool) -> None:
    """Gives `habit` (unsaved) the size, days and target of `part`."""
    habit.name = part.name[:120]
    habit.size = HabitSize.TWO_MINUTE if small else HabitSize(part.size)
    habit.duration_minutes = part.tiny_minutes if small else part.minutes
    habit.cadence = part.cadence
    habit.weekdays = part.weekdays if part.cadence == "weekdays" else []
    habit.interval_days = part.interval_days
    habit.time_of_day = part.time_of_day
    habit.measure = part.measure
    habit.target_value = None if part.target is None else round(part.target, 2)
    habit.unit = part.unit


# --- Other answers --------------------------------------------------------------------------------
def decline(
    user: User, sequence: HabitSequence, reason: str = "", *, source: str = SOURCE
) -> HabitSequence:
    """Puts a proposal away, with an optional reason. Nothing was made, so nothing is undone."""
    with transaction.atomic():
        sequence = _locked(user, sequence)
        if state_of(sequence) in ("declined", "expired"):
            return sequence
        if sequence.status != SequenceStatus.DRAFT:
            raise SequenceRefused("This plan was already accepted. You can pause it or let it go.")
        sequence.status = SequenceStatus.ABANDONED
        sequence.decided_at = timezone.now()
        sequence.decline_reason = reason.strip()[:200]
        sequence.save()
        _record(user, sequence, "plan.declined", source, reason=sequence.decline_reason)
    return sequence


def take_back(user: User, sequence: HabitSequence, *, source: str = SOURCE) -> HabitSequence:
    """Undoes an acceptance: the plan is a proposal again and what it made is deleted.

    The habits and the goal stay as deleted rows, so that clients which saw them hear of it.

    Raises `SequenceRefused` after the time for it, or when something was ticked already.
    """
    with transaction.atomic():
        sequence = _locked(user, sequence)
        if sequence.status == SequenceStatus.DRAFT:
            return sequence
        if not can_take_back(sequence):
            raise SequenceRefused(
                f"Undo works for {CONFIG.undo_minutes} minutes. You can pause the plan or let it go."
            )
        habits = list(habits_of(sequence).select_for_update(no_key=True))
        if HabitCompletion.objects.filter(habit__in=habits).exists():
            raise SequenceRefused(
                "You have ticked something already, so the plan stays. You can let it go."
            )
        gone = {"deleted_at": timezone.now(), "updated_at": timezone.now()}
        Habit.objects.filter(pk__in=[habit.pk for habit in habits]).update(**gone)
        if sequence.goal_id:
            Goal.objects.filter(pk=sequence.goal_id).update(**gone)
        sequence.phases.all().delete()
        decided = sequence.decided_at
        sequence.goal = None
        sequence.status = SequenceStatus.DRAFT
        sequence.started_at = sequence.decided_at = None
        sequence.expires_at = timezone.now() + timedelta(days=CONFIG.draft_days)
        sequence.save()
        _record(user, sequence, "plan.taken_back", source, accepted_at=str(decided))
    return sequence


def habits_of(sequence: HabitSequence) -> QuerySet[Habit]:
    """The habits that `sequence` made, each once, in the order in which everybody locks them."""
    places = PhaseHabit.objects.filter(phase__sequence=sequence)
    return Habit.objects.filter(
        pk__in=places.values("habit"), user=sequence.user_id, deleted_at__isnull=True
    ).order_by("pk")


def pause(user: User, sequence: HabitSequence, *, source: str = SOURCE) -> HabitSequence:
    """Rests the plan and its running habits; strength and streaks stay as they are."""
    with transaction.atomic():
        sequence = _locked(user, sequence)
        if sequence.status == SequenceStatus.PAUSED:
            return sequence
        if sequence.status != SequenceStatus.ACTIVE:
            raise SequenceRefused("Only a running plan can be paused.")
        for habit in habits_of(sequence).filter(status=HabitStatus.ACTIVE):
            pauses.pause(user, habit, source=source, sequence=sequence)
        sequence.status = SequenceStatus.PAUSED
        sequence.save()
        _record(user, sequence, "plan.paused", source, at=timezone.now().isoformat())
    return sequence


def resume(user: User, sequence: HabitSequence, *, source: str = SOURCE) -> HabitSequence:
    """Brings a paused plan back, with the habits that rested because of it."""
    with transaction.atomic():
        sequence = _locked(user, sequence)
        if sequence.status == SequenceStatus.ACTIVE:
            return sequence
        if sequence.status != SequenceStatus.PAUSED:
            raise SequenceRefused("Only a paused plan can be resumed.")
        _wake(user, sequence, source)
        sequence.status = SequenceStatus.ACTIVE
        sequence.save()
        _record(user, sequence, "plan.resumed", source, at=timezone.now().isoformat())
    return sequence


def _wake(user: User, sequence: HabitSequence, source: str) -> None:
    """Ends the rests that came with the plan; what the person rested themselves sleeps on."""
    resting = HabitPause.objects.filter(sequence=sequence, ends_on__isnull=True)
    for habit in habits_of(sequence).filter(
        status=HabitStatus.PAUSED, pk__in=resting.values("habit")
    ):
        pauses.resume(user, habit, source=source)


def abandon(
    user: User, sequence: HabitSequence, *, keep_habits: bool = False, source: str = SOURCE
) -> HabitSequence:
    """Lets an accepted plan go. Its running habits go to the shelf unless `keep_habits`."""
    with transaction.atomic():
        sequence = _locked(user, sequence)
        if sequence.status == SequenceStatus.ABANDONED:
            return sequence
        if sequence.status == SequenceStatus.DRAFT:
            return decline(user, sequence, source=source)
        if sequence.status == SequenceStatus.COMPLETED:
            raise SequenceRefused("This plan is complete: it needs no letting go.")
        if sequence.status == SequenceStatus.PAUSED and keep_habits:
            _wake(user, sequence, source)
        going = habits_of(sequence)
        if keep_habits:
            going = going.filter(status=HabitStatus.PLANNED)
        for habit in going.exclude(status=HabitStatus.ARCHIVED):
            pauses.archive(user, habit, source=source)
        sequence.status = SequenceStatus.ABANDONED
        sequence.save()
        if sequence.goal_id and not keep_habits:
            Goal.objects.filter(pk=sequence.goal_id).update(
                status=GoalStatus.ABANDONED, updated_at=timezone.now()
            )
        _record(user, sequence, "plan.abandoned", source)
    return sequence


def expire_drafts() -> int:
    """Puts away proposals that nobody answered in time; returns how many."""
    return HabitSequence.objects.filter(
        status=SequenceStatus.DRAFT, expires_at__lte=timezone.now()
    ).update(status=SequenceStatus.ABANDONED, updated_at=timezone.now())


def _record(user: User, sequence: HabitSequence, what: str, source: str, **data: Any) -> None:
    moment = sequence.decided_at or timezone.now()
    distinct = data.get("at") or data.get("accepted_at") or moment.isoformat()
    ledger.record(
        user,
        what,
        raw_data={"sequence_id": str(sequence.pk), "name": sequence.name, **data},
        source=source,
        idempotency_key=f"{what}:{sequence.pk}:{distinct}",
    )
