"""When something comes again: rules of RFC 5545 over a person's own days.

A rule speaks of days only; the clock time is kept beside it as the person's own, so that eight in the morning stays
eight in the morning over daylight-saving changes. Days are looked at one by one, at most `HORIZON` of them: a
rule that never comes ("30 February") is known for what it is in milliseconds, where an open-ended search runs to the year 9999.
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple

from accounts.day import day_bounds, local_moment
from accounts.models import User
from productivity.models import RepeatFrom, TaskSeries

LONGEST_RULE = 300
# 29 February on a Sunday comes every 28 years, and every 40 around a year 2100.
HORIZON = timedelta(days=41 * 366)
LATEST_DAY = date(2200, 12, 31)
MOST_INTERVAL = 1000
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_UNITS = dict(zip(FREQUENCIES, ("day", "week", "month", "year"), strict=True))
_BYDAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_UNTIL = re.compile(r"(\d{4})(\d{2})(\d{2})(T\d{6}Z?)?")
_PARTS = {
    "FREQ",
    "INTERVAL",
    "COUNT",
    "UNTIL",
    "WKST",
    "BYDAY",
    "BYMONTHDAY",
    "BYMONTH",
    "BYSETPOS",
}


@dataclass(frozen=True, slots=True)
class Repeat:
    """What comes again: an RRULE without DTSTART, the first day of it, and the clock time (none: the whole day)."""

    rule: str
    starts_on: date
    local_time: time | None = None
    repeat_from: str = RepeatFrom.SCHEDULE

    @classmethod
    def of(cls, series: TaskSeries) -> "Repeat":
        return cls(series.rule, series.starts_on, series.local_time, series.repeat_from)


class _ByDay(NamedTuple):
    """A weekday (0 Monday), and which one of its month or year; 0 for every one."""

    nth: int
    weekday: int


@dataclass(frozen=True, slots=True)
class _Rule:
    freq: str
    interval: int = 1
    count: int | None = None
    until: date | None = None
    week_start: int = 0
    by_day: tuple[_ByDay, ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_month: tuple[int, ...] = ()
    by_position: tuple[int, ...] = ()


def check_rule(rule: str) -> str:
    """The rule as it is kept: upper case, without "RRULE:", with `UNTIL` as a day.

    Raises `ValueError`, in words for the person, when it is none that can be followed here.
    """
    return _written(_parsed(rule))


def next_after(repeat: Repeat, after: date, *, made: int = 0) -> date | None:
    """The first day of `repeat` that lies after `after`; `None` when there is none any more.

    What is counted from the day it was done begins anew on `after`; how many were `made` so far is then what
    `COUNT` is held against. Raises `ValueError` for a rule that cannot be followed.
    """
    rule = _parsed(repeat.rule)
    if repeat.repeat_from == RepeatFrom.COMPLETION:
        if rule.count is not None and made >= rule.count:
            return None
        begin, rule = after, _without_count(rule)
    else:
        begin = repeat.starts_on
    for day in _days(rule, begin, after):
        if day > after:
            return day
    return None


def due_of(user: User, repeat: Repeat, day: date) -> tuple[datetime, date | None]:
    """`due_at` (aware, UTC) and `due_on` of what comes on the person's `day`."""
    if repeat.local_time is not None:
        return local_moment(user, day, repeat.local_time), None
    return day_bounds(user, day)[1], day


def in_words(rule: str) -> str:
    """ "every 2 weeks on Monday and Thursday". Raises `ValueError` for a rule that cannot be followed."""
    found = _parsed(rule)
    unit = _UNITS[found.freq]
    weekdays = tuple(sorted(each.weekday for each in found.by_day))
    if found.freq == "WEEKLY" and found.interval == 1 and weekdays == (0, 1, 2, 3, 4):
        words = "every weekday"
    else:
        words = f"every {unit}" if found.interval == 1 else f"every {found.interval} {unit}s"
        words += _where(found)
    if found.until is not None:
        words += f" until {_day_in_words(found.until)} {found.until.year}"
    if found.count is not None:
        words += ", once" if found.count == 1 else f", {found.count} times"
    return words


def _where(rule: _Rule) -> str:
    days = _listed(
        [
            f"the {_ordinal(each.nth)} {calendar.day_name[each.weekday]}"
            if each.nth
            else calendar.day_name[each.weekday]
            for each in rule.by_day
        ]
    )
    dates = _listed(
        [f"the {_ordinal(each)}" + (" day" if each < 0 else "") for each in rule.by_month_day]
    )
    months = _listed([calendar.month_name[month] for month in rule.by_month])
    words = ""
    if rule.by_position:
        places = _listed([f"the {_ordinal(each)}" for each in rule.by_position])
        words += f" on {places} of {days or dates or 'its days'}"
        days = dates = ""
    if dates and days:
        words += f" on {days} that is {dates}"
    elif dates or days:
        words += f" on {dates or days}"
    return words + (f" in {months}" if months else "")


def _ordinal(number: int) -> str:
    if number < 0:
        return "last" if number == -1 else f"{_ordinal(-number)} last"
    suffix = (
        "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    )
    return f"{number}{suffix}"


def _listed(words: list[str]) -> str:
    return (
        words[0]
        if len(words) == 1
        else " and ".join([", ".join(words[:-1]), words[-1]])
        if words
        else ""
    )


def _day_in_words(day: date) -> str:
    return f"{day.day} {calendar.month_name[day.month]}"


def _without_count(rule: _Rule) -> _Rule:
    return _Rule(
        rule.freq,
        rule.interval,
        None,
        rule.until,
        rule.week_start,
        rule.by_day,
        rule.by_month_day,
        rule.by_month,
        rule.by_position,
    )


@lru_cache(maxsize=512)
def _parsed(text: str) -> _Rule:
    if len(text) > LONGEST_RULE:
        raise ValueError("This rule of repeating is too long.")
    body = text.strip().upper().removeprefix("RRULE:").strip().rstrip(";")
    parts: dict[str, str] = {}
    for piece in body.split(";"):
        name, equals, value = (word.strip() for word in piece.partition("="))
        if not equals or not value or name in parts:
            raise ValueError("This is no rule of repeating, such as FREQ=WEEKLY;BYDAY=MO.")
        if name not in _PARTS:
            raise ValueError(f"Repeating by {name} cannot be followed here.")
        parts[name] = value
    freq = parts.get("FREQ", "")
    if freq not in FREQUENCIES:
        raise ValueError("Things repeat daily, weekly, monthly or yearly.")
    if "COUNT" in parts and "UNTIL" in parts:
        raise ValueError("A rule ends after a number of times or on a day, not both.")
    rule = _Rule(
        freq,
        _number(parts.get("INTERVAL", "1"), 1, MOST_INTERVAL, "interval"),
        _number(parts["COUNT"], 1, 10_000, "number of times") if "COUNT" in parts else None,
        _until(parts["UNTIL"]) if "UNTIL" in parts else None,
        _weekday(parts.get("WKST", "MO")),
        _by_days(parts.get("BYDAY", ""), freq),
        _numbers(parts.get("BYMONTHDAY", ""), -31, 31, "day of the month"),
        _numbers(parts.get("BYMONTH", ""), 1, 12, "month"),
        _numbers(parts.get("BYSETPOS", ""), -366, 366, "place"),
    )
    if rule.by_month_day and freq == "WEEKLY":
        raise ValueError("A week has no days of the month.")
    if rule.by_position and not (rule.by_day or rule.by_month_day or rule.by_month):
        raise ValueError("A place needs days to choose from.")
    return rule


def _number(text: str, low: int, high: int, what: str) -> int:
    # Digits of other scripts are numbers to `int`, and thousands of them take it long.
    if not re.fullmatch(r"[+-]?[0-9]{1,6}", text) or not low <= int(text) <= high:
        raise ValueError(f"The {what} of this rule cannot be followed.")
    return int(text)


def _numbers(text: str, low: int, high: int, what: str) -> tuple[int, ...]:
    if not text:
        return ()
    found = {_number(word.strip(), low, high, what) for word in text.split(",")}
    if 0 in found:
        raise ValueError(f"The {what} of this rule cannot be followed.")
    return tuple(sorted(found))


def _weekday(text: str) -> int:
    if text not in WEEKDAYS:
        raise ValueError("A week begins on one of MO, TU, WE, TH, FR, SA and SU.")
    return WEEKDAYS.index(text)


def _by_days(text: str, freq: str) -> tuple[_ByDay, ...]:
    found = set()
    for word in text.split(",") if text else ():
        match = _BYDAY.fullmatch(word.strip())
        if match is None:
            raise ValueError("The weekdays of this rule cannot be read.")
        nth = int(match[1]) if match[1] else 0
        most = {"MONTHLY": 5, "YEARLY": 53}.get(freq, 0)
        if abs(nth) > most or (match[1] and nth == 0):
            raise ValueError("Weekdays are counted within a month or a year only.")
        found.add(_ByDay(nth, WEEKDAYS.index(match[2])))
    return tuple(sorted(found, key=lambda each: (each.nth, each.weekday)))


def _until(text: str) -> date:
    match = _UNTIL.fullmatch(text)
    if match is None:
        raise ValueError("The end of this rule is no date.")
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        raise ValueError("The end of this rule is no date.") from None


def _written(rule: _Rule) -> str:
    parts = [f"FREQ={rule.freq}"]
    if rule.interval != 1:
        parts.append(f"INTERVAL={rule.interval}")
    if rule.count is not None:
        parts.append(f"COUNT={rule.count}")
    if rule.until is not None:
        parts.append(
            f"UNTIL={rule.until:%Y%m%d}"
            if rule.until.year > 999
            else f"UNTIL={rule.until.isoformat().replace('-', '')}"
        )
    if rule.week_start:
        parts.append(f"WKST={WEEKDAYS[rule.week_start]}")
    if rule.by_day:
        days = [f"{each.nth or ''}{WEEKDAYS[each.weekday]}" for each in rule.by_day]
        parts.append(f"BYDAY={','.join(days)}")
    for name, numbers in (
        ("BYMONTHDAY", rule.by_month_day),
        ("BYMONTH", rule.by_month),
        ("BYSETPOS", rule.by_position),
    ):
        if numbers:
            parts.append(f"{name}={','.join(map(str, numbers))}")
    return ";".join(parts)


def _days(rule: _Rule, begin: date, after: date) -> Iterator[date]:
    """The days of `rule` from `begin`; those up to `after` are left out where nothing is counted by them."""
    late = min(max(begin, after), LATEST_DAY - HORIZON)
    last = min(late + HORIZON, rule.until or LATEST_DAY)
    day = begin
    if rule.count is None and after > begin:
        day = after
    left = rule.count
    placed: tuple[int, frozenset[date]] = (-1, frozenset())
    while day <= last:
        period = _period(rule, day, begin)
        if rule.by_position and period != placed[0]:
            placed = (period, _placed(rule, day, begin))
        is_chosen = day in placed[1] if rule.by_position else _fits(rule, day, begin)
        if is_chosen and period % rule.interval == 0:
            yield day
            if left is not None:
                left -= 1
                if left == 0:
                    return
        day += timedelta(days=1)


def _period(rule: _Rule, day: date, begin: date) -> int:
    """In which day, week, month or year after the first `day` lies."""
    if rule.freq == "DAILY":
        return (day - begin).days
    if rule.freq == "WEEKLY":
        return (_week_of(day, rule) - _week_of(begin, rule)).days // 7
    if rule.freq == "MONTHLY":
        return (day.year - begin.year) * 12 + day.month - begin.month
    return day.year - begin.year


def _week_of(day: date, rule: _Rule) -> date:
    return day - timedelta(days=(day.weekday() - rule.week_start) % 7)


def _placed(rule: _Rule, day: date, begin: date) -> frozenset[date]:
    """The days at the wanted places among those of the rule in the period of `day`."""
    inside = [each for each in _same_period(rule, day) if _fits(rule, each, begin)]
    wanted = (place - 1 if place > 0 else place + len(inside) for place in rule.by_position)
    return frozenset(inside[place] for place in wanted if 0 <= place < len(inside))


def _fits(rule: _Rule, day: date, begin: date) -> bool:
    """Whether `day` is one the BY… parts name; what they leave open is as on the first day."""
    months, dates = rule.by_month, rule.by_month_day
    if not (rule.by_day or dates):
        if rule.freq == "WEEKLY" and day.weekday() != begin.weekday():
            return False
        if rule.freq in ("MONTHLY", "YEARLY"):
            dates = (begin.day,)
        if rule.freq == "YEARLY" and not months:
            months = (begin.month,)
    if months and day.month not in months:
        return False
    length = calendar.monthrange(day.year, day.month)[1]
    if dates and day.day not in dates and day.day - length - 1 not in dates:
        return False
    return not rule.by_day or any(_is_weekday(rule, each, day, length) for each in rule.by_day)


def _is_weekday(rule: _Rule, wanted: _ByDay, day: date, length: int) -> bool:
    if day.weekday() != wanted.weekday:
        return False
    if not wanted.nth:
        return True
    if rule.freq == "MONTHLY" or rule.by_month:
        before, behind = day.day - 1, length - day.day
    else:
        before = (day - date(day.year, 1, 1)).days
        behind = (date(day.year, 12, 31) - day).days
    return wanted.nth in (before // 7 + 1, -(behind // 7) - 1)


def _same_period(rule: _Rule, day: date) -> Iterator[date]:
    if rule.freq == "DAILY":
        first, length = day, 1
    elif rule.freq == "WEEKLY":
        first, length = _week_of(day, rule), 7
    elif rule.freq == "MONTHLY":
        first, length = day.replace(day=1), calendar.monthrange(day.year, day.month)[1]
    else:
        first, length = date(day.year, 1, 1), 366 if calendar.isleap(day.year) else 365
    for offset in range(length):
        yield first + timedelta(days=offset)
