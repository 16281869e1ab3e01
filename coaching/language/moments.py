"""When to be reminded: "tomorrow at 7", "every weekday at 7:30 am", "tonight", "in two hours".

A bare hour is read the way people mean it: the next one while people are usually awake.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from .calendar_days import MONTHS, next_date
from .number_words import NUMBER, value_of
from .weekdays import EVERY_DAY, LISTED, WEEKDAY, WEEKEND, WORKDAYS, days_named, in_words, number_of
from .wording import plain

DEFAULT_CLOCK = time(9, 0)
# The clock time meant by a part of the day, and whether it lies after noon.
_PARTS: list[tuple[re.Pattern[str], time]] = [
    (re.compile(r"\b(?:at )?noon\b|\bmidday\b"), time(12, 0)),
    (re.compile(r"\bmidnight\b"), time(0, 0)),
    (re.compile(r"\blunch(?:time|break| break)?\b"), time(12, 30)),
    (re.compile(r"\bfirst thing\b|\b(?:i )?wak(?:e|ing) up\b|\bearly morning\b"), time(7, 0)),
    (re.compile(r"\bbefore work\b|\bbreakfast\b"), time(7, 30)),
    (re.compile(r"\bmornings?\b"), time(8, 0)),
    (re.compile(r"\bafter work\b"), time(17, 30)),
    (re.compile(r"\bafternoons?\b"), time(15, 0)),
    (
        re.compile(r"\bbed ?time\b|\bbefore (?:bed|sleep)\b|\bbefore i (?:go to )?(?:bed|sleep)\b"),
        time(21, 30),
    ),
    (re.compile(r"\btonight\b"), time(20, 0)),
    (re.compile(r"\bevenings?\b|\bdinner(?:time)?\b"), time(19, 0)),
    (re.compile(r"\b(?:at |every |each )nights?\b|\bnightly\b|\bnights?\b"), time(21, 0)),
]
_MERIDIEM = r"(?P<meridiem>a\.?m\.?|p\.?m\.?)(?!\w)"
_CLOCKS = [
    re.compile(rf"(?<![\d:.])(?P<hour>\d\d?)(?:[:.h](?P<minute>[0-5]\d))?\s*{_MERIDIEM}"),
    re.compile(r"(?<![\d:.])(?P<hour>[01]?\d|2[0-4])[:h](?P<minute>[0-5]\d)(?!\d)"),
    re.compile(r"\b(?P<past>half past|quarter past|quarter to)\s+(?P<hour>\d\d?|\w+)\b"),
    re.compile(
        rf"\b(?P<hour>\d\d?|{'|'.join(['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'])})\s+o'?\s?clock\b"
    ),
    re.compile(
        r"(?:\bat|\baround|\bby|\babout|@|\b(?:tomorrow|today|tonight|morning|afternoon|evening|night|day|daily|weekdays?|"
        rf"{WEEKDAY})s?)\s+(?:about\s+|around\s+|at\s+)?(?P<hour>\d\d?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
        r"(?:\.(?P<minute>[0-5]\d))?(?![\d:.%]*[\d%])(?!\s*(?:[-/]|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|times?|k\b|km|pages?|glasses|push|reps|steps|percent|x\b|st\b|nd\b|rd\b|th\b))"
    ),
]
_RELATIVE = re.compile(
    rf"\bin\s+(?:about\s+|around\s+|the next\s+)?(?P<number>{NUMBER})\s*(?P<unit>minutes?|mins?|hours?|hrs?|days?|weeks?|months?)\b(?P<half>\s+and\s+a\s+half)?"
    rf"|\b(?P<number2>{NUMBER})\s*(?P<unit2>minutes?|mins?|hours?|hrs?)\s+from\s+now\b|\b(?P<half_hour>in\s+half\s+an\s+hour)\b"
)
_EVERY = re.compile(
    rf"\b(?:every|each|on|all)\s+(?P<list>{LISTED})\b|\b(?P<plural>(?:{WEEKDAY}s(?:\s*,\s*|\s+and\s+|\s*&\s*|\s+)?)+)\b"
)
_DAILY = re.compile(
    r"\b(?:every|each)\s+(?:single\s+)?(?:day|morning|afternoon|evening|night|lunch(?:time)?)\b|\bdaily\b|\bnightly\b|\beveryday\b"
    r"|\b(?:mornings|evenings|afternoons|nights)\b"
)
_WORKDAYS = re.compile(
    r"\b(?:every|each|on)?\s*(?:week ?days?|work(?:ing)? ?days?)\b(?! from)|\bmon(?:day)?\s*(?:-|to|through)\s*fri(?:day)?\b"
)
_WEEKENDS = re.compile(r"\b(?:every|each|on|at)\s+(?:the\s+)?weekends?\b|\bweekends\b")
_RECURS = re.compile(r"\b(?:every|each)\b|\b\w+s\b")
_ON_DATE = re.compile(
    r"\b(?P<y>20\d\d)-(?P<m>\d\d?)-(?P<d>\d\d?)\b"
    rf"|\b(?:on\s+)?(?:the\s+)?(?P<day>\d\d?)(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{'|'.join(sorted(MONTHS, key=len, reverse=True))})\b"
    rf"|\b(?:on\s+)?(?P<month2>{'|'.join(sorted(MONTHS, key=len, reverse=True))})\s+(?:the\s+)?(?P<day2>\d\d?)(?:st|nd|rd|th)?\b(?!:)"
)
_ONE_WEEKDAY = re.compile(rf"\b(?P<which>next|this|on|by)?\s*(?P<weekday>{WEEKDAY})\b")
_HOURS = {
    name: hour
    for hour, name in enumerate(
        [
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
        ],
        1,
    )
}


@dataclass(frozen=True)
class Moment:
    """The next time `at`, in the zone of the `now` it was read with, and the weekdays it recurs on.

    `weekdays` count from 0 (Monday) and are empty for a moment that comes once.
    """

    at: datetime
    weekdays: tuple[int, ...] = ()

    @property
    def recurring(self) -> bool:
        return bool(self.weekdays)

    def in_words(self) -> str:
        """What `parse_moment` reads back as the same moment: ISO, or "every Monday at 18:30"."""
        if self.weekdays:
            return f"{in_words(self.weekdays)} at {self.at:%H:%M}"
        return self.at.replace(tzinfo=None).isoformat(timespec="minutes")


@dataclass(frozen=True)
class Clock:
    """A clock time; `open` when it may as well be twelve hours later."""

    at: time
    open: bool = False


def part_of_day(text: str) -> time | None:
    """The clock time meant by "in the evening", "after work", "noon"; none when no part of the day is named."""
    for pattern, clock in _PARTS:
        if pattern.search(text):
            return clock
    return None


def clock_in(text: str) -> Clock | None:
    """The clock time a plain text names, in figures or as a part of the day."""
    part = part_of_day(text)
    for pattern in _CLOCKS:
        for found in pattern.finditer(text):
            clock = _read_clock(found.groupdict(), part)
            if clock is not None:
                return clock
    return Clock(part) if part is not None else None


def _read_clock(groups: dict[str, str | None], part: time | None) -> Clock | None:
    words = groups["hour"] or ""
    if not words.isdigit() and words not in _HOURS:
        return None
    hour = int(words) if words.isdigit() else _HOURS[words]
    minute = int(groups.get("minute") or 0)
    past = groups.get("past")
    if past:
        minute = 30 if past == "half past" else 15 if past == "quarter past" else 45
        hour -= past == "quarter to"
    meridiem = (groups.get("meridiem") or "").replace(".", "")
    if hour == 24:
        hour = 0
    if hour > 23 or (meridiem and not 1 <= hour <= 12):
        return None
    if meridiem:
        return Clock(time(hour % 12 + (12 if meridiem == "pm" else 0), minute))
    if hour > 12 or hour == 0 or words.startswith("0"):
        return Clock(time(hour, minute))
    if part is not None and part >= time(12, 0):
        late = hour % 12 + 12 if not (part >= time(20, 0) and hour == 12) else 0
        return Clock(time(late, minute))
    if part is not None:
        return Clock(time(hour % 12 if hour == 12 and part == time(0, 0) else hour, minute))
    return Clock(time(hour, minute), open=True)


def meant_hour(hour: int) -> int:
    """The hour meant by a bare number when nothing else helps: 6 to 11 in the morning, else after noon."""
    return hour if 6 <= hour <= 12 else hour + 12


def _weekdays(text: str) -> tuple[int, ...]:
    if _WORKDAYS.search(text):
        return WORKDAYS
    if _WEEKENDS.search(text):
        return WEEKEND
    for found in _EVERY.finditer(text):
        said = found["list"] or found["plural"] or ""
        days = days_named(said)
        plural = re.search(rf"\b{WEEKDAY}s\b", said) and not re.fullmatch(
            r"(?:tues|weds|wed|thurs)", said
        )
        if days and (found[0].startswith(("every", "each", "all")) or plural or len(days) > 1):
            return days
    return EVERY_DAY if _DAILY.search(text) else ()


def _day(text: str, now: datetime) -> date | None:
    """The one day a text names, if it names one."""
    today = now.date()
    if found := _ON_DATE.search(text):
        try:
            if found["y"]:
                return date(int(found["y"]), int(found["m"]), int(found["d"]))
            month, day = found["month"] or found["month2"], found["day"] or found["day2"]
            return next_date(today - timedelta(days=1), MONTHS[month], int(day))
        except ValueError:
            return None
    if "day after tomorrow" in text:
        return today + timedelta(days=2)
    if re.search(r"\btomorrow\b", text):
        return today + timedelta(days=1)
    if re.search(r"\b(?:today|tonight|this (?:morning|afternoon|evening)|later)\b", text):
        return today
    if found := _ONE_WEEKDAY.search(text):
        ahead = (number_of(found["weekday"]) - today.weekday()) % 7
        if found["which"] == "next" and ahead < 7 - today.weekday():
            ahead += 7
        return today + timedelta(days=ahead)
    if re.search(r"\bnext week\b", text):
        return today + timedelta(days=7 - today.weekday())
    return None


def _relative(text: str, now: datetime) -> datetime | None:
    found = _RELATIVE.search(text)
    if found is None:
        return None
    if found["half_hour"]:
        number, unit = 0.5, "hour"
    else:
        number = value_of(found["number"] or found["number2"]) + (0.5 if found["half"] else 0)
        unit = found["unit"] or found["unit2"]
    if unit.startswith("m") and not unit.startswith("mo"):
        step = timedelta(minutes=number)
    elif unit.startswith("h"):
        step = timedelta(hours=number)
    else:
        days = round(number * {"d": 1, "w": 7, "m": 30}[unit[0]])
        clock = clock_in(text[: found.start()] + text[found.end() :])
        day = now.date() + timedelta(days=days)
        if clock is None:
            return datetime.combine(day, now.time().replace(second=0, microsecond=0), now.tzinfo)
        hour = meant_hour(clock.at.hour) if clock.open else clock.at.hour
        return datetime.combine(day, clock.at.replace(hour=hour), now.tzinfo)
    if now.tzinfo is None:
        return now + step
    return (now.astimezone(UTC) + step).astimezone(now.tzinfo)


def first_moment(day: date, clock: Clock, now: datetime, *, fixed_day: bool) -> datetime:
    """The first sensible moment on `day` or, when all of its are past, on the next one."""
    hours = [clock.at.hour]
    if clock.open:
        hour = clock.at.hour
        hours = [hour, hour + 12] if 6 <= hour <= 10 else [meant_hour(hour)]
        if fixed_day and day != now.date():
            hours = [meant_hour(hour)]
    for later in range(2):
        for hour in hours:
            at = datetime.combine(
                day + timedelta(days=later), clock.at.replace(hour=hour), now.tzinfo
            )
            if at > now:
                return at
    return datetime.combine(day + timedelta(days=1), clock.at.replace(hour=hours[0]), now.tzinfo)


def parse_moment(text: str, now: datetime) -> Moment | None:
    """Reads when something shall happen, after `now`; none when the text does not say.

    A day without a clock time means nine in the morning; a weekday means its next one.
    """
    text = plain(text)
    try:
        return _parse(text, now)
    except (ValueError, OverflowError):
        return None


_WAKING = re.compile(r"\b(?:wake|waking|woken|get up|getting up)\b")


def _parse(text: str, now: datetime) -> Moment | None:
    if re.fullmatch(r"20\d\d-\d\d-\d\dt\d\d:\d\d(?::\d\d)?", text):
        at = datetime.fromisoformat(text).replace(tzinfo=now.tzinfo)
        return Moment(at) if at > now else None
    if later := _relative(text, now):
        return Moment(later) if later > now else None
    clock, days = clock_in(text), _weekdays(text)
    if clock and clock.open and clock.at.hour <= 11 and _WAKING.search(text):
        clock = Clock(clock.at)  # people are woken in the morning
    if days:
        clock = clock or Clock(DEFAULT_CLOCK)
        hour = meant_hour(clock.at.hour) if clock.open else clock.at.hour
        for ahead in range(8):
            day = now.date() + timedelta(days=ahead)
            at = datetime.combine(day, clock.at.replace(hour=hour), now.tzinfo)
            if day.weekday() in days and at > now:
                return Moment(at, days)
    day_named = _day(text, now)
    if day_named is None and clock is None:
        return None
    if day_named is not None and day_named < now.date():
        return None
    clock = clock or Clock(DEFAULT_CLOCK)
    if clock.at == time(0, 0) and "midnight" in text:
        day = (day_named or now.date()) + timedelta(days=1)
        return Moment(datetime.combine(day, clock.at, now.tzinfo))
    at = first_moment(day_named or now.date(), clock, now, fixed_day=day_named is not None)
    if day_named is not None and at.date() != day_named and _ONE_WEEKDAY.search(text):
        at = datetime.combine(day_named + timedelta(days=7), at.time(), now.tzinfo)
    return Moment(at)
