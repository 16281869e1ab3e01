"""What the system prompt tells about the person and the moment.

The prompt is read as sections, each a heading ("About the person: Habits", `## Habits`, or a line that
ends with a colon) with lines below it. A few facts are looked for by name wherever they stand: the name,
the local time, the style of talk, the use of emoji.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from .library import LibraryPassage, split

_ABOUT = "About the person:"
_HEADING = re.compile(
    rf"^(?:{_ABOUT}\s*(?P<about>.+?)|#{{1,4}}\s+(?P<marked>.+?)\s*:?|\*\*(?P<bold>[^*]+?):?\*\*:?|(?P<plain>[A-Z][^:.!?]{{1,48}}):)\s*$"
)
_INSTRUCTIONS = re.compile(
    r"\b(?:role|instructions?|rules?|guidelines?|how (?:you|to)|safety|style|tone|tools?|persona|principles?|limits?|never|always|you are|format|now|time|preferences?|language|voice)\b",
    re.I,
)
_NAME = re.compile(
    r"^\W*(?:(?:first |preferred |display )?name)\s*(?::|is)\s*\**(?P<name>[^\W\d_][\w'’.-]*)|\b(?:you are|you're) (?:talking|speaking|chatting) (?:to|with) (?P<name2>[A-Z][\w'’-]*)",
    re.I | re.M,
)
_MONTHS = "January February March April May June July August September October November December"
_MOMENT = re.compile(
    rf"(?:(?P<date>20\d\d-\d\d-\d\d)|(?P<day>\d\d?) (?P<month>{'|'.join(_MONTHS.split())}) (?P<year>20\d\d))(?:[T ,]+(?:at )?(?P<time>\d\d?:\d\d))?"
)
_MOMENT_LINE = re.compile(r"\b(?:now|today|local time|current time|date|time)\b", re.I)
_ZONE = re.compile(
    r"\b(?P<zone>(?:Africa|America|Antarctica|Asia|Atlantic|Australia|Europe|Indian|Pacific)/[\w/+-]+)"
)
_STYLE = re.compile(
    r"\b(?:style\b[^\n:]*[:=]?|likes answers)\s*\W*(?P<style>concise|detailed|encouraging|direct)\b",
    re.I,
)
_LIKES_EMOJI = re.compile(
    r"\blikes (?:an )?emojis?\b|\bemojis?\b[^\n]{0,20}\b(?:sometimes|often)\b", re.I
)
_BULLET = re.compile(r"^(?:\s*(?:[-*•]|\d+[.)])\s+)+")
_NAME_OF_LINE = re.compile(r"^\**(?P<name>[^:(—–\[;|*]+?)\**\s*(?:$|[:(—–\[;|]|\s-\s|,\s)")


@dataclass(frozen=True)
class Section:
    """A heading and its lines; `is_about_person` where the heading itself says so."""

    title: str
    lines: tuple[str, ...]
    is_about_person: bool = False


@dataclass(frozen=True)
class Context:
    """The person and the moment. `now` is in the person's zone where the prompt names it."""

    name: str
    now: datetime
    is_time_known: bool
    style: str
    likes_emoji: bool
    locale: str
    southern: bool
    sections: tuple[Section, ...]
    passages: tuple[LibraryPassage, ...] = ()

    def lines_about(self, *words: str) -> list[str]:
        """The lines of the sections whose title holds one of the words."""
        return [
            line
            for section in self.sections
            if any(word in section.title.lower() for word in words)
            for line in section.lines
        ]

    @property
    def habits(self) -> list[str]:
        """The names of the person's habits."""
        return names_in(
            [line for line in self.lines_about("habit") if not _NOT_A_HABIT.match(line)]
        )

    @property
    def tasks(self) -> list[str]:
        """The titles of the person's open tasks, as far as the prompt tells them."""
        lines = self.lines_about("tasks")
        named = [found["title"] for line in lines if (found := _TASK_LINE.match(line))]
        also = [found["titles"] for line in lines if (found := _ALSO_OPEN.match(line))]
        return named + [title.strip() for titles in also for title in titles.split(";")]

    @property
    def has_no_habits(self) -> bool:
        """Whether the prompt tells of habits, and that there are none."""
        return not self.habits and bool(self.lines_about("habit"))

    @property
    def goals(self) -> list[str]:
        """The person's goals in their own words."""
        named = [found["goal"] for line in self._lines if (found := _GOAL_LINE.match(line))]
        return [goal.strip() for goal in named] or names_in(self.lines_about("goal"))

    @property
    def _lines(self) -> list[str]:
        return [line for section in self.sections for line in section.lines]

    @property
    def known(self) -> list[str]:
        """The lines that are about the person, not about how to coach or talk."""
        about = [section for section in self.sections if section.is_about_person] or [
            section for section in self.sections if not _INSTRUCTIONS.search(section.title)
        ]
        return [line for section in about for line in section.lines if not _MANNER.match(line)]


_NOT_A_HABIT = re.compile(
    r"(?:goal\b|today \d|and \d+ more|resting:|coming |paused|no habits)", re.I
)
_TASK_LINE = re.compile(r"^“(?P<title>[^”]+)” \(")
_ALSO_OPEN = re.compile(r"^also open: (?P<titles>.+)$", re.I)
_GOAL_LINE = re.compile(
    r"^goal(?: in their own words)?:\s*(?P<goal>.+?)(?:\s*\((?:fitness|learning|financial|wellness|productivity)\b.*)?$",
    re.I,
)
_MANNER = re.compile(
    r"(?:likes answers|uses (?:no )?emoji|likes (?:an )?emoji|emoji|(?:communication |talking )?style|local time|time zone|now|locale)\b",
    re.I,
)
_EMPTY = re.compile(r"^(?:none|no |nothing|not |there (?:is|are) no|-+$)", re.I)


def names_in(lines: list[str]) -> list[str]:
    """What each line is about: the words before its first colon, bracket or dash."""
    found = []
    for line in lines:
        match = _NAME_OF_LINE.match(line)
        name = (match["name"] if match else line).strip(" .\"“”'")
        if name and len(name) <= 80 and not _EMPTY.match(line):
            found.append(name)
    return found


_SOUTHERN = re.compile(
    r"^(?:Australia/|Pacific/(?:Auckland|Fiji|Chatham)|Africa/(?:Johannesburg|Maputo|Harare|Lusaka|Windhoek|Gaborone|Maseru)|Antarctica/|America/(?:Argentina|Sao_Paulo|Buenos_Aires|Santiago|Montevideo|Asuncion|Lima|La_Paz|Cordoba|Bahia))"
)
_LOCALE = re.compile(r"\blocale\W+(?P<locale>[a-z]{2}[-_][A-Z]{2})\b", re.I)


@lru_cache(maxsize=256)
def _sections(system: str) -> tuple[Section, ...]:
    sections: list[tuple[str, bool, list[str]]] = [("", False, [])]
    for line in system.splitlines():
        if heading := _HEADING.match(line.strip()):
            title = next(group for group in heading.groups() if group)
            sections.append((title.strip(), heading["about"] is not None, []))
        elif line.strip():
            sections[-1][2].append(_BULLET.sub("", line).strip())
        elif sections[-1][1]:
            sections.append(("", False, []))  # a blank line ends what is about the person
    return tuple(
        Section(title, tuple(lines), is_about)
        for title, is_about, lines in sections
        if title and lines
    )


def _moment(system: str) -> tuple[datetime, bool]:
    zone: ZoneInfo | None = None
    if found_zone := _ZONE.search(system):
        try:
            zone = ZoneInfo(found_zone["zone"])
        except (KeyError, ValueError, OSError):
            zone = None
    for line in system.splitlines():
        if (found := _MOMENT.search(line)) and _MOMENT_LINE.search(line):
            try:
                day = found["date"] or (
                    f"{found['year']}-{_MONTHS.split().index(found['month']) + 1:02}-{int(found['day']):02}"
                )
                now = datetime.fromisoformat(f"{day}T{(found['time'] or '12:00').zfill(5)}")
            except ValueError:
                continue
            return now.replace(tzinfo=zone or UTC), found["time"] is not None
    return datetime.now(zone or UTC), False


_DETAIL = re.compile(r"\bin (?P<detail>minimal|comprehensive) detail\b", re.I)


def _style_of(style: str, system: str) -> str:
    """The style of talk; who wants little or much explained and has no special style gets that one."""
    detail = _DETAIL.search(system)
    if style != "encouraging" or detail is None:
        return style
    return {"minimal": "concise", "comprehensive": "detailed"}[detail["detail"].lower()]


def read(system: str) -> Context:
    """Reads a system prompt; what it does not say has a neutral value."""
    # What an article says tells nothing about the person or the moment.
    system, passages = split(system)
    now, is_time_known = _moment(system)
    name = _NAME.search(system)
    style = _STYLE.search(system)
    zone = _ZONE.search(system)
    locale = _LOCALE.search(system)
    return Context(
        name=(name["name"] or name["name2"]) if name else "",
        now=now,
        is_time_known=is_time_known,
        style=_style_of(style["style"].lower() if style else "encouraging", system),
        likes_emoji=bool(_LIKES_EMOJI.search(system)),
        locale=locale["locale"] if locale else "en-US",
        southern=bool(zone and _SOUTHERN.match(zone["zone"])),
        sections=_sections(system),
        passages=passages,
    )
