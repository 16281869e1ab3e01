"""A plan as it is shown, in the chat, on its page and over REST: always from its present state."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from accounts.day import local_day
from accounts.models import User
from habits import phases, sequences
from habits.models import HabitSequence, HabitStatus, PhaseHabit
from habits.phases import Gate
from habits.planning.draft import Note, PlanDraft, PlanHabit, PlanPhase

STATE_WORDS = {
    "draft": "Proposal",
    "expired": "Expired",
    "declined": "Declined",
    "active": "Running",
    "paused": "Paused",
    "completed": "Complete",
    "abandoned": "Let go",
}


@dataclass(frozen=True)
class HabitLine:
    """A habit of a phase: its part, and where it stands."""

    part: PlanHabit
    state: str
    when: str
    week: str = ""


@dataclass(frozen=True)
class PhaseLine:
    number: int
    name: str
    focus: str
    done: str
    weeks: int
    weeks_added: int
    start_date: date
    end_date: date
    state: str
    habits: list[HabitLine]
    goes_on: list[str]
    criteria: list[str]
    is_last: bool
    gate: Gate | None = None
    most_minutes: int = 0


@dataclass(frozen=True)
class PlanView:
    """Everything a template or a client needs."""

    sequence: HabitSequence
    draft: PlanDraft
    state: str
    phases: list[PhaseLine]
    notes: list[Note]
    gate: Gate | None = None
    can_take_back: bool = False
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def state_words(self) -> str:
        return STATE_WORDS[self.state]

    @property
    def is_open(self) -> bool:
        return self.state == "draft"


@dataclass(frozen=True)
class PlanSummary:
    """A plan as one line of a list; a plan at work has the gate of its open phase."""

    sequence: HabitSequence
    state: str
    weeks: int
    gate: Gate | None

    @property
    def state_words(self) -> str:
        return STATE_WORDS[self.state]


def plan_summary(sequence: HabitSequence, today: date) -> PlanSummary:
    """`sequence` in a line. No query unless it is at work, then at most four."""
    state = sequences.state_of(sequence)
    open_phase = phases.current_phase(sequence) if state in ("active", "paused") else None
    return PlanSummary(
        sequence,
        state,
        sequences.draft_of(sequence).weeks,
        phases.gate_of(open_phase, today) if open_phase else None,
    )


def plan_view(user: User, sequence: HabitSequence, today: date | None = None) -> PlanView:
    """The present state of `sequence` for its owner. At most six queries."""
    today = today or local_day(user)
    draft = sequences.draft_of(sequence)
    state = sequences.state_of(sequence)
    rows = {phase.phase_number: phase for phase in sequence.phases.all()}
    places: dict[tuple[int, str], PhaseHabit] = {}
    if rows:
        for place in PhaseHabit.objects.filter(phase__sequence=sequence).select_related(
            "habit", "phase"
        ):
            places[(place.phase.phase_number, place.part["key"])] = place
    open_phase = phases.current_phase(sequence) if state in ("active", "paused") else None
    gate = phases.gate_of(open_phase, today) if open_phase else None
    lines = []
    for phase in draft.phases:
        row = rows.get(phase.number)
        lines.append(
            PhaseLine(
                number=phase.number,
                name=phase.name,
                focus=phase.focus,
                done=phase.done,
                weeks=phase.duration_weeks,
                weeks_added=row.weeks_added if row else 0,
                start_date=row.start_date if row else phase.start_date,
                end_date=row.end_date if row else phase.end_date,
                state=_phase_state(row),
                habits=[
                    _habit_line(part, places.get((phase.number, part.key)), row, today)
                    for part in phase.habits
                ],
                goes_on=_names(draft, phase),
                criteria=[criterion.words for criterion in phase.success_criteria],
                is_last=phase.number == len(draft.phases),
                gate=gate if open_phase and open_phase.phase_number == phase.number else None,
                most_minutes=max(phase.day_minutes, default=0),
            )
        )
    return PlanView(
        sequence=sequence,
        draft=draft,
        state=state,
        phases=lines,
        notes=draft.notes,
        gate=gate,
        can_take_back=sequences.can_take_back(sequence),
    )


def _names(draft: PlanDraft, phase: PlanPhase) -> list[str]:
    found = (draft.habit(key) for key in phase.continues)
    return [habit.name for habit in found if habit]


def _phase_state(row: Any) -> str:
    if row is None or row.opened_at is None:
        return "planned"
    return "done" if row.completed_at else "open"


def _habit_line(part: PlanHabit, place: PhaseHabit | None, phase: Any, today: date) -> HabitLine:
    if part.is_new:
        when = (
            "from the start"
            if part.introduction_day == 1
            else f"from day {part.introduction_day} of this phase"
        )
    else:
        when = "goes on, with more to it"
    if place is None or phase is None:
        return HabitLine(part, "proposed", when)
    if place.introduced_at is None:
        return HabitLine(part, "planned", when)
    state = "put away" if place.habit.status == HabitStatus.ARCHIVED else str(place.habit.status)
    week = ""
    if part.weekly and phase.opened_at and not phase.completed_at:
        index = max(0, (today - phase.start_date).days) // 7
        week = part.weekly[min(index, len(part.weekly) - 1)]
    return HabitLine(part, state, when, week)
