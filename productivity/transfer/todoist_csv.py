"""Todoist's CSV export: one project a file, one task, section or note a row."""

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from accounts.models import User
from productivity import quick_add
from productivity.models import LONGEST_TASK_MINUTES, RepeatFrom
from productivity.recurrence import in_words
from productivity.transfer.reading import MAX_TASKS, FileOfTasks, Incoming, Unreadable, in_order

ORIGIN = "todoist"
# 1 is what Todoist calls the highest.
PRIORITIES = {"1": 3, "2": 2, "3": 1, "4": 0, "": 0}
_LABEL = re.compile(r"(?:^|\s)@([^\s@]+)")
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{1,2}:\d{2})(?::\d{2})?)?")
_EVERY_FROM_DONE = re.compile(r"\bevery!\s*|\bafter\s+(?=\d|one\b|a\b)", re.I)
# Stands in the place of a title while the words of a date are read.
_TITLE = "Thing"
_HELP = (
    "This is not a CSV export of Todoist. In Todoist, open a project, choose “Export as a CSV file” in its menu, and "
    "bring the file it makes."
)


def parse(user: User, text: str, *, now: datetime) -> FileOfTasks:
    """The tasks of an export. Raises `Unreadable`."""
    try:
        rows = csv.DictReader(io.StringIO(text, newline=""), restkey="")
        names = {(name or "").strip().upper() for name in rows.fieldnames or ()}
        if not {"TYPE", "CONTENT"} <= names:
            raise Unreadable(_HELP)
        return _Reader(user, now).read(
            (
                rows.line_num,
                {
                    (name or "").strip().upper(): ("" if value in (None, "None") else value.strip())
                    for name, value in row.items()
                    if isinstance(value, str | None)
                },
            )
            for row in rows
        )
    except csv.Error as fault:
        raise Unreadable(f"{_HELP} ({fault})") from None


class _Reader:
    """Goes through the rows in their order: what a row belongs to is told by those before it."""

    def __init__(self, user: User, now: datetime) -> None:
        self.user, self.now = user, now
        self.tasks: list[Incoming] = []
        self.left_out: list[str] = []
        self.section = ""
        self.above: list[Incoming] = []
        self.seen: Counter[str] = Counter()

    def read(self, rows: Iterable[tuple[int, dict[str, str]]]) -> FileOfTasks:
        for line, row in rows:
            kind = row.get("TYPE", "").lower()
            if kind == "task":
                self._task(line, row)
                if len(self.tasks) > MAX_TASKS:
                    raise Unreadable(
                        f"The file has more than the {MAX_TASKS:,} tasks that go at once."
                    )
            elif kind == "section":
                self.section, self.above = row.get("CONTENT", ""), []
            elif kind == "note":
                self._note(line, row)
            elif kind != "meta" and (kind or row.get("CONTENT")):
                self.left_out.append(f"Line {line}: a row of the kind “{kind[:40]}”")
        return FileOfTasks(in_order(self.tasks), self.left_out)

    def _task(self, line: int, row: dict[str, str]) -> None:
        content = row.get("CONTENT", "")
        indent = row.get("INDENT") or "1"
        depth = int(indent) if indent in ("1", "2", "3", "4", "5") else 1
        self.above = self.above[: depth - 1]
        parent = self.above[-1] if self.above else None
        labels = _LABEL.findall(content)
        task = Incoming(
            line,
            ORIGIN,
            self._name(parent, row),
            _LABEL.sub("", content).removeprefix("* ").strip() or content,
            description=row.get("DESCRIPTION", ""),
            priority=PRIORITIES.get(row.get("PRIORITY", ""), 0),
            parent=parent.origin_id if parent else "",
        )
        if row.get("PRIORITY", "") not in PRIORITIES:
            task.keep("Priority", row["PRIORITY"])
        task.category = (labels[0] if labels else self.section).lower()
        if labels[1:]:
            task.keep("Labels", " ".join(f"@{label}" for label in labels[1:]))
        if labels and self.section:
            task.keep("Section", self.section)
        if row.get("RESPONSIBLE"):
            task.keep("Responsible", row["RESPONSIBLE"])
        self._when(task, row)
        self._how_long(task, row)
        self.tasks.append(task)
        self.above.append(task)

    def _name(self, parent: Incoming | None, row: dict[str, str]) -> str:
        """A name for a task of a file that has none: the same row in the same place is the same task."""
        parts = (
            self.section,
            parent.origin_id if parent else "",
            row.get("CONTENT", ""),
            row.get("DATE", ""),
        )
        digest = hashlib.sha256("\x1f".join(parts).encode("utf-8", "ignore")).hexdigest()[:40]
        self.seen[digest] += 1
        return f"{digest}-{self.seen[digest]}"

    def _note(self, line: int, row: dict[str, str]) -> None:
        words = row.get("CONTENT", "")
        if self.tasks:
            self.tasks[-1].describe(words)
        elif words:
            # A note on the project itself stands before its tasks.
            task = Incoming(line, ORIGIN, self._name(None, row), "Notes from Todoist", words)
            task.notes.append("A note of the project, kept as a task")
            self.tasks.append(task)

    def _when(self, task: Incoming, row: dict[str, str]) -> None:
        words, deadline = row.get("DATE", ""), row.get("DEADLINE", "")
        is_english = row.get("DATE_LANG", "").lower() in ("", "en")
        if words and not self._understood(task, words, row.get("TIMEZONE", ""), is_english):
            task.keep("Date", words)
        if not deadline:
            return
        if words or not self._understood(task, deadline, row.get("TIMEZONE", ""), is_english):
            task.keep("Deadline", deadline)

    def _understood(self, task: Incoming, words: str, zone: str, is_english: bool) -> bool:
        here = _zone(zone) or self.user.tz
        if match := _DAY.fullmatch(words):
            try:
                task.due_on = None if match[2] else date.fromisoformat(match[1])
                if match[2]:
                    naive = datetime.fromisoformat(f"{match[1]} {match[2]:0>5}")
                    task.due_at = naive.replace(tzinfo=here)
            except ValueError:
                return False
            return True
        if not is_english or len(words) > 150:
            return False
        plain = _EVERY_FROM_DONE.sub("every ", words)
        found = quick_add.parse(
            f"{_TITLE} {plain}",
            now=self.now.astimezone(here),
            day_start_hour=self.user.day_start_hour,
        )
        says_more = found.priority or found.category or found.estimated_minutes
        if found.title != _TITLE or says_more or not (found.due_at or found.repeat):
            return False
        if found.repeat and task.parent:
            # A step does not repeat by itself.
            task.keep("Repeats", in_words(found.repeat.rule))
        elif found.repeat:
            is_from_done = plain != words
            origin = RepeatFrom.COMPLETION if is_from_done else found.repeat.repeat_from
            task.repeat = replace(found.repeat, repeat_from=origin)
        task.due_on = found.due_on
        task.due_at = None if found.due_on else found.due_at
        return True

    def _how_long(self, task: Incoming, row: dict[str, str]) -> None:
        amount, unit = row.get("DURATION", ""), row.get("DURATION_UNIT", "").lower()
        if not amount:
            return
        is_minutes = re.fullmatch(r"[0-9]{1,4}", amount) is not None and unit in ("minute", "")
        if is_minutes and 1 <= int(amount) <= LONGEST_TASK_MINUTES:
            task.estimated_minutes = int(amount)
        else:
            task.keep("Duration", f"{amount} {unit}".strip())


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, OSError):
        return None
