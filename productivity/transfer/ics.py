"""Tasks of calendar files (RFC 5545): VTODO. Appointments are left out and counted."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from threading import Lock
from typing import Any

from icalendar import Calendar, Component
from icalendar.timezone import tzp

from accounts.day import local_day
from accounts.models import User
from productivity.models import LONGEST_TASK_MINUTES
from productivity.recurrence import Repeat, check_rule
from productivity.transfer.reading import MAX_TASKS, FileOfTasks, Incoming, Unreadable, in_order

ORIGIN = "ics"
NOON = time(12)
MINUTES = "X-HABYSS-MINUTES"
FROM = "X-HABYSS-REPEAT-FROM"
_HELP = "This calendar file cannot be read. Export the list of tasks again, as .ics."
# What has no place of its own in a task.
_KEPT = (
    ("LOCATION", "Place"),
    ("URL", "Address"),
    ("COMMENT", "Comment"),
    ("CONTACT", "Contact"),
    ("RDATE", "Also on"),
    ("EXDATE", "Not on"),
)
_READ = {
    *("UID", "SUMMARY", "DESCRIPTION", "PRIORITY", "CATEGORIES", "RELATED-TO", "STATUS", "PERCENT-COMPLETE"),
    *("CREATED", "COMPLETED", "LAST-MODIFIED", "DUE", "DTSTART", "DURATION", "RRULE", "RECURRENCE-ID"),
    *(name for name, _ in _KEPT),
    *(MINUTES, FROM),
}  # fmt: skip
_NAME = re.compile(r"([A-Z0-9-]+)[;:]")
_LONG = ("SUMMARY", "DESCRIPTION", "COMMENT")
# What one file may ask of the parser: some seconds of its time.
MOST_LINES, MOST_LINES_IN_ALL, MOST_MENDED = 200, 60_000, 5_000
LONGEST_LINE, LONGEST_BLOCK, LONGEST_ZONE = 5_000, 200_000, 400
_ZONE_RULE = re.compile(
    r"RRULE:(?=.*FREQ=YEARLY)(?:(?:FREQ=YEARLY|INTERVAL=1|WKST=[A-Z]{2}|UNTIL=[0-9TZ]{8,16}|COUNT=[0-9]{1,3}"
    r"|BYMONTH=[0-9]{1,2}|BYDAY=-?[1-5][A-Z]{2}|BYMONTHDAY=-?[0-9]{1,2})(?:;|$))+",
    re.I,
)
_PARSING = Lock()


def parse(user: User, text: str, *, now: datetime) -> FileOfTasks:
    """The tasks of a calendar file. Raises `Unreadable`."""
    tasks: list[Incoming] = []
    left_out: list[str] = []
    for line, todo, broken in _todos(text):
        task = _task(user, line, todo, now)
        for each in broken:
            task.keep("A line that could not be read", each)
        if str(todo.get("STATUS", "")).upper() == "CANCELLED":
            left_out.append(f"Line {line}: “{task.title[:80]}” is cancelled")
            continue
        tasks.append(task)
    events = len(re.findall(r"^BEGIN:VEVENT\s*$", text, re.M | re.I))
    if events:
        left_out.append(f"{events} appointment{'s' if events > 1 else ''}: only tasks are brought")
    # A repeated name would make the second the same task as the first.
    unique = {task.origin_id: task for task in reversed(tasks)}
    return FileOfTasks(in_order(reversed(unique.values())), left_out)


@dataclass(slots=True)
class _Block:
    """The lines of a VTODO that are read here, unfolded; `line` is where it begins."""

    line: int
    parts: list[list[str]] = field(default_factory=list)

    def lines(self) -> list[str]:
        return ["".join(parts) for parts in self.parts]


def _todos(text: str) -> Iterator[tuple[int, Component, list[str]]]:
    """Each VTODO with its line, and the lines of it that are broken.

    One broken line would spoil the whole file for the parser, so tasks are then read one by one. The parser sees
    nothing but tasks and zones: it takes long for what is nested deeply, and for the thousands of appointments beside.
    """
    blocks, zones = _blocks(text)
    if not blocks and "END:VCALENDAR" not in text.upper():
        raise Unreadable(_HELP)
    _refuse_too_much(blocks)
    with _PARSING:
        # The parser keeps zones by their names for whoever comes next, who may have another one of that name.
        tzp.use_default()
        try:
            found = _read(blocks, zones)
        finally:
            tzp.use_default()
    yield from found


def _read(blocks: list[_Block], zones: list[str]) -> list[tuple[int, Component, list[str]]]:
    written = [line for block in blocks for line in ("BEGIN:VTODO", *block.lines(), "END:VTODO")]
    whole = _parsed(["BEGIN:VCALENDAR", *zones, *written, "END:VCALENDAR"])
    if whole is not None and len(whole) == len(blocks):
        return [(block.line, todo, []) for block, todo in zip(blocks, whole, strict=True)]
    found = []
    single = 0
    for block in blocks:
        todo = _one(["BEGIN:VTODO", *block.lines(), "END:VTODO"])
        broken: list[str] = []
        if todo is None:
            single += len(block.parts)
            if single > MOST_MENDED:
                raise Unreadable(_HELP)
            todo, broken = _mended(block.lines())
        found.append((block.line, todo, broken))
    return found


def _blocks(text: str) -> tuple[list[_Block], list[str]]:
    """The tasks of the file, without their alarms and what is not read here, and the lines of its zones."""
    blocks: list[_Block] = []
    zones: list[str] = []
    zone: list[str] | None = None
    block: _Block | None = None
    depth = 0
    is_kept = False
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        name = line.strip().upper()
        if zone is not None:
            zone.append(line)
            if name == "END:VTIMEZONE":
                zones += _sound(zone)
                zone = None
        elif name == "BEGIN:VTODO":
            block, depth, is_kept = _Block(number), 0, False
            blocks.append(block)
        elif block is None:
            zone = [line] if name == "BEGIN:VTIMEZONE" else None
        elif name == "END:VTODO":
            block = None
        elif line[:1] in (" ", "\t"):
            if is_kept:
                block.parts[-1].append(line[1:])
        elif name.startswith("BEGIN:"):
            depth, is_kept = depth + 1, False
        elif name.startswith("END:"):
            depth, is_kept = max(0, depth - 1), False
        else:
            is_kept = bool(name) and depth == 0 and _is_read(name)
            if is_kept:
                block.parts.append([line])
    return blocks, zones


def _is_read(name: str) -> bool:
    """Whether a line is one that is read here; one without a name is told as broken."""
    named = _NAME.match(name)
    return named is None or named[1] in _READ


def _sound(zone: list[str]) -> list[str]:
    """The lines of a zone as calendars write them; none of one whose changes would take long to count."""
    rules = [line for line in zone if line.upper().startswith("RRULE")]
    if len(zone) > LONGEST_ZONE or not all(_ZONE_RULE.fullmatch(rule.strip()) for rule in rules):
        return []
    return zone


def _refuse_too_much(blocks: list[_Block]) -> None:
    if len(blocks) > MAX_TASKS:
        raise Unreadable(f"The file has {len(blocks):,} tasks; {MAX_TASKS:,} go at once.")
    lines = 0
    for block in blocks:
        lines += len(block.parts)
        sizes = [sum(map(len, parts)) for parts in block.parts]
        long = any(
            size > LONGEST_LINE and not parts[0].upper().startswith(_LONG)
            for size, parts in zip(sizes, block.parts, strict=True)
        )
        if len(block.parts) > MOST_LINES or sum(sizes) > LONGEST_BLOCK or long:
            raise Unreadable(f"The task in line {block.line} is too long to be read.")
    if lines > MOST_LINES_IN_ALL:
        raise Unreadable("The tasks of this file say too much to go at once. Bring it in parts.")


def _parsed(lines: list[str]) -> list[Component] | None:
    try:
        calendars = Calendar.from_ical("\r\n".join(lines), multiple=True)
    except (ValueError, KeyError, IndexError, TypeError, OverflowError, RecursionError):
        return None
    return [todo for calendar in calendars for todo in calendar.walk("VTODO")]


def _mended(block: list[str]) -> tuple[Component, list[str]]:
    """The task of the lines that can be read, and those that cannot."""
    good: list[str] = []
    broken: list[str] = []
    for line in block:
        (good if _one(["BEGIN:VTODO", line, "END:VTODO"]) is not None else broken).append(line)
    todo = _one(["BEGIN:VTODO", *good, "END:VTODO"])
    if todo is None:
        raise Unreadable(_HELP)
    return todo, broken


def _one(lines: list[str]) -> Component | None:
    found = _parsed(["BEGIN:VCALENDAR", *lines, "END:VCALENDAR"])
    return found[0] if found else None


def _task(user: User, line: int, todo: Component, now: datetime) -> Incoming:
    uid = _words(todo, "UID")
    again = _moment(todo, "RECURRENCE-ID")
    if uid and again is not None:
        uid = f"{uid}@{again.isoformat()}"
    task = Incoming(
        line,
        ORIGIN,
        uid[:255] or f"line {line}: {_words(todo, 'SUMMARY')}"[:255],
        _words(todo, "SUMMARY"),
        description=_words(todo, "DESCRIPTION"),
        priority=_priority(_words(todo, "PRIORITY")),
        parent=_parent(todo),
    )
    categories = [name for name in _categories(todo) if name]
    task.category = categories[0].lower() if categories else ""
    if categories[1:]:
        task.keep("Categories", ", ".join(categories[1:]))
    for name, words in _KEPT:
        if todo.get(name) is not None:
            task.keep(words, _plain(todo.get(name)))
    minutes = _words(todo, MINUTES)
    if re.fullmatch(r"[0-9]{1,4}", minutes) and 1 <= int(minutes) <= LONGEST_TASK_MINUTES:
        task.estimated_minutes = int(minutes)
    task.created_at = _past(_moment(todo, "CREATED"), user, now)
    is_done = (
        _words(todo, "STATUS").upper() == "COMPLETED" or _words(todo, "PERCENT-COMPLETE") == "100"
    )
    done_at = _past(_moment(todo, "COMPLETED"), user, now)
    if is_done or done_at is not None:
        task.completed_at = done_at or _past(_moment(todo, "LAST-MODIFIED"), user, now) or now
    _when(user, task, todo)
    return task


def _when(user: User, task: Incoming, todo: Component) -> None:
    due, start = _moment(todo, "DUE"), _moment(todo, "DTSTART")
    if due is None and start is not None:
        length = getattr(todo.get("DURATION"), "dt", None)
        due = _later(start, length) if isinstance(length, timedelta) else start
        if length is None:
            task.notes.append("Its start is taken as its due date")
    elif start is not None and start != due:
        task.keep("Starts", start.isoformat())
    if isinstance(due, datetime):
        # A clock time without a zone is the person's own.
        task.due_at = due if due.tzinfo else due.replace(tzinfo=user.tz)
    else:
        task.due_on = due
    rules = todo.get("RRULE")
    if rules is None:
        return
    written = rules[0] if isinstance(rules, list) else rules
    words = written.to_ical().decode()
    try:
        rule = check_rule(words)
        if due is None or task.parent or task.completed_at or isinstance(rules, list):
            raise ValueError(words)
    except ValueError:
        task.keep("Repeats", words)
        return
    begins = task.due_on or local_day(user, task.due_at)
    local_time = None
    if task.due_at is not None:
        local_time = task.due_at.astimezone(user.tz).time().replace(microsecond=0)
    is_from_done = _words(todo, FROM).lower() == "completion"
    task.repeat = Repeat(rule, begins, local_time, "completion" if is_from_done else "schedule")


def _later(start: date, length: timedelta) -> date:
    try:
        return start + length
    except OverflowError:
        return start


def _past(moment: date | None, user: User, now: datetime) -> datetime | None:
    """A moment that has been; the noon of a day, and now for what lies ahead."""
    if moment is None:
        return None
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, NOON, tzinfo=user.tz)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=user.tz)
    if moment.year < 1971:
        return None
    return min(moment.astimezone(UTC), now)


def _moment(todo: Component, name: str) -> date | None:
    value = todo.get(name)
    if isinstance(value, list):
        value = value[0]
    found = getattr(value, "dt", None)
    return found if isinstance(found, date) else None


def _words(todo: Component, name: str) -> str:
    value = todo.get(name)
    if isinstance(value, list):
        value = value[0] if value else None
    return "" if value is None else str(value).strip()


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_plain(each) for each in value)
    if isinstance(value, str):
        return str(value)
    return value.to_ical().decode("utf-8", "replace") if hasattr(value, "to_ical") else str(value)


def _categories(todo: Component) -> list[str]:
    value = todo.get("CATEGORIES")
    lists = value if isinstance(value, list) else [value] if value is not None else []
    return [str(each).strip() for one in lists for each in getattr(one, "cats", [one])]


def _parent(todo: Component) -> str:
    value = todo.get("RELATED-TO")
    for each in value if isinstance(value, list) else [value]:
        kind = getattr(each, "params", {}).get("RELTYPE", "PARENT") if each is not None else ""
        if kind.upper() == "PARENT":
            return str(each)[:255]
    return ""


def _priority(words: str) -> int:
    """1 to 4 are high, 5 is medium, 6 to 9 are low, 0 is none."""
    if words not in {str(number) for number in range(1, 10)}:
        return 0
    number = int(words)
    return 3 if number < 5 else 2 if number == 5 else 1
