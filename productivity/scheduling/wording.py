"""Moments and reasons in words for the person."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from accounts.day import local_day
from accounts.models import User
from productivity.models import Task
from productivity.said_days import said_day

from .constants import ODDS
from .free_time import Calendar, Taken
from .hours import Kind
from .rhythm import Known, part_of_day
from .scoring import Slot
from .spans import Stretch

REASONS = 3
NEAR_MINUTES = 120
USUAL = 0.75


def day_words(day: date, today: date) -> str:
    """ "today", "tomorrow", "on Tuesday" within a week, else "on 3 March"."""
    away = (day - today).days
    if away in (0, 1):
        return ("today", "tomorrow")[away]
    if 1 < away < 7:
        return f"on {day:%A}"
    return f"on {day.day} {day:%B}"


def clock_words(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%H:%M}"


def moment_words(user: User, at: datetime, now: datetime) -> str:
    """ "tomorrow at 09:30" from the person's own today; "tonight at 01:00" for what is left of it after midnight."""
    day = said_day(user, at, now)
    words = day_words(day, local_day(user, now)) if day else "tonight"
    return f"{words} at {clock_words(at, user.tz)}"


def due_words(user: User, task: Task, now: datetime) -> str:
    """When it is due: "Due tomorrow", "It was due on Monday"; empty without a due date."""
    if task.due_at is None:
        return ""
    day, today = task.due_on or local_day(user, task.due_at), local_day(user, now)
    if task.due_at < now:
        was = "earlier today" if day == today else f"on {day.day} {day:%B}"
        return f"It was due {was}"
    return f"Due {day_words(day, today)}"


def minutes_words(minutes: float) -> str:
    """ "45 minutes", "2 hours", "2 hours 15 minutes"."""
    hours, rest = divmod(round(minutes), 60)
    parts = [f"{hours} hour{'s' if hours != 1 else ''}"] if hours else []
    if rest or not hours:
        parts.append(f"{rest} minute{'s' if rest != 1 else ''}")
    return " ".join(parts)


def reasons_for(slot: Slot, task: Task, calendar: Calendar, known: Known) -> list[str]:
    """Why this slot, in at most three sentences, the weightiest first."""
    found = [
        _deadline(slot, task, calendar),
        _rhythm(slot, task, known),
        _usual(slot, task, known),
        _room(slot, task, calendar),
        _near(slot, task, calendar),
        _hours(slot, task, calendar),
    ]
    return [sentence for sentence in found if sentence][:REASONS]


def _deadline(slot: Slot, task: Task, calendar: Calendar) -> str:
    if slot.terms.deadline < 0.1 and not (task.due_at and task.due_at < calendar.now):
        return ""
    words = due_words(calendar.user, task, calendar.now)
    return f"{words}." if words else ""


def _rhythm(slot: Slot, task: Task, known: Known) -> str:
    """From planned slots that are over, if there are enough of them and most worked."""
    clock = slot.span.starts.astimezone(known.zone)
    hours, part = part_of_day(clock.hour)
    what = f"{task.category} tasks" if task.category else "things"
    for weekday, when, least in (
        (clock.weekday(), f"on {clock:%A} {part}s", ODDS.spoken_from),
        (None, "at night" if part == "night" else f"in the {part}", ODDS.spoken_from + 2),
    ):
        seen = known.slots_in(hours, task.category, weekday)
        if seen.tried >= least and seen.worked >= ODDS.good * seen.tried:
            count = f"{seen.worked:.0f} of {seen.tried:.0f} times"
            return f"You often finish {what} {when}: {count}."
    return ""


def _usual(slot: Slot, task: Task, known: Known) -> str:
    hour = slot.span.starts.astimezone(known.zone).hour
    if known.knows_preferences and known.preferred(task.category)[hour] >= USUAL:
        return "Around the time you usually get things done."
    return ""


def _room(slot: Slot, task: Task, calendar: Calendar) -> str:
    """What comes next that day, and how long is free before it."""
    coming = [one for one in calendar.others(task.pk) if one.span.starts >= slot.span.ends]
    following = min(coming, key=lambda one: one.span.starts, default=None)
    if following is None:
        return ""
    gap = Stretch(slot.span.starts, following.span.starts)
    if gap.minutes > slot.span.minutes + NEAR_MINUTES:
        return ""
    at = clock_words(following.span.starts, calendar.hours.zone)
    return f"{minutes_words(gap.minutes).capitalize()} free before {following.words} at {at}."


def _near(slot: Slot, task: Task, calendar: Calendar) -> str:
    if slot.terms.proximity < 0.3 or not task.category:
        return ""
    alike = [one for one in calendar.others(task.pk) if one.category == task.category]
    nearest: Taken = min(
        alike,
        key=lambda one: min(
            abs(one.span.starts - slot.span.ends), abs(slot.span.starts - one.span.ends)
        ),
    )
    return f"Close to {nearest.words}, which is {task.category} as well."


def _hours(slot: Slot, task: Task, calendar: Calendar) -> str:
    kind = calendar.hours.kind_of(task.category)
    if kind is Kind.WORK:
        return "In your working hours."
    if kind is Kind.PRIVATE:
        return "Outside of your working hours."
    return "Nothing else is planned then."
