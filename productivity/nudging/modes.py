"""In which tone: the persona's leaning, what was learned, and a draw that leaves no tone without its chance."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from productivity.models import NudgeMode, PersonaType

from .numbers import NUMBERS, NudgeNumbers

# How each persona leans before anything is known; each row adds up to 1.
LEANINGS: Mapping[PersonaType, Mapping[NudgeMode, float]] = {
    PersonaType.ROAST: {
        NudgeMode.ROAST: 0.6,
        NudgeMode.NEUTRAL: 0.2,
        NudgeMode.ENCOURAGEMENT: 0.1,
        NudgeMode.MINIMALIST: 0.1,
    },
    PersonaType.CHILL: {
        NudgeMode.MINIMALIST: 0.55,
        NudgeMode.ENCOURAGEMENT: 0.3,
        NudgeMode.NEUTRAL: 0.1,
        NudgeMode.ROAST: 0.05,
    },
    PersonaType.COACH: {
        NudgeMode.ENCOURAGEMENT: 0.6,
        NudgeMode.NEUTRAL: 0.2,
        NudgeMode.MINIMALIST: 0.1,
        NudgeMode.ROAST: 0.1,
    },
    PersonaType.NEUTRAL: {
        NudgeMode.NEUTRAL: 0.6,
        NudgeMode.MINIMALIST: 0.25,
        NudgeMode.ENCOURAGEMENT: 0.1,
        NudgeMode.ROAST: 0.05,
    },
}
# The tone of a persona that does not adapt, and what stands in for a roast that may not be said.
USUAL: Mapping[PersonaType, NudgeMode] = {
    PersonaType.ROAST: NudgeMode.ROAST,
    PersonaType.CHILL: NudgeMode.MINIMALIST,
    PersonaType.COACH: NudgeMode.ENCOURAGEMENT,
    PersonaType.NEUTRAL: NudgeMode.NEUTRAL,
}
INSTEAD_OF_ROAST = NudgeMode.NEUTRAL


@dataclass(frozen=True)
class Learned:
    """What came of one tone: how much was tried and how much of it helped, both weighted by age."""

    tried: float = 0.0
    helped: float = 0.0


def usual_mode(persona: PersonaType, *, may_roast: bool) -> NudgeMode:
    """The fixed tone of a persona."""
    mode = USUAL[persona]
    return INSTEAD_OF_ROAST if mode == NudgeMode.ROAST and not may_roast else mode


def belief(
    persona: PersonaType,
    mode: NudgeMode,
    learned: Mapping[NudgeMode, Learned],
    numbers: NudgeNumbers = NUMBERS,
) -> tuple[float, float]:
    """Beta parameters (for, against) of "this tone helps": the persona's leaning, then what was learned.

    The leaning counts for `strength` nudges on top of one of each kind.
    """
    share = LEANINGS[persona][mode]
    known = learned.get(mode, Learned())
    missed = max(0.0, known.tried - known.helped)
    return 1 + numbers.strength * share + known.helped, 1 + numbers.strength * (1 - share) + missed


def draw_mode(
    persona: PersonaType,
    learned: Mapping[NudgeMode, Learned],
    *,
    may_roast: bool,
    rng: random.Random,
    numbers: NudgeNumbers = NUMBERS,
) -> NudgeMode:
    """A tone drawn as Thompson did: the best of one draw of each belief.

    A share of draws (`floor`) is even, so that no tone is stuck with a bad beginning.
    """
    modes = allowed(may_roast=may_roast)
    if rng.random() < numbers.floor:
        return rng.choice(modes)
    drawn = {mode: rng.betavariate(*belief(persona, mode, learned, numbers)) for mode in modes}
    return max(modes, key=lambda mode: drawn[mode])


def allowed(*, may_roast: bool) -> Sequence[NudgeMode]:
    return [mode for mode in NudgeMode if may_roast or mode != NudgeMode.ROAST]


def kind_of(mode: NudgeMode, intensity: int) -> str:
    """The kind under which templates of a tone are kept: a roast has its strength behind it."""
    return f"{mode}_{intensity}" if mode == NudgeMode.ROAST else str(mode)


def read_kind(kind: str) -> tuple[NudgeMode, int]:
    """The tone and strength of a kind; raises `ValueError` for one that is no tone."""
    name, _, strength = kind.partition("_")
    return NudgeMode(name), int(strength) if strength else 0
