"""How something comes again, in what a person typed, as a rule of RFC 5545."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from coaching.language.calendar_days import MONTHS
from coaching.language.number_words import EXPLICIT_NUMBER, value_of
from coaching.language.weekdays import LISTED, WEEKDAY, days_named, number_of
from productivity.recurrence import WEEKDAYS, Repeat, check_rule, next_after

from .days import MONTH
from .typed import Kind, Typed

_ORDINALS = {
    word: number
    for number, words in enumerate(
        (
            ("1st", "first"),
            ("2nd", "second"),
            ("3rd", "third"),
            ("4th", "fourth"),
            ("5th", "fifth"),
        ),
        1,
    )
    for word in words
} | {"last": -1}
_NTH = "|".join(_ORDINALS)
_AFTER_DONE = r"\s+after\s+(?:it(?:'s| is)\s+|i(?:'m| am)\s+|being\s+)?(?:done|completion|completed|completing|finished|finishing)"
_EVERY = r"(?P<every>every!?|each|ev)\s+(?:single\s+)?"
_ON = r"\s*,?\s*(?:on\s+)?(?:the\s+)?"
_DAY_NUMBERS = r"\d\d?(?:st|nd|rd|th)?(?:\s*(?:,|and|&)\s*(?:the\s+)?\d\d?(?:st|nd|rd|th))*"
_START = r"(?<![\w'])(?:repeats?\s+|repeating\s+)?"
_END = r"(?!\w)(?!'\w)(?!-\w)"
_PARTS = r"(?:mornings?|afternoons?|evenings?|nights?|lunchtime)"
_ADVERBS = {
    "daily": "DAILY",
    "everyday": "DAILY",
    "weekly": "WEEKLY",
    "fortnightly": "WEEKLY",
    "biweekly": "WEEKLY",
    "monthly": "MONTHLY",
    "quarterly": "MONTHLY",
    "yearly": "YEARLY",
    "annually": "YEARLY",
}
_INTERVALS = {"fortnightly": 2, "biweekly": 2, "quarterly": 3}
_UNITS = {"d": "DAILY", "w": "WEEKLY", "f": "WEEKLY", "m": "MONTHLY", "q": "MONTHLY", "y": "YEARLY"}
_TIMES_OF = {"f": 2, "q": 3}
_UNIT = r"days?|weeks?|wks?|fortnights?|months?|quarters?|years?|yrs?"

_PATTERNS = [
    # every third day, every other week, every second friday
    re.compile(
        rf"{_START}{_EVERY}(?P<n>other|2nd|second|3rd|third|4th|fourth|5th|fifth)\s+(?P<unit>day|week|month|quarter|year)(?!\s+(?:of|in)\b){_END}"
        rf"(?:\s*,?\s*on\s+(?P<days>{LISTED}){_END})?"
    ),
    re.compile(
        rf"{_START}{_EVERY}(?P<n>other|second)\s+(?P<days>{LISTED}){_END}(?!\s+(?:of|in)\b)"
    ),
    re.compile(rf"{_START}{_EVERY}(?P<nth>1st|first|last)\s+of\s+(?:the|each|every)\s+month{_END}"),
    # every last friday (of the month), the first monday of every month
    re.compile(
        rf"{_START}(?:{_EVERY}(?P<nth>{_NTH})\s+(?P<nth_day>{WEEKDAY}|day|weekday|workday)(?:\s+(?:of|in)\s+(?:the|each|every)\s+month)?"
        rf"|(?:on\s+)?(?:the\s+)?(?P<nth2>{_NTH})\s+(?P<nth_day2>{WEEKDAY}|day|weekday|workday)\s+of\s+(?:every|each|the)\s+month"
        rf"|(?:monthly|{_EVERY.replace('every>', 'every3>')}month){_ON}(?P<nth3>{_NTH})\s+(?P<nth_day3>{WEEKDAY}|day|weekday|workday))"
        rf"{_END}"
    ),
    # every 3 may, every may 3rd, yearly on 3 may
    re.compile(
        rf"{_START}(?:{_EVERY}(?:year\s+)?|(?:yearly|annually)\s+)(?:on\s+)?(?:the\s+)?"
        rf"(?:(?P<day>\d\d?)(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{MONTH})|(?P<month2>{MONTH})\s+(?:the\s+)?(?P<day2>\d\d?)(?:st|nd|rd|th)?){_END}"
    ),
    # monthly on the 1st, every 15th, the 1st of every month, every 2 months on the 3rd
    re.compile(
        rf"{_START}(?:(?:monthly|{_EVERY}(?:(?P<n>{EXPLICIT_NUMBER}|other)\s+)?months?)\s+(?:on\s+)?(?:the\s+)?(?P<dates>{_DAY_NUMBERS})"
        rf"|{_EVERY.replace('every>', 'every2>')}(?P<dates2>\d\d?(?:st|nd|rd|th)(?:\s*(?:,|and|&)\s*(?:the\s+)?\d\d?(?:st|nd|rd|th))*)(?:\s+(?:of\s+(?:the|each|every)\s+month|day))?"
        rf"|(?:on\s+)?(?:the\s+)?(?P<dates3>\d\d?(?:st|nd|rd|th))\s+of\s+(?:every|each)\s+month){_END}"
    ),
    # every 2 weeks on monday, every other friday, every day, every! 3 days
    re.compile(
        rf"{_START}{_EVERY}(?:(?P<n>{EXPLICIT_NUMBER}|couple\s+of|few)\s+)?(?P<unit>{_UNIT}){_END}(?P<done>{_AFTER_DONE})?"
        rf"(?:\s*,?\s*on\s+(?P<days>{LISTED}){_END})?"
    ),
    re.compile(
        rf"{_START}{_EVERY}(?P<days>{LISTED}){_END}(?:\s+(?P<part>morning|afternoon|evening|night)s?(?!\w))?"
    ),
    re.compile(
        rf"{_START}(?:{_EVERY}|from\s+)?(?P<workdays>mon(?:day)?\s*(?:-|to|through)\s*fri(?:day)?){_END}"
    ),
    re.compile(rf"{_START}(?:{_EVERY}|on\s+)?(?P<workdays>week\s?days|work(?:ing)?\s?days){_END}"),
    re.compile(rf"{_START}{_EVERY}(?P<workdays>week\s?day|work(?:ing)?\s?day){_END}"),
    re.compile(
        rf"{_START}(?:{_EVERY}|on\s+|at\s+)(?:the\s+)?(?P<weekends>weekends){_END}|{_START}{_EVERY.replace('every>', 'every2>')}(?P<weekends2>weekend){_END}"
    ),
    re.compile(rf"{_START}{_EVERY}(?P<part>{_PARTS}){_END}"),
    re.compile(
        rf"{_START}(?P<n>{EXPLICIT_NUMBER}|an?)\s+(?P<unit>{_UNIT})(?P<done>{_AFTER_DONE}){_END}"
    ),
    re.compile(
        rf"{_START}on\s+(?P<days>{WEEKDAY}s(?:(?:\s*,\s*|\s+and\s+|\s*&\s*|\s*,\s*and\s+){WEEKDAY}s)*){_END}"
    ),
    re.compile(
        rf"{_START}(?P<days>(?:mon|tues|wednes|thurs|fri|satur|sun)days(?:(?:\s*,\s*|\s+and\s+|\s*&\s*|\s*,\s*and\s+)(?:mon|tues|wednes|thurs|fri|satur|sun)days)*){_END}"
    ),
    re.compile(
        rf"{_START}(?P<adverb>{'|'.join(_ADVERBS)})(?:\s*,?\s*on\s+(?P<days>{LISTED}))?{_END}"
    ),
]
_TIMES = re.compile(r"(?<![\w'])(?:for\s+)?(?P<n>\d{1,4})\s*(?:times|x)(?!\w)")
_TIME_WORD = re.compile(
    rf"today|tonight|tomorrow|noon|midday|midnight|starting|beginning|{WEEKDAY}|{MONTH}|half|quarter|urgent|asap"
)


@dataclass(frozen=True)
class Again:
    """The parts of a rule, what it counts from, and the part of the day that was named with it."""

    parts: tuple[tuple[str, str], ...]
    from_completion: bool = False
    part: str = ""

    def rule(self, *, without: str = "") -> str:
        return ";".join(f"{name}={value}" for name, value in self.parts if name != without)

    def with_end(self, name: str, value: str) -> "Again":
        return Again((*self.parts, (name, value)), self.from_completion, self.part)

    def first_day(self, start: date) -> date | None:
        """The first day of the rule that is not before `start`.

        "Every 2 weeks on Monday" begins on the next Monday: the fortnights are counted from there.
        """
        if self.from_completion:
            return start
        once = Repeat(self.rule(without="INTERVAL"), start)
        return next_after(once, start - timedelta(days=1))


def take_repeat(typed: Typed) -> Again | None:
    """The first wish to have it again; none without one."""
    for pattern in _PATTERNS:
        for found in pattern.finditer(typed.open):
            groups = found.groupdict()
            if groups.get("adverb") and not _is_adverb(found, typed):
                continue
            try:
                again = _rule_of(groups)
                check_rule(again.rule())
            except (ValueError, OverflowError, KeyError):
                continue
            typed.claim(found.start(), found.end(), Kind.REPEAT)
            return again
    return None


def take_end(typed: Typed, again: Again, until: date | None) -> Again:
    """The rule with its end: "10 times", or the day that was named behind "until"."""
    if until is not None:
        return again.with_end("UNTIL", f"{until:%Y%m%d}")
    for found in _TIMES.finditer(typed.open):
        if typed.next_word(found.end()) or not int(found["n"]):
            continue
        typed.claim(found.start(), found.end(), Kind.REPEAT)
        return again.with_end("COUNT", found["n"])
    return again


def _is_adverb(found: re.Match[str], typed: Typed) -> bool:
    """ "daily" says how often, unless it describes the word behind it ("daily report")."""
    word = typed.next_word(found.end())
    return bool(found["days"]) or not word or bool(_TIME_WORD.fullmatch(word))


def _rule_of(groups: dict[str, str | None]) -> Again:
    completion = bool(groups.get("done")) or (groups.get("every") or "").endswith("!")
    return Again(tuple(_parts_of(groups)), completion, groups.get("part") or "")


def _parts_of(groups: dict[str, str | None]) -> list[tuple[str, str]]:
    def said(*names: str) -> str:
        return next((words for name in names if (words := groups.get(name))), "")

    if nth := said("nth", "nth2", "nth3"):
        return _nth(_ORDINALS[nth], said("nth_day", "nth_day2", "nth_day3") or "day")
    if month := said("month", "month2"):
        day = int(said("day", "day2"))
        date(2024, MONTHS[month], day)
        return [("FREQ", "YEARLY"), ("BYMONTH", str(MONTHS[month])), ("BYMONTHDAY", str(day))]
    if dates := said("dates", "dates2", "dates3"):
        numbers = sorted({int(number) for number in re.findall(r"\d+", dates)})
        return [
            ("FREQ", "MONTHLY"),
            *_interval(_number(said("n"))),
            ("BYMONTHDAY", ",".join(map(str, numbers))),
        ]
    if said("workdays"):
        return _weekly(WEEKDAYS[:5])
    if said("weekends", "weekends2"):
        return _weekly(WEEKDAYS[5:])
    days = tuple(WEEKDAYS[day] for day in days_named(said("days"))) if said("days") else ()
    if adverb := said("adverb"):
        if days and _ADVERBS[adverb] != "WEEKLY":
            raise ValueError(adverb)
        interval = _INTERVALS.get(adverb, 1)
        by_day = [("BYDAY", ",".join(days))] if days else []
        return [("FREQ", _ADVERBS[adverb]), *_interval(interval), *by_day]
    if unit := said("unit"):
        interval = _number(said("n")) * _TIMES_OF.get(unit[0], 1)
        if days and unit[0] not in "wf":
            raise ValueError(unit)
        by_day = [("BYDAY", ",".join(days))] if days else []
        return [("FREQ", _UNITS[unit[0]]), *_interval(interval), *by_day]
    if days:
        return _weekly(days, _number(said("n")))
    return [("FREQ", "DAILY")]


def _weekly(days: tuple[str, ...], interval: int = 1) -> list[tuple[str, str]]:
    return [("FREQ", "WEEKLY"), *_interval(interval), ("BYDAY", ",".join(days))]


def _nth(nth: int, named: str) -> list[tuple[str, str]]:
    if named == "day":
        return [("FREQ", "MONTHLY"), ("BYMONTHDAY", str(nth))]
    if named in ("weekday", "workday"):
        workdays = ",".join(WEEKDAYS[:5])
        return [("FREQ", "MONTHLY"), ("BYDAY", workdays), ("BYSETPOS", str(nth))]
    return [("FREQ", "MONTHLY"), ("BYDAY", f"{nth}{WEEKDAYS[number_of(named)]}")]


def _interval(number: int) -> list[tuple[str, str]]:
    return [("INTERVAL", str(number))] if number != 1 else []


def _number(words: str) -> int:
    if not words:
        return 1
    if words == "other" or words in _ORDINALS:
        return _ORDINALS.get(words, 2)
    number = value_of(words)
    if number != int(number) or number < 1:
        raise ValueError(words)
    return int(number)
