"""Which stretch of the past a question is about: "this week", "the last 3 months", "so far"."""

import re

from .number_words import NUMBER, value_of
from .wording import plain

_ALL = re.compile(
    r"\b(?:all[- ]time|overall|ever|since (?:i|the) (?:started|joined|beginning|start)|from the (?:start|beginning)|whole history|so far in total|in total)\b"
)
_NUMBERED = re.compile(
    rf"\b(?:last|past|previous|for|over|recent)\s+(?:the\s+)?(?:(?:last|past)\s+)?(?P<n>{NUMBER})\s*(?P<unit>days?|weeks?|months?|years?)\b"
)
_SHORT = re.compile(r"\b(?P<n>\d{1,3})\s?(?P<unit>d|w|m|y|days?|weeks?|months?)\b")
_NAMED = re.compile(
    r"\b(?:(?:this|last|past|the|previous|whole|entire|current)\s+)+(?P<unit>week|fortnight|month|quarter|season|year)\b|\b(?P<adverb>weekly|monthly|quarterly|yearly)\b|\b(?P<today>today|yesterday)\b"
)
_DAYS = {
    "day": 1,
    "week": 7,
    "fortnight": 14,
    "month": 30,
    "quarter": 90,
    "season": 90,
    "year": 365,
}
_LETTERS = {"d": "day", "w": "week", "m": "month", "y": "year"}
_ADVERBS = {"weekly": 7, "monthly": 30, "quarterly": 90, "yearly": 365}


class Period(int):
    """A number of past days; 0 stands for everything there is."""

    @property
    def code(self) -> str:
        """How tools write it: "30d", or "all"."""
        return f"{int(self)}d" if self else "all"


def parse_period(text: str) -> Period | None:
    """Reads a stretch of the past; none when the text does not name one."""
    text = plain(text)
    if _ALL.search(text):
        return Period(0)
    if found := _NUMBERED.search(text):
        unit = found["unit"].rstrip("s")
        return Period(min(3650, max(1, round(value_of(found["n"]) * _DAYS[unit]))))
    if found := _NAMED.search(text):
        if found["today"]:
            return Period(1)
        return Period(_ADVERBS[found["adverb"]] if found["adverb"] else _DAYS[found["unit"]])
    if found := _SHORT.search(text):
        unit = found["unit"].rstrip("s")
        return Period(min(3650, max(1, int(found["n"]) * _DAYS[_LETTERS.get(unit, unit)])))
    return None
