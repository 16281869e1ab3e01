"""What happened to a task, told to its person."""

from datetime import date, datetime
from typing import Any

from accounts.models import User
from productivity.models import ChangeSource, Priority, TaskEvent, TaskEventType
from productivity.overview import day_words, moment_words

FIELDS = {
    "title": "title",
    "description": "notes",
    "due_at": "due",
    "due_on": "due",
    "category": "category",
    "priority": "priority",
    "estimated_minutes": "minutes",
    "position": "place among the steps",
    "series_id": "rhythm",
    "planned_start": "slot",
    "planned_end": "slot",
    "started_at": "begun",
    "parent_id": "what it belongs to",
    "snoozed_until": "snooze",
}
SAID = {
    TaskEventType.CREATE: "Added",
    TaskEventType.COMPLETE: "Done",
    TaskEventType.DELETE: "Deleted",
}


def event_words(user: User, event: TaskEvent, now: datetime) -> str:
    """One change as a line: "Priority: None → High", "Snoozed until Tomorrow 09:00 (Chat)"."""
    after = event.event_payload.get("after", {})
    words = _what(user, event, after, now)
    if event.undoes_id:
        words = f"Undo: {words[0].lower()}{words[1:]}"
    return words if event.source == ChangeSource.WEB else f"{words} ({event.get_source_display()})"


def _what(user: User, event: TaskEvent, after: dict[str, Any], now: datetime) -> str:
    kind = event.event_type
    if kind in SAID:
        return SAID[TaskEventType(kind)]
    if kind == TaskEventType.RESTORE:
        return "Open again" if "completed_at" in after else "Brought back"
    if kind == TaskEventType.SNOOZE and after.get("snoozed_until"):
        return f"Snoozed until {_moment(user, after['snoozed_until'], now)}"
    if after.get("status") == "pending" and "snoozed_until" in after:
        return "Awake again"
    if after.get("planned_start"):
        return f"Planned for {_moment(user, after['planned_start'], now)}"
    before = event.event_payload.get("before", {})
    said = [_field(user, name, before.get(name), after[name], now) for name in _told(after)]
    return "; ".join(said) or "Changed"


def _told(after: dict[str, Any]) -> list[str]:
    """The fields worth a word, each thing once."""
    names: dict[str, str] = {}
    for name in ("due_on", *after):
        if name in after and name in FIELDS and not (name == "due_on" and after[name] is None):
            names.setdefault(FIELDS[name], name)
    return list(names.values())


def _field(user: User, name: str, old: Any, new: Any, now: datetime) -> str:
    label = FIELDS[name].capitalize()
    if name in ("description", "position", "series_id", "parent_id"):
        return f"{label} changed"
    if name in ("due_at", "due_on"):
        return f"{label}: {_shown(user, name, new, now)}"
    return f"{label}: {_shown(user, name, old, now)} → {_shown(user, name, new, now)}"


def _shown(user: User, name: str, value: Any, now: datetime) -> str:
    if value in (None, ""):
        return "none"
    if name == "priority":
        return str(Priority(value).label)
    if name == "due_on":
        return day_words(date.fromisoformat(value), now.astimezone(user.tz).date())
    if name.endswith(("_at", "_start", "_end", "_until")):
        return _moment(user, value, now)
    return str(value)


def _moment(user: User, iso: str, now: datetime) -> str:
    return moment_words(user, datetime.fromisoformat(iso), now)
