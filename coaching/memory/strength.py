"""How strongly a memory is held: it fades by halves, and holds longer each time it proved true.

Ebbinghaus 1885 for the shape of forgetting; spacing, as Settles & Meeder 2016 (half-life regression) model it,
for the half-life that grows. Nothing is stored as time goes by: strength is computed when it is read.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Fading:
    """Every number of it, with its unit."""

    initial: float = 0.7  # strength of a new memory, 0 to 1
    half_life_days: float = 30.0  # of most
    lasting_half_life_days: float = 180.0  # of goals, promises and values
    passing_half_life_days: float = 7.0  # of moods
    half_life_cap_days: float = 365.0
    step: float = 0.25  # what a confirmation adds to strength
    stretch: float = 1.5  # by what it multiplies the half-life
    archive_below: float = 0.05  # strength under which a memory may be put away ...
    archive_after_days: float = 365.0  # ... when it is that old and was never used


FADING = Fading()
LASTING = frozenset({"goal", "promise", "value"})
PASSING = frozenset({"mood"})


@dataclass(frozen=True)
class Hold:
    """A strength as it is at one moment, and how fast it will fade."""

    strength: float
    half_life_days: float


def half_life_for(memory_type: str, tags: Collection[str] = ()) -> float:
    """Days after which half the strength of such a memory is gone."""
    kinds = {memory_type, *tags}
    if kinds & PASSING:
        return FADING.passing_half_life_days
    if kinds & LASTING:
        return FADING.lasting_half_life_days
    return FADING.half_life_days


def strength_now(
    strength: float, half_life_days: float, since: datetime, *, now: datetime
) -> float:
    """What is left of `strength` since the moment it was that: `strength * 2 ** (-days / half_life)`."""
    days = max(0.0, (now - since) / DAY)
    return float(strength * 2.0 ** (-days / half_life_days))


def reinforced(strength: float, half_life_days: float) -> Hold:
    """The hold after a confirmation, from the strength as it is now. Retrieval alone is none."""
    return Hold(
        strength=min(1.0, strength + FADING.step),
        half_life_days=max(
            half_life_days, min(FADING.half_life_cap_days, half_life_days * FADING.stretch)
        ),
    )


def may_be_archived(strength: float, *, times_referenced: int, age: timedelta) -> bool:
    """Whether a memory has faded enough to be put away (not deleted): weak, never used, a year old."""
    return (
        strength < FADING.archive_below
        and times_referenced == 0
        and age >= DAY * FADING.archive_after_days
    )
