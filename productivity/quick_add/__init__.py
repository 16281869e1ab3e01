"""A task from one line of plain words: "call mum tomorrow 6pm 15 min !high #family".

What is not understood stays in the title, letter for letter; quoted words always do. What was understood comes with
its place in the text, so that a page can show it while the person types. `parse` is pure and never raises.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from accounts.models import User
from coaching.language.moments import Clock, first_moment, meant_hour
from productivity import changing
from productivity.models import LONGEST_TASK_MINUTES, Priority, RepeatFrom, Task
from productivity.recurrence import Repeat, in_words

from .clocks import ClockRead, take_clock
from .days import Day, take_day, take_until
from .marks import take_category, take_estimate, take_priority
from .place import Place
from .repeats import Again, take_end, take_repeat
from .typed import Claim, Kind, Typed

LONGEST_TITLE = 200
# Nobody types more into one line; what is behind it goes into the description unread.
LONGEST_LINE = 500


@dataclass(frozen=True)
class Span:
    """Letters `start` to `end` (outside) of the text were read as `kind`; `words` say what it means."""

    start: int
    end: int
    kind: Kind
    words: str


@dataclass(frozen=True)
class QuickAdd:
    """What a line says. `due_on` is set for a whole day; `due_at` (aware) is then the end of it."""

    title: str
    due_at: datetime | None = None
    due_on: date | None = None
    repeat: Repeat | None = None
    estimated_minutes: int | None = None
    priority: Priority = Priority.NONE
    category: str = ""
    description: str = ""
    understood: list[Span] = field(default_factory=list)


@dataclass(frozen=True)
class _Due:
    at: datetime | None = None
    on: date | None = None


def parse(
    text: str, *, now: datetime, day_start_hour: int = 3, month_first: bool = False
) -> QuickAdd:
    """Reads one line; `now` (aware) is in the person's zone. "3/4" is 4 March with `month_first`."""
    place = Place(now, day_start_hour, month_first)
    line, described = _description_at(text)
    typed = Typed(text[:line])
    description = text[described:].strip()
    category = take_category(typed)
    priority = take_priority(typed)
    again = take_repeat(typed)
    until = take_until(typed, place) if again else None
    day = take_day(typed, place)
    read = None if day is not None and day.at else take_clock(typed, _part(day, again))
    if again:
        again = take_end(typed, again, until)
    estimate = take_estimate(typed)
    if read is not None and read.minutes:
        estimate = estimate or min(read.minutes, LONGEST_TASK_MINUTES)
    if priority == Priority.NONE:
        priority = take_priority(typed)  # "asap" stands last once what is behind it was read
    due, repeat = _when(place, day, read, again)
    if again and repeat is None:  # it ends before it begins: nothing of it can be meant
        title, description = _fitted(" ".join(typed.text.split()), description)
        return QuickAdd(title=title, description=description)
    title = typed.title() or " ".join(text.split())
    title, description = _fitted(title, description)
    kinds = {
        Kind.DUE: _due_words(due),
        Kind.REPEAT: in_words(repeat.rule) if repeat else "",
        Kind.ESTIMATE: f"{estimate} min",
        Kind.PRIORITY: str(priority.label),
        Kind.CATEGORY: category,
    }
    if again and again.from_completion:
        kinds[Kind.REPEAT] += " after it is done"
    spans = [Span(c.start, c.end, c.kind, kinds[c.kind]) for c in typed.claims]
    return QuickAdd(
        title=title,
        due_at=due.at,
        due_on=due.on,
        repeat=repeat,
        estimated_minutes=estimate,
        priority=priority,
        category=category,
        description=description,
        understood=sorted(spans, key=lambda each: each.start),
    )


def add(
    user: User,
    text: str,
    *,
    source: str,
    now: datetime,
    origin: str = "",
    origin_id: str = "",
    **more: Any,
) -> Task:
    """Make the task that `text` says. `more` are fields that were given beside it, such as a category.

    Raises `changing.TaskRefused` for a text without words.
    """
    text = text.replace("\x00", "")
    if not text.strip():
        raise changing.TaskRefused("Write a few words about what is to be done.")
    read = read_for(user, text, now=now)
    fields: dict[str, Any] = {
        "title": read.title,
        "description": read.description,
        "category": read.category,
        "priority": read.priority,
        "estimated_minutes": read.estimated_minutes,
    }
    if read.due_on is not None:
        fields["due_on"] = read.due_on
    elif read.due_at is not None:
        fields["due_at"] = read.due_at
    return changing.create(
        user,
        fields | more,
        source=source,
        now=now,
        repeat=read.repeat,
        origin=origin,
        origin_id=origin_id,
    )


def read_for(user: User, text: str, *, now: datetime) -> QuickAdd:
    """`parse` with the zone, the day and the way of writing dates of `user`."""
    return parse(
        text,
        now=now.astimezone(user.tz),
        day_start_hour=user.day_start_hour,
        month_first=user.locale.lower().replace("_", "-").endswith("us"),
    )


def _description_at(text: str) -> tuple[int, int]:
    """Where the line ends, and where the description behind it begins."""
    found = [(at, at + len(sign)) for sign in ("\n", "\r", " // ") if (at := text.find(sign)) >= 0]
    quoted = text.find(" // ")
    if quoted >= 0 and text[:quoted].count('"') % 2 and '"' in text[quoted:]:
        found = [each for each in found if each[0] != quoted]
    line, described = min(found, default=(len(text), len(text)))
    if line > LONGEST_LINE:
        cut = text.rfind(" ", 0, LONGEST_LINE) + 1 or LONGEST_LINE
        return cut, cut
    if not text[:line].strip():
        return len(text), len(text)
    return line, described


def _part(day: Day | None, again: Again | None) -> str:
    named = (day.part if day else "") or (again.part if again else "")
    return f"{named}s" if named in ("morning", "afternoon", "evening", "night") else named


def _when(
    place: Place, day: Day | None, read: ClockRead | None, again: Again | None
) -> tuple[_Due, Repeat | None]:
    if again is not None:
        return _first_time(place, day, read, again)
    if day is not None and day.at is not None:
        return _Due(at=day.at), None
    if read is not None:
        at = _moment(place, day.on if day else None, read)
        if day is not None and day.weekly and not read.midnight and at.date() != day.on:
            at = place.at(date.fromordinal(day.on.toordinal() + 7), at.time())
        if day is None or not day.part or at.date() in (day.on, place.today):
            return _Due(at=at), None
        # "tonight" said late in the evening is still today.
        return _Due(at=place.end_of(day.on), on=day.on), None
    if day is not None:
        return _Due(at=place.end_of(day.on), on=day.on), None
    return _Due(), None


def _moment(place: Place, day: date | None, read: ClockRead) -> datetime:
    """When that clock time is meant: on `day`, or the next time it comes."""
    if read.midnight:
        begins = (day or place.today).toordinal() + 1
        return place.at(date.fromordinal(begins), time(0))
    at = first_moment(day or place.today, read.clock, place.now, fixed_day=day is not None)
    return place.at(at.date(), at.time())


def _first_time(
    place: Place, day: Day | None, read: ClockRead | None, again: Again
) -> tuple[_Due, Repeat | None]:
    clock = _fixed(read.clock) if read else (day.at.time() if day and day.at else None)
    start = day.on if day else place.today
    first = again.first_day(start)
    while first is not None and clock is not None and _on(place, first, clock) <= place.now:
        first = again.first_day(date.fromordinal(first.toordinal() + 1))
    if first is None:
        return _Due(), None
    repeat = Repeat(
        again.rule(),
        first,
        clock,
        RepeatFrom.COMPLETION if again.from_completion else RepeatFrom.SCHEDULE,
    )
    if clock is None:
        return _Due(at=place.end_of(first), on=first), repeat
    return _Due(at=_on(place, first, clock)), repeat


def _on(place: Place, day: date, clock: time) -> datetime:
    """That clock time of the person's day; before their day begins it belongs to the night behind it."""
    late = clock.hour < place.day_start_hour
    return place.at(date.fromordinal(day.toordinal() + late), clock)


def _fixed(clock: Clock) -> time:
    return clock.at.replace(hour=meant_hour(clock.at.hour)) if clock.open else clock.at


def _fitted(title: str, description: str) -> tuple[str, str]:
    """A title that is not too long; the rest of it opens the description."""
    if len(title) <= LONGEST_TITLE:
        return title, description
    cut = title.rfind(" ", LONGEST_TITLE // 2, LONGEST_TITLE + 1)
    cut = cut if cut > 0 else LONGEST_TITLE
    rest = title[cut:].strip()
    return title[:cut].strip(), f"{rest}\n{description}".strip()


def _due_words(due: _Due) -> str:
    if due.on is not None:
        return f"{due.on:%a} {due.on.day} {due.on:%b %Y}"
    if due.at is None:
        return ""
    return f"{due.at:%a} {due.at.day} {due.at:%b %Y, %H:%M}"


__all__ = ["Claim", "Kind", "QuickAdd", "Span", "add", "parse", "read_for"]
