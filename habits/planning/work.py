"""What is carried from phase to phase while a plan is made."""

from dataclasses import dataclass, field
from datetime import date

from habits.catalogue.library import Library
from habits.catalogue.schema import PlaybookEntry, PlaybookHabit
from habits.goals import GoalAnalysis

from .draft import Note, PlanHabit, PlanInputs
from .week import Week


@dataclass
class Work:
    """What is carried from phase to phase while a plan is made."""

    inputs: PlanInputs
    catalogue: Library
    analysis: GoalAnalysis
    playbook: PlaybookEntry
    week: Week
    starts_on: date
    is_new_person: bool
    known: dict[str, PlanHabit] = field(default_factory=dict)
    last_introduction: int = -10_000  # day of the plan, from 1
    at_that_day: int = 0
    notes: list[Note] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    swapped: list[str] = field(default_factory=list)
    replaced_by_limits: set[str] = field(default_factory=set)
    postponed: list[PlaybookHabit] = field(default_factory=list)
    no_slot: list[str] = field(default_factory=list)
    takes_over: PlanHabit | None = None  # whose days the habit being placed inherits

    def note(self, kind: str, text: str) -> None:
        if all(note.text != text for note in self.notes):
            self.notes.append(Note.model_validate({"kind": kind, "text": text}))


def instead_of(work: Work, slug: str) -> str:
    """The slug that stands for `slug` under this person's constraints; "" when it is left out."""
    seen: set[str] = set()
    while slug and slug not in seen:
        seen.add(slug)
        if slug in work.inputs.leave_out:
            return ""
        if wanted := work.inputs.swaps.get(slug):
            slug = wanted
            continue
        swap = work.catalogue.habits[slug].swap if slug in work.catalogue.habits else {}
        found = next((swap[tag] for tag in work.inputs.constraints if tag in swap), None)
        if found is None:
            return slug
        slug = found
    return slug if slug not in work.inputs.leave_out else ""
