"""What habits have to say in the morning and at the end of a week: facts in plain words, and no blame.

The morning answers why things stand where they do, what kind of day makes sense, and what to aim for
tonight. The week says what was kept of what was asked, what moved most, and one thing for the next.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from accounts.day import local_day
from accounts.models import User
from coaching.outreach.briefs import week_told
from coaching.toolkit import BriefLines, Occasion, brief_part
from habits import recap
from habits.cadence import DAY, WEEKDAY_NAMES, Span
from habits.models import Habit, HabitStack
from habits.progress import Tally
from habits.recap import Change, Record

MOST_NAMES = 4


# --- Morning --------------------------------------------------------------------------------------
@brief_part(
    "habits.standing",
    occasion=Occasion.MORNING,
    title="Why things stand where they do",
    order=10,
)
def where_things_stand(user: User, now: datetime) -> BriefLines | None:
    """Yesterday, and the habits that moved most in a week, each with what moved it."""
    today = local_day(user, now)
    records = recap.records_of(user)
    if recap.is_quiet(records, today):
        return None
    lines = []
    worth = 0.0
    yesterday = recap.total(records, today - DAY, today - DAY, today)
    if recap.is_told(records, today - DAY) and yesterday.asked:
        lines.append(f"Yesterday: {yesterday.done} of {yesterday.asked} done.")
        worth = 0.2
    elif yesterday.asked and any(record.marks for record in records):
        lines.append("Nothing is noted for yesterday. What you did still counts when you tell me.")
        worth = 0.1
    notable = [change for change in recap.changes(records, today) if change.is_notable]
    shown = notable[:2] if notable and notable[0].points > 0 else []
    if notable and notable[-1].points < 0:
        shown = [*shown, notable[-1]]
    lines += [_movement(change) for change in shown]
    if shown:
        worth += 0.25
    return BriefLines(lines, worth) if lines else None


def _movement(change: Change, span: str = "in the last week") -> str:
    """ "Morning walk is at 58% strength, up from 54%: done 6 of 7 times in the last week."."""
    way = "up" if change.points > 0 else "down"
    times = f"{_times(change.tally)} {span}"
    name = change.record.habit.name
    said = f"{name} is at {change.now}% strength, {way} from {change.before}%: {times}."
    if change.points < 0 and change.untold:
        days = "1 day has" if change.untold == 1 else f"{change.untold} days have"
        said += f" {days} no entry yet; filling one in counts."
    return said


def _times(tally: Tally) -> str:
    if tally.asked and tally.asked == tally.done:
        words = {1: "done once, as planned,", 2: "done both times"}
        return words.get(tally.done, f"done all {tally.done} times")
    return f"done {tally.done} of {tally.asked} times"


@brief_part("habits.day", occasion=Occasion.MORNING, title="What kind of day makes sense", order=20)
def kind_of_day(user: User, now: datetime) -> BriefLines | None:
    """What today asks for; a lighter one after days that did not work out, or on a hard weekday."""
    today = local_day(user, now)
    records = recap.records_of(user)
    due = recap.open_on(records, today)
    if not due or recap.is_quiet(records, today):
        return None
    if recap.calls_for_light_day(records, today):
        return BriefLines(
            [
                "A light day: one small thing is enough.",
                *(_small(record.habit) for record in due[:2]),
            ],
            0.5,
        )
    weekday = recap.weekday_record(records, today)
    if weekday.is_hard:
        name = WEEKDAY_NAMES[today.weekday()]
        return BriefLines(
            [
                f"{name}s ask more of you: {weekday.that_day.done} of {weekday.that_day.asked} "
                f"lately, {weekday.others.percent}% on other days. The small version counts today.",
                _small(due[0].habit),
            ],
            0.45,
        )
    minutes = [record.habit.duration_minutes for record in due]
    known = sum(each or 0 for each in minutes)
    about = f", about {known} minutes" if all(minutes) else ""
    count = "1 habit" if len(due) == 1 else f"{len(due)} habits"
    return BriefLines([f"A normal day: {count}{about}. {_named(due)}."], 0.25)


def _small(habit: Habit) -> str:
    return f"{habit.name}: {habit.tiny_version or 'two minutes of it'}"


def _named(records: Sequence[Record]) -> str:
    names = [record.habit.name for record in records]
    shown = ", ".join(names[:MOST_NAMES])
    return shown if len(names) <= MOST_NAMES else f"{shown} and {len(names) - MOST_NAMES} more"


@brief_part("habits.tonight", occasion=Occasion.MORNING, title="What to aim for tonight", order=40)
def tonight(user: User, now: datetime) -> BriefLines | None:
    """The habits of the evening, and a first step for tomorrow."""
    today = local_day(user, now)
    records = recap.records_of(user)
    if recap.is_quiet(records, today):
        return None
    evening = [record for record in recap.open_on(records, today) if record.is_of_evenings]
    tomorrow = [
        record
        for record in records
        if record.is_to_be_done
        and record.is_of_mornings
        and record.is_due(today + DAY)
        and record not in evening
    ]
    cues = _cues([record.habit for record in [*evening[:2], *tomorrow[:1]]])
    lines = [_moment(record.habit, cues) for record in evening[:2]]
    if tomorrow:
        habit = tomorrow[0].habit
        at = f" at {habit.scheduled_time:%H:%M}" if habit.scheduled_time else ""
        lines.append(
            f"{habit.name} comes first tomorrow{at}: put out tonight what it needs, and it is begun."
        )
    return BriefLines(lines, 0.25 if evening else 0.1) if lines else None


def _moment(habit: Habit, cues: dict[Habit, str]) -> str:
    at = f" at {habit.scheduled_time:%H:%M}" if habit.scheduled_time else ""
    cue = f": {cues[habit]}" if habit in cues else ""
    return f"{habit.name}{at}{cue}"


def _cues(habits: list[Habit]) -> dict[Habit, str]:
    """The sentence of each habit's first cue, "After dinner, I will read". At most one query."""
    if not habits:
        return {}
    by_id = {habit.pk: habit for habit in habits}
    found: dict[Habit, str] = {}
    for stack in HabitStack.objects.filter(habit__in=by_id):
        found.setdefault(by_id[stack.habit_id], stack.sentence)
    return found


# --- Week -----------------------------------------------------------------------------------------
@brief_part("habits.week", occasion=Occasion.WEEKLY, title="This week", order=10)
def week(user: User, now: datetime) -> BriefLines | None:
    """Kept of asked against the week before, what moved most, and what never failed."""
    today = local_day(user, now)
    first, last = _days_told(today)
    records = recap.records_of(user)
    kept = recap.total(records, first, last, today)
    before = recap.total(records, first - timedelta(days=7), first - DAY, today)
    if not kept.asked:
        return None
    if not kept.done:
        return _empty_week(records, first)
    lines = [_against(kept, before)]
    moved = recap.changes(records, last + DAY)
    strongest = max(moved, key=lambda change: abs(change.points), default=None)
    if strongest is not None and strongest.is_notable:
        lines.append(_movement(strongest, "this week"))
    whole = [
        record.habit.name
        for record in records
        if (own := record.tally(first, last, today)).asked >= 3 and own.done >= own.asked
    ]
    if whole:
        lines.append(f"Every time it was asked for: {', '.join(whole[:MOST_NAMES])}.")
    return BriefLines(lines, 0.5)


def _days_told(today: date) -> tuple[date, date]:
    monday = week_told(today)
    return recap.days_of(Span(monday, monday + timedelta(days=6)), today)


def _against(kept: Tally, before: Tally) -> str:
    said = f"{kept.done} of {kept.asked} done"
    if not before.asked:
        return f"{said}, in your first week."
    return f"{said}; the week before it was {before.done} of {before.asked}."


def _empty_week(records: Sequence[Record], first: date) -> BriefLines | None:
    """One kind line after a week without an entry; nothing when there was none for weeks."""
    since = first - timedelta(days=21)
    if not any(day >= since for record in records for day in record.marks):
        return None
    lines = ["Nothing is noted for this week. That happens, and nothing has to be made up for."]
    todo = (record for record in records if record.is_to_be_done)
    small = next(
        (record.habit for record in todo if record.is_due(first + timedelta(days=7))), None
    )
    if small is not None:
        lines.append(f"A small way back in, {_small(small)}")
    return BriefLines(lines, 0.4)


@brief_part("habits.next_week", occasion=Occasion.WEEKLY, title="One thing for next week", order=30)
def next_week(user: User, now: datetime) -> BriefLines | None:
    """A habit to make smaller, or a phase that opens soon; and one question."""
    today = local_day(user, now)
    first, last = _days_told(today)
    records = recap.records_of(user)
    if not recap.total(records, first, last, today).done:
        return None
    if (hard := recap.to_make_smaller(records, last, today)) is not None:
        habit = hard.record.habit
        return BriefLines(
            [
                f"{habit.name}: {hard.tally.done} of {hard.tally.asked} in two weeks. "
                f"A smaller version may fit better: {habit.tiny_version or 'two minutes of it'}.",
                f"What got in the way of {habit.name}?",
            ],
            0.2,
        )
    if (soon := recap.phase_opening_soon(user, today)) is not None:
        phase, gate = soon
        said = f"“{phase.sequence.name}”: the step after “{phase.name}” opens soon."
        return BriefLines(
            [f"{said} {gate.in_words()}", "What would make the next step easy to begin?"], 0.2
        )
    return BriefLines(["What made this week work, and what would you keep?"], 0.05)
