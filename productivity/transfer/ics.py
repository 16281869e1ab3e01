"""Tasks of calendar files (RFC 5545): VTODO. Appointments are left out and counted."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from icalendar import Calendar, Component

from accounts.day import local_day
from accounts.models import User
from productivity.models import LONGEST_TASK_MINUTES
from productivity.recurrence import Repeat, check_rule
from productivity.transfer.reading import FileOfTasks, Incoming, Unreadable, in_order

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


def _todos(text: str) -> Iterator[tuple[int, Component, list[str]]]:
    """Each VTODO with its line, and the lines of it that are broken.

    One broken line would spoil the whole file for the parser, so tasks are then read one by one.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    starts = [
        number for number, line in enumerate(lines, 1) if line.strip().upper() == "BEGIN:VTODO"
    ]
    whole = _parsed(lines)
    if whole is not None and len(whole) == len(starts):
        for line, todo in zip(starts, whole, strict=True):
            yield line, todo, []
        return
    if not starts:
        raise Unreadable(_HELP)
    for line in starts:
        block = []
        for each in lines[line:]:
            if each.strip().upper() in ("END:VTODO", "BEGIN:VTODO"):
                break
            block.append(each)
        yield line, *_mended(_without_alarms(_unfolded(block)))


def _parsed(lines: list[str]) -> list[Component] | None:
    try:
        calendars = Calendar.from_ical("\r\n".join(lines), multiple=True)
    except (ValueError, KeyError, IndexError, TypeError, OverflowError, RecursionError):
        return None
    return [todo for calendar in calendars for todo in calendar.walk("VTODO")]


def _unfolded(block: list[str]) -> list[str]:
    lines: list[str] = []
    for line in block:
        if line[:1] in (" ", "\t") and lines:
            lines[-1] += line[1:]
        elif line.strip():
            lines.append(line)
    return lines


def _without_alarms(block: list[str]) -> list[str]:
    depth, kept = 0, []
    for line in block:
        name = line.strip().upper()
        depth += name.startswith("BEGIN:")
        if depth == 0:
            kept.append(line)
        depth = max(0, depth - name.startswith("END:"))
    return kept


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
