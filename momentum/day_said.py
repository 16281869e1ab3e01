"""The past day that words name: "yesterday", "last Tuesday", "3 Nov", "2026-11-03"."""

import re
from datetime import date, timedelta

from coaching.language.number_words import SPELT, value_of

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_MONTH = rf"({'|'.join(MONTHS)})[a-z]*\.?"
_DAY_MONTH = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH}(?:,? (\d{{4}}))?\b")
_MONTH_DAY = re.compile(rf"\b{_MONTH} (\d{{1,2}})(?:st|nd|rd|th)?(?:,? (\d{{4}}))?\b")
_AGO = re.compile(rf"\b(\d{{1,3}}|a|{SPELT}) (day|week)s? ago\b")
_WEEKDAY = re.compile(rf"\b(?:(last|this|on) )?({'|'.join(WEEKDAYS)})s?\b")


def day_said(text: str, today: date) -> date | None:
    """The day at or before `today` that `text` names; `None` when it names none, or one to come.

    A weekday is the last one that was; "last Monday" on a Monday is a week ago. A date without a year is
    the last one that was.
    """
    said = text.casefold()
    found = _written(said, today) or _told(said, today)
    return found if found is None or found <= today else None


def _told(said: str, today: date) -> date | None:
    if "day before yesterday" in said:
        return today - timedelta(days=2)
    if re.search(r"\byesterday|\blast night\b", said):
        return today - timedelta(days=1)
    if ago := _AGO.search(said):
        many = int(value_of(ago[1]))
        return today - timedelta(days=many * (7 if ago[2] == "week" else 1))
    if weekday := _WEEKDAY.search(said):
        back = (today.weekday() - WEEKDAYS.index(weekday[2])) % 7
        return today - timedelta(days=back or (7 if weekday[1] == "last" else 0))
    return today if re.search(r"\btoday\b|\btonight\b|\bright now\b", said) else None


def _written(said: str, today: date) -> date | None:
    try:
        if iso := _ISO.search(said):
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if found := _DAY_MONTH.search(said):
            number, month, year = found[1], found[2], found[3]
        elif found := _MONTH_DAY.search(said):
            month, number, year = found[1], found[2], found[3]
        else:
            return None
        day = date(int(year or today.year), MONTHS.index(month) + 1, int(number))
        return day if year or day <= today else day.replace(year=day.year - 1)
    except ValueError:
        return None  # the 31st of February
