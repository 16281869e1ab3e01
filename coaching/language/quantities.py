"""How much and how often: minutes a day, measurable targets, frequencies."""

import re
from dataclasses import dataclass
from enum import StrEnum

from .number_words import EXPLICIT_NUMBER, NUMBER, value_of
from .weekdays import EVERY_DAY, LISTED, WEEKEND, WORKDAYS, days_named
from .wording import plain

LONGEST_DAY = 16 * 60

# --- Minutes a day ------------------------------------------------------------------------------
_HOURS = r"(?:hours?|hrs?|h)"
_MINUTES = r"(?:minutes?|mins?|min|m)"
# A length of time in words; `minutes_of` counts it.
LENGTH = re.compile(
    r"(?P<three_quarters>\bthree[- ]quarters? of an hour)"
    r"|(?P<quarter>\b(?:a )?quarter (?:of an )?hour)"
    r"|(?P<half>\bhalf (?:an |a )?hour|\b(?:a )?half[- ]hour)"
    rf"|(?<![\d.,:/$£€-])\b(?P<range>\d+)\s*(?:-|to|or)\s*(?P<range_end>\d+)[\s-]*(?P<range_unit>{_HOURS}|{_MINUTES})\b"
    rf"|(?<![\d.,:/$£€])\b(?P<clock_hours>\d)h(?P<clock_minutes>[0-5]\d)\b"
    rf"|(?<![\d.,:/$£€])\b(?P<hours>{NUMBER})(?:(?:[\s-]+|(?<=\d))(?:hours?|hrs?)|(?<=\d)\s?h)\b(?:\s+and\s+a\s+(?P<and_half>half|quarter)|\s*(?:and\s+)?(?P<and_minutes>\d+)\s*{_MINUTES}\b)?"
    rf"|(?<![\d.,:/$£€])\b(?P<minutes>(?!(?:half)\b){NUMBER})(?:(?:[\s-]+|(?<=\d))(?:minutes?|mins?)|(?<=\d)\s?m)\b"
)
_A_DAY = re.compile(
    r"^\s*(?:or so\s+)?(?:(?:a|per|each|every|in a)\s*(?:single\s+)?(?:day|morning|evening|night|afternoon|lunch(?: break)?|weekday|workday)"
    r"|/\s*day|daily|in the (?:morning|evening|afternoon)s?|before (?:work|bed|breakfast)|after (?:work|dinner))"
)
_A_WEEK = re.compile(r"^\s*(?:or so\s+)?(?:(?:a|per|each|every)\s+week|/\s*w(?:ee)?k|weekly)")
_DAILY_BEFORE = re.compile(
    r"\b(?:daily|every (?:day|morning|evening|night)|each (?:day|morning|evening|night)|(?:a|per) day)\b[^.!?]{0,24}$"
)
_NOT_SPARE_AFTER = re.compile(
    r"^\s*(?:of\s+)?(?:sleep|rest)\b|^\s*(?:ago|from now|later|away|long commute)\b|^\s*(?:half )?(?:marathon|5k|10k)\b"
)
_NOT_SPARE_BEFORE = re.compile(
    r"\b(?:in(?: about| around| the next)?|under|sub|below|within|less than|sleep(?: for| about| at least)?|last|past|remind me)\s*$"
)
_BARE = re.compile(
    rf"^(?:\w+[\s,]+){{0,4}}?(?:about |around |maybe |say |like |roughly |only |just |perhaps |at most |up to |~\s*)*(?P<number>{EXPLICIT_NUMBER})\s*(?:or so|ish|tops|max|maybe|i guess|i think)?[\s.!]*$"
)


def minutes_of(found: re.Match[str]) -> float:
    """How many minutes words that `LENGTH` matched stand for."""
    if found["three_quarters"]:
        return 45
    if found["quarter"]:
        return 15
    if found["half"]:
        return 30
    if found["range"]:
        return float(found["range"]) * (60 if found["range_unit"].startswith("h") else 1)
    if found["clock_hours"]:
        return float(found["clock_hours"]) * 60 + float(found["clock_minutes"])
    if found["hours"]:
        extra = {"half": 30, "quarter": 15}.get(found["and_half"] or "", 0)
        return value_of(found["hours"]) * 60 + extra + float(found["and_minutes"] or 0)
    return value_of(found["minutes"])


def parse_minutes_per_day(text: str, *, answering: bool = False) -> int | None:
    """Minutes a person has each day, from 1 to 960; none when the text does not say.

    A range counts at its lower end, time a week is spread over seven days. With `answering` the text
    replies to that very question: a bare "30" counts too.
    """
    text = plain(text)
    best: tuple[int, float] | None = None
    for found in LENGTH.finditer(text):
        minutes, after, before = minutes_of(found), text[found.end() :], text[: found.start()]
        if _NOT_SPARE_AFTER.search(after):
            continue
        if _A_DAY.search(after) or _DAILY_BEFORE.search(before):
            rank = 3
        elif _A_WEEK.search(after):
            rank, minutes = 2, minutes / 7
        elif _NOT_SPARE_BEFORE.search(before) and not answering:
            continue
        else:
            rank = 1
        if 1 <= round(minutes) <= LONGEST_DAY and (best is None or rank > best[0]):
            best = rank, minutes
    if best is not None:
        return round(best[1])
    if answering and (found_bare := _BARE.search(text)):
        minutes = value_of(found_bare["number"])
        if 1 <= round(minutes) <= LONGEST_DAY:
            return round(minutes)
    return None


# --- Targets ------------------------------------------------------------------------------------
class Unit(StrEnum):
    """What a target is counted in."""

    KILOMETRES = "km"
    MILES = "mi"
    KILOGRAMS = "kg"
    POUNDS = "lb"
    STONE = "st"
    USD = "USD"
    GBP = "GBP"
    EUR = "EUR"
    STEPS = "steps"
    WORDS = "words"
    BOOKS = "books"
    PAGES = "pages"
    HOURS_OF_SLEEP = "hours of sleep"
    GLASSES = "glasses"
    REPETITIONS = "repetitions"
    SESSIONS = "sessions"
    LEVEL = "level"
    PERCENT = "percent"


@dataclass(frozen=True)
class Metric:
    """A measurable target. A language level counts from 1 (A1) to 6 (C2)."""

    value: float
    unit: Unit
    words: str


_LEVELS = ("a1", "a2", "b1", "b2", "c1", "c2")
_CURRENCIES = {"$": Unit.USD, "£": Unit.GBP, "€": Unit.EUR}
_CURRENCY_WORDS = {"d": Unit.USD, "u": Unit.USD, "b": Unit.USD, "e": Unit.EUR}
_AMOUNT = rf"(?<![\d.,$£€])(?P<n>{EXPLICIT_NUMBER}|a dozen|half a dozen)"
_COUNTED: list[tuple[str, Unit]] = [
    (
        r"(?:hours?|hrs?)\s+(?:of\s+)?sleep|hours?\s+(?:a|per|each|every)\s+night",
        Unit.HOURS_OF_SLEEP,
    ),
    (r"steps?", Unit.STEPS),
    (r"words?", Unit.WORDS),
    (r"books?|novels?", Unit.BOOKS),
    (r"pages?", Unit.PAGES),
    (r"(?:pounds?|lbs?)(?!\s+(?:sterling|saved|in savings))", Unit.POUNDS),
    (r"(?:kilos?|kgs?|kilograms?)", Unit.KILOGRAMS),
    (r"stone", Unit.STONE),
    (r"(?:km|kms|kilomet(?:re|er)s?)", Unit.KILOMETRES),
    (r"miles?", Unit.MILES),
    (r"glasses", Unit.GLASSES),
    (r"(?:push|pull|sit|chin)[- ]?ups?|squats|reps|burpees", Unit.REPETITIONS),
    (r"workouts?|sessions?", Unit.SESSIONS),
    (r"(?:%|percent)(?!\w)", Unit.PERCENT),
]
_EACH_COUNTED = [
    (re.compile(rf"{_AMOUNT}[\s-]*(?:more\s+|new\s+|spanish\s+)?(?:{unit_words})(?!\w)"), unit)
    for unit_words, unit in _COUNTED
]
_MONEY = re.compile(
    rf"(?P<sign>[$£€])\s*(?P<n>{EXPLICIT_NUMBER})"
    rf"|(?<![\d.,$£€])(?P<n2>{EXPLICIT_NUMBER})\s*(?P<word>dollars|usd|bucks|euros?|eur|quid|gbp|pounds sterling)\b"
)
_RACE = re.compile(
    r"(?<![\d.,$£€])\b(?P<n>\d+(?:\.\d+)?)\s?k\b(?!\s*(?:steps|words|dollars|usd|euros?|bucks|quid|in savings|saved|a (?:month|year)))"
)
_LEVEL = re.compile(r"\b(?P<level>[abc][12])\b")
_MARATHON = re.compile(r"\b(?P<half>half[- ])?marathon\b")


def parse_metrics(text: str) -> list[Metric]:
    """The measurable targets a text names, in the order they stand."""
    text = plain(text)
    found_at: dict[int, Metric] = {}
    for found in _MONEY.finditer(text):
        unit = _CURRENCIES.get(found["sign"] or "") or (
            Unit.GBP
            if found["word"].startswith(("q", "g", "p"))
            else _CURRENCY_WORDS[found["word"][0]]
        )
        found_at[found.start()] = Metric(value_of(found["n"] or found["n2"]), unit, found[0])
    for pattern, unit in _EACH_COUNTED:
        for found in pattern.finditer(text):
            found_at.setdefault(found.start(), Metric(value_of(found["n"]), unit, found[0]))
    for found in _RACE.finditer(text):
        metric = Metric(float(found["n"]), Unit.KILOMETRES, found[0])
        if 1 <= metric.value <= 200:
            found_at.setdefault(found.start(), metric)
    for found in _MARATHON.finditer(text):
        metric = Metric(21.1 if found["half"] else 42.2, Unit.KILOMETRES, found[0])
        found_at.setdefault(found.start(), metric)
    for found in _LEVEL.finditer(text):
        level = Metric(float(_LEVELS.index(found["level"]) + 1), Unit.LEVEL, found[0])
        found_at.setdefault(found.start(), level)
    return [found_at[start] for start in sorted(found_at)]


# --- Frequencies --------------------------------------------------------------------------------
@dataclass(frozen=True)
class Frequency:
    """How often: `per_week` repetitions, on `weekdays` (0 = Monday) where the days are named."""

    per_week: float
    weekdays: tuple[int, ...]
    words: str


_TIMES = re.compile(
    rf"\b(?:(?P<once>once|twice|thrice)|(?P<n>{EXPLICIT_NUMBER}|a couple of|a few)\s*(?:x|times|days|sessions|nights|mornings|evenings|runs|workouts))\s*(?:(?:a|per|each|every|in a)\s+|/\s*)(?P<per>day|week|wk|month|year)\b"
    rf"|\b(?P<x>\d+)x\s*(?:/\s*)?(?P<x_per>day|week|wk|month|daily|weekly|monthly)\b"
)
_ALTERNATE = re.compile(
    r"\bevery (?:other|second) (?P<per>day|week|month)\b|\balternate (?P<per2>day|week)s\b"
)
_EVERY_N = re.compile(
    rf"\bevery (?P<n>{EXPLICIT_NUMBER}|couple of|few) (?P<per>days|weeks|months)\b"
)
_ADVERB = re.compile(
    r"\b(?P<daily>daily|every ?day|every single day|each day|every (?:morning|evening|night|afternoon)|each (?:morning|evening|night))\b|\b(?P<weekly>weekly|every week|each week)\b|\b(?P<monthly>monthly|every month|each month)\b"
)
_WORKDAYS = re.compile(r"\b(?:every |each |on )?(?:weekdays?|work ?days?)\b")
_WEEKEND = re.compile(r"\b(?:every |each |on |at )?(?:the )?weekends?\b")
_ON_DAYS = re.compile(rf"\b(?:on|every|each)\s+(?P<days>{LISTED})\b")
_WEEKS = {"day": 7.0, "week": 1.0, "wk": 1.0, "month": 7 / 30.44, "year": 7 / 365.25}


def parse_frequency(text: str) -> Frequency | None:
    """Reads how often something is done; none when the text does not say."""
    text = plain(text)
    if found := _TIMES.search(text):
        if found["x"]:
            per = {"daily": "day", "weekly": "week", "monthly": "month"}.get(
                found["x_per"], found["x_per"]
            )
            return Frequency(float(found["x"]) * _WEEKS[per], (), found[0])
        times = {"once": 1.0, "twice": 2.0, "thrice": 3.0}.get(found["once"] or "")
        times = times if times is not None else value_of(found["n"])
        return Frequency(times * _WEEKS[found["per"]], (), found[0])
    if found := _ALTERNATE.search(text):
        return Frequency(_WEEKS[found["per"] or found["per2"]] / 2, (), found[0])
    if found := _EVERY_N.search(text):
        words = found["n"]
        number = value_of(words)
        return Frequency(_WEEKS[found["per"][:-1]] / number if number else 7.0, (), found[0])
    if found := _ON_DAYS.search(text):
        days = days_named(found["days"])
        return Frequency(float(len(days)), days, found[0])
    if found := _WORKDAYS.search(text):
        return Frequency(5.0, WORKDAYS, found[0])
    if found := _WEEKEND.search(text):
        return Frequency(2.0, WEEKEND, found[0])
    if found := _ADVERB.search(text):
        if found["daily"]:
            return Frequency(7.0, EVERY_DAY, found[0])
        return Frequency(_WEEKS["week" if found["weekly"] else "month"], (), found[0])
    return None
