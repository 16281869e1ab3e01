"""Check-ins and journal entries in words: figures read from a sentence, an entry from an order to write it."""

import re
from dataclasses import dataclass

from coaching.language.number_words import SPELT, value_of

from .checking_in import ENERGY, MOODS, MOTIVATION

# Taken whole or not at all: "twenty-five minutes" holds no twenty.
_N = rf"(?P<n>\d{{1,3}}|(?>{SPELT}))"
_OF = r"(?: ?(?:/|out of|of) ?(?P<scale>5|10|five|ten)\b)?"
_IS = r"(?: level| score)?(?: today| now| right now| this (?:morning|afternoon|evening)| tonight)?(?:'s| is| was| at| of| feels like| about| around| maybe|:|=|,)*"
# A number of something else is no figure of how one is.
_ALONE = r"(?![\w%.:]|[ -]?(?:days?|weeks?|months?|hours?|h|min|minutes?|times|kg|km|k|steps|tips|ways|habits|goals|am|pm|percent)\b)"
ENERGY_SAID = rf"\benergy{_IS} ?(?:an? )?{_N}{_OF}{_ALONE}"
MOTIVATION_SAID = rf"\bmotivation{_IS} ?(?:an? )?{_N}{_OF}{_ALONE}"
_ENERGY = (
    re.compile(ENERGY_SAID, re.I),
    re.compile(rf"\b{_N}{_OF} (?:for |on |in )?(?:my )?energy\b", re.I),
)
_MOTIVATION = (
    re.compile(MOTIVATION_SAID, re.I),
    re.compile(rf"\b{_N}{_OF} (?:for |on |in )?(?:my )?motivat(?:ion|ed)\b", re.I),
    re.compile(rf"\bmotivated{_IS} ?{_N}{_OF}{_ALONE}", re.I),
)
_BARE = re.compile(
    rf"\b(?P<n>\d{{1,2}}|(?>{SPELT})) ?(?:/|out of) ?(?P<scale>5|10|five|ten)\b", re.I
)
_ENERGETIC = re.compile(
    r"\b(?:tired|energ\w+|exhausted|sleepy|awake|worn out|drained|fresh|rested)\b", re.I
)
_MOOD_WORDS = (
    *MOODS,
    *("great", "good", "sad", "anxious", "stressed", "exhausted", "angry", "lonely", "proud"),
    *("relaxed", "excited", "grateful", "bored", "frustrated", "overwhelmed", "okay", "fine"),
)
_MOOD = re.compile(
    r"\b(?:feeling|feel|i'm|i am|mood(?: is|:)?) (?:(?:so|very|really|quite|pretty|a bit|a little|rather) )*(?P<mood>"
    + "|".join(_MOOD_WORDS)
    + r")\b",
    re.I,
)
_ORDERS = re.compile(
    r"^\W*(?:(?:please|hey|hi|ok|okay|coach|can you|could you|will you)[, ]+)*"
    r"(?:(?:dear )?(?:journal|diary)(?: entry)?\s*[:,–-]\s*"
    r"|(?:write|put|add|note|save|log|record)(?: down)?(?: this| that| it)?(?: in| into| to| on) (?:my |the )?(?:journal|diary)(?: entry)?\s*(?:[:,–-]\s*|that\s+|\s)"
    r"|(?:journal|diary) entry\s+)(?P<text>.+)",
    re.I | re.S,
)
_ORDERS_AFTER = re.compile(
    r"^\W*(?:please )?(?:write|put|add|note|save|log) (?:down )?(?:that |this: ?)?(?P<text>.+?)(?: in| into| to) (?:my |the )(?:journal|diary)\W*$",
    re.I | re.S,
)


@dataclass(frozen=True)
class Figures:
    """What a sentence says of how somebody is; figures may lie outside of their scales."""

    energy: int | None = None
    motivation: int | None = None
    mood: str = ""

    @property
    def has_number(self) -> bool:
        return self.energy is not None or self.motivation is not None


def read_figures(words: str) -> Figures:
    """The figures in `words`: "energy 3", "motivation 7 out of 10", "feeling tired, 2/5".

    A figure on the other scale is brought to ours. A fraction without a name is energy out of five or beside
    words of tiredness, else motivation out of ten.
    """
    words = words.replace("’", "'")
    energy = _named(words, _ENERGY, ENERGY[1])
    motivation = _named(words, _MOTIVATION, MOTIVATION[1])
    if energy is None and motivation is None and (bare := _BARE.search(words)):
        if _number(bare["scale"]) == ENERGY[1] or _ENERGETIC.search(words):
            energy = _scaled(bare, ENERGY[1])
        else:
            motivation = _scaled(bare, MOTIVATION[1])
    mood = _MOOD.search(words)
    return Figures(energy, motivation, mood["mood"].lower() if mood else "")


def entry_in(words: str) -> str:
    """What is to be written into the journal: the words without the order to write them."""
    for pattern in (_ORDERS, _ORDERS_AFTER):
        if found := pattern.match(words):
            return found["text"].strip()
    return words.strip()


def _named(words: str, patterns: tuple[re.Pattern[str], ...], scale: int) -> int | None:
    for pattern in patterns:
        if found := pattern.search(words):
            return _scaled(found, scale)
    return None


def _scaled(found: re.Match[str], scale: int) -> int:
    """The number on the scale of ours; halves go up, for a low figure is not to be made lower."""
    number = _number(found["n"])
    said = _number(found["scale"]) if found["scale"] else scale
    if said == scale or number > said:
        return number
    return max(1, -(-number * scale // said))


def _number(word: str) -> int:
    return int(value_of(word))
