"""A proposed plan: what the person sees before anything is written, and what accepting it writes."""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, Field

from habits.catalogue.schema import CategoryName, DayTime, SizeName, Stage

VERSION = 1
DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
Difficulty = Literal["easy", "moderate", "challenging"]
Feasibility = Literal["ok", "tight", "adjusted", "roomy"]


class PlanInputs(BaseModel):
    """What the plan was made from; making it again with changes starts here."""

    goal: str
    timeline: str = ""
    difficulty: Difficulty = "moderate"
    minutes_per_day: int
    preferred_time: DayTime = "any"
    constraints: list[str] = Field(default_factory=list)
    starts_on: date | None = None
    leave_out: list[str] = Field(default_factory=list)
    swaps: dict[str, str] = Field(default_factory=dict)


class PlanHabit(BaseModel):
    """A habit's part in one phase. `introduction_day` counts from 1, the first day of the phase."""

    key: str
    name: str
    category: CategoryName
    do: str
    tiny: str
    tiny_minutes: int = 2
    size: SizeName
    minutes: int = Field(ge=0, le=480)
    role: Literal["anchor", "support", "review"]
    load: str = ""
    cadence: Literal["daily", "weekdays", "interval"]
    weekdays: list[int] = Field(default_factory=list)
    interval_days: int | None = None
    introduction_day: int = Field(ge=1)
    is_new: bool
    starts_small_days: int = 0
    cue: str
    trigger: str
    time_of_day: DayTime
    measure: Literal["yes_no", "at_least", "at_most"] = "yes_no"
    target: float | None = None
    unit: str = ""
    difficulty: float
    enjoyment: float
    outdoor: bool = False
    keystone: bool = False
    rationale: str
    source: str
    progression: str
    weekly: list[str] = Field(default_factory=list)
    replaces: list[str] = Field(default_factory=list)

    @property
    def days_in_words(self) -> str:
        if self.cadence == "daily":
            return "every day"
        names = ", ".join(DAY_NAMES[day] for day in self.weekdays)
        if self.cadence == "interval":
            weeks = (self.interval_days or 7) // 7
            return f"every {weeks} weeks, {names}"
        if self.weekdays == [0, 1, 2, 3, 4]:
            return "Monday to Friday"
        return names

    @property
    def per_week(self) -> float:
        if self.cadence == "daily":
            return 7
        return 7 / (self.interval_days or 7) if self.cadence == "interval" else len(self.weekdays)

    @property
    def on_days(self) -> list[int]:
        return list(range(7)) if self.cadence == "daily" else self.weekdays


class Criterion(BaseModel):
    """One condition of a gate. `strength`: of this habit; `completions`: in this phase; `weeks`: open."""

    kind: Literal["strength", "completions", "weeks"]
    habit: str = ""
    at_least: float
    words: str


class PlanPhase(BaseModel):
    number: int
    name: str
    stage: Stage
    focus: str
    done: str
    duration_weeks: int
    start_date: date
    end_date: date
    habits: list[PlanHabit]
    continues: list[str] = Field(default_factory=list, description="Keys that go on unchanged")
    rests: list[str] = Field(default_factory=list, description="Keys that make room here")
    success_criteria: list[Criterion]
    day_minutes: list[int] = Field(description="Minutes per weekday, Monday first")


class Note(BaseModel):
    kind: Literal["assumption", "deadline", "safety", "time"]
    text: str


class PlanDraft(BaseModel):
    """A whole proposal, JSON-serializable and versioned."""

    version: int = VERSION
    playbook: str
    name: str
    description: str
    category: CategoryName
    analysis: dict[str, Any]
    inputs: PlanInputs
    starts_on: date
    ends_on: date
    deadline: date | None
    weeks: int
    feasibility: Feasibility
    phases: list[PlanPhase]
    notes: list[Note]

    def habit(self, key: str) -> PlanHabit | None:
        """The first part of `key` in the plan."""
        return next((h for phase in self.phases for h in phase.habits if h.key == key), None)

    @property
    def keys(self) -> list[str]:
        """Every habit of the plan once, in the order of its introduction."""
        return list(dict.fromkeys(h.key for phase in self.phases for h in phase.habits))

    @property
    def next_date_words(self) -> str:
        return f"{self.starts_on:%A}, {self.starts_on.day} {self.starts_on:%B}"


def in_text(draft: PlanDraft) -> str:
    """The whole plan as plain text, for messages and for reading aloud."""
    lines = [draft.name, draft.description, ""]
    for phase in draft.phases:
        lines.append(
            f"Phase {phase.number}: {phase.name} ({phase.duration_weeks} weeks, from "
            f"{phase.start_date:%d %b %Y}). {phase.focus}"
        )
        for habit in phase.habits:
            when = f"from day {habit.introduction_day}" if habit.is_new else "goes on, grown"
            lines.append(
                f"  - {habit.name} · {habit.days_in_words} · {habit.minutes} min · {when}. "
                f"{habit.trigger}. {habit.do}"
            )
            lines += [f"      {step}" for step in habit.weekly]
            lines.append(f"      Why: {habit.rationale} ({habit.source})")
        if phase.continues:
            names = [draft.habit(key) for key in phase.continues]
            lines.append("  Goes on: " + ", ".join(h.name for h in names if h))
        is_last = phase.number == len(draft.phases)
        gate = "The plan is complete when" if is_last else "Next phase opens when"
        lines.append(f"  {gate}: " + "; ".join(c.words for c in phase.success_criteria))
        lines.append(f"  You are there when: {phase.done}")
    lines += [f"Note: {note.text}" for note in draft.notes]
    return "\n".join(lines)
