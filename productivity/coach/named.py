"""Which of the person's tasks words name, and what they want of it."""

import re
from uuid import UUID

from accounts.models import User
from coaching.language.calendar_days import MONTHS
from coaching.language.weekdays import WEEKDAY
from coaching.language.wording import plain
from coaching.toolkit import ToolRefused
from productivity.models import Task
from productivity.querysets import TaskQuerySet

# So many of the most pressing tasks are looked through for a name.
LOOKED_AT = 500
SHOWN = 4
# A task is meant from here on: shared words over the words of its title, or over those that were said.
ENOUGH = 0.5

_SMALL = frozenset(
    ["a", "an", "the", "my", "our", "your", "this", "that", "these", "it", "to", "of", "for", "on", "in", "at", "with", "and", "or", "about", "from", "into", "by", "is", "are", "am", "be", "i", "me", "we", "you", "please", "can", "could", "would", "should", "will", "shall", "do", "does", "did", "done", "have", "has", "had", "just", "now", "not", "so", "as", "up", "out", "off", "back", "over", "task", "tasks", "todo", "todos", "list", "finish", "finished", "complete", "completed", "mark", "tick", "check", "cross", "delete", "remove", "cancel", "drop", "push", "move", "postpone", "snooze", "defer", "delay", "bump", "reschedule", "change", "break", "split", "down", "steps", "step", "smaller", "into", "stuck", "why", "putting", "keep", "procrastinating", "avoiding", "when", "best", "time", "find", "slot", "write-off", "undo", "start", "begin", "plan", "today", "tomorrow", "tonight"]
)  # fmt: skip
_WORD = re.compile(r"[^\W_]+")
_WHEN = re.compile(
    rf"\b(?:{WEEKDAY}|{'|'.join(MONTHS)}|morning|afternoon|evening|night|noon|week|weekend|month|\d[\d:.-]*(?:am|pm|st|nd|rd|th)?)\b"
)


def task_named(user: User, words: str, *, among: TaskQuerySet | None = None) -> Task:
    """The open task that `words` name: its id, its title, or what stands of it in a sentence.

    Raises `ToolRefused` with the nearest titles where none is named, or several are as well.
    """
    mine = Task.objects.for_user(user).open() if among is None else among
    try:
        found = mine.filter(pk=UUID(words.strip())).first()
        if found is not None:
            return found
    except ValueError:
        pass
    tasks = list(mine.by_due()[:LOOKED_AT])
    said = plain(words).strip(" .!?\"'“”")
    same = [task for task in tasks if plain(task.title).strip(" .!?") == said]
    if same:
        return same[0]
    scored = sorted(
        ((_likeness(said, task.title), -place, task) for place, task in enumerate(tasks)),
        key=lambda each: each[:2],
        reverse=True,
    )
    near = [task for likeness, _, task in scored if likeness > 0][:SHOWN]
    if not scored or scored[0][0] < ENOUGH:
        raise ToolRefused(_not_found(near, has_any=bool(tasks)))
    best = [task for likeness, _, task in scored if likeness == scored[0][0]]
    if len({plain(task.title) for task in best}) > 1:
        titles = ", ".join(f"“{task.title}”" for task in best[:SHOWN])
        raise ToolRefused(f"Several of your tasks fit: {titles}. Say which one.")
    return best[0]


def _not_found(near: list[Task], *, has_any: bool) -> str:
    if near:
        titles = ", ".join(f"“{task.title}”" for task in near)
        return f"I find no open task of that name. Close to it: {titles}."
    if has_any:
        return "I find no open task of that name. Ask me what's on your list to see them."
    return "Your list is empty."


def _likeness(said: str, title: str) -> float:
    """0 to 1, a little more for titles that are named whole."""
    mine = _telling(plain(title)) or {_stem(word) for word in _WORD.findall(plain(title))}
    # "to Friday" says when; it names a task only where nothing else does.
    theirs = _telling(_WHEN.sub(" ", said)) or _telling(said)
    shared = len(mine & theirs)
    if not shared:
        return 0.0
    whole = 0.1 if shared == len(mine) else 0.0
    return max(shared / len(mine), shared / len(theirs)) + whole


def _telling(text: str) -> set[str]:
    return {_stem(word) for word in _WORD.findall(text) if word not in _SMALL}


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
