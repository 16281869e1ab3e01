"""The day on which something is due, in what a person typed."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from coaching.language.calendar_days import (
    HOLIDAYS,
    MONTHS,
    end_of_month,
    end_of_quarter,
    end_of_week,
    end_of_year,
    next_date,
    next_holiday,
    plus_months,
)
from coaching.language.number_words import NUMBER, value_of
from coaching.language.weekdays import WEEKDAY, number_of

from .place import Place
from .typed import Kind, Typed

FARTHEST = timedelta(days=366 * 30)


@dataclass(frozen=True)
class Day:
    """A day, or (`at`) the very moment; `part` is the part of it that was named too; `weekly`: a weekday."""

    on: date
    at: datetime | None = None
    part: str = ""
    weekly: bool = False


_Read = Callable[[re.Match[str], Place], Day | None]

MONTH = r"(?:" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")"
_ORDINAL = r"(?:st|nd|rd|th)"
_DUE = r"(?:(?:is\s+)?due(?:\s+date)?|deadline(?:\s+is)?)\s*:?\s*"
# What may stand before a day; words that make it part of another thought are read with it, and refused.
_LEAD = (
    rf"(?<![\w'])(?:{_DUE})?(?:(?:starting|beginning|starts?)\s+(?=on\s))?(?:(?P<prep>on|by|before|for|no\s+later\s+than|not\s+later\s+than|starting|beginning|"
    r"starts?|until|till|from|since|about|of|last|past|every|each|between|to|black|good|ash|holy|super|the|a)\s+"
    r"(?:the\s+(?=end|eve|week|\d|first|last|day))?)?"
)
_TAIL = r"(?!\w)(?!'\w)(?!-\w)"
_REFUSED = frozenset(
    [
        "until",
        "till",
        "from",
        "since",
        "about",
        "of",
        "last",
        "past",
        "every",
        "each",
        "between",
        "to",
        "black",
        "good",
        "ash",
        "holy",
        "super",
        "the",
        "a",
    ]
)
_LISTED_AFTER = re.compile(rf"\s*(?:,|&|/|\band\b|\bor\b|-|\bto\b)\s*{WEEKDAY}(?!\w)")
_LISTED_BEFORE = re.compile(rf"(?<!\w){WEEKDAY}\s*(?:,|&|/|\band\b|\bor\b|-|\bto\b)\s*$")
_PERIOD_OF = frozenset(
    [
        "plan",
        "plans",
        "planning",
        "review",
        "prepare",
        "organise",
        "organize",
        "schedule",
        "discuss",
        "budget",
        "budgets",
    ]
)
_NOT_ORDINAL = r"(?!\s+(?:floor|street|avenue|grade|chapter|edition|birthday|anniversary|century|time|draft|item|page|place|row|step|part)\b)"
_UNITS_BEHIND = r"(?!\s*(?:[-/:.,]\d|min|mins|minutes?|hours?|hrs?|h\b|km|kg|g\b|miles?|people|pages?|%|x\b|times\b))"


def _after(start: date, number: float, unit: str) -> date:
    if number > 5000:
        raise OverflowError
    if unit.startswith(("d", "w", "f")):
        days = number * {"d": 1, "w": 7, "f": 14}[unit[0]]
        return start + timedelta(days=max(1, round(days)))
    months = number * {"m": 1, "q": 3, "y": 12}[unit[0]]
    if months != int(months):
        return start + timedelta(days=round(months * 30.44))
    return plus_months(start, int(months))


def _in(found: re.Match[str], place: Place) -> Day | None:
    number, unit = value_of(found["n"] or found["n2"]), found["unit"] or found["unit2"]
    if found["half"] or found["half2"]:
        number += 0.5
    if unit.startswith("h") or (unit.startswith("m") and not unit.startswith("mo")):
        if number > 100_000:
            return None
        at = place.later(timedelta(minutes=number * (60 if unit.startswith("h") else 1)))
        return Day(place.day_of(at), at)
    return Day(_after(place.today, number, unit))


def _iso(found: re.Match[str], place: Place) -> Day | None:
    return Day(date(int(found["y"]), int(found["m"]), int(found["d"])))


def _next_date(place: Place, month: int, day: int) -> Day | None:
    found = next_date(place.today - timedelta(days=1), month, day)
    return None if found is None else Day(found)


def _numeric(found: re.Match[str], place: Place) -> Day | None:
    first, second, year = int(found["a"]), int(found["b"]), found["y"]
    said = bool(found["prep"]) or "due" in found[0] or "deadline" in found[0]
    if found["sep"] == "." and not (year or (said and found["dot"])):
        return None
    if not (year or said or max(first, second) > 9):
        return None  # "1/2 cup", "4/5 stars"
    month_first = place.month_first and found["sep"] == "/"
    if first > 12:
        month_first = False
    elif second > 12:
        month_first = True
    month, day = (first, second) if month_first else (second, first)
    if year:
        return Day(date(int(year) + (2000 if len(year) == 2 else 0), month, day))
    return _next_date(place, month, day) if 1 <= month <= 12 and day else None


def _of_month(found: re.Match[str], place: Place) -> Day | None:
    month, day = MONTHS[found["month"] or found["month2"]], int(found["day"] or found["day2"])
    if year := found["year"] or found["year2"]:
        return Day(date(int(year), month, day))
    return _next_date(place, month, day)


def _nth(found: re.Match[str], place: Place) -> Day | None:
    return Day(_next_day_of_month(int(found["day"]), place.today))


def _next_day_of_month(day: int, today: date) -> date:
    """The next such day of a month, today included; months that have none are passed over."""
    if not 1 <= day <= 31:
        raise ValueError(day)
    first = today.replace(day=1)
    for ahead in range(12):
        begins = plus_months(first, ahead)
        if day <= end_of_month(begins).day and begins.replace(day=day) >= today:
            return begins.replace(day=day)
    raise ValueError(day)


def _named(found: re.Match[str], place: Place) -> Day | None:
    word = " ".join(found["name"].split())
    today = place.today
    part = found["part"] or ""
    if word.startswith("day"):
        return Day(today + timedelta(days=2), part=part)
    if word.endswith("today") or word in ("eod", "end of day", "end of the day"):
        return Day(today, part=part)
    if word in ("tonight", "this morning", "this afternoon", "this evening"):
        return Day(today, part=word)
    return Day(today + timedelta(days=1), part=part)


def _weekday(found: re.Match[str], place: Place) -> Day | None:
    ahead = (number_of(found["weekday"]) - place.today.weekday()) % 7
    if found["which"] == "next" and ahead < 7 - place.today.weekday():
        ahead += 7
    return Day(place.today + timedelta(days=ahead), part=found["part"] or "", weekly=True)


_ENDS = {"week": end_of_week, "month": end_of_month, "quarter": end_of_quarter, "year": end_of_year}
_SHORT_ENDS = {"eow": "week", "eom": "month", "eoq": "quarter", "eoy": "year"}


def _end(found: re.Match[str], place: Place) -> Day | None:
    if found["month"]:
        day = _next_date(place, MONTHS[found["month"]], 1)
        this_month = place.today.month == MONTHS[found["month"]]
        first = place.today if this_month or day is None else day.on
        return Day(end_of_month(first))
    end_of = _ENDS[found["period"] or _SHORT_ENDS[found["short"]]]
    end = end_of(place.today)
    return Day(end_of(end + timedelta(days=1)) if found["which"] == "next" else end)


def _period(found: re.Match[str], place: Place) -> Day | None:
    if found["unit"] == "weekend":
        saturday = place.today + timedelta(days=5 - place.today.weekday())
        if found["which"] == "next":
            return Day(saturday + timedelta(days=7))
        return Day(max(saturday, place.today))
    end = _ENDS[found["unit"]](place.today)
    return Day(end + timedelta(days=1) if found["which"] == "next" else end)


def _first_of(found: re.Match[str], place: Place) -> Day | None:
    day = next_date(place.today, MONTHS[found["month"]], 1)
    return None if day is None else Day(day)


def _holiday(found: re.Match[str], place: Place) -> Day | None:
    day = next_holiday(" ".join(found["holiday"].split()), place.today)
    return None if day is None else Day(day)


_HOLIDAY = "|".join(
    sorted((re.escape(name).replace(r"\ ", r"\s+") for name in HOLIDAYS), key=len, reverse=True)
)
_PART = r"(?:\s+(?:in\s+the\s+)?(?P<part>morning|afternoon|evening|night)(?!\w))?"
_UNIT = (
    r"(?:minutes?|mins?|hours?|hrs?|h|days?|weeks?|wks?|fortnights?|months?|quarters?|years?|yrs?)"
)
_READERS: list[tuple[re.Pattern[str], _Read]] = [
    (
        re.compile(rf"{_LEAD}(?P<y>20\d\d)-(?P<m>\d\d?)-(?P<d>\d\d?)(?:t(?=\d\d:\d\d)|(?![\w-]))"),
        _iso,
    ),
    (
        re.compile(
            rf"{_LEAD}(?:{WEEKDAY}\.?,?\s+(?:the\s+)?)?(?:(?P<day>\d\d?){_ORDINAL}?\s+(?:of\s+)?(?P<month>{MONTH})\.?(?:,?\s+(?P<year>20\d\d))?"
            rf"|(?P<month2>{MONTH})\.?\s+(?:the\s+)?(?P<day2>\d\d?){_ORDINAL}?(?![\d:]){_UNITS_BEHIND}(?:,?\s+(?P<year2>20\d\d))?){_TAIL}"
        ),
        _of_month,
    ),
    (
        re.compile(
            rf"{_LEAD}(?:{WEEKDAY}\.?,?\s+)?(?<![\d/.$£€-])(?P<a>\d\d?)(?P<sep>[/.])(?P<b>\d\d?)(?:(?P=sep)(?P<y>20\d\d|\d\d))?(?P<dot>\.)?(?![\d/%])(?!\s*(?:km|kg|inch|cups?|am|pm)\b)(?!\w)"
        ),
        _numeric,
    ),
    (
        re.compile(
            rf"(?<![\w'])(?:{_DUE})?(?P<prep>)(?:in|within)\s+(?:about\s+|around\s+|the\s+next\s+)?(?P<n>{NUMBER})\s*(?P<unit>{_UNIT})(?P<half>\s+and\s+a\s+half)?{_TAIL}(?!\s+after\b)"
            rf"|(?<![\w'])(?P<n2>{NUMBER})\s+(?P<unit2>{_UNIT})(?P<half2>\s+and\s+a\s+half)?\s+from\s+(?:now|today){_TAIL}"
        ),
        _in,
    ),
    (
        re.compile(
            rf"{_LEAD}(?P<name>day\s+after\s+tomorrow|(?:later\s+)?today|tonight|tomorrow|tomorow|tommorow|tommorrow|tmrw|tmr|2moro|eod|end\s+of\s+(?:the\s+)?day|this\s+(?:morning|afternoon|evening)){_TAIL}{_PART}"
        ),
        _named,
    ),
    (
        re.compile(
            rf"{_LEAD}(?:at\s+)?(?:the\s+)?(?:(?P<short>eow|eom|eoq|eoy)|(?:the\s+)?end\s+of\s+(?:(?:the\s+)?(?:(?P<which>this|next)\s+)?(?P<period>week|month|quarter|year)|(?P<month>{MONTH}))){_TAIL}"
        ),
        _end,
    ),
    (
        re.compile(
            rf"{_LEAD}(?:the\s+)?(?:(?P<which>this|next|coming)\s+)?(?P<weekday>{WEEKDAY})\.?{_TAIL}{_PART}"
        ),
        _weekday,
    ),
    (
        re.compile(
            rf"{_LEAD}(?:at\s+|during\s+|over\s+)?(?:(?P<which>this|next|the|coming)\s+)(?P<unit>weekend|week|month|quarter|year){_TAIL}"
        ),
        _period,
    ),
    (
        re.compile(
            rf"(?<![\w'])(?:{_DUE}(?:(?:on|by)\s+)?|(?:on|by)\s+)(?P<prep>)(?:the\s+)?(?P<day>\d\d?){_ORDINAL}{_TAIL}{_NOT_ORDINAL}"
        ),
        _nth,
    ),
    (
        re.compile(
            rf"(?<![\w'])(?:{_DUE}(?:by\s+)?|(?:by|before)\s+)(?P<prep>)(?P<month>{MONTH}){_TAIL}(?!\s+\d)"
        ),
        _first_of,
    ),
    (
        re.compile(
            rf"(?<![\w'])(?:{_DUE}(?:(?:on|by|before)\s+)?|(?P<prep>on|by|before|at)\s+)(?:the\s+)?(?P<holiday>{_HOLIDAY}){_TAIL}"
        ),
        _holiday,
    ),
]


def take_until(typed: Typed, place: Place) -> date | None:
    """The last day of something that comes again: "until 3 May"."""
    for pattern, read in _READERS:
        for found in pattern.finditer(typed.open):
            if (found["prep"] or "") not in ("until", "till"):
                continue
            try:
                day = read(found, place)
            except (ValueError, OverflowError):
                continue
            if day is not None and place.today <= day.on <= place.today + FARTHEST:
                typed.claim(found.start(), found.end(), Kind.REPEAT)
                return day.on
    return None


def take_day(typed: Typed, place: Place) -> Day | None:
    """The first day that is named as one. "for Monday" says what for, and stays in the title."""
    best: tuple[int, int, re.Match[str], Day] | None = None
    for rank, (pattern, read) in enumerate(_READERS):
        for found in pattern.finditer(typed.open):
            day = _meant(found, read, typed, place)
            if day is not None and (best is None or (found.start(), rank) < best[:2]):
                best = found.start(), rank, found, day
                break
    if best is None:
        return None
    _, _, found, day = best
    typed.claim(found.start(), found.end(), Kind.DUE, kept=found["prep"] == "for")
    return day


def _meant(found: re.Match[str], read: _Read, typed: Typed, place: Place) -> Day | None:
    prep = " ".join((found["prep"] or "").split())
    if prep in _REFUSED or not _stands_alone(found, read, prep, typed):
        return None
    try:
        day = read(found, place)
        if day is not None and prep == "before" and day.at is None:
            day = replace(day, on=day.on - timedelta(days=1))
    except (ValueError, OverflowError):
        return None
    if day is None or not place.today <= day.on <= place.today + FARTHEST:
        return None
    return day


def _stands_alone(found: re.Match[str], read: _Read, prep: str, typed: Typed) -> bool:
    """Whether these words say when, not which: "Monday meeting" and "plan next week" name things."""
    said = bool(prep) or found[0].startswith(("due", "is due", "deadline"))
    if read is _weekday:
        if _LISTED_AFTER.match(typed.open, found.end()) or _LISTED_BEFORE.search(
            typed.open[: found.start()]
        ):
            return False
        if not (said or found["which"] or typed.is_first(found.start())):
            return not typed.next_word(found.end())
        if typed.is_first(found.start()) and not said and len(found["weekday"]) < 4:
            return found["weekday"] not in ("sun", "sat", "wed") or not typed.next_word(found.end())
        return True
    if read is _period:
        return said or typed.word_before(found.start()) not in _PERIOD_OF
    if read is _numeric and not said and not found["y"]:
        return not typed.next_word(found.end())
    if read is _of_month or read is _iso:
        return True
    if found[0].lstrip().startswith(("in", "within")):
        # "run 5k in 30 minutes" is how fast, not when.
        return not re.search(
            r"\d\s*(?:k|km|miles?|m|laps|pages|words)\s+$", typed.open[: found.start()]
        )
    return True
