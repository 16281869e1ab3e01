"""The numbers of nudges about tasks, in one place (ours unless said otherwise)."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class NudgeNumbers:
    """When something calls for a nudge, how tones are chosen, and what counts as a miss.

    Triggers
        due_soon: how long before its moment a task counts as due soon.
        overdue_for: for how long after its moment a task is spoken of; older ones are for the list itself.
        snoozed_often: from how many times on.
        inactive_days: after how many days without a change; only of tasks that are at least as old.
        week: how far ahead the load is added up; overloaded: from how many tasks on.
        slot_before, slot_after: around the beginning of a slot.
        answer_within: for how long after a nudge what the person does counts as its answer.
    Tones
        strength: how many nudges the persona's own leaning counts for before anything is known.
        floor: the share of draws that give every tone its chance.
        half_life: after how long a nudge counts half; look_back: how far back they are read.
        rating_weight, moved_weight: of what the person said, and of whether the task moved.
    Humour (guardrail 7)
        misses: after how many in a row nothing is teased; miss_look_back: how far back they are counted.
        first_days: nothing is teased in the first days with us.
        ease: for how long "ease up" holds.
        distress: a message of theirs at or below this tone counts as distress, for distress_lasts.
    """

    due_soon: timedelta = timedelta(hours=24)
    overdue_for: timedelta = timedelta(days=14)
    snoozed_often: int = 3
    inactive_days: int = 3
    week: timedelta = timedelta(days=7)
    overloaded: int = 4
    slot_before: timedelta = timedelta(minutes=75)
    slot_after: timedelta = timedelta(minutes=15)
    answer_within: timedelta = timedelta(hours=4)

    strength: float = 4.0
    floor: float = 0.1
    half_life: timedelta = timedelta(days=60)
    look_back: timedelta = timedelta(days=180)
    rating_weight: float = 1.0
    moved_weight: float = 0.5

    misses: int = 3
    miss_look_back: timedelta = timedelta(days=14)
    first_days: timedelta = timedelta(days=7)
    ease: timedelta = timedelta(days=14)
    distress: float = -0.7
    distress_lasts: timedelta = timedelta(hours=48)


NUMBERS = NudgeNumbers()
