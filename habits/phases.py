"""Phases open on stability, not on the calendar.

A phase's gate is open when every foundation habit has the strength asked for and the other conditions
hold; its dates are only the plan. When the planned end comes too early, the phase is held another week.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.day import local_day
from accounts.models import User
from coaching import ledger
from habits import standing
from habits.cadence import cadence_of
from habits.editing import record_progress
from habits.evidence import DayMark, marks_of
from habits.models import (
    Goal,
    Habit,
    HabitSequence,
    HabitSize,
    HabitStatus,
    PhaseHabit,
    SequencePhase,
    SequenceStatus,
)
from habits.planning import CONFIG, PlanHabit
from habits.sequences import first_day, habits_of, shape
from habits.strength import strength_now

SOURCE = "system"


@dataclass(frozen=True)
class Condition:
    """One condition of a gate: what it asks for, what is there, in the same unit."""

    kind: str
    words: str
    have: float
    need: float
    name: str = ""

    @property
    def is_met(self) -> bool:
        return self.have >= self.need

    @property
    def percent(self) -> int:
        """How far it is, 0 to 100."""
        return 100 if self.is_met else int(100 * self.have / self.need) if self.need else 100

    @property
    def standing(self) -> str:
        """Where it stands, in numbers: "strength 42% of 60%"."""
        if self.kind == "strength":
            return f"strength {round(100 * self.have)}% of {round(100 * self.need)}%"
        if self.kind == "completions":
            return f"{int(self.have)} of {int(self.need)} times"
        return f"week {min(int(self.have) + 1, int(self.need))} of {int(self.need)}"


@dataclass(frozen=True)
class Gate:
    """The conditions of a phase, and whether they hold."""

    phase: SequencePhase
    conditions: list[Condition]

    @property
    def is_open(self) -> bool:
        return all(condition.is_met for condition in self.conditions)

    @property
    def missing(self) -> list[Condition]:
        return [condition for condition in self.conditions if not condition.is_met]

    @property
    def percent(self) -> int:
        if not self.conditions:
            return 100
        return sum(condition.percent for condition in self.conditions) // len(self.conditions)

    def in_words(self) -> str:
        """What is still missing, in one kind sentence."""
        if self.is_open:
            return "Everything the next step asks for is there."
        parts = [f"{c.name}: {c.standing}" if c.name else c.standing for c in self.missing]
        return "Still growing: " + "; ".join(parts) + "."

    def hold_in_words(self) -> str:
        """Why the phase is held open longer."""
        weak = next((c for c in self.missing if c.kind == "strength"), None)
        if weak:
            return f"Holding here another week, because “{weak.name}” is at {round(100 * weak.have)}% and wants {round(100 * weak.need)}%. Nothing is lost: a firm base makes the next step easy."
        few = next((c for c in self.missing if c.kind == "completions"), None)
        if few:
            return f"Holding here another week, so that “{few.name}” gets its {int(few.need)} times ({int(few.have)} so far). No hurry."
        return "Holding here a little longer, so that it can settle."


def current_phase(sequence: HabitSequence) -> SequencePhase | None:
    """The phase that is open now."""
    return (
        sequence.phases.filter(opened_at__isnull=False, completed_at__isnull=True)
        .order_by("-phase_number")
        .first()
    )


def gate_of(phase: SequencePhase, today: date) -> Gate:
    """Where the gate of `phase` stands during the person's `today`. Three queries."""
    criteria: list[dict[str, Any]] = list(phase.success_criteria)
    wanted = {criterion["habit_id"] for criterion in criteria if criterion.get("habit_id")}
    habits = {
        str(habit.pk): habit
        for habit in Habit.objects.filter(pk__in=wanted, deleted_at__isnull=True).prefetch_related(
            "pauses"
        )
    }
    marks = marks_of(habits.values())
    return Gate(phase, list(_conditions(phase, criteria, habits, marks, today)))


def _conditions(
    phase: SequencePhase,
    criteria: list[dict[str, Any]],
    habits: dict[str, Habit],
    marks: dict[UUID, dict[date, DayMark]],
    today: date,
) -> Iterable[Condition]:
    for criterion in criteria:
        need = float(criterion["at_least"])
        if criterion["kind"] == "weeks":
            open_weeks = max(0, (today - phase.start_date).days) // 7
            yield Condition("weeks", criterion["words"], open_weeks, need)
            continue
        habit = habits.get(criterion.get("habit_id", ""))
        if habit is None or habit.status == HabitStatus.ARCHIVED:
            continue  # the person took it out of their life: it holds nothing up
        found = marks.get(habit.pk, {})
        if criterion["kind"] == "strength":
            have = strength_now(cadence_of(habit), found, today)
        else:
            have = sum(
                1 for day, mark in found.items() if day >= phase.start_date and mark.credit > 0
            )
        yield Condition(criterion["kind"], criterion["words"], have, need, habit.name)


def open_due_phases(user: User, today: date | None = None) -> list[SequencePhase]:
    """Brings the running plans of `user` up to `today`; running it again changes nothing.

    Introduces habits on their day, lets small ones grow, opens the next phase when the gate is open,
    holds a phase that needs longer, completes a plan whose last gate is open and whose time has come.
    Returns the phases that it opened.
    """
    today = today or local_day(user)
    opened: list[SequencePhase] = []
    running = HabitSequence.objects.for_user(user).filter(status=SequenceStatus.ACTIVE)
    for pk in list(running.values_list("pk", flat=True)):
        with transaction.atomic():
            sequence = HabitSequence.objects.select_for_update().get(pk=pk)
            if sequence.status != SequenceStatus.ACTIVE:
                continue
            _introduce(user, sequence, today)
            if phase := _advance(user, sequence, today):
                opened.append(phase)
                _introduce(user, sequence, today)
    return opened


def _introduce(user: User, sequence: HabitSequence, today: date) -> None:
    """Habits whose day has come start; small ones that have settled get their real size."""
    places = PhaseHabit.objects.filter(
        phase__sequence=sequence, phase__opened_at__isnull=False, phase__completed_at__isnull=True
    ).select_related("phase", "habit")
    for place in places:
        habit, part = place.habit, PlanHabit.model_validate(place.part)
        day = place.phase.start_date + timedelta(days=place.introduction_day - 1)
        if place.introduced_at is None and day <= today:
            _start(user, place, part, today)
        elif (
            place.introduced_at is not None
            and part.starts_small_days
            and habit.size == HabitSize.TWO_MINUTE
            and habit.status == HabitStatus.ACTIVE
            and today >= day + timedelta(days=part.starts_small_days)
            and habit.completions.filter(status__in=("done", "partial")).exists()
        ):
            habit.size = HabitSize(part.size)
            habit.duration_minutes = part.minutes
            habit.save(update_fields=["size", "duration_minutes", "updated_at"])
            _record(user, sequence, "plan.habit_grown", f"{place.pk}", habit=habit.name)


def _start(user: User, place: PhaseHabit, part: PlanHabit, today: date) -> None:
    habit = place.habit
    if habit.deleted_at is None and habit.status != HabitStatus.ARCHIVED:
        for old in habits_of(place.phase.sequence).filter(
            catalogue_slug__in=part.replaces, status__in=(HabitStatus.ACTIVE, HabitStatus.PLANNED)
        ):
            _put_away(old)
        if habit.status == HabitStatus.PLANNED:
            # A phase that opened early or late brings its own dates.
            habit.starts_on = first_day(part, today)
            habit.status = HabitStatus.ACTIVE
        own = _own_choices(place, habit)
        shape(habit, part, small=part.starts_small_days > 0)
        for name, value in own.items():
            setattr(habit, name, value)
        habit.save()
        standing.refresh(habit, today)
    place.introduced_at = timezone.now()
    place.save(update_fields=["introduced_at"])
    _record(user, place.phase.sequence, "plan.habit_introduced", f"{place.pk}", habit=habit.name)


def _own_choices(place: PhaseHabit, habit: Habit) -> dict[str, Any]:
    """What the person changed since the plan last shaped the habit: a growing plan leaves it alone."""
    last = (
        PhaseHabit.objects.filter(
            phase__sequence=place.phase.sequence, habit=habit, introduced_at__isnull=False
        )
        .order_by("-phase__phase_number")
        .first()
    )
    if last is None:
        return {}
    planned = Habit()
    shape(planned, PlanHabit.model_validate(last.part), small=False)
    own: dict[str, Any] = {}
    if habit.name != planned.name:
        own["name"] = habit.name
    if habit.time_of_day != planned.time_of_day:
        own["time_of_day"] = habit.time_of_day
    days = ("cadence", "weekdays", "interval_days", "times_per_week")
    if any(getattr(habit, name) != getattr(planned, name) for name in days):
        own |= {name: getattr(habit, name) for name in days}
    return own


def _put_away(habit: Habit) -> None:
    habit.status = HabitStatus.ARCHIVED
    habit.save(update_fields=["status", "updated_at"])


def _advance(user: User, sequence: HabitSequence, today: date) -> SequencePhase | None:
    """Opens the next phase, or holds this one, or completes the plan."""
    phase = current_phase(sequence)
    if phase is None:
        return None
    gate = gate_of(phase, today)
    following = sequence.phases.filter(phase_number__gt=phase.phase_number).order_by("phase_number")
    upcoming = following.first()
    if not gate.is_open or (upcoming is None and today < phase.end_date):
        _hold(user, sequence, phase, list(following), gate, today)
        return None
    now = timezone.now()
    phase.completed_at = now
    phase.save(update_fields=["completed_at"])
    if sequence.goal is not None:
        _move(sequence.goal, round(100 * phase.phase_number / sequence.total_phases))
    if upcoming is None:
        sequence.status = SequenceStatus.COMPLETED
        sequence.completed_at = now
        sequence.save()
        _record(user, sequence, "plan.completed", "")
        return None
    _shift([upcoming, *following[1:]], today + timedelta(days=1) - upcoming.start_date)
    upcoming.opened_at = now
    upcoming.save(update_fields=["opened_at"])
    rests = [key for place in upcoming.phase_habits.all() for key in place.part.get("rests", [])]
    replaced = {key for place in upcoming.phase_habits.all() for key in place.part["replaces"]}
    for habit in habits_of(sequence).filter(
        catalogue_slug__in=set(rests) - replaced, status=HabitStatus.ACTIVE
    ):
        _put_away(habit)
    _record(user, sequence, "plan.phase_opened", f"{upcoming.pk}", phase=upcoming.name)
    return upcoming


def _move(goal: Goal, percent: int) -> None:
    """Notes how far the goal of a plan is, and tells of it when that is something else."""
    before, goal.percent_complete = goal.percent_complete, percent
    goal.save(update_fields=["percent_complete", "updated_at"])
    if before != percent:
        record_progress(goal, before=before, source=SOURCE)


def _hold(
    user: User,
    sequence: HabitSequence,
    phase: SequencePhase,
    following: list[SequencePhase],
    gate: Gate,
    today: date,
) -> None:
    """Moves the planned end of `phase` past `today`, week by week, and all that follows with it."""
    if phase.end_date >= today:
        return
    weeks = -(-(today - phase.end_date).days // 7) * CONFIG.hold_weeks
    phase.end_date += timedelta(weeks=weeks)
    phase.weeks_added += weeks
    phase.save(update_fields=["end_date", "weeks_added"])
    _shift(following, timedelta(weeks=weeks))
    _record(
        user,
        sequence,
        "plan.phase_held",
        f"{phase.pk}:{phase.weeks_added}",
        phase=phase.name,
        why=gate.hold_in_words(),
    )


def _shift(phases: list[SequencePhase], by: timedelta) -> None:
    for phase in phases:
        phase.start_date += by
        phase.end_date += by
        phase.save(update_fields=["start_date", "end_date"])


def _record(user: User, sequence: HabitSequence, what: str, distinct: str, **data: Any) -> None:
    ledger.record(
        user,
        what,
        raw_data={"sequence_id": str(sequence.pk), **data},
        source=SOURCE,
        idempotency_key=f"{what}:{sequence.pk}:{distinct}",
    )


def people_with_plans(after: UUID | None = None, limit: int = 500) -> list[UUID]:
    """The next `limit` people with a running plan, in the order of their ids."""
    rows = HabitSequence.objects.filter(status=SequenceStatus.ACTIVE)
    if after is not None:
        rows = rows.filter(user_id__gt=after)
    return list(rows.order_by("user_id").values_list("user_id", flat=True).distinct()[:limit])
