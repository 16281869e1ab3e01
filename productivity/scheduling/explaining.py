"""Why not then? Any moment answered with the filter it fails, or with the terms by which it loses."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from accounts.models import User
from productivity.models import Task

from .constants import WEIGHTS
from .finding import Search, search_for
from .hours import Kind
from .odds import Odds
from .scoring import Slot
from .spans import Stretch
from .wording import clock_words, minutes_words, moment_words

# Terms that are named when a moment loses by them, at most.
NAMED = 2
ADVANTAGE = 0.02


@dataclass(frozen=True)
class WhyNot:
    """The answer: in words; the filter it fails (a stable word, empty when it fails none); the terms of its score
    beside those of the best slot, and that slot.
    """

    words: str
    filter: str
    parts: Mapping[str, float]
    best_parts: Mapping[str, float]
    best_at: datetime | None


def why_not(user: User, task: Task, at: datetime, *, now: datetime) -> WhyNot:
    """Why the task was not suggested for the moment `at`. Changes nothing."""
    search = search_for(user, task, now=now)
    length = timedelta(minutes=search.minutes)
    span = Stretch(at.astimezone(UTC), at.astimezone(UTC) + length)
    best = max(
        search.slots(), key=lambda one: (one.score, -one.span.starts.timestamp()), default=None
    )
    asked = search.scored(span)
    failed = _filter(search, span)
    best_parts = _parts(best) if best else {}
    best_at = best.span.starts if best else None
    if failed is not None:
        name, words = failed
        return WhyNot(words, name, _parts(asked), best_parts, best_at)
    return WhyNot(_loses(search, asked, best), "", _parts(asked), best_parts, best_at)


def _parts(slot: Slot) -> dict[str, float]:
    return {name: round(value, 4) for name, value in asdict(slot.terms).items()} | {
        "score": round(slot.score, 4)
    }


def _filter(search: Search, span: Stretch) -> tuple[str, str] | None:
    """The first filter the slot fails, as a stable word and in words for the person."""
    calendar, task = search.calendar, search.task
    zone = calendar.hours.zone
    long = minutes_words(search.minutes)
    if task.started_at is not None and task.is_open:
        return "in_progress", "You are on it now, so it stays where it is."
    if span.starts < calendar.now:
        return "past", "That moment has passed."
    if span.ends > calendar.until:
        days = (calendar.until - calendar.now).days
        return (
            "too_far",
            f"Only the next {days} days are looked at; it can be suggested closer to then.",
        )
    if task.status == "snoozed" and task.snoozed_until and span.starts < task.snoozed_until:
        until = moment_words(calendar.user, task.snoozed_until, calendar.now)
        return "snoozed", f"It is snoozed until {until}."
    if task.due_at and calendar.now < task.due_at < span.ends:
        due = moment_words(calendar.user, task.due_at, calendar.now)
        return "due", f"With {long} it would end after it is due {due}."
    taken = calendar.in_the_way(span, task.pk)
    if taken is not None:
        from_, until = (clock_words(moment, zone) for moment in taken.span)
        return "taken", f"{taken.words} is there from {from_} to {until}."
    near = calendar.too_near(span, task.pk)
    if near is not None:
        gap = round(calendar.hours.buffer.total_seconds() / 60)
        return (
            "buffer",
            f"It is too close to {near.words}: you keep {gap} minutes free around what is planned.",
        )
    window = calendar.hours.window(calendar.now - timedelta(days=1), calendar.until)
    if not any(hours.holds(span) for hours in window):
        opens, closes = calendar.hours.opens, calendar.hours.closes
        return "window", f"It lies outside of your hours, {opens:%H:%M} to {closes:%H:%M}."
    kind = calendar.hours.kind_of(task.category)
    open_hours = calendar.hours.open_for(
        task.category, calendar.now - timedelta(days=1), calendar.until
    )
    if not any(hours.holds(span) for hours in open_hours):
        where = "inside" if kind is Kind.WORK else "outside"
        return "work_hours", f"“{task.category}” stays {where} your working hours."
    if search.refusals.not_before and span.starts < search.refusals.not_before:
        return "refused", "You said it can wait a few days."
    if search.is_refused(span):
        return "refused", "You said no to that time for this task."
    return None


def _loses(search: Search, asked: Slot, best: Slot | None) -> str:
    """Which terms put the asked slot behind the best one."""
    if best is None or best.score - asked.score < ADVANTAGE:
        return "Nothing speaks against it: it is as good as the best one."
    mine, others, weights = asdict(asked.terms), asdict(best.terms), asdict(WEIGHTS)
    behind = sorted(
        ((weights[name] * (others[name] - mine[name]), name) for name in weights), reverse=True
    )
    named = [_term_words(name, search, asked, best) for gap, name in behind[:NAMED] if gap > 0.01]
    when = moment_words(search.calendar.user, best.span.starts, search.calendar.now)
    return f"It would fit. {when[0].upper()}{when[1:]} seems better: {'; '.join(named)}."


def _term_words(name: str, search: Search, asked: Slot, best: Slot) -> str:
    if name == "rhythm":
        return f"{_odds_words(asked.odds)} there, {_odds_words(best.odds)} then"
    return {
        "deadline": "it comes sooner, and the due date is near",
        "priority": "it comes sooner, and the task matters to you",
        "preference": "it is closer to when you usually get things done",
        "hours": "it lies further inside your hours",
        "proximity": f"it is close to something else that is {search.task.category or 'alike'}",
    }[name]


def _odds_words(odds: Odds) -> str:
    if odds.seen.tried >= 1:
        return f"odds of {odds.mean:.0%} (seen {odds.seen.tried:g} times)"
    return f"odds of {odds.mean:.0%}"
