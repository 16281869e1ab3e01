"""Days and hours in which somebody wants to be left alone, read from their own words."""

import re
from datetime import date, datetime, time, timedelta

from coaching.language import mended, parse_moment, parse_timeframe

# --- Days ---------------------------------------------------------------------------------------
_SPAN = re.compile(
    r"\b(?:from|between) (?P<first>.+?) (?:to|and|until|till|through|-) (?P<last>.+)$"
)
# "Until Monday" is back on Monday; "through Monday" is not.
_BACK_ON = re.compile(r"\b(?:until|till|til|before|back on|back)\b")


def away_days(words: str, today: date, now: datetime) -> tuple[date, date] | None:
    """The first and last day of being left alone that words speak of; `None` when they name no end."""
    text = mended(words)
    if re.search(r"\b(?:today|for the rest of the day|tonight)\b", text):
        return today, today
    if re.search(r"\bweekend\b", text):
        saturday = today + timedelta(days=(5 - today.weekday()) % 7)
        return (
            (today, today)
            if today.weekday() == 6
            else (max(saturday, today), saturday + timedelta(days=1))
        )
    if re.search(r"\bnext week\b", text):
        monday = today + timedelta(days=7 - today.weekday())
        return monday, monday + timedelta(days=6)
    if span := _SPAN.search(text):
        first, last = _day(span["first"], today, now), _day(span["last"], today, now)
        if first is not None and last is not None and last >= first:
            return first, last
    if length := re.search(
        r"\bfor (?P<count>a|an|one|two|three|four|five|six|\d{1,3}) days?\b", text
    ):
        return today, today + timedelta(
            days=max(1, _COUNTS.get(length["count"]) or int(length["count"])) - 1
        )
    last = _day(text, today, now)
    if last is None:
        return None
    if _BACK_ON.search(text) and last > today:
        last -= timedelta(days=1)
    return today, last


_COUNTS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}


def _day(words: str, today: date, now: datetime) -> date | None:
    frame = parse_timeframe(words, today) or parse_timeframe(f"until {words}", today)
    if frame is not None:
        return frame.deadline
    moment = parse_moment(words, now) or parse_moment(f"on {words}", now)
    return None if moment is None or moment.weekdays else moment.at.astimezone(now.tzinfo).date()


# --- Hours --------------------------------------------------------------------------------------
_CLOCK = (
    r"(?P<{0}>\d{{1,2}}(?:[:.]\d\d)? ?(?:am|pm|a\.m\.?|p\.m\.?|o'?clock)?|noon|midnight|midday)"
)
_BEFORE = re.compile(
    rf"\b(?:before|earlier than|until|prior to) (?:about )?{_CLOCK.format('opens')}"
)
_AFTER = re.compile(rf"\b(?:after|later than|past|from) (?:about )?{_CLOCK.format('closes')}")
_BETWEEN = re.compile(
    rf"\b(?:(?:between|from) )?{_CLOCK.format('first')} (?:and|to|until|till|-) {_CLOCK.format('second')}"
)


def read_hours(words: str) -> tuple[time | None, time | None]:
    """From when until when messages may come, as far as words say so."""
    text = words.lower().replace("’", "'")
    if span := _BETWEEN.search(text):
        first, second = _clock(span["first"], late=False), _clock(span["second"], late=True)
        if re.search(r"\bonly\b", text):
            return first, second
        # Quiet from 22 to 7: open from 7 to 22.
        return _clock(span["second"], late=False), _clock(span["first"], late=True)
    before, after = _BEFORE.search(text), _AFTER.search(text)
    return (
        _clock(before["opens"], late=False) if before else None,
        _clock(after["closes"], late=True) if after else None,
    )


def _clock(words: str, *, late: bool) -> time | None:
    """A clock time; `late`: an hour below twelve without more is meant in the evening."""
    if named := {"noon": time(12), "midday": time(12), "midnight": time(23, 59)}.get(words.strip()):
        return named
    found = re.match(r"(\d{1,2})(?:[:.](\d\d))? ?(a|p)?", words)
    if found is None:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half == "p" and hour < 12:
        hour += 12
    elif half == "a" and hour == 12:
        hour = 0
    elif half is None and late and hour < 12 and not found[1].startswith("0"):
        hour += 12
    return time(hour, minute) if hour < 24 and minute < 60 else None
