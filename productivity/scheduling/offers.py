"""Moments to snooze a task to: near free slots, each marked when it comes after the due date."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from accounts.day import local_day
from accounts.models import User
from productivity.models import Task

from .constants import SLOTS
from .free_time import Calendar, calendar_of
from .spans import starts_in
from .wording import clock_words, moment_words

LATER_TODAY = timedelta(hours=3)
EVENING = time(18)
MORNING = time(9)
WEEKEND = time(10)
SATURDAY = 5
# Their labels name the day.
_NAMED = {"later_today", "this_evening", "tomorrow"}


@dataclass(frozen=True, slots=True)
class Offer:
    """A moment to come back to a task. `name` is a stable word; `is_free` says that the task fits there."""

    until: datetime
    words: str
    name: str
    is_free: bool
    is_after_due: bool


def snooze_offers(user: User, task: Task, *, now: datetime) -> list[Offer]:
    """Later today, this evening, tomorrow morning, the next free slot and the weekend, as far as they differ.

    Each is moved to where the task fits near it; where nothing is free near it, it stays on the hour itself.
    """
    calendar = calendar_of(user, now=now, until=now + SLOTS.horizon)
    minutes = calendar.lengths.of(task).minutes
    free = calendar.free_for(task.category, but=task.pk)
    starts = starts_in(free, minutes, SLOTS.step_minutes)
    offers: list[Offer] = []
    taken: set[datetime] = set()
    for name, label, wanted, last in _wishes(user, calendar, starts):
        fitting = next((at for at in starts if wanted <= at <= last and at not in taken), None)
        until = fitting or wanted
        if until <= now + timedelta(minutes=5) or until in taken:
            continue
        taken.add(until)
        # What is overdue already is after its date whatever is chosen; it need not be said again and again.
        is_late = task.due_at is not None and now <= task.due_at < until
        # Before the person's day begins, the morning of the same date is their tomorrow: the label says which.
        when = moment_words(user, until, now)
        words = (
            f"{label} at {clock_words(until, user.tz)}" if name in _NAMED else f"{label}, {when}"
        )
        offers.append(
            Offer(
                until,
                f"{words} (after it is due)" if is_late else words,
                name,
                fitting is not None,
                is_late,
            )
        )
    return sorted(offers, key=lambda offer: offer.until)


def _wishes(
    user: User, calendar: Calendar, starts: list[datetime]
) -> Iterator[tuple[str, str, datetime, datetime]]:
    """A stable word, its label, from when on, and until when a free slot still answers to it."""
    now, zone = calendar.now, calendar.hours.zone
    today = local_day(user, now)

    def at(day: date, hour: time) -> datetime:
        return datetime.combine(day, hour, tzinfo=zone).astimezone(UTC)

    evening, hours = at(today, EVENING), timedelta(hours=1)
    later = _on_the_grid(now + LATER_TODAY)
    if later < evening:
        yield "later_today", "Later today", later, evening - hours
    if now < evening:
        yield "this_evening", "This evening", evening, evening + 3 * hours
    tomorrow = today + timedelta(days=1)
    yield "tomorrow", "Tomorrow morning", at(tomorrow, MORNING), at(tomorrow, MORNING) + 3 * hours
    weekend = today + timedelta(days=(SATURDAY - today.weekday()) % 7)
    if weekend > tomorrow and today.weekday() < SATURDAY:
        yield "weekend", "At the weekend", at(weekend, WEEKEND), at(weekend, WEEKEND) + 8 * hours
    soonest = next((start for start in starts if start > now + hours), None)
    if soonest is not None:
        yield "next_free", "The next free time", soonest, soonest


def _on_the_grid(at: datetime) -> datetime:
    step = SLOTS.step_minutes * 60
    return datetime.fromtimestamp(-(-int(at.timestamp()) // step) * step, UTC)
