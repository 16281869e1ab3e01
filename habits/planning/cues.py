"""Cues: to what in a person's day a new habit is tied (implementation intentions)."""

import re
from collections.abc import Sequence

from habits.catalogue.schema import DayTime, HabitEntry

WHEN: dict[str, re.Pattern[str]] = {
    "morning": re.compile(
        r"coffee|get up|get out of bed|breakfast|get dressed|in the morning|alarm rings|roll out|kettle"
    ),
    "midday": re.compile(r"lunch|meeting|refill|midday"),
    "evening": re.compile(
        r"dinner|evening|get home|come home|work clothes|after work|from work|leave work|into bed|series|news|bedtime|end-of-work"
    ),
}
BY_TIME: dict[DayTime, str] = {
    "morning": "after my morning coffee",
    "midday": "after lunch",
    "evening": "after I come home",
    "any": "after lunch",
}


NAMED_DAY = re.compile(r"Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def cue_for(entry: HabitEntry, time: DayTime, parent: str, weekdays: Sequence[int]) -> str:
    """The cue of a habit: the habit it is stacked onto, else a routine that fits the time of day.

    A cue that names a weekday names the one the plan chose, and stands only for weekly habits.
    """
    if parent:
        return f"after “{parent}”"
    cues = list(entry.cues)
    if len(weekdays) == 1:
        cues = [NAMED_DAY.sub(DAYS[weekdays[0]], cue) for cue in cues]
    else:
        cues = [cue for cue in cues if not NAMED_DAY.search(cue)] or [BY_TIME[entry.time]]
    if time == "any":
        return cues[0]
    others = [pattern for name, pattern in WHEN.items() if name != time]
    for cue in cues:
        if WHEN[time].search(cue):
            return cue
    for cue in cues:
        if not any(pattern.search(cue) for pattern in others):
            return cue
    return BY_TIME[time]


def trigger(cue: str, name: str) -> str:
    """An implementation intention as one sentence: "After my morning coffee: brisk walk"."""
    cue = cue.strip().rstrip(".,")
    return f"{cue[:1].upper() + cue[1:]}: {name[:1].lower() + name[1:]}"[:240]
