"""What a file of tasks says, before anything is made of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from accounts.models import User
from productivity.recurrence import Repeat
from productivity.task_fields import LONGEST_CATEGORY, LONGEST_DESCRIPTION, LONGEST_TITLE

MAX_BYTES = 5 * 1024 * 1024
MAX_TASKS = 5000


class Unreadable(Exception):
    """The file is none of those that can be read; the text says what to do, in words for the person."""


@dataclass(slots=True)
class Incoming:
    """One task of a file. `parent` is the `origin_id` of the task it is a step of.

    `notes` say what of it could not become part of the task; the words themselves are in the description.
    """

    line: int
    origin: str
    origin_id: str
    title: str
    description: str = ""
    category: str = ""
    priority: int = 0
    estimated_minutes: int | None = None
    due_at: datetime | None = None
    due_on: date | None = None
    repeat: Repeat | None = None
    completed_at: datetime | None = None
    created_at: datetime | None = None
    parent: str = ""
    notes: list[str] = field(default_factory=list)

    def keep(self, what: str, words: str) -> None:
        """Keeps what has no place of its own in the description, and says so."""
        self.describe(f"{what}: {words}")
        self.notes.append(f"{what} is in the description")

    def describe(self, words: str) -> None:
        if len(self.description) > LONGEST_DESCRIPTION:
            return  # `fit` cuts it and says so
        self.description = f"{self.description}\n{words}".strip()

    def fit(self) -> None:
        """Cuts what is too long, keeping all of it as far as there is room."""
        if len(self.title) > LONGEST_TITLE:
            self.keep("The whole title", self.title)
            self.title = f"{self.title[: LONGEST_TITLE - 1]}…"
        if len(self.category) > LONGEST_CATEGORY:
            self.keep("The category", self.category)
            self.category = ""
        if len(self.description) > LONGEST_DESCRIPTION:
            self.description = f"{self.description[: LONGEST_DESCRIPTION - 1]}…"
            self.notes.append("The description was too long and is cut")


@dataclass(frozen=True, slots=True)
class FileOfTasks:
    """The tasks of a file, each behind the one it is a step of, and what was left out and why."""

    tasks: list[Incoming]
    left_out: list[str]


def read(user: User, data: bytes, *, now: datetime) -> FileOfTasks:
    """The tasks of a Todoist CSV or a calendar file. Raises `Unreadable`."""
    from productivity.transfer import ics, todoist_csv

    if len(data) > MAX_BYTES:
        raise Unreadable(f"The file is larger than {MAX_BYTES // 1024**2} MB.")
    text = _text(data)
    if not text.strip():
        raise Unreadable("The file is empty.")
    is_calendar = text.lstrip()[:15].upper() == "BEGIN:VCALENDAR"
    found = (ics if is_calendar else todoist_csv).parse(user, text, now=now)
    if len(found.tasks) > MAX_TASKS:
        raise Unreadable(f"The file has {len(found.tasks):,} tasks; {MAX_TASKS:,} go at once.")
    for task in found.tasks:
        task.title = " ".join(task.title.split()) or "Untitled"
        task.fit()
    return found


def _text(data: bytes) -> str:
    for encoding in (
        ("utf-8-sig", "utf-16") if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig",)
    ):
        try:
            return data.decode(encoding).replace("\0", "")
        except UnicodeDecodeError:
            continue
    # What spreadsheets of older days write.
    return data.decode("cp1252", "replace").replace("\0", "")


def in_order(tasks: Iterable[Incoming]) -> list[Incoming]:
    """Tasks first, then their steps; the steps of steps become steps of the task at the top.

    A parent that is not in the file, or that is a step of its own step, is none.
    """
    by_id = {task.origin_id: task for task in tasks}
    for task in by_id.values():
        if task.parent and task.parent not in by_id:
            task.keep("It belongs to something that is not in this file", task.parent)
            task.parent = ""
    tops = {task.origin_id: _top(task, by_id) for task in by_id.values()}
    for task in by_id.values():
        top = tops[task.origin_id]
        if task.parent and top is None:
            task.notes.append("It was a step of itself")
        elif top is not None and top != task.parent:
            task.keep("A step of", by_id[task.parent].title)
    for task in by_id.values():
        task.parent = tops[task.origin_id] or ""
    return sorted(by_id.values(), key=lambda task: bool(task.parent))


def _top(task: Incoming, by_id: dict[str, Incoming]) -> str | None:
    seen = {task.origin_id}
    while task.parent:
        if task.parent in seen:
            return None
        seen.add(task.parent)
        task = by_id[task.parent]
    return task.origin_id if len(seen) > 1 else None
