"""Until when: "in 3 months", "by summer", "before Christmas", "over the next 90 days".

A deadline is always after today. A season follows the person's hemisphere; an ambiguous numeric date
(3/4) is read month first for `en-US` and day first elsewhere.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from .calendar_days import (
    HOLIDAYS,
    MONTHS,
    end_of_month,
    end_of_quarter,
    end_of_week,
    end_of_year,
    next_date,
    next_holiday,
    plus_months,
    season_start,
)
from .number_words import NUMBER, value_of
from .weekdays import WEEKDAY, number_of
from .wording import plain

LONGEST = timedelta(days=366 * 30)


class Precision(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    SEASON = "season"
    YEAR = "year"


@dataclass(frozen=True)
class Timeframe:
    """From when until when (both included), the words that said so, and how exact they were."""

    start: date
    deadline: date
    words: str
    precision: Precision

    @property
    def days(self) -> int:
        return (self.deadline - self.start).days

    @property
    def weeks(self) -> int:
        """Whole weeks, at least one."""
        return max(1, round(self.days / 7))


@dataclass(frozen=True)
class _Place:
    today: date
    southern: bool
    month_first: bool


_Reading = tuple[date | None, Precision]
_BY = r"(?:by|before|until|till|til|for|ahead of|in time for|no later than|on|due)"
_MONTH = r"(?:" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")"
_UNIT = r"(?:days?|weeks?|wks?|fortnights?|months?|mths?|quarters?|years?|yrs?)"
_SEASON = r"(?:spring|summer|autumn|fall|winter)"
_HOLIDAY = "|".join(sorted(map(re.escape, HOLIDAYS), key=len, reverse=True))


def _iso(found: re.Match[str], place: _Place) -> _Reading:
    return date(int(found["y"]), int(found["m"]), int(found["d"])), Precision.DAY


def _numeric(found: re.Match[str], place: _Place) -> _Reading:
    first, second = int(found["a"]), int(found["b"])
    month_first = place.month_first and found["sep"] == "/"
    if first > 12:
        month_first = False
    elif second > 12:
        month_first = True
    month, day = (first, second) if month_first else (second, first)
    if found["y"]:
        year = int(found["y"])
        return date(year + 2000 if year < 100 else year, month, day), Precision.DAY
    return next_date(place.today, month, day), Precision.DAY


def _day_of_month(found: re.Match[str], place: _Place) -> _Reading:
    groups = found.groupdict()
    month = MONTHS[groups.get("month") or groups["month2"]]
    day = int(groups.get("day") or groups["day2"])
    year = groups.get("year") or groups.get("year2")
    if year:
        return date(int(year), month, day), Precision.DAY
    return next_date(place.today, month, day), Precision.DAY


def _month(found: re.Match[str], place: _Place) -> _Reading:
    month, part, year = MONTHS[found["month"]], found["part"] or "", found["year"]
    at_end = "end" in part or "late" in part or found["prep"] in ("in", "this", "during")
    first = date(int(year), month, 1) if year else next_date(place.today, month, 1)
    if first is None:
        return None, Precision.MONTH
    if "mid" in part:
        return first.replace(day=15), Precision.MONTH
    if at_end:
        # During the month itself its end is still ahead.
        if not year and place.today.month == month and end_of_month(place.today) > place.today:
            return end_of_month(place.today), Precision.MONTH
        return end_of_month(first), Precision.MONTH
    return first, Precision.MONTH


def _holiday(found: re.Match[str], place: _Place) -> _Reading:
    return next_holiday(found["holiday"], place.today), Precision.DAY


def _season(found: re.Match[str], place: _Place) -> _Reading:
    start = season_start(found["season"], place.today, southern=place.southern)
    if found["part"] or found["prep"] in ("in", "this", "during"):
        # The season's end: also of the one that is running now.
        end = plus_months(start, 3) - timedelta(days=1)
        running = plus_months(start, -9) - timedelta(days=1)
        return (running if running > place.today else end), Precision.SEASON
    return start, Precision.SEASON


_ENDS: dict[str, Callable[[date], date]] = {
    "week": end_of_week,
    "month": end_of_month,
    "quarter": end_of_quarter,
    "year": end_of_year,
}


def _period_end(found: re.Match[str], place: _Place) -> _Reading:
    unit = found["period"] or "year"
    end_of = _ENDS[unit]
    precision = Precision(unit) if unit != "quarter" else Precision.MONTH
    end = end_of(place.today)
    following = end_of(end + timedelta(days=1))
    if "next" in (found["which"] or ""):
        return following, precision
    return (end if end > place.today else following), precision


def _next_period(found: re.Match[str], place: _Place) -> _Reading:
    unit = found["period"]
    first = _ENDS[unit](place.today) + timedelta(days=1)
    return first, Precision(unit) if unit != "quarter" else Precision.MONTH


def _weekday(found: re.Match[str], place: _Place) -> _Reading:
    ahead = (number_of(found["weekday"]) - place.today.weekday()) % 7 or 7
    if "next" in found[0] and ahead < 7 - place.today.weekday():
        ahead += 7  # "next Friday" said on a Monday is the one of next week
    return place.today + timedelta(days=ahead), Precision.DAY


def _tomorrow(found: re.Match[str], place: _Place) -> _Reading:
    return place.today + timedelta(days=2 if "after" in found[0] else 1), Precision.DAY


def _after(start: date, number: float, unit: str) -> _Reading:
    if number > 20000:
        return None, Precision.DAY
    if unit.startswith("d"):
        return start + timedelta(days=max(1, round(number))), Precision.DAY
    if unit.startswith(("w", "f")):
        days = number * (14 if unit.startswith("f") else 7)
        return start + timedelta(days=max(1, round(days))), Precision.WEEK
    months = number * {"m": 1, "q": 3, "y": 12}[unit[0]]
    if months != int(months):
        return start + timedelta(days=max(1, round(months * 30.44))), Precision.WEEK
    return plus_months(start, int(months)), Precision.YEAR if unit[0] == "y" else Precision.MONTH


def _duration(found: re.Match[str], place: _Place) -> _Reading:
    number = value_of(found["number"]) + (0.5 if found["half"] or found["half_before"] else 0)
    return _after(place.today, number, found["unit"])


_NOT_OF_PAST = r"(?<!last )(?<!past )(?<!previous )(?<!every )(?<!each )(?<!per )"
_NOT_A_RATE = r"(?!\s+(?:a|per|each|every)\s+(?:day|week|month|year))(?!\s+ago\b)(?!\s+old\b)(?!-old\b)(?!\s*/)"
_READERS: list[tuple[re.Pattern[str], Callable[[re.Match[str], _Place], _Reading]]] = [
    (re.compile(rf"\b(?:{_BY}\s+)?(?P<y>20\d\d)-(?P<m>\d\d?)-(?P<d>\d\d?)\b"), _iso),
    (
        re.compile(
            rf"\b{_BY}\s+(?P<a>\d\d?)(?P<sep>[/.])(?P<b>\d\d?)(?:[/.](?P<y>\d{{4}}|\d\d))?(?![\d/])(?!\.\d)"
        ),
        _numeric,
    ),
    (
        re.compile(
            rf"\b(?:{_BY}\s+)?(?:the\s+)?(?:(?P<day>\d\d?)(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{_MONTH})\b(?:,?\s+(?P<year>20\d\d))?"
            rf"|(?P<month2>{_MONTH})\s+(?:the\s+)?(?P<day2>\d\d?)(?:st|nd|rd|th)?\b(?!:)(?:,?\s+(?P<year2>20\d\d))?)"
        ),
        _day_of_month,
    ),
    (re.compile(rf"\b(?:{_BY}\s+)?(?:the\s+)?(?P<holiday>{_HOLIDAY})\b"), _holiday),
    (
        re.compile(
            rf"\b(?P<prep>{_BY}|in|this|during|next|at)\s+(?:the\s+)?(?P<part>(?:end|beginning|start|middle)\s+of\s+|early[- ]|late[- ]|mid[- ]?)?"
            rf"(?:next\s+)?(?P<month>{_MONTH})\b(?:,?\s+(?P<year>20\d\d))?"
        ),
        _month,
    ),
    (
        re.compile(
            rf"\b(?P<prep>{_BY}|in|this|during|next|at|over)\s+(?:the\s+)?(?:early[- ]|mid[- ]?)?(?P<part>end\s+of\s+|late\s+)?(?:the\s+|this\s+|next\s+)?(?P<season>{_SEASON})\b(?!\s+(?:asleep|apart|behind|off|short))"
        ),
        _season,
    ),
    (
        re.compile(
            r"\b(?:(?:by|before|until|till|at|for)\s+)?(?:the\s+)?(?:end\s+of\s+(?:(?P<which>the|this|next)\s+)?(?:the\s+)?(?P<period>week|month|quarter|year)\b|eoy\b|year[- ]?end\b)"
        ),
        _period_end,
    ),
    (
        re.compile(
            r"\b(?:(?:by|before|in|within|during|over|for)\s+)?(?P<which>this|the current)\s+(?:(?:whole|calendar)\s+)?(?P<period>week|month|quarter|year)\b"
        ),
        _period_end,
    ),
    (
        re.compile(r"\b(?:by|before|until|till)\s+next\s+(?P<period>week|month|quarter|year)\b"),
        _next_period,
    ),
    (
        re.compile(
            rf"\b(?:in|within|over|for|during|inside|under|next|take|plan for|have|about|around|maybe|say|roughly|in about)\s+(?:the\s+)?(?:next\s+|coming\s+|following\s+|about\s+|around\s+|roughly\s+|maybe\s+|say\s+|just\s+|under\s+|less than\s+|like\s+|the\s+)*{_NOT_OF_PAST}"
            rf"(?P<number>{NUMBER})(?P<half_before>\s+and\s+a\s+half)?[\s-]+(?P<unit>{_UNIT})\b(?P<half>\s+and\s+a\s+half)?{_NOT_A_RATE}"
        ),
        _duration,
    ),
    (
        re.compile(
            rf"{_NOT_OF_PAST}\b(?P<number>(?!(?:an?|half|dozen)\s){NUMBER}|half\s+a)(?P<half_before>\s+and\s+a\s+half)?[\s-]+(?P<unit>(?:weeks?|wks?|fortnights?|months?|mths?|quarters?|years?|yrs?)|days(?!\s+(?:off|out)))\b(?P<half>\s+and\s+a\s+half)?{_NOT_A_RATE}"
        ),
        _duration,
    ),
    (
        re.compile(
            r"\b(?:over|in|during|for|within)?\s*(?:the\s+)?next\s+(?P<period>week|month|quarter|year)\b"
        ),
        lambda found, place: (
            _ENDS[found["period"]](_ENDS[found["period"]](place.today) + timedelta(days=1)),
            Precision.MONTH,
        ),
    ),
    (
        re.compile(
            rf"\b(?:{_BY}\s+)(?:next\s+|this\s+|coming\s+)?(?P<weekday>{WEEKDAY})\b|\bnext\s+(?P<weekday2>{WEEKDAY})\b"
        ),
        lambda found, place: _weekday_either(found, place),
    ),
    (re.compile(r"\bby\s+(?:the day after tomorrow|tomorrow)\b"), _tomorrow),
]


def _weekday_either(found: re.Match[str], place: _Place) -> _Reading:
    name = found["weekday"] or found["weekday2"]
    matched = re.search(rf"(?:next\s+)?(?P<weekday>{re.escape(name)})", found[0])
    return _weekday(matched, place) if matched else (None, Precision.DAY)


_BEEN = re.compile(r"\b(?:have|has|had) been\b.{0,40}$|\bsince\b.{0,20}$")
_STARTING = re.compile(
    rf"\b(?:start(?:ing)?|beginning|begin|from)\s+(?:on\s+)?(?:(?P<tomorrow>tomorrow)|(?P<week>next week)|(?P<month>next month)|(?:next\s+)?(?P<weekday>{WEEKDAY}))\b"
)


def _start(text: str, today: date) -> tuple[date, str]:
    """The day the words "starting …" name, and the text without them."""
    found = _STARTING.search(text)
    if found is None:
        return today, text
    if found["tomorrow"]:
        start = today + timedelta(days=1)
    elif found["week"]:
        start = end_of_week(today) + timedelta(days=1)
    elif found["month"]:
        start = end_of_month(today) + timedelta(days=1)
    else:
        start = today + timedelta(days=(number_of(found["weekday"]) - today.weekday()) % 7 or 7)
    return start, text[: found.start()] + " " * len(found[0]) + text[found.end() :]


def parse_timeframe(
    text: str, today: date, *, southern: bool = False, locale: str = "en-US"
) -> Timeframe | None:
    """Reads until when something shall be reached; none when the text does not say.

    `southern` turns the seasons round; `locale` decides between 3 April and 4 March for "3/4".
    """
    text = plain(text)
    start, rest = _start(text, today)
    place = _Place(start, southern, locale.lower().replace("_", "-").endswith("us"))
    for pattern, read in _READERS:
        for found in pattern.finditer(rest):
            if _BEEN.search(rest[: found.start()]):
                continue
            try:
                deadline, precision = read(found, place)
            except (ValueError, OverflowError):
                continue
            if deadline is not None and today < deadline and start < deadline <= today + LONGEST:
                return Timeframe(start, deadline, found[0].strip(), precision)
    return None
