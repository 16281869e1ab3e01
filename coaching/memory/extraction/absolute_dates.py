"""Relative days made absolute, so that a sentence stays true when it is read in a year."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

from coaching.language import tidy
from coaching.language.calendar_days import plus_months
from coaching.language.number_words import value_of

_MONTH = "%B %Y"
_WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_ONE_DAY = "|".join(_WEEKDAYS)
_PAST = re.compile(
    r"\b(?:was|were|did|had|went|ran|got|lost|won|felt|made|came|left|slept|ate|hurt|broke|met|\w{3,}ed|last)\b",
    re.I,
)
_AHEAD = re.compile(
    r"\b(?:will|i'll|shall|going to|gonna|starts?|starting|is on|are on|have an?|have my|promise|due|until|by|moving|leaving|"
    r"flying|getting|my \w+ is|plan to)\b",
    re.I,
)


def day_in_words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _with(preposition: str, day: date) -> str:
    return f"{preposition} {day_in_words(day)}"


_WORDS: list[tuple[str, Callable[[date], str]]] = [
    (
        r"the day before yesterday",
        lambda today: _with("on", today - timedelta(days=2)),
    ),
    (r"the day after tomorrow|day after tomorrow", lambda today: _with("on", today + timedelta(2))),
    (
        r"tomorrow (morning|afternoon|evening|night)",
        lambda today: f"in the {{0}} of {day_in_words(today + timedelta(1))}",
    ),
    (
        r"yesterday (morning|afternoon|evening)",
        lambda today: f"in the {{0}} of {day_in_words(today - timedelta(1))}",
    ),
    (
        r"this (morning|afternoon|evening)",
        lambda today: f"in the {{0}} of {day_in_words(today)}",
    ),
    (
        r"last night",
        lambda today: f"in the night to {day_in_words(today)}",
    ),
    (r"tonight", lambda today: f"in the evening of {day_in_words(today)}"),
    (r"tomorrow", lambda today: _with("on", today + timedelta(days=1))),
    (r"yesterday", lambda today: _with("on", today - timedelta(days=1))),
    (r"(?:earlier )?today", lambda today: _with("on", today)),
    (
        r"next week(?!end)",
        lambda today: f"in the week of {day_in_words(today + timedelta(7 - today.weekday()))}",
    ),
    (
        r"this week(?!end)",
        lambda today: f"in the week of {day_in_words(today - timedelta(today.weekday()))}",
    ),
    (
        r"last week(?!end)",
        lambda today: f"in the week of {day_in_words(today - timedelta(today.weekday() + 7))}",
    ),
    (
        r"(?:this|on the|the coming) weekend",
        lambda today: (
            f"on the weekend of {day_in_words(today + timedelta((5 - today.weekday()) % 7))}"
        ),
    ),
    (
        r"last weekend",
        lambda today: f"on the weekend of {day_in_words(today - timedelta(today.weekday() + 2))}",
    ),
    (r"next month", lambda today: f"in {(today.replace(day=1) + timedelta(32)):{_MONTH}}"),
    (r"this month", lambda today: f"in {today:{_MONTH}}"),
    (r"last month", lambda today: f"in {(today.replace(day=1) - timedelta(1)):{_MONTH}}"),
    (r"next year", lambda today: f"in {today.year + 1}"),
    (r"this year", lambda today: f"in {today.year}"),
    (r"last year", lambda today: f"in {today.year - 1}"),
    (
        r"(?:a|one) (week|month|year) ago",
        lambda today: "about {0} before " + day_in_words(today),
    ),
]
_EACH = [
    (re.compile(rf"(?<![\w-])(?:{pattern})(?!['’\w-])", re.I), words) for pattern, words in _WORDS
]
_AGO = re.compile(r"\b(\d+|two|three|four|five|six|seven) days ago\b", re.I)
MOST_DAYS_AGO = 3650
_WEEKDAY = re.compile(
    rf"\b(?:(?P<which>next|this|last|since|until|till|by|from|to)|on)\s+(?:next )?(?P<day>{_ONE_DAY})\b(?!s)",
    re.I,
)
_SPAN = {"until": "until", "till": "until", "by": "by", "from": "from", "to": "to"}
# "From Monday to Friday" is a time of going away in a sentence about what is ahead, else a working week.
_GOING = re.compile(r"\b(?:will|going|leaving|flying|visiting|away|coming|travell?ing)\b", re.I)
_IN_TIME = re.compile(
    r"\bin (?P<number>\d{1,2}|an?|two|three|four|five|six|seven|eight|nine|ten|twelve) (?P<unit>days?|weeks?|months?)(?: time)?\b(?! a\b)",
    re.I,
)
_WISHED = re.compile(r"\b(?:want to|would like to|in time for)\b", re.I)


def with_absolute_dates(text: str, today: date) -> str:
    """`text` with "tomorrow", "last Friday" and the like as dates, as said on the person's day `today`.

    A weekday alone stays ("I hate Mondays"); "on Friday" becomes the next or the last one where the tense
    says which.
    """
    text = tidy(text)
    for pattern, words in _EACH:
        text = pattern.sub(partial(_filled, words(today)), text)
    text = _AGO.sub(lambda found: _with("on", today - timedelta(_count(found[1]))), text)
    if _AHEAD.search(text) or _WISHED.search(text):
        text = _IN_TIME.sub(lambda found: _in_time(found, today), text)
    return _WEEKDAY.sub(lambda found: _weekday(found, text, today), text)


def _in_time(found: re.Match[str], today: date) -> str:
    number = _count(found["number"])
    if found["unit"].lower().startswith("month"):
        return f"in {plus_months(today, number):{_MONTH}}"
    if found["unit"].lower().startswith("week"):
        return f"around {day_in_words(today + timedelta(weeks=number))}"
    return _with("on", today + timedelta(days=number))


def _filled(words: str, found: re.Match[str]) -> str:
    return words.format(*[f"a {part}" if " ago" in found[0] else part for part in found.groups()])


def _count(words: str) -> int:
    return int(min(value_of(words), MOST_DAYS_AGO))


def _first_of_span(text: str, today: date) -> date:
    """The day from which "to Monday" counts: "from Friday" if that was said, else today."""
    begin = re.search(rf"\bfrom (?P<day>{_ONE_DAY})\b", text, re.I)
    if begin is None:
        return today
    return today + timedelta(days=(_WEEKDAYS.index(begin["day"].lower()) - today.weekday()) % 7)


def _weekday(found: re.Match[str], text: str, today: date) -> str:
    number = _WEEKDAYS.index(found["day"].lower())
    which = (found["which"] or "").lower()
    ahead = (number - today.weekday()) % 7
    back = (today.weekday() - number) % 7 or 7
    if which == "since":
        return _with("since", today - timedelta(days=back))
    if which in _SPAN:
        if which in ("from", "to") and not _GOING.search(text):
            return found[0]
        first = _first_of_span(text, today) if which in ("to", "until", "till") else today
        ahead = (number - first.weekday()) % 7
        return _with(_SPAN[which], first + timedelta(days=ahead))
    if which == "last":
        return _with("on", today - timedelta(days=back))
    if which in ("next", "this") or _AHEAD.search(text):
        if which == "next" and ahead < 7 - today.weekday():
            ahead += 7
        return _with("on", today + timedelta(days=ahead))
    if _PAST.search(text):
        return _with("on", today - timedelta(days=back))
    return found[0]
