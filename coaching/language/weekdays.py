"""Days of the week in words, as numbers from 0 (Monday) to 6 (Sunday)."""

import re

NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEKDAY = (
    r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday|s)?|weds|wednsday|thu(?:rs(?:day)?|r)?|"
    r"fri(?:day)?|sat(?:urday)?|sun(?:day)?)"
)
LISTED = rf"{WEEKDAY}s?(?:(?:\s*,\s*(?:and\s+)?|\s+and\s+|\s*&\s*|\s*/\s*|\s+){WEEKDAY}s?)*"
EVERY_DAY = tuple(range(7))
WORKDAYS = (0, 1, 2, 3, 4)
WEEKEND = (5, 6)
_ONE = re.compile(rf"\b({WEEKDAY})s?\b")


def number_of(name: str) -> int:
    """The number of a day whose name begins with its usual three letters."""
    return [day[:3].lower() for day in NAMES].index(name.strip()[:3].lower())


def days_named(text: str) -> tuple[int, ...]:
    """Every weekday named in a text, in order of the week, each once."""
    return tuple(sorted({number_of(found[1]) for found in _ONE.finditer(text.lower())}))


def in_words(days: tuple[int, ...]) -> str:
    """Days as people say them: "every weekday", "every Monday and Friday"."""
    if days == EVERY_DAY:
        return "every day"
    if days == WORKDAYS:
        return "every weekday"
    names = [NAMES[day] for day in days]
    if len(names) == 1:
        return f"every {names[0]}"
    return f"every {', '.join(names[:-1])} and {names[-1]}"
