"""The fields of a task as its row holds them, from what people and programs say."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from accounts.day import day_bounds
from accounts.models import User
from productivity.models import LONGEST_TASK_MINUTES, Priority, Task

LONGEST_TITLE = 200
LONGEST_DESCRIPTION = 20_000
LONGEST_CATEGORY = 40
LAST_POSITION = 100_000
EARLIEST, LATEST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2200, 12, 31, tzinfo=UTC)


class TaskRefused(Exception):
    """This cannot be done with the task; the text says why, in words for the person."""


def cleaned(user: User, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as the row holds them. Raises `TaskRefused` for what no task can be."""
    values: dict[str, Any] = {}
    for name, value in fields.items():
        if name in ("parent", "parent_id"):
            values["parent_id"] = value.pk if isinstance(value, Task) else value
        elif name in ("due_at", "due_on"):
            continue
        else:
            values[name] = _CLEANERS[name](value)
    if fields.get("due_on") is not None:
        values["due_on"] = day_within(fields["due_on"])
        values["due_at"] = day_bounds(user, values["due_on"])[1]
    elif "due_at" in fields:
        due_at = fields["due_at"]
        values |= {"due_at": moment_within(due_at) if due_at is not None else None, "due_on": None}
    elif "due_on" in fields:
        values |= {"due_at": None, "due_on": None}
    if values.get("planned_start") is None and values.get("planned_end") is not None:
        raise TaskRefused("A slot needs a beginning.")
    return values


def _text(value: str) -> str:
    """Without what no database keeps: zero bytes and halves of characters."""
    return value.replace("\0", "").encode("utf-8", "ignore").decode()


def _title(value: str) -> str:
    title = " ".join(_text(value).split())
    if not title:
        raise TaskRefused("Give it a title.")
    if len(title) > LONGEST_TITLE:
        raise TaskRefused(f"A title has up to {LONGEST_TITLE} characters.")
    return title


def _description(value: str) -> str:
    text = _text(value).strip()
    if len(text) > LONGEST_DESCRIPTION:
        raise TaskRefused(f"A description has up to {LONGEST_DESCRIPTION} characters.")
    return text


def clean_category(value: str) -> str:
    """A category as it is kept: lower case, without a mark in front."""
    category = " ".join(_text(value).strip().lstrip("#@").lower().split())
    if len(category) > LONGEST_CATEGORY:
        raise TaskRefused(f"A category has up to {LONGEST_CATEGORY} characters.")
    return category


def _priority(value: int) -> int:
    if value not in Priority.values:
        raise TaskRefused("A priority is 0 (none), 1 (low), 2 (medium) or 3 (high).")
    return int(value)


def _estimate(value: int | None) -> int | None:
    if value is not None and not 1 <= value <= LONGEST_TASK_MINUTES:
        raise TaskRefused(f"An estimate has 1 to {LONGEST_TASK_MINUTES} minutes.")
    return value


def _position(value: int) -> int:
    if not 0 <= value <= LAST_POSITION:
        raise TaskRefused("There is no such place.")
    return value


def moment_within(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise TypeError("A moment needs a time zone.")
    if not EARLIEST <= value <= LATEST:
        raise TaskRefused(f"Dates lie in the years {EARLIEST.year} to {LATEST.year}.")
    return value.astimezone(UTC)


def day_within(value: date) -> date:
    if isinstance(value, datetime):
        raise TypeError("A day is no moment.")
    if not EARLIEST.date() < value < LATEST.date():
        raise TaskRefused(f"Dates lie in the years {EARLIEST.year} to {LATEST.year}.")
    return value


def _perhaps_moment(value: datetime | None) -> datetime | None:
    return moment_within(value) if value is not None else None


_CLEANERS: dict[str, Callable[[Any], Any]] = {
    "title": _title,
    "description": _description,
    "category": clean_category,
    "priority": _priority,
    "estimated_minutes": _estimate,
    "position": _position,
    "planned_start": _perhaps_moment,
    "planned_end": _perhaps_moment,
    "created_at": moment_within,
    "completed_at": _perhaps_moment,
}


def refuse_bad_plan(fields: Mapping[str, Any]) -> None:
    begins, ends = fields["planned_start"], fields["planned_end"]
    if begins is None and ends is None:
        return
    if begins is None or ends is None or ends <= begins:
        raise TaskRefused("A slot ends after it begins.")
