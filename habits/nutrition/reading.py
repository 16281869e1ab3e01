"""Reading a meal from words: "lasagna for dinner, 650 kcal, 30 g protein", "yesterday at 13:00 a salad"."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal

LONGEST = 300
MOST_CALORIES = 10_000
MOST_GRAMS = Decimal(2000)
# When a meal is usually had; words that name it, and words of the day that stand for a time.
_MEALS: list[tuple[re.Pattern[str], time]] = [
    (re.compile(r"\b(?:for |at |my |as )?(?:a )?(?:early )?breakfast\b", re.I), time(7, 30)),
    (re.compile(r"\b(?:for |at |my )?brunch\b", re.I), time(11, 0)),
    (re.compile(r"\b(?:for |at |my )?lunch(?:time)?\b", re.I), time(12, 30)),
    (re.compile(r"\b(?:for |at |my )?(?:dinner|supper)(?:time)?\b", re.I), time(19, 0)),
    (re.compile(r"\bthis morning\b|\bin the morning\b", re.I), time(8, 30)),
    (
        re.compile(r"\bthis afternoon\b|\bin the afternoon\b|\bafternoon snack\b", re.I),
        time(15, 30),
    ),
    (
        re.compile(r"\b(?:this|yesterday) evening\b|\bin the evening\b|\btonight\b", re.I),
        time(19, 0),
    ),
    (re.compile(r"\blast night\b|\bat night\b|\bbefore bed\b", re.I), time(21, 30)),
]
_YESTERDAY = re.compile(r"\byesterday(?:'s)?\b|\blast night\b", re.I)
_TODAY = re.compile(r"\btoday\b|\bjust now\b|\bright now\b", re.I)
_CLOCK = re.compile(
    r"\b(?:at|around|about) (?P<hour>\d\d?)(?:[:.](?P<minute>[0-5]\d))?\s*(?P<half>a\.?m\.?|p\.?m\.?)?(?![\w:.]*\d)(?! ?(?:k?cal|g\b|grams|kilo))"
    r"|\b(?P<hour2>[01]?\d|2[0-3]):(?P<minute2>[0-5]\d)\b",
    re.I,
)
_CALORIES = re.compile(
    r"(?:[(,;]\s*)?(?:\b(?:about|around|roughly|circa|approx(?:imately|\.)?|ca\.?)\s*|[~≈]\s*)?"
    r"(?<![\d.,])(?P<number>\d{1,3}[,.']\d{3}|\d{1,5})\s*(?:k?cals?|kilo ?calories|calories)\b\s*[),;]?",
    re.I,
)
_MACRO = {
    "protein_g": r"proteins?",
    "carbs_g": r"carb(?:s|ohydrates?)?",
    "fat_g": r"fats?",
}
_MACROS = {
    name: re.compile(
        rf"(?:[(,;]\s*|\band\s+|\bwith\s+)?(?<![\d.,])(?P<number>\d{{1,4}}(?:[.,]\d)?)\s*g(?:rams?)?\.?\s*(?:of\s+)?{word}\b\s*[),;]?"
        rf"|(?:[(,;]\s*|\band\s+)?\b{word}\s*[:=]?\s*(?P<number2>\d{{1,4}}(?:[.,]\d)?)\s*g(?:rams?)?\b\s*[),;]?",
        re.I,
    )
    for name, word in _MACRO.items()
}
_OPENING = re.compile(
    r"^\s*(?:(?:hi|hey|ok|okay|so|and|well|please|coach|can you|could you)[, ]+)*"
    r"(?:(?:i(?:'ve| have)?\s+)?(?:(?:just|also|already|only|finally)\s+)*(?:had|ate|eaten|eat|drank|drunk|have had|snacked on)\b"
    r"|(?:log|add|record|track|note|put down)\b(?:\s+(?:that\s+)?i\s+(?:had|ate|drank)\b)?(?:\s+(?:my|the|a)\s+(?:food|meal|snack)\b)?"
    r"|for me it was|it was|my (?:meal|food|snack) was)\s*[:,-]?\s*",
    re.I,
)
_EDGES = re.compile(
    r"^(?:[\s,;:.\-–()]|(?:was|were|and|that|of|on|the|to|with)\s)+|[\s,;:.\-–(]+$", re.I
)
_LOOSE_END = re.compile(r"[\s,;]+(?:at|for|on|and|with|around|about|in|to|of)$", re.I)


@dataclass(frozen=True, slots=True)
class Meal:
    """What was read: the food in words, when it was eaten (aware), and the figures that were given."""

    text: str
    eaten_at: datetime
    calories: int | None = None
    protein_g: Decimal | None = None
    carbs_g: Decimal | None = None
    fat_g: Decimal | None = None


def read_meal(words: str, *, now: datetime) -> Meal:
    """Reads a meal told at `now` (aware, on the person's own clock); it is never in the future.

    The text is empty when only figures or times were said.
    """
    left = re.sub(r"\s+", " ", words).strip()
    left, number = _taken(left, _CALORIES)
    calories = None if number is None else int(re.sub(r"\D", "", number))
    if calories is not None and calories > MOST_CALORIES:
        calories = None
    grams: dict[str, Decimal | None] = {}
    for name, pattern in _MACROS.items():
        left, number = _taken(left, pattern)
        value = None if number is None else Decimal(number.replace(",", "."))
        grams[name] = value if value is None or value <= MOST_GRAMS else None
    left, eaten_at = _moment(left, now)
    for _ in range(2):
        left = _EDGES.sub("", _OPENING.sub("", left))
        left = _LOOSE_END.sub("", left)
    text = left[:LONGEST].strip()
    return Meal(text[:1].upper() + text[1:], eaten_at, calories, **grams)


def read_moment(words: str, *, now: datetime) -> datetime:
    """When something was eaten, from words alone ("for lunch", "yesterday at 13:00")."""
    return _moment(words, now)[1]


def _taken(text: str, pattern: re.Pattern[str]) -> tuple[str, str | None]:
    """The text without what the pattern found, and the number in it."""
    found = pattern.search(text)
    if found is None:
        return text, None
    number = next(value for value in found.groups() if value is not None)
    return f"{text[: found.start()]} {text[found.end() :]}".strip(), number


def _moment(text: str, now: datetime) -> tuple[str, datetime]:
    is_yesterday = bool(_YESTERDAY.search(text))
    is_today = bool(_TODAY.search(text))
    clock: time | None = None
    is_open = False
    if found := _CLOCK.search(text):
        clock, is_open = _clock(found)
        if clock is not None:
            text = f"{text[: found.start()]} {text[found.end() :]}"
    for pattern, usual in _MEALS:
        if meal := pattern.search(text):
            if clock is None:
                clock = usual
            elif is_open and clock.hour < 12 and usual.hour >= 12:
                clock, is_open = clock.replace(hour=clock.hour + 12), False
            text = f"{text[: meal.start()]} {text[meal.end() :]}"
            break
    text = _TODAY.sub(" ", _YESTERDAY.sub(" ", text))
    text = re.sub(r"\s+", " ", text).replace(" ,", ",").strip()
    day = now.date() - timedelta(days=1) if is_yesterday else now.date()
    if clock is None:
        return text, datetime.combine(day, now.time(), tzinfo=now.tzinfo) if is_yesterday else now
    at = datetime.combine(day, clock, tzinfo=now.tzinfo)
    if is_open and not is_yesterday and clock.hour < 12 and at + timedelta(hours=12) <= now:
        at += timedelta(hours=12)  # "at 8" said in the evening
    if at > now:
        # Dinner told in the morning was yesterday's; lunch told at noon is the one on the table.
        is_now = is_today or at - now <= timedelta(hours=2)
        at = now if is_now else at - timedelta(days=1)
    return text, at


def _clock(found: re.Match[str]) -> tuple[time | None, bool]:
    """The clock time of a match, and whether it may as well be twelve hours later."""
    hour = int(found["hour"] or found["hour2"])
    minute = int(found["minute"] or found["minute2"] or 0)
    half = (found["half"] or "").lower().replace(".", "")
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    if not 0 <= hour <= 23:
        return None, False
    return time(hour, minute), not half and found["hour2"] is None and 1 <= hour < 12
