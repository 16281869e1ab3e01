"""The clock time at which something is due, in what a person typed."""

import re
from dataclasses import dataclass
from datetime import time

from coaching.language.moments import Clock, clock_in

from .typed import TAKEN, Kind, Typed

_HOUR_WORDS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_LEAD = r"(?<![\w'])(?:(?:(?:is\s+)?due|deadline)\s*:?\s*)?(?:(?:at|by|before|around|about|from|starting at|@)\s*)?"
_SAID = r"(?<![\w'])(?:(?:(?:is\s+)?due|deadline)\s*:?\s*)?(?:(?:at|by|around|before|until)\s+(?:about\s+|around\s+)?|@\s*)"
_MERIDIEM = r"\s*[ap]\.?m\.?(?!\w)"
_OCLOCK = r"(?:[:.h][0-5]\d)?"
_RANGE = re.compile(
    rf"{_LEAD}(?<![\d:.,$£€/-])(?P<first>\d\d?{_OCLOCK})(?P<first_m>{_MERIDIEM})?\s*(?:-|to|until|till)\s*(?P<last>\d\d?{_OCLOCK})(?P<last_m>{_MERIDIEM})?(?![\w:%])"
)
_CLOCKS = [
    re.compile(
        rf"{_LEAD}(?:half past|quarter past|quarter to)\s+(?:\d\d?|{_HOUR_WORDS})(?:{_MERIDIEM}|(?!\w))"
    ),
    re.compile(rf"{_LEAD}(?<![\d:.,$£€/-])\d\d?{_OCLOCK}{_MERIDIEM}"),
    re.compile(rf"{_LEAD}(?<![\d:.,$£€/-])(?:[01]?\d|2[0-3]):[0-5]\d(?![\d:])(?!\w)"),
    re.compile(rf"{_LEAD}(?<![\d:.,$£€/-])(?:1[3-9]|2[0-3])h[0-5]\d(?!\w)"),
    re.compile(rf"{_SAID}\d\d?h[0-5]\d(?!\w)"),
    re.compile(rf"{_LEAD}(?:\d\d?|{_HOUR_WORDS})\s+o'?\s?clock(?!\w)"),
]
_BARE = [
    re.compile(rf"{_SAID}(?P<hour>\d\d?|{_HOUR_WORDS})(?![\w:%$£€'/-])(?![.,]\d)(?:\s+sharp\b)?"),
    # Right behind a day: "tomorrow 6".
    re.compile(rf"(?<={TAKEN})\s+(?P<hour>\d\d?)(?![\w:%$£€'/.-])"),
]
_PARTS = [
    re.compile(
        r"(?<![\w'])(?:at |by |around |before |until )?(?:noon|midday|midnight|lunch ?time|first thing(?: in the morning)?|"
        r"before work|after work|bed ?time|before (?:bed|sleep)|(?:before|at) breakfast|nightly)(?![\w'-])"
    ),
    re.compile(r"(?<![\w'])(?:at|during|by) (?:lunch|dinner|breakfast|night)(?![\w'-])"),
    re.compile(r"(?<![\w'])in the (?:early )?(?:morning|afternoon|evening)s?(?![\w'-])"),
]


@dataclass(frozen=True)
class ClockRead:
    """A clock time, and how many minutes a stretch ("from 2 to 4 pm") lasts."""

    clock: Clock
    minutes: int | None = None
    midnight: bool = False


def take_clock(typed: Typed, part: str) -> ClockRead | None:
    """When on its day; `part` is the part of the day that was named with the day ("tomorrow evening")."""
    part = part or _take_part(typed)
    if found := _stretch(typed, part):
        return found
    for pattern in _CLOCKS:
        for match in pattern.finditer(typed.open):
            if read := _read(match[0], part):
                typed.claim(match.start(), match.end(), Kind.DUE, kept=_describes(match, typed))
                return ClockRead(read)
    for pattern in _BARE:
        for match in pattern.finditer(typed.open):
            # "look at 6 houses" counts them; "at 25" is no time.
            if typed.next_word(match.end()) or (
                match["hour"].isdigit() and int(match["hour"]) > 24
            ):
                continue
            if read := _read("at " + match["hour"], part):
                typed.claim(match.start(), match.end(), Kind.DUE)
                return ClockRead(read)
    clock = clock_in(part) if part else None
    return ClockRead(clock, midnight="midnight" in part) if clock else None


def _describes(found: re.Match[str], typed: Typed) -> bool:
    """Whether the time names a thing: the "7pm show" is known by its hour."""
    if not found[0][0].isdigit() or typed.is_first(found.start()):
        return False
    return bool(typed.next_word(found.end()))


def _take_part(typed: Typed) -> str:
    for pattern in _PARTS:
        for found in pattern.finditer(typed.open):
            if typed.next_word(found.end()) and not found[0].startswith(("at ", "by ", "in ")):
                continue  # "midnight snack", "after work drinks"
            typed.claim(found.start(), found.end(), Kind.DUE)
            return found[0]
    return ""


def _read(words: str, part: str) -> Clock | None:
    # The languages' reader wants a colon, and a preposition in plain words.
    words = re.sub(r"(\d)[.](\d\d)", r"\1:\2", words).replace("@", "at ")
    words = re.sub(r"(?:is\s+)?due\s*:?|deadline\s*:?", "", words).replace(TAKEN, " ")
    meridiem = re.search(r"\s*([ap])\.?m\.?$", words)
    if meridiem and re.search(r"\bpast\b|\bquarter to\b", words):
        # Half past six p.m. is told by the part of the day.
        words = words[: meridiem.start()]
        part = "mornings" if meridiem[1] == "a" else "afternoons"
    try:
        return clock_in(f"{words} {part}".strip())
    except ValueError:
        return None


def _stretch(typed: Typed, part: str) -> ClockRead | None:
    for found in _RANGE.finditer(typed.open):
        exact = ":" in found["first"] and ":" in found["last"]
        if not (exact or found["last_m"]):
            continue
        meridiem = (found["first_m"] or found["last_m"] or "").strip()
        first = _read(f"at {found['first']} {meridiem}", part)
        last = _read(f"at {found['last']} {(found['last_m'] or '').strip()}", part)
        if first is None or last is None:
            continue
        minutes = _between(first.at, last.at)
        if not found["first_m"] and minutes > 12 * 60:  # "11-1pm" begins before noon
            first = _read(f"at {found['first']} am", part) or first
            minutes = _between(first.at, last.at)
        typed.claim(found.start(), found.end(), Kind.DUE)
        return ClockRead(Clock(first.at), minutes)
    return None


def _between(first: time, last: time) -> int:
    return ((last.hour - first.hour) * 60 + last.minute - first.minute) % (24 * 60)
